"""The popup's plate: a rounded surface with a border, and a soft shadow where it shows.

It is painted once, as small as its corners allow, and put together from nine parts at any size: an answer that grows
line by line changes the popup's size many times a second, and painting the shadow anew took 7 ms each time.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from trayassist.ui.widgets.theme import RADIUS

FALL = 2  # how far below the plate its shadow lies


def parts(ratio: float, shadow: int, surface: str, border: str, border_width: int) -> QPixmap:
    """Return the plate for `draw`: four corners, and between them one row and one column of device pixels.

    `ratio` is device pixels for each logical one, `shadow` how far the plate is from the picture's edge.
    """
    side = 2 * math.ceil((shadow + FALL + RADIUS + border_width) * ratio) + 1
    picture = QPixmap(side, side)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    plate = QRectF(0, 0, side / ratio, side / ratio).adjusted(shadow, shadow, -shadow, -shadow)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    for step in range(shadow, 0, -2):
        painter.setBrush(QColor(0, 0, 0, 5))
        painter.drawRoundedRect(plate.adjusted(-step, FALL - step, step, FALL + step), RADIUS + step, RADIUS + step)
    painter.setBrush(QColor(surface))
    painter.setPen(QPen(QColor(border), border_width))
    half = border_width / 2
    painter.drawRoundedRect(plate.adjusted(half, half, -half, -half), RADIUS, RADIUS)
    painter.end()
    return picture


def draw(painter: QPainter, picture: QPixmap, size: QSize) -> None:
    """Draw the plate of `parts` at `size` (logical pixels, at least the picture's), its middle stretched."""
    ratio = picture.devicePixelRatio()
    corner = picture.width() // 2

    def spans(length: int) -> list[tuple[float, float, float, float]]:
        """Return where each of three parts begins and how long it is, in the picture and in the popup."""
        whole = round(length * ratio)
        found = (
            (0, corner, 0, corner),
            (corner, 1, corner, whole - 2 * corner),
            (corner + 1, corner, whole - corner, corner),
        )
        return [(at, long, to / ratio, wide / ratio) for at, long, to, wide in found]

    for y, high, top, height in spans(size.height()):
        for x, wide, left, width in spans(size.width()):
            painter.drawPixmap(QRectF(left, top, width, height), picture, QRectF(x, y, wide, high))
