"""Which pages the settings window has, in the order of its sidebar. Each is imported and built when first shown."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from trayassist.ui.settings.rows import Page
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.slot import Slot

if TYPE_CHECKING:
    from trayassist.ui.settings.window import SettingsWindow

HERE = "trayassist.ui.settings"


def slots(window: SettingsWindow) -> list[tuple[Slot, str]]:
    """Return the places of the pages, each with its icon."""
    table = (
        ("general", tr("General"), "settings", f"{HERE}.general:general"),
        ("models", tr("Models and roles"), "chip", f"{HERE}.models:ModelsPage"),
        ("adapters", tr("Adapters"), "layers", f"{HERE}.adapters:AdaptersPage"),
        ("providers", tr("Providers"), "key", f"{HERE}.providers:ProvidersPage"),
        ("memory", tr("Memory"), "memory", f"{HERE}.general:memory"),
        ("plugins", tr("Plugins"), "plus", f"{HERE}.plugins:PluginsPage"),
        ("privacy", tr("Privacy"), "lock", f"{HERE}.general:privacy"),
        ("about", tr("About"), "page", f"{HERE}.about:AboutPage"),
    )
    return [
        (Slot(name, title, where.split(":")[0], _builder(where, window)), icon) for name, title, icon, where in table
    ]


def _builder(where: str, window: SettingsWindow) -> Callable[[], Page]:
    def build() -> Page:
        module, name = where.split(":")
        page = getattr(import_module(module), name)(window)
        assert isinstance(page, Page)
        return page

    return build
