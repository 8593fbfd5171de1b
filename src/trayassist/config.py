"""The settings of app.yaml: shipped defaults, overridden key by key by the user's own file.

An unknown or wrong key is a ConfigError that names the file, the line, the key and the nearest right one.
"""

from __future__ import annotations

import difflib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from trayassist.api import ConfigError
from trayassist.paths import Paths, shipped

Key = tuple[str | int, ...]
SNAPSHOTS_KEPT = 20


class Section(BaseModel):
    """A part of a settings file: immutable, and with no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Hotkey(Section):
    """The global hotkey that opens the popup."""

    enabled: bool = True
    ask: str = Field(default="ctrl+alt+space", description="Modifiers and a key joined by +, such as ctrl+alt+space.")


class Look(Section):
    """How the windows look and behave."""

    theme: Literal["system", "light", "dark"] = "system"
    keep_answer_s: int = Field(default=120, ge=0, description="Seconds the last answer stays in a hidden popup.")
    pinned: bool = Field(default=False, description="Whether the popup stays open when another window is clicked.")


class MemorySettings(Section):
    """Reading files and remembering them."""

    readers: int = Field(default=2, ge=1, le=16, description="Files read at the same time.")
    page_time_limit_s: float = Field(
        default=60, gt=0, description="Longest a page may take before its file is given up."
    )
    file_time_limit_s: float = Field(default=3600, gt=0, description="Longest a file may take.")
    reader_memory_mb: int = Field(
        default=2048, ge=256, description="Memory a reader may take on top of its start size."
    )
    max_file_mb: int = Field(default=2000, ge=1, description="Larger files are refused.")
    ocr: bool = Field(default=True, description="Read pages without text by OCR, where language data is there.")
    ocr_language: str = Field(default="eng", description="Tesseract language codes joined by +, such as eng+deu.")
    skip_hidden: bool = Field(default=True, description="Leave out hidden files when a folder is walked.")


class HistorySettings(Section):
    """Past questions and answers."""

    keep: bool = True


class AuditSettings(Section):
    """The audit log."""

    retention_days: int = Field(default=30, ge=1)


class PluginSettings(Section):
    """Plugins that are off, and each plugin's own settings by its name."""

    disabled: tuple[str, ...] = ()
    settings: dict[str, dict[str, Any]] = Field(default_factory=dict)


class App(Section):
    """All of app.yaml."""

    hotkey: Hotkey = Hotkey()
    look: Look = Look()
    memory: MemorySettings = MemorySettings()
    history: HistorySettings = HistorySettings()
    audit: AuditSettings = AuditSettings()
    plugins: PluginSettings = PluginSettings()


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A YAML file's content and the line of each key; both empty when the file is missing or empty."""

    path: Path
    data: dict[str, Any]
    lines: Mapping[Key, int]

    def line(self, key: Key) -> int:
        """Return the line of `key`, or of the closest key above it."""
        while key and key not in self.lines:
            key = key[:-1]
        return self.lines.get(key, 1)


def load(paths: Paths) -> App:
    """Return the settings in force. Raises ConfigError."""
    return merged(App, read_yaml(shipped("config/app.yaml")), read_yaml(paths.app_config))


def merged[S: BaseModel](model: type[S], defaults: YamlFile, own: YamlFile) -> S:
    """Return `model` from the shipped defaults with the user's own keys on top. Raises ConfigError."""
    try:
        return model.model_validate(deep_merge(defaults.data, own.data))
    except ValidationError as error:
        raise _explain(error, model, own if own.data else defaults) from None


def read_yaml(path: Path) -> YamlFile:
    """Return the file's mapping and lines. Raises ConfigError when it is not a YAML mapping."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return YamlFile(path, {}, {})
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}.", "Check the file and its permissions.") from error
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}, line {mark.line + 1}" if mark else str(path)
        raise ConfigError(
            f"{where} is not valid YAML: {getattr(error, 'problem', error)}.", "Mend that line or remove the file."
        ) from error
    if data is None:
        return YamlFile(path, {}, {})
    if not isinstance(data, dict):
        raise ConfigError(f"{path} must hold keys and values, such as “hotkey:”.", "See the shipped file for the form.")
    lines: dict[Key, int] = {}
    _collect_lines(node, (), lines)
    return YamlFile(path, data, lines)


def deep_merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with the keys of `over` on top; mappings are merged key by key, all else is replaced."""
    result = dict(base)
    for key, value in over.items():
        old = result.get(key)
        result[key] = deep_merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return result


def save_setting(paths: Paths, key: str, value: Any) -> App:
    """Set one dotted key in the user's app.yaml, atomically, after a snapshot; return the new settings.

    Raises ConfigError when the value is not allowed (nothing is written then) or the file cannot be written.
    """
    own = read_yaml(paths.app_config).data
    parts = key.split(".")
    inner: Any = value
    for part in reversed(parts):
        inner = {part: inner}
    new = deep_merge(own, inner)
    settings = merged(App, read_yaml(shipped("config/app.yaml")), YamlFile(paths.app_config, new, {}))
    try:
        _snapshot(paths.app_config)
        write_atomically(paths.app_config, yaml.safe_dump(new, sort_keys=False, allow_unicode=True))
    except OSError as error:
        raise ConfigError(
            f"{paths.app_config} cannot be written: {error.strerror}.", "The setting was not kept."
        ) from error
    return settings


def write_atomically(path: Path, text: str) -> None:
    """Replace `path` by `text` in one step, durable, readable by this user only. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _snapshot(path: Path) -> None:
    if not path.exists():
        return
    folder = path.parent / "snapshots"
    folder.mkdir(mode=0o700, exist_ok=True)
    known = sorted(folder.glob(f"{path.stem}-*.yaml"))
    number = int(known[-1].stem.rsplit("-", 1)[1]) + 1 if known else 1
    write_atomically(folder / f"{path.stem}-{number:06d}.yaml", path.read_text(encoding="utf-8"))
    for old in known[: max(0, len(known) + 1 - SNAPSHOTS_KEPT)]:
        old.unlink(missing_ok=True)


def _collect_lines(node: yaml.Node | None, key: Key, lines: dict[Key, int]) -> None:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            inner = (*key, str(name.value))
            lines[inner] = name.start_mark.line + 1
            _collect_lines(value, inner, lines)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            lines[(*key, index)] = value.start_mark.line + 1
            _collect_lines(value, (*key, index), lines)


def _explain(error: ValidationError, model: type[BaseModel], file: YamlFile) -> ConfigError:
    problems = error.errors()
    first = next((problem for problem in problems if problem["type"] == "extra_forbidden"), problems[0])
    key: Key = first["loc"]
    name = ".".join(str(part) for part in key)
    where = f"{file.path}, line {file.line(key)}"
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(key[-1]), _keys_at(model, key[:-1]), n=1, cutoff=0.5)
        todo = f"Did you mean “{near[0]}”?" if near else f"Known here: {', '.join(_keys_at(model, key[:-1]))}."
        return ConfigError(f"{where}: “{name}” is not a setting.", todo)
    if first["type"] == "missing":
        return ConfigError(f"{where}: “{name}” is missing.", "Add it.")
    return ConfigError(f"{where}: “{name}” is {first['input']!r}, which is not allowed.", f"{first['msg']}.")


def _keys_at(model: type[BaseModel], key: Key) -> list[str]:
    """Return the keys that the model knows at `key`; steps into mappings of models too."""
    kind: Any = model
    for part in key:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            field = kind.model_fields.get(str(part))
            kind = field.annotation if field else None
        else:
            kind = next((a for a in getattr(kind, "__args__", ()) if _is_model(a)), None)
    if not _is_model(kind):
        kind = next((a for a in getattr(kind, "__args__", ()) if _is_model(a)), None)
    return list(kind.model_fields) if kind is not None else []


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
