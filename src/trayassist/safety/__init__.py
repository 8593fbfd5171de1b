"""Safety: the audit log, redaction, secrets."""
