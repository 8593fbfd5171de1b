"""What a document is, in one line of its own words: its kind and title, who it is from or between, its date."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import NamedTuple

from trayassist.workers.memory import text

LONGEST = 26  # words
_FIRST_LINES = 40  # of the document, in which its title, date and parties are looked for
_LINE = re.compile(r"[^\n]+")
_NUMBERED = re.compile(r"^(?:\d{1,2}(?:\.\d{1,2}){0,3}\.?|[IVX]{1,5}\.|[A-Z]\.|§ ?\d+)\s+(?=\S)")
_ADDRESS = re.compile(r"(?:\{[^{}\n]{1,200}\}|[\w.-]{1,60})@[\w.-]{1,80}")
_ALIKE = 0.8  # from which two running heads are one that OCR read in two ways
_WORD = re.compile(r"[^\W\d_]{2,}")

_MONTH = (
    r"(?:jan(?:uary|uar|vier)?|feb(?:ruary|ruar)?|février|mar(?:ch|s)?|märz|a[pv]r(?:il)?|ma[iy]|june?|juni|juin"
    r"|jul[yi]|juillet|jul|aug(?:ust)?|août|sept?(?:ember|embre)?|o[ck]t(?:ober|obre)?|nov(?:ember|embre)?"
    r"|de[cz](?:ember)?|décembre)\.?"
)
DATE = re.compile(
    rf"\b(?:{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? (?:19|20)\d\d|\d{{1,2}}(?:\.|st|nd|rd|th"
    rf"|er)? (?:of )?{_MONTH},? (?:18|19|20)\d\d"
    r"|(?:19|20)\d\d-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./](?:19|20)\d\d)\b"
    rf"|\b{_MONTH},? (?:18|19|20)\d\d\b",
    re.IGNORECASE,
)
_DATE_LABEL = re.compile(r"\b(?:date|datum|dated|vom|le|on|as of|period ended|year ended|stand)\b", re.IGNORECASE)
_ORGANISATION = re.compile(
    r"\b(?:GmbH|AG|KG|e\.\s?V\.|Inc\.?|Ltd\.?|Limited|LLC|LLP|plc|Corp(?:oration)?\.?|Company|S\.?A\.?R\.?L\.?|SAS"
    r"|S\.A\."
    r"|University|Universität|Université|Department|Ministry|Ministerium|Ministère|Institute?|Council|Stadt|Amt)(?!\w)"
)
_NOISE = re.compile(  # no title: addresses, ways to write or call, places of printing
    r"@|https?:|www\.|\b(?:tel|fax|phone|telefon|téléphone|e-?mail|zip code|postfach|p\.?o\. box|suite|street|straße"
    r"|str\.|rue"
    r"|avenue|road|washington, d\.?c|commission file|employer identification|doi|issn|isbn|copyright"
    r"|all rights reserved)\b"
    r"|©|^\W*$",
    re.IGNORECASE,
)
_NO_TITLE = re.compile(
    r"^\W*(?:for immediate release|(?:press|news) release|exhibit [\d.]+|draft|confidential|page \d+|contents"
    r"|table of contents"
    r"|abstract|pressemitteilung|entwurf|vertraulich|inhalt(?:sverzeichnis)?|communiqué de presse|sommaire"
    r"|table des matières"
    r"|\d+\. .{0,60})\W*$",
    re.IGNORECASE,
)
_BAD_TITLE = re.compile(r"\.(?:docx?|indd|pdf|xlsx?|tex|dvi|odt|qxd)\b|^untitled|^microsoft |_|^\W*\d", re.IGNORECASE)
_KIND_WORDS = re.compile(
    r"(?:invoice|receipt|agreement|contract|lease|report|letter|manual|guide|handbook|form|minutes|agenda|release"
    r"|paper|policy"
    r"|notice|diary|journal|statement|plan|study|terms|rechnung|quittung|vertrag|bericht|brief|handbuch|anleitung"
    r"|formular"
    r"|protokoll|tagesordnung|mitteilung|satzung|ordnung|tagebuch|bescheid|angebot|facture|contrat|bail|rapport|lettre"
    r"|manuel|notice|formulaire|procès-verbal|communiqué|certificat|règlement)\b",
    re.IGNORECASE,
)
_INVOICE = re.compile(r"^\W*(?:tax )?(?:invoice|receipt|rechnung|quittung|facture|fattura)\b.{0,60}", re.IGNORECASE)
_CONTRACT = re.compile(
    r"\b(?:agreement|contract|lease|deed)\b|\w{0,30}vertrag\b|vereinbarung\b|\b(?:contrat|convention|bail)\b",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    r"\b(?P<open>between|zwischen|entre)\b\s{0,3}:?\s{0,3}(?P<one>[^\n,;(]{3,80}(?:, ?(?:inc|ltd|llc)\.?)?)"
    r".{0,260}?\b(?:and|und|et)\b\s{1,3}(?P<other>[^\n,;(.]{3,80})",
    re.IGNORECASE | re.DOTALL,
)
_SALUTATION = re.compile(
    r"^\W{0,3}(?:dear|to whom it may concern|sehr geehrte|liebe[rs]?\s|hallo\s|guten tag|madame|monsieur|chère?s?\s"
    r"|bonjour)"
    r"[^\n]{0,70}$",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"^\W{0,3}(?:yours\b|sincerely|(?:kind|best|warm) (?:regards|wishes)|regards|mit (?:freundlichen|besten"
    r"|herzlichen) grüßen"
    r"|(?:viele|herzliche|liebe|beste) grüße|hochachtungsvoll|cordialement|bien à vous|veuillez)[^\n]{0,60}$",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"^\W{0,3}(?:re|subject|betreff|betr\.?|objet|betrifft)\s?:\s{0,4}(?P<subject>\S[^\n]{3,120})$", re.IGNORECASE
)
_ANNOUNCES = re.compile(
    r"(?P<who>[A-ZÄÖÜ][\w&.’'-]{1,30}(?: (?:[A-ZÄÖÜ&][\w&.’'-]{0,30}|and|of|und|\([^)\n]{1,60}\))){0,7}),? (?:today )?"
    r"(?P<verb>announced|announces|reported|reports|gibt|meldet|annonce) (?P<what>[^.;]{10,140})",
)
_BRACKETS = re.compile(r"\([^()\n]{1,80}\)|\btoday\b")
_FORM = re.compile(r"^\W{0,3}form (?P<form>10-[KQ](?:/A)?|8-K(?:/A)?|20-F|6-K)\W{0,3}$", re.IGNORECASE)
_REPORT = re.compile(r"\b(?P<what>annual|quarterly|current) report\b", re.IGNORECASE)
_REGISTRANT = re.compile(r"exact name of (?:the )?(?:registrant|company)", re.IGNORECASE)
_PERIOD = re.compile(
    r"(?:(?:period|year) ended:?|date of (?:earliest )?(?:report|event)[^:\n]{0,60}:)\s{0,3}(?P<date>[^\n(]{6,24})",
    re.IGNORECASE,
)
_PERSON = re.compile(r"^(?:[A-ZÄÖÜÉ][\w’'-]{0,20}\.? ){1,3}[A-ZÄÖÜÉ][\w’'-]{1,25}$")
_AUTHORS = re.compile(
    r"^(?:(?:by|von"
    r"|par) )?(?:[A-Z]\.?-?\s?){0,3}[A-ZÄÖÜÉ][\w’'-]{1,25}(?:[^\w,&]{0,4}[A-Z][\w.’'-]{0,25}){0,3}[\d*†‡),]{0,4}"
    r"(?:(?:,|;| and| und| et| &)+ ?(?:[A-Z]\.?-?\s?){0,3}[A-Z][\w.’'-]{1,25}[^,&\n]{0,30}){1,14}$"
)
_ABSTRACT = re.compile(r"^\W{0,4}(?:\d\W{0,2})?(?:abstract|zusammenfassung|résumé)\b", re.IGNORECASE | re.MULTILINE)
_ENTRY = re.compile(
    rf"^\W{{0,3}}(?:\w{{3,9}}day,? |\w{{3,9}}tag,? )?(?:{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?\b|\d{{1,2}}\.? {_MONTH})",
    re.IGNORECASE,
)
_KINDS = {  # by the language that the document is written in
    "letter": {"en": "Letter", "de": "Brief", "fr": "Lettre"},
    "paper": {"en": "Paper", "de": "Aufsatz", "fr": "Article"},
    "diary": {"en": "Diary", "de": "Tagebuch", "fr": "Journal"},
}
_LANGUAGES = {
    "en": frozenset(("the", "and", "of", "to", "in", "is", "that", "for", "with", "was")),
    "de": frozenset(("der", "die", "das", "und", "ist", "nicht", "ein", "eine", "mit", "von")),
    "fr": frozenset(("le", "la", "les", "des", "et", "est", "une", "dans", "pour", "du")),
}


@dataclass(frozen=True)
class Headline:
    """The line, and where on page `page` (from 1) the words lie that it mainly rests on."""

    text: str
    page: int
    start: int
    end: int


class _Line(NamedTuple):
    start: int
    end: int
    text: str
    heading: bool


class _Parts(NamedTuple):
    """What the line is made of; `lines` are those of the title."""

    kind: str
    title: str
    who: str
    date: str
    lines: Sequence[_Line]


def headline(name: str, pages: Sequence[tuple[int, str, str]], bodies: Sequence[tuple[int, int]]) -> Headline | None:
    """Return what the document is; None where its first page with text names nothing.

    `pages` are (number, text, headings) in order, `bodies` the part of each between its furniture; `name` is its own
    title.
    """
    for at, (number, page, heads) in enumerate(pages[:3]):
        lines = list(_lines(page, heads, *bodies[at]))[:_FIRST_LINES]
        lines = lines if any(_can_be_title(line.text) for line in lines) else list(_lines(page, heads, 0, len(page)))
        if sum(len(_WORD.findall(line.text)) for line in lines) < 4:
            continue
        tail = "\n".join(body for _, body, _ in pages[at : at + 8])
        parts = _filing(lines) or _letter(lines, tail) or _contract(lines, page) or _other(name, lines, page, pages)
        if parts is None or (at and parts.lines and not parts.lines[0].heading):
            continue
        line = _join(parts)
        place = parts.lines or lines[:1]
        return Headline(line, number, place[0].start, place[-1].end) if line else None
    return None


def language_of(words: str) -> str:
    """Return en, de or fr: the language most of whose small words stand in the text."""
    counts = dict.fromkeys(_LANGUAGES, 0)
    for word in re.findall(r"[^\W\d_]{2,4}", words[:8000].lower()):
        for name, small in _LANGUAGES.items():
            counts[name] += word in small
    return max(counts, key=lambda name: counts[name])


def _lines(page: str, heads: str, start: int, end: int) -> Iterator[_Line]:
    joined = f" {heads} "
    for found in _LINE.finditer(page, start, end):
        line = " ".join(found.group().split())
        bare = _NUMBERED.sub("", line)
        if bare:
            is_heading = bool(heads) and len(line.split()) <= 15 and (f" {line} " in joined or f" {bare} " in joined)
            yield _Line(found.start(), found.end(), line, is_heading)


def _join(parts: _Parts) -> str:
    title = parts.title.strip(" .:;,-–—*#")
    if title.isupper() and len(title) > 24:
        title = title.capitalize() if len(title.split()) > 6 else title.title()
    names_kind = _KIND_WORDS.search(title)
    said = [f"{parts.kind}: {title}" if parts.kind and title and not names_kind else title or parts.kind]
    for more in (parts.who, parts.date):
        if more and more.casefold() not in said[0].casefold():
            said.append(more.strip(" .:;,"))
    words = ", ".join(filter(None, said)).split()
    return " ".join(words[:LONGEST]) + (" …" if len(words) > LONGEST else "")


# ---- the kinds


def _filing(lines: Sequence[_Line]) -> _Parts | None:
    """An official form: its name, who files it, the period that it is about."""
    forms = [(at, found) for at, line in enumerate(lines) if (found := _FORM.match(line.text))]
    if not forms:
        return None
    at, found = forms[0]
    everything = "\n".join(line.text for line in lines)
    what = _REPORT.search(everything)
    registrant = next((i for i, line in enumerate(lines) if _REGISTRANT.search(line.text)), 0)
    who = next((line.text for line in lines[max(0, registrant - 1) : registrant] if _WORD.search(line.text)), "")
    period = _PERIOD.search(everything)
    date = DATE.search(period["date"]) if period else None
    title = f"Form {found['form'].upper()}" + (f" ({what['what'].lower()} report)" if what else "")
    when = (date.group() if date else period["date"].strip()) if period else _date(lines)
    return _Parts("", title, who, when, [lines[at]])


def _letter(lines: Sequence[_Line], tail: str) -> _Parts | None:
    greeted = next((at for at, line in enumerate(lines) if _SALUTATION.match(line.text)), None)
    if greeted is None:
        return None
    subject = next(((line, found["subject"]) for line in lines if (found := _SUBJECT.match(line.text))), None)
    before = lines[greeted - 1] if greeted else None
    if subject is None and before is not None and (before.heading or len(before.text.split()) in range(3, 11)):
        bare = not DATE.search(before.text) and not _NOISE.search(before.text) and not re.search(r"\d{4,}", before.text)
        subject = (before, before.text) if bare else None
    kind = _KINDS["letter"][language_of(tail)]
    title, rests = (subject[1], [subject[0]]) if subject else ("", [lines[greeted]])
    return _Parts(kind, title, _sender(tail, lines[:greeted]), _date(lines[:greeted]), rests)


def _sender(tail: str, head: Sequence[_Line]) -> str:
    """Return who signed, and for whom: the name after the closing words, the organisation of the letter's head."""
    after = [re.sub(r"^/s/ ?", "", line.strip()) for line in tail.split("\n")]
    closed = next((at for at, line in enumerate(after) if _CLOSING.match(line)), len(after))
    signed = next((line for line in after[closed + 1 : closed + 6] if _PERSON.match(line)), "")
    house = next((line.text for line in head[:8] if _ORGANISATION.search(line.text)), "")
    person = signed or next((line.text for line in head[:6] if _PERSON.match(line.text)), "")
    return ", ".join(filter(None, (person, house)))


def _contract(lines: Sequence[_Line], page: str) -> _Parts | None:
    titles = [
        line
        for line in lines[:15]
        if _CONTRACT.search(line.text)
        and len(line.text.split()) <= 10
        and (line.heading or not line.text.endswith((".", ",")))
    ]
    parties = _BETWEEN.search(page[:4000])
    if not titles or parties is None:
        return None
    who = " – ".join(" ".join(parties[side].split()[:8]).strip(' “"') for side in ("one", "other"))
    return _Parts("", titles[0].text, who, _date(lines, dated=page[:2500]), titles[:1])


def _other(name: str, lines: Sequence[_Line], page: str, pages: Sequence[tuple[int, str, str]]) -> _Parts | None:
    everything = "\n".join(body for _, body, _ in pages[:3])
    invoice = next((line for line in lines[:20] if _INVOICE.match(line.text) and len(line.text.split()) <= 8), None)
    if invoice is not None:
        return _Parts("", invoice.text, _organisation(lines), _date(lines, dated=page), [invoice])
    is_paper = _ABSTRACT.search(everything) is not None
    bodies = (_ADDRESS.sub(" ", body) for _, body, _ in pages[:20])
    common = {word for body in bodies for word in re.findall(r"\b[^\W\d_]{3,}", body) if word.islower()}
    title = _title(lines, common)
    words = " ".join(_NUMBERED.sub("", line.text) if at == 0 else line.text for at, line in enumerate(title))
    if _is_good_title(name, everything) and len(name.split()) >= len(words.split()):
        words = name
    words = words or _running_head([body for _, body, _ in pages])
    if not words:
        return _announcement(page)
    kind = "paper" if is_paper else "diary" if _is_diary(pages) else ""
    rest = lines[lines.index(title[-1]) + 1 :] if title else lines
    who = _authors(rest, common) if is_paper else _organisation(lines[:8], title)
    return _Parts(_KINDS[kind][language_of(everything)] if kind else "", words, who, _date(lines), title)


def _announcement(page: str) -> _Parts | None:
    """Return what a release without a title announces."""
    found = _ANNOUNCES.search(page[:6000])
    if found is None:
        return None
    who, what = (" ".join(_BRACKETS.sub(" ", found[side]).split()) for side in ("who", "what"))
    date = DATE.search(page[max(0, found.start() - 120) : found.end()])
    line = _Line(found.start(), found.end(), found.group(), False)
    return _Parts("", f"{who} {found['verb'].lower()} {what}", "", date.group() if date else "", [line])


def _title(lines: Sequence[_Line], common: set[str]) -> list[_Line]:
    """Return the first run of headings that can be a title, else the first lines that are no sentence."""
    fit = [line for line in lines if _can_be_title(line.text)]
    heads = [line for line in fit if line.heading and not _is_name(line.text, common)]
    if heads:
        first = lines.index(heads[0])
        run = [lines[first]]
        for line in lines[first + 1 : first + 4]:
            enough = sum(len(r.text.split()) for r in run) > 10 or run[0].text.startswith(("Table ", "Tabelle "))
            goes_on = line.heading and (_can_be_title(line.text) or line.text[0].islower())
            if enough or not goes_on or _NUMBERED.match(line.text) or _is_name(line.text, common):
                break
            run.append(line)
        return run
    opening = next((line.text for line in lines if len(line.text.split()) >= 4), "")
    if not fit or opening[:1].islower() or fit[0] not in lines[:4] or len(fit[0].text.split()) < 2:
        return []  # the page begins within a sentence, or with nothing that is a title
    return _join_title(lines, lines.index(fit[0]))


def _join_title(lines: Sequence[_Line], first: int) -> list[_Line]:
    """Return line `first` with those that go on with it; nothing when they make a sentence."""
    run = [lines[first]]
    for line in lines[first + 1 : first + 4]:
        if not line.text[0].islower() or len(line.text.split()) < 2:
            break
        run.append(line)
    words = sum(len(line.text.split()) for line in run)
    is_sentence = run[-1].text.endswith((".", ",", ";", ":")) or len(run) == 4
    return [] if is_sentence or not 2 <= words <= 20 else run


def _is_name(line: str, common: set[str]) -> bool:
    """Return whether a line names people or where they work: none of its words stands in lower case in the text."""
    words = [
        word
        for word in re.findall(r"[^\W\d_]{3,}", line)
        if word.lower() not in ("and", "und", "the", "der", "von", "van", "de")
    ]
    if not words or not all(word[0].isupper() for word in words):
        return bool(_ORGANISATION.search(line)) and len(words) > 3
    return (len(words) > 1 and not any(word.lower() in common for word in words) and not line.isupper()) or (
        bool(_ORGANISATION.search(line)) and len(words) > 3
    )


def _running_head(pages: Sequence[str]) -> str:
    """Return the words that stand at the top of most pages, however OCR spelled them; "" where none do."""
    tops = [next((line for line in page.split("\n") if line.strip()), "") for page in pages[:30]]
    bare = [" ".join(re.sub(r"[^\w’' -]|\d", " ", line).split()) for line in tops]
    for wanted in bare[:3]:
        if 2 <= len(wanted.split()) <= 10:
            alike = [line for line in bare if SequenceMatcher(None, wanted, line).ratio() >= _ALIKE]
            if len(alike) >= max(3, 0.4 * len(bare)):
                return Counter(alike).most_common(1)[0][0]
    return ""


def _can_be_title(line: str) -> bool:
    words = _WORD.findall(line)
    bare = _NUMBERED.sub("", line)
    return (
        bool(words)
        and sum(map(len, words)) >= max(4, 0.5 * len(line.replace(" ", "")))
        and not bare[0].islower()
        and not bare[0].isdigit()
        and not line.endswith((".", ",", ";", "*"))
        and "%" not in line
        and ". " not in bare
        and not _NOISE.search(line)
        and not _NO_TITLE.match(line)
        and DATE.fullmatch(line.strip(" .,")) is None
    )


def _is_good_title(name: str, everything: str) -> bool:
    """Return whether the file's own title is one: its words stand in the text, it is no name of a file."""
    words = [word for word in text.words(name) if len(word) > 2]
    if len(words) < 2 or _BAD_TITLE.search(name):
        return False
    held = set(text.words(everything))
    return sum(word in held for word in words) >= 0.6 * len(words)


def _authors(lines: Sequence[_Line], common: set[str]) -> str:
    for line in lines[:6]:
        bare = re.sub(r"[\d*∗†‡§#$+()]+", "", line.text).strip(" ,")
        is_named = _AUTHORS.match(bare) or (_PERSON.match(bare) and _is_name(bare, common))
        if is_named and not _ORGANISATION.search(bare):
            names = re.split(r"\s?(?:,|;| and | und | et | & )\s?", bare)
            names = [one for one in names if one.strip()]
            return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
    return ""


def _organisation(lines: Sequence[_Line], title: Sequence[_Line] = ()) -> str:
    fit = (line.text for line in lines if line not in title and 1 < len(line.text.split()) <= 7)
    return next((one for one in fit if _ORGANISATION.search(one) and not _NOISE.search(one)), "")


def _is_diary(pages: Sequence[tuple[int, str, str]]) -> bool:
    """Return whether lines that begin with a day follow each other through the pages, in prose."""
    lines = [line for _, body, _ in pages[:8] for line in body.split("\n")]
    entries = sum(_ENTRY.match(line) is not None for line in lines)
    said_i = sum(f" {line.lower()} ".count(" i ") + f" {line.lower()} ".count(" ich ") for line in lines)
    return entries >= 3 and said_i >= 3


def _date(lines: Sequence[_Line], dated: str = "") -> str:
    """Return the date of the head of a document: one with a label, else one that stands in a short line."""
    short = [line.text for line in lines if len(line.text.split()) <= 12]
    for texts in ([t for t in short if _DATE_LABEL.search(t)], short, [dated] if dated else []):
        for one in texts:
            if found := DATE.search(one):
                return found.group()
    return ""
