"""Follow-up questions: what to look for when a question leans on the ones before ("and in 2022?")."""

from __future__ import annotations

import re
from collections.abc import Sequence

from trayassist.api import Turn

_OPENING = re.compile(
    r"^\W{0,3}(?:and|but|or|also|then|what about|how about|what of|what if|same for|the same"
    r"|why(?: not)?\W{0,2}$|how so|really|since when|until when"
    r"|by (?:whom|when|how much)|for (?:whom|how long|what)|in (?:which|what)|und|aber|et|mais|y|pero)\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"\b(?:it|its|they|them|their|theirs|he|him|his|she|her|hers|these|those|the (?:former|latter|same|other"
    r"|second|first) one|ones)\b"
    r"|\b(?:this|that)\b(?= (?:is|was|mean|apply|applies|cover|cost|include|one|too|work|happen|change|end"
    r"|start|expire)|\W{0,3}$)",
    re.IGNORECASE,
)
_EMPTY_IT = re.compile(
    r"\b(?:is|was|does|will|would|has) it (?:true|possible|ok|okay|safe|legal|allowed|likely|raining)\b", re.IGNORECASE
)
_WORD = re.compile(r"[^\W_]+(?:[-'’.&][^\W_]+)*")
_YEAR = re.compile(r"(?:fy)?(?:19|20)\d\d", re.IGNORECASE)
_QUARTER = re.compile(r"q[1-4]|first|second|third|fourth", re.IGNORECASE)
_PLACE = re.compile(
    r"\b(?:in|of|for|from|under|at|by|with|on|to|between|per)\b\s(?:the |my |our |its |a "
    r"|an )?((?:[\w'’.&-]+\s?){1,5})",
    re.IGNORECASE,
)
_FILE = re.compile(r"\*\*([^*\n]{1,120}\.\w{2,5})\*\*, page")
_NO_TOPIC = (  # words that carry no topic
    "a about after again all also am an and any are as at be because been before being between both but by can "
    "could did do does doing during each explain few find for from get give had has have having he her here "
    "hers him his how i if in into is it its just know like many may me mean means might more most much must "
    "my no not of off on one ones or other our out over own please same say says shall she should show so some "
    "such tell than that the their them then there these they this those through to too under until up us very "
    "was we were what when where which who whom whose why will with would you your"
)
_STOP = frozenset(_NO_TOPIC.split())
_BACK = 4  # turns to look back for the topic


def expand(question: str, turns: Sequence[Turn]) -> str:
    """Return what to look for: the question alone, or with the topic of the questions it leans on.

    A question that stands alone is returned unchanged, so that a new topic is not mixed with the old one.
    """
    if not turns or not leans(question):
        return question
    topic: list[str] = []
    later = question
    for turn in list(turns)[-1 : -_BACK - 1 : -1]:
        topic = _unlike(question, _context(turn.question, later)) + topic
        if not leans(turn.question):
            break
        later = turn.question
    have = {word.lower() for word in _WORD.findall(question)}
    wanted = [word for word in dict.fromkeys(topic) if word.lower() not in have]
    return " ".join([question.strip(), *wanted, *_file(turns[-1])])


def leans(question: str) -> bool:
    """Return whether the question cannot be understood without the ones before it."""
    if _OPENING.search(question):
        return True
    own = [word for word in _WORD.findall(question) if word.lower() not in _STOP]
    if _PRONOUN.search(question) and not _EMPTY_IT.search(question) and len(own) <= 6:
        return not _names_before_pronoun(question)
    return len(own) == 0 or (
        len(own) <= 1 and (_YEAR.fullmatch(own[0]) is not None or len(_WORD.findall(question)) <= 3)
    )


def _names_before_pronoun(question: str) -> bool:
    """In "When did Anna sign her contract?" the pronoun means a name that the question gives itself."""
    pronoun = _PRONOUN.search(question)
    before = question[: pronoun.start()] if pronoun else ""
    return any(word[0].isupper() and word.lower() not in _STOP for word in _WORD.findall(before)[1:])


def _context(before: str, question: str) -> list[str]:
    """Return the words of an earlier question that the later one leaves out.

    With a noun of its own ("what about the deposit?") only the circumstances stay: names, and what follows
    a preposition. Without one ("and in 2022?", "when is it due?") all stays. A year or quarter is replaced.
    """
    words = [word for word in _WORD.findall(before) if word.lower() not in _STOP]
    own = [
        w
        for w in _WORD.findall(question)
        if w.lower() not in _STOP and not _YEAR.fullmatch(w) and not _QUARTER.fullmatch(w)
    ]
    if own and not _PRONOUN.search(question):
        placed = {w.lower() for found in _PLACE.finditer(before) for w in _WORD.findall(found.group(1))}
        kept = [w for i, w in enumerate(words) if w.lower() in placed or (i > 0 and w[0].isupper())]
        words = kept or words
    return _unlike(question, words)


def _unlike(question: str, words: list[str]) -> list[str]:
    """Leave out the years, or quarters, that the question replaces by its own."""
    asked = _WORD.findall(question)
    for kind in (_YEAR, _QUARTER):
        if any(kind.fullmatch(word) for word in asked):
            words = [word for word in words if not kind.fullmatch(word)]
    return words


def _file(turn: Turn) -> list[str]:
    """Return the name of the one file that the last answer cited, without its suffix."""
    names = set(_FILE.findall(turn.answer))
    return [names.pop().rsplit(".", 1)[0]] if len(names) == 1 else []
