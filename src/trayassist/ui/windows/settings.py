"""The settings window: every change is in force at once, and can be taken back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from trayassist.api import TrayassistError
from trayassist.ui import open_outside
from trayassist.ui.theme import SPACE, Theme
from trayassist.ui.windows import settings_pages as pages
from trayassist.ui.windows import words
from trayassist.ui.windows.base import Window, column, label, row
from trayassist.ui.windows.settings_change import Changes
from trayassist.ui.windows.settings_hotkey import HotkeyRow
from trayassist.ui.windows.settings_plugins import PluginsPage
from trayassist.ui.windows.settings_rows import Page, Row, Spec, setting_row
from trayassist.ui.windows.sidebar import Sidebar
from trayassist.ui.windows.words import tr

if TYPE_CHECKING:
    from trayassist.assistant import Assistant
    from trayassist.ui.hotkey import Hotkeys

SIZE = QSize(920, 680)


class SettingsWindow(Window):
    """All settings there are, found by words, changed at once. `changed(key, value)` follows each change."""

    changed = Signal(str, object)

    def __init__(self, assistant: Assistant, hotkeys: Hotkeys, theme: Theme | None = None) -> None:
        super().__init__(assistant, "settings", "", SIZE, theme)
        self.setWindowTitle(self.tr("Settings"))
        self.setAccessibleName(self.windowTitle())
        self.changes = Changes(assistant, self)
        self.rows: dict[str, Row] = {}
        self._titles: dict[str, str] = {"plugins.disabled": tr("Plugins")}
        self.sidebar = Sidebar(self.theme, self.tr("Pages of settings"))
        self.search = QLineEdit()
        self._undone = label("", "muted")
        self._undo_button = QPushButton(self.tr("&Undo"))
        self.hotkey = HotkeyRow(assistant, hotkeys, self)
        self.plugins = PluginsPage(self._switch_plugin)
        self._make_pages()
        self._lay_out()
        self.changes.changed.connect(self._took_over)
        self.search.textChanged.connect(self._find)
        self._undo_button.clicked.connect(self.undo)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Undo), self, self.undo)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self, self.search.setFocus)
        self.show_values()
        self.sidebar.setCurrentRow(0)
        self.search.setFocus()

    def show_values(self) -> None:
        """Show the settings in force."""
        for key, setting in self.rows.items():
            setting.show_value(self.changes.value(key))
        self.plugins.fill(list(self.assistant.plugins.infos.values()))

    def undo(self) -> None:
        """Take the last change back."""
        if self.changes.last is not None:
            self.run(self._undo_now())

    # ------------------------------------------------------------ changes

    def _wanted(self, key: str, value: Any) -> None:
        self.run(self._set(key, value))

    async def _set(self, key: str, value: Any) -> None:
        setting = self.rows[key]
        try:
            await self.changes.set(key, value)
        except TrayassistError as error:
            setting.say_error(str(error))
        else:
            setting.say_error("")

    async def _undo_now(self) -> None:
        change = await self.changes.undo()
        if change is not None:
            self._undone.setText(tr("“{}” is as it was before.").format(self._titles.get(change.key, change.key)))
            self._undo_button.setVisible(self.changes.last is not None)

    def _took_over(self, key: str, value: Any) -> None:
        if key == "look.theme":
            self.theme.set_mode(value)
        if key in self.rows:
            self.rows[key].show_value(value)
            self.rows[key].say_error("")
        if key == "plugins.disabled":
            self.plugins.fill(list(self.assistant.plugins.infos.values()))
        if key.startswith("hotkey."):
            self.run(self.hotkey.follow())
        self._undone.setText(tr("“{}” is changed. Ctrl+Z takes it back.").format(self._titles.get(key, key)))
        self._undo_button.show()
        self.changed.emit(key, value)

    def _switch_plugin(self, name: str, on: bool) -> None:
        self.run(self._switch_now(name, on))

    async def _switch_now(self, name: str, on: bool) -> None:
        off = set(self.changes.value("plugins.disabled")) - {name} | (set() if on else {name})
        self._undone.setText(tr("Loading the plugins…"))
        try:
            await self.changes.set("plugins.disabled", tuple(sorted(off)))
        except TrayassistError:
            self.plugins.fill(list(self.assistant.plugins.infos.values()))
            raise

    # ------------------------------------------------------------ search

    def _find(self, text: str) -> None:
        searched = text.lower().split()
        found = [self._page(at).look_for(searched) for at in range(self.sidebar.count())]
        for at, count in enumerate(found):
            self.sidebar.item(at).setHidden(bool(searched) and not count)
        if searched and any(found) and not found[self.sidebar.currentRow()]:
            self.sidebar.setCurrentRow(next(at for at, count in enumerate(found) if count))
        if searched and not any(found):
            self._undone.setText(tr("No setting is about “{}”.").format(text.strip()))
        else:
            self._undone.setText("")
        self._undo_button.hide()

    def _page(self, at: int) -> Page:
        page = self.sidebar.stack.widget(at)
        assert isinstance(page, Page)
        return page

    # ------------------------------------------------------------ pages

    def _make_pages(self) -> None:
        general = Page(tr("General"))
        general.add(self.hotkey)
        self._add(general, [Spec("hotkey.enabled", tr("Hotkey on"))])
        self._add(general, pages.general())
        memory = Page(tr("Memory"))
        for heading, specs in pages.memory():
            memory.heading(heading)
            self._add(memory, specs)
        privacy = Page(tr("Privacy"))
        self._add(privacy, pages.privacy())
        self._add_data(privacy)
        about = pages.about()
        self.run(self._list_libraries(about))
        for icon, page in (
            ("settings", general), ("memory", memory), ("plus", self.plugins), ("lock", privacy), ("page", about),
        ):  # fmt: skip
            self.sidebar.add(icon, page.title, page)

    def _add(self, page: Page, specs: list[Spec]) -> None:
        for spec in specs:
            self.rows[spec.key] = setting = setting_row(spec)
            self._titles[spec.key] = spec.title
            setting.wanted.connect(lambda value, key=spec.key: self._wanted(key, value))
            page.add(setting)

    def _add_data(self, page: Page) -> None:
        forget = QPushButton(tr("&Forget the history…"))
        forget.setProperty("look", "danger")
        forget.clicked.connect(self._ask_to_forget)
        page.add(pages.text_row(tr("History"), tr("Removes every past question and answer from this machine."), forget))
        for title, folder in (
            (tr("Your data"), self.assistant.paths.data),
            (tr("Your settings"), self.assistant.paths.config),
        ):
            button = QPushButton(tr("Open folder"))
            button.clicked.connect(lambda _=False, folder=folder: open_outside.open_folder(folder))
            page.add(pages.text_row(title, str(folder), button))

    def _ask_to_forget(self) -> None:
        self.notice.ask(
            tr("Forget all past questions and answers? This cannot be undone."),
            tr("Forget"),
            lambda: self.run(self._forget_history()),
        )

    async def _forget_history(self) -> None:
        gone = await self.assistant.history.forget_all()
        self.assistant.audit.write("forgotten", turns=gone, everything=True)
        self.notice.say(words.count(gone, tr("{} question is forgotten."), tr("{} questions are forgotten.")))

    async def _list_libraries(self, about: Page) -> None:
        about.add(pages.text_row(tr("Libraries"), await asyncio.to_thread(pages.libraries)))

    def _lay_out(self) -> None:
        self.search.setPlaceholderText(self.tr("Find a setting"))
        self.search.setAccessibleName(self.search.placeholderText())
        self.search.setClearButtonEnabled(True)
        self._undo_button.setProperty("look", "link")
        self._undo_button.hide()
        side = QWidget()
        side.setObjectName("side")
        side.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        box = column(self.search, self.sidebar, spacing=2)
        box.setContentsMargins(SPACE[2], SPACE[2], SPACE[2], SPACE[2])
        side.setLayout(box)
        side.setFixedWidth(self.sidebar.width() + 2 * SPACE[2])
        foot = QWidget()
        line = row(self._undone, self._undo_button, None)
        line.setContentsMargins(SPACE[5], SPACE[1], SPACE[5], SPACE[2])
        foot.setLayout(line)
        foot.setMinimumHeight(36)
        content = QWidget()
        content.setLayout(column(self.notice, self.sidebar.stack, foot, spacing=0))
        self.setLayout(row(side, content, spacing=0))
