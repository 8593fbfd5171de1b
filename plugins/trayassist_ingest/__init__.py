"""The ingest plugin."""
