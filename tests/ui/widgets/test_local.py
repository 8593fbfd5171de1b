"""Sentences of the core in German: found by their words, with their values; unknown ones stay as they are."""

from __future__ import annotations

import importlib.util
import json
import re
from collections import Counter
from collections.abc import Iterator
from types import ModuleType

import pytest
from PySide6.QtWidgets import QApplication

from trayassist.paths import shipped_file
from trayassist.ui.app import language
from trayassist.ui.widgets.local import local

FILE = shipped_file("resources/translations/core_de.json")
KNOWN: dict[str, str] = json.loads(FILE.read_text(encoding="utf-8"))


@pytest.fixture
def german(qapp: QApplication) -> Iterator[None]:
    language.speak("de")
    yield
    language.speak("en")


@pytest.fixture(scope="module")
def collector() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_translations", shipped_file("resources/make_translations.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("english", "wanted"),
    [
        ("/d/a b.pdf needs a password.", "/d/a b.pdf braucht ein Passwort."),
        (
            "There is no room for the model m: it needs 1,281 MB, and 0.5 GB of 1 GB are left. Ask again.",
            "Für das Modell m ist kein Platz: es braucht 1.281 MB, und 0,5 GB von 1 GB sind übrig. Noch einmal fragen.",
        ),
        (
            "It is a code model; the role wants an instruct model or a guard model.",
            "Es ist ein Code-Modell; gewünscht ist ein Gesprächsmodell oder ein Wächtermodell.",
        ),
        (
            "It is a mathematics model, and the role persona chats.",
            "Es ist ein Mathematikmodell, und die Rolle Assistent unterhält sich.",
        ),
        ("Nobody knows this sentence. Ask again.", "Nobody knows this sentence. Noch einmal fragen."),
        ("Schon deutsch; bleibt so.", "Schon deutsch; bleibt so."),
        ("", ""),
    ],
)
def test_what_the_core_says_is_german(german: None, english: str, wanted: str) -> None:
    assert local(english) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("x.pdf needs a password.", "x.pdf needs a password."),
        (
            "The role persona is switched off in the mode emulation.",
            "The role Assistant is switched off in the mode Exact, without notes.",
        ),
        ("The role coder is switched off, so persona answers.", "The role Code is switched off, so Assistant answers."),
        ("Switch the plugin “ingest” on.", "Switch the plugin “Reading files” on."),
        ("Name it in roles.persona.model.", "Name it in roles.persona.model."),
        ("The model qwen-coder for the role weather.", "The model qwen-coder for the role weather."),
    ],
)
def test_english_names_roles_plugins_and_modes_as_windows_do(qapp: QApplication, text: str, wanted: str) -> None:
    language.speak("en")
    assert local(text) == wanted


def test_each_sentence_keeps_its_places() -> None:
    places = re.compile(r"\{\d+\}")
    for english, target in KNOWN.items():
        assert Counter(places.findall(english)) == Counter(places.findall(target)), english


def test_the_sentences_are_those_of_the_core(collector: ModuleType) -> None:
    gone = set(KNOWN) - collector.core_texts()
    assert len(gone) <= len(KNOWN) // 20, f"run resources/make_translations.py, then translate anew: {sorted(gone)}"


def test_most_errors_are_translated(collector: ModuleType) -> None:
    said = collector.core_texts(errors_only=True)
    assert len(said & set(KNOWN)) >= len(said) // 3
