"""One download: which files, how far it is, and how it is written down to survive a crash."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from trayassist.config.snapshots import write_atomically
from trayassist.models.catalog.fetch_plan import PlannedFile, Want
from trayassist.workers.download import part_of

logger = logging.getLogger(__name__)

State = Literal["waiting", "checking", "fetching", "paused", "failed", "done", "cancelled"]
OPEN: tuple[State, ...] = ("waiting", "checking", "fetching", "paused", "failed")
RATE_WINDOW_S = 8.0
BLOCK = 2**22


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a model's download is. Sizes in bytes, `rate` in bytes a second; `seconds_left` None = not known.

    `problem` says in words why it failed, and what to do.
    """

    model: str
    state: State
    bytes: int
    total: int
    rate: float = 0.0
    seconds_left: float | None = None
    problem: str = ""


@dataclass(slots=True)
class Download:
    """One model on its way. `sums` are the sha256 of the files that arrived, by target.

    `stop` is the state that it is about to have, while the worker leaves it.
    """

    want: Want
    files: tuple[PlannedFile, ...]
    state: State = "waiting"
    done: int = 0
    problem: str = ""
    stop: State | None = None
    sums: dict[str, str] = field(default_factory=dict)
    meter: deque[tuple[float, int]] = field(default_factory=deque)

    @property
    def total(self) -> int:
        return sum(file.bytes for file in self.files)

    def progress(self) -> Progress:
        """Return where it stands; the rate is that of the last seconds."""
        rate = 0.0
        if self.state == "fetching" and len(self.meter) > 1:
            (first, low), (last, high) = self.meter[0], self.meter[-1]
            rate = max(0.0, (high - low) / max(0.1, last - first))
        left = (self.total - self.done) / rate if rate else None
        return Progress(
            model=self.want.name, state=self.state, bytes=self.done, total=self.total, rate=rate, seconds_left=left,
            problem=self.problem,
        )  # fmt: skip

    def count(self, done: int, state: State) -> None:
        """Take in how many bytes are there now."""
        if state != self.state:
            self.meter.clear()
        self.done, self.state = done, state
        now = time.monotonic()
        self.meter.append((now, done))
        while now - self.meter[0][0] > RATE_WINDOW_S and len(self.meter) > 2:
            self.meter.popleft()


def sha256_of(path: Path, tell: Callable[[int], None] = lambda _: None) -> str:
    """Return a file's sha256; `tell` is called with the bytes read so far. Raises OSError. Use a thread."""
    digest, done = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
            done += len(block)
            tell(done)
    return digest.hexdigest()


def ended(state: State) -> bool:
    """Return whether a download does not move by itself any more."""
    return state in ("done", "paused", "failed", "cancelled")


def there(files: Sequence[PlannedFile]) -> int:
    """Return how many bytes of the files are on the disk."""
    total = 0
    for file in files:
        target = Path(file.target)
        for path in (target, part_of(target, file.sha256, file.commit)):
            if path.is_file():
                total += path.stat().st_size
                break
    return total


def remove_parts(files: Sequence[PlannedFile]) -> None:
    """Remove what was fetched of files that are not whole."""
    for file in files:
        part_of(Path(file.target), file.sha256, file.commit).unlink(missing_ok=True)


def read(path: Path) -> list[Download]:
    """Return the downloads that were written down, paused; none when the file is missing or damaged."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return [_paused(item) for item in kept]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError, KeyError) as error:
        logger.warning("%s cannot be read: %s", path, error)
        return []


def write(path: Path, downloads: Sequence[Download]) -> None:
    """Write the downloads down; without any the file is removed. Raises OSError."""
    kept = [{"want": asdict(d.want), "files": [asdict(file) for file in d.files]} for d in downloads]
    if kept:
        write_atomically(path, json.dumps(kept, indent=1))
    else:
        path.unlink(missing_ok=True)


def _paused(item: dict[str, Any]) -> Download:
    want = Want(**{**item["want"], "roles": tuple(item["want"]["roles"])})
    files = tuple(PlannedFile(**file) for file in item["files"])
    return Download(want, files, "paused", there(files))
