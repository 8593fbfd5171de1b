"""Snapshots of the user's settings files: one is made before every change, the last 20 are kept (S4-29)."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from trayassist.api import ConfigError
from trayassist.paths import Paths

KEPT = 20
ABOUT = "about.json"
FILES = ("app.yaml", "registry.yaml")
_lock = threading.RLock()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The settings files as they were at `at` (ISO 8601, UTC). `why` says what came after; `files` by their names."""

    number: int
    at: str
    why: str
    files: Mapping[str, bytes]


def make(paths: Paths, why: str) -> Snapshot:
    """Keep app.yaml and registry.yaml as they are now; return the snapshot, the newest one if it is the same.

    Raises ConfigError when it cannot be written.
    """
    with _lock:
        numbers, files = _numbers(paths), _current_files(paths)
        if numbers and (newest := _read(paths, numbers[-1])) is not None and newest.files == files:
            return newest
        snapshot = Snapshot(
            number=numbers[-1] + 1 if numbers else 1,
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            why=why,
            files=files,
        )
        try:
            _write(paths, snapshot)
            for old in numbers[: max(0, len(numbers) + 1 - KEPT)]:
                _remove(_folder(paths, old))
        except OSError as error:
            raise ConfigError(
                f"{_folder(paths, snapshot.number)} cannot be written: {error.strerror}.",
                "The settings stay as they are.",
            ) from error
        return snapshot


def load_all(paths: Paths) -> list[Snapshot]:
    """Return the snapshots, the newest first; one that cannot be read is left out."""
    found = (_read(paths, number) for number in reversed(_numbers(paths)))
    return [snapshot for snapshot in found if snapshot is not None]


def restore(paths: Paths, number: int | None = None) -> Snapshot:
    """Put the files of a snapshot back, the newest that differs when None; return it.

    What was there is a snapshot first. A file that the snapshot does not hold is removed. Raises ConfigError when
    there is no such snapshot or a file cannot be written.
    """
    with _lock:
        there, now = load_all(paths), _current_files(paths)
        wanted = [one for one in there if (one.files != now if number is None else one.number == number)]
        if not wanted:
            numbers = ", ".join(str(one.number) for one in there) or "none yet"
            what = "There is no other snapshot." if number is None else f"There is no snapshot {number}."
            raise ConfigError(what, f"Known: {numbers}.")
        make(paths, f"before snapshot {wanted[0].number} was put back")
        try:
            for path in _files(paths):
                if path.name in wanted[0].files:
                    write_atomically(path, wanted[0].files[path.name])
                else:
                    path.unlink(missing_ok=True)
        except OSError as error:
            raise ConfigError(
                f"{error.filename or paths.config} cannot be written: {error.strerror}.", "Check its permissions."
            ) from error
        return wanted[0]


def write_atomically(path: Path, content: str | bytes) -> None:
    """Replace `path` by `content` in one step, durable, readable by this user only. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _files(paths: Paths) -> tuple[Path, ...]:
    """The user's own files, also while shipped ones stand in for a wrong one."""
    return tuple(paths.config / name for name in FILES)


def _current_files(paths: Paths) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in _files(paths) if path.is_file()}


def _folder(paths: Paths, number: int) -> Path:
    return paths.config / "snapshots" / f"{number:06d}"


def _numbers(paths: Paths) -> list[int]:
    folder = paths.config / "snapshots"
    return sorted(int(entry.name) for entry in folder.iterdir() if entry.name.isdecimal()) if folder.is_dir() else []


def _read(paths: Paths, number: int) -> Snapshot | None:
    folder = _folder(paths, number)
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        files = {
            path.name: (folder / path.name).read_bytes() for path in _files(paths) if (folder / path.name).exists()
        }
        return Snapshot(number, str(about["at"]), str(about["why"]), files)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(paths: Paths, snapshot: Snapshot) -> None:
    folder = _folder(paths, snapshot.number)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, content in snapshot.files.items():
        write_atomically(folder / name, content)
    about = {"at": snapshot.at, "why": snapshot.why}  # last: without it the snapshot is not one
    write_atomically(folder / ABOUT, json.dumps(about, ensure_ascii=False))


def _remove(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
