"""The answer as it streams: Markdown, code with copy buttons, citation marks. Loads nothing from anywhere."""

from __future__ import annotations

import html
import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QMimeData, QRect, QRectF, QSize, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QHideEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QTextOption,
)
from PySide6.QtWidgets import QFrame, QTextBrowser, QToolButton, QWidget

from trayassist.ui.answer.highlight import Highlighter
from trayassist.ui.answer.markdown_look import CODE_TOP, MarkdownLook
from trayassist.ui.answer.markdown_stream import ClosedDocument, CodeRange, MarkdownStream
from trayassist.ui.answer.open_outside import web_address
from trayassist.ui.widgets import formats
from trayassist.ui.widgets.theme import Theme

TICK_MS = 33
SLICE = 400  # characters that are parsed and laid out in one go
TURN_S = 0.006  # after which the window is painted and answers, however much text still waits
MOST_SHOWN = 120_000  # characters, some 40 pages; Qt lays out all text of a document at once when its width changes
MOST_BLOCKS = 4_000  # lines of code, list items, table cells
LINE_CHARACTERS = 72
AT_ONCE_S = 1.0  # an answer that is complete in this time is read from its top
BY_KEY = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
RADIUS = 4


class FramedBrowser(QTextBrowser):
    """Links show the focus themselves; the frame is there before the first of them."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._came_by_key = False

    @property
    def framed(self) -> bool:
        """Whether the frame is shown."""
        return self._came_by_key and self.hasFocus() and not self.textCursor().hasSelection()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Remember how the focus came."""
        self._came_by_key = event.reason() in BY_KEY
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the frame away."""
        super().focusOutEvent(event)
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the text, then the frame."""
        super().paintEvent(event)
        if self.framed:
            painter = QPainter(self.viewport())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(self._theme.colors.accent), 1))
            edge = QRectF(self.viewport().rect()).adjusted(0.5, 0.5, -0.5, -0.5)  # on whole pixels
            painter.drawRoundedRect(edge, RADIUS, RADIUS)
            painter.end()


COPIED_MS = 1_500


class CopyButton(QToolButton):
    """Copies `code` by `copy`, which returns False where that is locked, and shows a while that it did."""

    def __init__(self, parent: QWidget, theme: Theme, copy: Callable[[CodeRange], bool]) -> None:
        super().__init__(parent)
        self.code: CodeRange | None = None
        self._theme, self._copy_code, self._locked = theme, copy, False
        self.setProperty("look", "overlay")
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.setFixedSize(26, 26)
        self.setIconSize(QSize(16, 16))
        self.clicked.connect(self._copy)
        self._back = QTimer(self, singleShot=True, interval=COPIED_MS)
        self._back.timeout.connect(lambda: self.lock(locked=self._locked))
        self.lock(locked=False)

    def lock(self, *, locked: bool) -> None:
        """Show whether the code may be copied."""
        self._locked = locked
        self._theme.show_icon(self, "lock" if locked else "copy", "muted")
        text = self.tr("Locked: open the warning first") if locked else self.tr("Copy this code")
        self.setToolTip(text)
        self.setAccessibleName(text)

    def _copy(self) -> None:
        if self.code is not None and self._copy_code(self.code):
            self._theme.show_icon(self, "check", "good")
            self.setAccessibleName(self.tr("Copied"))
            self._back.start()


class AnswerView(FramedBrowser):
    """Shows one answer. Text comes by `add_text`, ends with `finish`."""

    citation_clicked = Signal(int)
    link_clicked = Signal(QUrl)  # a web or mail address
    link_hovered = Signal(str)  # the address under the pointer or the focus, "" when there is none
    grown = Signal()  # the height that the text needs has changed
    written = Signal()  # all text given before finish() is shown

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setObjectName("answer")
        self.setDocument(ClosedDocument(self))
        self.document().setDocumentMargin(0)
        self.document().setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setAccessibleName(self.tr("Answer"))
        self.setAccessibleDescription(self.tr("The answer; citation marks are links to the page they come from"))
        self._stream = MarkdownStream(self.document(), MarkdownLook(theme))
        self._colours = Highlighter(self.document(), theme, self)
        self._coloured = 0
        self._text: list[str] = []
        self._pending = ""
        self._shown = self._left_out = 0  # characters
        self._ending = self._ended = self._locked = False
        self._began = 0.0
        self._buttons: list[CopyButton] = []
        self._tick = QTimer(self, singleShot=True, interval=TICK_MS)
        self._tick.timeout.connect(self._write)
        self._unlocked_flags = self.textInteractionFlags() | Qt.TextInteractionFlag.TextSelectableByKeyboard
        self.setTextInteractionFlags(self._unlocked_flags)
        self.anchorClicked.connect(self._open)
        self.highlighted.connect(self._show_address)
        self.verticalScrollBar().valueChanged.connect(self._place_buttons)
        self.document().documentLayout().documentSizeChanged.connect(lambda _size: self.grown.emit())
        theme.changed.connect(self.redraw)

    # ------------------------------------------------------------ text

    @property
    def parsed(self) -> int:
        """How many characters were parsed as Markdown so far, over all updates."""
        return self._stream.reparsed

    @property
    def is_complete(self) -> bool:
        """Whether the answer is finished and all of it is shown."""
        return self._ended and not self._pending

    def markdown(self) -> str:
        """Return the answer's text so far, as it came."""
        return "".join(self._text)

    def warm_up(self) -> None:
        """Prepare what the first code block needs."""
        self._colours.warm_up()

    def clear(self) -> None:
        """Empty the view, for a new answer."""
        self._tick.stop()
        self._colours.clear()
        self._stream.clear()
        self._text, self._pending, self._coloured = [], "", 0
        self._shown = self._left_out = 0
        self._ending = self._ended = False
        self.lock(locked=False)
        self._place_buttons()

    def add_text(self, text: str) -> None:
        """Add a piece of the answer; pieces are shown together, some 30 times a second."""
        if not self._text:
            self._began = time.monotonic()
        self._text.append(text)
        self._pending += text
        if not self._tick.isActive():
            self._tick.start(TICK_MS)

    def finish(self) -> None:
        """The answer is complete: show the rest and close what is open."""
        self._ending = True
        if not self._tick.isActive():
            self._tick.start(0)

    def cite(self, number: int) -> None:
        """Make the marks `[number]` links."""
        self._stream.cite(number)

    def redraw(self) -> None:
        """Write everything again, in the theme's colours of now."""
        text, cited, ended = self.markdown(), sorted(self._stream.citations), self._ending
        locked = self._locked
        self.clear()
        self._stream.look = MarkdownLook(self._theme)
        for number in cited:
            self.cite(number)
        if text:
            self.add_text(text)
        if ended:
            self.finish()
        self.lock(locked=locked)

    def _write(self) -> None:
        bar = self.verticalScrollBar()
        follow = bar.value() >= bar.maximum() - 4 and not self._ended
        begin, at = time.perf_counter(), 0
        while at < len(self._pending) and time.perf_counter() - begin < TURN_S:
            piece = self._pending[at : at + SLICE]
            self._stream.feed(piece)
            at += SLICE
            if self._stream.is_full:
                self._left_out += len(piece)
            else:
                self._shown += len(piece)
                self._stream.is_full = self._shown >= MOST_SHOWN or self.document().blockCount() >= MOST_BLOCKS
        self._pending = self._pending[at:]
        if self._pending:
            self._tick.start(0)
        elif self._ending and not self._ended:
            self._stream.finish()
            if self._left_out:
                left = formats.number(self._left_out)
                self._stream.add_note(
                    self.tr("{0} more characters are not shown. Copying the answer has them all.").format(left)
                )
            self._ended = True
            if follow and time.monotonic() - self._began < AT_ONCE_S:
                follow = False
                bar.setValue(0)
        self._colour_finished_code()
        if follow:
            bar.setValue(bar.maximum())
        self._place_buttons()
        if self._ended and not self._pending:
            self.written.emit()

    def _colour_finished_code(self) -> None:
        final = self._stream.finished_codes
        for code in self._stream.codes[self._coloured : final]:
            self._colours.add(code)
        self._coloured = max(self._coloured, final)

    def announce(self, text: str) -> None:
        """Have a screen reader say `text`."""
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    # ------------------------------------------------------------ safety

    @property
    def locked(self) -> bool:
        return self._locked

    def lock(self, *, locked: bool) -> None:
        """Lock or unlock copying; a locked answer can be read only."""
        self._locked = locked
        flags = Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        self.setTextInteractionFlags(flags if locked else self._unlocked_flags)
        for button in self._buttons:
            button.lock(locked=locked)

    def createMimeDataFromSelection(self) -> QMimeData:
        """Return what is selected; nothing while the answer is locked."""
        return QMimeData() if self._locked else super().createMimeDataFromSelection()

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """Return nothing: an answer must not fetch anything."""
        return None

    def _open(self, link: QUrl) -> None:
        if link.scheme() == "cite":
            self.citation_clicked.emit(int(link.path()))
        elif web_address(link):
            self.link_clicked.emit(link)

    def _show_address(self, link: QUrl) -> None:
        address = web_address(link)
        self.setToolTip(f"<p>{html.escape(address)}</p>" if address else "")
        self.link_hovered.emit(address)

    # ------------------------------------------------------------ sizes and paint

    def needed_height(self) -> int:
        """Return the height of the whole text at the present width."""
        return round(self.document().size().height() + 0.5) + 2

    def sizeHint(self) -> QSize:
        """Return the size that shows all text."""
        return QSize(super().sizeHint().width(), self.needed_height())

    def minimumSizeHint(self) -> QSize:
        """Return the least useful size: some lines."""
        return QSize(200, min(self.needed_height(), 72))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep lines at a length that reads well."""
        longest = self.fontMetrics().averageCharWidth() * LINE_CHARACTERS
        self.setLineWrapMode(QTextBrowser.LineWrapMode.FixedPixelWidth)
        width = min(self.viewport().width(), longest)
        if width != self.lineWrapColumnOrWidth():
            self.setLineWrapColumnOrWidth(width)
        super().resizeEvent(event)
        self._place_buttons()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the plates of code blocks under the text."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colors = self._theme.colors
        font = self.font()
        font.setPixelSize(self._theme.font_px("small"))
        painter.setFont(font)
        for code in self._visible_codes():
            plate = self._plate(code)
            painter.setPen(QPen(QColor(colors.border), 1))
            painter.setBrush(QColor(colors.code))
            painter.drawRoundedRect(plate.adjusted(0, 0, -1, -1), 8, 8)
            painter.setPen(QColor(colors.muted))
            name = code.language or self.tr("code")
            if code.is_cut:
                name += " · " + self.tr("long lines are cut here, copying has them whole")
            painter.drawText(plate.adjusted(12, 6, -40, 0), Qt.AlignmentFlag.AlignTop, name)
        painter.end()
        super().paintEvent(event)

    def _plate(self, code: CodeRange) -> QRect:
        """Return the rectangle of a code block in the viewport, with its margins."""
        layout, document = self.document().documentLayout(), self.document()
        first = layout.blockBoundingRect(document.findBlockByNumber(code.first))
        last = layout.blockBoundingRect(document.findBlockByNumber(code.last))
        left = round(first.left()) - 12 if first.left() > 20 else 0
        top = round(first.top()) - CODE_TOP + 6 - self.verticalScrollBar().value()
        bottom = round(last.bottom()) + 10 - self.verticalScrollBar().value()
        return QRect(left, top, self.lineWrapColumnOrWidth() - left, bottom - top)

    def _visible_codes(self) -> list[CodeRange]:
        """Return the code blocks that are (partly) in view."""
        if not self._stream.codes:
            return []
        view = self.viewport().rect()
        top = self.cursorForPosition(view.topLeft()).blockNumber()
        bottom = self.cursorForPosition(view.bottomLeft()).blockNumber()
        return [code for code in self._stream.codes if code.last >= top - 1 and code.first <= bottom + 1]

    def _place_buttons(self) -> None:
        """Put a copy button on each code block in view; the buttons are used again for others."""
        codes = self._visible_codes() if self.isVisible() else []
        while len(self._buttons) < len(codes):
            button = CopyButton(self.viewport(), self._theme, self.copy_code)
            button.lock(locked=self._locked)
            self._buttons.append(button)
        for number, button in enumerate(self._buttons):
            if number >= len(codes):
                button.hide()
                continue
            button.code = codes[number]
            plate = self._plate(codes[number])
            button.move(plate.right() - button.width() - 4, plate.top() + 3)
            button.setVisible(plate.bottom() > 0)

    def copy_code(self, code: CodeRange) -> bool:
        """Put the code of a block on the clipboard; False while the answer is locked."""
        if self._locked:
            return False
        QGuiApplication.clipboard().setText(code.text)
        return True

    def copy_last_code(self) -> bool:
        """Copy the last code block; False when there is none or the answer is locked."""
        return bool(self._stream.codes) and self.copy_code(self._stream.codes[-1])

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Show the menu without a loop of its own, which would stop the application's tasks."""
        menu = self.createStandardContextMenu(event.pos())
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def hideEvent(self, event: QHideEvent) -> None:
        """Keep nothing selected in a hidden window."""
        super().hideEvent(event)
        self._place_buttons()
