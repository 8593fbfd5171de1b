"""registry.yaml: its schema, its file, the rules it must keep, and which model answers for a role."""
