"""Slash commands that the application answers itself: no role, no model, no memory."""

from __future__ import annotations

import asyncio
import shlex

from trayassist.api import Request, TrayassistError
from trayassist.models.gguf import drafts
from trayassist.models.gguf.drafts import Compatibility
from trayassist.paths import Paths

DRAFT_COMPAT = "/draft-compat"


async def answer_builtin(paths: Paths, request: Request) -> str | None:
    """Return the answer in Markdown, or None when the request is no such command. Raises TrayassistError."""
    name, _, rest = request.text.strip().partition(" ")
    if name.lower() != DRAFT_COMPAT or request.role is not None:
        return None
    try:
        given = shlex.split(rest)
    except ValueError:
        given = []
    if len(given) != 2:
        raise TrayassistError(
            f"{DRAFT_COMPAT} compares two models.",
            f"Write {DRAFT_COMPAT} TARGET DRAFT: names of models or GGUF files, in quotes where they hold spaces.",
        )
    return in_words(await asyncio.to_thread(drafts.compare_named, paths, *given))


def in_words(found: Compatibility) -> str:
    """Return the verdict as Markdown (S0-13)."""
    can = "can" if found.compatible else "cannot"
    lines = [f"**{found.draft.name}** {can} draft for **{found.target.name}**.", ""]
    lines += [f"- {reason}" for reason in found.reasons]
    if (difference := found.first_difference) is not None:
        target, draft = drafts.visible(difference.target), drafts.visible(difference.draft)
        lines.append(f"- token {difference.token}: `{target}` and `{draft}`")
    lines += [f"- Warning: {warning}" for warning in found.warnings]
    return "\n".join(lines).strip()
