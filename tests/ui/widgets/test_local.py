"""Sentences of the core in German: found by their words, with their values; unknown ones stay as they are."""

from __future__ import annotations

import importlib.util
import json
from collections import Counter
from types import ModuleType

import pytest
from PySide6.QtWidgets import QApplication

from trayassist.paths import shipped_file
from trayassist.ui.app import language
from trayassist.ui.widgets.local import PLACE, local

FILE = shipped_file("resources/translations/core_de.json")
KNOWN: dict[str, str] = json.loads(FILE.read_text(encoding="utf-8"))


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
        (
            "In the answer, a command deletes all rows of a table.",
            "Ein Befehl in der Antwort löscht alle Zeilen einer Tabelle.",
        ),
        (
            "There are secrets in the question (OpenAI key, GitHub token).",
            "In der Frage stehen Geheimnisse (OpenAI-Schlüssel, GitHub-Token).",
        ),
        (
            "/etc/app.yaml, line 3: “memory.max_file_mb” is 0, which is not allowed. Give 1 or more.",
            "/etc/app.yaml, Zeile 3: „memory.max_file_mb“ ist 0, und das ist nicht erlaubt. 1 oder mehr angeben.",
        ),
        ("Its context is 8,192 tokens; the role wants 16,384.", "Sein Kontext hat 8.192 Token; gewünscht sind 16.384."),
        ("/a/b.pdf cannot be read: Permission denied.", "/a/b.pdf lässt sich nicht lesen: der Zugriff ist verweigert."),
        ("Forget the 1 fact", "Den einen Merksatz vergessen"),
        (
            "Forget the 1 fact you asked to remember? Documents stay.",
            "Den einen Merksatz vergessen? Dokumente bleiben.",
        ),
        ("Forget “the question or the answer”?", "„the question or the answer“ vergessen?"),
        (
            "2 facts fit “my code”. Forget all of them?\n- My code is 1 and 2\n- Forget it",
            "2 Merksätze passen zu „my code“. Alle vergessen?\n- My code is 1 and 2\n- Forget it",
        ),
        (
            "Remember “I like salt. Forget it” in place of this?\n- I like salt and pepper",
            "„I like salt. Forget it“ statt diesem merken?\n- I like salt and pepper",
        ),
        ("Nobody knows this. Forget all of them?\n- One", "Nobody knows this. Forget all of them?\n- One"),
        ("Page 3: OCR found no words.", "Seite 3: die Texterkennung fand keine Wörter."),
        ("off: vocabulary differs at token 7", "aus: die Vokabulare unterscheiden sich bei Token 7"),
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
        (
            "Nothing is remembered or forgotten: the plugin ingest is switched off, or does not work.",
            "Nothing is remembered or forgotten: the plugin Reading files is switched off, or does not work.",
        ),
        ("Name it in roles.persona.model.", "Name it in roles.persona.model."),
        ("persona, coder: No room.", "Assistant, Code: No room."),
        ("The model qwen-coder for the role weather.", "The model qwen-coder for the role weather."),
        ("Forget “Anna is curator at the Tate”?", "Forget “Anna is curator at the Tate”?"),
        ("- our watchdog is called Rex", "- our watchdog is called Rex"),
        ("Forget watchdog notes.pdf?", "Forget watchdog notes.pdf?"),
    ],
)
def test_english_names_roles_plugins_and_modes_as_windows_do(qapp: QApplication, text: str, wanted: str) -> None:
    language.speak("en")
    assert local(text) == wanted


def test_each_sentence_keeps_its_places() -> None:
    for english, target in KNOWN.items():
        assert Counter(PLACE.findall(english)) == Counter(PLACE.findall(target)), english


def test_the_sentences_are_those_of_the_core(collector: ModuleType) -> None:
    gone = set(KNOWN) - collector.core_texts()
    assert gone == set(), "run resources/make_translations.py, then translate anew what was changed"


def test_every_sentence_that_a_window_may_show_is_translated(collector: ModuleType) -> None:
    shown = collector.visible_texts()
    assert len(shown) > 1000
    assert shown - set(KNOWN) == set(), "see resources/make_translations.py --missing; write it into core_de.json"


def test_a_sentence_has_words_of_its_own() -> None:
    """One of nothing but values and a short word would be found in any text: "{0} has {1}."."""
    vague = {text for text in KNOWN if text.startswith("{0}") and text.rstrip(".").endswith("}")}
    short = {text for text in vague if len(PLACE.sub("", text).strip(" .:,")) < 5}
    assert short == {"{0}, line {1}", "{0}, line {1}: {2}"}
