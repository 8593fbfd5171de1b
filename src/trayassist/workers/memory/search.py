"""Which pages answer a question: the search recipe of docs/decisions/0003-search.md over LanceDB.

Independent LanceDB calls run side by side on its asynchronous interface; threads cost twice the time.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from lancedb.query import MatchQuery

from trayassist.workers.memory import ranking, text
from trayassist.workers.memory.catalog import Catalog
from trayassist.workers.memory.embedder import Embedder, Vectors
from trayassist.workers.memory.question import ParsedQuestion, understand
from trayassist.workers.memory.ranking import COLUMNS, RECIPE, Candidates, Ranking, SearchRows, Weights
from trayassist.workers.memory.tables import Tables

# Rows that the full-text index lacks are gone through for each word of such a query, at about 45 µs a row and word.
TAIL_FED_BACK = 100
TAIL_OF_DOCS = 1000  # of documents; with more their first pages and words are looked up in the index alone


class Searcher:
    """Ranks pages. `cancelled` is asked between the stages."""

    def __init__(
        self, tables: Tables, catalog: Catalog, embedder: Embedder, cancelled: Callable[[], bool] = lambda: False
    ) -> None:
        self._tables, self._catalog, self._embedder = tables, catalog, embedder
        self._cancelled = cancelled
        self._loop = asyncio.new_event_loop()
        self._open: dict[str, Any] = {}
        self._generation = -1

    def close(self) -> None:
        """End the event loop."""
        self._loop.close()

    def rank(
        self,
        query: str,
        weights: Weights = RECIPE,
        wanted: Vectors | None = None,
        preferred: AbstractSet[int] = frozenset(),
    ) -> Ranking:
        """Return the pages for `query`; LanceDB's errors come through as they are.

        `wanted` is the question's vector where the passages' are not the built-in embedder's; without it the words
        alone find and order them. `preferred` are documents that the conversation is about.
        """
        question = understand(query, self._catalog, self._embedder, self._tables.stamp, wanted)
        if not self._catalog.docs:
            return Ranking(question, [])
        return self._loop.run_until_complete(self._rank(question, weights, preferred))

    def texts(self, places: Iterable[tuple[int, int]]) -> dict[tuple[int, int], tuple[str, str]]:
        """Return the text and the headings of pages by (document, page)."""
        wanted = set(places)
        return self._loop.run_until_complete(self._texts(wanted)) if wanted else {}

    # ------------------------------------------------------------ the searches

    async def _rank(self, question: ParsedQuestion, weights: Weights, preferred: AbstractSet[int]) -> Ranking:
        if self._generation != self._tables.generation:
            self._open, self._generation = await self._tables.open_for_reading(), self._tables.generation
        prior, headings, *everywhere = await asyncio.gather(
            self._prior(question, weights), self._headings(question, weights), *self._both(question, None, weights)
        )
        for doc in preferred:
            prior[doc] = prior.get(doc, 0.0) + weights.preferred
        found, known, hidden = Candidates(), self._catalog.docs, self._catalog.hidden
        best = sorted(prior, key=lambda doc: (-prior[doc], doc))[: weights.documents]
        inside: list[SearchRows] = []
        if best and len(self._catalog.docs) > weights.documents and not self._cancelled():
            where = f"doc IN ({', '.join(map(str, best))})"
            inside = list(await asyncio.gather(*self._both(question, where, weights)))
        found.add(everywhere, known, hidden)
        found.add(inside, known, hidden)
        if found.more and self._wants_feedback(question, weights) and not self._cancelled():
            await self._feed_back(question, found, weights)
        hits = ranking.pages(question, found, prior, headings, weights)
        own = self._tables.stamp.builtin
        return Ranking(question, hits, max(found.cosines.values(), default=0.0) if own else None)

    def _both(self, question: ParsedQuestion, where: str | None, weights: Weights) -> Sequence[Awaitable[SearchRows]]:
        calls = [] if question.wanted is None else [self._by_vector(question.wanted, where, weights)]
        matches = question.matches("text", weights.damp)
        if where is None and len(self._catalog.docs) > weights.documents:
            matches = matches[:1]  # words that only tell the file have told it; inside the files they count
        for weight, match in matches:
            calls.append(self._by_words(match, where, weights, weight))
        return calls

    async def _by_words(self, match: Any, where: str | None, weights: Weights, weight: float = 1.0) -> SearchRows:
        query = self._open["passages"].query().nearest_to_text(match)
        if where:
            query = query.where(where)
        return SearchRows(await query.select([*COLUMNS, "_score"]).limit(weights.candidates).to_arrow(), weight)

    async def _by_vector(self, wanted: Vectors, where: str | None, weights: Weights) -> SearchRows:
        query = self._open["passages"].query().nearest_to(wanted).distance_type("cosine")
        if where:
            # The index would look into its nearest lists only, which hold few passages of these documents.
            query = query.where(where).bypass_vector_index()
        elif self._tables.has_ann:
            query = query.nprobes(weights.nprobes)
        return SearchRows(await query.select([*COLUMNS, "_distance"]).limit(weights.candidates).to_arrow())

    async def _headings(self, question: ParsedQuestion, weights: Weights) -> dict[tuple[int, int], float]:
        matches = question.matches("head", weights.damp) if weights.heading else []
        columns = ["doc", "page", "_score"]
        table, limit = self._open["pages"], weights.candidates
        calls = (table.query().nearest_to_text(match).select(columns).limit(limit).to_arrow() for _, match in matches)
        scores: dict[tuple[int, int], float] = {}
        for (weight, _), rows in zip(matches, await asyncio.gather(*calls), strict=True):
            for doc, page, score in zip(*(rows[name].to_pylist() for name in columns), strict=True):
                scores[doc, page] = scores.get((doc, page), 0.0) + weight * score
        top = max(scores.values(), default=0.0) or 1.0
        return {place: score / top for place, score in scores.items()}

    async def _prior(self, question: ParsedQuestion, weights: Weights) -> dict[int, float]:
        """Return how well each document as a whole fits, from its names, first page, words and date."""
        name_words = " ".join((*question.words, *question.glued))
        distinct = " ".join(dict.fromkeys(question.words))
        parts = [("name", weights.name, name_words), ("first", weights.first, name_words)]
        parts.append(("words", weights.vocabulary, distinct))
        parts.append(("first", weights.entity, " ".join(dict.fromkeys(question.names))))
        parts = [part for part in parts if part[1] and part[2]]
        trust = 1.0 if question.named or question.glued or question.names else weights.unnamed
        results = await asyncio.gather(*(self._docs_by(column, words) for column, _, words in parts))
        prior: dict[int, float] = {}
        for (_, weight, _), result in zip(parts, results, strict=True):
            scores = {doc: score for doc, score in result if doc not in self._catalog.hidden}
            top = max(scores.values(), default=0.0) or 1.0
            for doc, score in scores.items():
                prior[doc] = prior.get(doc, 0.0) + trust * weight * score / top
        if question.latest and weights.newest:
            for doc, rank in self._newness(prior).items():
                prior[doc] = prior.get(doc, 0.0) + weights.newest * rank
        return prior

    async def _docs_by(self, column: str, words: str) -> list[tuple[int, float]]:
        limit = max(1, min(len(self._catalog.docs), 200))
        query = self._open["docs"].query().nearest_to_text(MatchQuery(words, column)).select(["doc", "_score"])
        if column != "name" and self._tables.changes["docs"].rows > TAIL_OF_DOCS:
            query = query.fast_search()
        rows = await query.limit(limit).to_arrow()
        return list(zip(rows["doc"].to_pylist(), rows["_score"].to_pylist(), strict=True))

    async def _texts(self, places: set[tuple[int, int]]) -> dict[tuple[int, int], tuple[str, str]]:
        pages: dict[int, list[int]] = {}
        for doc, page in sorted(places):
            pages.setdefault(doc, []).append(page)
        parts = (f"(doc = {doc} AND page IN ({', '.join(map(str, some))}))" for doc, some in pages.items())
        query = self._open["pages"].query().where(" OR ".join(parts)).select(["doc", "page", "text", "head"])
        rows = await query.limit(len(places)).to_list()
        return {(row["doc"], row["page"]): (row["text"], row["head"]) for row in rows}

    def _newness(self, prior: dict[int, float]) -> dict[int, float]:
        """Return 1 for the newest of the documents that fit, half for each older date, 0 for those without one.

        Where none of them bears a date, the time their files were changed counts.
        """
        enough = 0.5 * max(prior.values(), default=0.0)
        docs = [d for d in self._catalog.visible() if prior.get(d.doc, 0.0) >= enough]
        dates = {d.doc: d.date for d in docs if d.date} or {d.doc: d.mtime for d in docs}
        order = {date: rank for rank, date in enumerate(sorted(set(dates.values()), reverse=True))}
        return {doc: 0.5 ** order[date] for doc, date in dates.items()}

    # ------------------------------------------------------------ feedback

    def _wants_feedback(self, question: ParsedQuestion, weights: Weights) -> bool:
        if not weights.feedback or question.named or question.glued or not question.words:
            return False
        if self._tables.changes["passages"].rows > TAIL_FED_BACK:
            return False
        return sum(d.passages for d in self._catalog.docs.values()) <= weights.feedback_rows

    async def _feed_back(self, question: ParsedQuestion, found: Candidates, weights: Weights) -> None:
        """Search once more with the words of the best passages (RM3); replaces the word scores."""
        scores = ranking.passage_scores(found, weights)
        best = sorted(scores, key=lambda place: (-scores[place], place))[: weights.feedback_passages]
        pages = await self._texts({place[:2] for place in best})
        shares: dict[str, float] = {}
        for place in best:
            passage = pages.get(place[:2], ("", ""))[0][place[2] : found.more[place][0]]
            words = [w for w in text.words(passage) if w not in text.STOP_WORDS and len(w) > 1]
            for word, count in Counter(words).items():
                weight = scores[place] * self._catalog.vocabulary.rarity(text.stem(word)) * count / len(words)
                shares[word] = shares.get(word, 0.0) + weight
        chosen = dict(sorted(shares.items(), key=lambda item: (-item[1], item[0]))[: weights.feedback_terms])
        total = sum(chosen.values()) or 1.0
        match = question.expand("text", {word: share / total for word, share in chosen.items()}, weights.feedback)
        rows = await self._by_words(match, None, weights)
        found.words.clear()
        found.add([rows], self._catalog.docs, self._catalog.hidden)
