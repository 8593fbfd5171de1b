"""Colours, sizes and icons of every window, for light and dark, changed live.

A window calls `theme.dress(self)` once; widgets that show an icon call `theme.show_icon(button, "copy")`.
Both follow later changes of the theme by themselves.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import asdict
from functools import lru_cache
from string import Template
from typing import Literal

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontInfo,
    QGuiApplication,
    QIcon,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtWidgets import QAbstractButton, QWidget

from trayassist.paths import shipped_file
from trayassist.ui.widgets.colors import DARK, LIGHT, Colors, contrast, luminance, readable

Mode = Literal["system", "light", "dark"]
SPACE = (0, 4, 8, 12, 16, 24)  # the only distances between things, in logical pixels
RADIUS = 12


class Theme(QObject):
    """The look in force. `changed` is emitted after the mode or the system's colours changed."""

    changed = Signal()

    def __init__(self, mode: Mode = "system", parent: QObject | None = None, *, text_percent: int = 100) -> None:
        super().__init__(parent)
        self._mode: Mode = mode
        self.text_percent = text_percent
        self.colors = self._current()
        self._followers: list[Callable[[], bool]] = []  # return False when their widget is gone
        QGuiApplication.styleHints().colorSchemeChanged.connect(self.refresh)

    @property
    def mode(self) -> Mode:
        """What the user chose: system, light or dark."""
        return self._mode

    @property
    def dark(self) -> bool:
        return luminance(self.colors.surface) < 0.5

    def set_mode(self, mode: Mode) -> None:
        """Change to `mode` at once, in all windows."""
        self._mode = mode
        self.refresh()

    def set_text(self, percent: int) -> None:
        """Change the size of all text at once, in percent of the desktop's."""
        if percent != self.text_percent:
            self.text_percent = percent
            self._tell()

    def refresh(self) -> None:
        """Look at the system's colours again; all windows follow when something changed."""
        colors = self._current()
        if colors == self.colors:
            return
        self.colors = colors
        self._tell()

    def _tell(self) -> None:
        self._followers = [follow for follow in self._followers if follow()]
        self.changed.emit()

    def dress(self, window: QWidget) -> None:
        """Give `window` the style sheet and palette, now and after each change of the theme."""

        def apply(widget: QWidget) -> None:
            widget.setPalette(self.palette())
            widget.setStyleSheet(self.sheet())

        self._follow(window, apply)

    def show_icon(self, button: QAbstractButton, name: str, color: str = "muted") -> None:
        """Show the icon `name` on `button` in a colour of the theme, now and after each change."""
        button.setProperty("icon_name", name)
        if button.property("icon_color") is not None:
            button.setProperty("icon_color", color)
            button.setIcon(self.icon(name, color))
            return
        button.setProperty("icon_color", color)
        self._follow(
            button,
            lambda widget: widget.setIcon(self.icon(widget.property("icon_name"), widget.property("icon_color"))),
        )

    def icon(self, name: str, color: str = "text") -> QIcon:
        """Return the icon `resources/icons/<name>.svg` drawn in a colour of the theme, sharp at every scale."""
        normal, disabled = getattr(self.colors, color), self.colors.border
        icon = QIcon()
        for size in (16, 20, 32, 48):
            icon.addPixmap(_draw(name, normal, size), QIcon.Mode.Normal)
            icon.addPixmap(_draw(name, disabled, size), QIcon.Mode.Disabled)
        return icon

    def pixmap(self, name: str, size: int, color: str, ratio: float = 1.0) -> QPixmap:
        """Return the icon as a pixmap of `size` logical pixels on a screen with this pixel ratio."""
        pixmap = _draw(name, getattr(self.colors, color), round(size * ratio)).copy()
        pixmap.setDevicePixelRatio(ratio)
        return pixmap

    def font_px(self, step: Literal["small", "body", "input", "title"]) -> int:
        """Return a text size in logical pixels; all follow the size the user set for the desktop."""
        base = max(12, QFontInfo(QGuiApplication.font()).pixelSize()) * self.text_percent / 100
        return round(base * {"small": 1.0, "body": 1.25, "input": 1.34, "title": 1.67}[step])

    def code_font(self) -> QFont:
        """Return the desktop's fixed-width font in a size that sits well beside body text."""
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPixelSize(round(self.font_px("body") * 0.9))
        return font

    @property
    def reduced_motion(self) -> bool:
        """Whether the user asked the desktop for less movement (False where the desktop does not say)."""
        hints = QGuiApplication.styleHints()
        preference = getattr(getattr(hints, "accessibility", lambda: None)(), "motionPreference", None)
        return preference is not None and "educed" in str(preference())

    def palette(self) -> QPalette:
        """Return the theme as a Qt palette, for what style sheets do not reach."""
        c, palette = self.colors, QPalette()
        roles = QPalette.ColorRole
        for role, color in (
            (roles.Window, c.surface),
            (roles.Base, c.surface),
            (roles.AlternateBase, c.raised),
            (roles.Button, c.raised),
            (roles.ToolTipBase, c.raised),
            (roles.WindowText, c.text),
            (roles.Text, c.text),
            (roles.ButtonText, c.text),
            (roles.ToolTipText, c.text),
            (roles.PlaceholderText, c.muted),
            (roles.Link, c.accent),
            (roles.LinkVisited, c.accent),
            (roles.Highlight, c.selection),
            (roles.HighlightedText, c.text),
            (roles.Accent, c.accent),
            (roles.Mid, c.border),
        ):
            palette.setColor(role, QColor(color))
        return palette

    def sheet(self) -> str:
        """Return the style sheet of all windows with the theme's colours and sizes."""
        sizes = {f"px_{step}": f"{self.font_px(step)}px" for step in ("small", "body", "input", "title")}
        return Template(_sheet_source()).substitute(asdict(self.colors), **sizes)

    def _current(self) -> Colors:
        dark = self._mode == "dark" or (self._mode == "system" and _system_is_dark())
        colors = DARK if dark else LIGHT
        if self._mode != "system":
            return colors
        accent = readable(QGuiApplication.palette().color(QPalette.ColorRole.Accent).name(), *_grounds(colors))
        on_accent = max(("#ffffff", "#12141a"), key=lambda text: contrast(text, accent))
        return Colors(**{**asdict(colors), "accent": accent, "on_accent": on_accent})

    def _follow[W: QWidget](self, widget: W, apply: Callable[[W], object]) -> None:
        alive = weakref.ref(widget)

        def follow() -> bool:
            target = alive()
            if target is None:
                return False
            try:
                apply(target)
            except RuntimeError:  # Qt deleted the widget, Python still holds its shell
                return False
            return True

        follow()
        self._followers.append(follow)


def _grounds(colors: Colors) -> tuple[str, ...]:
    return colors.surface, colors.raised, colors.hover


def _system_is_dark() -> bool:
    scheme = QGuiApplication.styleHints().colorScheme()
    if scheme != Qt.ColorScheme.Unknown:
        return scheme == Qt.ColorScheme.Dark
    return QGuiApplication.palette().color(QPalette.ColorRole.Window).lightness() < 128


@lru_cache(maxsize=1)
def _sheet_source() -> str:
    return shipped_file("resources/style/base.qss").read_text(encoding="utf-8")


@lru_cache(maxsize=64)
def _svg(name: str) -> str:
    return shipped_file(f"resources/icons/{name}.svg").read_text(encoding="utf-8")


@lru_cache(maxsize=512)
def _draw(name: str, color: str, size: int) -> QPixmap:
    from PySide6.QtSvg import QSvgRenderer  # late: the tray icon is painted before any window needs an icon

    pixmap = QPixmap(QSize(size, size))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(_svg(name).replace("currentColor", color).encode())).render(
        painter, QRectF(0, 0, size, size)
    )
    painter.end()
    return pixmap
