"""Every text of the windows keeps to docs/words.md: one word for one thing, and none of those who build it."""

from __future__ import annotations

import json
import re
from functools import cache
from xml.etree import ElementTree

import pytest

from trayassist.paths import shipped_file
from trayassist.ui.widgets.names import MODES, ROLES, mode_title, role_title

PAGE = shipped_file("docs/words.md").read_text(encoding="utf-8")
PLACE = re.compile(r"\{[^}]*\}")
# names of files, commands, keys of settings, and plugins
FILES = re.compile(r"\b[\w-]+\.(yaml|gguf|json|md)\b|`[^`]*`|\b[a-z]+(\.+[a-z_0-9]+)+\b|[“„][a-z_]+[”“]")


def table(heading: str) -> list[list[str]]:
    """Return the rows of the table under a heading, without its head."""
    part = PAGE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip("| ").split("|") for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


@cache
def texts() -> tuple[tuple[str, str], ...]:
    """Return each text of the windows with its German, without names of files and places for values."""
    root = ElementTree.parse(shipped_file("resources/translations/trayassist_de.ts")).getroot()
    pairs = []
    for message in root.iter("message"):
        target = message.find("translation")
        assert target is not None
        forms = [form.text or "" for form in target.findall("numerusform")] or [target.text or ""]
        pairs += [(message.findtext("source") or "", form) for form in forms]
    return tuple((_plain(english), _plain(german)) for english, german in pairs)


@cache
def core_texts() -> tuple[tuple[str, str], ...]:
    """Return each sentence of the core that windows show, with its German."""
    known = json.loads(shipped_file("resources/translations/core_de.json").read_text(encoding="utf-8"))
    return tuple((_plain(english), _plain(german)) for english, german in known.items())


def _plain(text: str) -> str:
    return FILES.sub("", PLACE.sub("", text)).replace("&", "")


@pytest.mark.parametrize("row", table("Never shown"), ids=lambda row: row[0])
def test_no_builders_word_is_shown(row: list[str]) -> None:
    words = "|".join(map(re.escape, row[0].split(", ")))
    found = re.compile(rf"\b({words})(s|en|es|ed)?\b", re.IGNORECASE)
    assert [pair for pair in (*texts(), *core_texts()) if found.search(pair[0]) or found.search(pair[1])] == []


@pytest.mark.parametrize("row", table("Terms"), ids=lambda row: row[0])
def test_a_term_is_called_the_same_in_german(row: list[str]) -> None:
    term = re.compile(rf"\b{row[0]}s?\b", re.IGNORECASE)
    german = re.compile("|".join(map(re.escape, row[1].split(" / "))), re.IGNORECASE)
    asked = [pair for pair in texts() if term.search(pair[0])]
    assert asked, "a term that no window uses"
    assert [pair for pair in asked if not german.search(pair[1])] == []


def test_core_sentences_keep_to_the_same_german_words() -> None:
    for row in table("Terms"):
        term, words = re.compile(rf"\b{row[0]}s?\b", re.IGNORECASE), row[1].lower().split(" / ")
        off = [one for one, german in core_texts() if term.search(one) and not any(w in german.lower() for w in words)]
        assert off == [], row[0]


def test_roles_are_called_as_the_page_says() -> None:
    assert {row[0]: row[1] for row in table("Roles")} == {role: role_title(role) for role in ROLES}


def test_modes_are_called_as_the_page_says() -> None:
    assert {row[0]: row[1] for row in table("Modes")} == {mode: mode_title(mode) for mode in MODES}
