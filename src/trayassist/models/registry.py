"""registry.yaml: models are described once, by model; roles only point to them (C-01)."""

from __future__ import annotations

import difflib
from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator
from pydantic_core import PydanticCustomError

from trayassist import config
from trayassist.api import ConfigError
from trayassist.config import Section, YamlFile
from trayassist.paths import Paths, shipped

CHATTING = ("persona", "curator")  # roles that a mathematics model is refused for (S1-09)


def _amount(value: Any) -> int | Literal["auto"]:
    if value == "auto" or (isinstance(value, int) and not isinstance(value, bool) and value >= 0):
        return value  # type: ignore[no-any-return]  # one of the two
    raise PydanticCustomError("amount", "Give a whole number, or auto")


Amount = Annotated[int | Literal["auto"], PlainValidator(_amount)]


class Defaults(Section):
    """How models run, unless a model or a role says otherwise."""

    context_length: int = Field(default=8192, ge=128, description="Tokens of prompt and answer together.")
    n_batch: int = Field(default=512, ge=32, description="Tokens read at once while a prompt is read.")
    n_threads: Amount = Field(default="auto", description="auto = the physical cores less one.")
    n_gpu_layers: Amount = Field(default="auto", description="auto = all, where llama.cpp has a GPU.")
    use_mmap: bool = True
    temperature: float = Field(default=0.3, ge=0, le=2)
    max_tokens: int = Field(default=1024, ge=1)
    timeout_s: float = Field(default=120, gt=0, description="Longest an answer may take, loading left out.")
    idle_unload_s: float = Field(default=300, gt=0, description="A model that is not used for so long is unloaded.")


class Model(Section):
    """One model. `file` is absolute, or relative to the models folder.

    `kind` base leaves a chat template in the file aside; `math` is refused for roles that chat.
    """

    provider: Literal["llama_cpp"] = "llama_cpp"
    file: str
    kind: Literal["instruct", "code", "math", "base"] = "instruct"
    context_length: int | None = Field(default=None, ge=128)
    license: str = ""


class RoleSettings(Section):
    """Which model a role uses, and how. What is None comes from `runtime_defaults`."""

    model: str | None = None
    temperature: float | None = Field(default=None, ge=0, le=2)
    max_tokens: int | None = Field(default=None, ge=1)
    context_length: int | None = Field(default=None, ge=128)
    timeout_s: float | None = Field(default=None, gt=0)
    stop: tuple[str, ...] = ()
    seed: int | None = None
    fallback: tuple[str, ...] = ()


class Registry(Section):
    """All of registry.yaml."""

    runtime_defaults: Defaults = Defaults()
    models: dict[str, Model] = Field(default_factory=dict)
    roles: dict[str, RoleSettings] = Field(default_factory=dict)

    def role(self, name: str) -> RoleSettings:
        """Return the role's settings; a role that is not named has the defaults and no model."""
        return self.roles.get(name, RoleSettings())


def load(paths: Paths) -> Registry:
    """Return the registry in force. Raises ConfigError for an unknown key or a model that cannot be used so."""
    own = config.read_yaml(paths.registry)
    registry = config.merged(Registry, config.read_yaml(shipped("config/registry.yaml")), own)
    for role, settings in registry.roles.items():
        if settings.model:
            _check(registry, own, role, "model", settings.model)
        for name in settings.fallback:
            _check(registry, own, role, "fallback", name)
    return registry


def _check(registry: Registry, own: YamlFile, role: str, key: str, name: str) -> None:
    where = f"{own.path}, line {own.line(('roles', role, key))}"
    model = registry.models.get(name)
    if model is None:
        near = difflib.get_close_matches(name, registry.models, n=1)
        known = ", ".join(registry.models) or "none yet"
        raise ConfigError(
            f"{where}: Model '{name}' not found in registry (role '{role}').",
            f"Did you mean “{near[0]}”?" if near else f"Describe it under “models:”. Described: {known}.",
        )
    if model.kind == "math" and role in CHATTING:
        raise ConfigError(
            f"{where}: Model '{name}' is for mathematics, and the role '{role}' chats.",
            "Name an instruct model; a mathematics model answers badly elsewhere.",
        )
