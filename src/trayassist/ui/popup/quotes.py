"""What memory holds about the question, shown until and under a model's words: the best quotes with their pages."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from trayassist.api import Citation, Evidence, Found, cite, one_line
from trayassist.ui.popup.controls import CHIP_WIDTH, Chip, label, plain_tip
from trayassist.ui.widgets.theme import Theme

_ESCAPES = re.compile(r"\\(?=[^\w\s])|\u2060")  # what makes a quote plain text in Markdown
MOST = 3  # quotes; more are not read before the answer comes
LINES = 3  # of a quote; the page shows the rest
LEAST_HEIGHT = 72  # pixels that stay of the quotes where the answer needs the room


class QuoteText(QLabel):
    """A quote, cut after `LINES` lines; the tooltip has all of it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._whole = " ".join(text.split())
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("look", "body")
        self.setWordWrap(True)
        self.setAccessibleName(self._whole)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setText(self._whole)

    def heightForWidth(self, width: int) -> int:
        """Return the height of the cut text, so that the window has its height before the text is cut."""
        text = cut_to_lines(self._whole, self.fontMetrics(), width, LINES)
        return _height_of(text, self.fontMetrics(), width) + 2

    def sizeHint(self) -> QSize:
        width = max(self.width(), 1)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(40, self.fontMetrics().lineSpacing())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut to the new width."""
        super().resizeEvent(event)
        text = cut_to_lines(self._whole, self.fontMetrics(), self.width(), LINES)
        if text != self.text():
            self.setText(text)
            self.setToolTip(plain_tip(self._whole) if text != self._whole else "")


def cut_to_lines(text: str, metrics: QFontMetrics, width: int, lines: int) -> str:
    """Return as many whole words of `text` as fit into so many lines, with "…" where some are left out."""
    if width < 40:
        return text

    def fits(part: str) -> bool:
        return _height_of(part, metrics, width) <= (lines + 0.5) * metrics.lineSpacing()

    text = text[: lines * 400]
    if fits(text):
        return text
    words = text.split(" ")
    low, high = 1, len(words)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(f"{' '.join(words[:middle])} …") else (low, middle - 1)
    return f"{' '.join(words[:low])} …"


def _height_of(text: str, metrics: QFontMetrics, width: int) -> int:
    flags = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft)
    return metrics.boundingRect(0, 0, width, 100_000, flags, text).height()


class QuotesPanel(QScrollArea):
    """The best quotes, one under the other, each with the page that it opens. Hidden where there are none."""

    page_asked = Signal(object, object)  # Citation, all of them
    resized = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.citations: tuple[Citation, ...] = ()
        self.heading = label()
        self._inside = QWidget()
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(0, 0, 12, 4)
        self._column.setSpacing(8)
        self._column.addWidget(self.heading)
        self.heading.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._frames: list[QFrame] = []
        self.setWidget(self._inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for plain in (self.viewport(), self._inside):
            plain.setAutoFillBackground(False)
        self.setAccessibleName(self.tr("Quotes from your documents"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.hide()

    def clear(self) -> None:
        """Show nothing."""
        for frame in self._frames:
            self._column.removeWidget(frame)
            frame.hide()
            frame.deleteLater()
        self._frames, self.citations = [], ()
        self.hide()

    def show_evidence(self, evidence: Evidence) -> None:
        """Show the best quotes of what was found."""
        self.clear()
        if not evidence.quotes:
            return
        weak = evidence.found is Found.WEAK
        self.heading.setText(
            self.tr("Only a weak match was found in your documents:") if weak else self.tr("Your documents say:")
        )
        self.citations = tuple(cite(number, quote) for number, quote in enumerate(evidence.quotes[:MOST], 1))
        for citation in self.citations:
            frame = self._frame(citation)
            self._frames.append(frame)
            self._column.addWidget(frame)
            frame.show()
        self.show()
        self.updateGeometry()
        self.resized.emit()

    def stands_in(self, answer: str) -> bool:
        """Return whether the answer itself holds all that is quoted here, so that it need not be shown twice."""
        said = " ".join(_ESCAPES.sub("", answer).split())
        return bool(self.citations) and all(" ".join(one.quote.split()) in said for one in self.citations)

    def shows_page(self, citation: Citation) -> bool:
        """Return whether a quote of this page is shown."""
        pages = {(one.path, one.page) for one in self.citations} if not self.isHidden() else set()
        return (citation.path, citation.page) in pages

    def _frame(self, citation: Citation) -> QFrame:
        frame = QFrame()
        frame.setProperty("look", "quote")
        column = QVBoxLayout(frame)
        column.setContentsMargins(12, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(QuoteText(citation.quote))
        if citation.path.startswith("fact:"):
            place = self.tr("something you asked to remember")
        else:
            place = f"{one_line(Path(citation.path).name)} · " + self.tr("p. {0}").format(citation.page)
        parent = self.parentWidget()
        chip = Chip(self._theme, place, width=min(CHIP_WIDTH, max(120, (parent.width() if parent else 0) - 120)))
        chip.setAccessibleDescription(citation.quote)
        chip.clicked.connect(lambda: self.page_asked.emit(citation, self.citations))
        column.addWidget(chip, 0, Qt.AlignmentFlag.AlignLeft)
        return frame

    # ------------------------------------------------------------ size
    # Without height for width: a layout would take that for the least height, and the answer could get no room.

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Want another height at another width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()
            self.resized.emit()

    def sizeHint(self) -> QSize:
        """Return the size that shows all quotes at the present width."""
        width = max(self.width(), 1)
        return QSize(width, self._column.heightForWidth(width) if self._frames else 0)

    def minimumSizeHint(self) -> QSize:
        """Return what stays of it where the answer needs the room."""
        return QSize(100, min(LEAST_HEIGHT, self.sizeHint().height()))
