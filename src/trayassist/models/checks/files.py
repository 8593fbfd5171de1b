"""What registry.yaml says against what the model files themselves say; a file that is not there is only a warning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trayassist.api import ModelUnavailable
from trayassist.config import Key
from trayassist.models.adapters.bases import Base, Bases
from trayassist.models.gguf import drafts
from trayassist.models.gguf import header as gguf
from trayassist.models.gguf.header import Header, why_no_speculation
from trayassist.models.registry.resolve import file_of, path_of
from trayassist.models.registry.rules import Level, RegistryProblem, dotted_key
from trayassist.models.registry.schema import Model, Registry, RoleSettings
from trayassist.paths import Paths

NO_CHAT = ("embedding", "reranker", "draft")  # kinds that need no chat template


def problems(paths: Paths, registry: Registry) -> list[RegistryProblem]:
    """Return what is wrong between the registry and the files. Reads all headers: not for the Qt thread."""
    found: list[RegistryProblem] = []
    headers: dict[str, Header] = {}
    for name, model in registry.models.items():
        if not model.file or registry.provider(name).api != "llama_cpp":
            continue
        at = ("models", name, "file")
        file = file_of(paths, model)
        try:
            headers[name] = gguf.read(file, model.kind)
        except ModelUnavailable as error:
            level: Level = "error" if file.exists() else "warning"
            found.append(RegistryProblem(level, at, f"{error.what} (“{dotted_key(at)}”).", error.todo))
        else:
            found += [*_model(name, model, headers[name]), *_files(paths, name, model)]
    for role, settings in registry.roles.items():
        found += _role(registry, role, settings, headers)
    return found


def _model(name: str, model: Model, header: Header) -> Iterator[RegistryProblem]:
    if model.quant and header.quant and model.quant.upper() != header.quant.upper():
        key: Key = ("models", name, "quant")
        what = f"“{dotted_key(key)}” is {model.quant}, and its file is {header.quant}."
        yield RegistryProblem("warning", key, what, "Take the key out: the file says it.")
    if model.context_length and 0 < header.context_length < model.context_length:
        key = ("models", name, "context_length")
        what = f"“{dotted_key(key)}” is {model.context_length}, and the model was made for {header.context_length}."
        yield RegistryProblem("warning", key, what, "Beyond that it answers badly.")


def _files(paths: Paths, name: str, model: Model) -> Iterator[RegistryProblem]:
    """Say that a vision part is missing, and that a file is another than its sha256 names, where that is known."""
    if model.mmproj and not (file := path_of(paths.models, model.mmproj)).is_file():
        key: Key = ("models", name, "mmproj")
        yield RegistryProblem(
            "warning", key, f"The vision part {file} is missing (“{dotted_key(key)}”).", "Put it there."
        )
    known = Bases(paths, Registry).known_sha256(Base(name, (file_of(paths, model),))) if model.sha256 else ""
    if known and known != model.sha256:
        key = ("models", name, "sha256")
        what = f"The file of model '{name}' is not that of “{dotted_key(key)}”: its own begins with {known[:12]}."
        yield RegistryProblem("error", key, what, "Get the right file again, or take the key out.")


def _role(
    registry: Registry, role: str, settings: RoleSettings, headers: Mapping[str, Header]
) -> Iterator[RegistryProblem]:
    name = settings.model or ""
    header = headers.get(name)
    if header is None:
        return
    model = registry.models[name]
    if not header.chat_template and model.kind not in NO_CHAT:
        what = f"Model '{name}' has no chat template: a base model in the role '{role}' (“roles.{role}.model”)."
        yield RegistryProblem(
            "warning", ("roles", role, "model"), what, "Name an instruct model; it answers plainly until then."
        )
    yield from _speculation(role, name, settings, headers)
    if settings.acceleration.moe:
        yield from _experts(role, name, settings.acceleration.moe.experts, header)


def _speculation(
    role: str, name: str, settings: RoleSettings, headers: Mapping[str, Header]
) -> Iterator[RegistryProblem]:
    """S0-09, S0-11: a state that cannot be taken back is an error, vocabularies that differ switch the draft off."""
    header, wanted = headers[name], settings.acceleration
    why = why_no_speculation(header.architecture, header.keys)
    for part, is_on in (("draft", wanted.draft is not None), ("prompt_lookup", wanted.prompt_lookup.enabled)):
        if is_on and why:
            key: Key = ("roles", role, "acceleration", part)
            what = f"The role '{role}' cannot speculate with model '{name}': {why} (“{dotted_key(key)}”)."
            yield RegistryProblem("error", key, what, "Take that part of acceleration out, or name another model.")
    if wanted.draft is None or why or wanted.draft.model not in headers:
        return
    key = ("roles", role, "acceleration", "draft", "model")
    pair = f"“{wanted.draft.model}” for “{name}” (“{dotted_key(key)}”)"
    try:
        found = drafts.compare(header.path, headers[wanted.draft.model].path)
    except ModelUnavailable as error:
        yield RegistryProblem("warning", key, f"{pair}: speculation off: {error.what}", error.todo)
        return
    for reason in found.reasons:
        todo = "The role answers without a draft; name one of the same family."
        yield RegistryProblem("warning", key, f"{pair}: speculation off: {reason}.", todo)
    for warning in found.warnings:
        yield RegistryProblem("warning", key, f"{pair}: {warning}", "")


def _experts(role: str, name: str, wanted: int, header: Header) -> Iterator[RegistryProblem]:
    """S0-10."""
    key: Key = ("roles", role, "acceleration", "moe", "experts")
    own = f"{header.architecture}.expert_count"
    if not header.experts:
        what = f"Model '{name}' is no mixture of experts: its file has no {own} (“{dotted_key(key)}”)."
        yield RegistryProblem("error", key, what, "Take moe out of the role's acceleration.")
    elif wanted > header.experts:
        what = f"“{dotted_key(key)}” is {wanted}, and model '{name}' has {header.experts} ({own})."
        yield RegistryProblem("error", key, what, f"Give 1 to {header.experts}.")
