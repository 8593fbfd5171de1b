"""Which pages the settings window has, in the order of its sidebar. Each is imported and built when first shown."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from trayassist.ui.windows.settings_rows import Page
from trayassist.ui.windows.settings_slot import Slot
from trayassist.ui.windows.words import tr

if TYPE_CHECKING:
    from trayassist.ui.windows.settings import SettingsWindow

HERE = "trayassist.ui.windows"


def slots(window: SettingsWindow) -> list[tuple[Slot, str]]:
    """Return the places of the pages, each with its icon."""
    table = (
        ("general", tr("General"), "settings", f"{HERE}.settings_general:general"),
        ("models", tr("Models and roles"), "chip", f"{HERE}.settings_models:ModelsPage"),
        ("adapters", tr("Adapters"), "layers", f"{HERE}.settings_adapters:AdaptersPage"),
        ("providers", tr("Providers"), "key", f"{HERE}.settings_providers:ProvidersPage"),
        ("memory", tr("Memory"), "memory", f"{HERE}.settings_general:memory"),
        ("plugins", tr("Plugins"), "plus", f"{HERE}.settings_plugins:PluginsPage"),
        ("privacy", tr("Privacy"), "lock", f"{HERE}.settings_general:privacy"),
        ("about", tr("About"), "page", f"{HERE}.settings_about:AboutPage"),
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
