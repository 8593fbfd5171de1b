"""Reads the audit log from its end: newest records first, in blocks, so that a large log costs what is looked at.

Everything here blocks on files: call it in a thread.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

BLOCK_BYTES = 256 * 1024
MOST_BYTES = 16 * 1024 * 1024  # looked through in one call; a rare filter goes on in the next call
LEVELS = ("low", "medium", "unchecked", "high")  # as api.Risk orders them
WEEK = 7


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One line of the log. `fields` is all of it; `day` and `offset` say where it stands."""

    day: str
    offset: int
    fields: dict[str, Any] = field(hash=False)

    @property
    def at(self) -> str:
        """When, ISO 8601 with time zone."""
        return str(self.fields.get("ts", ""))

    @property
    def event(self) -> str:
        return str(self.fields.get("event", ""))

    @property
    def run(self) -> str:
        """The id that all records of one exchange share, "" without one."""
        return str(self.fields.get("run_id") or "")

    @property
    def risk(self) -> str:
        """low, medium, unchecked or high; "" where the record has no level."""
        return str(self.fields.get("risk_level") or "")

    @property
    def tags(self) -> tuple[str, ...]:
        tags = self.fields.get("tags") or ()
        return tuple(map(str, tags)) if isinstance(tags, list) else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which records are wanted; what is empty does not matter. Days are ISO dates, both inclusive."""

    text: str = ""
    event: str = ""
    risk: str = ""  # this level or worse
    tag: str = ""
    run: str = ""
    since: str = ""
    until: str = ""

    def takes(self, record: AuditRecord) -> bool:
        """Return whether the record is wanted; days and text are looked at elsewhere, before parsing."""
        if self.event and record.event != self.event:
            return False
        if self.risk and (record.risk not in LEVELS or LEVELS.index(record.risk) < LEVELS.index(self.risk)):
            return False
        if self.tag and self.tag not in record.tags:
            return False
        return not self.run or record.run == self.run


def high_risk_this_week(today: date | None = None) -> Filter:
    """Return the saved filter: everything of high risk in the last seven days, today included (S1-04)."""
    first = (today or date.today()) - timedelta(days=WEEK - 1)
    return Filter(risk="high", since=first.isoformat())


def destructive_commands() -> Filter:
    """Return the saved filter: all that the watchdog tagged as a destructive command (S1-04)."""
    return Filter(tag="destructive_command")


@dataclass(frozen=True, slots=True)
class Position:
    """Where the next older record is looked for: before `offset` in the file of `day`; None is its end."""

    day: str
    offset: int | None = None


@dataclass(frozen=True, slots=True)
class LogPage:
    """Records, newest first; `older` is where to go on (None: nowhere), `reached` the oldest day looked at."""

    records: tuple[AuditRecord, ...]
    older: Position | None
    reached: str


def days(folder: Path) -> list[str]:
    """Return the days that have a log, newest first."""
    return sorted((file.stem for file in folder.glob("????-??-??.ndjson")), reverse=True)


def read(folder: Path, wanted: Filter, before: Position | None = None, limit: int = 200) -> LogPage:
    """Return the next older records that the filter takes. A line that is no JSON object is left out."""
    records: list[AuditRecord] = []
    looked = 0
    reached = before.day if before else ""
    for day in days(folder):
        if (wanted.until and day > wanted.until) or (before and day > before.day):
            continue
        if wanted.since and day < wanted.since:
            break
        end = before.offset if before and day == before.day else None
        for offset, line in lines_backwards(folder / f"{day}.ndjson", end):
            if len(records) >= limit or looked > MOST_BYTES:
                return LogPage(tuple(records), Position(day, offset + len(line) + 1), day)
            looked += len(line) + 1
            if (record := _parse(day, offset, line, wanted)) is not None:
                records.append(record)
        reached = day
    return LogPage(tuple(records), None, reached)


def lines_backwards(path: Path, end: int | None = None) -> Iterator[tuple[int, bytes]]:
    """Yield (offset, line without its end) from the last whole line before `end` to the first.

    What stands behind the last line end is still being written and is left out. A file that is gone has no lines.
    """
    try:
        file = path.open("rb")
    except OSError:
        return
    with file:
        position = file.seek(0, 2) if end is None else end
        cut = b""  # the end of a line that begins in an earlier block
        while position > 0:
            size = min(BLOCK_BYTES, position)
            position -= size
            file.seek(position)
            data = file.read(size) + cut
            head, line_end, body = data.partition(b"\n")
            if position == 0:
                start, body = 0, data
            elif not line_end:
                cut = data
                continue
            else:
                start, cut = position + len(head) + 1, head + b"\n"
            body = body[: body.rfind(b"\n") + 1]
            at = start + len(body)
            for line in reversed(body.split(b"\n")[:-1]):
                at -= len(line) + 1
                if line:
                    yield at, line


def _parse(day: str, offset: int, line: bytes, wanted: Filter) -> AuditRecord | None:
    if wanted.text:
        text = line.decode("utf-8", errors="replace").lower()
        if not all(word in text for word in wanted.text.lower().split()):
            return None
    try:
        fields = json.loads(line)
    except ValueError:
        return None
    if not isinstance(fields, dict):
        return None
    record = AuditRecord(day, offset, fields)
    return record if wanted.takes(record) else None
