"""Small JSON files of state that may be lost, such as measured speeds. A damaged file counts as an empty one."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from trayassist.config.snapshots import write_atomically
from trayassist.ipc.locks import lock_of

logger = logging.getLogger(__name__)


class StateFile[T]:
    """One file. `parse` makes its value of the JSON, with whatever error for a wrong one; `empty` is the JSON of none.

    `lost` says, for the log, what a damaged file or a full disk costs.
    """

    def __init__(self, path: Path, parse: Callable[[Any], T], lost: str, empty: Any = None) -> None:
        self.path, self._parse, self._lost = path, parse, lost
        self._empty = {} if empty is None else empty

    def read(self) -> T:
        """Return the file's value, that of an empty one when it is missing or damaged."""
        try:
            return self._parse(json.loads(self.path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            pass
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            logger.warning("%s is damaged (%s): %s", self.path, type(error).__name__, self._lost)
        return self._parse(self._empty)

    def write(self, value: Any) -> None:
        """Replace the file in one step. Raises OSError."""
        write_atomically(self.path, json.dumps(value, ensure_ascii=False, indent=1))

    def change(self, edit: Callable[[T], Any]) -> None:
        """Replace the file by what `edit` returns for its value; no other process writes meanwhile. Raises OSError."""
        with lock_of(self.path.with_name(f".{self.path.name}.lock")):
            self.write(edit(self.read()))

    def keep(self, value: Any) -> bool:
        """Like `write`; return whether that worked: where it does not, it is logged."""
        return self._try(lambda: self.write(value))

    def keep_change(self, edit: Callable[[T], Any]) -> bool:
        """Like `change`; return whether that worked: where it does not, it is logged."""
        return self._try(lambda: self.change(edit))

    def _try(self, write: Callable[[], None]) -> bool:
        try:
            write()
        except OSError as error:
            logger.warning("%s cannot be written (%s): %s", self.path, error.strerror, self._lost)
            return False
        return True
