"""Colours for finished code blocks: pygments in a thread, its spans put on the blocks in small steps."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QColor, QTextCharFormat, QTextDocument, QTextLayout

from trayassist.ui.answer.markdown_stream import CodeRange
from trayassist.ui.widgets.theme import Theme

logger = logging.getLogger(__name__)

LINES_A_STEP = 20
LONGEST_CODE = 200_000  # characters; longer code stays plain
# The first kind that a token's name contains decides; what is not here stays plain.
KINDS = (
    ("Comment", "comment"),
    ("String.Interpol", "name"),
    ("String", "string"),
    ("Number", "number"),
    ("Keyword", "keyword"),
    ("Operator.Word", "keyword"),
    ("Name.Function", "name"),
    ("Name.Class", "name"),
    ("Name.Builtin", "name"),
    ("Name.Decorator", "name"),
    ("Name.Tag", "keyword"),
    ("Name.Attribute", "name"),
    ("Generic.Inserted", "string"),
    ("Generic.Deleted", "keyword"),
)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one line of code and the theme's colour it gets."""

    line: int
    start: int
    length: int
    color: str


def spans(language: str, code: str) -> list[Span]:
    """Return the coloured stretches of `code`, by line; empty for a language that is not known."""
    from pygments.lexers import get_lexer_by_name  # late: some 40 ms that start-up must not pay
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return []
    found: list[Span] = []
    line, column = 0, 0
    for token, value in lexer.get_tokens(code):
        color = _color(str(token))
        for number, part in enumerate(value.split("\n")):
            if number:
                line, column = line + 1, 0
            if part:
                if color:
                    found.append(Span(line, column, len(part), color))
                column += len(part)
    return found


def _color(token: str) -> str:
    return next((color for name, color in KINDS if name in token), "")


class Highlighter(QObject):
    """Colours code blocks of one document. `add` when a block is finished; `clear` with the document."""

    _lexed = Signal(int, object, object)  # generation, code range, spans

    def __init__(self, document: QTextDocument, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document, self._theme = document, theme
        self._pool: ThreadPoolExecutor | None = None
        self._generation = 0
        self._steps: deque[Iterator[None]] = deque()
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._step)
        self._lexed.connect(self._colour)

    def warm_up(self) -> None:
        """Import pygments now, beside the event loop."""
        self._threads().submit(spans, "python", "pass")

    def clear(self) -> None:
        """Forget all work; the document's text is about to go."""
        self._generation += 1
        self._steps.clear()
        self._timer.stop()

    def add(self, code: CodeRange) -> None:
        """Colour this code block soon; nothing happens for a language that is not known."""
        text = code_text(self._document, code)
        if not code.language or len(text) > LONGEST_CODE:
            return
        generation = self._generation

        def deliver(future: Future[list[Span]]) -> None:
            try:
                self._lexed.emit(generation, code, future.result())
            except RuntimeError:  # the window is gone
                logger.debug("highlighting ended after its window")
            except Exception:  # barrier: a lexer that fails costs its colours only
                logger.exception("highlighting %s failed", code.language)

        self._threads().submit(spans, code.language, text).add_done_callback(deliver)

    def _threads(self) -> ThreadPoolExecutor:
        self._pool = self._pool or ThreadPoolExecutor(1, thread_name_prefix="highlight")
        return self._pool

    def _colour(self, generation: int, code: CodeRange, found: list[Span]) -> None:
        if generation == self._generation and found:
            self._steps.append(self._apply(code, found))
            self._timer.start()

    def _step(self) -> None:
        try:
            next(self._steps[0])
        except StopIteration:
            self._steps.popleft()
        if not self._steps:
            self._timer.stop()

    def _apply(self, code: CodeRange, found: list[Span]) -> Iterator[None]:
        """Put the colours on, LINES_A_STEP lines between two turns of the event loop."""
        formats = {span.color: QTextCharFormat() for span in found}
        for color, shape in formats.items():
            shape.setForeground(QColor(getattr(self._theme.colors, color)))
        for number, (line, of_line) in enumerate(groupby(found, key=attrgetter("line")), 1):
            stretches = []
            for span in of_line:
                stretch = QTextLayout.FormatRange()
                stretch.start, stretch.length, stretch.format = span.start, span.length, formats[span.color]
                stretches.append(stretch)
            block = self._document.findBlockByNumber(code.first + line)
            block.layout().setFormats(stretches)
            self._document.markContentsDirty(block.position(), block.length())
            if number % LINES_A_STEP == 0:
                yield


def code_text(document: QTextDocument, code: CodeRange) -> str:
    """Return the text of a code block."""
    lines, block = [], document.findBlockByNumber(code.first)
    for _ in range(code.first, code.last + 1):
        lines.append(block.text())
        block = block.next()
    return "\n".join(lines)
