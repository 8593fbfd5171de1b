"""Rows of registry.yaml about memory and lanes: how much models may take, how long they stay, how many run at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from trayassist.models.registry.schema import Lanes, Residency
from trayassist.ui.settings import controls
from trayassist.ui.settings.controls import Field
from trayassist.ui.settings.rows import Page, Row, control_row
from trayassist.ui.widgets.formats import tr

if TYPE_CHECKING:
    from trayassist.ui.settings.window import SettingsWindow

MOST_GB = 4096


def memory_rows(window: SettingsWindow, page: Page) -> list[Callable[[], None]]:
    """Return what adds the rows to the page, a few at a time."""
    return [lambda: _budgets(window, page), lambda: _residency(window, page), lambda: _lanes(window, page)]


def _budgets(window: SettingsWindow, page: Page) -> None:
    for name, title in (("budget_gb", tr("Memory for models")), ("vram_budget_gb", tr("Graphics memory for models"))):
        info = Residency.model_fields[name]
        line = control_row(
            title, Field("number", 0.0, MOST_GB, "GB", unset=tr("automatic"), start=8), _help(info.description)
        )
        _automatic(line)
        _bind(window, page, ("residency", name), title, line)


def _residency(window: SettingsWindow, page: Page) -> None:
    plain = (
        ("headroom_gb", tr("Kept free"), "GB"),
        ("idle_unload_s", tr("Idle models leave after"), tr("s")),
        ("preload", tr("Load while you write"), ""),
        ("prewarm", tr("Read model files at start"), ""),
    )
    for name, title, unit in plain:
        info = Residency.model_fields[name]
        wanted = controls.of_model(info, unit=unit)
        wanted = replace(wanted, step=60) if unit == tr("s") else wanted
        _bind(window, page, ("residency", name), title, control_row(title, wanted, _help(info.description)))


def _lanes(window: SettingsWindow, page: Page) -> None:
    lanes = (
        ("heavy", tr("Long answers at once"), tr("More than one shares the same cores: each gets slower.")),
        ("light", tr("Short judgements at once"), ""),
    )
    for name, title, help_text in lanes:
        line = control_row(title, controls.of_model(Lanes.model_fields[name]), help_text)
        _bind(window, page, ("lanes", name), title, line)


def _bind(window: SettingsWindow, page: Page, key: tuple[str, ...], title: str, line: Row) -> None:
    window.bind(key, title, line)
    page.add(line)


def _automatic(line: Row) -> None:
    """Let "not set" stand for auto, in both directions."""
    show = line.show_value
    line.show_value = lambda value: show(None if value == "auto" else value)
    line.to_value = lambda value: "auto" if value is None else value


def _help(description: str | None) -> str:
    return tr(description).replace("auto = ", tr("Automatic: ")) if description else ""
