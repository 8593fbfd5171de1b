"""Persona: answers questions from memory, with or without a language model, and chats."""

from __future__ import annotations

from collections.abc import Sequence

from trayassist.api import Host, Role, hookimpl


@hookimpl
def register_roles(host: Host) -> Sequence[Role]:
    """Return the role persona."""
    from trayassist_persona.role import Persona

    return (Persona(),)
