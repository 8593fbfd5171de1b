"""Records of the audit log in the words people use."""

from __future__ import annotations

from trayassist.safety.audit_log import AuditRecord
from trayassist.ui.widgets import formats
from trayassist.ui.widgets.formats import tr

# Events that a person may want to filter by; a record of any other is shown under its own name.
EVENTS = (
    "answer", "route_decision", "llm_call", "verdict", "refused", "ingest", "forgotten",
    "action_requested", "action_approved", "action_denied", "model_loaded", "model_unloaded",
)  # fmt: skip
TAGS = (
    "destructive_command", "possible_data_exfil", "secret", "personal_data", "jailbreak_probe", "out_of_policy",
    "agent_anomaly",
)  # fmt: skip


def event_name(event: str) -> str:
    """Return an event's name as people say it."""
    names = {
        "answer": tr("Answer"),
        "route_decision": tr("Route"),
        "llm_call": tr("Model call"),
        "verdict": tr("Verdict"),
        "refused": tr("Refused"),
        "ingest": tr("File read"),
        "forgotten": tr("Forgotten"),
        "action_requested": tr("Asked for approval"),
        "action_approved": tr("Approved"),
        "action_denied": tr("Denied"),
        "model_loaded": tr("Model loaded"),
        "model_unloaded": tr("Model unloaded"),
    }
    return names.get(event, event.replace("_", " ").capitalize())


def risk_words(risk: str) -> str:
    """Return a verdict's risk as people say it."""
    names = {
        "low": tr("low risk"),
        "medium": tr("medium risk"),
        "high": tr("high risk"),
        "unchecked": tr("not checked"),
    }
    return names.get(risk, risk)


def sentence(record: AuditRecord) -> str:
    """Return what happened, in one line made of the record's own fields."""
    fields = record.fields
    parts: list[str] = []
    match record.event:
        case "answer":
            parts = [str(fields.get("actual_model") or tr("from memory, no model")), _ms(fields.get("latencyMs"))]
            if tokens := fields.get("tokensOut"):
                parts.append(formats.count(int(tokens), tr("{} token"), tr("{} tokens")))
            if (citations := fields.get("citations")) is not None:
                parts.append(formats.count(int(citations), tr("{} citation"), tr("{} citations")))
        case "route_decision":
            signals = fields.get("signals") or []
            parts = [str(fields.get("label") or ""), *map(str, signals[:1] if isinstance(signals, list) else [])]
        case "ingest":
            parts = [formats.count(int(fields.get("pages") or 0), tr("{} page"), tr("{} pages"))]
            parts += [formats.count(int(fields.get("passages") or 0), tr("{} passage"), tr("{} passages"))]
            parts += [_ms(fields.get("ms")), str(fields.get("status") or "")]
        case "verdict":
            tags = ", ".join(tag.replace("_", " ") for tag in record.tags)
            stage = {"request": tr("question"), "context": tr("passages"), "answer": tr("answer")}
            looked = stage.get(str(fields.get("stage")), "")
            quiet = tr("nothing found") if record.risk == "low" else ""
            parts = [looked, tags or quiet, str(fields.get("notes") or "")]
        case "llm_call":
            parts = [str(fields.get("actual_model") or ""), _ms(fields.get("latencyMs"))]
        case _:
            parts = [str(fields.get(name) or "") for name in ("reason", "what", "actual_model", "documents")]
    if error := fields.get("error"):
        parts.append(str(error))
    return " · ".join(part for part in parts if part)


def _ms(value: object) -> str:
    if not isinstance(value, int | float) or not value:
        return ""
    return tr("{} ms").format(round(value)) if value < 1000 else tr("{} s").format(f"{value / 1000:.1f}")
