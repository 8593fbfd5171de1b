"""Long text cut into page-sized pieces at paragraph borders, and text files decoded."""

from __future__ import annotations

import codecs
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TextIO

from trayassist.api import UnreadableFile

MAX_CHARACTERS = 4000  # of a piece
MAX_LINES = 80
EARLIEST = 0.6  # of a full piece: no border before this share is used, or pieces would get tiny
SAMPLE_BYTES = 65536
BORDERS = ("\n\n", "\n", ". ", " ")  # where to cut, best first
CONTROL = frozenset(range(32)) - frozenset(b"\t\n\r\f\v\b\x07\x1b") | {127}
MAX_CONTROL_SHARE = 0.02
GUESSED_BYTES = 20_000  # of the lines with letters beyond ASCII: what the encoding is guessed from
ENOUGH = 8  # bytes above 127, or nothing can be told
_OLD = (  # of two that fit alike, the first is taken
    "cp1252 cp1250 iso8859_2 cp1254 cp1251 koi8_r koi8_u cp866 cp1253 cp1255 cp1256 cp932 euc_jp gb18030 big5 cp949"
)
OLD_ENCODINGS = _OLD.split()
DOS_AND_MAC = ("cp850", "cp437", "mac_roman")
GOOD_FIT = 0.8  # of the signs beyond ASCII are letters where letters belong
WESTERN_LETTERS = frozenset("äöüßÄÖÜéèêëàâáåæøœçñíìîïóòôõúùûÉÈÀÂÁÅÆØÇÑÍÓÔÚãýÿ")
_EAST_ASIAN = re.compile("[\t\n\r -~\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7af\uff00-\uffef]")
_SIGN_INSIDE = re.compile(r"(?<=[^\W\d_])[^\w\s\x00-\x7f](?=[^\W\d_])")
FEWEST_UNITS = 8  # bytes of UTF-16
_HIGH_RUN = re.compile(rb"[\x80-\xff]{3}")
LIKE_WESTERN = (  # encoding, bytes that stand together in its language only, bytes that it does not have
    ("cp1250", {0xF5, 0xFB}, set[int]()),  # Hungarian "ő" and "ű" would be "õ" and "û"
    ("cp1254", {0xFD, 0xFE}, {0xE1, 0xE6, 0xED}),  # Turkish "ı" and "ş" would be the "ý" and "þ" of Icelandic
)


def cut(text: str, full: bool = False, borders: tuple[str, ...] = BORDERS) -> int:
    """Return where the first piece of `text` ends. With `full`, `text` goes on: a short rest is no piece."""
    window = _window(text)
    if window == len(text) and not full:
        return window
    for border in borders:
        at = text.rfind(border, int(window * EARLIEST), window)
        if at >= 0:
            return at + len(border)
    if window < len(text):  # one endless line: not inside a word of it
        at = next((at for at in range(window, int(window * EARLIEST), -1) if not text[at - 1 : at + 1].isalnum()), 0)
        return at or window
    return window


def split(text: str, borders: tuple[str, ...] = BORDERS) -> Iterator[tuple[int, str]]:
    """Yield (offset, piece); the pieces joined are the text. Pieces of white space alone are left out."""
    offset = 0
    while offset < len(text):
        head = text[offset : offset + MAX_CHARACTERS + 1]
        end = cut(head, full=offset + len(head) < len(text), borders=borders)
        if head[:end].strip():
            yield offset, head[:end]
        offset += end


def stream(file: TextIO, borders: tuple[str, ...] = BORDERS) -> Iterator[str]:
    """Yield the pieces of a text of any length without holding more than a piece of it."""
    rest = held = ""
    while True:
        raw = file.read(MAX_CHARACTERS)
        held, more = _hold(held + raw) if raw else ("", held)
        if raw and held and not more:
            continue
        rest += break_long_lines(as_shown(more))
        while rest and (not raw or len(rest) > MAX_CHARACTERS):
            end = cut(rest[: MAX_CHARACTERS + 1], full=bool(raw) or len(rest) > MAX_CHARACTERS, borders=borders)
            if rest[:end].strip():
                yield rest[:end]
            rest = rest[end:]
        if not raw:
            return


# ---- what a terminal shows, lines without an end

_CODES = re.compile(  # colours and movements of terminals, titles of their windows, designations of character sets
    "(?:\x1b\\[|\x9b)[0-?]{0,40}[ -/]{0,4}[@-~]|\x1b\\][^\x07\x1b]{0,400}(?:\x07|\x1b\\\\)|\x1b[ -/]{1,3}[0-~]"
    "|\x1b[0-Z\\\\-~]|\\^\\[\\[[0-9;]{0,20}m"
)
_STRUCK_OVER = re.compile(".\x08")
_MIS_DECODED = re.compile("[\xc2-\xc3][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â(?:€.|‚¬|„¢)")
LONGEST_CODE = 400
LONG_LINE = 1000  # characters
_JOINT = re.compile(r"(?<=[}\]])(,)(?=[{\[\"])|(?<=>)()(?=<)|([,;])(?=[\"'{\[A-Za-z_])")


def as_shown(text: str) -> str:
    """Return `text` without the codes that colour it in a terminal, letters struck over once, and without NULs."""
    if "\x1b" in text or "\x9b" in text or "^[[" in text:
        text = _CODES.sub("", text)
    while "\x08" in text and (once := _STRUCK_OVER.sub("", text)) != text:
        text = once
    if "Ã" in text or "Â" in text or "â€" in text:
        text = _MIS_DECODED.sub(_decode_again, text)
    return text.replace("\x00", "")


def _decode_again(found: re.Match[str]) -> str:
    """Return what was UTF-8 and was taken for Western text once: "Ã¶" is "ö"."""
    try:
        return found[0].encode("cp1252").decode("utf-8")
    except UnicodeError:
        return found[0]


def break_long_lines(text: str) -> str:
    """Return `text` with endless lines (data, programs in one line) broken between their parts, spaces after commas."""
    if len(text) < LONG_LINE or all(len(line) < LONG_LINE for line in text.split("\n")):
        return text
    lines = text.split("\n")
    return "\n".join(_JOINT.sub(_part, line) if len(line) >= LONG_LINE else line for line in lines)


def _part(found: re.Match[str]) -> str:
    if found[1] is not None:
        return f"{found[1]}\n"
    return "\n" if found[2] is not None else f"{found[3]} "


def _hold(text: str) -> tuple[str, str]:
    """Return the tail that may be half a code, and the text before it."""
    at = text.rfind("\x1b", max(0, len(text) - LONGEST_CODE))
    if at < 0 or _CODES.match(text, at):
        return "", text
    return text[at:], text[:at]


# ---- encodings

WESTERN_BYTES = "trayassist-western"


def _western_bytes(error: UnicodeError) -> tuple[str, int]:
    """Decode what is no UTF-8 in a text that else is: old files grow by lines of other programs."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end].replace(b"\xff", b"\x81").replace(b"\xfe", b"\x81")  # no letters
    return wrong.decode("cp1252", "replace"), error.end


codecs.register_error(WESTERN_BYTES, _western_bytes)


def open_text(path: Path) -> TextIO:
    """Open a text file in its own encoding. Raises UnreadableFile when it is empty or no text."""
    try:
        with path.open("rb") as file:
            sample = file.read(SAMPLE_BYTES)
    except FileNotFoundError as error:
        raise UnreadableFile(f"{path.name} is gone.", "Drop it again from where it is now.") from error
    except OSError as error:
        raise UnreadableFile(f"{path.name} cannot be opened: {error.strerror}.", "Check its permissions.") from error
    if not sample.strip():
        raise UnreadableFile(f"{path.name} is empty.", "There is nothing to read in it.")
    encoding = encoding_of(sample)
    if encoding is None:
        raise UnreadableFile(f"{path.name} is no text file.", "Save it as PDF or text and drop that.")
    errors = WESTERN_BYTES if encoding.startswith("utf-8") else "replace"
    return io.TextIOWrapper(path.open("rb"), encoding=encoding, errors=errors, newline=None)


def encoding_of(sample: bytes) -> str | None:
    """Return the encoding of a text that begins with `sample`, or None when this is no text."""
    marks = (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    )
    for mark, encoding in marks:
        if sample.startswith(mark):
            return encoding
    if (unmarked := _unmarked_utf16(sample)) is not None:
        return unmarked
    sample = sample.replace(b"\x00", b"")  # a log has a hole of them after a crash
    if not sample.strip() or _is_binary(sample):
        return None
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)  # incremental: the sample may end inside a character
    except UnicodeDecodeError:
        return _guess(sample)
    return "utf-8"


def _guess(sample: bytes) -> str:
    """Return the encoding of a text that is not valid UTF-8; Western when nothing else fits."""
    if _broken_utf8(sample):
        return "utf-8"
    lines = b"\n".join(line for line in sample.splitlines() if not line.isascii())[:GUESSED_BYTES]
    western = _western(lines)
    if sum(code > 127 for code in lines) < ENOUGH:
        return western
    from charset_normalizer import from_bytes  # a reader needs it for old texts only

    fitting = from_bytes(lines, cp_isolation=OLD_ENCODINGS)
    best = min(
        fitting, key=lambda one: (round(one.chaos, 1), -one.coherence, OLD_ENCODINGS.index(one.encoding)), default=None
    )
    if best is None:
        return western
    if western in DOS_AND_MAC and _fit(lines, western) > _fit(lines, best.encoding):
        return western
    if best.encoding == "cp1252":
        if _signs_inside(lines, "cp1252") > 0.1 * len(set(lines)):
            return min(("cp1252", "cp1250", "iso8859_2", "cp1254"), key=lambda name: _signs_inside(lines, name))
        seen = set(lines)
        return next((name for name, has, lacks in LIKE_WESTERN if has <= seen and not lacks & seen), western)
    return best.encoding


def _western(lines: bytes) -> str:
    """Return which of the encodings of Western Europe makes words of the text: Windows, DOS or Macintosh."""
    best = max(("cp1252", *DOS_AND_MAC), key=lambda name: _fit(lines, name))  # of equal ones the first
    high, plain = sum(code > 127 for code in lines), sum(map(str.isalpha, lines.decode("ascii", "ignore")))
    if _fit(lines, best) < GOOD_FIT * high or high > plain:  # words of Western languages are mostly plain letters
        best = "cp1252"
    undefined = set(lines) & {0x81, 0x8D, 0x8F, 0x90, 0x9D}
    return "latin-1" if best == "cp1252" and undefined else best


def _fit(lines: bytes, encoding: str) -> int:
    """Return how many signs beyond ASCII are letters where letters belong, less those that are signs inside words."""
    text = lines.decode(encoding, "replace")
    score = 0
    for at, sign in enumerate(text):
        if sign.isascii():
            continue
        before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
        if sign in WESTERN_LETTERS:
            score += 1 if not (sign.isupper() and before.islower()) else -2
        elif before.isalpha() and after.isalpha() and sign not in "’-–":
            score -= 2
        elif sign.isalpha() or sign == "\ufffd":
            score -= 1
    return score


def _signs_inside(lines: bytes, encoding: str) -> int:
    return len(_SIGN_INSIDE.findall(lines.decode(encoding, "replace")))


def _broken_utf8(sample: bytes) -> bool:
    """Return whether this is UTF-8 with some wrong bytes: its sequences are hardly ever met by chance."""
    text = sample.decode("utf-8", errors="replace")
    bad = text.count("\ufffd")
    if sum(sign > "\x7f" for sign in text) - bad > bad:
        return True
    return any(map(_is_utf8, sample.splitlines())) and not _HIGH_RUN.search(
        b"\n".join(line for line in sample.splitlines() if not line.isascii() and not _is_utf8(line))
    )


def _is_utf8(line: bytes) -> bool:
    """Return whether a line has letters beyond ASCII in UTF-8."""
    try:
        return not line.isascii() and bool(line.decode("utf-8"))
    except UnicodeDecodeError:
        return False


def _unmarked_utf16(sample: bytes) -> str | None:
    """Tell UTF-16 without a mark from other text and from binary data.

    The high bytes of its letters are few (0 in Latin text, 0 and 4 in Russian), the low ones many; spaces and line
    ends have a 0 for the high byte.
    """
    whole = sample[: len(sample) // 2 * 2]
    if len(whole) < FEWEST_UNITS or b"\x00" not in whole:
        return None
    for encoding, high, low in (("utf-16-le", whole[1::2], whole[0::2]), ("utf-16-be", whole[0::2], whole[1::2])):
        commonest = Counter(high).most_common(3)
        few = sum(count for _, count in commonest) > 0.9 * len(high) and len(set(low)) >= len(set(high))
        if low.count(0) > 0.02 * len(low) or not high.count(0):
            continue
        text = whole.decode(encoding, errors="replace")
        if not few and len(_EAST_ASIAN.findall(text)) < 0.97 * len(text):
            continue
        strange = sum(ord(sign) in CONTROL or sign == "\ufffd" for sign in text)
        letters = sum(sign.isalnum() or sign.isspace() for sign in text)
        if strange <= MAX_CONTROL_SHARE * len(text) and letters > 0.6 * len(text):
            return encoding
    return None


def _is_binary(sample: bytes) -> bool:
    return sum(sample.count(code) for code in CONTROL) > MAX_CONTROL_SHARE * len(sample)


def _window(text: str) -> int:
    """Return the length of the first 80 lines of `text`, at most 4,000 characters."""
    length = sum(map(len, islice(io.StringIO(text), MAX_LINES)))
    return min(length, MAX_CHARACTERS)
