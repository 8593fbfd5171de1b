"""Which old encoding a text without a mark is in: told from how it looks when it is decoded.

UTF-8 is told by itself. Of the rest, Western text has lone bytes above 127 between ASCII letters; text in other
scripts has them in runs. A run decodes without an error in a few encodings only, and of these the right one gives
the letters that are common in its script: small letters, kana, the characters that schools teach first.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable

SAMPLE = 20_000  # bytes that are looked at
MOSTLY = 0.5  # of the bytes above 127 stand in runs: not a Western text
LIKELY = 0.7  # of the decoded letters are common ones
ENOUGH = 8  # bytes above 127, or nothing can be told
FEW_KANA = 0.1  # Japanese is not written without them


def guess(sample: bytes) -> str:
    """Return the encoding of a text that is not valid UTF-8; Western text (cp1252, latin-1) when nothing else fits."""
    sample = sample[:SAMPLE]
    if _broken_utf8(sample):
        return "utf-8"
    high = [at for at, code in enumerate(sample) if code > 127]
    runs = sum(sample[at - 1 : at] > b"\x7f" or sample[at + 1 : at + 2] > b"\x7f" for at in high)
    if len(high) >= ENOUGH and runs > MOSTLY * len(high):
        shares = {name: _share(sample, name, common) for name, common in SCRIPTS}
        best = max(shares, key=lambda name: shares[name])
        if shares[best] >= LIKELY:
            return best
    return "cp1252" if not set(sample) & {0x81, 0x8D, 0x8F, 0x90, 0x9D} else "latin-1"


def _broken_utf8(sample: bytes) -> bool:
    """Return whether this is UTF-8 with a few wrong bytes: its sequences are hardly ever met by chance."""
    text = sample.decode("utf-8", errors="replace")
    bad = text.count("\ufffd")
    return sum(sign > "\x7f" for sign in text) - bad > bad


def _share(sample: bytes, encoding: str, common: Callable[[str], bool]) -> float:
    """Return the share of common letters among those beyond ASCII, 0 when the sample is not in this encoding."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(sample)  # the sample may end inside a character
    except UnicodeDecodeError:
        return 0.0
    letters = [sign for sign in text if sign > "\x7f"]
    if encoding in JAPANESE and sum("\u3040" <= sign <= "\u30ff" for sign in letters) < FEW_KANA * len(letters):
        return 0.0
    return sum(map(common, letters)) / len(letters) if letters else 0.0


def _between(first: str, last: str) -> Callable[[str], bool]:
    return lambda sign: first <= sign <= last


def _taught_first(encoding: str, first: int, last: int) -> Callable[[str], bool]:
    """Return whether a character stands in the rows of a national standard that hold the common ones."""

    def common(sign: str) -> bool:
        if "\u3000" <= sign <= "\u30ff" or "\uff00" <= sign <= "\uff60":  # marks, kana
            return True
        try:
            return first <= sign.encode(encoding)[0] <= last
        except UnicodeEncodeError:
            return False

    return common


JAPANESE = ("cp932", "euc_jp")
SCRIPTS: tuple[tuple[str, Callable[[str], bool]], ...] = (  # of two that fit alike, the first is taken
    ("cp949", _between("\uac00", "\ud7a3")),
    ("euc_jp", _taught_first("euc_jp", 0xB0, 0xCF)),
    ("cp932", _taught_first("euc_jp", 0xB0, 0xCF)),
    ("gb18030", _taught_first("gb2312", 0xB0, 0xD7)),
    ("big5", _taught_first("big5", 0xA4, 0xC6)),
    ("cp1255", _between("\u05d0", "\u05ea")),  # has no capitals: small Cyrillic letters lie in the same place
    ("cp1251", _between("\u0430", "\u045f")),
    ("koi8_r", _between("\u0430", "\u045f")),
    ("cp866", _between("\u0430", "\u045f")),
    ("cp1253", _between("\u03ac", "\u03ce")),
    ("cp1256", _between("\u0621", "\u064a")),
)
