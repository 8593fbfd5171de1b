"""The watchdog plugin."""
