"""Long text cut into page-sized pieces at paragraph borders, and text files decoded."""

from __future__ import annotations

import codecs
import io
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
CONTROL = frozenset(range(32)) - frozenset(b"\t\n\r\f\v\b\x1b") | {127}
MAX_CONTROL_SHARE = 0.02
GUESSED_BYTES = 20_000  # of the lines with letters beyond ASCII: what the encoding is guessed from
ENOUGH = 8  # bytes above 127, or nothing can be told
_OLD = (  # of two that fit alike, the first is taken
    "cp1252 cp1250 iso8859_2 cp1254 cp1251 koi8_r koi8_u cp866 cp1253 cp1255 cp1256 cp932 euc_jp gb18030 big5 cp949"
)
OLD_ENCODINGS = _OLD.split()
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
    rest = ""
    while True:
        more = file.read(MAX_CHARACTERS)
        rest += more
        while rest and (not more or len(rest) > MAX_CHARACTERS):
            end = cut(rest[: MAX_CHARACTERS + 1], full=bool(more) or len(rest) > MAX_CHARACTERS, borders=borders)
            if rest[:end].strip():
                yield rest[:end]
            rest = rest[end:]
        if not more:
            return


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
    return io.TextIOWrapper(path.open("rb"), encoding=encoding, errors="replace", newline=None)


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
    if b"\x00" in sample:
        return _unmarked_utf16(sample)
    if _is_binary(sample):
        return None
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)  # incremental: the sample may end inside a character
    except UnicodeDecodeError:
        return _guess(sample)
    return "utf-8"


def _guess(sample: bytes) -> str:
    """Return the encoding of a text that is not valid UTF-8; Western (cp1252, latin-1) when nothing else fits."""
    if _broken_utf8(sample):
        return "utf-8"
    western = "cp1252" if not set(sample) & {0x81, 0x8D, 0x8F, 0x90, 0x9D} else "latin-1"
    lines = b"\n".join(line for line in sample.splitlines() if not line.isascii())[:GUESSED_BYTES]
    if sum(code > 127 for code in lines) < ENOUGH:
        return western
    from charset_normalizer import from_bytes  # a reader needs it for old texts only

    fitting = from_bytes(lines, cp_isolation=OLD_ENCODINGS)
    best = min(
        fitting, key=lambda one: (round(one.chaos, 1), -one.coherence, OLD_ENCODINGS.index(one.encoding)), default=None
    )
    if best is None:
        return western
    if best.encoding == "cp1252":
        seen = set(lines)
        return next((name for name, has, lacks in LIKE_WESTERN if has <= seen and not lacks & seen), western)
    return best.encoding


def _broken_utf8(sample: bytes) -> bool:
    """Return whether this is UTF-8 with a few wrong bytes: its sequences are hardly ever met by chance."""
    text = sample.decode("utf-8", errors="replace")
    bad = text.count("\ufffd")
    return sum(sign > "\x7f" for sign in text) - bad > bad


def _unmarked_utf16(sample: bytes) -> str | None:
    """Tell UTF-16 without a mark (every second byte of Latin text is 0) from binary data."""
    even, odd = sample[0::2], sample[1::2]
    zeros = even.count(0) / max(1, len(even)), odd.count(0) / max(1, len(odd))
    for encoding, many, few in (("utf-16-le", zeros[1], zeros[0]), ("utf-16-be", zeros[0], zeros[1])):
        if many > 0.4 and few < 0.01:
            text = sample[: len(sample) // 2 * 2].decode(encoding, errors="replace")
            strange = sum(ord(sign) in CONTROL for sign in text)
            return encoding if strange <= MAX_CONTROL_SHARE * len(text) else None
    return None


def _is_binary(sample: bytes) -> bool:
    return sum(sample.count(code) for code in CONTROL) > MAX_CONTROL_SHARE * len(sample)


def _window(text: str) -> int:
    """Return the length of the first 80 lines of `text`, at most 4,000 characters."""
    length = sum(map(len, islice(io.StringIO(text), MAX_LINES)))
    return min(length, MAX_CHARACTERS)
