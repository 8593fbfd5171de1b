"""Text as people write and search it, for both sides: what readers hand to memory, and what a question asks.

Files hold letters in many forms: accents as characters of their own (NFD), ligatures, letters in the forms of print
(Arabic, full-width, mathematical), marks that nobody sees, words that a line's end parts. All functions are pure, take
linear time, and leave text that is normal already as it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

SOFT_HYPHEN = "\xad"  # shows only where it breaks a line
# Letters in another form than people type: each is a compatibility variant of plain ones (Unicode, NFKC).
_FORMS = re.compile(
    "[\u2011\u2126\u212a\u212b\ufb00-\ufb4f\ufb50-\ufdff\ufe70-\ufefc\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff61-\uff9f\U0001d400-\U0001d7ff]+"
)
_FORM_BREAK = str.maketrans({"\u2028": "\n", "\u2029": "\n", "\x85": "\n", "\x0b": "\n", "\x0c": "\n"})
_SPACES = re.compile("[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
# Unseen: zero width, marks of direction, joiners of words, tags, variation selectors after letters and figures.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f]|(?<=[\\w,.;:])\ufe0e"
)
# A joiner matters in Arabic and Indian scripts and in emoji; between other letters it only bars a ligature.
_IDLE_JOINER = re.compile(
    "(?<![\u0600-\u08ff\u0900-\u0dff\u1000-\u109f\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]"
)
_STROKES = str.maketrans(
    {
        "ł": "l",
        "Ł": "l",
        "ø": "o",
        "Ø": "o",
        "đ": "d",
        "Đ": "d",
        "ð": "d",
        "Ð": "d",
        "ħ": "h",
        "Ħ": "h",
        "ı": "i",
        "ŧ": "t",
        "Ŧ": "t",
        "ß": "ss",
        "ẞ": "ss",
        "æ": "ae",
        "Æ": "ae",
        "œ": "oe",
        "Œ": "oe",
        "þ": "th",
        "Þ": "th",
        "ŋ": "n",
        "ĸ": "k",
        "ſ": "s",
        "ƀ": "b",
        "ɨ": "i",
        "\u0640": "",
    }
)
_ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670]")

# ---- words that a line's end parts: how the line ends, and the word that the next one begins with
_HYPHEN_END = re.compile(r"([^\W\d_]{1,60})([-\u2010\xac])$")
_SOFT_END = re.compile(r"(\S{0,60})(\xad)$")
_NEXT_LETTERS = re.compile(r"([^\W\d_]{1,60})(\S{0,60})\s{0,60}")
_NEXT_WORD = re.compile(r"(\S{1,60})()\s{0,60}")
_HYPHENS = ("-", "\u2010", "\xac", "\xad")
_LONGEST = 200  # characters of a word that lines part
_SUSPENDED = frozenset(["und", "oder", "bzw", "sowie", "bis"])  # "Vor- und Nachteile"
_FIRST = """self non co ex well ill all half semi quasi cross high low long short full part time so vice anti pre post
    mid two three four five six seven eight nine ten twenty thirty forty fifty sixty seventy eighty ninety first second
    third double single year month day week hour old new open mother father brother sister"""
_SECOND = """based term time year years old day days week month hour hours free wide known like related off up in law of
    to made level quality scale end ended linked class sized"""
_FIRST_PARTS = frozenset(_FIRST.split())  # of words that are written with a hyphen wherever they stand ...
_SECOND_PARTS = frozenset(_SECOND.split())  # ... if they end with one of these
_ALWAYS = frozenset(["self", "non", "ex", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"])


def normal(text: str) -> str:
    """Return `text` in the letters that people type: NFC, no ligatures or forms of print, no unseen marks.

    Words are whole that soft hyphens part, also at a line's end, where the line then ends after the word. Every kind
    of space becomes a space, every kind of line end a newline; controls but the tab are dropped.
    """
    if text.isascii():
        return text if text.isprintable() else _UNSEEN.sub("", text.translate(_FORM_BREAK))
    text = text.translate(_FORM_BREAK)
    if SOFT_HYPHEN in text:
        text = _join(text, _SOFT_END, _NEXT_WORD, _soft_glue)
    text = _UNSEEN.sub("", _SPACES.sub(" ", text))
    if "\u200c" in text or "\u200d" in text:
        text = _IDLE_JOINER.sub("", text)
    text = _FORMS.sub(lambda found: unicodedata.normalize("NFKC", found[0]).replace("\u2010", "-"), text)
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """Return `text` for comparison: lower case, no accents and no strokes through letters ("Łódź" is "lodz")."""
    if text.isascii():
        return text.lower()
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", _UNSEEN.sub("", text)).translate(_STROKES))
    return unicodedata.normalize("NFC", bare).lower()


def skeleton(text: str) -> Iterator[tuple[str, int]]:
    """Yield each folded letter and figure of `text` with its offset.

    White space, hyphens and marks are left out: two spellings of a page have the same skeleton.
    """
    if text.isascii():
        yield from ((sign, at) for at, sign in enumerate(text.lower()) if sign.isalnum())
        return
    for at, sign in enumerate(text):
        if sign.isascii():
            if sign.isalnum():
                yield sign.lower(), at
        else:
            yield from ((one, at) for one in fold(sign) if one.isalnum())


def join_broken_words(text: str) -> str:
    """Return `text` with the words whole that a hyphen parts at a line's end; the line then ends after the word.

    The hyphen goes ("notifi-/cation") unless it belongs to the word: before a capital ("Lake-/Placid"), in words
    that the text writes with it elsewhere, in compounds ("long-/term"). "Vor-/und Nachteile" keeps hyphen and space.
    """
    if "-\n" not in text and "\u2010\n" not in text and "\xac\n" not in text and "- \n" not in text:
        return text
    known: set[str] = set()

    def glue(first: str, hyphen: str, second: str, rest: str) -> str | None:
        if not known:
            known.update(_find_compounds(text), ("-",))
        return _hyphen_glue(first, hyphen, second, rest, known)

    return _join(text, _HYPHEN_END, _NEXT_LETTERS, glue)


def _join(
    text: str,
    end: re.Pattern[str],
    following: re.Pattern[str],
    glue: Callable[[str, str, str, str], str | None],
) -> str:
    """Return `text` with the first word of a line moved up where the line before ends in half of it.

    `glue` is asked what stands between the halves; None when they are two words.
    """
    lines, joined = text.split("\n"), list[str]()
    at = 0
    while at < len(lines):
        line, moved = lines[at], 0
        while at + 1 < len(lines) and line.rstrip()[-1:] in _HYPHENS and moved < _LONGEST:
            line = line.rstrip()
            half, word = end.search(line[-_LONGEST:]), following.match(lines[at + 1].lstrip())
            below = lines[at + 1].lstrip()[word.end() :] if word else ""
            between = glue(half[1], half[2], word[1], below) if half and word else None
            if word is None or between is None:
                break
            line = line[:-1] + between + word[1] + word[2]
            moved += len(word[0])
            lines[at + 1] = below
            if below.strip():
                break
            at += 1
        joined.append(line)
        at += 1
    return "\n".join(joined)


def _hyphen_glue(first: str, hyphen: str, second: str, rest: str, known: set[str]) -> str | None:
    if hyphen == "\xac":
        return ""
    lower = first.lower()
    if second in _SUSPENDED or (second in ("and", "or") and "-" in rest[:20]):
        return "- "
    if (second[0].isupper() and not first.isupper()) or len(first) == 1 or f"{lower}-{second.lower()}" in known:
        return "-"
    if lower in _ALWAYS or (lower in _FIRST_PARTS and second.lower() in _SECOND_PARTS):
        return "-"
    return ""


def _find_compounds(text: str) -> set[str]:
    return {found.lower() for found in re.findall(r"\b[^\W\d_]{1,40}-[^\W\d_]{1,40}\b", text)}


def _soft_glue(*_: str) -> str:
    return ""
