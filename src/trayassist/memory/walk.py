"""The files below a dropped file or folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file to read, or with `problem` set a place that cannot be read and why."""

    path: str
    size: int = 0
    problem: str = ""


def walk(root: str, skip_hidden: bool = True, own: Path | None = None) -> Iterator[FoundFile]:
    """Yield the regular files at and below `root`, in order of name, each real folder once.

    A hidden root is walked (it was asked for by name); hidden ones below are not, with `skip_hidden`.
    Pipes, sockets and devices are left out, and said of the root itself. So is `own`, the folder that memory and
    logs are in: reading them would change them, without an end.
    """
    try:
        state = Path(root).stat()
    except OSError as error:
        yield FoundFile(root, problem=_gone(root, error))
        return
    if stat.S_ISREG(state.st_mode):
        yield FoundFile(root, state.st_size)
    elif stat.S_ISDIR(state.st_mode):
        identity, left_out = (state.st_dev, state.st_ino), _identity(own)
        if identity == left_out:
            yield FoundFile(root, problem=f"{root} is where trayassist keeps its own data. Drop folders of your own.")
        else:
            yield from _below(root, {identity, left_out}, skip_hidden)
    else:
        yield FoundFile(root, problem=f"{Path(root).name} is neither a file nor a folder. Drop files or folders.")


def _identity(folder: Path | None) -> tuple[int, int] | None:
    try:
        state = folder.stat() if folder is not None else None
    except OSError:
        return None
    return (state.st_dev, state.st_ino) if state is not None else None


def _below(root: str, seen: set[tuple[int, int] | None], skip_hidden: bool) -> Iterator[FoundFile]:
    """Yield the files below `root`; folders in `seen` are passed over."""
    folders = [root]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            yield FoundFile(folder, problem=_unreadable(folder, error))
            continue
        inner: list[str] = []
        for entry in listed:
            if skip_hidden and entry.name.startswith("."):
                continue
            try:
                state = entry.stat()  # follows links
            except OSError as error:
                if not entry.is_symlink():  # a link that leads nowhere is no file of the user's
                    yield FoundFile(entry.path, problem=_gone(entry.path, error))
                continue
            if stat.S_ISREG(state.st_mode):
                yield FoundFile(entry.path, state.st_size)
            elif stat.S_ISDIR(state.st_mode) and (key := (state.st_dev, state.st_ino)) not in seen:
                seen.add(key)
                inner.append(entry.path)
        folders += reversed(inner)


def _gone(path: str, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"{Path(path).name} does not exist. Check the path and try again."
    return f"{Path(path).name} cannot be read: {error.strerror}. Check its permissions."


def _unreadable(folder: str, error: OSError) -> str:
    return f"The folder {folder} cannot be read: {error.strerror}. Check its permissions; the other folders were read."


def absolute(paths: Sequence[Path]) -> list[str]:
    """Return paths as text, absolute; links stay what they are."""
    return [os.path.abspath(path) for path in paths]  # noqa: PTH100  # resolve() would follow links
