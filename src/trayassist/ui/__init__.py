"""The tray app: the only package that knows Qt."""
