"""Letters as TeX and old fonts leave them in a PDF, and lines that go on: "M¨uller" is "Müller"."""

from __future__ import annotations

import itertools
import re
import unicodedata

from trayassist.api.normal_text import join_broken_words, normal

_COMBINING = {
    "¨": "\u0308",
    "´": "\u0301",
    "`": "\u0300",
    "ˆ": "\u0302",
    "˜": "\u0303",
    "¸": "\u0327",
    "˚": "\u030a",
    "ˇ": "\u030c",
    "˝": "\u030b",
    "˘": "\u0306",
    "˙": "\u0307",
    "˛": "\u0328",
    "¯": "\u0304",
}
_MARKS = "¨´`ˆ˜¸˚ˇ˝˘˙˛¯"
_LOOSE = re.compile(rf"([^\W\d_])?( ?)([{_MARKS}])( ?)([^\W\d_])?")
_APART = re.compile("([^\\W\\d_]) ([\u0300-\u036f])")
_VOWELS = frozenset("aeiouyAEIOUYıȷ")
_DOTLESS = {"ı": "i", "ȷ": "j"}
_APOSTROPHE = re.compile(r"(?:[stmd]|ll|re|ve)\b")  # don´t: an accent for want of an apostrophe


def write_out(text: str) -> str:
    """Return the text of a PDF page in the letters that people type, accents on their letters, broken words whole."""
    if not text.isascii() or "`" in text:
        text = put_accents(text)
    return join_wide_lines(join_broken_words(normal(text)))


def put_accents(text: str) -> str:
    """Return `text` with accents that stand beside their letters on them.

    TeX writes the accent before its letter, some converters after it. Which of two letters is meant is told by what
    exists, then by where this page has that accent elsewhere, then by the vowel.
    """
    text = _APART.sub(r"\1\2", text)
    if not any(mark in text for mark in _MARKS):
        return text
    after = {mark: _stands_after(text, mark) for mark in set(text) & set(_MARKS)}
    inside = re.search(rf"[^\W\d_][{_MARKS}][^\W\d_]", text)
    done: list[str] = []
    at = 0
    while (found := _LOOSE.search(text, at)) is not None:
        before, gap, mark, _space, following = found.groups()
        done.append(text[at : found.start()])
        place = _place(found, after[mark], text)
        if place == "before":
            done.append(_compose(before, mark))
            at = found.start(4)
        elif place == "after":
            alone = before and before.isupper() and not text[found.start() - 1 : found.start()].isalnum()
            closed = following.islower() and (alone or not inside)  # "M ¨uller": the space is none
            done.append(f"{before or ''}{'' if closed else gap}{_compose(following, mark)}")
            at = found.end()
        else:
            done.append(text[found.start() : found.end(3)])
            at = found.end(3)
    done.append(text[at:])
    return "".join(done)


def _place(found: re.Match[str], after: bool | None, text: str) -> str:
    """Return which letter the accent belongs to: the one "before" it, the one "after" it, or neither ("")."""
    before, gap, mark, space, following = found.groups()
    first = bool(before and not gap and _compose(before, mark))
    second = bool(following and not space and _compose(following, mark))
    if mark in "´`" and _APOSTROPHE.match(text, found.end(3)):
        second = False
        if before and before not in _VOWELS:
            return ""
    if mark == "`" and not (before and following):
        return ""  # a backtick
    if gap and not second:
        return ""
    if first and second:
        if after is not None and mark in "¨˜¸":
            return "before" if after else "after"
        if mark in "´`ˆ¨" and (before in _VOWELS) != (following in _VOWELS):
            return "before" if before in _VOWELS else "after"
        return "before" if after else "after"
    return "before" if first else "after" if second else ""


def _stands_after(text: str, mark: str) -> bool | None:
    """Return whether this page has the accent after its letter, of places where only one is possible; None if none."""
    votes = 0
    for found in re.finditer(rf"([^\W\d_])?{re.escape(mark)}([^\W\d_])?", text):
        first = bool(found[1] and _compose(found[1], mark))
        second = bool(found[2] and _compose(found[2], mark))
        votes += (first and not second) - (second and not first)
    return votes > 0 if votes else None


def _compose(letter: str | None, mark: str) -> str:
    """Return the letter with the accent as one character; "" when there is none."""
    if not letter:
        return ""
    whole = unicodedata.normalize("NFC", _DOTLESS.get(letter, letter) + _COMBINING[mark])
    return whole if len(whole) == 1 else ""


# ---- lines of scripts without spaces

_WIDE = "\u3005-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WIDE_BREAK = re.compile(rf"(?<=[{_WIDE}、，])\n(?=[{_WIDE}])")
FULL = 0.8  # of the longest line: a shorter one ends where its writer wanted


def join_wide_lines(text: str) -> str:
    """Return `text` with the lines of Chinese and Japanese joined that end for want of room, which is no space."""
    if text.isascii() or not _WIDE_BREAK.search(text):
        return text
    lines = text.split("\n")
    longest = max(len(line.strip()) for line in lines)
    joined = [lines[0]]
    for before, line in itertools.pairwise(lines):
        full = len(before.strip()) >= max(8, FULL * longest)
        if full and _WIDE_BREAK.search(f"{before.rstrip()[-1:]}\n{line.lstrip()[:1]}"):
            joined[-1] = joined[-1].rstrip() + line.lstrip()
        else:
            joined.append(line)
    return "\n".join(joined)
