"""What the watchdog finds and what it flags wrongly, beside a plain list of regular expressions; time per text.

    python benchmarks/watchdog.py          prints the figures as JSON
    python benchmarks/watchdog.py --fit    fits the seventeen numbers of jailbreak.py anew and prints them

Data: the folder TRAYASSIST_DATA, else `shared/data` beside the repository; the command lists of tests/bundled/watchdog
are measured in any case. The floor is a list such as agents' guards often are: substrings of bad commands and
phrases. Jailbreaks are also measured on the half that a fit did not see, both ways round.
"""

from __future__ import annotations

import csv
import json
import os
import re
import statistics
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.bundled.watchdog.cases import commands, texts
from tests.safety.test_redaction import SECRETS

from trayassist.api import Exchange, Passage, PasswordNeeded, ReadOptions, Request, Risk, UnreadableFile
from trayassist.safety.redaction import find, redact_kinds
from trayassist_ingest.pdf import PdfIngestor
from trayassist_watchdog import jailbreak, text_rules
from trayassist_watchdog.commands.engine import judge
from trayassist_watchdog.inspector import Watchdog

DATA = Path(os.environ.get("TRAYASSIST_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
FLOOR_COMMANDS = re.compile(
    r"(?i)\brm\s+-\w*[rf]|\bmkfs|\bdd\s+if=|git\s+(?:reset\s+--hard|push\s+.*--force|clean\s+-\w*f)|\bdrop\s+(?:table|database)"
    r"|\btruncate\b|\bdelete\b|\bdestroy\b|\bpurge\b|\bshutdown\b|\breboot\b|:\(\)\s*\{|>\s*/dev/sd|chmod\s+-R\s+777"
)
FLOOR_PROBES = re.compile(
    r"(?i)ignore (?:all |the )?(?:previous|above)|jailbreak|\bDAN\b|developer mode|system prompt|unfiltered"
)
DELETING = re.compile(
    r"(?i)\brm\b|rmdir|delet|remov|unlink|destroy|purge|erase|drop|prune|truncat|wipe|shred|uninstall|forget|clear|flush|reset"
    r"|\bdel\b|terminat|discard|mkfs|format|\bdd\b|/dev/|shutdown|reboot|poweroff|halt|kill|stop|disable|mask|down\b|yank|unpublish"
)
LINES_OF_CODE = 100_000


def share(items: Sequence[str], test: Callable[[str], object]) -> float:
    """Return the share of the items for which the test holds."""
    return round(sum(bool(test(item)) for item in items) / len(items), 4) if items else 0.0


def is_probe(text: str) -> bool:
    return jailbreak.probability(jailbreak.features(text)) >= jailbreak.THRESHOLD


def measure_time(items: Sequence[str], function: Callable[[str], object]) -> dict[str, float]:
    """Return median and 99th percentile in microseconds of this thread's own time."""
    took = []
    for item in items:
        began = time.thread_time_ns()
        function(item)
        took.append((time.thread_time_ns() - began) / 1e3)
    took.sort()
    return {"median_us": round(statistics.median(took)), "p99_us": round(took[int(0.99 * (len(took) - 1))])}


def command_figures(destructive: list[str], safe: list[str]) -> dict[str, Any]:
    return {
        "commands": [len(destructive), len(safe)],
        "recall": share(destructive, judge),
        "recall_high": share(destructive, lambda text: any(d.risk is Risk.HIGH for d in judge(text))),
        "false_alarms": sum(bool(judge(text)) for text in safe),
        "floor_recall": share(destructive, FLOOR_COMMANDS.search),
        "floor_false_alarms": sum(bool(FLOOR_COMMANDS.search(text)) for text in safe),
        **measure_time(destructive + safe, judge),
    }


def ordinary_figures(items: list[str]) -> dict[str, Any]:
    flagged = [text for text in items if judge(text)]
    return {
        "commands": len(items),
        "flagged": round(len(flagged) / len(items), 4),
        "flagged_without_a_destroying_word": round(sum(not DELETING.search(text) for text in flagged) / len(items), 5),
    }


def probe_figures(load: Any) -> dict[str, Any]:
    wild = [text for _, _, text in load.injections()]
    benign: dict[str, list[str]] = {}
    for name, _, text in load.routing():
        benign.setdefault(name.partition(":")[0], []).append(text)
    benign["documents"] = documents(load)
    benign["nl2bash descriptions"] = (DATA / "guard/cmd_nl2bash/all.nl").read_text(encoding="utf-8").splitlines()
    figures: dict[str, Any] = {
        "in_the_wild": len(wild),
        "recall": share(wild, is_probe),
        "floor_recall": share(wild, FLOOR_PROBES.search),
    }
    figures["false_alarms"] = {name: share(found, is_probe) for name, found in benign.items()}
    figures["own_probes"] = share(texts("probes"), is_probe)
    figures["own_benign_false_alarms"] = share(texts("benign_prompts"), is_probe)
    return {**figures, **measure_time(wild + benign["mtbench"], jailbreak.features)}


def secret_figures() -> dict[str, Any]:
    files = sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))
    code = [line for file in files for line in file.read_text(encoding="utf-8", errors="replace").splitlines()][
        :LINES_OF_CODE
    ]
    planted = [f"  config line: {secret}" for secret in SECRETS.values()]
    return {
        "kinds": len(planted),
        "recall": share(planted, find),
        "false_lines_per_1000_lines_of_code": round(1000 * share(code, find), 3),
        **measure_time(planted, find),
    }


def personal_figures() -> dict[str, Any]:
    kinds = {"CREDIT_CARD": "card", "IBAN_CODE": "iban", "PHONE_NUMBER": "phone", "EMAIL_ADDRESS": "email"}
    kinds |= {"IP_ADDRESS": "ip", "US_SSN": "ssn", "DOMAIN_NAME": "domain"}
    items = json.loads((DATA / "guard/pii/presidio_even.json").read_text(encoding="utf-8"))
    hit = wanted = right = given = 0
    for item in items:
        gold = [(start, end, kinds[kind]) for start, end, kind in item["spans"] if kind in kinds]
        found = text_rules.find_personal(item["text"])
        hit += sum(any(f.start < e and s < f.end and f.kind == k for f in found) for s, e, k in gold)
        right += sum(any(f.start < e and s < f.end and f.kind == k for s, e, k in gold) for f in found)
        wanted, given = wanted + len(gold), given + len(found)
    recall, precision = round(hit / wanted, 3), round(right / given, 3)
    return {
        "recall": recall,
        "precision": precision,
        **measure_time([item["text"] for item in items], text_rules.find_personal),
    }


def inspector_figures(prompts: list[str]) -> dict[str, Any]:
    dog = Watchdog(redact_kinds)

    def inspect(text: str) -> object:
        return dog.inspect(Exchange(request=Request(text=text)))

    long = ("The quarterly report says that revenue rose by 4 percent. " * 2_000)[:100_000]
    flagged = [text for text in prompts if dog.inspect(Exchange(request=Request(text=text))).risk > Risk.LOW]
    return {
        "prompts": len(prompts),
        "flagged": round(len(flagged) / max(1, len(prompts)), 5),
        **measure_time(prompts, inspect),
        "ms_for_100000_characters": round(measure_time([long], inspect)["median_us"] / 1e3, 1),
    }


def documents(load: Any) -> list[str]:
    """Return ordinary documents: abstracts and news, which speak of rules, weapons and crimes without meaning us."""
    return [text for name in ("cran", "adi", "time") for text in load.ir(name)[0].values()]


def document_figures(load: Any) -> dict[str, Any]:
    """Return how many passages of real documents get a mark of medium or more, and those of PDF files among them.

    One of the PDF files, hidden.pdf, holds a hidden order; all the others are filings, papers and forms.
    """
    dog = Watchdog(redact_kinds)

    def marks_risk(text: str) -> bool:
        passage = Passage(path="/a.pdf", title="", page=1, start=0, end=len(text), text=text)
        return dog.inspect(Exchange(passages=(passage,))).risk >= Risk.MEDIUM

    pdf, prose = list(_pdf_passages()), documents(load)
    return {
        "pdf_passages": len(pdf),
        "pdf_marked": sum(map(marks_risk, pdf)),
        "abstracts_and_news": len(prose),
        "abstracts_and_news_marked": sum(map(marks_risk, prose)),
    }


def _pdf_passages() -> Iterator[str]:
    for file in sorted(DATA.rglob("*.pdf")):
        try:
            pages = [page.text for page in PdfIngestor().read(file, ReadOptions(settings={"ocr": False}))]
        except (UnreadableFile, PasswordNeeded):  # the folder holds broken files too
            continue
        yield from (page[at : at + 1600] for page in pages for at in range(0, len(page), 1400))


def fit(load: Any) -> None:
    """Print weights from all data, and what halves say about each other."""
    import numpy as np

    csv.field_size_limit(10**7)
    sets = [
        (1, 1.0, [text for _, _, text in load.injections()]),
        (1, 5.0, texts("probes")),
        (0, 4.0, texts("benign_prompts")),
    ]
    sets.append((0, 0.15, [text for _, _, text in load.routing()]))
    sets.append((0, 0.15, (DATA / "guard/cmd_nl2bash/all.nl").read_text(encoding="utf-8").splitlines()[::4]))
    sets.append((0, 0.3, documents(load)))
    rows = [(label, weight, source, text) for source, (label, weight, found) in enumerate(sets) for text in found]
    features = [jailbreak.features(text) for *_, text in rows]
    x = np.array([[1.0, *(float(name in found) for name in jailbreak.PATTERNS)] for found in features])
    y, w, source = (np.array([row[at] for row in rows]) for at in (0, 1, 2))

    def weights(chosen: Any) -> Any:
        b, ridge = np.zeros(x.shape[1]), np.diag([1e-6] + [1.0] * (x.shape[1] - 1))
        for _ in range(60):  # Newton's method; it has settled long before
            p = 1 / (1 + np.exp(-x[chosen] @ b))
            gradient = x[chosen].T @ (w[chosen] * (p - y[chosen])) + ridge @ b
            curvature = (x[chosen] * (w[chosen] * p * (1 - p))[:, None]).T @ x[chosen] + ridge
            b = b - np.linalg.solve(curvature, gradient)
        return b

    half = np.random.default_rng(0).integers(0, 2, len(rows))
    for seen in (0, 1):
        flagged = x @ weights(half == seen) > 0
        unseen = half != seen
        print(f"unseen half: recall {flagged[unseen & (source == 0)].mean():.3f}, "
              f"false alarms {flagged[unseen & (source >= 3)].mean():.4f}")  # fmt: skip
    bias, *rest = weights(np.ones(len(rows), bool))
    print(f"BIAS = {bias:.2f}")
    print("WEIGHTS =", {name: round(float(value), 2) for name, value in zip(jailbreak.PATTERNS, rest, strict=True)})


def main() -> None:
    figures: dict[str, Any] = {
        "own_lists": command_figures(commands("destructive"), commands("harmless")),
        "secrets": secret_figures(),
    }
    if DATA.is_dir():
        sys.path.insert(0, str(DATA))
        import load

        if "--fit" in sys.argv:
            fit(load)
            return
        found = list(load.commands())
        by_label = {label: [text for _, one, text in found if one == label] for label in {one for _, one, _ in found}}
        figures["labelled_commands"] = command_figures(by_label["destructive"], by_label["safe"])
        figures["ordinary_commands"] = ordinary_figures(by_label["unlabelled_ordinary"])
        figures["jailbreaks"] = probe_figures(load)
        figures["personal_data"] = personal_figures()
        figures["documents"] = document_figures(load)
        figures["inspector"] = inspector_figures([text for _, _, text in load.routing()])
    print(json.dumps({"benchmark": "watchdog", **figures}, indent=1))


if __name__ == "__main__":
    main()
