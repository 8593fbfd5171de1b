"""How processes of one home meet: the wire format, the client of the running app, locks."""

EXIT_OK, EXIT_NO, EXIT_USAGE, EXIT_UNREADABLE, EXIT_FAILED = 0, 1, 2, 3, 4  # how a verb ends: docs/command-line.md
