"""Whether text is text: fonts that do not say their letters, and OCR of what is none, give signs without sense."""

from __future__ import annotations

import re
import unicodedata

from trayassist.api.normal_text import fold

CORRUPT_SHARE = 0.3  # of the characters that are not white space stand for nothing
CONTROL_SHARE = 0.03  # of all characters are controls, used as letters or spaces
FEW = 5
COMMON = b"eaintrsold"  # two letters of three in all European languages; in shifted letters one of three
COMMON_SHARE = 0.45
ENOUGH_LETTERS = 60
MIXED_SHARE = 0.3  # of the words mix scripts, or consist of letters that hardly any language has
LONG = 4  # letters of a word that is hardly met by chance
LEGIBLE = 0.45  # share of the signs in words or numbers from which OCR has read something
FUNCTION_SHARE = 0.1  # of the words
_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalpha())
_FOREIGN = re.compile(r"(?=[\x00-\x7f]{0,60}[^\x00-\x7f])[^\W\d_]{3,60}")
_NUMBER = re.compile(r"[\d.,:;/%€$£+()–-]*\d[\d.,:;/%€$£+()–-]*[A-Za-zµ°%²³]{0,3}[.,;:]?")
_EDGES = "\"'“”„‚‘’«»()[]{}<>.,;:!?…*•·|-–—_/\\"
_WORD = re.compile(r"[^\W\d_]+(?:['’./&-][^\W\d_]+){0,6}")
_VOWELS = frozenset("aeiouy")
_TWO = """a i à y o e u an as at am be by do go he if in is it me mr my no of oh ok on or so to up us we st nr km cm kg
    vs da du er es im ja um wo zu ab de en et il je la le ne ou se si tu un au ce el lo su al di ed io mi ti va"""
_SHORT = frozenset(_TWO.split())
_FUNCTION = """the of and to in is for with on that by this der die das und ist von den mit für le la les des et un une
    est dans el los las del que en una di il che per con een het van de och att i og til na do se w z"""
_FUNCTION_WORDS = frozenset(_FUNCTION.split())  # each language has some of these in every other sentence
_SCRIPTS = (  # beginnings of blocks; letters between two of them count as one script
    *(0x0041, 0x0180, 0x0250, 0x0370, 0x0400, 0x0530, 0x0590, 0x0600, 0x0700, 0x0900, 0x0980, 0x0A00, 0x0A80, 0x0B00),
    *(0x0B80, 0x0C00, 0x0C80, 0x0D00, 0x0D80, 0x0E00, 0x0E80, 0x0F00, 0x1000, 0x10A0, 0x1100, 0x1E00, 0x1F00, 0x2C00),
    *(0x3040, 0xA000, 0xAC00, 0xFB00, 0x10000),
)
_SEEN_LATIN = frozenset("ƒơưșțǎǐǒǔǚǧǩǫȘȚƠƯ")
_LATIN, _RARE_LATIN, _PHONETIC, _MORE_LATIN = 0x0041, 0x0180, 0x0250, 0x1E00


def is_corrupt(text: str) -> bool:
    """Return whether a text layer is surely none: unknown, private or control characters, letters of no language."""
    signs = "".join(text.split())
    bad = [sign for sign in set(signs) if _stands_for_nothing(sign)]
    if bad:
        wrong = sum(map(signs.count, bad))
        controls = sum(signs.count(sign) for sign in bad if unicodedata.category(sign) == "Cc")
        if wrong > CORRUPT_SHARE * len(signs) or (controls > FEW and controls > CONTROL_SHARE * len(signs)):
            return True
    if text.isascii():
        return False
    words = _FOREIGN.findall(text)
    mixed = sum(len(_scripts(word)) > 1 or _scripts(word) <= {_RARE_LATIN, _PHONETIC} for word in words)
    return mixed > FEW and mixed > MIXED_SHARE * len(text.split())


def looks_shifted(text: str) -> bool:
    """Return whether the letters are probably others than those that the page shows: too few are common ones."""
    letters = text.encode("ascii", "ignore").lower().translate(None, _NO_LETTERS)
    if len(letters) < ENOUGH_LETTERS or len(letters) < 0.4 * len(text):
        return False
    return len(letters) - len(letters.translate(None, COMMON)) < COMMON_SHARE * len(letters)


def legibility(text: str) -> float:
    """Return the share of the signs that stand in words of four letters and more or in numbers, in 0..1.

    Of running text it is some .7, of what OCR makes of strokes and specks less than .4.
    """
    good = every = 0
    for token in text.split():
        every += len(token)
        word = token.strip(_EDGES)
        long = len(word) >= LONG or ord(word[:1] or " ") > 0x2E80  # scripts of whole words
        if _is_number(token) or (long and _is_word(word)):
            good += len(token)
    return good / every if every else 0.0


def reads_well(text: str) -> bool:
    """Return whether this is surely text as it was written, not the same upside down: there are function words."""
    words = fold(text).split()
    if legibility(text) < LEGIBLE or not words:
        return False
    return sum(word.strip(_EDGES) in _FUNCTION_WORDS for word in words) >= FUNCTION_SHARE * len(words)


def _is_number(token: str) -> bool:
    return bool(_NUMBER.fullmatch(token)) and len(token) > 1


def _is_word(word: str) -> bool:
    if not _WORD.fullmatch(word):
        return bool(re.fullmatch(r"[\w.+-]{2,40}@[\w.-]{3,60}|https?://\S{4,200}|www\.\S{4,100}", word))
    scripts = _scripts(word)
    if len(scripts) > 1:
        return False
    if not scripts <= {_LATIN, _MORE_LATIN}:
        return not scripts <= {_RARE_LATIN, _PHONETIC}
    bare = fold(word)
    if len(bare) <= 2:
        return bare in _SHORT
    parts = re.split(r"['’./&-]", word)
    cased = all(part.islower() or part.istitle() or part.isupper() or _is_camel(part) for part in parts)
    vowels = sum(sign in _VOWELS for sign in bare)
    return cased and (vowels >= 0.15 * len(bare) or (word.isupper() and len(bare) <= 5))


def _is_camel(word: str) -> bool:
    return bool(re.fullmatch(r"(?:Mc|Mac|De|Le|La|Van|O)?[A-Z][a-zà-ÿ]{1,20}(?:[A-Z][a-zà-ÿ]{1,20}){0,2}", word))


def _scripts(word: str) -> set[int]:
    """Return the scripts of the letters, each by where its block begins."""
    found = set()
    for sign in word:
        if sign.isalpha() and sign not in "ªºµ":
            code = _LATIN if sign in _SEEN_LATIN else ord(sign)
            found.add(max((begin for begin in _SCRIPTS if begin <= code), default=0))
    if len(found) > 1:
        found.discard(0xFB00)  # ligatures, and Arabic in the forms of print
    if found == {_LATIN, _MORE_LATIN}:  # Vietnamese
        return {_LATIN}
    if found <= {0x2C00, 0x3040, 0xA000, 0x10000}:  # kana and characters
        return {0x3040} if found else set()
    if found == {0x0370, 0x1F00}:
        return {0x0370}
    return found


def _stands_for_nothing(sign: str) -> bool:
    return sign == "\ufffd" or unicodedata.category(sign) in ("Co", "Cc", "Cn", "Cs")
