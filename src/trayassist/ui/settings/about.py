"""The page About: what this program is, the licences of its libraries and of the models, and where things are."""

from __future__ import annotations

import asyncio
import platform
from importlib import metadata
from typing import TYPE_CHECKING

from PySide6.QtCore import qVersion
from PySide6.QtWidgets import QPushButton

from trayassist import __version__
from trayassist.models.registry.schema import Registry
from trayassist.ui.settings.general import folder_row
from trayassist.ui.settings.rows import SettingRow, SettingsPage, text_row
from trayassist.ui.widgets.formats import tr

if TYPE_CHECKING:
    from trayassist.ui.settings.window import SettingsWindow

SOURCE = "https://github.com/trayassist/trayassist"


class AboutPage(SettingsPage):
    """Version, licences, folders. The models' licences follow the registry."""

    def __init__(self, window: SettingsWindow) -> None:
        super().__init__(tr("About"))
        self._window = window
        for title, text in _lines():
            self.add(text_row(title, text))
        paths = window.assistant.paths
        again = QPushButton(tr("&Run the first steps again"))
        again.clicked.connect(lambda: window.first_steps_wanted.emit(""))
        help_text = tr("Hotkey, documents, models and a first question. Nothing that you have is changed or lost.")
        self.add(text_row(tr("First steps"), help_text, again))
        self.heading(tr("Folders"))
        self.add(folder_row(tr("Your data"), paths.data))
        self.add(folder_row(tr("Models"), paths.models))
        self.add(folder_row(tr("Your settings"), paths.config))
        self.heading(tr("Licences"))
        self._models: list[SettingRow] = []
        self.fill_models()
        window.changes.registry_changed.connect(self.fill_models)
        window.run(self._list_libraries())

    def fill_models(self) -> None:
        """Show the licence of every model in the registry; one that is not known is amber."""
        for row in self._models:
            self.take_out(row)
        self._models = [_licence_row(name, licence) for name, licence in licences(self._window.assistant.registry)]
        for row in self._models:
            self.add(row)

    async def _list_libraries(self) -> None:
        self.add(text_row(tr("Libraries"), await asyncio.to_thread(libraries)))


def licences(registry: Registry) -> list[tuple[str, str]]:
    """Return each model of the registry with its licence, "" where nobody wrote one down."""
    return [(name, model.license) for name, model in registry.models.items() if model.provider != "mock"]


def _licence_row(name: str, licence: str) -> SettingRow:
    row = text_row(tr("Model {}").format(name), licence or tr("Not known"))
    if not licence:
        row.control.setProperty("look", "amber")
        row.say_help(tr("Read its licence where you got it, and write it under “license:” of the model."))
    return row


def _lines() -> tuple[tuple[str, str], ...]:
    return (
        (tr("Version"), tr("trayassist {version}, Python {python}, Qt {qt}").format(
            version=__version__, python=platform.python_version(), qt=qVersion())),
        (tr("Licence"), tr("GNU Affero General Public License, version 3 or later (AGPL-3.0-or-later). You may use, "
                           "study, share and change it; changed versions must come with their source.")),
        (tr("Source"), SOURCE),
    )  # fmt: skip


def libraries() -> str:
    """Return the libraries in use with version and licence, a line each. Reads many files: call it in a thread."""
    lines = []
    for requirement in metadata.requires("trayassist") or ():
        name = requirement.split(";")[0].split(">")[0].split("=")[0].split("<")[0].strip()
        try:
            found = metadata.metadata(name)
        except metadata.PackageNotFoundError:
            continue  # it belongs to another platform
        lines.append(f"{name} {found['Version']}: {_licence(found)}")
    return "\n".join(sorted(lines))


def _licence(found: metadata.PackageMetadata) -> str:
    if expression := found.get("License-Expression"):
        return str(expression)
    classifiers = [line for line in found.get_all("Classifier") or () if line.startswith("License ::")]
    if classifiers:
        return ", ".join(line.rsplit(" :: ", 1)[-1] for line in classifiers)
    first = str(found.get("License") or "").strip().splitlines()
    return first[0][:80] if first else tr("see its own files")
