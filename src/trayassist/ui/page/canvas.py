"""A page as a picture on a desk, with the cited passage marked, scrolled and zoomed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from trayassist import api
from trayassist.ui.widgets.colors import readable
from trayassist.ui.widgets.theme import SPACE, Theme

MARK_OPACITY = 0.25
PAPER = "#ffffff"
A4 = 297 / 210  # height to width of the empty paper shown while a page is drawn
MOST_PIXELS = 3200  # wide; a page of A4 then takes 43 MB while it is shown
LINE = 40  # logical pixels of one press of an arrow key


def image_of(picture: api.PageView) -> QImage:
    """Return the picture's own bytes as an image, without a copy: `picture` must live as long as the image.

    Converting them to the screen's format first would hold up every thread for some 2.5 ms a megapixel
    (measured), to save half a millisecond when a window's worth is painted.
    """
    return QImage(picture.rgb, picture.width, picture.height, picture.stride, QImage.Format.Format_RGB888)


class Paper(QWidget):
    """The page itself, centred on the desk; lengths are logical pixels, the image may have more."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._picture: api.PageView | None = None
        self._image: QImage | None = None
        self._width, self._height = 0.0, 0.0

    def show_picture(self, picture: api.PageView | None) -> None:
        """Show another page (None: empty paper)."""
        self._picture, self._image = picture, None if picture is None else image_of(picture)
        self.update()

    def lay_out(self, width: float, desk: QSize) -> None:
        """Make the page `width` wide and the desk under it at least `desk` in size."""
        ratio = A4 if self._image is None else self._image.height() / max(1, self._image.width())
        self._width, self._height = width, width * ratio
        border = 2 * SPACE[4]
        self.resize(max(desk.width(), round(width) + border), max(desk.height(), round(self._height) + border))
        self.update()

    def page_rect(self) -> QRectF:
        """Return where the page lies on this widget."""
        left = max(SPACE[4], round((self.width() - self._width) / 2))
        return QRectF(left, SPACE[4], self._width, self._height)

    def marks(self) -> list[QRectF]:
        """Return the marked rectangles on this widget, top to bottom."""
        if self._picture is None:
            return []
        page, scale = self.page_rect(), self._width / max(1, self._picture.width)
        found = [
            QRectF(page.x() + x0 * scale, page.y() + y0 * scale, (x1 - x0) * scale, (y1 - y0) * scale)
            for x0, y0, x1, y1 in self._picture.quads
        ]
        return sorted(found, key=lambda rect: (rect.top(), rect.left()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the page, the passage in the accent, and a bar at its left that needs no colour to be seen."""
        painter, page = QPainter(self), self.page_rect()
        if self._image is None:
            painter.fillRect(page, QColor(PAPER))
        elif self._image.width() == round(self._width * (ratio := self.devicePixelRatioF())):
            painter.save()
            painter.scale(1 / ratio, 1 / ratio)  # pixel for pixel: as quick and as sharp as it gets
            painter.drawImage(page.topLeft() * ratio, self._image)
            painter.restore()
        else:
            painter.drawImage(page, self._image)
        painter.setPen(QColor(self._theme.colors.border))
        painter.drawRect(page.adjusted(-0.5, -0.5, 0.5, 0.5))
        accent = QColor(readable(self._theme.colors.accent, PAPER))  # paper is white in both themes
        marks = self.marks()
        if marks:
            top, bottom = marks[0].top(), max(mark.bottom() for mark in marks)
            left = max(page.left() + 2, min(mark.left() for mark in marks) - 10)
            painter.fillRect(QRectF(left, top, 3, bottom - top), accent)
        accent.setAlphaF(MARK_OPACITY)
        for mark in marks:
            painter.fillRect(mark, accent)
        painter.end()


class Desk(QScrollArea):
    """Scrolls and zooms the paper. `needs_picture` says that a sharper picture is wanted (zoom or size changed)."""

    needs_picture = Signal()
    zoomed = Signal()

    ZOOMS = (0.5, 0.67, 0.8, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.zoom = 1.0  # 1 is the width of the window
        self.paper = Paper(theme)
        self.setObjectName("desk")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidget(self.paper)
        self.paper.setAutoFillBackground(False)  # the desk's colour is the theme's
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)  # or fit-width would chase itself
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().installEventFilter(self)

    def page_width(self) -> float:
        """Return the width of the page in logical pixels at the present zoom."""
        return float(round(max(120, self.viewport().width() - 2 * SPACE[4]) * self.zoom))

    def wanted_pixels(self) -> int:
        """Return the width in pixels at which a picture is sharp on this screen, within reason."""
        return min(MOST_PIXELS, round(self.page_width() * self.devicePixelRatioF()))

    def show_picture(self, picture: api.PageView | None) -> None:
        """Show another page at the present zoom."""
        self.paper.show_picture(picture)
        self.lay_out()

    def lay_out(self) -> None:
        """Fit the paper to the zoom and the size of the window."""
        self.paper.lay_out(self.page_width(), self.viewport().size())

    def to_mark(self) -> None:
        """Scroll so that the marked passage stands in the upper third, or to the top of the page without one."""
        marks = self.paper.marks()
        bar = self.verticalScrollBar()
        if not marks:
            bar.setValue(0)
            return
        top, bottom = marks[0].top(), max(mark.bottom() for mark in marks)
        spare = max(SPACE[5], (self.viewport().height() - (bottom - top)) / 3)
        bar.setValue(round(top - min(spare, self.viewport().height() / 3)))
        self.horizontalScrollBar().setValue(round(marks[0].left() - SPACE[5]))

    def set_zoom(self, zoom: float) -> None:
        """Zoom; the middle of what is on screen stays there."""
        zoom = min(self.ZOOMS[-1], max(self.ZOOMS[0], zoom))
        if zoom == self.zoom:
            return
        bars = (self.horizontalScrollBar(), self.verticalScrollBar())
        pages = (self.viewport().width(), self.viewport().height())
        middles = [(bar.value() + page / 2) * zoom / self.zoom for bar, page in zip(bars, pages, strict=True)]
        self.zoom = zoom
        self.lay_out()
        for bar, page, middle in zip(bars, pages, middles, strict=True):
            bar.setValue(round(middle - page / 2))
        self.zoomed.emit()
        self.needs_picture.emit()

    def step_zoom(self, by: int) -> None:
        """Go to the next larger (1) or smaller (-1) zoom."""
        steps = [z for z in self.ZOOMS if (z > self.zoom + 1e-6 if by > 0 else z < self.zoom - 1e-6)]
        if steps:
            self.set_zoom(steps[0] if by > 0 else steps[-1])

    def step(self, across: int, down: int) -> None:
        """Scroll by steps of an arrow key."""
        self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() + across * LINE)
        self.verticalScrollBar().setValue(self.verticalScrollBar().value() + down * LINE)

    @property
    def wider_than_window(self) -> bool:
        return self.horizontalScrollBar().maximum() > 0

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stretch what is there at once; a sharp picture follows."""
        super().resizeEvent(event)
        self.lay_out()
        self.needs_picture.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ctrl and the wheel zoom."""
        if isinstance(event, QWheelEvent) and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if event.angleDelta().y():
                self.step_zoom(1 if event.angleDelta().y() > 0 else -1)
            return True
        return super().eventFilter(watched, event)
