"""The popup as a window: frameless, rounded, on top, in the upper third of the pointer's screen."""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, QSettings, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QCursor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import QApplication, QWidget

from trayassist.ui.popup.protocols import DesktopActions
from trayassist.ui.widgets.theme import RADIUS, Theme
from trayassist.ui.widgets.window import local_files

WIDTH, NARROWEST = 640, 420
SHARE, SHARE_OF_LOW = 0.7, 0.92  # of the screen's height, at most; of a low screen's
LOW = 600  # logical pixels: a screen that is no higher has no room to spare
FROM_TOP = 0.16  # of the screen's height
EDGE = 6  # pixels at the border that resize
SHADOW = 18
RESIZED_MS = 500
ACTIVE_MS = 250  # after which a window that is shown has the focus
REFIT_MS, MOST_REFITS = 100, 3
BESIDE = 8  # between the popup, a window of ours beside it and the edges of the screen
USEFUL = 560  # the least width that such a window is shown in
LEFT_MS = 80  # a click into a dialog of ours takes this long to arrive
HELD_MS = 40  # how often the button is asked for while it is held, and only then
DROP_MS = 250  # a drop reaches its target this long after the button went up


class LeaveWatch(QObject):
    """Emits `left` when the popup should hide. `begin` when the focus goes, `stop` when it comes back."""

    left = Signal()

    def __init__(self, button_held: Callable[[], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._button_held = button_held
        self._from = QPoint()
        self._held = False
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._look)

    def begin(self) -> None:
        """The focus went to another window."""
        self._from, self._held = QCursor.pos(), False
        self._timer.start(LEFT_MS)

    def stop(self) -> None:
        """The focus is back, or the popup is hidden: an earlier leave must not end the next showing."""
        self._timer.stop()

    def _look(self) -> None:
        if self._button_held():
            self._held = True
            self._timer.start(HELD_MS)
        elif self._held and self._is_drag():
            self._held = False
            self._timer.start(DROP_MS)
        else:
            self.left.emit()

    def _is_drag(self) -> bool:
        return (QCursor.pos() - self._from).manhattanLength() >= QApplication.startDragDistance()


FALL = 2  # how far below the plate its shadow lies


def plate_picture(ratio: float, shadow: int, surface: str, border: str, border_width: int) -> QPixmap:
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


def draw_plate(painter: QPainter, picture: QPixmap, size: QSize) -> None:
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


class Frame(QWidget):
    """Placing, sizing, moving and painting. The content says how high it wants to be."""

    files_dropped = Signal(object)  # list[Path]
    text_dropped = Signal(str)

    def __init__(self, theme: Theme, state_file: Path, desktop: DesktopActions) -> None:
        flags = Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint | Qt.WindowType.Tool
        super().__init__(None, flags)
        self.theme, self._desktop = theme, desktop
        self._state_file = state_file
        self._width, self._limit = WIDTH, 0
        self._pinned = self._drop_shown = False
        self._composited = True
        self._read_state()
        self.setAcceptDrops(True)
        self.setWindowTitle("trayassist")
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setMouseTracking(True)
        theme.dress(self)
        theme.changed.connect(self.update)
        self._fit_later = QTimer(self, singleShot=True, interval=0)
        self._fit_later.timeout.connect(self.fit)
        self._fitted, self._refits = QSize(), 0
        self._fit_again = QTimer(self, singleShot=True, interval=REFIT_MS)
        self._fit_again.timeout.connect(self.fit)
        self._user_resizes = QTimer(self, singleShot=True, interval=RESIZED_MS)
        self._leaving = LeaveWatch(desktop.button_held, self)
        self._leaving.left.connect(self._hide_when_left)
        self._plate, self._plate_key = QPixmap(), tuple[object, ...]()

    # ------------------------------------------------------------ showing

    def place_and_show(self, time: int, token: str) -> None:
        """Show the window on the pointer's screen with the focus; `time` is the key event's, for the X server."""
        if token:
            os.environ["XDG_ACTIVATION_TOKEN"] = token  # Qt hands it to the Wayland compositor, once
        identifier = int(self.winId())
        if not self.isVisible():
            self._leaving.stop()  # it may still run since the focus went with the last showing
            self._composited = self._desktop.has_compositor()
            self._set_margins()
            self.fit()
            self.move(self._place())
            self._desktop.skip_taskbar(identifier)
        self.show()
        self.raise_()
        self.activateWindow()
        self._desktop.activate(identifier, time)
        QTimer.singleShot(ACTIVE_MS, self, self._become_active)

    def _become_active(self) -> None:
        """Tell Qt that the window is active where it missed it: it was shown again before its end was told."""
        handle = self.windowHandle()
        if self.isVisible() and not self.isActiveWindow() and QGuiApplication.focusWindow() is handle:
            with warnings.catch_warnings():  # deprecated, but what is meant instead passes over a window with the focus
                warnings.simplefilter("ignore", DeprecationWarning)
                QApplication.setActiveWindow(self)

    def _screen_area(self) -> QRect:
        if self.isVisible():
            return self.screen().availableGeometry()
        screen = QGuiApplication.screenAt(QCursor.pos()) or QGuiApplication.primaryScreen()
        return screen.availableGeometry()

    def _place(self) -> QPoint:
        area = self._screen_area()
        return QPoint(area.center().x() - self.width() // 2, self._first_top(area))

    @staticmethod
    def _first_top(area: QRect) -> int:
        """Return where the popup's top is when it appears."""
        return area.top() + (round(area.height() * FROM_TOP) if area.height() > LOW else 0)

    def fit_soon(self) -> None:
        """Take the size that the content wants, before the next paint."""
        self._refits = 0
        if not self._fit_later.isActive():
            self._fit_later.start()

    def fit(self) -> None:
        """Take the size that the content wants, within the screen."""
        if self._user_resizes.isActive():
            return
        self._fit_later.stop()
        area, layout = self._screen_area(), self.layout()
        if layout is None:
            return
        extra = 2 * self._shadow()
        width = min(self._width + extra, area.width() - 16)
        layout.activate()
        wanted = layout.totalHeightForWidth(width) if layout.hasHeightForWidth() else layout.totalSizeHint().height()
        most = round(area.height() * (SHARE if area.height() > LOW else SHARE_OF_LOW))
        if self._limit:
            most = min(self._limit, round(area.height() * 0.9))
        top = self.y() if self.isVisible() else self._first_top(area)
        most = max(160, min(most + extra, area.bottom() - top))
        height = most if self._limit and self.holds_answer() else min(wanted, most)
        size = QSize(width, height)
        self._fitted = size
        if size != self.size():
            self.resize(size)

    def holds_answer(self) -> bool:
        """Return whether there is an answer, for which the height that the user gave is kept."""
        return False

    # ------------------------------------------------------------ leaving

    def changeEvent(self, event: QEvent) -> None:
        """Hide when another window is clicked, unless pinned or the click went into a dialog of ours."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange:
            self._desktop.follow_focus(focused=self.isVisible() and self.isActiveWindow())
            if self.isVisible() and not self.isActiveWindow():
                self._leaving.begin()
            else:
                self._leaving.stop()

    def _hide_when_left(self) -> None:
        window = active = QApplication.activeWindow()
        while active is not None and active is not self:  # a dialog's parents lead to us
            active = active.parentWidget()
        own_dialog = active is self
        if own_dialog or QApplication.activePopupWidget():
            return
        if not self._pinned:
            self.hide()
        elif window is not None:
            self.make_room_for(window)

    def make_room_for(self, window: QWidget) -> None:
        """Uncover one of our windows: stand beside it, or hide until it is closed where there is no room for both."""
        own, other = self.geometry().adjusted(*self._inset()), window.frameGeometry()
        if not own.intersects(other):
            return
        area = self.screen().availableGeometry()
        border = other.width() - window.width()
        room = area.width() - own.width() - 3 * BESIDE
        least = window.minimumSizeHint().expandedTo(window.minimumSize()).width() + border
        if room < max(least, USEFUL):
            self.hide()
            window.destroyed.connect(self._show_again)
            return
        before, aside = self.pos(), QPoint(area.left() + BESIDE - self._shadow(), self.y())
        self.move(aside)
        window.destroyed.connect(lambda: self._come_back(aside, before))
        width = min(other.width(), room)
        window.resize(width - border, window.height())
        window.move(area.left() + own.width() + 2 * BESIDE + (room - width) // 2, other.top())

    def _come_back(self, aside: QPoint, before: QPoint) -> None:
        if self.pos() == aside:
            self.move(before)

    def _show_again(self) -> None:
        if self._pinned and not self.isVisible():
            self.show()

    # ------------------------------------------------------------ remembered

    def _read_state(self) -> None:
        state = QSettings(str(self._state_file), QSettings.Format.IniFormat)
        self._width = max(NARROWEST, min(2_000, _number(state.value("popup/width"), WIDTH)))
        self._limit = max(0, min(4_000, _number(state.value("popup/limit"), 0)))

    def _keep_state(self) -> None:
        state = QSettings(str(self._state_file), QSettings.Format.IniFormat)
        state.setValue("popup/width", self._width)
        state.setValue("popup/limit", self._limit)

    # ------------------------------------------------------------ moving and resizing

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Drag the window by its empty area, size it by its edges."""
        handle = self.windowHandle()
        if event.button() != Qt.MouseButton.LeftButton or handle is None:
            return
        edges = self._edges(event.position().toPoint())
        if edges:
            self._user_resizes.start()
            handle.startSystemResize(edges)
        else:
            handle.startSystemMove()

    def resize_by_user(self, width: int, height: int) -> None:
        """Take a size that the user gave; it is kept."""
        self._user_resizes.start()
        self.resize(width, height)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show at the edges that they resize."""
        edges = self._edges(event.position().toPoint())
        shapes = {
            Qt.Edge.LeftEdge: Qt.CursorShape.SizeHorCursor,
            Qt.Edge.RightEdge: Qt.CursorShape.SizeHorCursor,
            Qt.Edge.BottomEdge: Qt.CursorShape.SizeVerCursor,
            Qt.Edge.RightEdge | Qt.Edge.BottomEdge: Qt.CursorShape.SizeFDiagCursor,
            Qt.Edge.LeftEdge | Qt.Edge.BottomEdge: Qt.CursorShape.SizeBDiagCursor,
        }
        self.setCursor(shapes.get(edges, Qt.CursorShape.ArrowCursor))

    def _edges(self, at: QPoint) -> Qt.Edge:
        inner = self.rect().adjusted(*self._inset())
        edges = Qt.Edge(0)
        if abs(at.x() - inner.left()) <= EDGE:
            edges |= Qt.Edge.LeftEdge
        if abs(at.x() - inner.right()) <= EDGE:
            edges |= Qt.Edge.RightEdge
        if abs(at.y() - inner.bottom()) <= EDGE:
            edges |= Qt.Edge.BottomEdge
        return edges

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Remember a size that the user gave, and keep the rounded shape."""
        super().resizeEvent(event)
        if self._user_resizes.isActive():
            self._user_resizes.start()
            extra = 2 * self._shadow()
            self._width = max(NARROWEST, self.width() - extra)
            if event.size().height() != event.oldSize().height():
                self._limit = self.height() - extra
        elif self.isVisible() and event.size() != self._fitted and self._refits < MOST_REFITS:
            # a late word of the window manager about an earlier size; one that insists has its way
            self._refits += 1
            self._fit_again.start()
        self._shape()
        if event.oldSize().width() != event.size().width():
            self.fit_soon()

    # ------------------------------------------------------------ drops

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome files and text."""
        if local_files(event.mimeData()) or event.mimeData().hasText():
            self._show_drop(event, shown=True)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._show_drop(event, shown=True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drop_shown = False
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take files, or else text."""
        self._show_drop(event, shown=False)
        files = local_files(event.mimeData())
        if files:
            self.files_dropped.emit(files)
        else:
            self.text_dropped.emit(event.mimeData().text())
        self.activateWindow()

    def _show_drop(self, event: QDropEvent, *, shown: bool) -> None:
        event.setDropAction(Qt.DropAction.CopyAction)  # a file manager must never move its file
        event.accept()
        if shown != self._drop_shown:
            self._drop_shown = shown
            self.update()

    # ------------------------------------------------------------ shape and paint

    def _shadow(self) -> int:
        return SHADOW if self._composited else 0

    def _inset(self) -> tuple[int, int, int, int]:
        shadow = self._shadow()
        return shadow, shadow, -shadow, -shadow

    def _set_margins(self) -> None:
        layout, shadow = self.layout(), self._shadow() + 1
        if layout is not None:
            layout.setContentsMargins(shadow, shadow, shadow, shadow)
        self._shape()

    def _shape(self) -> None:
        """Cut the corners where no compositor makes them see-through."""
        if self._composited:
            self.clearMask()
            return
        path = QPainterPath()
        path.addRoundedRect(QRectF(self.rect()), RADIUS, RADIUS)
        self.setMask(QRegion(path.toFillPolygon().toPolygon()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint shadow, plate and border; from a picture, since text that streams repaints what lies below it."""
        colors = self.theme.colors
        ratio = self.devicePixelRatioF()
        key = (ratio, self._drop_shown, colors, self._composited)
        if key != self._plate_key:
            border, wide = (colors.accent, 2) if self._drop_shown else (colors.border, 1)
            self._plate_key = key
            self._plate = plate_picture(ratio, self._shadow(), colors.surface, border, wide)
        painter = QPainter(self)
        if not self._composited:  # what shows through the rounded corners' edges would be black
            painter.fillRect(self.rect(), QColor(colors.border))
        draw_plate(painter, self._plate, self.size())


def _number(value: object, default: int) -> int:
    return int(value) if isinstance(value, int | str) and str(value).isdigit() else default
