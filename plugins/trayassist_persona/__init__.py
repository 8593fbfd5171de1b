"""Persona: answers questions from memory, with or without a language model, and chats."""

from __future__ import annotations

from collections.abc import Sequence

from trayassist.api import Role, Setting, SetupHost, hookimpl


@hookimpl
def register_settings() -> Sequence[Setting]:
    """Return how much of memory an answer uses."""
    from trayassist_persona.chat import FIRST_WORD, PASSAGES, QUOTES

    return (PASSAGES, QUOTES, FIRST_WORD)


@hookimpl
def register_roles(host: SetupHost) -> Sequence[Role]:
    """Return the role persona."""
    from trayassist_persona.role import Persona

    return (Persona(),)
