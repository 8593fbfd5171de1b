"""Routing: accuracy by kind on sentences by others and on our own, and microseconds a decision.

Floors measured in the same run: always chat, and a list of keywords. Prints JSON.
    python benchmarks/routing.py [DATA]        (default: $TRAYASSIST_DATA, else ../shared/data)
"""

from __future__ import annotations

import gzip
import json
import os
import re
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from trayassist.api import Kind, Request, Role
from trayassist.routing.patterns import RULES
from trayassist.routing.router import Router
from trayassist.routing.stages import Rule
from trayassist.routing.text import RequestText, prepare

ROOT = Path(__file__).resolve().parents[1]
# intents of the public set that we have a kind for; all others are things we have no tool for: chat
INTENTS = {
    **dict.fromkeys(("timer", "alarm", "time", "date", "measurement_conversion"), "tool"),
    **dict.fromkeys(("reminder", "reminder_update", "todo_list", "todo_list_update"), "task"),
    **dict.fromkeys(("shopping_list", "shopping_list_update"), "task"),
    "calculator": "math",
}
KEYWORDS = {
    "code": r"\b(?:code|function|script|program|python|sql)\b|\bdef |```",
    "math": r"\d ?[-+*/] ?\d|\b(?:calculate|sum|percent|how many|how much)\b",
    "search": r"\b(?:search|find)\b",
    "tool": r"\b(?:timer|alarm|cpu|battery|time|date|settings|convert)\b",
    "task": r"\b(?:remind|reminder|task|todo|to-do|list)\b",
    "curate": r"\b(?:remember|forget)\b",
    "summarise": r"\b(?:summari[sz]e|summary)\b",
}
EVIL = (
    "a" * 10_000,
    "1 " * 5_000,
    "x = y\n" * 1_600,
    "one " * 2_500,
    "find the file about the document in my files " * 220,
)


def sentences(data: Path) -> Iterator[tuple[str, str, str]]:
    """Yield (set, expected kind, text)."""
    folder = data / "routing"
    for row in _lines(folder / "mtbench" / "question.jsonl"):
        expected = {"math": "math", "coding": "code"}.get(row["category"], "chat")
        if row["category"] != "reasoning":  # riddles with numbers are maths or talk: either is right
            yield f"mtbench {expected}", expected, row["turns"][0]
    with gzip.open(folder / "humaneval" / "HumanEval.jsonl.gz", "rt") as file:
        for line in file:
            yield "humaneval", "code", json.loads(line)["prompt"]
    for row in _lines(folder / "gsm8k" / "test.jsonl"):
        yield "gsm8k", "math", row["question"]
    intents = json.loads((folder / "clinc150" / "data_full.json").read_text(encoding="utf-8"))
    for text, intent in [*intents["test"], *intents["oos_test"]]:
        expected = INTENTS.get(intent, "chat")
        yield f"clinc150 {expected}", expected, text
    for path in sorted((folder / "snips").glob("validate_*.json")):
        for rows in json.loads(path.read_bytes().decode("utf-8", "replace")).values():
            for row in rows:
                yield "snips", "chat", "".join(part["text"] for part in row["data"])
    for row in _lines(data / "qa" / "financebench" / "questions.jsonl"):
        yield "financebench", "chat", row["question"]
    for line in (ROOT / "tests" / "routing" / "paraphrases.tsv").read_text(encoding="utf-8").splitlines():
        expected, text = line.split("\t")
        yield "own paraphrases", expected, text


def measure(data: Path) -> dict[str, Any]:
    """Return the figures as the JSON has them."""
    cases = list(sentences(data))
    decide = router().decide
    decided, micros = [], []
    for _, _, text in cases:
        began = time.perf_counter()
        decided.append(decide(Request(text=text)).kind.value)
        micros.append((time.perf_counter() - began) * 1e6)
    return {
        "benchmark": "routing",
        "cases": len(cases),
        **_score(cases, decided),
        "by_set": _shares(cases, decided, by_set=True),
        "us_median": round(statistics.median(micros), 1),
        "us_p99": round(statistics.quantiles(micros, n=100)[98], 1),
        "worst_rule_ms_on_10000_characters": round(_worst_rule(), 2),
        "floor": {
            "chat": _score(cases, ["chat"] * len(cases)),
            "keywords": _score(cases, [_by_keywords(text) for _, _, text in cases]),
        },
    }


def router() -> Router:
    """Return the router over the bundled roles."""
    from trayassist_coder.role import Coder
    from trayassist_curator.role import Curator
    from trayassist_persona.role import Persona

    roles: dict[str, Role] = {"persona": Persona(), "coder": Coder(), "curator": Curator()}
    return Router(roles, lambda role: None)


def _score(cases: list[tuple[str, str, str]], decided: list[str]) -> dict[str, Any]:
    shares = _shares(cases, decided, by_set=False)
    right = sum(case[1] == kind for case, kind in zip(cases, decided, strict=True))
    return {
        "accuracy": shares,
        "accuracy_mean": round(statistics.mean(shares.values()), 4),  # each kind weighs the same
        "accuracy_all": round(right / len(cases), 4),
    }


def _shares(cases: list[tuple[str, str, str]], decided: list[str], *, by_set: bool) -> dict[str, float]:
    groups: dict[str, list[bool]] = defaultdict(list)
    for (name, expected, _), kind in zip(cases, decided, strict=True):
        groups[name if by_set else expected].append(kind == expected)
    return {name: round(statistics.mean(hits), 4) for name, hits in sorted(groups.items())}


def _by_keywords(text: str) -> str:
    return next((kind for kind, find in KEYWORDS.items() if re.search(find, text.lower())), Kind.CHAT.value)


def _worst_rule() -> float:
    """Return the milliseconds of the slowest rule on the worst of some long texts, uncut."""
    from dataclasses import replace

    def time_rule(rule: Rule, text: RequestText) -> float:
        began = time.perf_counter()
        rule.hits(text)
        return (time.perf_counter() - began) * 1e3

    uncut = [replace(prepare("x"), whole=t, raw=t, line=t, core=t, asked=t) for t in EVIL]
    return max(min(time_rule(rule, text) for _ in range(3)) for rule in RULES for text in uncut)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from (json.loads(line) for line in file if line.strip())


if __name__ == "__main__":
    where = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("TRAYASSIST_DATA", ROOT.parent / "shared" / "data")
    json.dump(measure(Path(where)), sys.stdout, indent=1)
    print()
