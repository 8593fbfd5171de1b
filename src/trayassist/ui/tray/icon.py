"""The tray icon in each of its states, drawn from SVG in a colour that shows on the panel."""

from __future__ import annotations

import math
from enum import StrEnum
from functools import lru_cache

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from trayassist.paths import shipped

SIZES = (16, 22, 24, 32, 48, 64)  # what trays ask for; at twice the scale up to 128, drawn by scaling 64
LIGHT, DARK = "#f4f5f7", "#202226"
CENTRE, RADIUS = 12.0, 9.0  # of the ring in tray-indexing.svg


class State(StrEnum):
    """What the icon says; the value is the name of its SVG file."""

    IDLE = "tray"
    THINKING = "tray-thinking"
    INDEXING = "tray-indexing"
    ATTENTION = "tray-attention"
    WARNING = "tray-warning"


def draw(state: State, *, on_dark: bool, progress: float = 0.0) -> QIcon:
    """Return the icon for a dark or light panel; `progress` (0..1) is the filled part of the indexing ring."""
    source = _source(state).replace("currentColor", LIGHT if on_dark else DARK)
    renderer = QSvgRenderer(QByteArray(source.replace("$arc", ring(progress)).encode()))
    icon = QIcon()
    for size in SIZES:
        pixmap = QPixmap(size, size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter, QRectF(0, 0, size, size))
        painter.end()
        icon.addPixmap(pixmap)
    return icon


def ring(progress: float) -> str:
    """Return the SVG path of the filled part of the ring, clockwise from the top."""
    part = min(max(progress, 0.0), 0.9999)  # a whole turn would end where it began and draw nothing
    x, y = (CENTRE + RADIUS * math.sin(math.tau * part), CENTRE - RADIUS * math.cos(math.tau * part))
    return f"M{CENTRE} {CENTRE - RADIUS}A{RADIUS} {RADIUS} 0 {int(part > 0.5)} 1 {x:.3f} {y:.3f}"


def panel_is_dark(icon: QRect) -> bool:
    """Return whether the panel is dark: seen in the corners of the icon, which are clear, else the desktop's scheme."""
    screen = QGuiApplication.screenAt(icon.center()) if icon.isValid() else None
    if screen is not None and QGuiApplication.platformName() == "xcb":
        place = icon.translated(-screen.geometry().topLeft())
        seen = screen.grabWindow(0, place.x(), place.y(), place.width(), place.height()).toImage()
        if not seen.isNull():
            right, bottom = seen.width() - 1, seen.height() - 1
            corners = [QPoint(0, 0), QPoint(right, 0), QPoint(0, bottom), QPoint(right, bottom)]
            return sum(seen.pixelColor(corner).lightness() for corner in corners) < 4 * 128
    return QGuiApplication.styleHints().colorScheme() != Qt.ColorScheme.Light


@lru_cache(maxsize=8)
def _source(state: State) -> str:
    return shipped(f"resources/icons/{state}.svg").read_text(encoding="utf-8")
