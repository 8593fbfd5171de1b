"""GGUF files and the machine that loads them: headers, vocabularies, draft pairs, sizes, hardware."""
