"""Undoes what hides words from a pattern and not from a model: spaced letters, digits for letters, invisible marks."""

from __future__ import annotations

import re
import unicodedata

_SPACED = re.compile(r"(?<![^\W_])(?:[^\W\d_][ ._*-]{1,2}){5,60}[^\W\d_](?![^\W_])")
_MIXED = re.compile(
    r"(?<![\w@$])(?=[\w@$]{0,20}[a-z]{2})(?=[\w@$]{0,20}[0134578@$])[a-z0134578@$]{4,20}(?![\w@$])", re.IGNORECASE
)
_LEET = str.maketrans("013457@8$", "oieastabs")
_LOOKALIKES = str.maketrans(  # letters of other alphabets that are drawn like Latin ones
    "аеорсухіјѕԁɡԛһӏАВЕКМНОРСТУХΑΒΕΖΗΙΚΜΝΟΡΤΥΧαορν",
    "aeopcyxijsdgqhlABEKMHOPCTYXABEZHIKMNOPTYXaopv",
)
_FOREIGN = re.compile(r"\b(?=\w{0,20}[A-Za-z])(?=\w{0,20}[Ѐ-ԯͰ-Ͽɡ])\w{2,40}\b")


def undone(text: str) -> str:
    """Return the text without disguises; the same text when it has none. Its length may change."""
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
        text = _FOREIGN.sub(lambda word: word[0].translate(_LOOKALIKES), text)
    text = _SPACED.sub(_joined, text)
    return _MIXED.sub(lambda word: word[0].lower().translate(_LEET), text)


def _joined(spaced: re.Match[str]) -> str:
    """Return spaced letters as words; two gaps in a row stand between words."""
    words = re.split(r"[ ._*-]{2}", spaced[0])
    return " ".join(re.sub(r"[ ._*-]", "", word) for word in words)
