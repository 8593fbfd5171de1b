"""The memory window: documents, facts, search, what is being read."""
