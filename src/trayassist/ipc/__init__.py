"""How processes of one home meet: the wire format, the client of the running app, locks."""
