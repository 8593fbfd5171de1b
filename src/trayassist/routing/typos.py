"""Slips of the hand in the few words that decide a route: "serach", "fucntion", "summerise", "rember"."""

from __future__ import annotations

import re
from functools import lru_cache


def _words(text: str) -> list[str]:
    return text.split()


_DECIDING = _words(
    "average battery calculate calculator clipboard convert derivative document documents equation forget function "
    "integral javascript notes percent probability python query remember remind reminder script search settings "
    "shopping solve summarise summarize summary timer translate typescript"
)
_BY_LETTER = {letter: [word for word in _DECIDING if word[0] == letter] for letter in {word[0] for word in _DECIDING}}
_ORDINARY = frozenset(  # words of their own that stand one slip away from a deciding one
    _words(
        "remained remainder reminded reminds remaining summed scripts scripted scrip timers timed times tamer timber "
        "time trimer solves solved salve slove converts converse convent convect concert coverts notices noted nodes "
        "notis queried quarry queer forgets forgot forger forged foget quote sumup member summery juncture junction "
        "fraction factions faction function's starch stretch setting sittings percents persent percept present "
        "integrals interval shipping chopping shoppings stopping remembers remembered searches searched reach "
        "bakery buttery averages averaged render renders sopping calcular calculer"
    )
)
_WORD = re.compile(r"\b[a-z]{5,13}\b")
_LONG = 8  # letters; a longer word may lack two of them


def mended(line: str) -> str:
    """Return the lower-case line with slips in deciding words put right; all else stays as it is."""
    return _WORD.sub(lambda word: _meant(word[0]), line)


@lru_cache(maxsize=4096)
def _meant(word: str) -> str:
    if word in _ORDINARY:
        return word
    for meant in _BY_LETTER.get(word[0], ()):
        if word.startswith(meant):
            return word
    return next((meant for meant in _BY_LETTER.get(word[0], ()) if _is_slip(word, meant)), word)


def _is_slip(word: str, meant: str) -> bool:
    """Return whether `word` is `meant` with two letters swapped, one too many or wrong, or some left out."""
    shorter = len(meant) - len(word)
    if shorter == 0:
        wrong = [at for at, (a, b) in enumerate(zip(word, meant, strict=True)) if a != b]
        swapped = len(wrong) == 2 and wrong[1] == wrong[0] + 1
        if swapped and (word[wrong[0]], word[wrong[1]]) == (meant[wrong[1]], meant[wrong[0]]):
            return True
        return len(wrong) == 1 and len(meant) > 6 and wrong[0] < len(meant) - 1
    if shorter == -1:
        return word[-1] == meant[-1] and _within(meant, word)
    return 0 < shorter <= (2 if len(meant) >= _LONG else 1) and word[-1] == meant[-1] and _within(word, meant)


def _within(short: str, long: str) -> bool:
    """Return whether the letters of `short` stand in `long` in this order."""
    letters = iter(long)
    return all(letter in letters for letter in short)
