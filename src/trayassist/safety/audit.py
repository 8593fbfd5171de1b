"""The audit log: one NDJSON line per model call, route, ingest, tool and refusal, in daily files.

Field names follow CAPABILITIES 3.5. Writing never blocks: lines go to a queue that one thread empties.
"""

from __future__ import annotations

import json
import logging
import math
import os
import queue
import threading
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from trayassist.safety.redaction import mask_for_log

logger = logging.getLogger(__name__)

QUEUE_LINES = 10_000  # beyond this the oldest waiting lines are counted and dropped, never silently
BATCH_LINES = 500
RETRY_S = 30.0  # how often lines that could not be written are tried again while no others come

_Line = tuple[str, str]  # its day, and itself


class Audit:
    """Appends events to `<folder>/YYYY-MM-DD.ndjson`, mode 0600, and removes files older than `retention_days`.

    What cannot be written, because the disk is full, is kept in memory and written once it can be.
    """

    def __init__(self, folder: Path, retention_days: int) -> None:
        self._folder, self.retention_days = folder, retention_days
        self._lines: queue.Queue[_Line | None] = queue.Queue(QUEUE_LINES)
        self._held: list[_Line] = []
        self._dropped = 0
        self._day = ""  # of the last line
        self._whole = ""  # the day whose file is known to end with a line's end
        self.problem = ""  # why lines cannot be written at present, in words
        self._thread = threading.Thread(target=self._run, name="audit", daemon=True)
        self._thread.start()

    def write(self, event: str, **fields: Any) -> None:
        """Queue one line. Strings are without secrets and personal data; what JSON does not know is written as text."""
        now = datetime.now().astimezone()
        record = {"ts": now.isoformat(timespec="milliseconds"), "event": event, **_clean(fields)}
        try:
            self._lines.put_nowait((now.date().isoformat(), json.dumps(record, ensure_ascii=False)))
        except queue.Full:
            self._dropped += 1

    def close(self, timeout_s: float = 2.0) -> None:
        """Write what waits, and end. Safe to call twice."""
        if self._thread.is_alive():
            with suppress(queue.Full):
                self._lines.put(None, timeout=timeout_s)
            self._thread.join(timeout_s)

    # ------------------------------------------------------------ in the audit's thread

    def _run(self) -> None:
        ending = False
        self._remove_old()
        while not ending:
            batch, ending = self._next()
            try:
                self._append([*self._held, *batch])
            except Exception:  # barrier: the log goes on after whatever one batch does
                logger.exception("lines of the audit log are lost")
        if self._held or self._dropped:
            logger.warning("%d lines of the audit log were not written", len(self._held) + self._dropped)

    def _next(self) -> tuple[list[_Line], bool]:
        """Wait for lines; return them, and whether they are the last. None come when it is time to try again."""
        batch: list[_Line] = []
        try:
            line = self._lines.get(timeout=RETRY_S if self._held else None)
            while line is not None:
                batch.append(line)
                if len(batch) == BATCH_LINES:
                    return batch, False
                line = self._lines.get_nowait()
        except queue.Empty:
            return batch, False
        return batch, True

    def _append(self, batch: list[_Line]) -> None:
        if batch and batch[-1][0] != self._day:
            self._day = batch[-1][0]
            self._remove_old()
        if batch and self._dropped:
            batch.append((batch[-1][0], json.dumps({"event": "audit_dropped", "lines": self._dropped})))
            self._dropped = 0
        self._held = []
        for day in dict.fromkeys(day for day, _ in batch):
            lines = [line for of, line in batch if of == day]
            written, error = _append_private(self._folder / f"{day}.ndjson", lines, whole=day == self._whole)
            self._whole = "" if error else day
            self._held += [(day, line) for line in lines[written:]]
            self._tell(error)
        if (over := len(self._held) - QUEUE_LINES) > 0:
            self._held, self._dropped = self._held[over:], self._dropped + over

    def _tell(self, error: OSError | None) -> None:
        if error is None:
            self.problem = ""
            return
        if not self.problem:
            logger.warning("the audit log cannot be written: %s", error.strerror)
        self.problem = f"The audit log cannot be written ({error.strerror}). Free some space or check {self._folder}."

    def _remove_old(self) -> None:
        """Remove files older than is kept. After a gap of more than that, which a wrong clock makes, not today."""
        days = sorted(file.stem for file in self._folder.glob("????-??-??.ndjson"))
        oldest = (date.today() - timedelta(days=self.retention_days)).isoformat()
        others = [day for day in days if day != self._day]
        if not others or others[-1] < oldest:
            return
        for day in others:
            if day < oldest:
                try:
                    (self._folder / f"{day}.ndjson").unlink()
                except OSError as error:
                    logger.warning("%s.ndjson cannot be removed: %s", day, error.strerror)


def _append_private(path: Path, lines: Sequence[str], *, whole: bool) -> tuple[int, OSError | None]:
    """Append lines in one write, so that other processes' do not come between; return how many are there, and why not
    all. Unless the file is known to be `whole`, half a line, of a killed process or a full disk, is ended first.
    """
    data = "".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace")
    written = 0
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "r+b", buffering=0) as file:
            if not whole and (end := file.seek(0, os.SEEK_END)) and file.seek(end - 1) >= 0 and file.read(1) != b"\n":
                file.write(b"\n")
            while written < len(data):
                written += file.write(data[written:]) or 0
    except OSError as error:
        return data.count(b"\n", 0, written), error
    return len(lines), None


def _clean(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(item) for item in value]
    if isinstance(value, float):
        return round(value, 3) if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int):
        return value
    return mask_for_log(str(value))
