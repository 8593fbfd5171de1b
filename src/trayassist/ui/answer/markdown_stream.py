"""Writes streaming Markdown into a QTextDocument; only the last, open block is parsed again.

Finished blocks and the open one go through a scratch document and are inserted as fragments:
QTextCursor.insertMarkdown() would give the first block the format of the block it lands in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import (
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextDocumentFragment,
    QTextFormat,
)

from trayassist.ui.answer.markdown_look import CODE_TOP, LANGUAGE, MarkdownLook, end_of_code
from trayassist.ui.answer.markdown_split import (
    Block,
    Code,
    FenceClosed,
    FenceOpened,
    Piece,
    Splitter,
    escape_definitions,
)

FEATURES = QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML
ROOM_BELOW = 12
LINE_SHOWN = 1_000  # characters of one line of code; Qt lays a longer line out again and again, for seconds
WIDEST_TABLE = 40  # columns; a wider one is shown as it was written
DEEPEST_QUOTE = 12  # ">" in a row; Qt nests a frame in a frame for each
QUOTES = re.compile(rf"(?m)^((?:[ \t]{{0,3}}>){{{DEEPEST_QUOTE}}})(?:[ \t]{{0,3}}>)+")
FENCED = QTextFormat.Property.BlockCodeFence


class ClosedDocument(QTextDocument):
    """A document that loads nothing: an image in an answer must not be a way to call home."""

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """Return nothing, whatever is asked for."""
        return None


@dataclass(slots=True)
class CodeRange:
    """Where a code block is: block numbers in the document, both included. `done` when its fence is closed.

    `source` is the whole code in parts; of lines longer than LINE_SHOWN the document shows the beginning only.
    """

    first: int
    last: int
    language: str
    done: bool
    source: list[str] = field(default_factory=list)
    is_cut: bool = False

    @property
    def text(self) -> str:
        """The whole code."""
        return "".join(self.source)


class MarkdownStream:
    """The answer in a document, as it comes. `reparsed` counts the characters that were parsed, over all."""

    def __init__(self, document: QTextDocument, look: MarkdownLook) -> None:
        self.document, self.look = document, look
        self.codes: list[CodeRange] = []
        self.citations: set[int] = set()
        self.reparsed = 0
        self._scratch = ClosedDocument()
        self.clear()

    def clear(self) -> None:
        """Start a new text."""
        self.document.clear()
        outer = self.document.rootFrame().frameFormat()
        outer.setTopMargin(0)
        outer.setBottomMargin(ROOM_BELOW)  # Qt does not count the last block's own margin
        self.document.rootFrame().setFrameFormat(outer)
        self.codes.clear()
        self.citations.clear()
        self._split = Splitter()
        self._tail_at = 0
        self._tail_codes = 0  # how many of `codes` belong to finished text
        self._tail_format = QTextBlockFormat()
        self._shown_tail = ""
        self.is_full = False  # no more is shown; code that is shown in part is still collected to be copied
        self._line_length = 0  # of the line of code that is being written

    @property
    def finished_codes(self) -> int:
        """How many of `codes`, from the first on, will not change any more."""
        codes = self._tail_codes
        return codes - 1 if codes and not self.codes[codes - 1].done else codes

    def feed(self, text: str) -> None:
        """Take more Markdown and show it."""
        self._split.feed(text)
        self._write(self._split.take(), self._split.tail)

    def finish(self) -> None:
        """Show what is left; nothing stays open."""
        self._write(self._split.finish(), "")

    def cite(self, number: int) -> None:
        """Make every mark `[number]` outside code a link, also in text that was shown before."""
        self.citations.add(number)
        position = 0
        while not (cursor := self.document.find(f"[{number}]", position)).isNull():
            position = cursor.selectionEnd()
            if not cursor.blockFormat().hasProperty(LANGUAGE) and not cursor.charFormat().fontFixedPitch():
                self.look.mark(cursor, number)

    def add_note(self, text: str) -> None:
        """Write a quiet line of our own below the text, which is finished."""
        cursor = QTextCursor(self.document)
        cursor.movePosition(QTextCursor.MoveOperation.End)
        self._begin_block(cursor)
        cursor.insertText(text, self.look.quiet)
        self._finish_part(cursor)

    # ------------------------------------------------------------ writing

    def _write(self, pieces: list[Piece], tail: str) -> None:
        if self.is_full:
            self._collect_code(pieces)
            return
        if not pieces and tail == self._shown_tail:
            return
        cursor = QTextCursor(self.document)
        cursor.beginEditBlock()
        cursor.movePosition(QTextCursor.MoveOperation.End)
        if self._shown_tail:
            self._drop_tail(cursor)
        for piece in pieces:
            if isinstance(piece, Block):
                self._insert(cursor, piece.text)
                self._finish_part(cursor)
            else:
                self._write_code(cursor, piece)
        if tail.strip():
            self._insert(cursor, self._readable_tail(tail))
        self._shown_tail = tail if tail.strip() else ""
        cursor.endEditBlock()
        self._keep_room_on_top()

    def _collect_code(self, pieces: list[Piece]) -> None:
        """Keep the rest of the code block that is open; drop all else."""
        for piece in pieces:
            if not self.codes or self.codes[-1].done:
                return
            if isinstance(piece, Code):
                self.codes[-1].source.append(piece.text)
            elif isinstance(piece, FenceClosed):
                self.codes[-1].done = True
                end_of_code(self.document.lastBlock())
                self._tail_codes = len(self.codes)

    def _keep_room_on_top(self) -> None:
        """Leave room for the head of code that the text begins with: Qt drops the first block's own margin."""
        top = CODE_TOP if self.document.firstBlock().blockFormat().hasProperty(LANGUAGE) else 0
        outer = self.document.rootFrame().frameFormat()
        if outer.topMargin() != top:
            outer.setTopMargin(top)
            self.document.rootFrame().setFrameFormat(outer)

    def _drop_tail(self, cursor: QTextCursor) -> None:
        """Remove the open block; what comes next starts in its place."""
        cursor.setPosition(self._tail_at)
        cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()
        cursor.setBlockFormat(self._tail_format)  # an empty block would take the format of what was behind it
        del self.codes[self._tail_codes :]
        self._shown_tail = ""

    def _finish_part(self, cursor: QTextCursor) -> None:
        self._tail_at, self._tail_codes = cursor.position(), len(self.codes)
        self._tail_format = cursor.blockFormat()

    def _write_code(self, cursor: QTextCursor, piece: Piece) -> None:
        if isinstance(piece, FenceOpened):
            self._begin_block(cursor)
            shape = QTextBlockFormat(self.look.code_line)
            shape.setProperty(FENCED, "`")
            shape.setProperty(LANGUAGE, piece.language)
            shape.setTopMargin(CODE_TOP)
            cursor.setBlockFormat(shape)
            cursor.setBlockCharFormat(self.look.code)
            cursor.setCharFormat(self.look.code)
            number = cursor.blockNumber()
            self.codes.append(CodeRange(number, number, piece.language, done=False))
            self._line_length = 0
        elif isinstance(piece, Code):
            self._append_code(cursor, piece.text)
        elif isinstance(piece, FenceClosed):
            self.codes[-1].done = True
            end_of_code(cursor.block())
        self._finish_part(cursor)

    def _append_code(self, cursor: QTextCursor, text: str) -> None:
        code = self.codes[-1]
        code.source.append(text)
        head, newline, rest = text.partition("\n")
        self._append_to_line(cursor, code, head)
        if newline:
            shape = cursor.blockFormat()
            shape.setTopMargin(0)
            cursor.insertBlock(shape, self.look.code)
            self._line_length = 0
            self._append_to_line(cursor, code, rest)
        code.last = cursor.blockNumber()

    def _append_to_line(self, cursor: QTextCursor, code: CodeRange, text: str) -> None:
        """Write more of a line of code, up to LINE_SHOWN characters; then "…" stands for the rest."""
        room = LINE_SHOWN - self._line_length
        if room > 0:
            cursor.insertText(text[:room], self.look.code)
        if len(text) > room >= 0:
            cursor.insertText("…", self.look.code)
            code.is_cut = True
            room = -1
        self._line_length = LINE_SHOWN + 1 if room < 0 else self._line_length + len(text)

    def _begin_block(self, cursor: QTextCursor) -> None:
        """Make sure that the cursor is in an empty, plain last block."""
        if cursor.position() > 0 or self.codes:
            cursor.insertBlock(QTextBlockFormat(), QTextCharFormat())

    def _insert(self, cursor: QTextCursor, markdown: str) -> None:
        scratch = self._scratch
        # A leading newline, or text that begins with a rule is taken for front matter and vanishes.
        scratch.setMarkdown("\n" + escape_definitions(_bound_layout(markdown.strip("\n"))), FEATURES)
        self.reparsed += len(markdown)
        self.look.dress(scratch, self.citations)
        first = scratch.firstBlock()
        # Qt starts a new block by itself where the fragment begins with a list, a table or a rule.
        plain = not first.textList() and (bool(first.text()) or first == scratch.lastBlock())
        if plain:
            self._begin_block(cursor)
        start = cursor.blockNumber()
        own = start if plain or cursor.position() == 0 else start + 1
        cursor.insertFragment(QTextDocumentFragment(scratch))
        if plain:
            QTextCursor(self.document.findBlockByNumber(start)).setBlockFormat(first.blockFormat())
        last = scratch.lastBlock()
        cursor.movePosition(QTextCursor.MoveOperation.End)
        if not last.text() and QTextCursor(last.previous()).currentTable() is not None:
            cursor.setBlockFormat(self.look.gap)  # Qt needs a block behind a table
        self._note_codes(own, cursor.blockNumber())

    def _note_codes(self, start: int, end: int) -> None:
        block = self.document.findBlockByNumber(start)
        open_range: CodeRange | None = None
        while block.isValid() and block.blockNumber() <= end:
            shape, number = block.blockFormat(), block.blockNumber()
            if not shape.hasProperty(LANGUAGE):
                open_range = None
            elif open_range is None:
                open_range = CodeRange(number, number, str(shape.property(LANGUAGE) or ""), done=True)
                open_range.source.append(block.text())
                self.codes.append(open_range)
            else:
                open_range.last = number
                open_range.source.append("\n" + block.text())
            block = block.next()

    @staticmethod
    def _readable_tail(tail: str) -> str:
        """Return the open block with unclosed emphasis and code closed, so that no marks flicker."""
        line = tail[tail.rfind("\n") + 1 :]
        if line.count("`") % 2:
            return tail + "`"
        return tail + "**" if line.count("**") % 2 and not line.endswith("*") else tail


def _bound_layout(markdown: str) -> str:
    """Return Markdown that Qt lays out in bounded time: no very wide table, no very deep quote."""
    if markdown.count("|") > WIDEST_TABLE:
        first, _, second = markdown.partition("\n")
        if max(first.count("|"), second.partition("\n")[0].count("|")) > WIDEST_TABLE:
            return "\n".join("    " + line for line in markdown.split("\n"))
    return QUOTES.sub(r"\1", markdown) if ">>" in markdown or "> >" in markdown else markdown
