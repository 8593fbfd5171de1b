"""Dropping files on the tray icon.

QSystemTrayIcon takes no drops, so while files are dragged a window lies exactly over the icon and takes
them; it is gone before and after, so that clicks stay the tray's own. Where the tray does not say where
its icon is, a shelf near the panel's corner takes its place.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QCursor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFontMetrics,
    QGuiApplication,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QScreen,
)
from PySide6.QtWidgets import QWidget

from trayassist.ui.tray.tray import Tray
from trayassist.ui.tray.x11 import XConnection, XdndWatch
from trayassist.ui.widgets.theme import RADIUS, SPACE, Theme
from trayassist.ui.widgets.window import local_files

FLAGS = (
    Qt.WindowType.FramelessWindowHint
    | Qt.WindowType.Tool
    | Qt.WindowType.WindowStaysOnTopHint
    | Qt.WindowType.BypassWindowManagerHint
    | Qt.WindowType.WindowDoesNotAcceptFocus
)
SHELF_ICON = 28


class DropWindow(QWidget):
    """A window that takes files and never the focus. `dropped` carries a list of Path."""

    dropped = Signal(list)

    def __init__(self, theme: Theme) -> None:
        super().__init__(None, FLAGS)
        self.theme = theme
        self.hovered = False
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files, light up; leave all else alone."""
        if not local_files(event.mimeData()):
            event.ignore()
            return
        self._hover(True)
        self._copy(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Go on taking what was taken on entering."""
        self._copy(event)

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        """Go dark again."""
        self._hover(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand the files on."""
        self._hover(False)
        self._copy(event)
        if files := local_files(event.mimeData()):
            self.dropped.emit(files)

    def _copy(self, event: QDropEvent) -> None:
        event.setDropAction(Qt.DropAction.CopyAction)  # never Move: a file manager would delete its file
        event.accept()

    def _hover(self, hovered: bool) -> None:
        self.hovered = hovered
        self.update()


class Overlay(DropWindow):
    """Lies over the tray icon and looks like it, with a frame in the accent colour that fills on hover."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._below = QPixmap()
        self.setAccessibleName(self.tr("Drop files here to remember them"))

    def cover(self, place: QRect) -> None:
        """Show over `place` (logical pixels)."""
        screen = QGuiApplication.screenAt(place.center()) or QGuiApplication.primaryScreen()
        local = place.translated(-screen.geometry().topLeft())
        # Without a compositor nothing shows through a window: what lies below is painted.
        self._below = screen.grabWindow(0, local.x(), local.y(), local.width(), local.height())
        self.setGeometry(place)
        self.show()
        self.raise_()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint what lies below, and the frame over it."""
        painter = QPainter(self)
        painter.drawPixmap(self.rect(), self._below)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        accent = QColor(self.theme.colors.accent)
        if self.hovered:
            fill = QColor(accent)
            fill.setAlphaF(0.45)
            painter.setBrush(fill)
        painter.setPen(QPen(accent, 2 if self.hovered else 1.5))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)


class Shelf(DropWindow):
    """A card near the corner of the screen where trays are."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.text = self.tr("Drop files here to remember them")
        self.setAccessibleName(self.text)

    def appear(self) -> None:
        """Show on the pointer's screen, in the corner that the panel's side suggests."""
        screen = QGuiApplication.screenAt(QCursor.pos()) or QGuiApplication.primaryScreen()
        self.setFont(QGuiApplication.font())
        text = QFontMetrics(self.font()).size(0, self.text)
        self.resize(QSize(text.width() + SHELF_ICON + 3 * SPACE[5], max(text.height(), SHELF_ICON) + 2 * SPACE[5]))
        self.move(_corner(screen, self.size()))
        self.show()
        self.raise_()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the card: an icon, a sentence, a dashed edge that fills on hover."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colors = self.theme.colors
        painter.fillRect(self.rect(), QColor(colors.selection if self.hovered else colors.surface))
        pen = QPen(QColor(colors.accent), 2)
        pen.setStyle(Qt.PenStyle.SolidLine if self.hovered else Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(6, 6, -6, -6), RADIUS / 2, RADIUS / 2)
        icon = self.theme.pixmap("file", SHELF_ICON, "accent", self.devicePixelRatioF())
        painter.drawPixmap(SPACE[5], (self.height() - SHELF_ICON) // 2, icon)
        painter.setPen(QColor(colors.text))
        place = self.rect().adjusted(2 * SPACE[5] + SHELF_ICON - SPACE[3], 0, -SPACE[4], 0)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text)


class TrayDrop(QObject):
    """Shows overlay or shelf while files are dragged. `dropped` carries a list of Path."""

    dropped = Signal(list)

    def __init__(self, connection: XConnection, tray: Tray, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tray = tray
        self.overlay, self.shelf = Overlay(theme), Shelf(theme)
        for window in (self.overlay, self.shelf):
            window.dropped.connect(self.dropped)
        self._watch = XdndWatch(connection, self)
        self._watch.started.connect(self._show)
        self._watch.ended.connect(self._hide)

    def _show(self) -> None:
        place = self._tray.geometry
        if self._tray.docked and place.width() > SPACE[1] and place.height() > SPACE[1]:
            self.overlay.cover(place)
        else:
            self.shelf.appear()

    def _hide(self) -> None:
        self.overlay.hide()
        self.shelf.hide()


def _corner(screen: QScreen, size: QSize) -> QPoint:
    """Return where a card of this size goes: right, and at the top where the panel is at the top."""
    free, whole = screen.availableGeometry(), screen.geometry()
    x = free.right() - size.width() - SPACE[4]
    panel_on_top = free.top() > whole.top() and free.bottom() == whole.bottom()
    return QPoint(x, free.top() + SPACE[4] if panel_on_top else free.bottom() - size.height() - SPACE[4])
