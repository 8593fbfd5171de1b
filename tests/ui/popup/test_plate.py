"""The popup's plate at any size, from nine parts of one small picture."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from trayassist.ui.popup.frame import draw_plate, plate_picture

SURFACE, BORDER, SHADOW = "#fafafa", "#334455", 18


def draw(size: QSize, ratio: float, shadow: int = SHADOW) -> QImage:
    image = QImage(size * ratio, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    draw_plate(painter, plate_picture(ratio, shadow, SURFACE, BORDER, 2), size)
    painter.end()
    return image


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0, 3.0])
@pytest.mark.parametrize("shadow", [0, SHADOW])
def test_border_and_surface_are_where_they_belong_and_no_seam_shows(
    qapp: QApplication, ratio: float, shadow: int
) -> None:
    image = draw(QSize(640, 400), ratio, shadow)
    width, height = image.width(), image.height()
    edge = round((shadow + 1) * ratio)  # the middle of a border of two pixels
    for x, y in (
        (width // 2, edge),
        (width // 2, height - 1 - edge),
        (edge, height // 2),
        (width - 1 - edge, height // 2),
    ):
        assert image.pixelColor(x, y) == QColor(BORDER), (x, y)
    inside = range(round((shadow + 4) * ratio), width - round((shadow + 4) * ratio))
    assert {image.pixel(x, height // 2) for x in inside} == {QColor(SURFACE).rgb()}
    corners = range(round(45 * ratio), width - round(45 * ratio))
    for y in range(0, height, 7):
        assert len({image.pixel(x, y) for x in corners}) == 1, f"a seam in row {y}"


def test_the_shadow_falls_off_to_the_picture_s_edge_and_lies_lower_than_the_plate(qapp: QApplication) -> None:
    image = draw(QSize(640, 400), 1.0)
    left = [image.pixelColor(x, 200).alpha() for x in range(SHADOW)]
    assert left == sorted(left)
    assert left[0] < 10 < left[-1]
    assert image.pixelColor(320, 399 - 8).alpha() > image.pixelColor(320, 8).alpha()
    assert image.pixelColor(0, 0).alpha() == 0
