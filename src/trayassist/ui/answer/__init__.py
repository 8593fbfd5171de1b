"""How an answer is shown: streamed Markdown, highlighted code, links that ask before they open."""
