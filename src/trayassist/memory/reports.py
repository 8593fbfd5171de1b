"""What is reported while files are read: a report per file, and the progress of all."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

FileStatus = Literal["ingested", "unchanged", "needs_password", "refused", "failed", "cancelled", "model"]
PROGRESS_EVERY_S = 0.1
RATE_WINDOW_S = 5.0


@dataclass(frozen=True, slots=True)
class FileReport:
    """How it went with one file. `reason` is set when it was not ingested, or not all of it.

    A model is no document: its status is model, and `reason` says what became of it.
    """

    path: str
    status: FileStatus
    pages: int = 0
    ocr_pages: int = 0
    passages: int = 0
    ms: float = 0.0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far reading has come. `pages` is 0 and `seconds_left` None while they are not known."""

    path: str
    page: int
    pages: int
    files_done: int
    files_total: int
    pages_per_s: float
    seconds_left: float | None


@dataclass
class Meter:
    """Measures the run from the first waiting file to the last done one. Bytes stand for the work that is left."""

    files_done: int = 0
    files_total: int = 0
    bytes_done: float = 0.0
    bytes_total: float = 0.0
    _began: float = 0.0
    _shown: float = 0.0
    _recent: list[tuple[float, int]] = field(default_factory=list)  # (when, pages)

    def reset(self) -> None:
        """Start a new run."""
        self.files_done = self.files_total = 0
        self.bytes_done = self.bytes_total = 0.0
        self._began, self._shown = time.monotonic(), 0.0
        self._recent.clear()

    def more(self, files: int, size: int) -> None:
        """Count files that wait, and their bytes."""
        self.files_total += files
        self.bytes_total += size

    def count_done(self, size: int) -> None:
        """Count a file that is done."""
        self.files_done += 1
        self.bytes_done += size

    def read(self, pages: int) -> None:
        """Count pages that were read just now."""
        now = time.monotonic()
        self._recent.append((now, pages))
        while self._recent and now - self._recent[0][0] > RATE_WINDOW_S:
            self._recent.pop(0)

    def due(self) -> bool:
        """Return whether it is time to tell of progress again; True at most ten times a second."""
        now = time.monotonic()
        if now - self._shown < PROGRESS_EVERY_S:
            return False
        self._shown = now
        return True

    def progress(self, path: str, page: int, pages: int, open_bytes: float) -> Progress:
        """Return the progress, `path` being read; `open_bytes` is what was read of files not done yet."""
        now = time.monotonic()
        span = max(0.1, min(RATE_WINDOW_S, now - self._began))
        rate = sum(count for _, count in self._recent) / span
        done = self.bytes_done + open_bytes
        left = None
        if done > 0 and now - self._began > 1.0:
            left = round((now - self._began) * max(0.0, self.bytes_total - done) / done, 1)
        return Progress(path, page, pages, self.files_done, self.files_total, round(rate, 1), left)


class Auditor(Protocol):
    """Where a line per file goes."""

    def write(self, event: str, **fields: Any) -> None: ...


def audit_line(audit: Auditor, report: FileReport) -> None:
    """Write the line about a file; its path only as a hash, as names of files tell about people."""
    audit.write(
        "ingest",
        path_hash=hashlib.sha256(report.path.encode(errors="surrogateescape")).hexdigest()[:16],
        pages=report.pages,
        ocr_pages=report.ocr_pages,
        passages=report.passages,
        ms=report.ms,
        status=report.status,
    )


def summary_of_notes(notes: Sequence[tuple[int, str]], limit: int = 3) -> str:
    """Return the notes in words, pages with the same note together: "Pages 2, 5-7: ...". "" when there are none."""
    by_text: dict[str, list[int]] = {}
    for page, text in notes:
        by_text.setdefault(text, []).append(page)
    parts = []
    for text, pages in list(by_text.items())[:limit]:
        parts.append(f"Page {pages[0]}: {text}." if len(pages) == 1 else f"Pages {ranges(pages)}: {text}.")
    if len(by_text) > limit:
        parts.append(f"And {len(by_text) - limit} other notes.")
    return " ".join(parts)


def ranges(pages: Iterable[int], limit: int = 8) -> str:
    """Return page numbers as people write them: "1-3, 7"; after `limit` pieces how many more pages there are."""
    runs: list[list[int]] = []
    for page in pages:
        if runs and page == runs[-1][1] + 1:
            runs[-1][1] = page
        else:
            runs.append([page, page])
    shown = ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs[:limit])
    more = sum(b - a + 1 for a, b in runs[limit:])
    return f"{shown} and {more} more" if more else shown
