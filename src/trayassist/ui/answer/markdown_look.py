"""How Markdown looks: the theme as text formats, and putting them on a parsed document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from PySide6.QtCore import QUrl
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFragment,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
    QTextTableFormat,
)

from trayassist.ui.answer.open_outside import WEB
from trayassist.ui.widgets.theme import Theme

LANGUAGE = QTextFormat.Property.BlockCodeLanguage  # every line of code has it, fenced or indented
QUOTE = QTextFormat.Property.BlockQuoteLevel
PROPORTIONAL = QTextBlockFormat.LineHeightTypes.ProportionalHeight.value
CODE_TOP, CODE_BOTTOM, CODE_SIDE = 36, 16, 12  # room for the language and the copy button, and below
CITATION = re.compile(r"\[(\d{1,3})\]")


class MarkdownLook:
    """The theme as text formats."""

    def __init__(self, theme: Theme) -> None:
        colors = theme.colors
        self.code_font = theme.code_font()
        self.muted, self.border, self.raised = QColor(colors.muted), QColor(colors.border), QColor(colors.raised)
        self.paragraph = QTextBlockFormat()
        self.paragraph.setLineHeight(_percent(theme.font_px("body"), 1.45), PROPORTIONAL)
        self.paragraph.setTopMargin(0)
        self.paragraph.setBottomMargin(10)
        self.item = QTextBlockFormat()
        self.item.setBottomMargin(3)
        self.quote = QTextBlockFormat()
        self.quote.setRightMargin(16)
        self.cell = QTextBlockFormat()
        self.cell.setBottomMargin(0)
        self.gap = QTextBlockFormat()
        self.gap.setLineHeight(2, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
        self.code_line = QTextBlockFormat()
        self.code_line.setLineHeight(_percent(self.code_font.pixelSize(), 1.45, self.code_font), PROPORTIONAL)
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
        text.setProperty(QTextFormat.Property.FontSizeAdjustment, 1 if level < 3 else 0)  # 1 is Qt's step of 1.2
        text.setFontWeight(QFont.Weight.DemiBold)
        return block, text

    # ------------------------------------------------------------ looks

    def dress(self, scratch: QTextDocument, citations: AbstractSet[int]) -> None:
        """Give a freshly parsed document our looks. Code keeps room above (language, copy button) and below."""
        everything = QTextCursor(scratch)
        everything.select(QTextCursor.SelectionType.Document)
        everything.mergeBlockFormat(self.paragraph)
        block = scratch.begin()
        tables: dict[int, QTextTable] = {}
        before: QTextBlock | None = None
        while block.isValid():
            self._dress_block(block, before, tables, citations)
            before, block = block, block.next()
        if before is not None and before.blockFormat().hasProperty(LANGUAGE):
            end_of_code(before)
        for table in tables.values():
            self._dress_table(table)

    def _dress_block(
        self, block: QTextBlock, before: QTextBlock | None, tables: dict[int, QTextTable], citations: AbstractSet[int]
    ) -> None:
        shape = block.blockFormat()
        cursor = QTextCursor(block)
        table = cursor.currentTable()
        was_code = before is not None and before.blockFormat().hasProperty(LANGUAGE)
        if was_code and before is not None and not shape.hasProperty(LANGUAGE):
            end_of_code(before)
        if table is not None:
            tables.setdefault(table.firstPosition(), table)
            cursor.mergeBlockFormat(self.cell)
        elif shape.hasProperty(LANGUAGE):
            self._dress_code(cursor, shape, first=not was_code)
            return
        elif shape.headingLevel():
            block_format, text_format = self.heading(shape.headingLevel())
            cursor.mergeBlockFormat(block_format)
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
            cursor.mergeCharFormat(text_format)
        elif block.textList() is not None:
            cursor.mergeBlockFormat(self.item)
        elif shape.hasProperty(QUOTE):
            cursor.mergeBlockFormat(self.quote)
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
            cursor.mergeCharFormat(self.quiet)
        self._dress_text(block, citations)

    def _dress_code(self, cursor: QTextCursor, shape: QTextBlockFormat, *, first: bool) -> None:
        left = shape.leftMargin()
        shape.merge(self.code_line)
        shape.setLeftMargin(left + CODE_SIDE)
        if first:
            shape.setTopMargin(CODE_TOP)
        cursor.setBlockFormat(shape)
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
        cursor.setCharFormat(self.code)

    def _dress_text(self, block: QTextBlock, citations: AbstractSet[int]) -> None:
        """Give links, inline code, images and citation marks their looks."""
        for fragment in list(_special_fragments(block)):
            shape = fragment.charFormat()
            cursor = QTextCursor(block)
            cursor.setPosition(fragment.position())
            cursor.setPosition(fragment.position() + fragment.length(), QTextCursor.MoveMode.KeepAnchor)
            if shape.isImageFormat():
                alt = shape.property(QTextFormat.Property.ImageAltText) or shape.toImageFormat().name()
                cursor.insertText(f"[{alt}]", self.quiet)
            elif shape.isAnchor():
                if QUrl(shape.anchorHref()).scheme() in WEB:
                    cursor.mergeCharFormat(self.link)
                else:  # only the web and our own citations are links
                    cursor.setCharFormat(QTextCharFormat())
            else:
                cursor.mergeCharFormat(self.inline_code)
        if citations and "[" in block.text():
            for match in CITATION.finditer(block.text()):
                if int(match[1]) in citations:
                    cursor = QTextCursor(block)
                    cursor.setPosition(block.position() + match.start())
                    cursor.setPosition(block.position() + match.end(), QTextCursor.MoveMode.KeepAnchor)
                    if not cursor.charFormat().fontFixedPitch():
                        self.mark(cursor, int(match[1]))

    def mark(self, cursor: QTextCursor, number: int) -> None:
        """Make the cursor's selection the link of a citation."""
        shape = QTextCharFormat(self.citation)
        shape.setAnchor(True)
        shape.setAnchorHref(f"cite:{number}")
        cursor.mergeCharFormat(shape)

    def _dress_table(self, table: QTextTable) -> None:
        shape = table.format()
        assert isinstance(shape, QTextTableFormat)
        shape.setBorderCollapse(True)
        shape.setBorder(1)
        shape.setBorderBrush(self.border)
        shape.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        shape.setCellPadding(6)
        shape.setCellSpacing(0)
        shape.setTopMargin(8)
        shape.setBottomMargin(12)
        shape.setWidth(QTextLength())
        table.setFormat(shape)
        for column in range(table.columns()):
            cell = table.cellAt(0, column)
            cursor = cell.firstCursorPosition()
            cursor.setPosition(cell.lastCursorPosition().position(), QTextCursor.MoveMode.KeepAnchor)
            cursor.mergeCharFormat(self.strong)


def _percent(pixels: int, lines: float, family: QFont | None = None) -> float:
    """Return what Qt calls a line height of `lines` times the text size: it counts from the font's own spacing."""
    font = QFont(family or QGuiApplication.font())
    font.setPixelSize(pixels)
    return 100 * lines * pixels / max(1.0, QFontMetricsF(font).lineSpacing())


def end_of_code(block: QTextBlock) -> None:
    """Leave room below the last line of a code block."""
    shape = block.blockFormat()
    shape.setBottomMargin(CODE_BOTTOM + 8)
    QTextCursor(block).setBlockFormat(shape)


def _special_fragments(block: QTextBlock) -> Iterator[QTextFragment]:
    iterator = block.begin()
    while not iterator.atEnd():
        fragment = iterator.fragment()
        shape = fragment.charFormat()
        if shape.isAnchor() or shape.isImageFormat() or shape.fontFixedPitch():
            yield fragment
        iterator += 1
