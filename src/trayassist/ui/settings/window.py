"""The settings window: every change is in force at once, and can be taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from trayassist.api import TrayassistError
from trayassist.ui.settings.change import Change, Key, SettingChanges
from trayassist.ui.settings.rows import SettingRow, SettingsPage, Spec, setting_row
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.lazy import LazyWidget
from trayassist.ui.widgets.sidebar import Sidebar
from trayassist.ui.widgets.theme import SPACE, Theme
from trayassist.ui.widgets.window import Window, centred_label, column, label, row

if TYPE_CHECKING:
    from trayassist.assistant import Assistant
    from trayassist.ui.hotkey import Hotkeys

HERE = "trayassist.ui.settings"
SIZE = QSize(980, 720)
LEAST = QSize(720, 520)


class SettingsWindow(Window):
    """All settings there are, found by words, changed at once. `changed(key, value)` follows each change.

    Pages are built when they are first shown, or all of them, one a turn of the loop, when something is looked for.
    """

    changed = Signal(object, object)
    first_steps_wanted = Signal(str)  # with the name of the step to begin with; "" is the first

    def __init__(self, assistant: Assistant, hotkeys: Hotkeys, theme: Theme | None = None) -> None:
        super().__init__(assistant, "settings", "", SIZE, theme)
        self.setMinimumSize(LEAST)
        self.setWindowTitle(self.tr("Settings"))
        self.setAccessibleName(self.windowTitle())
        self.hotkeys = hotkeys
        self.changes = SettingChanges(assistant, self)
        self.rows: dict[Key, SettingRow] = {}
        self._titles: dict[Key, str] = {}
        self._building: asyncio.Task[None] | None = None
        self.sidebar = Sidebar(self.theme, self.tr("Pages of settings"))
        self.search = QLineEdit()
        self._undone = label("", "muted", wrap=True)
        self._undo_button = QPushButton(self.tr("&Undo"))
        self.slots = _slots(self)
        for slot, icon in self.slots:
            self.sidebar.add(icon, slot.title, slot)
        self._nothing = centred_label("")
        self.sidebar.stack.addWidget(self._nothing)
        self._lay_out()
        self._connect()
        self.sidebar.setCurrentRow(0)
        self.search.setFocus()

    def page(self, name: str) -> SettingsPage:
        """Return a page by its name ("general", "models", "plugins", ...), built."""
        return next(slot for slot, _ in self.slots if slot.name == name).get()

    def show_page(self, name: str) -> None:
        """Show a page by its name."""
        self.search.clear()
        self.sidebar.setCurrentRow(next(at for at, (slot, _) in enumerate(self.slots) if slot.name == name))

    def add_models(self, files: Sequence[Path]) -> None:
        """Show the page of models, and ask there what these files are for."""
        self.show_page("models")
        self.run(self._add_models(files))

    async def _add_models(self, files: Sequence[Path]) -> None:
        slot = next(slot for slot, _ in self.slots if slot.name == "models")
        await slot.grow()
        page: Any = slot.get()  # its class imports this module
        page.adding.add(files)

    async def build_all(self) -> None:
        """Build the pages that are not built yet, a step a turn of the loop."""
        for slot, _ in self.slots:
            await slot.grow()

    def undo(self) -> None:
        """Take the last change back; where a provider would ask another machine then, once that is confirmed."""
        if self.changes.last is not None:
            self.run(self._undo_now())

    def current_task(self) -> asyncio.Task[Any]:
        """Return the task that runs now, for a button that cancels it."""
        task = asyncio.current_task()
        assert task is not None
        return task

    def tell(self, text: str) -> None:
        """Say something at the foot of the window."""
        self._undone.setText(text)
        self._undo_button.hide()

    # ------------------------------------------------------------ rows

    def add_settings(self, page: SettingsPage, specs: list[Spec]) -> None:
        """Add rows for settings of app.yaml to a page."""
        for spec in specs:
            setting = setting_row(spec)
            self.bind(spec.key, spec.title, setting)
            page.add(setting)

    def bind(self, key: Key, title: str, setting: SettingRow) -> None:
        """Let a row show and change the setting `key`; `title` is its name when a change is told."""
        self.rows[key] = setting
        self._titles[key] = title
        setting.show_value(self.changes.value(key))
        setting.wanted.connect(lambda value: self.run(self._set(key, setting.to_value(value))))

    def name(self, key: Key, title: str) -> None:
        """Give a setting without a row of its own a name, for when a change is told."""
        self._titles[key] = title

    # ------------------------------------------------------------ changes

    async def _set(self, key: Key, value: Any) -> None:
        setting = self.rows[key]
        try:
            await self.changes.set(key, value)
        except TrayassistError as error:
            setting.say_error(str(error))
            setting.show_value(self.changes.value(key))
        else:
            setting.say_error("")

    async def _undo_now(self, confirmed: Change | None = None) -> None:
        change = await self.changes.undo(confirmed)
        if change is not None:
            self._undone.setText(tr("“{}” is as it was before.").format(self._title(change.key)))
            self._undo_button.setVisible(self.changes.last is not None)
        elif (last := self.changes.last) is not None and (asked := self.changes.question(last)):
            yes, no = tr("Switch on"), tr("Leave it off")
            self.notice.ask(asked, yes, lambda: self.run(self._undo_now(last)), no)

    def _took_over(self, key: Key, value: Any) -> None:
        if key == "look.theme":
            self.theme.set_mode(value)
        if key == "look.text_percent":
            self.theme.set_text(value)
        if key in self.rows:
            self.rows[key].show_value(value)
            self.rows[key].say_error("")
        self._undone.setText(tr("“{}” is changed. Ctrl+Z takes it back.").format(self._title(key)))
        self._undo_button.show()
        self.changed.emit(key, value)

    def follow_files(self) -> None:
        """Show the settings in force, after they were taken over from files that others wrote."""
        for key, setting in self.rows.items():
            setting.show_value(self.changes.value(key))
            setting.say_error("")
        self.changes.registry_changed.emit()
        self.changes.files_changed.emit()
        self._undone.setText(tr("Your settings files were changed, and are in force."))
        self._undo_button.setVisible(False)

    def _title(self, key: Key) -> str:
        return self._titles.get(key, key if isinstance(key, str) else ".".join(key))

    # ------------------------------------------------------------ search

    def _find(self, text: str) -> None:
        if text.strip() and self._building is None and any(slot.part is None for slot, _ in self.slots):
            self._building = self.run(self._build_and_find())
        searched = text.lower().split()
        found = [slot.look_for(searched) for slot, _ in self.slots]
        for at, count in enumerate(found):
            self.sidebar.item(at).setHidden(bool(searched) and not count)
        if searched and any(found) and not found[self.sidebar.currentRow()]:
            self.sidebar.setCurrentRow(next(at for at, count in enumerate(found) if count))
        self.tell("")
        nothing = bool(searched) and not any(found) and all(slot.part is not None for slot, _ in self.slots)
        if nothing:
            self._nothing.setText(tr("No setting is about “{}”.").format(text.strip()))
            self.sidebar.stack.setCurrentWidget(self._nothing)
        elif self.sidebar.stack.currentWidget() is self._nothing:
            self.sidebar.stack.setCurrentIndex(self.sidebar.currentRow())

    async def _build_and_find(self) -> None:
        await self.build_all()
        self._find(self.search.text())

    # ------------------------------------------------------------ the window

    def _connect(self) -> None:
        self.sidebar.currentRowChanged.connect(lambda at: self.run(self.slots[at][0].grow()) if at >= 0 else None)
        self.changes.changed.connect(self._took_over)
        self.search.textChanged.connect(self._find)
        self.search.returnPressed.connect(self.sidebar.setFocus)
        self._undo_button.clicked.connect(self.undo)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Undo), self, self.undo)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self, self._to_search)
        for at in range(len(self.slots)):
            QShortcut(QKeySequence(f"Alt+{at + 1}"), self, lambda at=at: self.sidebar.setCurrentRow(at))

    def _to_search(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

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
        line = row(self._undone, self._undo_button)
        line.setStretch(0, 1)
        line.setContentsMargins(SPACE[5], SPACE[1], SPACE[5], SPACE[2])
        foot.setLayout(line)
        foot.setMinimumHeight(36)
        content = QWidget()
        parts = column(self.notice, self.sidebar.stack, foot, spacing=0)
        parts.setStretch(1, 1)
        content.setLayout(parts)
        self.setLayout(row(side, content, spacing=0))


class PageSlot(LazyWidget[SettingsPage]):
    """The place of a page, by its `name` (for code) and `title` (for people): opening the window costs one page."""

    def __init__(self, name: str, title: str, where: str, window: SettingsWindow) -> None:
        module, maker = f"{HERE}.{where.split(':')[0]}", where.split(":")[1]

        def build() -> SettingsPage:
            page = getattr(import_module(module), maker)(window)
            assert isinstance(page, SettingsPage)
            return page

        super().__init__(build, module, SettingsPage.step)
        self.name, self.title = name, title

    def look_for(self, words: Sequence[str]) -> int:
        """Show what is about all of `words` and return how much that is; 0 while the page is not built."""
        return self.part.look_for(words) if self.part is not None else 0


def _slots(window: SettingsWindow) -> list[tuple[PageSlot, str]]:
    """Return the places of the pages in the order of the sidebar, each with its icon."""
    table = (
        ("general", tr("General"), "settings", "general:general"),
        ("models", tr("Models"), "chip", "models:ModelsPage"),
        ("adapters", tr("Adapters"), "layers", "adapters:AdaptersPage"),
        ("providers", tr("Providers"), "key", "providers:ProvidersPage"),
        ("memory", tr("Memory"), "memory", "general:memory"),
        ("plugins", tr("Plugins"), "plus", "plugins:PluginsPage"),
        ("privacy", tr("Privacy"), "lock", "general:privacy"),
        ("about", tr("About"), "page", "about:AboutPage"),
    )
    return [(PageSlot(name, title, where, window), icon) for name, title, icon, where in table]
