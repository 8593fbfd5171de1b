"""How good answers are, as one JSON object: without a model, and with trained ones, on the same questions in one run.

    python benchmarks/answers.py [none] [qwen-0.5b] [qwen-1.5b] [--limit N]

A row of `qa/answers/dev.jsonl` in the data folder (TRAYASSIST_DATA, else `shared/data` beside the repository) names a
question, the PDF and pages that answer it, regular expressions of right and of wrong answers, and the question that it
follows. All PDFs lie in one memory; the application runs without a display and is asked by the command line, as a
person's script would. Models are looked for as tests/real_models.py says; one that is not there is left out.

right: an answer's expression matches, within 150 words. strict: right, and no wrong one matches. cited: right, with a
citation of one of the pages. refused: found is no, or nothing was found to quote. unsupported: a number that stands
neither in the question nor on a cited page. evidence_ms: until the quotes stand (the whole answer without a model);
first_ms: until the first piece of the answer. The floor of each time is an empty `ask --json` of small talk.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pymupdf

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests import real_models

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("TRAYASSIST_DATA") or ROOT.parent / "shared" / "data")
PROGRAM = Path(sys.executable).with_name("trayassist")
MOST_WORDS, FLOOR_ROUNDS, QUESTION_S = 150, 5, 600
_HEADING = re.compile(r"^\s*\*\*.*\*\*, page [^\n]{1,40}:?\s*$", re.MULTILINE)
_MARK = re.compile(r"\[\d+(?:\s*,\s*\d+)*\]")
_NUMBER = re.compile(r"\d+(?:[,\u00a0\u202f]\d{3}(?!\d))*(?:\.\d+)?")

Row = Mapping[str, Any]


def words_of(answer: str) -> str:
    """Return an answer without headings of quotes, marks and signs of Markdown."""
    text = _MARK.sub("", _HEADING.sub("", unicodedata.normalize("NFKC", answer)))
    return " ".join(re.sub(r"(?m)^\s*>\s?", "", text).replace("**", "").replace("\\", "").split())


def numbers(text: str) -> set[str]:
    """Return the numbers of a text as plain digits."""
    plain = (match.group() for match in _NUMBER.finditer(unicodedata.normalize("NFKC", text)))
    return {re.sub(r"[,\u00a0\u202f]", "", number).lstrip("0").rstrip(".") or "0" for number in plain}


class Pages:
    """Text of the pages that are cited."""

    def __init__(self) -> None:
        self._texts: dict[str, list[str]] = {}

    def text(self, path: str, page: int) -> str:
        """Return a page's text, "" when there is none."""
        if path not in self._texts:
            with pymupdf.open(path) as document:
                self._texts[path] = [one.get_text() for one in document]
        pages = self._texts[path]
        return pages[page - 1] if 0 < page <= len(pages) else ""


def judge(row: Row, last: Mapping[str, Any], pages: Pages, before: str) -> dict[str, Any]:
    """Return how an answer is, as the module says."""
    text = words_of(last.get("answer") or "")
    citations = [c for c in last.get("citations") or [] if not c["path"].startswith("fact:")]
    right = _matches(row, text) and len(text.split()) <= MOST_WORDS and last.get("finish") not in ("failed", None)
    path = str(DATA / row["pdf"]) if row.get("pdf") else ""
    allowed = numbers(row["question"]) | numbers(before)
    for citation in citations:
        allowed |= numbers(citation["quote"]) | numbers(pages.text(citation["path"], citation["page"]))
    on_page = any(c["path"] == path and c["page"] in row.get("pages", ()) for c in citations)
    return {
        "right": right,
        "strict": right and not any(re.search(wrong, text, re.IGNORECASE) for wrong in row.get("wrong", ())),
        "cited": right and on_page,
        "right_page": on_page,
        "refused": not right and not last.get("found"),
        "unsupported": bool(last.get("found")) and bool(numbers(text) - allowed),
        "failed": last.get("finish") in ("failed", None),
    }


def _matches(row: Row, text: str) -> bool:
    found = [bool(re.search(answer, text, re.IGNORECASE)) for answer in row["answers"]]
    return sum(found) * 2 >= len(found) > 0 if row["type"] == "summary" else any(found)


# ---- the application


@contextmanager
def application(home: Path) -> Iterator[dict[str, str]]:
    """Run the application without a display for a while; yield the environment in which it is asked."""
    environment = os.environ | {"TRAYASSIST_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    with (home / "app.log").open("ab") as log:
        app = subprocess.Popen([PROGRAM, "--hidden"], env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            time.sleep(5)  # a question that comes before it listens is answered in a process of its own
            yield environment
        finally:
            app.terminate()
            app.wait(60)


def ask(environment: Mapping[str, str], question: str, *more: str) -> tuple[dict[str, Any], float]:
    """Return the last event of an answer, and the milliseconds until its quotes stood."""
    command = [PROGRAM, "ask", question, "--json", *more]
    began, evidence, last = time.perf_counter(), 0.0, {}
    with subprocess.Popen(command, env=dict(environment), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            last = json.loads(line)
            if last.get("event") in ("evidence", "citation") and not evidence:
                evidence = (time.perf_counter() - began) * 1e3
    return last, evidence


def measure(
    environment: Mapping[str, str], every: Sequence[Row], rows: Sequence[Row], more: Sequence[str]
) -> dict[str, Any]:
    """Ask `rows` of all questions in one way and return the figures, by kind of question and over all."""
    by_id, pages = {row["id"]: row for row in every}, Pages()
    results: dict[str, dict[str, Any]] = {}
    times: dict[str, list[float]] = defaultdict(list)
    floor = [_small_talk(environment) for _ in range(FLOOR_ROUNDS)]
    for row in rows:
        before = by_id.get(row.get("after", ""))
        named = ("--conversation", f"bench {row['id']} {' '.join(more)}") if before else ()
        if before:
            ask(environment, before["question"], *more, *named)
        last, evidence = ask(environment, row["question"], *more, *named)
        results[row["id"]] = judge(row, last, pages, before["question"] if before else "")
        timings = last.get("timings") or {}
        for name, value in (("evidence_ms", evidence), *((n, timings.get(n, 0.0)) for n in ("first_ms", "total_ms"))):
            times[name] += [value] if value else []
    spread = {name: _spread(values) for name, values in times.items()}
    return {"floor_ms": round(statistics.median(floor), 1), **spread, "by_kind": _by_kind(rows, results)}


def _small_talk(environment: Mapping[str, str]) -> float:
    began = time.perf_counter()
    ask(environment, "thanks", "--no-model")
    return (time.perf_counter() - began) * 1e3


def _spread(values: Sequence[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {"median": round(statistics.median(ordered), 1), "p95": round(ordered[int(0.95 * (len(ordered) - 1))], 1)}


def _by_kind(rows: Sequence[Row], results: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    groups: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        kind = "follow-up" if row.get("after") else row["type"]
        groups[kind].append(results[row["id"]])
        if kind not in ("follow-up", "unanswerable", "offtopic"):
            groups["all that can be answered"].append(results[row["id"]])
    return {
        kind: {"n": len(some)} | {name: round(sum(one[name] for one in some) / len(some), 3) for name in some[0]}
        for kind, some in sorted(groups.items())
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ways", nargs="*", default=["none", "qwen-0.5b", "qwen-1.5b"])
    parser.add_argument("--limit", type=int)
    given = parser.parse_args()
    lines = (DATA / "qa" / "answers" / "dev.jsonl").read_text(encoding="utf-8").splitlines()
    every = [json.loads(line) for line in lines if line.strip()]
    rows = every[: given.limit]
    found: dict[str, Any] = {"questions": len(rows)}
    with tempfile.TemporaryDirectory(prefix="answers-") as folder, application(Path(folder)) as environment:
        files = sorted({str(DATA / row["pdf"]) for row in every if row.get("pdf")})
        subprocess.run([PROGRAM, "ingest", *files, "--json"], env=environment, check=False, stdout=subprocess.DEVNULL)
        for way in given.ways:
            if way == "none":
                found[way] = measure(environment, every, rows, ("--no-model",))
            elif (file := real_models.find(way)) is None:
                found[way] = "not there"
            else:
                add = [PROGRAM, "models", "add", str(file), "--name", way]
                subprocess.run(add, env=environment, check=True, stdout=subprocess.DEVNULL)
                found[way] = measure(environment, every, rows, ("--model", way))
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
