"""What memory holds about the question, shown until and under a model's words: the best quotes with their pages."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QResizeEvent, QTextLayout, QTextOption
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

    def __init__(self) -> None:
        super().__init__()
        self._whole = ""
        self._cut: tuple[int, str, int] = (0, "", 0)  # for a width: the text and its lines
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("look", "body")
        self.setWordWrap(True)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_text(self, text: str) -> None:
        """Show `text`, as much of it as fits."""
        self._whole, self._cut = " ".join(text.split()), (0, "", 0)
        self.setAccessibleName(self._whole)
        self._show_cut()
        self.updateGeometry()

    def _show_cut(self) -> None:
        text, _ = self._cut_for(self.width())
        if text != self.text():
            self.setText(text)
        self.setToolTip(plain_tip(self._whole) if text.endswith("…") else "")

    def _cut_for(self, width: int) -> tuple[str, int]:
        """Return the text and its number of lines; a layout asks for the same width again and again."""
        if self._cut[0] != width:
            self._cut = (width, *cut_to_lines(self._whole, self.font(), width, LINES))
        return self._cut[1:]

    def changeEvent(self, event: QEvent) -> None:
        """Cut anew for another font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._cut = (0, "", 0)

    def heightForWidth(self, width: int) -> int:
        """Return the height of the cut text, so that the window has its height before the text is cut."""
        return self._cut_for(width)[1] * self.fontMetrics().lineSpacing() + 2

    def sizeHint(self) -> QSize:
        width = max(self.width(), 1)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(40, self.fontMetrics().lineSpacing())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut to the new width."""
        super().resizeEvent(event)
        self._show_cut()


def cut_to_lines(text: str, font: QFont, width: int, lines: int) -> tuple[str, int]:
    """Return `text` in lines, cut at a word with "…" where it has more of them, and how many they are."""
    if width < 40:
        return text[:200], lines
    part = text[: lines * max(80, width // 3)]  # more do not fit, however narrow the letters
    layout = QTextLayout(part, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    found: list[str] = []
    layout.beginLayout()
    while len(found) <= lines and (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        found.append(part[line.textStart() : line.textStart() + line.textLength()].strip())
    layout.endLayout()
    if len(found) <= lines and len(part) == len(text):
        return "\n".join(found), max(1, len(found))
    found = found[:lines]
    metrics, last = QFontMetrics(font), found[-1]
    while " " in last and metrics.horizontalAdvance(f"{last} …") > width:
        last = last[: last.rindex(" ")]
    return "\n".join([*found[:-1], f"{last} …"]), len(found)


class QuoteRow(QFrame):
    """A quote and the page that it opens."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.citation: Citation | None = None
        self.setProperty("look", "quote")
        self.text, self.place = QuoteText(), Chip(theme, self.tr("Page"))
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.text)
        column.addWidget(self.place, 0, Qt.AlignmentFlag.AlignLeft)

    def show_quote(self, citation: Citation, room: int) -> None:
        """Show a quote; its page's name gets `room` pixels."""
        self.citation = citation
        self.text.show_text(citation.quote)
        if citation.path.startswith("fact:"):
            place = self.tr("something you asked to remember")
        else:
            place = f"{one_line(Path(citation.path).name)} · " + self.tr("p. {0}").format(citation.page)
        self.place.show_text(place, room)
        self.place.setAccessibleDescription(citation.quote)
        self.show()


class QuotesPanel(QScrollArea):
    """The best quotes, one under the other, each with the page that it opens. Hidden where there are none."""

    page_asked = Signal(object, object)  # Citation, all of them
    resized = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.citations: tuple[Citation, ...] = ()
        self.heading = label()
        self._inside = QWidget()
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(0, 0, 12, 4)
        self._column.setSpacing(8)
        self._column.addWidget(self.heading)
        self.heading.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.rows = [QuoteRow(theme) for _ in range(MOST)]  # made before they are needed
        for row in self.rows:
            self._column.addWidget(row)
            row.hide()
            row.place.clicked.connect(
                lambda _checked=False, row=row: self.page_asked.emit(row.citation, self.citations)
            )
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

    def prepare(self) -> None:
        """Do in idle time what the first quotes would wait for."""
        for row in self.rows:
            for widget in (row, row.text, row.place):
                widget.ensurePolished()

    def clear(self) -> None:
        """Show nothing."""
        for row in self.rows:
            row.hide()
        self.citations = ()
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
        parent = self.parentWidget()
        room = min(CHIP_WIDTH, max(120, (parent.width() if parent else 0) - 120))
        for row, citation in zip(self.rows, self.citations, strict=False):
            row.show_quote(citation, room)
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
        return QSize(width, self._column.heightForWidth(width) if self.citations else 0)

    def minimumSizeHint(self) -> QSize:
        """Return what stays of it where the answer needs the room."""
        return QSize(100, min(LEAST_HEIGHT, self.sizeHint().height()))
