"""The activity window: the audit log and past questions."""
