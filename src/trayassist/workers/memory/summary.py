"""The summary of a document in its own words: the sentences that stand for it, none of them boilerplate or"
" furniture."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import NamedTuple

import numpy as np

from trayassist.api import Passage, Quote
from trayassist.workers.memory import sentences, text
from trayassist.workers.memory.embedder import Embedder, Vectors
from trayassist.workers.memory.headline import Headline, headline
from trayassist.workers.memory.sentences import Sentence

_MOST_COMPARED = 1500  # sentences
_SAME_WORDS, _SAME_VECTOR = 0.6, 0.85  # from which two sentences say the same: share of common words, cosine
_AGAIN = 0.5  # how much likeness to a chosen sentence counts against the next (maximal marginal relevance)
_CROWDED = 0.08  # counts against a sentence for each chosen one of its tenth of the document
_WORTHLESS = -0.3  # boilerplate and the like is left out where there is enough else
_TELLING = 0.7  # the least worth of a line that is told
_HEADING = "\0"  # the part that a heading itself is of
_LEAST_PROSE = 3  # sentences; a document with fewer (a form, a table, an invoice) is told by its lines

_BEST_PART = re.compile(  # sums the document up
    r"\b(?:abstract|(?:executive )?summary|overview|key (?:findings|points)|highlights|conclusions?|zusammenfassung"
    r"|kurzfassung"
    r"|überblick|fazit|schluss\w{0,20}|résumé|synthèse|conclusion)\b",
    re.IGNORECASE,
)
_GOOD_PART = re.compile(
    r"\b(?:introduction|background|purpose|scope|objectives?|results?|discussion|business|outlook|strategy"
    r"|einleitung|ziele?|zweck|ergebnisse?|objectifs?"
    r"|résultats?)\b",
    re.IGNORECASE,
)
_BAD_PART = re.compile(
    r"^about (?!this|the (?:report|study|guide|document))|\b(?:risk factors|legal proceedings"
    r"|controls and procedures|notes to"
    r"|references|bibliography|works cited|acknowledge?ments?|index|disclaimer|forward-looking|cautionary|safe harbor"
    r"|exhibits|signatures?|glossary|attachments?|non-gaap|severability|governing law|entire agreement|notices"
    r"|counterparts"
    r"|waivers?|literatur(?:verzeichnis)?|quellen|danksagung|impressum|haftung\w{0,20}|datenschutz|salvatorische"
    r"|gerichtsstand"
    r"|schlussbestimmungen|bibliographie|références|remerciements|mentions légales)\b",
    re.IGNORECASE,
)
_CHAPTER = re.compile(
    r"^(?:item|chapter|part|exhibit|annex|appendix|kapitel|teil|anhang|anlage|chapitre|partie|annexe) {1,3}[\dA-Z]",
    re.IGNORECASE,
)
_CUE = re.compile(
    r"\b(?:this (?:paper|article|report|study|document|agreement|guide|letter|manual|policy|plan)|we (?:present"
    r"|propose|show|find"
    r"|found|describe|study|report|argue|conclude|introduce)|results (?:show|suggest|indicate)|in (?:summary"
    r"|conclusion)|the aim"
    r"|the purpose|the study|announced?|reported|agrees? to|it is (?:recommended|concluded)|overall|most important|main"
    r"|key|dieser? (?:bericht|studie|vertrag|aufsatz|anleitung|text)|wir (?:zeigen|untersuchen|stellen)|ziel (?:ist"
    r"|der|des)"
    r"|insgesamt|zusammenfassend|vereinbar\w{1,4}|ce (?:rapport|document|plan|contrat)|cette étude|nous (?:montrons"
    r"|présentons)"
    r"|l['’]objectif|vise à|en (?:résumé|conclusion))\b",
    re.IGNORECASE,
)
_BOILERPLATE = re.compile(
    r"forward-looking|securities (?:act|exchange act)|safe harbor|check mark|incorporated (?:herein )?by reference"
    r"|registrant"
    r"|pursuant to (?:the|section|rule)|condensed|reclassif|accounting (?:standard|polic|principle)|(?:these"
    r"|this) (?:non-gaap )?measures?\b|conference call|webinar|webcast|duly authorized|exhibit \d|in witness whereof"
    r"|severab|held (?:to be )?invalid|unenforceable|full force|entire agreement|govern(?:ing law|ed by)"
    r"|construed in accordance|jurisdiction|categories and subject"
    r"|index terms|key ?words:?\b"
    r"|counterparts|no (?:warranty|liability)|without (?:warranty|limitation)|all rights reserved|copyright|©"
    r"|permission"
    r"|not responsible for|liable for|shall not be (?:deemed|construed)|for (?:more|additional|further) information"
    r"|please (?:contact"
    r"|visit|see)|terms of (?:use|service)|licen[sc]ed? (?:under|to)|non-gaap|actual results|see accompanying|unaudited"
    r"|haftung|gewähr(?:leistung)?|salvatorisch|gerichtsstand|alle rechte vorbehalten|weitere informationen"
    r"|sous réserve"
    r"|tous droits réservés|responsabilité|pour (?:plus|de plus amples) d['’]?informations?|401\(|409a",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"\bbei (?:rück)?fragen\b|\bif you have (?:any )?questions|\bhesitate to\b|\bpour toute question"
    r"|n['’]hésitez pas|\bIBAN\b|@\w|https?:|www\.|\b(?:tel|fax|phone|telefon|téléphone|e-?mail)\b|\(\d{3}\) ?\d{3}"
    r"|\+\d\d[\d ()/-]{6,}"
    r"|\b\d{3}-\d{3}-\d{4}\b"
    r"|\b\d{5}(?:-\d{4})?\b [A-ZÄÖÜ]",
    re.IGNORECASE,
)
_LEADER = re.compile(r"[ \t]*(?:\.[ \t]?){2}")  # of a table of contents
_NUMBERED = re.compile(r"^(?:\d{1,2}(?:\.\d{1,2}){0,3}\.?|[IVX]{1,5}\.|§ ?\d+)\s+(?=\S)")
_CONTENTS = re.compile(r"(?:\. ?){4,}|…{2,}|\s\d{1,3}$")
_REFERENCE = re.compile(
    r"^\W{0,2}\[?\d{1,3}[\].]\s+[A-Z][\w-]+,? [A-Z]\.|\bet al\b.{0,80}\(?(?:19|20)\d\d|\b(?:vol|pp|proc|doi|isbn"
    r"|eds?)\.|\bIn Proceedings"
    r"|\b(?:19|20)\d\d[a-z]?\)?\. [A-Z].{0,200}\b(?:press|journal|university|conference)\b",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"^\W{0,2}(?:figure|fig\.|table|chart|exhibit|note|source|abbildung|abb\.|tabelle|quelle|tableau"
    r"|graphique)s?:?\s?[\dA-Z]{0,3}\b"
    r"|\b(?:following|above|below) (?:table|figure|chart)|\b(?:see|siehe|voir) (?:section|chapter|page|table|figure"
    r"|note|item"
    r"|part|abschnitt"
    r"|kapitel|abbildung|tabelle|chapitre)|\b(?:table|figure|section|note|item|tabelle|abbildung|tableau) \d{1,3}\b",
    re.IGNORECASE,
)
_FOOTNOTE = re.compile(r"^\W{0,2}(?:\(\d{1,2}\)|\d{1,2}\)|[§†‡*¶]|\d{1,2} [A-Z])")
_MAYBE = re.compile(r"\b(?:may|might|could|if|könnten?|pourrai(?:t|ent))\b", re.IGNORECASE)
_RESULT = re.compile(  # what reports are read for
    r"\b(?:revenues?|net sales|sales|income|profit|loss|earnings|dividend|outlook|guidance|increased?|decreased?"
    r"|grew|rose|fell"
    r"|declined?|higher|lower|umsatz\w{0,8}|gewinn|verlust|stieg|sank|chiffre d['’]affaires|bénéfice|hausse|baisse)\b",
    re.IGNORECASE,
)
_WHOLE_RESULT = re.compile(
    r"\b(?:total|consolidated|overall|comparable sales|net (?:income|earnings|sales|revenues?|loss)|diluted"
    r"|revenues? (?:was|were|of|increased|decreased)|repurchased|gesamt\w{0,12}|insgesamt|au total|résultat net)\b",
    re.IGNORECASE,
)
_SMALL_MATTER = re.compile(  # of the notes to accounts
    r"\bnot (?:significant|material)\b|\bimmaterial\b|material impact|amorti[sz]ation|goodwill|fair value|deferred"
    r"|derivative|valuation allowance|performance obligations|should be read in conjunction|as follows",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"^\W{0,3}(?:question|frage|q)(?: ?\d{1,3})? ?[:.]", re.IGNORECASE)
_DANGLES = re.compile(  # leans on the sentence before
    r"^\W{0,3}(?:this|that|these|those|they|them|it|its|he|she|his|her|their|such|however|therefore|thus|hence|moreover"
    r"|furthermore|in addition|additionally|also|but|and|or|so|then|for example|for instance|similarly|likewise"
    r"|nevertheless|instead"
    r"|otherwise|consequently|again|here|there|both|another|dies\w{0,2}|diese[rsmn]?|er|sie|es|ihr\w{0,2}|jedoch"
    r"|allerdings|daher"
    r"|deshalb|außerdem|zudem|ferner|auch|aber|und|dabei|dadurch|damit|dazu|somit|ce|cet|cette|ces|il|elle|ils|elles"
    r"|cela|ceci"
    r"|toutefois|cependant|ainsi|donc|de plus|en outre|par ailleurs|mais|et)\b(?! (?:paper|article|report|study"
    r"|document|agreement"
    r"|guide|letter|manual|policy|plan|bericht|studie|vertrag|anleitung|rapport|document|étude|contrat)\b)",
    re.IGNORECASE,
)
_FACTS = re.compile(  # lines of forms and invoices that say what it is about
    r"\b(?:total|amount|sum|due|balance|invoice|date|number|subject|re|from|to|customer|account|period|title|name"
    r"|summe|betrag"
    r"|gesamt\w{0,10}|fällig|zahlbar|rechnung\w{0,10}|datum|betreff|kunde|zeitraum|montant|échéance|facture|objet"
    r"|client|période)\b",
    re.IGNORECASE,
)


class PageText(NamedTuple):
    """A page of the document: its passage (whole page), its headings in one string."""

    passage: Passage
    headings: str


@dataclass(frozen=True)
class _Candidate:
    sentence: Sentence
    page: PageText
    place: float  # in the document, 0..1
    opens: bool  # the first sentence of its paragraph or part
    part: str  # the heading above it, after that of its chapter
    vector: Vectors
    score: float = 0.0


class Summariser:
    """Picks what stands for a document."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def summarise(self, name: str, pages: Sequence[PageText], count: int) -> tuple[Quote | None, list[Quote]]:
        """Return the line that says what the document is, and at most `count` sentences in reading order.

        The sentences are near what the document is about as a whole, from all its parts, the more from those that sum
        it up; none says again what another says. `name` is the document's own title. Pages come in order.
        """
        bodies = body_spans([page.passage.text for page in pages])
        numbered = [(page.passage.page, page.passage.text, page.headings) for page in pages]
        what = headline(name, numbered, bodies)
        line = _headline_quote(what, pages) if what else None
        found = list(_candidates(pages, bodies))
        prose = [item for item in found if item.part != _HEADING and _is_prose(item.sentence.text)]
        if len(prose) < _LEAST_PROSE:
            told = _telling_lines(found, count, what)
            return line, [_quote(item) for item in told or (() if line else found[:count])]
        worthy = [item for item in prose if _worth(item) > _WORTHLESS and not _CONTACT.search(item.sentence.text)]
        prose = worthy if len(worthy) >= _LEAST_PROSE else prose
        prose = prose[:: max(1, -(-len(prose) // _MOST_COMPARED))]
        about = f"{what.text if what else name} {' '.join(page.headings for page in pages[:3])[:400]}"
        return line, [_quote(item) for item in self._choose(self._score(prose, about), count)]

    def _score(self, prose: list[_Candidate], about: str) -> list[_Candidate]:
        vectors = self._embedder.embed([item.sentence.text for item in prose])
        base = np.array([_worth(item) for item in prose], np.float32)
        weights = np.clip(1.0 + 2.0 * base, 0.05, None)[:, None]
        centre = (vectors * weights).sum(0)
        centre /= float(np.linalg.norm(centre)) or 1.0
        title = self._embedder.embed_one(about)
        rare = _rare_words(prose)
        scores = 0.5 * (vectors @ centre) + 0.2 * (vectors @ title) + base
        return [
            replace(item, vector=vector, score=float(score) + 0.15 * _share_of(item.sentence.text, rare))
            for item, vector, score in zip(prose, vectors, scores, strict=True)
        ]

    def _choose(self, scored: list[_Candidate], count: int) -> list[_Candidate]:
        """Return the best that differ from each other and are spread over the document (Carbonell & Goldstein 1998).

        Their scores say in which order they were chosen: the first ones alone are a shorter summary.
        """
        chosen: list[_Candidate] = []
        tenths: Counter[int] = Counter()
        left = sorted(scored, key=lambda item: -item.score)[: max(40, 6 * count)]
        most = {id(item): 0.0 for item in left}
        while left and len(chosen) < count:
            best = max(left, key=lambda i: i.score - _AGAIN * most[id(i)] - _CROWDED * tenths[int(i.place * 10)])
            left.remove(best)
            if any(_same(best, other) for other in chosen):
                continue
            chosen.append(replace(best, score=1.0 - 0.01 * len(chosen)))  # by how much it adds to those before
            tenths[int(best.place * 10)] += 1
            for item in left:
                most[id(item)] = max(most[id(item)], float(item.vector @ best.vector))
        return sorted(chosen, key=lambda item: (item.page.passage.page, item.sentence.start))


def _candidates(pages: Sequence[PageText], bodies: Sequence[tuple[int, int]]) -> Iterator[_Candidate]:
    nothing = np.zeros(0, np.float32)
    total = sum(end - start for start, end in bodies) or 1
    passed, part, chapter = 0, "", ""
    for page, (start, end) in zip(pages, bodies, strict=True):
        whole = page.passage.text
        heads = f" {page.headings} "
        after_heading = passed == 0
        for one in sentences.split(whole[start:end]):
            place = (passed + one.start) / total
            sentence, headed = _without_heading(whole, Sentence(one.start + start, one.end + start, one.text), heads)
            if _CHAPTER.match(headed or sentence.text) and len((headed or sentence.text).split()) <= 14:
                chapter = headed or sentence.text
            if headed or _is_heading(sentence.text, heads):
                part, after_heading = f"{chapter}\n{headed or sentence.text}", True
            if not headed and after_heading and part.endswith(sentence.text):
                yield _Candidate(sentence, page, place, False, _HEADING, nothing)
                continue
            opens = after_heading or whole[max(0, sentence.start - 2) : sentence.start].count("\n") > 1
            if not _LEADER.match(whole, sentence.end):
                yield _Candidate(sentence, page, place, opens, part, nothing)
            after_heading = False
        passed += end - start


def _without_heading(page: str, sentence: Sentence, heads: str) -> tuple[Sentence, str]:
    """Return the sentence without the heading that stands before it on lines of its own, and that heading."""
    start, headed = sentence.start, ""
    while (line_end := page.find("\n", start, sentence.end)) >= 0:
        line = sentences.on_one_line(page[start:line_end])
        if line and not _is_heading(line, heads):
            break
        headed, start = f"{headed} {line}".strip(), line_end + 1
    if not headed:
        return sentence, ""
    start += len(page[start : sentence.end]) - len(page[start : sentence.end].lstrip())
    return Sentence(start, sentence.end, sentences.on_one_line(page[start : sentence.end])), headed


def _is_heading(line: str, heads: str) -> bool:
    words = line.split()
    if not words or len(words) > 14 or line[-1:] in ".,;":
        return False
    bare = _NUMBERED.sub("", line)
    if heads.strip() and (f" {line} " in heads or f" {bare} " in heads):
        return len(words) > 1 or len(line) > 5
    numbered = re.match(r"^(?:\d{1,2}(?:\.\d{1,2}){0,3}\.?|[IVX]{1,5}\.|§ ?\d+) {1,4}[A-ZÄÖÜÉ]\w", line) is not None
    known = len(words) <= 4 and any(kind.search(line) for kind in (_BEST_PART, _GOOD_PART, _BAD_PART))
    return numbered or known or (len(words) <= 8 and line.isupper() and len(line) > 6)


def _worth(item: _Candidate) -> float:
    """Return what a sentence is worth by its place and its words, whatever the document is about."""
    said = item.sentence.text
    words = said.split()
    worth = 0.12 * (1.0 - item.place) ** 6 + (0.04 if item.opens else 0.0)
    worth += 0.20 if _BEST_PART.search(item.part.split("\n")[-1]) else 0.09 if _GOOD_PART.search(item.part) else 0.0
    worth -= 0.40 if _BAD_PART.search(item.part) else 0.0
    worth += 0.08 if _CUE.search(said) else 0.0
    worth += min(0.05, 0.02 * len(re.findall(r"\d+(?:[.,]\d+)*", said)))
    worth -= 0.18 if _DANGLES.match(said) else 0.0
    worth -= 0.36 if _BOILERPLATE.search(said) else 0.0
    worth -= 0.35 if _CONTACT.search(said) or _CONTENTS.search(said) else 0.0
    worth -= 0.35 if _REFERENCE.search(said) else 0.0
    worth -= 0.14 if _CAPTION.search(said) else 0.0
    worth -= 0.20 if _FOOTNOTE.match(said) else 0.0
    worth -= 0.06 if _MAYBE.search(said) else 0.0
    if any(map(str.isdigit, said)):
        worth += (0.06 if _RESULT.search(said) else 0.0) + (0.08 if _WHOLE_RESULT.search(said) else 0.0)
    worth -= 0.20 if _SMALL_MATTER.search(said) else 0.0
    worth -= 0.25 if said.rstrip().endswith("?") or _QUESTION.match(said) else 0.0
    worth -= 0.008 * max(0, len(words) - 22) + 0.02 * max(0, 10 - len(words))
    return worth - 0.5 * _share_garbage(words)


def _share_garbage(words: Sequence[str]) -> float:
    """Return the share of words that no one wrote: formulas, and what OCR makes of spots."""
    odd = sum(
        len(w) < 2
        or not any(map(str.isalnum, w))
        or re.search(r"[^\W\d_]\d|[|~^=<>{}\\]|\d[^\W\d_]{2,}", w) is not None
        for w in words
    )
    return max(0.0, odd / len(words) - 0.12)


def _rare_words(prose: Sequence[_Candidate]) -> frozenset[str]:
    """Return the words that the document uses again and again: its subject."""
    counts = Counter(word for item in prose for word in set(text.terms(item.sentence.text)))
    usual = [(count, word) for word, count in counts.items() if len(word) > 3 and word not in text.STOP_WORDS]
    return frozenset(word for count, word in sorted(usual, reverse=True)[:25] if count > 1)


def _share_of(sentence: str, wanted: frozenset[str]) -> float:
    terms = set(text.terms(sentence))
    return min(1.0, len(terms & wanted) / 6.0) if wanted else 0.0


def _telling_lines(found: Sequence[_Candidate], count: int, what: Headline | None) -> list[_Candidate]:
    """Return the lines of a document without prose that say most: headings, what has a label, totals; in their"
    " order."""

    def worth(item: _Candidate) -> float:
        line = item.sentence.text
        words = len(re.findall(r"[^\W\d_]{3,}", line))
        figures = len(re.findall(r"\d[\d.,]*", line))
        if words == 0 or _CONTACT.search(line):
            return 0.0
        heading = 1.2 if 2 <= len(line.split()) <= 14 and f" {line} " in f" {item.page.headings} " else 0.0
        facts = min(2, len(_FACTS.findall(line))) if figures or ":" in line else 0
        money = re.search(r"[€$£]", line) is not None
        return heading + facts + min(words, 6) / 12 + (0.5 if money else -0.3 * max(0, figures - 2)) - 0.4 * item.place

    shown = set(text.words(what.text)) if what else set()
    fresh = [
        item
        for item in found
        if set(text.words(_FACTS.sub(" ", item.sentence.text))) - shown and worth(item) >= _TELLING
    ]
    best: list[_Candidate] = []
    for item in sorted(fresh, key=worth, reverse=True):
        said = set(text.words(item.sentence.text))
        if not any(said <= set(text.words(other.sentence.text)) for other in best):
            best.append(item)
    return sorted(best[: min(count, 6)], key=lambda item: (item.page.passage.page, item.sentence.start))


def _is_prose(sentence: str) -> bool:
    words = sentence.split()
    if "\t" in sentence or sentence[0].islower() or not _ends(sentence):
        return False
    if len(words) < 6:
        return len(sentence) > 20 and not sentence.isascii()
    figures = sum(any(c.isdigit() for c in word) for word in words)
    small = sum(word[0].islower() for word in words)
    return figures <= 0.4 * len(words) and small >= 0.3 * len(words)


def _ends(sentence: str) -> bool:
    return sentence.rstrip("\"'”’)]*")[-1:] in ".!…。！;"


def _same(one: _Candidate, other: _Candidate) -> bool:
    a, b = set(text.words(one.sentence.text)), set(text.words(other.sentence.text))
    if a and b and len(a & b) / min(len(a), len(b)) > _SAME_WORDS:
        return True
    return float(one.vector @ other.vector) > _SAME_VECTOR


def _headline_quote(what: Headline, pages: Sequence[PageText]) -> Quote:
    """Return the line with the place that it mainly rests on, which is its passage."""
    whole = next(page.passage for page in pages if page.passage.page == what.page)
    words = whole.text[what.start : what.end]
    passage = replace(whole, start=what.start, end=what.end, text=words)
    return Quote(text=what.text, passage=passage, start=what.start, end=what.end, score=1.0)


def _quote(candidate: _Candidate) -> Quote:
    passage = candidate.page.passage
    cut = sentences.shorten(passage.text, candidate.sentence, set(), limit=400)
    passage = replace(passage, score=round(candidate.score, 4))
    return Quote(text=cut.text, passage=passage, start=cut.start, end=cut.end, score=round(candidate.score, 4))


# ---- page furniture: running heads and feet, page numbers. They stand on page after page and say nothing of their own.

_EDGE = 4  # lines from the top and from the bottom of a page where furniture stands
_NUMBER_EDGE = 2  # lines from an end where a page number stands by itself; further in, it is a figure
_LEAST_PAGES = 3  # on which a line must stand; on a document of two pages, both
_LEAST_SHARE = 0.15  # of the pages: a chapter's running head stands on its pages only
_MISREAD_PAGES = 40  # of the first ones, whose outermost lines are compared with each other
_ALIKE = 0.8  # from which two running heads are one that OCR read in two ways
_LINE = re.compile(r"[^\n]+")
_DIGITS = re.compile(r"\d+|\b[ivxlc]{1,6}\b")
_PAGE_NUMBER = re.compile(
    r"\W{0,4}(?:(?:page|seite|s\.|p\.)\s?)?(?:\d{1,4}|[ivxlc]{1,6})(?:\s?(?:of|von|de|sur|/)\s?\d{1,4})?\W{0,4}",
    re.IGNORECASE,
)


def body_spans(pages: Sequence[str]) -> list[tuple[int, int]]:
    """Return for each page the part of its text, as offsets, that lies between the furniture at its two ends.

    A line is furniture when it is a page number, or when it, with its digits masked, stands at the end of several
    pages (Lin, "Header and footer extraction by page association", 2003, in its simplest form).
    """
    lines = [[(m.start(), m.end()) for m in _LINE.finditer(page) if m.group().strip()] for page in pages]
    seen: Counter[str] = Counter()
    for page, found in zip(pages, lines, strict=True):
        edges = {*found[:_EDGE], *found[-_EDGE:]}
        seen.update({_mask(page[a:b]) for a, b in edges})
    enough = max(min(_LEAST_PAGES, len(pages)), _LEAST_SHARE * len(pages), 2)
    repeated = {line for line, count in seen.items() if count >= enough} | _misread(pages, lines)
    return [_body(page, found, repeated) for page, found in zip(pages, lines, strict=True)]


def _misread(pages: Sequence[str], lines: Sequence[list[tuple[int, int]]]) -> set[str]:
    """Return the outermost lines that are one running head, which OCR read in different ways."""
    outermost = (page[a:b] for page, found in zip(pages, lines, strict=True) for a, b in (*found[:1], *found[-1:]))
    ends = [_mask(line) for line in outermost if _is_headline(line)]
    worded = Counter(ends[: 2 * _MISREAD_PAGES])
    repeated = set()
    for line in worded:
        alike = sum(n for other, n in worded.items() if SequenceMatcher(None, line, other).ratio() >= _ALIKE)
        if alike >= max(_LEAST_PAGES, 0.25 * min(len(pages), _MISREAD_PAGES)):
            repeated.add(line)
    return repeated


def _is_headline(line: str) -> bool:
    """Return whether a line is written as running heads are: each word that says something with a capital."""
    words = [word for word in re.findall(r"[^\W\d_]{2,}", line) if len(word) > 3]
    return len(line) < 100 and sum(map(len, words)) >= 8 and all(word[0].isupper() for word in words)


def _body(page: str, lines: Sequence[tuple[int, int]], repeated: set[str]) -> tuple[int, int]:
    half = -(-len(lines) // 2)
    first = _edge(page, lines[: min(_EDGE, half)], repeated)
    last = len(lines) - _edge(page, lines[max(half, len(lines) - _EDGE) :][::-1], repeated)
    return (lines[first][0], lines[last - 1][1]) if first < last else (0, 0)


def _edge(page: str, lines: Sequence[tuple[int, int]], repeated: set[str]) -> int:
    """Return how many of the lines, from the end of the page inwards, are furniture."""
    for at, line in enumerate(lines):
        if not _is_furniture(page, line, repeated, at):
            return at
    return len(lines)


def _is_furniture(page: str, line: tuple[int, int], repeated: set[str], from_edge: int) -> bool:
    text = page[line[0] : line[1]].strip()
    return (from_edge < _NUMBER_EDGE and _PAGE_NUMBER.fullmatch(text) is not None) or _mask(text) in repeated


def _mask(line: str) -> str:
    return _DIGITS.sub("#", " ".join(line.casefold().split()))
