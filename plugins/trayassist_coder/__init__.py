"""The coder plugin."""
