"""Sentences of the core in the language of the windows: reasons, refusals, failures of files.

The core writes English. `resources/translations/core_<language>.json` maps its sentences, `{0}` standing for each part
that differs, to those of a language; make_translations.py says which are missing. A sentence that is not in there stays
English.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import lru_cache

from PySide6.QtCore import QLocale

from trayassist.paths import shipped_file
from trayassist.ui.widgets.names import MODES, ROLES, mode_title, plugin_title, role_title

PLACE = re.compile(r"\{\d+\}")
BETWEEN = re.compile(r"(?<=[.…?!:])\s+")  # where one sentence may end and the next begin
NUMBER = re.compile(r"~?\d[\d,]*(\.\d+)?( ?(B|kB|MB|GB|TB|%|s|ms|min))?")
NAMED = re.compile(r"\b(role|plugin|mode) ([“']?)(\w+)([”']?)")  # as the core names them, in English
LONE = re.compile(rf"(?<![\w./:“'-])({'|'.join(role for role in ROLES if role != 'coder')})(?![\w:”'-]|\.\w)")
OR, OR_IN = " or ", {"de": " oder "}
TITLES: dict[str, Callable[[str], str]] = {"role": role_title, "plugin": plugin_title, "mode": mode_title}
TITLED = {"role": ROLES, "plugin": (*ROLES, "ingest"), "mode": MODES}
SWAPPED = str.maketrans(",.", ".,")


def local(text: str) -> str:
    """Return a text of the core in the language of the windows, or as it is where nothing is known of it."""
    code = QLocale().name().partition("_")[0]
    return _translate(code, text) if text and code not in ("en", "C") else _with_titles(text)


def _with_titles(text: str) -> str:
    """Return an English text with what people call roles, plugins and modes instead of their names."""

    def name(found: re.Match[str]) -> str:
        kind, before, named, after = found.groups()
        return f"{kind} {before}{TITLES[kind](named) if named in TITLED[kind] else named}{after}"

    return LONE.sub(lambda found: role_title(found[1]), NAMED.sub(name, text))


@lru_cache(maxsize=1024)
def _translate(code: str, text: str) -> str:
    gaps = [found.span() for found in BETWEEN.finditer(text)]
    for start, end in gaps:  # one sentence, then what is left
        if (first := _sentence(code, text[:start])) is not None:
            return f"{first} {_translate(code, text[end:])}"
    if (whole := _sentence(code, text)) is not None:
        return whole
    if gaps:  # an unknown beginning: what follows may be known
        start, end = gaps[0]
        return f"{text[:start]} {_translate(code, text[end:])}"
    return text


def _sentence(code: str, text: str) -> str | None:
    for pattern, target in _patterns(code):
        if found := pattern.fullmatch(text):
            return PLACE.sub(lambda place: _part(code, found[int(place[0][1:-1]) + 1]), target)
    return None


def _part(code: str, text: str) -> str:
    """Return what stands in a sentence: a number as the language writes it, a role's title, a sentence in turn."""
    if NUMBER.fullmatch(text):
        return text.translate(SWAPPED) if code == "de" else text
    if OR in text:
        return OR_IN.get(code, OR).join(_part(code, part) for part in text.split(OR))
    return role_title(text) if text in ROLES else mode_title(text) if text in MODES else _translate(code, text)


@lru_cache(maxsize=4)
def _patterns(code: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return what each known sentence looks like, those with most words of their own first, and what it becomes."""
    file = shipped_file(f"resources/translations/core_{code}.json")
    known: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    by_words = sorted(known, key=lambda text: len(PLACE.sub("", text)), reverse=True)
    return tuple((_pattern(text), known[text]) for text in by_words)


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile("(.*?)".join(map(re.escape, PLACE.split(text))), re.DOTALL)
