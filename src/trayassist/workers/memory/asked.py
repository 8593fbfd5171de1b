"""What a question asks for: a person, a date, an amount, a list, a reason … The kind decides what counts as an answer.

English, German, French and Spanish. Patterns are anchored or bounded, so that a long question costs no more.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Answer(StrEnum):
    """What counts as an answer."""

    PERSON = "person"
    DATE = "date"
    PLACE = "place"
    AMOUNT = "amount"
    LIST = "list"
    DEFINITION = "definition"
    YES_NO = "yes or no"
    REASON = "reason"
    STEPS = "steps"
    CHOICE = "choice"
    NAME = "name"
    ANYTHING = "anything"


class Measure(StrEnum):
    """What an amount is measured in; NUMBER is a count or unknown."""

    MONEY = "money"
    PERCENT = "percent"
    TIME = "time"
    TEMPERATURE = "temperature"
    LENGTH = "length"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Asked:
    """The kind of answer, for an amount its measure, for a list how many items (0: not said).

    `counted` are the words right after "how many", which an answer counts; `choices` the two or more things that a
    question offers ("in the Midwest or in the West").
    """

    answer: Answer
    measure: Measure | None = None
    items: int = 0
    counted: str = ""
    choices: tuple[str, ...] = ()


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_SMALL = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
_SMALL |= {"zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5}
_SMALL |= {"dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6}
_COUNT = "|".join(_SMALL)
_NOT_PLURAL = r"(?!(?:is|was|does|has|this|its|his|business|address|process|status|basis|series|class|loss)\b)"
_PLURAL = rf"{_NOT_PLURAL}\w{{2,24}}(?:[^s\W]s|ies|men|people|children|criteria)\b"

_PERSON = _any(
    r"\b(?:who|whom|whose|wer|wen|wem|wessen|qui est|qui a|qui sont|quién|quiénes|quien)\b",
    r"^\W{0,3}qui\b",
    r"\b(?:name of|named?|heißt|s'appelle|se llama)\b.{0,40}\b(?:chief|director|chair\w*|president|manager"
    r"|officer|captain|author|head"
    r"|tenant|landlord|doctor|teacher|lawyer|owner|secretary|treasurer|mayor|minister|professor|contact)\b",
    r"^\W{0,3}(?:which|what) (?:person|man|woman|author|director|officer|lawyer|doctor|judge|professor)\b",
)
_DATE = _any(
    r"\b(?:since when|until when|by when|seit wann|bis wann|deadline)\b",
    r"\b(?:what|which|welche[mnrs]?|quel(?:le)?|qué|cuál) (?:exact |last |first )?(?:date|day|year|month|week"
    r"|datum|tag|jahr|monat|jour|année|mois|día|fecha"
    r"|año|mes)\b",
    r"\b(?:date of|dated|datum des|date de|fecha de)\b",
    r"\bdue\b.{0,12}\?|\bexpir\w{1,6}\b.{0,30}\?",
)
_OPENS_DATE = re.compile(
    r"^\W{0,3}(?:(?:and|so|und|et|y) )?(?:(?:since|until|from|by|on|in|as of|bis|seit|ab|depuis|jusqu'à|desde"
    r"|hasta|am|im|à) )?(?:when|wann|quand|cuándo"
    r"|(?:what|which|welche[mnrs]?|quel(?:le)?|qué) (?:exact )?(?:date|day|year|month|datum|tag|jahr|monat|jour"
    r"|année|mois|día|fecha|año|mes))\b",
    re.IGNORECASE,
)
_PLACE = _any(
    r"\b(?:where|wo|woher|wohin|où|dónde)\b",
    r"\b(?:which|what|welche[mnrs]?|quel(?:le)?|qué) (?:country|city|town|state|place|region|street|address|room"
    r"|land|stadt|ort"
    r"|pays|ville|lieu|país|ciudad|lugar)\b",
)
_WHY = _any(
    r"\b(?:why|warum|weshalb|wieso|pourquoi|por qué)\b",
    r"\bwhat (?:was|is|were|are) the (?:reason|cause)s?\b|\bwhat (?:led|caused|drove|made)\b|\bfor what reason\b",
)
_STEPS = _any(
    r"\bhow (?:do|can|could|should|must|may|would|to|does one|did) ?(?:i|you|we|one|they|somebody"
    r"|someone)?\b(?! (?:many|much|long|old))",
    r"^\W{0,3}how (?:is|are|was|were) .{2,60}\b(?:done|made|carried out|calculated|measured|installed|built"
    r"|set up|started|stopped)\b",
    r"\bhow do (?:i|you|we)\b|^\W{0,3}(?:wie (?:kann|muss|soll|mache|wird|bekomme|erreiche)|comment|cómo)\b",
)
_DEFINITION = _any(
    r"\bwhat (?:is|are) (?:an?|the term|meant by)\b(?! (?:name|date|amount|number|price|cost|rate|size|address"
    r"|total|share))",
    r"\bwhat (?:do|does|did) .{1,60}? (?:mean|stand for|understand by|count as|call)\b|\bdefin(?:e|ition|es|ed)\b",
    r"\b(?:was ist (?:ein|eine|unter)|was bedeutet|was heißt|wofür steht|was versteht)\b",
    r"\b(?:qu'est-ce qu|que signifie|que veut dire|qué es (?:un|una|el|la)|qué significa)\b",
    r"\bmeaning of\b",
)
_LIST = _any(
    rf"\b(?:which|what|name|list|give|welche|quels|quelles|cuáles|qué|nenne) (?:are |were |me )?(?:all )?(?:the "
    rf"|die |les |los |las )?(?:{_COUNT}|\d{{1,2}})\b",
    r"^\W{0,3}(?:list|name|enumerate|nenne|liste|énumère|enumera)\b",
    rf"\b(?:which|what|in which|in what) (?:\w{{3,20}} ){{0,2}}{_PLURAL}(?! (?:is|was|has|does)\b)",
    r"^\W{0,3}(?:welche (?!(?:firma|person|stadt|zahl|summe|frist|rolle)\b)\w{3,24}(?:e|en|er)|quels|quelles"
    r"|cuáles)\b",
    r"\bwhat (?:kinds?|types?|sorts?) of\b|\bwhat all\b|\bwhat (?:information|items|things|documents|materials)\b",
)
_NAME = _any(
    r"\b(?:which|what) (?:\w{2,20} ){0,2}(?:company|firm|bank|retailer|brand|product|law|act|tool|language"
    r"|programme?|model|team"
    r"|university|school|college|agency|organi[sz]ation|body|film|book|song|ship|disease|method|system|engine"
    r"|standard)\b",
    r"\b(?:called|named|name of|title of|name)\b",
    r"^\W{0,3}(?:which|welche[mnrs]?|quel(?:le)?|cuál)\b",
    r"\bwie (?:heißt|heisst)\b|\bs'appel\w{1,4}\b|\bse llama\b",
)
_YES_NO = re.compile(
    r"^\W{0,3}(?!was (?:ist|sind|bedeutet|kostet|kosten|heißt|heisst|macht|war|waren|hat|wird|soll|kann|muss"
    r"|steht|passiert|sagt)\b)"
    r"(?:(?:and|so|but|und|et|y) )?(?:is|are|was|were|do|does|did|has|have|had|can|could|may|might|must"
    r"|should|shall|will|would|am"
    r"|isn't|aren't|doesn't|don't|didn't|ist|sind|war|waren|hat|haben|hatte|kann|können|darf|dürfen|muss|müssen"
    r"|soll|sollen|wird|werden|gibt"
    r"|est-ce|est-il|est-elle|a-t-il|a-t-elle|peut-on|faut-il|puis-je|dois-je|y a-t-il|hay|puedo|debe|debo|tiene"
    r"|es)\b",
    re.IGNORECASE,
)
_CHOICE = re.compile(
    r"(?:,\s?|:\s?|\bin |\bat |\bfor |\bthan |\bwar |\bist |\bwere |\bwas |\bare |\bis )"
    r"(?P<one>(?:[^\s,?]{1,30} ){0,4}[^\s,?]{1,30}?),? (?:or|oder|ou|o) (?P<two>(?:[^\s,?]{1,30} ?){1,5})\W{0,3}$",
    re.IGNORECASE,
)
_COMPARES = _any(
    r"\b(?:more|less|fewer|(?!after\b|under\b|over\b|water\b|paper\b|letter\b|order\b|number\b)\w{3,14}er"
    r"|further|mehr|weniger"
    r"|plus|moins|más|menos|better|worse|which|where|who|most|least|wo|où|dónde)\b"
)
_BEFORE_NOUN = re.compile(r"\b(?:in|at|for|than|by|with|was|is|were|are|on|bei|mit|im)\s", re.IGNORECASE)
_MANY = re.compile(
    r"\b(?:how many|wie viele|wieviele|combien d(?:e |')|cuánt[oa]s|number of|anzahl (?:der|von)|nombre d(?:e "
    r"|'))\s{0,2}(?P<what>(?:[^\s?,]{1,30}\s?){1,4})",
    re.IGNORECASE,
)
_AMOUNT = _any(
    r"\bhow (?:much|many|long|old|tall|big|high|large|fast|heavy|deep|wide|thick|far|often|full|hot|cold|warm"
    r"|tight|late|early|strong|loud|short|small|low|great)\b",
    r"\b(?:wie (?:viel\w{0,2}|lang\w?|hoch|groß|gross|alt|schwer|schnell|weit|tief|teuer|oft|warm|heiß)"
    r"|wieviel\w?|combien|cuánt\w{1,2})\b",
    r"\b(?:what|which|welche[rns]?|quel(?:le)?|qué|cuál)\b.{0,40}\b(?:percent\w{0,5}|share|proportion|part of"
    r"|rate|ratio|number|amount|figure|price|cost|costs|sum"
    r"|total|revenues?|sales|profits?|income|earnings|margin|temperature|pressure|length|height|weight|width"
    r"|depth|speed|distance|age|size|duration|factor"
    r"|volume|capacity|value|worth|fee|fees|rent|salary|wage|budget|limit|deposit|premium|prozentsatz|anteil"
    r"|preis|betrag|summe|miete|höhe|pourcentage|prix|montant|taux"
    r"|porcentaje|precio|importe)\b",
    r"\bwhat (?:did|does|do|will|would|has|have) .{1,60}\b(?:cost|costs|earn|earns|pay|pays|paid|spend|spent"
    r"|charge|charged|make|bring|sell for|weigh|amount to)\b",
    r"\bwas kostet\b|\bwas kosten\b|\bby (?:how much|what factor)\b|\bwithin what time\b|\bphone number\b",
)
_PERCENT = _any(
    r"\b(?:percent\w{0,5}|per cent|share|proportion|part of|how full|rate|margin|prozent\w{0,6}|anteil"
    r"|pourcentage|taux|porcentaje)\b|%"
)
_MONEY = _any(
    r"\b(?:cost|costs|price|pay|pays|paid|earn|earns|earned|salary|wage|revenues?|sales|profits?|income"
    r"|ebit\w{0,3}|cash|fee|fees|rent|budget|deposit|premium|worth"
    r"|spen[dt]|dollars?|euros?|pounds?|charge|sell|dividend|debt|kost\w{1,3}|preis|gehalt|verdien\w{1,2}|miete"
    r"|umsatz|gewinn|prix|coûte\w{0,3}|salaire|loyer|precio|cuesta\w?"
    r"|expens\w{1,4}|invest\w{0,6}|raise[ds]?|owe[ds]?|amount|betrag|montant|importe|kaution|caution)\b|[$€£]"
)
_TIME = _any(
    r"\b(?:how (?:long|old|often)|what time|within what|duration|age|wie (?:lang\w?|alt|oft)|dauer\w{0,2}|durée"
    r"|combien de temps|duración|cuánto (?:tiempo|dura)|minutes?|minuten|hours?|stunden"
    r"|notice period|kündigungsfrist)\b"
)
_COUNTED = (  # what is counted is a measure of its own: "how many days"
    (
        _any(
            r"(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|sekunden|minuten|stunden|tagen?|wochen|monaten?|jahren?|minutes|heures|jours"
            r"|semaines|mois|ans|minutos|horas|días|semanas|meses|años)\b"
        ),
        Measure.TIME,
    ),
    (_any(r"(?:percent|per cent|percentage|prozent|pour cent|por ciento)\b"), Measure.PERCENT),
    (_any(r"(?:dollars?|euros?|pounds?|cents?|francs?)\b"), Measure.MONEY),
    (_any(r"(?:degrees?|grad)\b"), Measure.TEMPERATURE),
    (_any(r"(?:met(?:re|er)s?|kilomet\w{2,4}|feet|miles|inches|meter|mètres|metros)\b"), Measure.LENGTH),
)
_HEAT = _any(r"\b(?:how (?:hot|cold|warm)|temperature|temperatur|température|temperatura|wie (?:warm|heiß|kalt))\b")
_LENGTH = _any(
    r"\b(?:how (?:far|tall|high|deep|wide|thick|long is the (?:rope|cable|road|bridge))|distance|height|width"
    r"|depth|diameter|höhe|breite)\b"
)


def read(question: str) -> Asked:
    """Return what `question` asks for."""
    text = " ".join(question.split())[:400]
    if choices := _choices(text):
        return Asked(Answer.CHOICE, choices=choices)
    firm = (
        (_YES_NO, Answer.YES_NO),
        (_WHY, Answer.REASON),
        (_DEFINITION, Answer.DEFINITION),
        (_OPENS_DATE, Answer.DATE),
    )
    if answer := _first(firm, text):
        return Asked(answer)
    if _MANY.search(text) or _AMOUNT.search(text):
        return _amount(text)
    if _LIST.search(text) and not _PERSON.search(text):
        return Asked(Answer.LIST, items=_items(text))
    loose = (
        (_DATE, Answer.DATE),
        (_PERSON, Answer.PERSON),
        (_PLACE, Answer.PLACE),
        (_STEPS, Answer.STEPS),
        (_NAME, Answer.NAME),
    )
    return Asked(_first(loose, text) or Answer.ANYTHING)


def _first(patterns: Sequence[tuple[re.Pattern[str], Answer]], text: str) -> Answer | None:
    return next((answer for pattern, answer in patterns if pattern.search(text)), None)


def _choices(text: str) -> tuple[str, ...]:
    found = _CHOICE.search(text)
    if found is None or not _COMPARES.search(text):
        return ()
    one, two = (_BEFORE_NOUN.split(found[part])[-1].strip() for part in ("one", "two"))
    return (one, two) if one and two else ()


def _items(text: str) -> int:
    found = re.search(rf"\b(?:{_COUNT}|\d{{1,2}})\b", text, re.IGNORECASE)
    if found is None:
        return 0
    word = found.group().lower()
    return _SMALL.get(word) or (int(word) if word.isdigit() else 0)


def _amount(text: str) -> Asked:
    many = _MANY.search(text)
    counted = many["what"].strip() if many else ""
    if many:
        measure = next((measure for pattern, measure in _COUNTED if pattern.match(counted)), Measure.NUMBER)
        return Asked(Answer.AMOUNT, measure, counted=counted if measure is Measure.NUMBER else "")
    measures = (
        (_HEAT, Measure.TEMPERATURE),
        (_TIME, Measure.TIME),
        (_PERCENT, Measure.PERCENT),
        (_MONEY, Measure.MONEY),
        (_LENGTH, Measure.LENGTH),
    )
    return Asked(
        Answer.AMOUNT, next((measure for pattern, measure in measures if pattern.search(text)), Measure.NUMBER)
    )
