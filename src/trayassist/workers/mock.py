"""The mock worker: a model that needs none. The same question always gets the same answer.

For tests, the demonstration and trying out a configuration: it loads nothing, and its answers are those of
`responses` in registry.yaml, else a sentence made of the question.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import time
from array import array
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from trayassist.api import Message
from trayassist.workers import remote_info
from trayassist.workers.child import Channel
from trayassist.workers.model.protocol import Adapter, Began, Info, Lookup, Piece, Report, Sampling
from trayassist.workers.model.stop_filter import StopFilter

WORD = re.compile(r"\s*\S+\s*?|\s+$")  # a token: a word with the white space before it
LABEL = re.compile(r'"((?:[^"\\]|\\.)*)"')
SUBJECT_WORDS = 12
DIMENSIONS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class MockOptions:
    """What the mock answers. The key `default` is for every question that is not named."""

    responses: Mapping[str, str] = field(default_factory=dict)
    context_length: int = 8192


class MockService:
    """Answers with what the registry says, or with a sentence of the question's own words."""

    def __init__(self, channel: Channel, options: MockOptions) -> None:
        self._channel, self._options = channel, options

    def load(self) -> Info:
        """Return at once: there is nothing to load."""
        return remote_info.info(self._options.context_length)

    def generate(
        self,
        messages: Sequence[Message],
        sampling: Sampling,
        adapters: Sequence[Adapter] = (),
        conversation: str = "",
        lookup: Lookup | None = None,
    ) -> Generator[Began | Piece | Report, None, None]:
        """Yield Began, the answer word by word, the Report. Keeps to max_tokens, stop strings, labels and schema."""
        began = time.perf_counter()
        question = next((message.text for message in reversed(messages) if message.speaker == "user"), "")
        yield {"tokens_in": sum(self.tokens(message.text) for message in messages), "trimmed": 0}
        text, count, finish = StopFilter(sampling["stop"]), 0, "stop"
        words = _words(self._answer(question, sampling))
        for word in words:
            if count == sampling["max_tokens"]:
                finish = "length"
                break
            count += 1
            if shown := text.feed(word.encode()):
                yield {"text": shown, "tokens_out": count, "thought": False}
            if text.stopped:
                break
        if held := text.rest():
            yield {"text": held, "tokens_out": count, "thought": False}
        seconds = time.perf_counter() - began
        yield remote_info.report(count, seconds * 1e3 / max(count, 1), count / seconds if seconds else 0.0, finish)

    def embed(self, texts: Sequence[str]) -> list[bytes]:
        """Return a vector of length 1 for each text, as float32 bytes: its words, hashed; shared words make near."""
        return [_vector(text) for text in texts]

    def rerank(self, query: str, texts: Sequence[str]) -> list[float]:
        """Return for each text the share of the query's words that are in it."""
        wanted = set(_bare(query))
        return [len(wanted & set(_bare(text))) / max(len(wanted), 1) for text in texts]

    def tokens(self, text: str) -> int:
        """Return how many words a text has."""
        return len(_words(text))

    def _answer(self, question: str, sampling: Sampling) -> str:
        responses = self._options.responses
        known = {_plain(key): answer for key, answer in responses.items()}
        scripted = known.get(_plain(question), known.get("default"))
        if sampling["schema"] is not None:
            return scripted if scripted is not None and _is_json(scripted) else json.dumps(_example(sampling["schema"]))
        if sampling["grammar"]:
            labels: list[str] = [label.replace('\\"', '"') for label in LABEL.findall(_root(sampling["grammar"]))]
            if scripted in labels or not labels:
                return scripted or ""
            named = [label for label in labels if label.lower() in question.lower()]
            return (named or labels)[0]
        if scripted is not None:
            return scripted
        subject = " ".join(question.split()[:SUBJECT_WORDS]).rstrip(" .?!:") or "nothing"
        return f"This is a made-up answer to “{subject}”."


def _words(text: str) -> list[str]:
    found: list[str] = WORD.findall(text)
    return found


def _bare(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _plain(text: str) -> str:
    return " ".join(text.lower().split()).rstrip(" .?!")


def _root(grammar: str) -> str:
    """Return the right side of a grammar's root rule."""
    found = re.search(r"^\s*root\s*::=(.*?)(?=^\s*[\w-]+\s*::=|\Z)", grammar, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _example(schema: Mapping[str, Any]) -> Any:
    """Return the plainest value of a JSON Schema: the first choice, the smallest number, no optional keys."""
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    for choices in ("anyOf", "oneOf"):
        if schema.get(choices):
            return _example(schema[choices][0])
    kind = schema.get("type", "object")
    if isinstance(kind, list):
        kind = kind[0]
    if kind == "object":
        known = schema.get("properties", {})
        return {name: _example(known.get(name, {"type": "string"})) for name in schema.get("required", known)}
    if kind == "array":
        return [_example(schema.get("items", {"type": "string"})) for _ in range(schema.get("minItems", 0))]
    if kind in ("integer", "number"):
        return schema.get("minimum", 0)
    plain: dict[str, Any] = {"string": "mock", "boolean": False, "null": None}
    return plain.get(kind)


def _vector(text: str) -> bytes:
    counts = [0.0] * DIMENSIONS
    for word in _bare(text):
        counts[hashlib.sha256(word.encode()).digest()[0] % DIMENSIONS] += 1.0
    length = math.hypot(*counts) or 1.0
    return array("f", (value / length for value in counts)).tobytes()


def main(channel: Channel, options: MockOptions) -> None:
    """Serve the operations of a model worker until the parent closes the pipe."""
    service = MockService(channel, options)
    channel.serve(
        {
            "load": service.load,
            "generate": service.generate,
            "embed": service.embed,
            "rerank": service.rerank,
            "tokens": service.tokens,
        }
    )
