"""Cuts growing Markdown into finished top-level blocks, so that only the last, open one is parsed again.

A cut is made only where a full parse would end every container too: the finished blocks, parsed one by
one, give the document that the whole text gives. Code fences are followed line by line and never parsed.
Two exceptions keep the cost bounded: a block longer than LONGEST characters or MOST_LINES lines is cut
at a line (a table repeats its header), and link reference definitions stay visible text, because a late
one would change blocks that are finished.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST = 4_000  # characters of an open block, where inline code, links and marks count more
MARK_WEIGHT = 50  # characters that one inline code, link or citation mark counts as: each is dressed by itself
CELL_WEIGHT = 25  # characters that a cell counts as: Qt lays out the whole table again, some 0.08 ms a cell
MOST_LINES = 60  # of an open block: Qt takes a millisecond for some ten list items or table rows
FENCE = re.compile(r"^( {0,3})(`{3,}|~{3,})[ \t]*([^`\n]*)$")
TILDE_FENCE = re.compile(r"^( {0,3})(~{3,})[ \t]*([^\n]*)$")
MARKER = re.compile(r"^( {0,3})([-*+]|\d{1,9}[.)])( {1,4}(?=\S)|[ \t]|$)")
RULE = re.compile(r"^ {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$")
HEADING_OR_QUOTE = re.compile(r"^ {0,3}(?:#{1,6}(?:[ \t]|$)|>)")
TABLE_DELIMITER = re.compile(r"^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
DEFINITION = re.compile(r"^([ \t]{0,12}(?:[-*+>][ \t]{0,4})?\[[^\]\n]{1,400}\]):")


@dataclass(frozen=True, slots=True)
class Block:
    """A finished top-level block (or some) as Markdown."""

    text: str


@dataclass(frozen=True, slots=True)
class FenceOpened:
    """A top-level code fence began; Code pieces follow."""

    language: str


@dataclass(frozen=True, slots=True)
class Code:
    """More text of the open code fence; the newline comes in front of the line it begins."""

    text: str


@dataclass(frozen=True, slots=True)
class FenceClosed:
    """The open code fence ended."""


Piece = Block | FenceOpened | Code | FenceClosed


class Splitter:
    """Takes text as it comes, in pieces of any size; the result does not depend on how it was cut."""

    def __init__(self) -> None:
        self._pieces: list[Piece] = []
        self._lines: list[str] = []  # complete lines of the open block, with their newline
        self._size = 0
        self._partial = ""  # the last line, without its newline yet
        self._after_return = False
        self._kind = ""  # "", text, list, indented
        self._blank = False  # the last complete line was blank
        self._content = 0  # list: columns that a line must be indented by to belong to the last outer item
        self._empty_item = False
        self._fence: tuple[str, int, int] | None = None  # character, length, indentation
        self._code_lines = 0
        self._begun, self._shown = False, 0  # whether and how much of the partial code line was handed out

    @property
    def tail(self) -> str:
        """The open block as far as it is known; empty while a code fence is open."""
        return "" if self._fence else "".join(self._lines) + self._partial

    def feed(self, text: str) -> None:
        """Take more text. Line ends of all kinds count as newlines."""
        if self._after_return and text.startswith("\n"):
            text = text[1:]
        self._after_return = text.endswith("\r")
        text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
        *complete, rest = text.split("\n")
        for line in complete:
            self._line(self._partial + line)
            self._partial = ""
        self._partial += rest
        if self._fence:
            self._show_partial_code()
        elif self._size + _weight(self._partial) > LONGEST or len(self._lines) > MOST_LINES:
            self._cut_long()

    def take(self) -> list[Piece]:
        """Return what was finished since the last call, in order."""
        pieces, self._pieces = self._pieces, []
        return pieces

    def finish(self) -> list[Piece]:
        """End the text: the open block or fence is finished too."""
        if self._partial:
            self._line(self._partial)
            self._partial = ""
        if self._fence:
            self._close_fence()
        self._cut()
        return self.take()

    # ------------------------------------------------------------ lines

    def _line(self, line: str) -> None:
        if self._fence:
            self._code_line(line)
            return
        if not line.strip(" \t"):
            self._blank_line(line)
            return
        indent = _indent(line)
        inside = self._kind == "list" and indent >= self._content
        fence = _fence(line)
        if fence and not inside:
            self._cut()
            self._fence = fence[:3]
            self._code_lines = 0
            self._pieces.append(FenceOpened(fence[3]))
            return
        if self._blank and self._ends_after_blank(line, indent):
            self._cut()
        self._classify(line, indent, inside=inside)
        self._append(line)
        self._blank = False

    def _blank_line(self, line: str) -> None:
        if not self._kind:
            return
        if self._empty_item:  # an item that begins with a blank line has no more content
            self._content, self._empty_item = 10**6, False
        self._append(line)
        self._blank = True

    def _ends_after_blank(self, line: str, indent: int) -> bool:
        if self._kind == "list":
            return indent < self._content and not (MARKER.match(line) and not RULE.match(line))
        return self._kind == "text" or (self._kind == "indented" and indent < 4)

    def _classify(self, line: str, indent: int, *, inside: bool) -> None:
        if inside and self._kind == "list":
            self._empty_item = False
            return
        if RULE.match(line) or HEADING_OR_QUOTE.match(line):
            self._kind = "text"
        elif marker := MARKER.match(line):
            rest = line[marker.end() :].strip()
            bare = len(marker[1]) + len(marker[2])
            self._kind = "list"
            self._content = bare + (len(marker[3]) if rest and marker[3].strip("\t") else 1)
            self._empty_item = not rest
        elif not self._kind:
            self._kind = "indented" if indent >= 4 else "text"

    def _append(self, line: str) -> None:
        self._lines.append(line + "\n")
        self._size += _weight(line) + 1

    def _cut(self) -> None:
        text = "".join(self._lines)
        if text.strip():
            self._pieces.append(Block(text))
        self._lines, self._size, self._kind, self._blank = [], 0, "", False
        self._content, self._empty_item = 0, False

    # ------------------------------------------------------------ blocks too long to parse again and again

    def _cut_long(self) -> None:
        lines = self._lines
        table = len(lines) > 3 and "|" in lines[0] and TABLE_DELIMITER.match(lines[1].rstrip("\n"))
        if self._kind == "list":
            items = [i for i, line in enumerate(lines) if i and MARKER.match(line.rstrip("\n"))]
            at = items[-1] if items else len(lines)
        else:
            at = len(lines)
        if lines and at:
            rest = lines[:2] if table else lines[at:]
            if rest == lines:
                return
            self._pieces.append(Block("".join(lines[:at])))
            self._lines = rest
            self._size = sum(map(_weight, rest))
            if not rest:
                self._kind, self._blank = "", False
        if _weight(self._partial) > LONGEST:  # one endless line
            space = self._partial.rfind(" ", len(self._partial) // 2)
            cut = space + 1 if space > 0 else len(self._partial)
            self._pieces.append(Block(self._partial[:cut] + "\n"))
            self._partial = self._partial[cut:]

    # ------------------------------------------------------------ code

    def _code_line(self, line: str) -> None:
        assert self._fence
        if _closes(line, self._fence):
            self._close_fence()
            return
        self._hand_out_code(line)
        self._code_lines += 1
        self._begun, self._shown = False, 0

    def _show_partial_code(self) -> None:
        assert self._fence
        could_close = not self._partial.strip(" ").strip(self._fence[0])
        if self._partial and not could_close:
            self._hand_out_code(self._partial)

    def _hand_out_code(self, line: str) -> None:
        """Hand out what was not yet shown of this line of code, without the fence's own indentation."""
        assert self._fence
        indent = self._fence[2]
        code = line.lstrip(" \t")
        text = " " * max(0, _indent(line) - indent) + code
        new = text[self._shown :] if self._begun else ("\n" if self._code_lines else "") + text
        if new:
            self._pieces.append(Code(new))
        self._begun, self._shown = True, len(text)

    def _close_fence(self) -> None:
        self._fence = None
        self._begun, self._shown = False, 0
        self._pieces.append(FenceClosed())


def escape_definitions(text: str) -> str:
    """Return `text` with link reference definitions escaped, so that they are read as text."""
    if "]:" not in text:
        return text
    fence, lines = "", text.split("\n")
    for number, line in enumerate(lines):
        mark = line.lstrip(" >\t")[:3]
        if mark in ("```", "~~~"):
            fence = "" if fence == mark else (fence or mark)
        elif not fence:
            lines[number] = DEFINITION.sub(r"\1\\:", line)
    return "\n".join(lines)


def _weight(text: str) -> int:
    """Return how long `text` is, counted as what it costs to show it."""
    cells = CELL_WEIGHT * (text.count("|") - 1)
    return max(len(text), cells) + MARK_WEIGHT * (text.count("`") // 2 + text.count("["))


def _indent(line: str) -> int:
    columns = 0
    for character in line:
        if character == " ":
            columns += 1
        elif character == "\t":
            columns += 4 - columns % 4
        else:
            break
    return columns


def _fence(line: str) -> tuple[str, int, int, str] | None:
    """Return character, length, indentation and language when `line` opens a code fence."""
    match = FENCE.match(line) or TILDE_FENCE.match(line)
    if not match:
        return None
    info = match[3].strip().split()
    return match[2][0], len(match[2]), len(match[1]), info[0] if info else ""


def _closes(line: str, fence: tuple[str, int, int]) -> bool:
    text = line.rstrip(" \t")
    indent = len(text) - len(text.lstrip(" "))
    mark = text.strip(" ")
    return indent <= 3 and len(mark) >= fence[1] and not mark.strip(fence[0])
