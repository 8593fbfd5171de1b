"""The curator plugin."""
