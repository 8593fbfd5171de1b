"""Follow-up questions: whether a question leans on the one before ("and in 2022?"), and what it asks in full.

A question with a subject of its own stands alone, however short it is. One that leans is completed: the question
before keeps its words, but for the phrase whose place the new one takes (a year, a place, a name, a row of a table).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from trayassist.api import FollowUp, Turn
from trayassist_persona import periods, phrases, words
from trayassist_persona.phrases import WORD, Language, Phrase, alike, content_words

LONGEST = 240  # characters; a longer text has a subject
_LONGEST_BEFORE = 600
_MOST_OWN = 6  # words of a topic; with more of them a pronoun means something in the question itself
_OPENING = re.compile(
    r"^\W{0,3}(?:(?:ok(?:ay)?|well|hm{1,3}|thanks|thank you|great|gut|danke|merci|vale|gracias)[,.! ]{1,3}){0,2}"
    r"(?:(?:and|but|or|also|then|so|plus|und|aber|oder|auch|et|mais|ou|aussi|y|e|pero|o|también)\b[, ¿]{0,3}){0,2}"
    r"(?:(?:what about|how about|what of|what if"
    r"|(?:(?:is|was) it )?(?:the )?same(?: question)?(?= (?:for|with|in|at|on))"
    r"|likewise"
    r"|was ist mit|wie (?:ist|war|sieht|steht) es (?:mit|bei|um|aus mit)|qu['’]en est-il (?:de |du |des |d['’])?"
    r"|et pour|qué (?:hay|pasa) (?:de|con)|qué tal)(?!\w))?\s?",
    re.IGNORECASE,
)
_BARE = re.compile(  # nothing is asked but to go on
    r"\W{0,3}(?:why(?: not)?|how so|really|since when|until when|are you (?:quite |really )?sure(?: about (?:that|it))?"
    r"|(?:tell|show) me more(?: about (?:it|that|this))?|more|(?:more|further) (?:details?|information)|go on|continue"
    r"|elaborate|warum(?: nicht)?|wieso|wirklich|seit wann|mehr|mehr (?:dazu|darüber)|pourquoi(?: pas)?|vraiment"
    r"|depuis quand|por qué(?: no)?|de verdad|desde cuándo)(?: please| bitte)?\W{0,3}",
    re.IGNORECASE,
)
_EMPTY = re.compile(  # pronouns that mean nothing
    r"\b(?:is|was|be|be(?:en)?) it (?:\w{1,10} ){0,1}\w{2,12} (?:to|that|if|for)\b(?<!due to)"
    r"|\bit (?:take|cost|mean|make sense)s?(?: \w{1,12}){0,2} to\b|\bit (?:is )?(?:going to )?(?:rain|snow)(?:s|ing)?\b"
    r"|\bwhat (?:time|day|date|year) is it\b|\b(?:there(?:'s)? (?:is|are|was|were|has|have|will|any)"
    r"|(?:is|are|was|were|has|have|been|be|will|can) there)\b"
    r"|\b(?:gibt|gab|regnet|schneit|dauert|braucht|spät ist) es\b|\bes (?:gibt|gab)\b"
    r"|\b(?:ist|war) es \w{3,14},? (?:dass|wenn|zu)\b|\bist es (?:erlaubt|verboten|möglich|wahr|legal)(?=,? \w)"
    r"|\bil y a\b|\by a-t-il\b|\b(?:faut|fait|pleut|vaut|reste|est)-il (?:possible|vrai|permis|interdit|légal)?"
    r"(?= (?:de|que)\b)|\b(?:faut|fait|pleut)-il\b|\bheure est-il\b|\bil faut\b|\blo que\b|\bpor lo menos\b",
    re.IGNORECASE,
)
_ONE = re.compile(
    r"\b(?:the|that|this|another|an?)(?: [\w.'×/-]{1,20}){0,3} ones?\b"
    r"(?=\W{0,3}$| (?:is|are|was|were|has|have|did|does))"
    r"|\bwhich ones?\b|\bthe (?:former|latter|others?)\b(?=\W{0,3}$| (?:is|are|was|were|has|have))"
    r"|\b(?:who|what|where|anything|anyone|anybody) else\b|\bdas letztere\b",
    re.IGNORECASE,
)
_PLACE = re.compile(r"\bthere\b", re.IGNORECASE)
_OBJECTS = re.compile(  # French and German pronouns that look like articles
    r"\bl['’](?:a|ont|avait|avaient|est)\b|\b(?:le|la|les) (?:a|ont|dirige|signe|paie|possède)\b"
    r"|\b(?:bedeutet|heißt|ist|war|kostet|gilt|sagt|steht|hat|haben|wird|wurde|macht) das(?=\W{0,3}$| (?-i:[a-zäöü]))",
    re.IGNORECASE,
)
_DROPPED = re.compile(  # a Spanish sentence whose subject is left out
    r"\W{0,3}(?:cuándo|dónde|cómo|quién(?:es)?|cuánto) (?:(?:se|lo|la|los|las) )?[^\W\d_]{2,16}\W{0,3}", re.IGNORECASE
)
_WHEN = re.compile(
    r"^\W{0,3}(?:\w{1,10} )?(?:when|what (?:year|date|day)|which (?:year|date|day)|wann|quand|cuándo)\b", re.IGNORECASE
)
_DEFINITE = re.compile(r"\b(?:the|der|die|das|den|dem|le|la|les|l['’]|el|los|las)\b", re.IGNORECASE)
_TODAY = re.compile(r"\b(?:today|tomorrow|now|heute|morgen|jetzt|aujourd'hui|demain|hoy|mañana)\b", re.IGNORECASE)
_ORDERS = re.compile(
    r"^\W{0,3}(?:please |bitte )?(?:tell|explain|show|list|give|summari[sz]e|compare|define|describe|write|find|search"
    r"|translate|calculate|convert|remind|remember|forget|erkläre?|zeige?|schreibe?|suche?|explique|montre|cherche"
    r"|explica|muestra|busca)\b",
    re.IGNORECASE,
)
_ASK_ALONE = phrases.word_set("who when where wer wann wo warum qui quand où pourquoi quién quiénes cuándo dónde cómo")
_ARTICLE = re.compile(r"(?:the|an?|der|die|das|den|dem|le|la|les|el|los|las) |l['’]", re.IGNORECASE)
_ASKED_NOUN = re.compile(
    r"\W{0,3}(?:how (?:many|much)|which|what|wie ?viele?|welche[rsnm]?|combien (?:de |d['’])|quel(?:le)?s?"
    r"|cuánt[oa]s)\s?",
    re.IGNORECASE,
)
_THAT_OF = re.compile(
    r"^(?:that|those|celle|celui|celles|ceux|la|el|los|las|der|die|das)\s(?=(?:of|de|du|des|von|del)\s|d['’])",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"\b(?:combien|how (?:many|much)|which) $", re.IGNORECASE)
_OPPOSITES = tuple(  # one of a line stands for another of it: "the lowest" after "the highest"
    phrases.word_set(line)
    for line in (
        (
            "maximum minimum average median mean highest lowest largest smallest biggest oldest youngest longest"
            " shortest cheapest fastest slowest latest earliest"
        ),
        "first second third fourth fifth last",
        "new old",
        "upper lower",
        "left right",
        "male female",
        "gross net",
        "former latter",
    )
)
_DESCRIBING = frozenset().union(
    *_OPPOSITES, phrases.word_set("total overall worldwide combined diluted basic adjusted")
)
_PERSON = re.compile(r"^\W{0,3}(?:who|wer|qui|quién)\b", re.IGNORECASE)
_HE = re.compile(r"\b(?:he|she|him|his|her|they|er|ihn|ihm|sie|seine?|ihre?|il|elle|lui|él|ella)\b", re.IGNORECASE)
_BOLD = re.compile(r"\*\*([^*\n]{2,60})\*\*")


def resolve(question: str, turns: Sequence[Turn]) -> FollowUp | None:
    """Return what the question leans on and what it asks in full, or None where it stands alone.

    The turns come oldest first. A follow-up among them is completed by the ones before it, too.
    """
    before, answer = "", ""
    for turn in turns:
        asked = " ".join(turn.question.split())[:_LONGEST_BEFORE]
        if asked and not words.small_talk(asked):
            before, answer = complete(asked, before, answer) or asked, turn.answer
    asked = " ".join(question.split())
    full = complete(asked, before, answer)
    return FollowUp(to=before, asks=full) if full else None


def complete(question: str, before: str, answer: str = "") -> str | None:
    """Return the question in full where it leans on the one before and its answer, else None."""
    if not before or not WORD.search(question) or len(question) > LONGEST:
        return None
    language = phrases.language_of(question, before)
    if _BARE.fullmatch(question):
        return _add_topic(question, before, language)
    opening = _OPENING.match(question)
    body = question[opening.end() :] if opening else question
    opened = bool(opening and WORD.search(opening[0]))
    body = re.sub(r"[\s?!.…]{1,6}$", "", body).lstrip("¿ ")
    if not WORD.search(body):
        return _add_topic(question, before, language)
    if not _is_clause(body, language):
        return _fill(body, before, answer, language) if _is_fragment(body, before, opened, language) else None
    return _complete_clause(question, body, before, answer, opened, language)


# ------------------------------------------------------------ what a question lacks


def _is_clause(body: str, language: Language) -> bool:
    """Return whether this is a sentence, not a phrase: it has a verb, or asks what someone does."""
    found = [word.lower() for word in WORD.findall(body.replace("’", "'"))]
    if _ORDERS.match(body) or any(word in language.verbs for word in found):
        return True
    asks = [word for word in found[:2] if word in language.asking]
    rest = [word for word in found if not language.holds(word)]
    if not asks or not rest:
        return False
    return asks[0] in _ASK_ALONE or len(rest) >= 3


def _is_fragment(body: str, before: str, opened: bool, language: Language) -> bool:
    """Return whether a phrase without a verb takes a place in the question before, rather than asks for itself."""
    own = content_words(body, language)
    if not own:
        return True  # "in 2021?", "by whom?", "how many?"
    named = phrases.sort_of(body, language) == "name"
    shared = any(alike(one, other) for one in own for other in content_words(before, language))
    if _ONE.search(body) or periods.leans_on_period(body):
        return True
    first = WORD.findall(body)[0].lower()
    if first in language.prepositions and len(own) <= 3:
        return True
    complete = named and len(own) >= 2 and phrases.phrases_of(body, language) and not shared
    return opened and len(own) <= 5 and not complete and not _TODAY.search(body)


def _complete_clause(
    question: str, body: str, before: str, answer: str, opened: bool, language: Language
) -> str | None:
    own, known = content_words(body, language), content_words(before, language)
    new = [word for word in own if not any(alike(word, other) for other in known)]
    if _leans(body, language) and len(own) <= _MOST_OWN:
        if not new and periods.has_period(body):
            return periods.replace_period(before, body, answer)  # "what was it a year earlier?"
        return _add_topic(question, before, language, answer)
    names = [body[start:end] for start, end in phrases.names_of(body, language)]
    if periods.leans_on_period(body) and any(period.year for period in periods.find_periods(before)):
        full = _of_that_period(question, before)  # a subject of its own, in "that year"
        return full if names else _with_circumstances(full, periods.without_periods(before), language)
    missing = [before[start:end] for start, end in phrases.names_of(before, language)]
    missing = [name for name in missing if not any(alike(name, word) for word in own)]
    if not new and missing and not names and periods.find_periods(body):
        return periods.replace_period(before, body, answer)  # "what was the revenue in 2020?" of the company before
    if not opened:
        return None
    if len(names) == 1 and missing and len(own) > len(new) and all(word in names[0] for word in new):
        full = periods.replace_period(before, body, answer)  # "and what did B spend?"
        return _fill(names[0], full, answer, language)
    if names or _TODAY.search(body) or len(new) > 2 or not (_DEFINITE.search(body) or _EMPTY.search(body)):
        return None
    if phrases.phrases_of(body, language):
        return None  # "and what is the boiling point of nitrogen?"
    return _with_circumstances(question, before, language)


def _leans(body: str, language: Language) -> bool:
    """Return whether a pronoun of the sentence means something outside of it."""
    text = _EMPTY.sub(lambda found: " " * len(found[0]), body)
    for start, end in periods.period_spans(body):
        text = text[:start] + " " * (end - start) + text[end:]
    if _ONE.search(text) or _OBJECTS.search(text) or _DROPPED.fullmatch(text):
        return True
    if _PLACE.search(text) and language.holds("what") and not phrases.names_of(body, language):
        return True
    return any(not _is_bound(text, at, owns, language) for at, owns in _pronouns(text, language))


def _pronouns(text: str, language: Language) -> Iterator[tuple[int, bool]]:
    """Yield where pronouns stand, and whether each owns something ("its")."""
    found = list(WORD.finditer(text))
    for at, match in enumerate(found):
        word, lower = match[0], match[0].lower().replace("’", "'")
        after = found[at + 1][0] if at + 1 < len(found) else ""
        carries = bool(after) and not language.holds(after.lower())
        if word in ("IT", "Sie", "Ihnen", "Ihr", "Ihre", "Ihren", "Ihrem", "Ihrer"):
            continue
        if re.search(r"-(?:il|elle|ils|elles)$", lower) or (
            lower in language.owners and (carries or lower not in language.subjects)
        ):
            yield match.start(), True
        elif lower in ("this", "that", "these", "those", "dieser", "diese", "dieses", "ese", "esa"):
            if _points_back(found, at, language):
                yield match.start(), False
        elif lower in ("one", "ones"):
            continue
        elif lower in language.subjects:
            yield match.start(), False


def _points_back(found: list[re.Match[str]], at: int, language: Language) -> bool:
    """Tell "who signed that contract" from "the crane that stands there"."""
    if at == 0 or at + 1 == len(found) or found[at][0].lower() in ("these", "those"):
        return True
    before = found[at - 1][0].lower()
    if language.holds(before):
        return not (before in language.articles or before in ("say", "says", "said", "know", "true", "mean", "means"))
    return at > 1 and found[at - 2][0].lower() in language.asking


def _is_bound(text: str, at: int, owns: bool, language: Language) -> bool:
    """Return whether what a pronoun means stands before it in the same question."""
    before = text[:at]
    if not owns:  # in a clause before its own
        found = list(WORD.finditer(before))
        joints = [m.start() for n, m in enumerate(found) if n and m[0].lower() in language.joints]
        joints += [m.start() for m in re.finditer(r"[,;:?.]", before)]
        before = before[: max(joints, default=0)]
    found = list(WORD.finditer(before))
    for number, match in enumerate(found):
        if language.holds(match[0].lower()):
            continue
        previous = found[number - 1][0].lower() if number else ""
        if number and match[0][:1].isupper():
            return True
        if previous in language.articles or previous in language.owners or previous in ("which", "what", "many", "how"):
            return True
        if previous in phrases.SUPPORT or (number == 1 and previous in language.verbs):
            return True  # "can tenants …"
        if number > 1 and found[number - 2][0].lower() in language.articles:
            return True
    return False


# ------------------------------------------------------------ what it asks in full


def _fill(body: str, before: str, answer: str, language: Language) -> str:
    """Return the question before with the phrases of `body` in their places."""
    first = WORD.findall(body)[0]
    if first.lower() in language.prepositions or first.lower() in language.articles:
        body = body[:1].lower() + body[1:]
    body = periods.spell_out(body, before)
    full = periods.replace_period(before, body, answer)
    rest = periods.without_periods(body)
    rest = _THAT_OF.sub("", _without_same_start(rest, before))
    if any(word.lower() in language.asking for word in WORD.findall(rest)):
        return _add_topic(f"{body}?", full, language)  # "in which year?"
    if not content_words(rest, language):
        return full if full != before else _add_topic(f"{body}?", before, language)
    inner = phrases.phrases_of(rest, language)
    head = rest[: inner[0].start].strip() if inner else rest
    if head and content_words(head, language):
        if inner and _shares_head(head, before, language):
            head = ""  # "the revenue of B" after "the revenue of A"
        elif inner and language.holds("what"):
            head, inner = rest, []
    for phrase in inner:
        full = _put_phrase(full, phrase, language)
    return _put_bare(full, head, language) if content_words(head, language) else full


def _without_same_start(rest: str, before: str) -> str:
    """Leave out "how many" where the question before begins so, too."""
    mine, its = rest.split(), before.split()
    same = 0
    while same < min(len(mine), len(its)) and mine[same].lower() == its[same].lower():
        same += 1
    return " ".join(mine[same:]) if same else rest


def _shares_head(head: str, before: str, language: Language) -> bool:
    last = content_words(head, language)[-1]
    return any(alike(last, word) for word in content_words(before, language))


def _put_phrase(full: str, phrase: Phrase, language: Language) -> str:
    """Return `full` with a phrase of a preposition in the place of the one it replaces, else behind the others."""
    lead = phrase.lead.lower()
    group = language.prepositions[lead]
    every = phrases.phrases_of(full, language)
    old = [one for one in every if not _COUNTED.search(full[: one.start])] or every
    if _ONE.search(phrase.text):
        return _put_bare(full, phrase.bare, language)
    if phrase.sort == "number":
        for one in (one for one in old if one.lead.lower() == lead):
            unit = re.search(r"[^\W\d_]", phrase.bare)
            new = phrase.text if unit else re.sub(r"\d[\w.,]{0,12}", phrase.bare, one.text, count=1)
            return full[: one.start] + new + full[one.end :]
    fits = [one for one in old if one.lead.lower() == lead and one.sort == phrase.sort]
    fits += [one for one in old if one.lead.lower() == lead and {one.sort, phrase.sort} <= {"name", "noun", "code"}]
    fits += [one for one in old if language.prepositions[one.lead.lower()] == group and one.sort == phrase.sort]
    if language.nouns_are_capital:  # nouns and names look alike there
        fits += [one for one in old if language.prepositions[one.lead.lower()] == group == "place"]
    similar = {"topic": "of", "of": "topic", "place": "of"}
    fits += [
        one
        for one in old
        if one.sort == phrase.sort and language.prepositions[one.lead.lower()] in (similar.get(group), "place")
        and group in ("topic", "of", "place")
    ]  # fmt: skip
    if fits:
        one = fits[0]
        return full[: one.start] + phrase.text + full[one.end :]
    counted = next((one for one in every if group == "of" and _COUNTED.search(full[: one.start])), None)
    if counted is not None:  # "combien de femmes travaillent": a verb may follow
        noun = WORD.search(full, counted.end - len(counted.bare))
        return full[: counted.start] + phrase.text + full[noun.end() if noun else counted.end :]
    names = _name_spans(full, phrase.bare, language)
    if phrase.sort == "name" and group in ("topic", "of", "place") and names:
        start, end = _own_part(full, *names[0])
        return full[:start] + phrase.bare + full[end:]
    return periods.append(full, phrase.text)


def _own_part(full: str, start: int, end: int) -> tuple[int, int]:
    """Return where a name stands without its "'s"."""
    return start, end - len(re.search(r"(?:['’]s?)?$", full[start:end])[0])  # type: ignore[index]  # it fits always


def _put_bare(full: str, head: str, language: Language) -> str:
    """Return `full` with a phrase that has no preposition in the place of its like."""
    if not re.search(r"['’]s? ", f"{full} "):
        head = re.sub(r"['’]s?$", "", head)
    if phrases.sort_of(head, language) == "code" and (codes := phrases.codes_of(full)):
        new = head[slice(*phrases.codes_of(head)[0])]
        shape = _shape(new)
        start, end = next((span for span in codes if _shape(full[slice(*span)]) == shape), codes[0])
        return full[:start] + new + full[end:]
    label = re.fullmatch(r"(.{1,40}) (\d[\w/.-]{0,12}|[A-Z])", head)
    if label and (old := re.search(rf"\b(?i:{re.escape(label[1])}) (\d[\w/-]{{0,12}}(?:\.\d{{1,6}})*|[A-Z]\b)", full)):
        return full[: old.start(1)] + label[2] + full[old.end(1) :]  # "step 5" after "step 4"
    if swapped := _swap_description(full, head):
        return swapped
    if described := _description_of(head, language):
        chunks = [chunk for chunk in phrases.chunks_of(full, language) if chunk[0] != chunk[1]]
        for _, start, end in sorted(chunks, key=lambda chunk: " " not in full[chunk[1] : chunk[2]]):
            noun = full[start:end].split()[-1]
            return f"{full[:start]}{described} {noun}{full[end:]}"
    if place := _place_of_like(full, head, language):
        start, end, keeps_article = place
        article = _ARTICLE.match(head)
        text = head if keeps_article or not article else head[article.end() :]
        return full[:start] + text + full[end:]
    return periods.append(full, head)


def _swap_description(full: str, head: str) -> str:
    """Return `full` with "lowest" for "highest", or the word behind where it has no such word; "" for other words."""
    article = _ARTICLE.match(head)
    word = head[article.end() :] if article else head
    if word.lower() not in _DESCRIBING:
        return ""
    line = next((line for line in _OPPOSITES if word.lower() in line), frozenset())
    if own := next((match for match in WORD.finditer(full) if match[0].lower() in line), None):
        return full[: own.start()] + word + full[own.end() :]
    return "" if article else periods.append(full, word)


def _description_of(head: str, language: Language) -> str:
    """Return the description in "the small one", "the maximum" or "der kleine", which lack their noun, else ""."""
    if one := re.fullmatch(r"(?:the|an?|that|this)? ?(.{1,60}?) ones?", head, re.IGNORECASE):
        return one[1]
    article = _ARTICLE.match(head)
    word = head[article.end() :] if article else head
    if " " in word or not article:
        return ""
    lower = language.nouns_are_capital and word[:1].islower()
    return word if lower or word.lower() in _DESCRIBING else ""


def _shape(code: str) -> str:
    return re.sub(r"\d{1,9}", "0", re.sub(r"[^\W\d_]", "a", code))


def _place_of_like(full: str, head: str, language: Language) -> tuple[int, int, bool] | None:
    """Return what of `full` a bare phrase replaces, and whether its article comes along."""
    own = content_words(head, language)
    chunks = phrases.chunks_of(full, language)
    if same := next((c for c in chunks if alike(full[c[1] : c[2]].split()[-1], own[-1])), None):
        return same[0], same[2], same[0] != same[1]
    if phrases.sort_of(head, language) == "name" and (spans := _name_spans(full, head, language)):
        owned = re.search(r"['’]s?$", head) is not None
        return *(spans[0] if owned else _own_part(full, *spans[0])), False
    inside = phrases.phrases_of(full, language)
    free = [c for c in chunks if not any(phrase.start <= c[1] < phrase.end for phrase in inside)]
    if _ARTICLE.match(head) or WORD.findall(head)[0].lower() in language.owners:
        owner = WORD.findall(head)[0].lower()
        owned_first = sorted(free, key=lambda c: not full[c[0] : c[1]].lower().startswith(owner))
        chosen = next((c for c in free if re.search(r"['’]s? $", full[: c[1]])), None)
        chosen = chosen or next((c for c in owned_first if c[0] != c[1]), None)
        return (chosen[0], chosen[2], chosen[0] != chosen[1]) if chosen else None
    asked = _ASKED_NOUN.match(full)
    kept = next((p for p in inside if asked and free and p.start == free[0][2] + 1 and p.sort == "noun"), None)
    if kept is not None and free[0][1] == asked.end() and language.prepositions[kept.lead.lower()] == "of":  # type: ignore[union-attr]
        return kept.end - len(kept.bare), kept.end, False  # "how many tonnes of cod"
    if asked and free and free[0][1] == asked.end():
        ends = [match.end() for match in WORD.finditer(full, free[0][1], free[0][2])]
        return free[0][1], ends[min(len(ends), len(own)) - 1], False  # "men live": a verb may follow
    bare = [p for p in inside if p.sort == "noun" and not _ARTICLE.match(p.bare)]
    for group in ("topic", "of"):
        if fits := [p for p in bare if language.prepositions[p.lead.lower()] == group]:
            return fits[0].end - len(fits[0].bare), fits[0].end, False
    owned_thing = next((c for c in free if re.search(r"['’]s? $", full[: c[1]])), None)
    chosen = owned_thing or next((c for c in free if c[0] == c[1] and not full[c[1]].isupper()), None)
    return (chosen[1], chosen[2], False) if chosen else None


def _name_spans(full: str, head: str, language: Language) -> list[tuple[int, int]]:
    """Return the names of `full`, those that a new one replaces most likely first."""
    spans = phrases.names_of(full, language)
    if (
        language.nouns_are_capital
    ):  # nouns look like names: those behind a preposition first, then those without article
        led = [(p.end - len(p.bare), p.end) for p in phrases.phrases_of(full, language) if p.sort == "name"]
        free = [s for s in spans if _word_before(full, s[0]) in language.verbs]
        return led + free
    if re.search(r"['’]s?$", head):
        return [span for span in spans if re.search(r"['’]s?$", full[slice(*span)])] or spans
    size = len(head.split())
    return sorted(spans, key=lambda span: len(full[slice(*span)].split()) != size)


def _word_before(text: str, at: int) -> str:
    found = WORD.findall(text[:at])
    return found[-1].lower() if found else ""


def _add_topic(question: str, before: str, language: Language, answer: str = "") -> str:
    """Return the question and the words of the one before that it lacks: a pronoun may mean any of them."""
    asked = re.sub(r"\s{0,3}$", "", question)
    if _WHEN.search(question) or periods.find_periods(question):
        before = periods.without_periods(before)
    have = content_words(question, language)
    topic = [word for word in content_words(before, language) if not any(alike(word, own) for own in have)]
    spelled = [period.text for period in periods.find_periods(before)]
    person = _BOLD.search(answer) if _PERSON.match(before) and _HE.search(question) else None
    lead = [person[1]] if person and len(person[1].split()) <= 5 else []
    return " ".join([asked, *lead, *dict.fromkeys(topic), *spelled])


def _with_circumstances(question: str, before: str, language: Language) -> str:
    """Return the question with the names, phrases and periods of the one before."""
    pieces: list[tuple[int, str]] = []
    inside = phrases.phrases_of(before, language)
    for start, end in phrases.names_of(before, language):
        if not any(phrase.start <= start < phrase.end for phrase in inside) and not language.nouns_are_capital:
            pieces.append((start, before[slice(*_own_part(before, start, end))]))
    pieces += [(phrase.start, phrase.text) for phrase in inside]
    pieces += [(period.start, periods.with_leads(before, period)) for period in periods.find_periods(before)]
    return periods.append(question, " ".join(text for _, text in sorted(pieces)))


def _of_that_period(question: str, before: str) -> str:
    """Return the question with the period of the one before in the place of "that year"."""
    whole = periods.find_periods(before)[-1].text
    return periods.in_place_of_relative(question, before, whole)
