"""How good search is, as one JSON object: the figures beside floors on the same index in the same run.

    python benchmarks/retrieval.py [financebench] [docugami] [ir] [refusal] [ablation]

FinanceBench: all PDFs in one memory, share of questions with an evidence page among the first 1, 3, 10
pages and with the right document first. docugami: right document first. ir: nDCG@10 on cran, adi, time,
each text a document of its own. Floors: `bm25` is LanceDB's full-text search over the same passages,
`fusion` is 0.7*bm25/max + 0.3*cosine/max over the first 200 of each. refusal: share of questions about
other things that are answered with found=no, and of questions about the documents that wrongly are.
Data: the folder TRAYASSIST_DATA, else `shared/data` beside the repository (load.py reads it).
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import pickle
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lancedb.query import MatchQuery

from trayassist.api import Found, Page, ReadOptions
from trayassist.workers.memory.ranking import RECIPE, Weights
from trayassist.workers.memory.service import MemoryService
from trayassist_ingest.pdf import PdfIngestor

DATA = Path(os.environ.get("TRAYASSIST_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")

Result = tuple[str, int]  # path, page
Ranker = Callable[[str], list[Result]]


def read_pdf(path: Path) -> list[Page]:
    """Return the pages as the application's own ingestor reads them."""
    return list(PdfIngestor().read(path, ReadOptions(settings={"ocr": False})))


def remember(service: MemoryService, documents: Mapping[str, Sequence[Page]]) -> None:
    """Write documents as the application does, then bring the indexes up to date."""
    operations = service.operations()
    for path, pages in documents.items():
        content = hashlib.sha256(path.encode()).hexdigest()
        token, _, _ = operations["begin"](path=path, sha256=content, size=0, mtime=0.0)
        operations["add_pages"](token=token, payload=pickle.dumps(list(pages)))
        operations["finish"](token=token, title="")
    operations["optimize"]()
    service._wait_for_upkeep()


def recipe(service: MemoryService, weights: Weights = RECIPE) -> Ranker:
    """Return the application's own ranking."""
    docs = service._catalog.docs

    def rank_pages(question: str) -> list[Result]:
        hits = service._searcher.rank(question, weights).hits
        return [(docs[hit.doc].path, hit.page) for hit in hits]

    return rank_pages


def floor(service: MemoryService, dense: float) -> Ranker:
    """Return BM25 alone (dense=0), or its plain weighted fusion with the cosine, by best passage of a page."""
    table, docs = service._tables["passages"], service._catalog.docs
    columns = ["doc", "page", "start"]

    def rank_pages(question: str) -> list[Result]:
        words = table.search(MatchQuery(question, "text"), query_type="fts").select([*columns, "_score"])
        scores = _scale(words.limit(200).to_list(), "_score", lambda value: value)
        total = {place: (1 - dense) * score for place, score in scores.items()}
        if dense:
            vector = service._searcher._embedder.embed_one(question)
            near = table.search(vector).distance_type("cosine").select([*columns, "_distance"]).limit(200).to_list()
            for place, score in _scale(near, "_distance", lambda value: 1 - value).items():
                total[place] = total.get(place, 0.0) + dense * score
        best: dict[Result, float] = {}
        for (doc, page, _), score in total.items():
            key = (docs[doc].path, page)
            best[key] = max(best.get(key, 0.0), score)
        return sorted(best, key=lambda key: -best[key])

    return rank_pages


def _scale(
    rows: list[dict[str, Any]], column: str, score: Callable[[float], float]
) -> dict[tuple[int, int, int], float]:
    top = max((score(row[column]) for row in rows), default=0.0) or 1.0
    return {(row["doc"], row["page"], row["start"]): score(row[column]) / top for row in rows}


def pages_found(ranker: Ranker, questions: Iterable[tuple[str, str, set[int]]]) -> dict[str, float]:
    """Return page@1, @3, @10 and the right document first, over (question, path, evidence pages)."""
    at: dict[str, list[bool]] = {"page@1": [], "page@3": [], "page@10": [], "document@1": []}
    for question, path, wanted in questions:
        found = ranker(question)
        good = [where == path and page in wanted for where, page in found[:10]]
        for name, count in (("page@1", 1), ("page@3", 3), ("page@10", 10)):
            at[name].append(any(good[:count]))
        at["document@1"].append(bool(found) and found[0][0] == path)
    return {name: round(statistics.mean(hits), 3) for name, hits in at.items()}


def ndcg(ranker: Ranker, queries: Mapping[str, str], judged: Mapping[str, Mapping[str, int]]) -> float:
    """Return the mean nDCG@10 with gains 2^grade - 1; a path's stem is the document's id."""
    values = []
    for query, wanted in judged.items():
        if query not in queries or not wanted:
            continue
        found = list(dict.fromkeys(Path(path).stem for path, _ in ranker(queries[query])))[:10]
        gain = sum((2 ** wanted.get(doc, 0) - 1) / math.log2(rank + 2) for rank, doc in enumerate(found))
        ideal = sorted(wanted.values(), reverse=True)[:10]
        values.append(gain / sum((2**grade - 1) / math.log2(rank + 2) for rank, grade in enumerate(ideal)))
    return round(statistics.mean(values), 4)


# ---------------------------------------------------------------- the sets


def financebench(service: MemoryService, load: Any) -> tuple[list[tuple[str, str, set[int]]], list[str]]:
    """Remember the FinanceBench PDFs; return (question, path, evidence pages) and the questions."""
    remember(service, {str(path): read_pdf(path) for path in sorted((DATA / "qa/financebench/pdfs").glob("*.pdf"))})
    questions = [(item["question"], str(item["pdf"]), set(item["pages"])) for item in load.financebench()]
    return questions, [question for question, _, _ in questions]


def docugami(
    service: MemoryService, load: Any, rankers: Mapping[str, Callable[[MemoryService], Ranker]]
) -> dict[str, float]:
    """Return the share of questions whose first page is of a right document."""
    remember(service, {str(path): read_pdf(path) for path in sorted((DATA / "qa/docugami_10q/docs").glob("*.pdf"))})
    questions = [(item["question"], {str(path) for path in item["docs"]}) for item in load.docugami()]
    return {
        name: round(statistics.mean(make(service)(question)[:1][0][0] in right for question, right in questions), 3)
        for name, make in rankers.items()
    }


def collection(
    service: MemoryService, load: Any, name: str, rankers: Mapping[str, Callable[[MemoryService], Ranker]]
) -> Any:
    """Return nDCG@10 of each ranker on a collection of abstracts or articles."""
    texts, queries, judged = load.ir(name)
    remember(service, {f"/{name}/{key}.txt": [Page(number=1, text=text)] for key, text in texts.items()})
    return {ranker: ndcg(make(service), queries, judged) for ranker, make in rankers.items()}


def refusals(service: MemoryService, load: Any, asked: Sequence[str]) -> dict[str, float]:
    """Return how often found=no on questions about other things, and on those about the documents."""
    others = [text for kind, _, text in load.routing() if kind == "mtbench" or kind.startswith("clinc150:oos")][:400]
    off = [service.search(text, 3).found for text in others]
    on = [service.search(text, 3).found for text in asked]
    return {
        "off_topic_no": round(statistics.mean(found is Found.NO for found in off), 3),
        "off_topic_yes": round(statistics.mean(found is Found.YES for found in off), 3),
        "about_documents_no": round(statistics.mean(found is Found.NO for found in on), 3),
        "about_documents_yes": round(statistics.mean(found is Found.YES for found in on), 3),
    }


ABLATIONS = {
    "no name prior": replace(RECIPE, name=0.0),
    "no first-page prior": replace(RECIPE, first=0.0),
    "no vocabulary prior": replace(RECIPE, vocabulary=0.0),
    "no headings": replace(RECIPE, heading=0.0),
    "no numbers": replace(RECIPE, numbers=0.0),
    "no damping of names": replace(RECIPE, damp=1.0),
    "no second look inside the best documents": replace(RECIPE, documents=0),
    "no feedback": replace(RECIPE, feedback=0.0),
}


def main(wanted: Sequence[str]) -> None:
    sys.path.insert(0, str(DATA))
    import load  # type: ignore[import-not-found]

    chosen = set(wanted) or {"financebench", "docugami", "ir", "refusal"}
    rankers = {"recipe": recipe, "bm25": lambda s: floor(s, 0.0), "fusion": lambda s: floor(s, 0.3)}
    report: dict[str, Any] = {}
    if chosen & {"financebench", "refusal", "ablation"}:
        with Fresh() as service:
            questions, asked = financebench(service, load)
            report["financebench"] = {name: pages_found(make(service), questions) for name, make in rankers.items()}
            if "ablation" in chosen:
                report["ablation"] = {n: pages_found(recipe(service, w), questions) for n, w in ABLATIONS.items()}
            if "refusal" in chosen:
                report["refusal"] = refusals(service, load, asked)
    if "docugami" in chosen:
        with Fresh() as service:
            report["docugami document@1"] = docugami(service, load, rankers)
    if "ir" in chosen:
        report["ndcg@10"] = {}
        for name in ("cran", "adi", "time"):
            with Fresh() as service:
                report["ndcg@10"][name] = collection(service, load, name, rankers)
        sets = list(report["ndcg@10"].values())
        report["ndcg@10"]["mean"] = {name: round(statistics.mean(s[name] for s in sets), 4) for name in rankers}
    print(json.dumps(report, indent=1))


class Fresh:
    """A new, empty memory in a temporary folder."""

    def __enter__(self) -> MemoryService:
        self._folder = tempfile.TemporaryDirectory()
        self._service = MemoryService(self._folder.name)
        return self._service

    def __exit__(self, *_: object) -> None:
        self._service.close()
        self._folder.cleanup()


if __name__ == "__main__":
    main(sys.argv[1:])
