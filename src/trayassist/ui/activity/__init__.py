"""The window of history (past questions and answers) and activity (the records of the audit log)."""
