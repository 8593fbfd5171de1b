"""Making models answer: which are loaded, who goes when, generation, embedding, measured speed."""
