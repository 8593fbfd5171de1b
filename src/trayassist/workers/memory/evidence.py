"""From ranked pages to what a person gets: passages, quotes, and whether memory is about the question."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from time import perf_counter
from typing import Any

from trayassist.api import Evidence, Fact, Found, Passage, TrayassistError
from trayassist.workers.memory import text
from trayassist.workers.memory.catalog import Catalog, Doc
from trayassist.workers.memory.embedder import Embedder, Vectors
from trayassist.workers.memory.facts import FactTable
from trayassist.workers.memory.question import ParsedQuestion
from trayassist.workers.memory.quotes import QuoteSource
from trayassist.workers.memory.ranking import Hit, Ranking
from trayassist.workers.memory.reader import Reader
from trayassist.workers.memory.search import Searcher
from trayassist.workers.memory.summary import PageText, Summariser
from trayassist.workers.memory.tables import Tables
from trayassist.workers.memory.vocabulary import Vocabulary

READ_PAGES = 12  # best pages that are read for an answer: the right one is among them for 161 of 167 questions
_SHOWN_PAGES = 8
_SURE_UNNAMED, _UNNAMED = 0.5, 0.29  # probability that a question without a name needs, and what it has else
_QUOTED_FACTS = 3
_JUDGED = 5  # best pages by which it is told whether memory is about the question


class EvidenceBuilder:
    """Answers search, quote and summary."""

    def __init__(
        self, tables: Tables, catalog: Catalog, embedder: Embedder, searcher: Searcher, facts: FactTable
    ) -> None:
        self._tables, self._catalog, self._embedder = tables, catalog, embedder
        self._searcher, self._facts = searcher, facts

    def search(self, query: str, limit: int, wanted: Vectors | None = None) -> Evidence:
        """Return the best `limit` pages, each by its best passage. `wanted` is as for `Searcher.rank`."""
        began = perf_counter()
        ranking = self._searcher.rank(query, wanted=wanted)
        passages = [source.passage for source in self._sources(ranking.hits[: max(limit, _JUDGED)])]
        chance = self._chance(ranking, passages)
        return self._evidence(chance, passages[:limit], began)

    def quote(
        self,
        query: str,
        limit: int,
        wanted: Vectors | None = None,
        order: Sequence[tuple[str, int]] = (),
        prefer: Sequence[str] = (),
    ) -> Evidence:
        """Return pages, and the sentences of them and of the facts that answer best.

        `order` names pages (path, number) that somebody else ordered: they come first, in that order. `prefer` names
        documents whose pages come before others that fit alike.
        """
        began = perf_counter()
        preferred = frozenset(doc.doc for path in prefer if (doc := self._catalog.at(path)) is not None)
        ranking = self._searcher.rank(query, wanted=wanted, preferred=preferred)
        sources = self._sources(self._reorder(ranking.hits, order)[:READ_PAGES])
        passages = [source.passage for source in sources][:_SHOWN_PAGES]
        chance = self._chance(ranking, passages)
        if ranking.question.latest and not ranking.question.across:
            sources = [source for source in sources if source.passage.path == sources[0].passage.path]
        for fact in self._facts.about(query, _QUOTED_FACTS):
            passage = _fact_passage(fact)
            sources.append(QuoteSource(passage, fact.text, 1.0))
            chance = max(chance, self._fact_chance(ranking, fact))
        facts = any(source.passage.path.startswith("fact:") for source in sources)
        known = set() if facts or not ranking.hits else self._words_of(ranking.hits[0].doc)
        reading = Reader(self._embedder, self._catalog.vocabulary).read(ranking.question, sources, known, limit)
        evidence = self._evidence(chance, passages, began)
        return replace(
            evidence,
            found=evidence.found if reading.said or facts else Found.NO,
            quotes=reading.quotes,
            missing=reading.missing,
            alike=reading.alike,
            ms=_since(began),
        )

    def passages(self, path: str, after: tuple[int, int], limit: int) -> list[Passage]:
        """Return at most `limit` passages of a document as they are indexed, those behind `after` (page, start)."""
        doc = self._catalog.at(path)
        if doc is None:
            raise _not_remembered(path)
        page, start = after
        where = f"doc = {doc.doc} AND (page > {page} OR (page = {page} AND start > {start}))"
        rows = self._tables["passages"].search().where(where).select(["page", "start", "end", "text"])
        found = sorted(rows.limit(doc.passages or 1).to_list(), key=lambda row: (row["page"], row["start"]))
        return [_passage(doc, row["page"], row["start"], row["end"], row["text"], 0.0) for row in found[:limit]]

    def summary(self, path: str, sentences: int) -> Evidence:
        """Return what one document is, and the sentences that stand for it in reading order."""
        began = perf_counter()
        doc = self._catalog.at(path)
        if doc is None:
            raise _not_remembered(path)
        table = self._tables["pages"]
        rows = table.search().where(f"doc = {doc.doc}").select(["page", "text", "head"]).limit(doc.pages or 1).to_list()
        rows.sort(key=lambda row: row["page"])
        heads = [(row["head"] or "").partition("\t") for row in rows]
        whole = [
            _passage(doc, row["page"], 0, len(row["text"]), row["text"], 1.0, label)
            for row, (_, _, label) in zip(rows, heads, strict=True)
        ]
        pages = [PageText(passage, headings) for passage, (headings, _, _) in zip(whole, heads, strict=True)]
        headline, chosen = Summariser(self._embedder).summarise(doc.title, pages, sentences)
        quotes = tuple(chosen)
        passages = tuple(dict.fromkeys(quote.passage for quote in quotes))
        chance = 1.0 if quotes or headline else 0.0
        return Evidence(
            found=Found.at(chance),
            probability=chance,
            passages=passages,
            quotes=quotes,
            documents=self._catalog.visible_count,
            ms=_since(began),
            headline=headline,
        )

    # ------------------------------------------------------------ inside

    def _evidence(self, chance: float, passages: Sequence[Passage], began: float) -> Evidence:
        return Evidence(
            found=Found.at(chance),
            probability=round(chance, 4),
            passages=tuple(passages),
            documents=self._catalog.visible_count,
            ms=_since(began),
        )

    def _reorder(self, hits: list[Hit], order: Sequence[tuple[str, int]]) -> list[Hit]:
        """Return the hits in `order`, then the rest; the scores stay where they are: how good the best ones are."""
        place = {wanted: at for at, wanted in enumerate(order)}
        paths = {doc.doc: doc.cited_path for doc in self._catalog.docs.values()} if order else {}
        ordered = sorted(hits, key=lambda hit: place.get((paths.get(hit.doc, ""), hit.page), len(place)))
        return [replace(hit, score=old.score) for hit, old in zip(ordered, hits, strict=True)] if order else hits

    def _sources(self, hits: Sequence[Hit]) -> list[QuoteSource]:
        """Return the passages with their pages' texts; a page that was forgotten meanwhile is left out."""
        wanted = {(hit.doc, hit.page) for hit in hits}
        pages = self._searcher.texts(wanted | {(doc, 1) for doc, _ in wanted})
        top = max(hits[0].score, 0.01) if hits else 1.0
        sources = []
        for place, hit in enumerate(hits, 1):
            found_page, doc = pages.get((hit.doc, hit.page)), self._catalog.docs.get(hit.doc)
            if found_page is not None and doc is not None:
                page, head = found_page
                headings, _, label = (head or "").partition("\t")
                named = frozenset(text.terms(f"{doc.name} {doc.title}"))
                given = named | frozenset(text.terms((pages.get((hit.doc, 1), ("", ""))[1] or "").partition("\t")[0]))
                passage = _passage(doc, hit.page, hit.start, hit.end, page[hit.start : hit.end], hit.score, label)
                standing = max(hit.score, 0.0) / top
                sources.append(QuoteSource(passage, page, standing, headings, 1 / place, given, named))
        return sources

    def _chance(self, ranking: Ranking, passages: Sequence[Passage]) -> float:
        if not passages:
            return 0.0
        best = [f"{p.text} {text.spaced_name(p.path)} {p.title}" for p in passages[:_JUDGED]]
        near = {term for passage in best[:3] for term in text.terms(passage)}
        names = {text.stem(word) for word in ranking.question.names}
        if names - near:
            near |= self._names_in({hit.doc for hit in ranking.hits[:3]}, names - near)
        cosine = ranking.best_cosine
        if cosine is None:
            cosine = float((self._embedder.embed([p.text for p in passages]) @ ranking.question.vector).max())
        chance = probability(
            ranking.question, cosine, best, near, self._catalog.vocabulary, self._catalog.name_stems.keys()
        )
        # A question that names nothing needs a surer match: in any memory something is near "how do bees find home".
        named = ranking.question.names or ranking.question.named
        return chance if named or chance >= _SURE_UNNAMED else min(chance, _UNNAMED)

    def _words_of(self, doc: int) -> set[str]:
        """Return the distinct words of a document."""
        rows: list[dict[str, Any]] = (
            self._tables["docs"].search().where(f"doc = {doc}").select(["words"]).limit(1).to_list()
        )
        return {word for row in rows for word in row["words"].split()}

    def _names_in(self, docs: set[int], names: set[str]) -> set[str]:
        """Return those of the stems `names` with which a word of these documents begins."""
        where = f"doc IN ({', '.join(map(str, docs))})"
        rows: list[dict[str, Any]] = self._tables["docs"].search().where(where).select(["words"]).limit(3).to_list()
        return {name for name in names if any(f" {name}" in f" {row['words']}" for row in rows)}

    def _fact_chance(self, ranking: Ranking, fact: Fact) -> float:
        question = ranking.question
        cosine = float(self._embedder.embed_one(fact.text) @ question.vector)
        near = set(text.terms(fact.text))
        return probability(question, cosine, [fact.text], near, self._catalog.vocabulary, near)


def _not_remembered(path: str) -> TrayassistError:
    return TrayassistError(f"{path} is not in memory.", "Add it first, or list what is remembered.")


def _passage(doc: Doc, page: int, start: int, end: int, words: str, score: float, label: str = "") -> Passage:
    return Passage(
        path=doc.cited_path,
        title=doc.title,
        page=page,
        start=start,
        end=end,
        text=words,
        score=round(float(score), 4),
        label=label,
    )


def _fact_passage(fact: Fact) -> Passage:
    title = f"remembered on {fact.created[:10]}"
    return Passage(
        path=f"fact:{fact.id}", title=title, page=1, start=0, end=len(fact.text), text=fact.text, score=fact.score
    )


def _since(began: float) -> float:
    return round((perf_counter() - began) * 1000, 2)


# Whether memory holds something about a question at all is told by a small logistic model. Its numbers were fitted on
# questions about remembered documents against questions about other things (docs/decisions/0003-search.md). It cannot
# know that a detail is missing inside a document that is there.


def probability(
    question: ParsedQuestion,
    cosine: float,
    best: Sequence[str],
    near: set[str],
    vocabulary: Vocabulary,
    named: AbstractSet[str],
) -> float:
    """Return how probable it is that memory is about the question, in 0..1.

    `best` are the best passages, with the names of their documents, `near` the stems of the best three
    and of what else their documents say of the question's names, `named` the stems of all names of documents.
    """
    share = max(vocabulary.coverage(question.terms, set(text.terms(passage))) for passage in best)
    names = {text.stem(word) for word in question.names}
    nowhere = _share(names, lambda name: name not in vocabulary and name not in named)
    not_near = _share(names, lambda name: name not in near)
    large = math.log(1 + vocabulary.pages)  # in a large memory something fits by chance
    z = 10.4 * cosine + 2.9 * share - 1.6 * nowhere - 1.2 * not_near - 0.39 * large - 2.9
    return 1.0 / (1.0 + math.exp(-z))


def _share(names: set[str], is_missing: Callable[[str], bool]) -> float:
    return sum(is_missing(name) for name in names) / len(names) if names else 0.0
