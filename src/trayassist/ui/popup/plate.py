"""The popup's plate: a rounded surface with a border, and a soft shadow where it shows."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from trayassist.ui.theme import RADIUS


def painted(
    size: QSize, ratio: float, plate: QRectF, shadow: int, surface: str, border: str, border_width: int
) -> QPixmap:
    """Return a picture of `size` (logical pixels, `ratio` device pixels each) with the plate in it."""
    picture = QPixmap(size * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    for step in range(shadow, 0, -2):
        painter.setBrush(QColor(0, 0, 0, 5))
        painter.drawRoundedRect(plate.adjusted(-step, 2 - step, step, 2 + step), RADIUS + step, RADIUS + step)
    painter.setBrush(QColor(surface))
    painter.setPen(QPen(QColor(border), border_width))
    half = border_width / 2
    painter.drawRoundedRect(plate.adjusted(half, half, -half, -half), RADIUS, RADIUS)
    painter.end()
    return picture
