"""The tray icon: its menu, drops on it, notifications."""
