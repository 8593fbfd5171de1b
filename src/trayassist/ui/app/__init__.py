"""The tray application: start, one instance for each home, its windows, shutdown."""
