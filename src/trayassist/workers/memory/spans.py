"""The short answer inside a sentence: the amount, date, person or name that a question asks for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from trayassist.api.numbers import Number
from trayassist.api.values import Date, Name, Value, same, values
from trayassist.workers.memory.asked import Answer, Asked, Measure

Span = tuple[int, int]

_MONEY = re.compile(
    r"(?:[$€£¥]|\b(?:USD|EUR|GBP|CHF|US\$|A\$))\s?\(?\d[\d.,]*(?:\s?(?:million|billion|thousand|bn|m|k|Mio\.?"
    r"|Mrd\.?)\b)?"
    r"|\d[\d.,’']*(?: \d{3})*\s?(?:(?:million|billion|thousand|Mio\.?|Mrd\.?|millions?|milliards?) ?(?:d['’]|de )?)?"
    r"(?:dollars?|euros?|pounds?|cents?|pence|francs?|EUR|USD|CHF|GBP|€|\$|£)",
    re.IGNORECASE,
)
_PERCENT = re.compile(
    r"[-+−]?\d[\d.,]*\s?(?:%|per ?cent\b|percent\w{0,10}|prozent\w{0,6}|pour ?cent\b|por ciento\b)", re.IGNORECASE
)
_AMOUNT = (
    r"(?:\d[\d.,]*|\b(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen"
    r"|twenty|thirty|sixty|ninety|ein\w{0,2}|zwei|drei|vier|fünf|sechs|zwölf|une?|deux|trois|quatre"
    r"|cinq|six|dos|tres))"
)
_TIME = re.compile(
    rf"{_AMOUNT}(?:\s|-)?(?:(?:calendar|business|working|full|more) )?"
    r"(?:seconds?|sec\.?|minutes?|mins?\b\.?|hours?|hrs?\b\.?|h\b|days?|weeks?|months?|years?|sekunden?|minuten?"
    r"|stunden?|tage?n?|wochen?|monat\w{0,2}|jahr\w{0,2}"
    r"|secondes?|heures?|jours?|semaines?|mois|ans?|années?|segundos?|horas?|días?|semanas?|meses|años?)\b"
    r"|\b\d{1,2}[:.]\d\d(?:\s?[ap]\.?m\.?)?",
    re.IGNORECASE,
)
_HEAT = re.compile(
    r"[-+−]?\d[\d.,]*\s?(?:°\s?[CF]?|º\s?[CF]?|℃|degrees?(?: \w{7,10})?|grad\b(?: \w{7})?|K\b)", re.IGNORECASE
)
_LENGTH = re.compile(
    rf"{_AMOUNT}\s?(?:mm|cm|m|km|metres?|meters?|feet|foot|ft|inch(?:es)?|miles?|kilomet\w{{2,4}}|mètres?|metros?)\b",
    re.IGNORECASE,
)
_UNITS = {
    Measure.MONEY: _MONEY,
    Measure.PERCENT: _PERCENT,
    Measure.TIME: _TIME,
    Measure.TEMPERATURE: _HEAT,
    Measure.LENGTH: _LENGTH,
}
_UNIT_AFTER = re.compile(
    r"\s?(?:%|°\s?C?|[a-zA-Zµ²³/]{1,4}\b(?<!the)(?<!and)(?<!per)(?<!for)(?<!was)(?<!are)(?<!of)(?<!in)(?<!to)(?<!on)(?<!or)(?<!at)(?<!by)|million\b|billion\b|thousand\b)"
)
_PERSON = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|Herr|Frau|Mme|Sr|Sra)\.? )?\b[A-ZÄÖÜÉÈÁÓ][a-zäöüéèáóñß’'-]{1,20}(?: (?:[A-Z]\."
    r"|de|van|von|der|la|di|del|du|le)){0,2}"
    r" [A-ZÄÖÜÉÈÁÓ][A-Za-zäöüéèáóñß’'-]{1,24}\b|\b(?:Mr|Mrs|Ms|Dr|Prof|Herr|Frau|Mme|Sr|Sra)\.? [A-Z]\w{1,24}"
)
_NO_PERSON = re.compile(
    r"\b(?:Inc|Ltd|LLC|LLP|Corp|Company|Group|Bank|Board|Committee|Department|University|College|School|District"
    r"|Street|Road|Avenue|Plaza|Act|Agreement"
    r"|Report|Form|Section|Table|Figure|Chapter|Article|Item|Note|Notes|Annual|Meeting|Executive|Officer"
    r"|President|Director|Secretary|Chief|Vice|General"
    r"|Financial|Investor|Relations|January|February|March|April|May|June|July|August|September|October|November"
    r"|December|Monday|Tuesday|Wednesday|Thursday"
    r"|Friday|Saturday|Sunday|United|States|North|South|East|West|New|Counsel|Exchange|Commission|Securities|The"
    r"|This|In|On|At|For|By|Our|We|Name|Title|Date)\b"
)
_WHY = re.compile(
    r"\b(?:because|due to|owing to|as a result|since|therefore|reflect\w{0,3}|driven|caused?|led to|in order to"
    r"|so that|reason|weil|wegen|aufgrund|denn|damit"
    r"|parce que|en raison|grâce|afin|porque|debido|por eso)\b",
    re.IGNORECASE,
)
_DEFINES = re.compile(
    r"\b(?:means?|(?:is|are) (?:defined|deined|an?|the|any)|defined as|refers? to|consists? of|denotes?"
    r"|calculated|bedeutet|ist ein\w{0,2}|bezeichnet|versteht"
    r"|désigne|est une?|signifie|es una?|significa|stands for|i\.e\.|namely)\b|(?<=\w)\s?[:–—(]",
    re.IGNORECASE,
)
_LISTS = re.compile(
    r"[;:•]|, [^,]{1,60},[^,]{1,60}(?:,| and | or | und | oder | et | ou | y | o )|^\s*(?:[•●▪■◦‣–—*·-]"
    r"|\(?\w{1,3}[.)])\s"
)
_STEPS = re.compile(
    r"\b(?:please|should|must|may|can|call|contact|dial\w{0,3}|visit|press|click|insert|use|turn|remove|open"
    r"|fold|tighten|apply|send|write|bitte|müssen|muss|kann"
    r"|veuillez|doit|peut|debe|puede)\b|\bby \w{3,14}ing\b",
    re.IGNORECASE,
)
_SIGNS = {Answer.REASON: _WHY, Answer.DEFINITION: _DEFINES, Answer.LIST: _LISTS, Answer.STEPS: _STEPS}
_DIGIT = re.compile(r"\d")
_PARTS = re.compile(r"[,;:()]")
_PART, _BEFORE = 12, 6  # characters that a comma, and standing before, count as


def fit(asked: Asked, sentence: str, known: frozenset[str]) -> float:
    """Return how far `sentence` has the kind of thing that is asked for, in 0..1.

    `known` are the figures of the question: they answer nothing.
    """
    if asked.answer is Answer.AMOUNT:
        pattern = _UNITS.get(asked.measure or Measure.NUMBER)
        if pattern is not None and pattern.search(sentence):
            return 1.0
        news = any(figure not in known for figure in re.findall(r"\d[\d.,]*\d|\d", sentence))
        news = news or bool(_WRITTEN.search(sentence))
        return (0.5 if pattern is not None else 1.0) if news else 0.0
    if asked.answer is Answer.DATE:
        return 1.0 if _WHEN.search(sentence) else 0.0
    if asked.answer is Answer.PERSON:
        return 1.0 if _people(sentence) else 0.3 if _CAPITAL.search(sentence) else 0.0
    if asked.answer in (Answer.PLACE, Answer.NAME):
        return 1.0 if _CAPITAL.search(sentence) else 0.0
    if pattern := _SIGNS.get(asked.answer):
        return 1.0 if pattern.search(sentence) else 0.0
    return 0.5


_WRITTEN = re.compile(
    r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|hundred|half"
    r"|zwei|drei|vier|fünf|zwölf|deux|trois|quatre|cinq)\b",
    re.IGNORECASE,
)
_CAPITAL = re.compile(r"(?<=[\w,;:(“\"] )[A-ZÄÖÜÉ][\w’'&.-]+|^[A-ZÄÖÜÉ][\w’'&.-]+ (?:[A-ZÄÖÜÉ][\w’'&.-]+)")
_WHEN = re.compile(
    r"\b(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|(?:19|20)\d\d|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mai"
    r"|okt|dez|janv|févr|avr|juin|juil|août|mär|ene|abr|ago|dic)"
    r"[a-zäéû]{0,8}\.? \d{1,4}|\d{1,2}(?:st|nd|rd|th|\.|er)? (?:of |de )?(?:jan|feb|mar|apr|may|jun|jul|aug|sep"
    r"|oct|nov|dec|mai|okt|dez|janv|févr|mars|avr|juin|juil|août|mär|ene|abr|ago|dic)\w{0,8}"
    r"|monday|tuesday|wednesday|thursday|friday|saturday|sunday|montag|dienstag|mittwoch|donnerstag|freitag"
    r"|samstag|sonntag)\b",
    re.IGNORECASE,
)


def short_answer(asked: Asked, sentence: str, question: str, near: Sequence[Span]) -> Span | None:
    """Return where in `sentence` the answer itself stands, or None where that cannot be told.

    `near` are the places of the question's words in the sentence: of several values the nearest is taken.
    """
    spans = _candidates(asked, sentence, values(question))
    if not spans:
        return None
    if len(spans) == 1 or not near:
        return spans[0] if len(spans) == 1 else None
    ranked = sorted(spans, key=lambda span: _distance(span, near, sentence))
    return ranked[0]


def _candidates(asked: Asked, sentence: str, given: Sequence[Value]) -> list[Span]:
    if asked.answer is Answer.AMOUNT:
        return _amounts(asked.measure or Measure.NUMBER, sentence, given)
    if asked.answer is Answer.DATE:
        return [
            (v.start, v.end) for v in values(sentence) if isinstance(v, Date) and not any(same(v, g) for g in given)
        ]
    if asked.answer is Answer.PERSON:
        return [span for span in _people(sentence) if not _in(sentence[slice(*span)], given)]
    if asked.answer in (Answer.PLACE, Answer.NAME):
        names = [
            v for v in values(sentence) if isinstance(v, Name) and not v.doubtful and not any(same(v, g) for g in given)
        ]
        return [(v.start, v.end) for v in names]
    return []


def _amounts(measure: Measure, sentence: str, given: Sequence[Value]) -> list[Span]:
    if pattern := _UNITS.get(measure):
        known = {_digits(g.text) for g in given}
        return [m.span() for m in pattern.finditer(sentence) if _digits(m.group()) not in known]
    numbers = [v for v in values(sentence) if isinstance(v, Number) and not v.doubtful]
    dates = [v for v in values(sentence) if isinstance(v, Date)]
    free = [n for n in numbers if not any(d.start < n.end and n.start < d.end for d in dates)]
    return [_with_unit(sentence, (n.start, n.end)) for n in free if not any(same(n, g) for g in given)]


def _with_unit(sentence: str, span: Span) -> Span:
    after = _UNIT_AFTER.match(sentence, span[1])
    return (span[0], after.end()) if after else span


def _digits(text: str) -> str:
    return "".join(_DIGIT.findall(text))


def _people(sentence: str) -> list[Span]:
    return [m.span() for m in _PERSON.finditer(sentence) if not _NO_PERSON.search(m.group())]


def _in(name: str, given: Sequence[Value]) -> bool:
    words = set(name.lower().split())
    return any(words & set(g.text.lower().split()) for g in given if isinstance(g, Name))


def _distance(span: Span, near: Sequence[Span], sentence: str) -> float:
    """Return the mean distance in characters to the two nearest words of the question.

    A value mostly follows what it is the value of, in the same part of the sentence.
    """
    gaps = []
    for start, end in near:
        between = sentence[end : span[0]] if end <= span[0] else sentence[span[1] : start]
        before = span[1] <= start
        gaps.append(len(between) + _PART * len(_PARTS.findall(between)) + _BEFORE * before)
    gaps.sort()
    return sum(gaps[:2]) / len(gaps[:2])
