"""Getting models: what suits a machine, what is fetched, which entries are written into the registry."""
