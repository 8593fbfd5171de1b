"""Vectors of texts, and how well texts answer a question, from GGUF embedders and rerankers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from trayassist.api import ModelUnavailable, TrayassistError
from trayassist.workers.model.context import Aborted, LlamaContext
from trayassist.workers.model.llama import LlamaModel, native
from trayassist.workers.model.protocol import LoadOptions

LONGEST = 2048  # tokens of a text; an encoder sees all of it at once, and memory grows with the square
TOGETHER = 32  # texts in one evaluation
WORDS_OF_QUESTION = 2  # one part in this many of a pair may be the question


class Vectors:
    """An embedder or reranker. `context_length` is the longest text it takes in; the rest of longer ones is cut off.

    Raises ModelUnavailable for a model that is neither.
    """

    def __init__(self, model: LlamaModel, options: LoadOptions, cancelled: Callable[[Any], bool]) -> None:
        self.model = model
        length = min(options.context_length, LONGEST, native.llama_model_n_ctx_train(model.pointer))
        own = replace(options, context_length=length, n_batch=length)
        reranks = model.metadata(f"{model.architecture}.pooling_type") == str(native.LLAMA_POOLING_TYPE_RANK)
        if (options.purpose == "rerank") != reranks:
            raise ModelUnavailable(
                f"{model.name} is a model for the order of results."
                if reranks
                else f"{model.name} is no model for the order of results.",
                f"Give it kind: {'reranker' if reranks else 'embedding'} in registry.yaml, or name another model.",
            )
        self._context = LlamaContext(model, own, cancelled)
        if native.llama_pooling_type(self._context.pointer) == native.LLAMA_POOLING_TYPE_NONE:
            native.llama_free(self._context.pointer)  # the file does not say how: the mean of all tokens
            self._context = LlamaContext(model, own, cancelled, pooling=native.LLAMA_POOLING_TYPE_MEAN)
        self.context_length = self._context.batch_size

    def embed(self, texts: Sequence[str]) -> list[bytes]:
        """Return each text's vector, of length 1, as float32 bytes in this machine's order."""
        every = [self._cut(self.model.tokens(text, ends=True, special=False)) for text in texts]
        return [_normal(vector).tobytes() for vector in self._evaluate(every)]

    def rerank(self, query: str, texts: Sequence[str]) -> list[float]:
        """Return how well each text answers the query: higher is better; the scale is the model's own."""
        template = self.model.metadata("tokenizer.chat_template.rerank")
        question = self.model.tokens(query, ends=False, special=False)
        question = question[: self.context_length // WORDS_OF_QUESTION]
        every = [self._pair(template, question, query, text) for text in texts]
        return [float(found[0]) for found in self._evaluate(every)]

    def _pair(self, template: str, question: list[int], query: str, text: str) -> list[int]:
        """Return a question and a text as rerankers are trained to see them (as llama-server does it)."""
        if template:
            return self._cut(self._apply_template(template, query, text))
        vocab = self.model.vocab
        end = native.llama_vocab_eos(vocab)
        if end < 0:
            end = native.llama_vocab_sep(vocab)
        ends = [end] if native.llama_vocab_get_add_eos(vocab) else []
        between = [native.llama_vocab_sep(vocab)] if native.llama_vocab_get_add_sep(vocab) else []
        begin = [native.llama_vocab_bos(vocab)] if native.llama_vocab_get_add_bos(vocab) else []
        before = [*begin, *question, *ends, *between]
        room = self.context_length - len(before) - len(ends)
        return [*before, *self.model.tokens(text, ends=False, special=False)[:room], *ends]

    def _apply_template(self, template: str, query: str, text: str) -> list[int]:
        """Return the template's tokens; what stands in for its two marks is never read as control tokens."""
        tokens: list[int] = []
        for part in re.split(r"(\{query\}|\{document\})", template):
            content = {"{query}": query, "{document}": text}.get(part)
            tokens += self.model.tokens(part if content is None else content, ends=False, special=content is None)
        begin = native.llama_vocab_bos(self.model.vocab)
        return [begin, *tokens] if native.llama_vocab_get_add_bos(self.model.vocab) else tokens

    def _cut(self, tokens: list[int]) -> list[int]:
        """Return no more tokens than fit, the last one kept: it may be what the model looks at."""
        return tokens if len(tokens) <= self.context_length else [*tokens[: self.context_length - 1], tokens[-1]]

    def _evaluate(self, every: Sequence[list[int]]) -> Iterator[np.ndarray[Any, Any]]:
        if not all(every):
            raise TrayassistError("There is an empty text among those to compare.", "Leave it out.")
        start = 0
        while start < len(every):
            end, total = start, 0
            while end < len(every) and end - start < TOGETHER and total + len(every[end]) <= self.context_length:
                total += len(every[end])
                end += 1
            try:
                yield from self._context.embed(every[start:end])
            except Aborted as error:
                raise TrayassistError(f"llama.cpp could not go on: {error}.", "Try again.") from error
            start = end


def _normal(vector: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    length = float(np.linalg.norm(vector))
    return (vector / length if length else vector).astype(np.float32)
