"""The window of the past: history, and the audit log."""
