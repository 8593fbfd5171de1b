"""Which remembered document a sentence names."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath

from trayassist.workers.memory import text
from trayassist.workers.memory.catalog import Doc

_ASKING_WORDS = """summary summaries summarise summarize summarised overview outline gist document documents doc docs
    file files pdf pages page report paper text content contents main points key read open latest newest recent
    last new"""
_ASKING = frozenset(_ASKING_WORDS.split())
_ENOUGH = 0.6  # share of a name's words, by rarity, that must be said
_ENOUGH_LATEST = 0.2  # the date is what "the latest" leaves out


def find(said: str, docs: Sequence[Doc]) -> Doc | None:
    """Return the document whose path, file name or title `said` contains; None if none or several do."""
    return _exactly(said, docs) or _in_words(said, docs) or _in_part(said, docs)


def _exactly(said: str, docs: Sequence[Doc]) -> Doc | None:
    plain, squashed = said.casefold(), _squash(said)
    found: dict[int, int] = {}
    for doc in docs:
        for path in doc.paths:
            name = PurePath(path).name
            if path.casefold() in plain or name.casefold() in plain:
                found[doc.doc] = max(found.get(doc.doc, 0), len(name) + (len(path) if path.casefold() in plain else 0))
            elif PurePath(path).suffix and len(_squash(name)) >= 5 and _squash(name) in squashed:
                found[doc.doc] = max(found.get(doc.doc, 0), len(name))
    return _longest(found, docs, said)


def _in_words(said: str, docs: Sequence[Doc]) -> Doc | None:
    """Find a file name without its ending, or a title, said word by word."""
    heard = text.words(text.spaced_name(said + ".x"))
    joined = f" {' '.join(heard)} "
    found: dict[int, int] = {}
    for doc in docs:
        for name in (*map(text.spaced_name, doc.paths), doc.title):
            words = text.words(name)
            if not words or set(words) <= _ASKING | text.STOP_WORDS:
                continue
            spoken = " ".join(words)
            together = "".join(words)
            if f" {spoken} " in joined or (len(together) >= 5 and f" {together} " in joined):
                found[doc.doc] = max(found.get(doc.doc, 0), len(spoken))
    return _longest(found, docs, said)


def _in_part(said: str, docs: Sequence[Doc]) -> Doc | None:
    """Find the one document most of whose name, or of whose distinctive words, is said."""
    heard = {text.stem(word) for word in text.words(said)}
    names = {doc.doc: {text.stem(w) for w in text.words(doc.name)} - text.STOP_WORDS for doc in docs}
    shared = Counter(word for words in names.values() for word in words)
    scores: dict[int, float] = {}
    enough = _ENOUGH_LATEST if text.asks_for_latest(said) else _ENOUGH
    asking = {text.stem(word) for word in _ASKING}
    for number, words in names.items():
        weak = asking | {word for word in words if word.isdigit()}  # dates are often left unsaid
        weight = {w: math.log(1 + len(docs) / shared[w]) * (0.3 if w in weak else 1.0) for w in words}
        told = sum(weight[w] for w in words & heard)
        if words & heard - asking and told >= enough * sum(weight.values()):
            scores[number] = told
    best = max(scores.values(), default=0.0)
    return _one([d for d in docs if scores.get(d.doc, -1.0) == best and d.doc in scores], said)


def _longest(found: dict[int, int], docs: Sequence[Doc], said: str) -> Doc | None:
    best = max(found.values(), default=0)
    return _one([d for d in docs if d.doc in found and found[d.doc] == best], said)


def _one(docs: Sequence[Doc], said: str) -> Doc | None:
    if len(docs) > 1 and text.asks_for_latest(said):
        return max(docs, key=lambda d: (d.date, d.mtime))
    return docs[0] if len(docs) == 1 else None


def _squash(said: str) -> str:
    return re.sub(r"[\W_]+", "", text.fold(said))
