"""The theme: contrast is computed, changes reach all windows at once, icons exist and are ours."""

from __future__ import annotations

import gc
import re
from dataclasses import asdict

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from trayassist.paths import shipped_file
from trayassist.ui.widgets.colors import DARK, LIGHT, READABLE, Colors, contrast, readable
from trayassist.ui.widgets.theme import Theme

ON = {
    "text": ("surface", "raised", "hover", "selection", "code", "amber_soft", "danger_soft"),
    "muted": ("surface", "raised", "hover", "selection", "code"),
    "accent": ("surface", "raised", "hover"),
    "on_accent": ("accent",),
    "amber": ("surface", "amber_soft"),
    "danger": ("surface", "raised", "danger_soft"),
    "good": ("surface", "raised"),
    **dict.fromkeys(("keyword", "string", "number", "name", "comment"), ("code",)),
}


@pytest.mark.parametrize("colors", [LIGHT, DARK])
def test_all_text_can_be_read(colors: Colors) -> None:
    """UI: contrast at least 4.5:1 in both themes, code colours included."""
    values = asdict(colors)
    poor = {
        (text, ground): round(contrast(values[text], values[ground]), 2)
        for text, grounds in ON.items()
        for ground in grounds
        if contrast(values[text], values[ground]) < READABLE
    }
    assert poor == {}


@pytest.mark.parametrize("colors", [LIGHT, DARK])
def test_the_dot_of_medium_risk_can_be_seen(colors: Colors) -> None:
    assert contrast(colors.amber_dot, colors.surface) >= 3


def test_contrast_is_the_one_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("accent", ["#ffff00", "#308cc6", "#000000", "#ffffff", "#ff8800"])
@pytest.mark.parametrize("colors", [LIGHT, DARK])
def test_any_system_accent_becomes_readable(accent: str, colors: Colors) -> None:
    result = readable(accent, colors.surface, colors.raised)
    assert min(contrast(result, colors.surface), contrast(result, colors.raised)) >= READABLE


def test_a_change_of_mode_reaches_windows_and_icons_at_once(qapp: QApplication) -> None:
    theme = Theme("light")
    window = QWidget()
    button = QPushButton(window)
    theme.dress(window)
    theme.show_icon(button, "copy")
    before = button.icon().pixmap(16, 16).toImage()
    told: list[bool] = []
    theme.changed.connect(lambda: told.append(theme.dark))
    theme.set_mode("dark")
    assert told == [True]
    assert window.palette().color(QPalette.ColorRole.Window) == QColor(DARK.surface)
    assert DARK.surface in window.styleSheet()
    assert button.icon().pixmap(16, 16).toImage() != before
    theme.set_mode("dark")
    assert told == [True]


def test_system_follows_the_desktop(qapp: QApplication) -> None:
    theme = Theme("system")
    hints = QGuiApplication.styleHints()
    try:
        hints.setColorScheme(Qt.ColorScheme.Dark)
        if hints.colorScheme() != Qt.ColorScheme.Dark:
            pytest.skip("this platform has no colour scheme")
        assert theme.dark
    finally:
        hints.unsetColorScheme()


def test_deleted_widgets_are_forgotten(qapp: QApplication) -> None:
    theme = Theme("light")
    for _ in range(20):
        theme.dress(QWidget())
    gc.collect()
    theme.set_mode("dark")
    assert theme._followers == []


def test_icons_take_the_colour_of_the_theme(qapp: QApplication) -> None:
    theme = Theme("light")
    icons = sorted(shipped_file("resources/icons").glob("*.svg"))
    single = [icon for icon in icons if "currentColor" in icon.read_text() and "#" not in icon.read_text()]
    assert len(single) > 20
    for icon in single:
        image = theme.pixmap(icon.stem, 24, "accent").toImage()
        points = [image.pixelColor(x, y) for x in range(24) for y in range(24)]
        assert {point.name() for point in points if point.alpha() == 255} <= {LIGHT.accent}, icon.name


def test_every_colour_of_the_style_sheet_is_known(qapp: QApplication) -> None:
    names = set(re.findall(r"\$(\w+)", shipped_file("resources/style/base.qss").read_text()))
    assert names <= {*asdict(LIGHT), "px_small", "px_body", "px_input", "px_title"}
    assert "$" not in Theme("light").sheet()
