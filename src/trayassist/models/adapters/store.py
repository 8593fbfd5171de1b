"""The adapters folder: `<id>/adapter.gguf` with its adapter.json, ids from names, no content twice.

All functions read or write files: call them in a thread. A folder whose name begins with a dot is an import under way.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from trayassist.api import NotAllowed, TrayassistError
from trayassist.ipc import locks
from trayassist.models.adapters import record as records
from trayassist.models.adapters.record import AdapterRecord, BrokenRecord
from trayassist.workers.convert import ImportedAdapter

LONGEST_ID = 48
_STAGING = ".import-"


class Store:
    """The adapters of one installation, in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self) -> tuple[list[AdapterRecord], dict[str, BrokenRecord]]:
        """Return the adapters, oldest first, and by folder name those whose record cannot be read."""
        found: list[AdapterRecord] = []
        broken: dict[str, BrokenRecord] = {}
        for folder in sorted(self.folder.iterdir()) if self.folder.is_dir() else []:
            if folder.is_dir() and not folder.name.startswith("."):
                try:
                    found.append(records.read(folder))
                except BrokenRecord as error:
                    broken[folder.name] = error
        return sorted(found, key=lambda one: (one.imported, one.id)), broken

    def get(self, adapter_id: str) -> AdapterRecord:
        """Return one adapter. Raises TrayassistError for an id that is not there, BrokenRecord for a damaged one."""
        return records.read(self._folder_of(adapter_id))

    def staging(self) -> Path:
        """Return a new folder for an import, and remove those of imports that died. Raises TrayassistError."""
        import psutil  # here: not needed to start

        for old in self.folder.glob(f"{_STAGING}*"):
            pid = old.name.removeprefix(_STAGING).partition("-")[0]
            if not (pid.isdigit() and psutil.pid_exists(int(pid))):
                shutil.rmtree(old, ignore_errors=True)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return Path(tempfile.mkdtemp(prefix=f"{_STAGING}{os.getpid()}-", dir=self.folder))
        except OSError as error:
            raise TrayassistError(
                f"{self.folder} cannot be written: {error.strerror}.", "Free some space or check its permissions."
            ) from error

    def refuse_twice(self, taken: ImportedAdapter) -> None:
        """Raise NotAllowed when this content was imported before."""
        for one in self.all()[0]:
            if taken["sha256"] == one.sha256 or taken["source_sha256"] == one.source_sha256:
                raise NotAllowed(f"This adapter is here already, as {one.id} ({one.state}).", "Use that one.")

    def keep(
        self, staging: Path, taken: ImportedAdapter, *, source: Path, name: str, role: str, base: tuple[str, str]
    ) -> AdapterRecord:
        """Turn a finished import into an adapter that waits for approval; `base` is the model's name and sha256."""
        with adapters_lock(self.folder):
            self.refuse_twice(taken)
            return self._keep(staging, taken, source, name, role, base)

    def _keep(
        self, staging: Path, taken: ImportedAdapter, source: Path, name: str, role: str, base: tuple[str, str]
    ) -> AdapterRecord:
        file = staging / records.FILE
        record = AdapterRecord(
            id="", name=name or taken["name"], role=role, state="pending", kind=taken["kind"],
            architecture=taken["architecture"], rank=taken["rank"], alpha=taken["alpha"], tensors=taken["tensors"],
            bytes=taken["bytes"], mtime_ns=file.stat().st_mtime_ns, sha256=taken["sha256"], source=str(source),
            source_sha256=taken["source_sha256"], trained_on=taken["trained_on"], base_model=base[0],
            base_sha256=base[1], imported=now(), folder=staging,
        )  # fmt: skip
        for adapter_id in _ids(record.name):
            final = self.folder / adapter_id
            if final.exists():
                continue
            records.write(replace(record, id=adapter_id))
            try:
                staging.rename(final)
            except OSError as error:
                raise TrayassistError(f"{final} cannot be made: {error.strerror}.", "Check the disk.") from error
            return records.read(final)
        raise AssertionError("ids never end")

    def change(self, adapter_id: str, edit: Callable[[AdapterRecord], AdapterRecord]) -> AdapterRecord:
        """Keep what `edit` makes of an adapter's record, and return it; nobody else changes it meanwhile.

        Raises what `get` raises, what `edit` raises, and TrayassistError when it cannot be written.
        """
        with adapters_lock(self.folder):
            record = edit(self.get(adapter_id))
            records.write(record)
            return record

    def remove(self, adapter_id: str) -> None:
        """Remove an adapter's folder, a damaged one too. Raises TrayassistError when it is not there or stays."""
        with adapters_lock(self.folder):
            folder = self._folder_of(adapter_id)
            try:
                shutil.rmtree(folder)
            except OSError as error:
                what = f"{folder} cannot be removed: {error.strerror}."
                raise TrayassistError(what, "Check its permissions.") from error

    def _folder_of(self, adapter_id: str) -> Path:
        """Return the folder of an id: only what lies right in the adapters folder is one."""
        for folder in self.folder.iterdir() if self.folder.is_dir() else ():
            if folder.name == adapter_id and not adapter_id.startswith(".") and folder.is_dir():
                return folder
        known = ", ".join(one.id for one in self.all()[0]) or "none yet"
        raise NotAllowed(f"There is no adapter “{adapter_id}”.", f"Imported: {known}.")


@contextmanager
def adapters_lock(folder: Path) -> Iterator[None]:
    """Keep other threads and processes from changing the records and active.json of the adapters in `folder`.

    The thread that holds it may take it again. Raises TrayassistError when it cannot be had.
    """
    lock = locks.lock_of(folder / ".lock")
    try:
        lock.__enter__()
    except OSError as error:
        what = f"{folder} cannot be written: {error.strerror}. Nothing was changed."
        raise TrayassistError(what, "Try again.") from error
    try:
        yield
    finally:
        lock.__exit__(None, None, None)


def now() -> str:
    """Return this moment as ISO 8601 with time zone."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def _ids(name: str) -> Iterator[str]:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_ID].strip("-") or "adapter"
    yield stem
    number = 2
    while True:
        yield f"{stem}-{number}"
        number += 1
