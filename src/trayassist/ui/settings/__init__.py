"""The settings window, a module a page."""
