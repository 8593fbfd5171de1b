"""What roles and models are called in windows: everyday titles for roles, the file's name for a model."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePath
from typing import Protocol

from trayassist.ui.widgets.formats import tr

LEAD = 4  # characters kept before dots that stand for what names have in common
ROLES = ("persona", "coder", "curator", "watchdog", "embedder", "reranker")
MODES = ("agent", "dual", "emulation")
PARTS = re.compile(r"-\d{5}-of-\d{5}$")  # of a model in several files


class NamedModel(Protocol):
    """A model of the registry, as far as its name goes."""

    @property
    def file(self) -> str: ...


def role_title(role: str) -> str:
    """Return what people call a role; a plugin's own role is called by its name."""
    titles = {
        "persona": tr("Assistant"),
        "coder": tr("Code"),
        "curator": tr("Notes"),
        "watchdog": tr("Safety check"),
        "embedder": tr("Search by meaning"),
        "reranker": tr("Order of results"),
    }
    return titles.get(role, role.replace("_", " ").capitalize())


def role_description(role: str, otherwise: str = "") -> str:
    """Return what a role does, in a sentence; `otherwise` is said of a role that windows know nothing of."""
    texts = {
        "persona": tr("Answers from your documents and talks with you."),
        "coder": tr("Writes and explains code."),
        "curator": tr("Keeps the facts that you ask it to remember."),
        "watchdog": tr("Looks at every question and answer for danger."),
        "embedder": tr("Finds passages by what they mean. Without a model, memory uses its own small one."),
        "reranker": tr("Puts the best pages first. Without a model they stay as they were found."),
    }
    return texts.get(role, otherwise)


def mode_title(mode: str) -> str:
    """Return what people call a mode of the shipped registry; a mode of the user's own is called by its name."""
    titles = dict(zip(MODES, (tr("Everyday"), tr("Inventive"), tr("Exact, without notes")), strict=True))
    return titles.get(mode, mode)


def plugin_title(name: str) -> str:
    """Return what people call a plugin; one of another distribution is called by its name."""
    return tr("Reading files") if name == "ingest" else role_title(name) if name in ROLES else name


def provider_title(name: str) -> str:
    """Return what people call a provider of the shipped registry; one of the user's own is called by its name."""
    titles = {"llama_cpp": "llama.cpp", "mock": tr("Made-up answers"), "ollama": "Ollama", "openai": "OpenAI"}
    return titles.get(name, name)


def role_titles(roles: Iterable[str]) -> str:
    """Return the titles of some roles as a list in words."""
    return ", ".join(map(role_title, roles))


def model_title(name: str, model: NamedModel | None) -> str:
    """Return the name of a model's file without its ending; the name in the registry for one without a file."""
    if model is None or not model.file:
        return name
    return PARTS.sub("", PurePath(model.file.replace("\\", "/")).name.removesuffix(".gguf").removesuffix(".GGUF"))


def model_titles(models: Mapping[str, NamedModel]) -> dict[str, str]:
    """Return the title of each model of the registry; two that share a file have their own names behind it."""
    titles = {name: model_title(name, model) for name, model in models.items()}
    often = [title for title in titles.values() if list(titles.values()).count(title) > 1]
    return {name: f"{title} ({name})" if title in often else title for name, title in titles.items()}


def elide_apart(name: str, others: Iterable[str], fits: Callable[[str], bool]) -> str:
    """Return `name` short enough to fit, with dots in what it has in common with others, never where it differs."""
    if fits(name):
        return name
    differs = max((_common(name, other) for other in others if other != name), default=0)
    begin = max(0, differs - LEAD)
    short = f"{name[:LEAD]}…{name[begin:]}" if begin > LEAD else name
    while len(short) > 2 * LEAD and not fits(short):
        short = f"{short.removesuffix('…')[:-1]}…"
    return short


def _common(one: str, other: str) -> int:
    """Return how many characters two names begin with alike."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
