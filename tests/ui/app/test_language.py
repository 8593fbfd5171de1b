"""The language of the windows: what is translated, what is chosen, and that nothing is lost on the way."""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import get_args
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QCoreApplication, QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from tests.ui.parts import ListHotkeys, PartAssistant
from tests.waiting import until
from trayassist import config
from trayassist.config.hotkeys import parse
from trayassist.paths import Paths, shipped_file
from trayassist.ui.app import language
from trayassist.ui.hotkey.base import key_text
from trayassist.ui.memory.window import MemoryWindow
from trayassist.ui.settings.window import LEAST, SettingsWindow
from trayassist.ui.tray import notifications
from trayassist.ui.tray.tray import Tray
from trayassist.ui.widgets import formats

TS = shipped_file("resources/translations/trayassist_de.ts")
QM = TS.with_suffix(".qm")
WINDOWS = Path(language.__file__).parents[1]
PLACEHOLDER = re.compile(r"\{[^}]*\}|%L?n|&(?=\w)")


@pytest.fixture
def german(qapp: QApplication) -> Iterator[None]:
    assert language.speak("de") == "de"
    yield
    language.speak("en")


@cache
def messages() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Return context, text and its translations (one, or a form for each number) of the whole .ts."""
    found = []
    for context in ElementTree.parse(TS).getroot().iter("context"):
        for message in context.iter("message"):
            target = message.find("translation")
            assert target is not None
            assert target.get("type") is None, f"{message.findtext('source')!r} is not translated"
            forms = tuple(form.text or "" for form in target.findall("numerusform")) or (target.text or "",)
            found.append((context.findtext("name") or "", message.findtext("source") or "", forms))
    return tuple(found)


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("ctrl+alt+space", "Strg+Alt+Leertaste"),
        ("ctrl+shift+delete", "Strg+Umschalt+Entf"),
        ("super+f5", "Super+F5"),
    ],
)
def test_keys_are_named_as_the_keyboard_names_them(key: str, text: str) -> None:
    assert key_text(parse(key)) == text


def test_every_translation_is_there_and_keeps_its_placeholders_and_spaces() -> None:
    assert len(messages()) > 700
    for _, text, forms in messages():
        for form in forms:
            assert Counter(PLACEHOLDER.findall(form)) == Counter(PLACEHOLDER.findall(text)), (text, form)
            assert (form[:1].isspace(), form[-1:].isspace()) == (text[:1].isspace(), text[-1:].isspace()), (text, form)


def test_a_text_is_called_the_same_everywhere() -> None:
    seen: dict[str, tuple[str, ...]] = {}
    assert {text for _, text, forms in messages() if seen.setdefault(text, forms) != forms} == set()


def test_the_translation_knows_every_text_of_the_code_in_its_context() -> None:
    known = {(context, text) for context, text, _ in messages()}
    asked = {call for path in WINDOWS.rglob("*.py") for call in _calls(ast.parse(path.read_text(encoding="utf-8")))}
    assert len(asked) > 700
    assert asked - known == set(), "run resources/make_translations.py, then translate what is new"


def _calls(tree: ast.AST, context: str = "") -> Iterator[tuple[str, str]]:
    for node in ast.iter_child_nodes(tree):
        yield from _calls(node, node.name if isinstance(node, ast.ClassDef) else context)
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            if isinstance(node.func, ast.Name) and node.func.id == "tr":
                yield "", node.args[0].value
            elif isinstance(node.func, ast.Attribute) and node.func.attr == "tr":
                yield context, node.args[0].value


def test_help_of_settings_is_translated(german: None) -> None:
    texts = _maker().described()
    assert len(texts) > 15
    assert [text for text in texts if formats.tr(text) == text] == []


def test_the_compiled_file_is_up_to_date(tmp_path: Path) -> None:
    fresh = tmp_path / QM.name
    _maker().compile_to(TS, fresh)
    assert fresh.read_bytes() == QM.read_bytes(), "run resources/make_translations.py"


def _maker() -> ModuleType:
    path = shipped_file("resources/make_translations.py")
    spec = importlib.util.spec_from_file_location("make_translations", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(sys.platform == "win32", reason="the tools are named otherwise there")
def test_running_the_maker_again_changes_nothing(tmp_path: Path) -> None:
    copy = tmp_path / TS.name
    copy.write_bytes(TS.read_bytes())
    _maker().collect(copy)
    assert copy.read_bytes() == TS.read_bytes()


@pytest.mark.parametrize(
    ("wanted", "system", "spoken"),
    [
        ("de", ["en-GB"], "de"),
        ("en", ["de-DE"], "en"),
        ("system", ["de-AT", "de", "en"], "de"),
        ("system", ["fr_FR", "de_CH", "en"], "de"),
        ("system", ["en-US", "de"], "en"),
        ("system", ["fr-FR", "pl"], "en"),
        ("system", ["C"], "en"),
        ("system", [], "en"),
        ("tlh", ["de"], "en"),
    ],
)
def test_the_language_taken(qapp: QApplication, wanted: str, system: list[str], spoken: str) -> None:
    try:
        assert language.speak(wanted, system) == spoken
        assert formats.tr("Settings not known to anybody") == "Settings not known to anybody"
        assert formats.tr("Theme") == {"de": "Farben", "en": "Theme"}[spoken]
    finally:
        language.speak("en")


def test_every_language_of_the_setting_can_be_chosen_and_has_its_file() -> None:
    allowed = get_args(config.LookSettings.model_fields["language"].annotation)
    assert tuple(language.choices()) == allowed
    for code in set(allowed) - {language.SYSTEM, language.ENGLISH}:
        assert shipped_file(f"resources/translations/trayassist_{code}.qm").is_file()


def test_qts_own_words_are_german_too(german: None) -> None:
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Abbrechen"


def test_numbers_have_their_forms(german: None) -> None:
    assert notifications.progress_line(1, 0, paused=False) == "noch 1 Datei"
    assert notifications.progress_line(3, 0, paused=True) == "angehalten · noch 3 Dateien"
    assert notifications.progress_line(12_345, 1.44, paused=False) == "noch 12.345 Dateien · 1,4 Seiten/s"
    assert formats.when("2020-05-03T10:00:00+00:00").startswith("3. Mai 2020, ")


def test_english_forms_its_numbers_without_a_file(qapp: QApplication) -> None:
    language.speak("en")
    assert notifications.progress_line(1, 0, paused=False) == "1 file to go"
    assert formats.when("2020-05-03T10:00:00+00:00").startswith("3 May 2020, ")


async def test_the_settings_are_german(german: None, assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    window = SettingsWindow(assistant, hotkeys)  # type: ignore[arg-type]
    window.show()
    await window.build_all()
    assert window.windowTitle().startswith("Einstellungen")
    assert window.rows["look.language"].control.accessibleName() == "Sprache"
    assert {"Aussehen", "Farben", "Modelle", "Anbieter", "Adapter"} <= _visible_texts(window)
    english = {text for _, text, forms in messages() if text not in forms}
    assert {text for text in _visible_texts(window) if text in english} == set()


async def test_the_memory_window_is_german(german: None, assistant: PartAssistant) -> None:
    window = MemoryWindow(assistant)  # type: ignore[arg-type]
    window.show()
    assert window.windowTitle().startswith("Gedächtnis")
    english = {text for _, text, forms in messages() if text not in forms}
    await until(lambda: bool(_visible_texts(window)))
    assert {text for text in _visible_texts(window) if text in english} == set()


def _visible_texts(window: QWidget) -> set[str]:
    return {widget.text() for kind in (QLabel, QPushButton) for widget in window.findChildren(kind) if widget.text()}


async def test_no_german_word_is_cut_off_in_the_smallest_window(
    german: None, assistant: PartAssistant, hotkeys: ListHotkeys
) -> None:
    window = SettingsWindow(assistant, hotkeys)  # type: ignore[arg-type]
    window.show()
    await window.build_all()
    window.resize(LEAST)
    for slot, _ in window.slots:
        window.show_page(slot.name)
        page = window.page(slot.name)
        await until(lambda page=page: _beyond(page) == [])


def _beyond(page: QWidget) -> list[str]:
    inner, room = page.widget(), page.viewport().width()
    buttons = [one for one in inner.findChildren(QPushButton) if one.isVisible()]
    return [
        button.text()
        for button in buttons
        if button.mapTo(inner, QPoint(button.width(), 0)).x() > room
        or button.width() < button.minimumSizeHint().width()
    ]


def test_no_letter_stands_for_two_lines_of_the_german_menu(german: None) -> None:
    menu = [forms[0] for context, text, forms in messages() if context == Tray.__name__ and "&" in text]
    letters = Counter(QAction(text).text().split("&")[1][0].lower() for text in menu)
    assert len(menu) == 9
    assert max(letters.values()) == 1


async def test_the_choice_is_kept(assistant: PartAssistant, hotkeys: ListHotkeys, home: Paths) -> None:
    assert config.load(home).look.language == "system"
    window = SettingsWindow(assistant, hotkeys)  # type: ignore[arg-type]
    window.show()
    await window.build_all()
    row = window.rows["look.language"]
    assert "next start" in row.help
    box = row.control
    box.setCurrentIndex(box.findText("Deutsch"))
    box.activated.emit(box.currentIndex())
    await until(lambda: assistant.config.look.language == "de")
    assert config.load(home).look.language == "de"
