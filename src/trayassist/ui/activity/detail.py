"""A record of the audit log in words: what happened in one line, and its fields, with all it says behind a fold."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from trayassist.safety.audit_log import AuditRecord
from trayassist.ui.answer.source import answer_source
from trayassist.ui.widgets import formats
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.local import local
from trayassist.ui.widgets.names import NamedModel, mode_title, model_title, provider_title, role_title
from trayassist.ui.widgets.theme import SPACE
from trayassist.ui.widgets.window import Window, column, label, row

LONG = re.compile(r"[^\s/_-]{20}(?=[^\s/_-])|[/_](?=\S)")
ASKED_FIRST = ("ts", "event", "risk_level", "tags", "reason", "notes", "role", "actual_model", "run_id")  # raw


class Detail(QWidget):
    """The fields of a record that people ask for; `whole` asks for all records of its exchange."""

    whole = Signal(str)

    def __init__(self, window: Window) -> None:
        super().__init__()
        self._window = window
        self._record: AuditRecord | None = None
        self._title = label("", "title", wrap=True)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setAccessibleName(tr("What the record says"))
        self._copy, self._whole = QPushButton(tr("C&opy")), QPushButton(tr("&Whole exchange"))
        self._copy.setToolTip(tr("Copy the record as JSON"))
        self._whole.setToolTip(tr("Show all records of this exchange"))
        self._copy.clicked.connect(self._copy_record)
        self._whole.clicked.connect(self._ask_whole)
        layout = column(self._title, self._area, spacing=2)
        layout.setStretch(1, 1)
        layout.addLayout(row(self._copy, self._whole, None))
        layout.setContentsMargins(SPACE[3], 0, 0, 0)
        self.setLayout(layout)
        self.setMinimumWidth(260)
        self.show_record(None)

    def show_record(self, record: AuditRecord | None) -> None:
        """Show a record, or a hint while none is picked."""
        self._record = record
        self._copy.setVisible(record is not None)
        self._whole.setVisible(record is not None and bool(record.run))
        self._title.setText(event_name(record.event) if record else "")
        self._area.setWidget(self._content(record) if record else _hint())

    def _content(self, record: AuditRecord) -> QWidget:
        box = QWidget()
        box.setObjectName("column")
        layout = QVBoxLayout(box)
        layout.setContentsMargins(0, 0, SPACE[2], 0)
        layout.setSpacing(SPACE[3])
        layout.addLayout(_grid(fields_in_words(record, self._window.assistant.registry.models), "muted"))
        first = [name for name in ASKED_FIRST if name in record.fields]
        names = dict.fromkeys((*first, *record.fields))
        raw = QWidget()
        raw.setLayout(_grid([(name, _raw(record.fields[name])) for name in names], "small"))
        raw.hide()
        fold = QPushButton(tr("All fields, as recorded"))
        fold.setProperty("look", "fold")
        fold.setCheckable(True)
        fold.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        fold.toggled.connect(raw.setVisible)
        layout.addWidget(fold)
        layout.addWidget(raw)
        layout.addStretch(1)
        return box

    def _ask_whole(self) -> None:
        if self._record is not None:
            self.whole.emit(self._record.run)

    def _copy_record(self) -> None:
        if self._record is not None:
            text = json.dumps(self._record.fields, ensure_ascii=False, indent=2)
            QGuiApplication.clipboard().setText(text)
            self._window.notice.say(tr("The record is copied as JSON."))


def _hint() -> QWidget:
    hint = label(tr("Pick a line to see what it says."), "muted", wrap=True)
    hint.setObjectName("column")
    hint.setAlignment(Qt.AlignmentFlag.AlignTop)
    return hint


def _grid(lines: list[tuple[str, str]], look: str) -> QGridLayout:
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(SPACE[3])
    grid.setVerticalSpacing(SPACE[1])
    grid.setColumnStretch(1, 1)
    for at, (name, text) in enumerate((name, text) for name, text in lines if text):
        key, value = label(name, look, wrap=look != "small"), label(breakable(text), wrap=True)
        if look == "small":
            value.setProperty("look", look)
        value.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        value.setAccessibleName(f"{name}: {text}")
        grid.addWidget(key, at, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(value, at, 1, Qt.AlignmentFlag.AlignTop)
    return grid


def breakable(text: str) -> str:
    """Return the text with places where a long word (a hash, a path) may go on in the next line."""
    return LONG.sub(lambda piece: piece.group() + "\u200b", text)


def _raw(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def fields_in_words(record: AuditRecord, models: Mapping[str, NamedModel]) -> list[tuple[str, str]]:
    """Return the fields that say something to people, each with its label; the making of it is left out."""
    fields = record.fields
    names = _labels()
    if fields.get("configured_model") == fields.get("actual_model"):
        names.pop("configured_model")
    return [(names[name], text) for name in names if (text := _in_words(name, fields.get(name), models))]


def _labels() -> dict[str, str]:
    """Return the label of each field that is shown, in the order in which people ask."""
    return {
        "ts": tr("When"),
        "risk_level": tr("Risk"),
        "tags": tr("What was found"),
        "matched": tr("Where"),
        "reason": tr("Reason"),
        "notes": tr("Reason"),
        "signals": tr("Reason"),
        "error": tr("What went wrong"),
        "stage": tr("Looked at"),
        "sources_seen": tr("Documents"),
        "role": tr("Who answers"),
        "actual_model": tr("Model"),
        "configured_model": tr("Model that was set"),
        "fallback_reason": tr("Why another model"),
        "host": tr("Asked at"),
        "mode": tr("Mode"),
        "adapter": tr("Adapter"),
        "action": tr("What was asked for"),
        "text": tr("Command"),
        "provider": tr("Provider"),
        "setting": tr("Setting"),
        "value": tr("New value"),
        "repo": tr("Fetched from"),
        "status": tr("Result"),
        "documents": tr("Documents"),
        "facts": tr("Facts"),
        "turns": tr("Questions"),
        "pages": tr("Pages"),
        "ocr_pages": tr("Pages read from pictures"),
        "passages": tr("Passages"),
        "citations": tr("Citations"),
        "tokensIn": tr("Tokens read"),
        "tokensOut": tr("Tokens written"),
        "bytes": tr("Size"),
        "ttftMs": tr("First word after"),
        "latencyMs": tr("Took"),
        "ms": tr("Took"),
        "loadMs": tr("Loading took"),
    }


def _in_words(name: str, value: Any, models: Mapping[str, NamedModel]) -> str:
    """Return a field's value as people read it; "" for none."""
    if value is None or value == "" or value == [] or (value == 0 and name not in ("pages", "passages", "citations")):
        return ""
    one = {
        "ts": formats.when,
        "risk_level": risk_word,
        "role": role_title,
        "stage": _stage,
        "status": _status,
        "mode": mode_title,
        "provider": provider_title,
    }.get(name)
    if one is not None:
        return one(str(value))
    if name in ("actual_model", "configured_model"):
        return model_title(str(value), models.get(str(value)))
    if name == "tags":
        return ", ".join(tag_name(str(tag)) for tag in value)
    if name in ("ttftMs", "latencyMs", "ms", "loadMs"):
        return _ms(value)
    if name == "bytes":
        return formats.size(value)
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    if isinstance(value, list):
        return ", ".join(local(str(part)) for part in value)
    return formats.number(value) if isinstance(value, int) else local(str(value))


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
        "route_decision": tr("Choice of who answers"),
        "llm_call": tr("Model at work"),
        "verdict": tr("Safety check"),
        "refused": tr("Refused"),
        "ingest": tr("File read"),
        "forgotten": tr("Forgotten"),
        "action_requested": tr("Asked for approval"),
        "action_approved": tr("Approved"),
        "action_denied": tr("Denied"),
        "model_loaded": tr("Model loaded"),
        "model_unloaded": tr("Model unloaded"),
        "model_added": tr("Model added"),
        "model_removed": tr("Model removed"),
        "models_changed": tr("Models changed"),
        "models_prewarmed": tr("Model files read ahead"),
        "draft_tuned": tr("Faster answers measured"),
        "download_started": tr("Download started"),
        "download_ended": tr("Download ended"),
        "provider_changed": tr("Provider changed"),
        "key_stored": tr("Key stored"),
        "key_removed": tr("Key removed"),
        "premium_denied": tr("Model that costs money refused"),
        "fallback_refused": tr("Other model refused"),
        "adapter_imported": tr("Adapter imported"),
        "adapter_evaluated": tr("Adapter evaluated"),
        "adapter_activated": tr("Adapter switched on"),
        "adapter_switched_off": tr("Adapter switched off"),
        "adapter_scaled": tr("Adapter's scale changed"),
        "adapter_reverted": tr("Adapters as before"),
        "adapter_removed": tr("Adapter removed"),
        "training_exported": tr("Texts for training written"),
        "reindexed": tr("Memory re-indexed"),
        "job_started": tr("Task started"),
        "command": tr("Command run"),
    }
    return names.get(event, event.replace("_", " ").capitalize())


def tag_name(tag: str) -> str:
    """Return what a safety check found, as people say it."""
    names = {
        "destructive_command": tr("destructive command"),
        "possible_data_exfil": tr("data may leave"),
        "personal_data": tr("personal data"),
        "jailbreak_probe": tr("attempt to lift the rules"),
        "out_of_policy": tr("against the rules"),
        "agent_anomaly": tr("odd behaviour"),
        "secret": tr("secret"),
    }
    return names.get(tag, tag.replace("_", " "))


def risk_word(risk: str) -> str:
    """Return a level of risk in one word; "" for none."""
    names = {"low": tr("low"), "medium": tr("medium"), "high": tr("high"), "unchecked": tr("not checked")}
    return names.get(risk, risk)


def risk_words(risk: str) -> str:
    """Return a level of risk as people say it in a sentence."""
    names = {
        "low": tr("low risk"),
        "medium": tr("medium risk"),
        "high": tr("high risk"),
        "unchecked": tr("not checked"),
    }
    return names.get(risk, risk)


def sentence(record: AuditRecord, models: Mapping[str, NamedModel]) -> str:
    """Return what happened, in one line made of the record's own fields, with models by their titles."""
    fields = record.fields
    name = str(fields.get("actual_model") or "")
    model = model_title(name, models.get(name))
    parts: list[str] = []
    match record.event:
        case "answer":
            source = answer_source(str(fields.get("finish")), (), name)  # what was cited it does not say
            parts = [source, model, _ms(fields.get("latencyMs"))]
            if tokens := fields.get("tokensOut"):
                parts.append(formats.count(int(tokens), tr("{} token"), tr("{} tokens")))
            if (citations := fields.get("citations")) is not None:
                parts.append(formats.count(int(citations), tr("{} citation"), tr("{} citations")))
        case "route_decision":
            signals = fields.get("signals") or []
            role = str(fields.get("role") or "")
            parts = [role_title(role) if role else "", *map(str, signals[:1] if isinstance(signals, list) else [])]
        case "ingest":
            parts = [formats.count(int(fields.get("pages") or 0), tr("{} page"), tr("{} pages"))]
            parts += [formats.count(int(fields.get("passages") or 0), tr("{} passage"), tr("{} passages"))]
            parts += [_ms(fields.get("ms")), _status(str(fields.get("status") or ""))]
        case "verdict":
            tags = ", ".join(map(tag_name, record.tags))
            looked = _stage(str(fields.get("stage")))
            quiet = tr("nothing found") if record.risk == "low" else ""
            parts = [looked, tags or quiet, str(fields.get("notes") or "")]
        case "llm_call":
            parts = [model, _ms(fields.get("latencyMs"))]
        case _:
            parts = [*(str(fields.get(one) or "") for one in ("reason", "what")), model]
            parts.append(_in_words("documents", fields.get("documents"), models))
    if error := fields.get("error"):
        parts.append(str(error))
    return " · ".join(local(part) for part in parts if part)


def _stage(stage: str) -> str:
    """Return what the safety check looked at."""
    return {"request": tr("question"), "context": tr("passages"), "answer": tr("answer")}.get(stage, "")


def _status(status: str) -> str:
    """Return what became of a file, as people say it; the reader's own word for what is seldom."""
    names = {
        "ingested": tr("read"),
        "unchanged": tr("known already"),
        "failed": tr("not read"),
        "refused": tr("not read"),
    }
    return names.get(status, status.replace("_", " "))


def _ms(value: object) -> str:
    if not isinstance(value, int | float) or not value:
        return ""
    return tr("{} ms").format(round(value)) if value < 1000 else tr("{} s").format(formats.decimal(value / 1000))
