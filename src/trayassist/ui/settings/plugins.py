"""The plugins page: what each plugin is, how it fares, its switch, and a form of the settings it declares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QCheckBox, QFrame, QVBoxLayout

from trayassist.api import Setting, TrayassistError
from trayassist.ui.settings import controls
from trayassist.ui.settings.rows import Findable, SettingRow, SettingsPage, control_row
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.local import local
from trayassist.ui.widgets.names import plugin_title, role_description, role_title
from trayassist.ui.widgets.theme import SPACE
from trayassist.ui.widgets.window import label, row

if TYPE_CHECKING:
    from trayassist.plugins.discovery import PluginInfo
    from trayassist.ui.settings.window import SettingsWindow


OURS = "trayassist"  # the distribution; the page About says its version


class PluginsPage(SettingsPage):
    """A card for each installed plugin."""

    def __init__(self, window: SettingsWindow) -> None:
        super().__init__(tr("Plugins"))
        self._window = window
        self.add(label(tr("A plugin that does not work is left out, and the reason stands here."), "muted", wrap=True))
        self.cards: dict[str, Card] = {}
        window.name("plugins.disabled", tr("Plugins"))
        window.changes.changed.connect(lambda key, _: self.fill() if str(key).startswith("plugins.") else None)
        window.changes.files_changed.connect(self.fill)
        self.fill()

    def fill(self) -> None:
        """Show the plugins as they are now; cards that are there already stay, with their focus."""
        infos = self._window.assistant.plugins.infos
        for name in [name for name in self.cards if name not in infos]:
            self.take_out(self.cards.pop(name))
        for info in infos.values():
            if info.name not in self.cards:
                self.cards[info.name] = card = Card(info.name, self._window)
                card.box.toggled.connect(lambda on, name=info.name: self._window.run(self._switch(name, on)))
                self.add(card)
            self.cards[info.name].show_info(info)

    async def _switch(self, name: str, on: bool) -> None:
        changes = self._window.changes
        off = set(changes.value("plugins.disabled")) - {name} | (set() if on else {name})
        self._window.tell(tr("Loading the plugins…"))
        try:
            await changes.set("plugins.disabled", tuple(sorted(off)))
        except TrayassistError:
            self.fill()
            raise


class Card(Findable):
    """One plugin; found by its name, what it provides and its settings."""

    def __init__(self, name: str, window: SettingsWindow) -> None:
        super().__init__(name)
        self._plugin, self._window = name, window
        self.box = QCheckBox(tr("On"))
        self.form: dict[str, SettingRow] = {}
        self._declared: tuple[Setting, ...] = ()
        self._about = label("", "small", wrap=True)
        self._state = label("", "danger", wrap=True)
        self.box.setAccessibleName(tr("Plugin {} is on").format(plugin_title(name)))
        frame = QFrame()
        frame.setProperty("look", "raised")
        self._inner = QVBoxLayout(frame)
        self._inner.setContentsMargins(SPACE[3], SPACE[2], SPACE[3], SPACE[2])
        self._inner.setSpacing(SPACE[1])
        self._inner.addLayout(row(label(plugin_title(name), "heading"), None, self.box))
        self._inner.addWidget(self._about)
        self._inner.addWidget(self._state)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, SPACE[2], 0, 0)
        outer.addWidget(frame)

    def show_info(self, info: PluginInfo) -> None:
        """Show how the plugin fares, and its form."""
        self.box.blockSignals(True)
        self.box.setChecked(info.state != "off")
        self.box.blockSignals(False)
        source = " ".join(part for part in (info.distribution, info.version) if part)
        provides = what_it_brings(info.provides)
        parts = (provides, "" if info.distribution == OURS else source)
        self._about.setText(" ".join(part for part in parts if part))
        self._about.setVisible(bool(self._about.text()))
        self._state.setVisible(info.state == "broken")
        self._state.setText(tr("Left out. {}").format(local(info.reason)))
        if info.state != "off" and info.settings != self._declared:
            self._make_form(info.settings)
        for line in self.form.values():
            line.setVisible(info.state != "off")
        named = [f"{setting.name} {local(setting.title)} {local(setting.help)}" for setting in self._declared]
        self.find_by(info.name, plugin_title(info.name), source, provides, info.state, info.reason, *named)

    def _make_form(self, declared: tuple[Setting, ...]) -> None:
        for line in self.form.values():
            self._inner.removeWidget(line)
            line.deleteLater()
        self._declared = declared
        self.form = {setting.name: self._row(setting) for setting in declared}
        for line in self.form.values():
            self._inner.addWidget(line)

    def _row(self, setting: Setting) -> SettingRow:
        """Return the form's row. What is set nowhere, or wrongly, shows the default; the latter with what is wrong."""
        key = f"plugins.settings.{self._plugin}.{setting.name}"
        title = local(setting.title)
        line = control_row(title, controls.of_plugin(setting), local(setting.help))
        name = tr("{plugin}: {setting}").format(plugin=plugin_title(self._plugin), setting=title)
        line.control.setAccessibleName(name)
        show = line.show_value
        line.show_value = lambda value: show(setting.default if _wrong(setting, value) else value)
        self._window.bind(key, name, line)
        value = self._window.changes.value(key)
        if value is not None and (problem := setting.problem(value)):
            line.say_error(problem)
        return line


def what_it_brings(provides: Sequence[str]) -> str:
    """Return what a plugin brings, such as “role persona”, as people say it."""
    by_kind: dict[str, list[str]] = {}
    for line in provides:
        kind, _, name = line.partition(" ")
        by_kind.setdefault(kind, []).append(name)
    parts = [role_description(role, tr("Answers as {}.").format(role_title(role))) for role in by_kind.get("role", ())]
    if readers := by_kind.get("ingestor"):
        kinds = {
            "image": tr("pictures"),
            "text": tr("text"),
            "markdown": "Markdown",
            "html": tr("web pages"),
            "pdf": "PDF",
        }
        parts.append(tr("Reads files: {}.").format(", ".join(kinds.get(name, name) for name in readers)))
    if "inspector" in by_kind:
        parts.append(role_description("watchdog"))
    if tools := by_kind.get("tool"):
        parts.append(tr("Gives answers tools: {}.").format(", ".join(tools)))
    if jobs := by_kind.get("job"):
        parts.append(tr("Works in the background: {}.").format(", ".join(jobs)))
    return " ".join(parts)


def _wrong(setting: Setting, value: Any) -> bool:
    return value is None or bool(setting.problem(value))
