"""The audit log: one NDJSON line per model call, route, ingest, tool and refusal, in daily files.

Field names follow CAPABILITIES 3.5. Writing never blocks: lines go to a queue that one thread empties.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import threading
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from trayassist.safety.redaction import redact

logger = logging.getLogger(__name__)

QUEUE_LINES = 10_000  # beyond this the oldest waiting lines are counted and dropped, never silently


class Audit:
    """Appends events to `<folder>/YYYY-MM-DD.ndjson`, mode 0600, and removes files older than `retention_days`."""

    def __init__(self, folder: Path, retention_days: int) -> None:
        self._folder, self.retention_days = folder, retention_days
        self._lines: queue.Queue[tuple[str, str] | None] = queue.Queue(QUEUE_LINES)
        self._dropped = 0
        self.problem = ""  # why lines cannot be written at present, in words
        self._thread = threading.Thread(target=self._run, name="audit", daemon=True)
        self._thread.start()

    def write(self, event: str, **fields: Any) -> None:
        """Queue one line. Strings are redacted; values that JSON does not know are written as text."""
        now = datetime.now().astimezone()
        record = {"ts": now.isoformat(timespec="milliseconds"), "event": event, **_clean(fields)}
        try:
            self._lines.put_nowait((now.date().isoformat(), json.dumps(record, ensure_ascii=False, default=str)))
        except queue.Full:
            self._dropped += 1

    def close(self, timeout_s: float = 2.0) -> None:
        """Write what waits, and end. Safe to call twice."""
        if self._thread.is_alive():
            self._lines.put(None)
            self._thread.join(timeout_s)

    def _run(self) -> None:
        self._remove_old()
        while (line := self._lines.get()) is not None:
            batch = [line]
            while not self._lines.empty() and len(batch) < 500:
                more = self._lines.get_nowait()
                if more is None:
                    self._append(batch)
                    return
                batch.append(more)
            self._append(batch)

    def _append(self, batch: list[tuple[str, str]]) -> None:
        if self._dropped:
            batch.append((batch[-1][0], json.dumps({"event": "audit_dropped", "lines": self._dropped})))
            self._dropped = 0
        for day in dict.fromkeys(day for day, _ in batch):
            text = "".join(f"{line}\n" for of, line in batch if of == day)
            try:
                _append_private(self._folder / f"{day}.ndjson", text)
                self.problem = ""
            except OSError as error:
                self._dropped += text.count("\n")
                if not self.problem:
                    logger.warning("the audit log cannot be written: %s", error.strerror)
                self.problem = (
                    f"The audit log cannot be written ({error.strerror}). Free some space or check {self._folder}."
                )

    def _remove_old(self) -> None:
        oldest = (date.today() - timedelta(days=self.retention_days)).isoformat()
        for file in self._folder.glob("????-??-??.ndjson"):
            if file.stem < oldest:
                try:
                    file.unlink()
                except OSError as error:
                    logger.warning("%s cannot be removed: %s", file.name, error.strerror)


def _append_private(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as file:
        file.write(text)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {str(key): _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    if isinstance(value, float):
        return round(value, 3)
    return value
