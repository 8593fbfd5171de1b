"""Memory: documents, their passages and citations, facts, and past questions."""
