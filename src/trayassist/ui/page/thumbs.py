"""Small pictures of the cited pages at the left of the page view."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem

from trayassist.api import Citation
from trayassist.ui.page.canvas import PAPER
from trayassist.ui.widgets.formats import tr

WIDTH, HEIGHT = 112, 146  # logical pixels of a picture
Key = tuple[str, int]


class Thumbs(QListWidget):
    """One entry a cited page, in the order of the citations; `chosen` carries the index of its first citation."""

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._first: list[tuple[Key, int]] = []
        self.setObjectName("thumbs")
        self.setAccessibleName(tr("Cited pages"))
        self.setViewMode(QListWidget.ViewMode.IconMode)
        self.setFlow(QListWidget.Flow.TopToBottom)
        self.setMovement(QListWidget.Movement.Static)
        self.setWrapping(False)
        self.setSpacing(2)
        self.setIconSize(QSize(WIDTH, HEIGHT))
        self.setFixedWidth(WIDTH + 44)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setWordWrap(False)
        self.currentRowChanged.connect(self._choose)

    def fill(self, citations: Sequence[Citation]) -> list[Key]:
        """List the cited pages, with empty paper first; return them as (path, page)."""
        self._first = []
        for index, citation in enumerate(citations):
            if (key := (citation.path, citation.page)) not in [known for known, _ in self._first]:
                self._first.append((key, index))
        self.blockSignals(True)
        self.clear()
        for (path, page), _ in self._first:
            name = Path(path).name
            text = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, WIDTH)
            item = QListWidgetItem(_empty(self.devicePixelRatioF()), f"{text}\n" + tr("p. {}").format(page))
            item.setToolTip(tr("{name}, page {page}").format(name=name, page=page))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, item.toolTip())
            item.setSizeHint(QSize(WIDTH + 24, HEIGHT + 2 * self.fontMetrics().lineSpacing() + 24))
            self.addItem(item)
        self.blockSignals(False)
        self.setVisible(len(self._first) > 1)  # a single page needs no list of pages
        return [key for key, _ in self._first]

    def show_picture(self, key: Key, image: QImage) -> None:
        """Put a drawn page in its place; a key that is not listed any more is ignored."""
        for row, (known, _) in enumerate(self._first):
            if known == key:
                self.item(row).setIcon(_icon(_draw_frame(image, self.devicePixelRatioF())))

    def follow(self, path: str, page: int) -> None:
        """Make the entry of this page the current one, if it is listed, without choosing it."""
        self.blockSignals(True)
        row = next((row for row, (key, _) in enumerate(self._first) if key == (path, page)), -1)
        self.setCurrentRow(row)
        if row >= 0:
            self.scrollToItem(self.item(row))
        self.blockSignals(False)
        self.viewport().update()

    def _choose(self, row: int) -> None:
        if 0 <= row < len(self._first):
            self.chosen.emit(self._first[row][1])


def _empty(ratio: float) -> QIcon:
    page = QPixmap(round(WIDTH * ratio), round(HEIGHT * ratio))
    page.setDevicePixelRatio(ratio)
    page.fill(QColor(PAPER))
    return _icon(page)


def _icon(pixmap: QPixmap) -> QIcon:
    """Return an icon that looks the same when it is selected: a page keeps its white."""
    icon = QIcon(pixmap)
    icon.addPixmap(pixmap, QIcon.Mode.Selected)
    return icon


def _draw_frame(image: QImage, ratio: float) -> QPixmap:
    """Return the picture fitted into the thumbnail with a hairline around it."""
    box = QSize(round(WIDTH * ratio), round(HEIGHT * ratio))
    small = QPixmap.fromImage(
        image.scaled(box, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
    )
    painter = QPainter(small)
    painter.setPen(QColor("#9aa1ad"))
    painter.drawRect(0, 0, small.width() - 1, small.height() - 1)
    painter.end()
    small.setDevicePixelRatio(ratio)
    return small
