"""What embedders want before a question and before a passage, by family; a model's own `prefixes` go first.

From the models' own cards (nomic-embed-text-v1.5, multilingual-e5, bge-*-en-v1.5, mxbai-embed-large-v1,
snowflake-arctic-embed, Qwen3-Embedding, EmbeddingGemma). Families that want nothing (all-MiniLM, gte, bge-m3, jina v2)
have no line.
"""

from __future__ import annotations

import re

from trayassist.models.registry.schema import Prefixes

_RETRIEVE = "Represent this sentence for searching relevant passages: "
_QWEN3 = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:"
_FAMILIES: tuple[tuple[str, Prefixes], ...] = (
    (r"nomic-embed-text|nomic-bert", Prefixes(query="search_query: ", passage="search_document: ")),
    (r"e5-mistral|e5-.*-instruct", Prefixes(query=_QWEN3.replace("\nQuery:", "\nQuery: "))),
    (r"(^|[-_/ ])e5-", Prefixes(query="query: ", passage="passage: ")),
    (r"bge-(small|base|large)-en", Prefixes(query=_RETRIEVE)),
    (r"bge-(small|base|large)-zh", Prefixes(query="为这个句子生成表示以用于检索相关文章：")),
    (r"mxbai-embed", Prefixes(query=_RETRIEVE)),
    (r"arctic-embed-.*v2|arctic-embed-.*2\.0", Prefixes(query="query: ")),
    (r"arctic-embed", Prefixes(query=_RETRIEVE)),
    (r"qwen3-embedding", Prefixes(query=_QWEN3)),
    (
        r"embedding-?gemma|gemma-embedding",
        Prefixes(query="task: search result | query: ", passage="title: none | text: "),
    ),
)


def of_family(*names: str) -> Prefixes:
    """Return the prefixes of the first family that one of `names` (family, file, the GGUF's own name) fits."""
    for pattern, prefixes in _FAMILIES:
        if any(re.search(pattern, name.lower().replace("_", "-").replace(" ", "-")) for name in names if name):
            return prefixes
    return Prefixes()
