"""Ends answers that go round in circles, and cuts what would end in the midst of a sentence.

A model that loops writes the same words again and again, often with a counter or one of few words changed. So words
are counted in groups of six, once as they are and once with all numbers alike. A word whose group came twice before
is stale. What counts is the weight of stale words less that of new ones: tables, code, refrains and JSON repeat
themselves, too, but with something new in between, or not for so long.

What a loop said twice is held back from then on, and shown after all when something new follows.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, deque
from collections.abc import Iterator

GROUP = 6  # words
BEFORE = 2  # times a group came before it is stale
NEW = 1.5  # a new word takes away this much of what stale words added
NUMBER = 0.15  # the weight of a number or a letter that counts: matrices and sums hold many alike

# The weight of stale words at which an answer ends: with the same words, and with other numbers in them. A chorus that
# is sung twice at the end has some 100 words; 60 objects of a JSON array that differ in numbers only, 270.
PROSE = (80.0, 150.0)
FORMS = (160.0, 330.0)  # code, tables, JSON, verse
BARE = 800  # characters with neither letters nor digits in a row
RUNNING_ON = 12.0  # weight from which words are held back, when a sentence has no end
LATE = 96  # tokens before its limit from which an answer is shown by the sentence
LONGEST_UNIT = 2000  # characters
PREFIX = 12  # words of a sentence that are compared with the beginnings of those that came twice

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W\d_]{1,20}|\d[\d.,:]{0,19}|[^\w\s]")
_COUNTS = {  # number words of lists that go on and on
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"),
    *("eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn"),
    *("un", "deux", "trois", "quatre", "cinq", "uno", "dos", "tres", "cuatro", "cinco"),
}
_END = re.compile(r"[.!?…]{1,3}[\"'”’»)\]*_]{0,3}(?=\s+[^\sa-z])|[。！？]|\n")
_NO_END = re.compile(
    r"(?:^|[\s(])(?:[^\W\d_]{1,2}|\d{1,2}|inc|ltd|corp|approx|fig|sec|art|vol|prof|bzw|usw|ca|etc|cf)\.$", re.IGNORECASE
)
_ENDED = re.compile(r"[.!?…。！？][\"'”’»)\]*_]{0,3}\s*$")
_LIST = re.compile(r"\s{0,12}(?:[-*•+]|\d{1,4}[.)]|[a-z][.)])\s")
_FORM = re.compile(
    r"(?:\t|\s{4}|\s{0,3}[|{}\[\]<]|\s{0,12}(?:\"[^\"\n]{1,60}\"\s?:|[\w.]{1,60}\s?[=(]))"
    r"|.{0,300}[;{}\[(,|=]\s{0,3}$"
)
STEP = 16  # characters that are looked at together
VERSE = 60  # characters of a line, on average, that make lines without marks a verse


class LoopGuard:
    """Shows one answer as it grows. `looping` is set when it goes round in circles, and nothing more should be asked.

    `late` is set by the owner when the answer comes near its limit. `bound` says that a grammar gives its form.
    """

    def __init__(self, *, bound: bool = False) -> None:
        self.looping = self.late = False
        self._bound = bound
        self._words, self._thought_words = Repetition(), Repetition()
        self._reader, self._form = FormReader(), bound
        self._open = ""  # what came since the last sentence or line ended, in part shown
        self._held = ""  # what is not shown yet
        self._shown = False  # whether a whole sentence is
        self._units: Counter[tuple[str, ...]] = Counter()
        self._twice: set[tuple[str, ...]] = set()  # beginnings of those that came twice

    def feed(self, text: str, thought: bool) -> str:
        """Take a piece of the answer; return what can be shown now."""
        if thought:
            self._thought_words.feed(text)
            self.looping |= self._thought_words.exceeds(FORMS)
            return text
        return "".join(self._feed(text[start : start + STEP]) for start in range(0, len(text), STEP))

    def _feed(self, text: str) -> str:
        self._words.feed(text)
        self._reader.feed(text)
        self._form = self._bound or self._reader.is_form
        self.looping |= self._words.exceeds(FORMS if self._form else PROSE)
        self._held += text
        self._open += text
        shown = self._end_units()
        if not self.looping and not self._waits():
            shown, self._held = shown + self._held, ""
        return shown

    def end(self, finish: str) -> str:
        """Return the rest to show of an answer that ended so: stop, length or loop."""
        held, self._held = self._held, ""
        if finish == "stop" or not self._shown or self._bound:
            return held
        if finish == "loop":
            return ""
        whole = _ENDED.search(self._open) is not None and not _NO_END.search(self._open.rstrip()[-12:])
        return held if self._form or whole else ""

    def _end_units(self) -> str:
        """Note the sentences and lines that ended; return what of them can be shown."""
        shown = ""
        while (end := self._find_end()) is not None:
            unit, self._open = self._open[:end], self._open[end:]
            if self._is_new(unit) and not self._runs_on and not self.looping:
                done = max(0, len(self._held) - len(self._open))  # white space before what follows may be shown
                shown, self._held = shown + self._held[:done], self._held[done:]
                self._shown |= bool(unit.strip())
        return shown

    def _find_end(self) -> int | None:
        for match in _END.finditer(self._open):
            if match[0][0] != "." or not _NO_END.search(self._open[: match.start() + 1][-12:]):
                return match.end()
        return LONGEST_UNIT if len(self._open) > LONGEST_UNIT else None

    def _is_new(self, unit: str) -> bool:
        """Note a sentence or line; return whether it came less than twice before."""
        words = self._key(unit)
        if sum(len(word) > 1 for word in words) < 2:
            return self._words.stale < 1
        self._units[words] += 1
        if self._units[words] == BEFORE:
            self._twice.update(words[:n] for n in range(1, min(len(words), PREFIX) + 1))
        return self._units[words] <= BEFORE

    def _waits(self) -> bool:
        """Return whether what is held may be the beginning of what came twice, or a sentence that is cut off."""
        if self._runs_on or (self.late and self._shown and not self._form):
            return True
        if not self._twice:
            return False
        words = self._key(self._open)
        whole = words if not self._open[-1:].isalnum() else words[:-1]
        return not whole or whole[:PREFIX] in self._twice

    @property
    def _runs_on(self) -> bool:
        return not self._form and self._words.stale > RUNNING_ON

    def _key(self, unit: str) -> tuple[str, ...]:
        return tuple(word if self._form else _mask(word) for word in _words_of(unit))


class Repetition:
    """How much of a growing text was there before."""

    def __init__(self) -> None:
        self._rest = ""
        self._bare = 0
        self._same, self._alike = _Groups(), _Groups()

    @property
    def stale(self) -> float:
        """The greater weight of stale words."""
        return max(self._same.stale, self._alike.stale)

    def feed(self, text: str) -> None:
        """Take the next piece in."""
        text = self._rest + text
        end = len(text) if not text[-1:].isalnum() else len(text) - len(_last_word(text))
        self._rest = text[end:] if len(text) - end < LONGEST_UNIT else ""
        for match in _WORD.finditer(text, 0, end):
            word, weight = match[0].lower(), _weight(match[0])
            if not weight:
                self._bare += 1
                continue
            self._bare = 0
            self._same.add(word, weight)
            self._alike.add(_mask(word), weight)

    def exceeds(self, limits: tuple[float, float]) -> bool:
        """Return whether the text goes round in circles: `limits` for the same words, and for other numbers in them."""
        return self._same.stale >= limits[0] or self._alike.stale >= limits[1] or self._bare >= BARE


class _Groups:
    """Counts groups of words; `stale` is the weight of those that came before."""

    def __init__(self) -> None:
        self._last: deque[str] = deque(maxlen=GROUP)
        self._seen: Counter[tuple[str, ...]] = Counter()
        self.stale = 0.0

    def add(self, word: str, weight: float) -> None:
        self._last.append(word)
        if len(self._last) < GROUP:
            return
        group = tuple(self._last)
        if all(one == "0" for one in group):  # numbers in a row say nothing once they are all alike
            return
        if self._seen[group] >= BEFORE:
            self.stale += weight
        else:
            self.stale = max(0.0, self.stale - NEW * weight)
        self._seen[group] += 1


class FormReader:
    """Tells prose and lists from code, tables, JSON and verse, by the fence it is in and the last lines."""

    def __init__(self) -> None:
        self._line, self._fenced = "", False
        self._lines: deque[str] = deque(maxlen=6)

    def feed(self, text: str) -> None:
        """Take the next piece in."""
        *ended, self._line = (self._line + text).split("\n")
        for line in ended:
            if line.lstrip().startswith(("```", "~~~")):
                self._fenced = not self._fenced
            elif line.strip():
                self._lines.append(line)
        self._line = self._line[:LONGEST_UNIT]

    @property
    def is_form(self) -> bool:
        """Whether the text is code, a table, JSON or verse here."""
        if self._fenced or self._line.startswith(("```", "|")):
            return True
        lines = [*self._lines, self._line] if self._line.strip() else [*self._lines]
        if sum(_FORM.match(line) is not None and not _LIST.match(line) for line in lines) > len(lines) / 2:
            return True
        short = sum(map(len, self._lines)) < VERSE * len(self._lines)
        return len(self._lines) >= 4 and short and not any(map(_LIST.match, self._lines))


def _words_of(text: str) -> Iterator[str]:
    return (match[0].lower() for match in _WORD.finditer(text) if _weight(match[0]))


def _last_word(text: str) -> str:
    """Return the letters or digits at the end, at most those of a word: more may follow."""
    length = 1
    while length < min(len(text), 20) and text[-length - 1].isalnum():
        length += 1
    return text[-length:]


def _mask(word: str) -> str:
    return "0" if _weight(word) == NUMBER or word in _COUNTS else word


def _weight(word: str) -> float:
    """Return how much a word counts: signs nothing, numbers and single letters little, pictures as much as words."""
    first = word[0]
    if first.isdigit() or (len(word) == 1 and first.isalpha() and first < "\u3040"):
        return NUMBER
    if first.isalpha():
        return 1.0
    return 1.0 if unicodedata.category(first) == "So" and not "\u2500" <= first <= "\u259f" else 0.0
