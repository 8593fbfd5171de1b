"""Sentences of the core in the language of the windows: reasons, refusals, failures of files.

The core writes English. `resources/translations/core_<language>.json` maps its sentences, `{0}` standing for each part
that differs, to those of a language; make_translations.py says which are missing. A sentence that is not in there stays
as it is. In English, too, roles, plugins and modes get the names that people know, but in those sentences alone: any
other text is the user's own.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from PySide6.QtCore import QLocale

from trayassist.paths import shipped_file
from trayassist.ui.widgets.names import MODES, ROLES, mode_title, plugin_title, role_title, role_titles

PLACE = re.compile(r"\{\d+\}")
BETWEEN = re.compile(r"(?<=[.…?!:])\s+|\n+")  # where one sentence may end and the next begin
MOST = 6  # sentences that one entry of the file may have
NUMBER = re.compile(r"~?\d[\d,]*(\.\d+)?( ?(B|kB|MB|GB|TB|%|s|ms|min))?")
NAMING = re.compile(r"\b(role|plugin|mode) [“']?$")  # before a name, in the English of the core
OF_ROLES = re.compile(rf"^(?:{'|'.join(ROLES)})(?:, (?:{'|'.join(ROLES)}))*(?=: )")  # whom a sentence is about
ENGLISH = "en"
JOINED = {  # what stands between parts of a list
    "de": ((" or ", " oder "), (" and ", " und "), (", ", ", ")),
    ENGLISH: ((" or ", " or "), (" and ", " and "), (", ", ", ")),
}
TITLES: dict[str, Callable[[str], str]] = {"role": role_title, "plugin": plugin_title, "mode": mode_title}
TITLED = {"role": ROLES, "plugin": (*ROLES, "ingest"), "mode": MODES}
SWAPPED = str.maketrans(",.", ".,")
QUOTES = ("“", "'", "`")  # what follows is a name, or the user's own words
LISTED = "- "  # the user's own words, a line each
HEAD, TAIL = 4, 3  # characters of its beginning and its end by which a sentence is looked up


class _Pattern(NamedTuple):
    """A known sentence: what stands before, between and behind its places, and what it becomes."""

    pieces: list[str]
    longest: str  # of the pieces
    target: str


class _Known(NamedTuple):
    """The sentences of a language: those without places, and the others by their first and last characters."""

    whole: dict[str, str]
    by_ends: dict[tuple[str, str], list[_Pattern]]


def local(text: str) -> str:
    """Return a text of the core in the language of the windows, or as it is where nothing is known of it."""
    text = OF_ROLES.sub(lambda found: role_titles(found[0].split(", ")), text)
    return _translate(_language(), text) if text else ""


def translate(text: str) -> str:
    """Return `local` of a text that may be the user's own: in English it stays as it is."""
    return text if is_english() or not text else _translate(_language(), text)


def translate_heading(text: str) -> str:
    """Return a piece of an answer, translated where it is a line over quotes, such as “Your documents say:”."""
    line = text.strip()
    return text.replace(line, translate(line)) if text.endswith(":\n") and not line.startswith(">") else text


def is_english() -> bool:
    """Return whether windows speak the language of the core."""
    return _language() == ENGLISH


def _language() -> str:
    code = QLocale().name().partition("_")[0]
    return ENGLISH if code == "C" else code


@lru_cache(maxsize=1024)
def _translate(code: str, text: str) -> str:
    gaps = [found.span() for found in BETWEEN.finditer(text)]
    for start, end in gaps[:MOST]:  # one sentence, then what is left
        if (first := _sentence(code, text[:start])) is not None:
            return f"{first}{text[start:end]}{_translate(code, text[end:])}"
    if (whole := _sentence(code, text)) is not None:
        return whole
    if gaps:  # an unknown beginning: what follows may be known
        start, end = gaps[0]
        return f"{text[:end]}{_translate(code, text[end:])}"
    return text


def _sentence(code: str, text: str) -> str | None:
    known = _load(code)
    if (whole := known.whole.get(text)) is not None:
        return whole
    for ends in product((text[:HEAD], ""), (text[-TAIL:], "")):
        for pattern in known.by_ends.get(ends, ()):
            if pattern.longest in text and (parts := _match(pattern.pieces, text)) is not None:
                said = [_part(code, part, before) for part, before in zip(parts, pattern.pieces, strict=False)]
                return PLACE.sub(lambda place, said=said: said[int(place[0][1:-1])], pattern.target)  # type: ignore[misc]
    return None


def _match(pieces: list[str], text: str) -> list[str] | None:
    """Return what stands in the places between the pieces, each as short as can be; None where they do not fit."""
    at, end = len(pieces[0]), len(text) - len(pieces[-1])
    if at > end or not text.startswith(pieces[0]) or not text.endswith(pieces[-1]):
        return None
    sentence = text.endswith((".", "!", "?")) or ("\n" in text and not any("\n" in piece for piece in pieces))
    if not pieces[-1] and not pieces[-2].endswith(": ") and sentence:
        return None  # a whole sentence is no phrase: "Forget {0}" stands on a button
    parts = []
    for piece in pieces[1:-1]:
        if (found := text.find(piece, at, end)) < 0:
            return None
        parts.append(text[at:found])
        at = found + len(piece)
    return [*parts, text[at:end]]


def _part(code: str, text: str, before: str = "") -> str:
    """Return what stands in a sentence: a number as the language writes it, a role's title, a sentence in turn.

    `before` is the piece in front of it: what follows a quotation mark stays as it is, but for the name of a role.
    """
    if (naming := NAMING.search(before)) and text in TITLED[naming[1]]:
        return TITLES[naming[1]](text)
    if text in ROLES or text in MODES:
        return role_title(text) if text in ROLES else mode_title(text)
    if before.endswith(QUOTES) or text.startswith(LISTED):
        return text
    if NUMBER.fullmatch(text):
        return text.translate(SWAPPED) if code == "de" else text
    said = _translate(code, text)
    for between, target in JOINED.get(code, ()):
        if said == text and between in text:
            return target.join(_part(code, part) for part in text.split(between))
    return said


@lru_cache(maxsize=4)
def _load(code: str) -> _Known:
    """Return the known sentences; of those that begin alike, first the one with most words of its own."""
    file = shipped_file(f"resources/translations/core_{'de' if code == ENGLISH else code}.json")
    texts: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    if code == ENGLISH:
        texts = {text: text for text in texts}
    by_ends: dict[tuple[str, str], list[_Pattern]] = defaultdict(list)
    for text in sorted(texts, key=lambda text: len(PLACE.sub("", text)), reverse=True):
        pieces = PLACE.split(text)
        if len(pieces) > 1:
            head = pieces[0][:HEAD] if len(pieces[0]) >= HEAD else ""
            tail = pieces[-1][-TAIL:] if len(pieces[-1]) >= TAIL else ""
            by_ends[head, tail].append(_Pattern(pieces, max(pieces, key=len), texts[text]))
    return _Known({text: target for text, target in texts.items() if not PLACE.search(text)}, dict(by_ends))
