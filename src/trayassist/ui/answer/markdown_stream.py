"""Writes streaming Markdown into a QTextDocument; only the last, open block is parsed again.

Finished blocks and the open one go through a scratch document and are inserted as fragments:
QTextCursor.insertMarkdown() would give the first block the format of the block it lands in.
"""

from __future__ import annotations

from dataclasses import dataclass
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
FENCED = QTextFormat.Property.BlockCodeFence


class ClosedDocument(QTextDocument):
    """A document that loads nothing: an image in an answer must not be a way to call home."""

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """Return nothing, whatever is asked for."""
        return None


@dataclass(slots=True)
class CodeRange:
    """Where a code block is: block numbers in the document, both included. `done` when its fence is closed."""

    first: int
    last: int
    language: str
    done: bool


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
        outer.setBottomMargin(ROOM_BELOW)  # Qt does not count the last block's own margin
        self.document.rootFrame().setFrameFormat(outer)
        self.codes.clear()
        self.citations.clear()
        self._split = Splitter()
        self._tail_at = 0
        self._tail_codes = 0  # how many of `codes` belong to finished text
        self._tail_format = QTextBlockFormat()
        self._shown_tail = ""

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

    # ------------------------------------------------------------ writing

    def _write(self, pieces: list[Piece], tail: str) -> None:
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
        elif isinstance(piece, Code):
            self._append_code(cursor, piece.text)
        elif isinstance(piece, FenceClosed):
            self.codes[-1].done = True
            end_of_code(cursor.block())
        self._finish_part(cursor)

    def _append_code(self, cursor: QTextCursor, text: str) -> None:
        code = self.codes[-1]
        head, newline, rest = text.partition("\n")
        cursor.insertText(head, self.look.code)
        if newline:
            shape = cursor.blockFormat()
            shape.setTopMargin(0)
            cursor.insertBlock(shape, self.look.code)
            cursor.insertText(rest, self.look.code)
        code.last = cursor.blockNumber()

    def _begin_block(self, cursor: QTextCursor) -> None:
        """Make sure that the cursor is in an empty, plain last block."""
        if cursor.position() > 0 or self.codes:
            cursor.insertBlock(QTextBlockFormat(), QTextCharFormat())

    def _insert(self, cursor: QTextCursor, markdown: str) -> None:
        scratch = self._scratch
        # A leading newline, or text that begins with a rule is taken for front matter and vanishes.
        scratch.setMarkdown("\n" + escape_definitions(markdown.strip("\n")), FEATURES)
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
                self.codes.append(open_range)
            else:
                open_range.last = number
            block = block.next()

    @staticmethod
    def _readable_tail(tail: str) -> str:
        """Return the open block with unclosed emphasis and code closed, so that no marks flicker."""
        line = tail[tail.rfind("\n") + 1 :]
        if line.count("`") % 2:
            return tail + "`"
        return tail + "**" if line.count("**") % 2 and not line.endswith("*") else tail
