"""How long the answers of each role are: told when more than one in twenty is longer than usual (S4-26)."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

from trayassist.config.snapshots import write_atomically
from trayassist.models.registry.schema import Registry

logger = logging.getLogger(__name__)

KEPT = 200  # answers of a role
LEAST = 20  # of fewer the 95th percentile says nothing
SHARE = 0.95


class Lengths:
    """Tokens of the last answers of each role, in a small JSON file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._roles = _read(file)

    def note(self, role: str, tokens: int) -> None:
        """Take an answer in; the oldest beyond 200 go."""
        self._roles[role] = [*self._roles.get(role, ()), tokens][-KEPT:]

    def p95(self, role: str) -> int:
        """Return the tokens that 95 % of the role's last answers keep to; 0 while there are fewer than 20."""
        known = sorted(self._roles.get(role, ()))
        return known[min(len(known) - 1, int(len(known) * SHARE))] if len(known) >= LEAST else 0

    def alerts(self, registry: Registry) -> Iterator[tuple[str, str]]:
        """Yield what is to be said of roles whose answers are longer than usual, and what to do."""
        for role, settings in registry.roles.items():
            if settings.usual_tokens and (found := self.p95(role)) > settings.usual_tokens:
                what = f"One in twenty answers of the role {role} has {found} tokens or more; usual are "
                todo = f"Lower roles.{role}.max_tokens, or raise roles.{role}.usual_tokens if that is meant."
                yield f"{what}{settings.usual_tokens} at most.", todo

    def save(self) -> None:
        """Write the file in one step. A disk that is full costs the figures and no more."""
        try:
            write_atomically(self._file, json.dumps(dict(self._roles)))
        except OSError as error:
            logger.warning("the lengths of answers were not kept: %s", error.strerror)


def _read(file: Path) -> dict[str, list[int]]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return {str(role): [int(one) for one in tokens][-KEPT:] for role, tokens in found.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError):
        logger.warning("%s is damaged: lengths are noted anew", file)
        return {}
