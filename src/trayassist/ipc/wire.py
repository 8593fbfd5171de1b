"""Events as JSON: what the command line prints and what crosses the local socket. The shapes stay stable."""

from __future__ import annotations

import dataclasses
from enum import Enum
from pathlib import Path
from typing import Any

from trayassist.api import (
    Approval,
    Chunk,
    Citation,
    Event,
    Evidence,
    Finished,
    Flagged,
    FollowUp,
    Found,
    Passage,
    Quote,
    Risk,
    Route,
    Routed,
    Status,
    Verdict,
)

_NAMES: dict[type, str] = {
    Routed: "routed",
    Status: "status",
    Evidence: "evidence",
    FollowUp: "follow_up",
    Chunk: "chunk",
    Citation: "citation",
    Approval: "approval",
    Flagged: "flagged",
    Finished: "finished",
}


def event(value: Event) -> dict[str, Any]:
    """Return an event as a JSON object; `event` names its kind."""
    if isinstance(value, Evidence):
        body = evidence(value) | {"quotes": [quote(q) for q in value.quotes]}
    else:
        body = pack_finished(value) if isinstance(value, Finished) else plain(value)
    return {"event": _NAMES[type(value)], **body}


def pack_finished(value: Finished) -> dict[str, Any]:
    """Return the last event: answer, found, citations, route, verdict, timings and how it ended."""
    return {
        "answer": value.answer,
        "found": value.found is not Found.NO,
        "match": value.found.value,
        "citations": [citation(c) for c in value.citations],
        "nearest": [passage(p) for p in value.nearest],
        "route": route(value.route),
        "verdict": verdict(value.verdict),
        "timings": plain(value.timings),
        "finish": value.finish.value,
        "model": value.model,
        "fallback": value.fallback,
        "adapters": list(value.adapters),
        "trimmed": value.trimmed,
        "speculation": value.speculation,
        "host": value.host,
        "error": value.error,
        "todo": value.todo,
        "follow_up": plain(value.follow_up),
    }


def citation(value: Citation) -> dict[str, Any]:
    """Return number, path, title, page, quote, start, end."""
    body: dict[str, Any] = plain(value)
    return body


def passage(value: Passage) -> dict[str, Any]:
    """Return path, page, score, text."""
    return {"path": value.path, "page": value.page, "score": round(value.score, 4), "text": value.text}


def route(value: Route) -> dict[str, Any]:
    """Return kind, role, confidence, method, reason, model, alternatives, model_calls, ms."""
    return {
        "kind": value.kind.value,
        "role": value.role,
        "confidence": round(value.confidence, 3),
        "method": value.method,
        "reason": value.reason,
        "model": value.model,
        "alternatives": [kind.value for kind in value.alternatives],
        "model_calls": value.model_calls,
        "ms": round(value.ms, 3),
    }


def verdict(value: Verdict) -> dict[str, Any]:
    """Return risk, score, tags, matched, reason, source."""
    return {
        "risk": value.risk.label,
        "score": round(value.score, 3),
        "tags": list(value.tags),
        "matched": list(value.matched),
        "reason": value.reason,
        "source": value.source,
    }


def quote(value: Quote) -> dict[str, Any]:
    """Return text, path, title, page, start, end, score of a quoted sentence."""
    passage = value.passage
    place = {"path": passage.path, "title": passage.title, "page": passage.page}
    return {"text": value.text, **place, "start": value.start, "end": value.end, "score": round(value.score, 4)}


def evidence(value: Evidence) -> dict[str, Any]:
    """Return found, match, probability, results, ms, note."""
    return {
        "found": value.found is not Found.NO,
        "match": value.found.value,
        "probability": round(value.probability, 3),
        "results": [passage(p) for p in value.passages],
        "ms": round(value.ms, 2),
        "note": value.note,
    }


def plain(value: Any) -> Any:
    """Return dataclasses, enums and paths as JSON knows them; risks by their label, floats to 3 places."""
    if isinstance(value, Verdict):
        return verdict(value)
    if isinstance(value, Route):
        return route(value)
    if isinstance(value, Risk):
        return value.label
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, float):
        return round(value, 3)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return value
