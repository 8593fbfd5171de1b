"""The words that tell how a question is built, in four languages, and the phrases that it is built of."""

from __future__ import annotations

import re
from dataclasses import dataclass

from trayassist_persona.periods import find_periods, period_spans

WORD = re.compile(r"[^\W_]+(?:[-'’.&/][^\W_]+)*")
_CONTRACTED = re.compile(r"^(?:[ldqsncjtm]|qu)['’](?=\w)", re.IGNORECASE)
_OWNED = re.compile(r"['’]s?$")


@dataclass(frozen=True, slots=True)
class Language:
    """A language's words: `asking` begin a question, `verbs` make a sentence, the prepositions have a class each.

    `subjects`, `objects` and `owners` are pronouns: what one of the last means may stand in the same clause, what the
    others mean only in another one ("When did Anna sign it?" is not about Anna).
    """

    asking: frozenset[str]
    verbs: frozenset[str]
    prepositions: dict[str, str]
    articles: frozenset[str]
    subjects: frozenset[str]
    owners: frozenset[str]
    joints: frozenset[str]  # begin a clause of their own
    others: frozenset[str]  # carry no topic either
    nouns_are_capital: bool = False

    def holds(self, word: str) -> bool:
        """Return whether the word is one of this language's that carry no topic."""
        groups = (self.asking, self.verbs, self.articles, self.subjects, self.owners, self.joints, self.others)
        return word in self.prepositions or any(word in group for group in groups)


def word_set(text: str) -> frozenset[str]:
    """Return the words of a list."""
    return frozenset(text.split())


def _classes(**groups: str) -> dict[str, str]:
    return {word: name for name, words in groups.items() for word in words.split()}


_ENGLISH = Language(
    asking=word_set("what which who whom whose when where why how what's who's where's when's how's"),
    verbs=word_set(
        "is are was were be been do does did has have had can could will would shall should may might must isn't aren't"
        " wasn't weren't don't doesn't didn't hasn't haven't hadn't can't couldn't won't wouldn't shouldn't"
    ),
    prepositions=_classes(
        place="in at on to from near within into inside across throughout", of="of", topic="for about regarding",
        company="with without", agent="by against", time="after before during since until till", other="per as under"
        " over above below between among than like",
    ),
    articles=word_set("the a an this that these those any some each every another all"),
    subjects=word_set("it they he she them him her these those this that one ones both"),
    owners=word_set("its their theirs his her hers"),
    joints=word_set("and but or when while because if although that which who whether since where"),
    others=word_set(
        "i you we me my your our us mine yours not no so very also too then there here up out off down again ever just"
        " only still please tell say said says mean means know find get give make many much more most less few long"
        " same other else such own now yet even"
    ),
)  # fmt: skip
_GERMAN = Language(
    asking=word_set("wer wen wem wessen was welche welcher welches welchen welchem wann wo wohin woher warum wieso wie"
                  " weshalb wofür womit wovon wieviel wieviele"),
    verbs=word_set(
        "ist sind war waren sein gewesen hat haben hatte hatten wird werden wurde wurden kann können konnte konnten"
        " muss müssen musste soll sollen sollte darf dürfen gibt gab beträgt betrug betrugen lautet heißt kostet"
        " kostete liegt lag gilt"
    ),
    prepositions=_classes(
        place="in im ins bei beim an am auf aus nach zu zum zur", of="von vom", topic="für über um",
        company="mit ohne", agent="gegen durch", time="seit bis vor ab während", other="pro je unter zwischen als",
    ),
    articles=word_set("der die das den dem des ein eine einen einem einer eines kein keine keinen dieser diese dieses"
                    " diesen diesem jener jene jenes jenem alle jeder jede jedes"),
    subjects=word_set("er sie es ihn ihm ihnen dieser diese dieses davon dafür damit daran darin dabei dazu darüber"
                    " dort derselbe dieselbe dasselbe letztere letzterer letzteres beide"),
    owners=word_set("seine seinen seinem seiner seines ihr ihre ihren ihrem ihrer ihres dessen deren"),
    joints=word_set("und aber oder wenn weil dass ob als während"),
    others=word_set("ich du wir mich mir mein meine dich dir dein uns unser man nicht auch noch nur schon sehr so dann"
                  " da hier denn doch mal bitte viel viele mehr hoch groß lange oft etwa jetzt sich zu sagen sagt"),
    nouns_are_capital=True,
)  # fmt: skip
_FRENCH = Language(
    asking=word_set("qui que quoi quel quelle quels quelles quand où pourquoi comment combien qu'est-ce lequel laquelle"
                  " lesquels"),
    verbs=word_set(
        "est sont était étaient sera seront été a ont avait avaient aura peut peuvent pouvait doit doivent fait font"
        " faut est-ce est-il est-elle sont-ils a-t-il a-t-elle ont-ils y-a-t-il était-il était-elle était-ce fut"
    ),
    prepositions=_classes(
        place="à au aux en dans chez vers depuis", of="de du des d' d’", topic="pour sur", company="avec sans",
        agent="par contre", time="avant après pendant jusqu'à", other="entre sous selon comme",
    ),
    articles=word_set("le la les un une ce cet cette ces chaque tout tous toute toutes l d"),
    subjects=word_set("il elle ils elles lui leur celui-ci celle-ci ceux-ci celles-ci cela ça ceci y-il eux"),
    owners=word_set("son sa ses leur leurs"),
    joints=word_set("et mais ou si parce quand lorsque"),
    others=word_set("je tu nous vous me te se mon ma mes ton ta tes notre votre ne pas plus aussi très même autre y en"
                  " on il-y-a dit dire aussi alors donc"),
)  # fmt: skip
_SPANISH = Language(
    asking=word_set("qué quién quiénes cuál cuáles cuándo dónde cómo cuánto cuánta cuántos cuántas adónde"),
    verbs=word_set(
        "es son era eran fue fueron será ser sido está están estaba ha han había hay hubo tiene tienen tenía puede"
        " pueden debe deben hace hizo cuesta vale"
    ),
    prepositions=_classes(
        place="en a al desde hacia", of="de del", topic="para por sobre", company="con sin", agent="contra",
        time="antes después durante hasta", other="entre bajo según como",
    ),
    articles=word_set("el la los las un una unos unas este esta estos estas ese esa esos esas cada todo toda todos"
                    " todas"),
    subjects=word_set("él ella ellos ellas lo eso esto ello"),
    owners=word_set("su sus suyo suya"),
    joints=word_set("y pero o si porque cuando"),
    others=word_set("yo tú nosotros usted me te se nos le les mi mis tu tus nuestro no ya muy más también mismo otro"
                    " que allí aquí entonces así"),
)  # fmt: skip
_LANGUAGES = (_ENGLISH, _GERMAN, _FRENCH, _SPANISH)


def language_of(*texts: str) -> Language:
    """Return the language of the first text that says which one it is in; English where none does."""
    for text in texts:
        words = [word.lower() for word in WORD.findall(text.replace("’", "'"))]
        counts = [sum(language.holds(w) or language.holds(_bare(w)) for w in words) for language in _LANGUAGES]
        best = max(counts)
        if best and counts.count(best) == 1:
            return _LANGUAGES[counts.index(best)]
    return _ENGLISH


def _bare(word: str) -> str:
    """Return a word without the French article or pronoun that leans on it, and without "'s"."""
    return _OWNED.sub("", _CONTRACTED.sub("", word))


def content_words(text: str, language: Language) -> list[str]:
    """Return the words of `text` that carry a topic, as they are written, without those of its periods."""
    taken = period_spans(text)
    found = []
    for match in WORD.finditer(text):
        word = _CONTRACTED.sub("", match[0])
        if any(start <= match.start() < end for start, end in taken):
            continue
        if word in ("IT", "US") or not (language.holds(word.lower()) or language.holds(_bare(word.lower()))):
            found.append(word)
    return found


def alike(one: str, other: str) -> bool:
    """Return whether two words are forms of one ("spend" and "spent")."""
    one, other = _bare(one.lower()), _bare(other.lower())
    least = min(len(one), len(other))
    common = next((at for at in range(least) if one[at] != other[at]), least)
    return one == other or (common >= 4 and max(len(one), len(other)) - common <= 3)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A piece of a question: `lead` is the preposition that it begins with, or "" for a bare one.

    `sort` is name (something with a name of its own), code (a mark such as "M8x20"), number or noun.
    """

    start: int
    end: int
    text: str
    lead: str
    sort: str

    @property
    def bare(self) -> str:
        """Return the phrase without its preposition."""
        return self.text[len(self.lead) :].strip()


_WITH_ARTICLE = word_set("im ins am zum zur beim vom")
_CODE = re.compile(r"(?=[^\W_]*[^\W\d_])(?=[^\W_]*\d)[^\W_]+(?:[-./x×][^\W_]+)*|[^\W\d_]{1,6}[-/]\d[\w/-]*")
_END = re.compile(r"[,;:?!()\"“”]|\.(?:\s|$)|\s[–-]\s")


def phrases_of(text: str, language: Language) -> list[Phrase]:
    """Return the phrases of `text` that begin with a preposition and are no period, in order."""
    words = list(WORD.finditer(text))
    taken = [(period.start, period.end) for period in find_periods(text)]
    found, at = [], 0
    while at < len(words):
        lead = words[at][0]
        if language is _FRENCH and re.match(r"d['’]\w", lead):  # "d'orge"
            piece = lead
            found.append(Phrase(words[at].start(), words[at].end(), piece, lead[:2], sort_of(piece[2:], language)))
            at += 1
            continue
        if lead.lower() not in language.prepositions or _is_infinitive(words, at, language):
            at += 1
            continue
        end = _phrase_end(text, words, at, language)
        dated = (n for n in range(at + 1, end) if any(start <= words[n].start() < stop for start, stop in taken))
        end = next(dated, end)
        inner = words[at + 1 : end]
        if inner and not all(language.holds(word[0].lower()) for word in inner):
            piece = text[words[at].start() : inner[-1].end()]
            found.append(Phrase(words[at].start(), inner[-1].end(), piece, lead, sort_of(piece, language)))
        at = max(end, at + 1)
    return found


def _is_infinitive(words: list[re.Match[str]], at: int, language: Language) -> bool:
    """Tell "to renew" from "to Europe"."""
    if words[at][0].lower() != "to" or language is not _ENGLISH or at + 1 == len(words):
        return False
    after = words[at + 1][0]
    return after[0].islower() and after not in language.articles and after not in language.owners


def _phrase_end(text: str, words: list[re.Match[str]], at: int, language: Language) -> int:
    """Return the number of the first word behind the phrase that begins at word `at`."""
    end = at + 1
    while end < len(words):
        word, between = words[end][0], text[words[end - 1].end() : words[end].start()]
        lower = word.lower()
        named = words[end - 1][0][:1].isupper() and end + 1 < len(words) and words[end + 1][0][:1].isupper()
        if _END.search(between) or lower in language.verbs or lower in language.asking or lower in language.subjects:
            break
        if lower in language.prepositions and not (named and language.prepositions[lower] == "of"):
            break
        if end > at + 1 and language is _ENGLISH and lower.endswith("ed") and _before_phrase(words, end, language):
            break  # "of boys passed in"
        end += 1
    while end - 1 > at and words[end - 1][0].lower() in language.joints:
        end -= 1
    return end


def _before_phrase(words: list[re.Match[str]], at: int, language: Language) -> bool:
    return at + 1 < len(words) and words[at + 1][0].lower() in language.prepositions


def sort_of(text: str, language: Language) -> str:
    """Return whether a phrase is a name, a code, a number or a noun."""
    words = [word for word in WORD.findall(text) if not language.holds(word.lower())]
    if any(_CODE.fullmatch(word) for word in words):
        return "code"
    if words and all(word[0].isdigit() for word in words):
        return "number"
    if language.nouns_are_capital:
        article = any(word.lower() in language.articles or word.lower() in _WITH_ARTICLE for word in WORD.findall(text))
        return "name" if words and words[0][0].isupper() and not article else "noun"
    return "name" if any(word[0].isupper() for word in words) else "noun"


def names_of(text: str, language: Language) -> list[tuple[int, int]]:
    """Return where names stand in a question: capital words, also with "&" between, but for its first word."""
    spans: list[tuple[int, int]] = []
    taken = period_spans(text)
    for at, match in enumerate(WORD.finditer(text)):
        word = match[0]
        lower = _CONTRACTED.sub("", word).lower()
        if any(start <= match.start() < end for start, end in taken):
            continue
        if (
            not _CONTRACTED.sub("", word)[:1].isupper()
            or (language.holds(lower) and word not in ("IT", "US"))
            or at == 0
        ):
            continue
        if (
            spans
            and text[spans[-1][1] : match.start()] in (" ", " & ")
            and not text[: spans[-1][1]].endswith(("'s", "’s"))
        ):
            spans[-1] = (spans[-1][0], match.end())
        else:
            spans.append((match.start(), match.end()))
    return spans


SUPPORT = word_set("do does did can could will would shall should may might must")


def chunks_of(full: str, language: Language) -> list[tuple[int, int, int]]:
    """Return the runs of words with a topic, verbs at their ends left out where they can be told.

    Each as where its article (or "its") stands, where its first word does, and where it ends.
    """
    taken = period_spans(full)
    found: list[tuple[int, int, int]] = []
    run: list[re.Match[str]] = []
    leads: list[re.Match[str]] = []  # the two words before the run
    for match in [*WORD.finditer(full), None]:
        topic = match is not None and not language.holds(match[0].lower())
        topic = topic and match is not None and not any(s <= match.start() < e for s, e in taken)
        if topic and match is not None and (not run or _goes_on(full, run[-1], match)):
            run.append(match)
            continue
        if run:
            found.append(_chunk(run, leads, language))
            leads = [*leads, *run][-2:]
        run = [match] if topic and match is not None else []
        if match is not None and not topic:
            leads = [*leads, match][-2:]
    return found


def _goes_on(full: str, last: re.Match[str], match: re.Match[str]) -> bool:
    return full[last.end() : match.start()] == " " and not _OWNED.search(last[0])


def _chunk(run: list[re.Match[str]], leads: list[re.Match[str]], language: Language) -> tuple[int, int, int]:
    article = bool(leads) and (leads[-1][0].lower() in language.articles or leads[-1][0].lower() in language.owners)
    before = [lead[0].lower() for lead in (leads[:-1] if article else leads)][-1:]
    kept = list(run)
    if language.nouns_are_capital:
        while len(kept) > 1 and kept[-1][0][:1].islower() and any(word[0][:1].isupper() for word in kept):
            kept.pop()
    elif language is _ENGLISH and len(kept) > 1 and _is_verb(kept[-1][0], before):  # "does the museum open"
        kept.pop()
    return (leads[-1].start() if article else run[0].start()), run[0].start(), kept[-1].end()


def _is_verb(word: str, before: list[str]) -> bool:
    return word[:1].islower() and (word.endswith("ed") or any(lead in SUPPORT for lead in before))


def codes_of(text: str) -> list[tuple[int, int]]:
    """Return where marks such as "M8x20" or "AB-123/4" stand."""
    taken = [(period.start, period.end) for period in find_periods(text)]
    return [m.span() for m in _CODE.finditer(text) if not any(start <= m.start() < end for start, end in taken)]
