"""Snapshots of the user's settings files: one is made before every change, the last 20 are kept (S4-29)."""

from __future__ import annotations

import glob
import json
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from trayassist.api import ConfigError, NotAllowed
from trayassist.ipc import locks
from trayassist.paths import Paths

KEPT = 20
ABOUT = "about.json"
FILES = ("app.yaml", "registry.yaml")
TEMPORARY = ".new"  # ends the name of a file that is being written
LEFT_OVER_S = 600.0  # a temporary file that is older belongs to no writer any more


class NotSaved(ConfigError):
    """A settings file, or a snapshot of it, cannot be written; what was in force stays so."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The settings files as they were at `at` (ISO 8601, UTC). `why` says what came after; `files` by their names."""

    number: int
    at: str
    why: str
    files: Mapping[str, bytes]


def make(paths: Paths, why: str) -> Snapshot:
    """Keep app.yaml and registry.yaml as they are now; return the snapshot, the newest one if it is the same.

    Raises NotSaved when it cannot be written, or one of the files not be read.
    """
    with settings_lock(paths):
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
            raise NotSaved(
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

    What was there is a snapshot first. A file that the snapshot does not hold is removed. Raises NotAllowed when
    there is no such snapshot, NotSaved when a file cannot be written.
    """
    with settings_lock(paths):
        there, now = load_all(paths), _current_files(paths)
        wanted = [one for one in there if (one.files != now if number is None else one.number == number)]
        if not wanted:
            numbers = ", ".join(str(one.number) for one in there) or "none yet"
            what = "There is no other snapshot." if number is None else f"There is no snapshot {number}."
            raise NotAllowed(what, f"Known: {numbers}.")
        make(paths, f"before snapshot {wanted[0].number} was put back")
        try:
            for path in _files(paths):
                if path.name in wanted[0].files:
                    write_atomically(path, wanted[0].files[path.name], left_over_s=0)
                else:
                    path.unlink(missing_ok=True)
        except OSError as error:
            raise NotSaved(
                f"{error.filename or paths.config} cannot be written: {error.strerror}.", "Check its permissions."
            ) from error
        return wanted[0]


@contextmanager
def settings_lock(paths: Paths) -> Iterator[None]:
    """Keep all other threads and processes from changing the settings files; who holds it may take it again.

    A change reads, edits and writes within it. Raises NotSaved when it cannot be had.
    """
    lock = locks.lock_of(paths.config / ".lock")
    try:
        lock.__enter__()
    except TimeoutError:
        raise NotSaved(
            "Another trayassist has been changing the settings for half a minute.", "Nothing was changed. Try again."
        ) from None
    except OSError as error:
        raise NotSaved(
            f"{paths.config} cannot be written: {error.strerror}.", "The settings stay as they are."
        ) from error
    try:
        yield
    finally:
        lock.__exit__(None, None, None)


def write_atomically(path: Path, content: str | bytes, *, left_over_s: float = LEFT_OVER_S) -> None:
    """Replace `path` by `content` in one step, durable; a new file is readable by this user only. Raises OSError.

    A symbolic link stays one: the file it leads to is replaced, and keeps its mode and owner. Temporary files of
    writers that were killed more than `left_over_s` seconds ago are removed.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = Path(os.path.realpath(path)) if path.is_symlink() else path
    _remove_left_over(target, left_over_s)
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=TEMPORARY)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            _keep_mode_and_owner(target, file.fileno())
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _keep_mode_and_owner(target: Path, descriptor: int) -> None:
    """Give the new file what the one has that it replaces, as far as the system lets us."""
    try:
        before = target.stat()
    except OSError:
        return  # there is none yet
    if hasattr(os, "fchmod"):
        with suppress(OSError):  # another's file, in a folder that is ours: it becomes ours
            os.fchown(descriptor, before.st_uid, before.st_gid)
        os.fchmod(descriptor, stat.S_IMODE(before.st_mode))


def _remove_left_over(target: Path, older_than_s: float) -> None:
    for file in target.parent.glob(f".{glob.escape(target.name)}.*{TEMPORARY}"):
        with suppress(OSError):  # another writer was quicker
            if time.time() - file.stat().st_mtime >= older_than_s:
                file.unlink()


def _files(paths: Paths) -> tuple[Path, ...]:
    """The user's own files, also while shipped ones stand in for a wrong one."""
    return tuple(paths.config / name for name in FILES)


def _current_files(paths: Paths) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for path in _files(paths):
        with _readable(path):
            if path.is_file():
                found[path.name] = path.read_bytes()
    return found


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Raise NotSaved where `path` cannot be read within."""
    try:
        yield
    except OSError as error:
        raise NotSaved(f"{path} cannot be read: {error.strerror}.", "The settings stay as they are.") from error


def _folder(paths: Paths, number: int) -> Path:
    return paths.config / "snapshots" / f"{number:06d}"


def _numbers(paths: Paths) -> list[int]:
    folder = paths.config / "snapshots"
    with _readable(folder):
        found = folder.iterdir() if folder.is_dir() else ()
        return sorted(int(entry.name) for entry in found if entry.name.isdecimal())


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
    shutil.rmtree(folder) if folder.is_dir() else folder.unlink()
