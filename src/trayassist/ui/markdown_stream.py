"""Writes streaming Markdown into a QTextDocument; only the last, open block is parsed again.

Finished blocks and the open one go through a scratch document and are inserted as fragments:
QTextCursor.insertMarkdown() would give the first block the format of the block it lands in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import (
    QColor,
    QFont,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextDocumentFragment,
    QTextFormat,
    QTextFragment,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
    QTextTableFormat,
)

from trayassist.ui.markdown_split import Block, Code, FenceClosed, FenceOpened, Piece, Splitter, shown_definitions
from trayassist.ui.theme import Theme

FEATURES = QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML
FENCED = QTextFormat.Property.BlockCodeFence
LANGUAGE = QTextFormat.Property.BlockCodeLanguage  # every line of code has it, fenced or indented
QUOTE = QTextFormat.Property.BlockQuoteLevel
PROPORTIONAL = QTextBlockFormat.LineHeightTypes.ProportionalHeight.value
CODE_TOP, CODE_BOTTOM, CODE_SIDE = 36, 16, 12  # room for the language and the copy button, and below
CITATION = re.compile(r"\[(\d{1,3})\]")
WEB = ("http", "https", "mailto")


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


class Look:
    """The theme as text formats."""

    def __init__(self, theme: Theme) -> None:
        colors = theme.colors
        self.body_px, self.code_font = theme.font_px("body"), theme.code_font()
        self.muted, self.border, self.raised = QColor(colors.muted), QColor(colors.border), QColor(colors.raised)
        self.paragraph = QTextBlockFormat()
        self.paragraph.setLineHeight(145, PROPORTIONAL)
        self.paragraph.setTopMargin(0)
        self.paragraph.setBottomMargin(10)
        self.item = QTextBlockFormat()
        self.item.setBottomMargin(3)
        self.quote = QTextBlockFormat()
        self.quote.setRightMargin(16)
        self.cell = QTextBlockFormat()
        self.cell.setBottomMargin(0)
        self.code_line = QTextBlockFormat()
        self.code_line.setLineHeight(130, PROPORTIONAL)
        for margin in (self.code_line.setTopMargin, self.code_line.setBottomMargin, self.code_line.setTextIndent):
            margin(0)
        self.code_line.setNonBreakableLines(False)
        self.code_line.setLeftMargin(CODE_SIDE)
        self.code_line.setRightMargin(CODE_SIDE)
        self.code = QTextCharFormat()
        self.code.setFont(self.code_font)
        self.inline_code = QTextCharFormat()
        self.inline_code.setFontFamilies(self.code_font.families() or [self.code_font.family()])
        self.inline_code.setBackground(QColor(colors.raised))
        self.link = QTextCharFormat()
        self.link.setForeground(QColor(colors.accent))
        self.citation = QTextCharFormat(self.link)
        self.citation.setFontUnderline(False)
        self.quiet = QTextCharFormat()
        self.quiet.setForeground(self.muted)
        self.strong = QTextCharFormat()
        self.strong.setFontWeight(QFont.Weight.DemiBold)

    def heading(self, level: int) -> tuple[QTextBlockFormat, QTextCharFormat]:
        """Return the formats of a heading; Qt gives *emphasis* inside one the body size, this does not."""
        block, text = QTextBlockFormat(), QTextCharFormat()
        block.setTopMargin(14 if level < 3 else 8)
        block.setBottomMargin(6)
        text.setProperty(QTextFormat.Property.FontPixelSize, round(self.body_px * {1: 1.3, 2: 1.17}.get(level, 1.05)))
        text.setFontWeight(QFont.Weight.DemiBold)
        return block, text


class MarkdownStream:
    """The answer in a document, as it comes. `reparsed` counts the characters that were parsed, over all."""

    def __init__(self, document: QTextDocument, look: Look) -> None:
        self.document, self.look = document, look
        self.codes: list[CodeRange] = []
        self.citations: set[int] = set()
        self.reparsed = 0
        self._scratch = ClosedDocument()
        self.clear()

    def clear(self) -> None:
        """Start a new text."""
        self.document.clear()
        self.codes.clear()
        self.citations.clear()
        self._split = Splitter()
        self._tail_at = 0
        self._table_last = self._tail_after_table = False  # Qt leaves an empty block behind a table
        self._tail_codes = 0  # how many of `codes` belong to finished text
        self._tail_format = QTextBlockFormat()
        self._shown_tail = ""

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
                self._mark(cursor, number)

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
        self._table_last = self._tail_after_table
        self._shown_tail = ""

    def _finish_part(self, cursor: QTextCursor) -> None:
        self._tail_at, self._tail_codes = cursor.position(), len(self.codes)
        self._tail_after_table, self._tail_format = self._table_last, cursor.blockFormat()

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
            self._end_of_code(cursor.block())
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

    def _end_of_code(self, block: QTextBlock) -> None:
        shape = block.blockFormat()
        shape.setBottomMargin(CODE_BOTTOM + 8)
        QTextCursor(block).setBlockFormat(shape)

    def _begin_block(self, cursor: QTextCursor) -> None:
        """Make sure that the cursor is in an empty, plain last block; a table leaves one behind it."""
        if self._table_last:
            cursor.setBlockFormat(QTextBlockFormat())
        elif cursor.position() > 0 or self.codes:
            cursor.insertBlock(QTextBlockFormat(), QTextCharFormat())
        self._table_last = False

    def _insert(self, cursor: QTextCursor, markdown: str) -> None:
        scratch = self._scratch
        # A leading newline, or text that begins with a rule is taken for front matter and vanishes.
        scratch.setMarkdown("\n" + shown_definitions(markdown.strip("\n")), FEATURES)
        self.reparsed += len(markdown)
        self._dress(scratch)
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
        self._table_last = not last.text() and QTextCursor(last.previous()).currentTable() is not None
        cursor.movePosition(QTextCursor.MoveOperation.End)
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

    # ------------------------------------------------------------ looks

    def _dress(self, scratch: QTextDocument) -> None:
        look = self.look
        everything = QTextCursor(scratch)
        everything.select(QTextCursor.SelectionType.Document)
        everything.mergeBlockFormat(look.paragraph)
        block = scratch.begin()
        tables: dict[int, QTextTable] = {}
        before: QTextBlock | None = None
        while block.isValid():
            self._dress_block(block, before, tables)
            before, block = block, block.next()
        if before is not None and before.blockFormat().hasProperty(LANGUAGE):
            self._end_of_code(before)
        for table in tables.values():
            self._dress_table(table)

    def _dress_block(self, block: QTextBlock, before: QTextBlock | None, tables: dict[int, QTextTable]) -> None:
        look, shape = self.look, block.blockFormat()
        cursor = QTextCursor(block)
        table = cursor.currentTable()
        was_code = before is not None and before.blockFormat().hasProperty(LANGUAGE)
        if was_code and before is not None and not shape.hasProperty(LANGUAGE):
            self._end_of_code(before)
        if table is not None:
            tables.setdefault(table.firstPosition(), table)
            cursor.mergeBlockFormat(look.cell)
        elif shape.hasProperty(LANGUAGE):
            self._dress_code(cursor, shape, first=not was_code)
            return
        elif shape.headingLevel():
            block_format, text_format = look.heading(shape.headingLevel())
            cursor.mergeBlockFormat(block_format)
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
            cursor.mergeCharFormat(text_format)
        elif block.textList() is not None:
            cursor.mergeBlockFormat(look.item)
        elif shape.hasProperty(QUOTE):
            cursor.mergeBlockFormat(look.quote)
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
            cursor.mergeCharFormat(look.quiet)
        self._dress_text(block)

    def _dress_code(self, cursor: QTextCursor, shape: QTextBlockFormat, *, first: bool) -> None:
        left = shape.leftMargin()
        shape.merge(self.look.code_line)
        shape.setLeftMargin(left + CODE_SIDE)
        if first:
            shape.setTopMargin(CODE_TOP)
        cursor.setBlockFormat(shape)
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
        cursor.setCharFormat(self.look.code)

    def _dress_text(self, block: QTextBlock) -> None:
        """Give links, inline code, images and citation marks their looks."""
        for fragment in list(_special_fragments(block)):
            shape = fragment.charFormat()
            cursor = QTextCursor(block)
            cursor.setPosition(fragment.position())
            cursor.setPosition(fragment.position() + fragment.length(), QTextCursor.MoveMode.KeepAnchor)
            if shape.isImageFormat():
                alt = shape.property(QTextFormat.Property.ImageAltText) or shape.toImageFormat().name()
                cursor.insertText(f"[{alt}]", self.look.quiet)
            elif shape.isAnchor():
                if QUrl(shape.anchorHref()).scheme() in WEB:
                    cursor.mergeCharFormat(self.look.link)
                else:  # only the web and our own citations are links
                    cursor.setCharFormat(QTextCharFormat())
            else:
                cursor.mergeCharFormat(self.look.inline_code)
        if self.citations and "[" in block.text():
            for match in CITATION.finditer(block.text()):
                if int(match[1]) in self.citations:
                    cursor = QTextCursor(block)
                    cursor.setPosition(block.position() + match.start())
                    cursor.setPosition(block.position() + match.end(), QTextCursor.MoveMode.KeepAnchor)
                    if not cursor.charFormat().fontFixedPitch():
                        self._mark(cursor, int(match[1]))

    def _mark(self, cursor: QTextCursor, number: int) -> None:
        shape = QTextCharFormat(self.look.citation)
        shape.setAnchor(True)
        shape.setAnchorHref(f"cite:{number}")
        cursor.mergeCharFormat(shape)

    def _dress_table(self, table: QTextTable) -> None:
        shape: QTextTableFormat = table.format().toTableFormat()
        shape.setBorderCollapse(True)
        shape.setBorder(1)
        shape.setBorderBrush(self.look.border)
        shape.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        shape.setCellPadding(6)
        shape.setCellSpacing(0)
        shape.setTopMargin(4)
        shape.setBottomMargin(12)
        shape.setWidth(QTextLength())
        table.setFormat(shape)
        for column in range(table.columns()):
            cell = table.cellAt(0, column)
            cursor = cell.firstCursorPosition()
            cursor.setPosition(cell.lastCursorPosition().position(), QTextCursor.MoveMode.KeepAnchor)
            cursor.mergeCharFormat(self.look.strong)


def _special_fragments(block: QTextBlock) -> Iterator[QTextFragment]:
    iterator = block.begin()
    while not iterator.atEnd():
        fragment = iterator.fragment()
        shape = fragment.charFormat()
        if shape.isAnchor() or shape.isImageFormat() or shape.fontFixedPitch():
            yield fragment
        iterator += 1
