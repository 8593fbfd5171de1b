"""The command line: each verb is handed to the running app, or run here when none runs."""
