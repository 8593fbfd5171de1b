"""The settings of app.yaml: shipped defaults, overridden key by key by the user's own file.

An unknown or wrong key is a ConfigError that names the file, the line, the key and the nearest right one.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from trayassist.api import ConfigError
from trayassist.config import messages, snapshots, yaml_edit
from trayassist.config.messages import InvalidSetting, Key
from trayassist.paths import Paths, shipped_file

DAY_S = 86_400  # no timer of ours runs longer
MOST_BYTES = 1_000_000  # of a settings file
MOST_KEYS = 100_000  # of a settings file: one with more is no settings file, or repeats itself through its anchors


class Section(BaseModel):
    """A part of a settings file: immutable, and with no unknown keys. Numbers end, and true is none."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _no_bool_for_a_number(cls, value: Any, info: ValidationInfo) -> Any:
        kind = cls.model_fields[info.field_name or ""].annotation
        if isinstance(value, bool) and {int, float} & {kind, *get_args(kind)}:
            raise PydanticCustomError("number", "Give a number")
        return value


class Hotkey(Section):
    """The global hotkey that opens the popup."""

    enabled: bool = True
    ask: str = Field(default="ctrl+alt+space", description="Modifiers and a key joined by +, such as ctrl+alt+space.")


class LookSettings(Section):
    """How the windows look and behave."""

    theme: Literal["system", "light", "dark"] = "system"
    language: Literal["system", "en", "de"] = "system"
    text_percent: int = Field(default=100, ge=80, le=160, description="Size of all text, in percent of the desktop's.")
    keep_answer_s: int = Field(
        default=120, ge=0, le=DAY_S, description="Seconds the last answer stays in a hidden popup."
    )
    pinned: bool = Field(default=False, description="Whether the popup stays open when another window is clicked.")


class MemorySettings(Section):
    """Reading files and remembering them."""

    readers: int = Field(default=2, ge=1, le=16, description="Files read at the same time.")
    page_time_limit_s: float = Field(
        default=60, gt=0, le=DAY_S, description="Longest a page may take before its file is given up."
    )
    file_time_limit_s: float = Field(default=3600, gt=0, le=DAY_S, description="Longest a file may take.")
    reader_memory_mb: int = Field(
        default=2048, ge=256, le=1_048_576, description="Memory a reader may take on top of its start size."
    )
    max_file_mb: int = Field(default=2000, ge=1, le=10_000_000, description="Larger files are refused.")
    ocr: bool = Field(default=True, description="Read pages without text by OCR, where language data is there.")
    ocr_language: str = Field(default="eng", description="Tesseract language codes joined by +, such as eng+deu.")
    skip_hidden: bool = Field(default=True, description="Leave out hidden files when a folder is walked.")


class HistorySettings(Section):
    """Past questions and answers."""

    keep: bool = True
    mask_secrets: bool = Field(default=True, description="Keys, tokens and passwords in them are kept as [secret: …].")


class AuditSettings(Section):
    """The audit log."""

    retention_days: int = Field(default=30, ge=1, le=36_500)


class Network(Section):
    """What may be asked of the network. Nothing is by itself, with or without this lock."""

    offline: bool = Field(
        default=False,
        description="A lock: no model is looked up or fetched, even if you ask. Providers have their own switches.",
    )


class PluginSettings(Section):
    """Plugins that are off, and each plugin's own settings by its name."""

    disabled: tuple[str, ...] = ()
    settings: dict[str, dict[str, Any]] = Field(default_factory=dict)


class App(Section):
    """All of app.yaml."""

    hotkey: Hotkey = Hotkey()
    look: LookSettings = LookSettings()
    memory: MemorySettings = MemorySettings()
    history: HistorySettings = HistorySettings()
    audit: AuditSettings = AuditSettings()
    network: Network = Network()
    plugins: PluginSettings = PluginSettings()


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A YAML file's content, the line of each key, and its text; all empty when the file is missing or empty."""

    path: Path
    data: dict[str, Any]
    lines: Mapping[Key, int]
    text: str = ""

    def line(self, key: Key) -> int:
        """Return the line of `key`, or of the closest key above it."""
        key = messages.key_in_file(key, self.data)
        while key and key not in self.lines:
            key = key[:-1]
        return self.lines.get(key, 1)


def load(paths: Paths) -> App:
    """Return the settings in force. Raises ConfigError."""
    return merge(App, read_yaml(shipped_file("config/app.yaml")), read_yaml(paths.app_config))


def merge[S: BaseModel](model: type[S], defaults: YamlFile, own: YamlFile) -> S:
    """Return `model` from the shipped defaults with the user's own keys on top. Raises ConfigError."""
    try:
        return model.model_validate(deep_merge(defaults.data, own.data))
    except ValidationError as error:
        file = own if own.data else defaults
        first, *others = messages.describe_errors(error, model, file.data)
        more = f" {len(others)} more: see trayassist config check." if others else ""
        raise ConfigError(f"{file.path}, line {file.line(first.key)}: {first.what}", f"{first.todo}{more}") from None


def find_errors(model: type[BaseModel], defaults: YamlFile, own: YamlFile) -> list[InvalidSetting]:
    """Return all values that keep `merge` from returning, in the order of the file."""
    try:
        model.model_validate(deep_merge(defaults.data, own.data))
    except ValidationError as error:
        return sorted(messages.describe_errors(error, model, own.data), key=lambda one: own.line(one.key))
    return []


def read_yaml(path: Path) -> YamlFile:
    """Return the file's mapping, lines and text. Raises ConfigError when it is not a YAML mapping."""
    try:
        state = path.stat()
        if not stat.S_ISREG(state.st_mode):
            raise ConfigError(f"{path} is no file.", "Move away what is there.")
        if state.st_size > MOST_BYTES:
            raise ConfigError(
                f"{path} is {state.st_size / 1e6:.1f} MB large; a settings file has at most {MOST_BYTES / 1e6:.0f} MB.",
                "Take out what is no setting, or put the last one back: trayassist config restore.",
            )
        content = path.read_bytes()
    except FileNotFoundError:
        return YamlFile(path, {}, {})
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.", "Check the file's permissions.") from error
    try:
        return parse_yaml(path, content.decode("utf-8"))
    except UnicodeDecodeError as error:
        where = f"{path}, line {content.count(b'\n', 0, error.start) + 1}"
        raise ConfigError(
            f"{where}: the text is not in UTF-8.",
            "Save the file as UTF-8: your editor's Save as asks for the encoding.",
        ) from None


def parse_yaml(path: Path, text: str) -> YamlFile:
    """Return the mapping and lines of a text that is, or is to be, at `path`. Raises ConfigError as read_yaml does."""
    lines: dict[Key, int] = {}
    try:
        _collect_lines(path, yaml_edit.compose(text), (), lines)
        data = yaml_edit.load(text)
    except (RecursionError, yaml_edit.TooDeep):
        raise ConfigError(
            f"{path} refers to itself, or is nested too deeply.", "Take the anchors (&, *) or the brackets out."
        ) from None
    except yaml.YAMLError as first:
        error = yaml_edit.explain(text, first)
        mark = getattr(error, "problem_mark", None)
        where = f"{path}, line {mark.line + 1}" if mark else str(path)
        what = str(getattr(error, "problem", None) or getattr(error, "reason", error))
        tab = mark is not None and "\t" in "".join(text.split("\n")[mark.line : mark.line + 1])
        todo = "Indent with spaces." if tab else "Mend that line or remove the file."
        raise ConfigError(f"{where} is not valid YAML: {what}.", todo) from None
    if data is None:
        return YamlFile(path, {}, {}, text)
    if not isinstance(data, dict):
        raise ConfigError(f"{path} must hold keys and values, such as “hotkey:”.", "See the shipped file for the form.")
    return YamlFile(path, data, lines, text)


def deep_merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with the keys of `over` on top; mappings are merged key by key, all else is replaced."""
    result = dict(base)
    for key, value in over.items():
        old = result.get(key)
        result[key] = deep_merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return result


def save_setting(paths: Paths, key: str, value: Any) -> App:
    """Set one dotted key in the user's app.yaml, atomically, after a snapshot; return the new settings.

    All other text of the file stays as it was. Raises ConfigError when the value is not allowed (nothing is written
    then) or the file cannot be written.
    """
    return _change(paths, lambda text: yaml_edit.put(text, key.split("."), value), f"before {key} was changed")


def update_setting(paths: Paths, key: str, change: Callable[[Any], Any]) -> App:
    """Set one dotted key to what `change` makes of the value in force. Writes and raises as `save_setting` does."""
    with snapshots.settings_lock(paths):
        value: Any = load(paths)
        for part in key.split("."):
            value = value[part] if isinstance(value, dict) else getattr(value, part)
        return save_setting(paths, key, change(value))


def remove_setting(paths: Paths, key: str) -> App:
    """Take one dotted key out of the user's app.yaml, so that the shipped value holds. Writes and raises as above."""
    return _change(paths, lambda text: yaml_edit.drop(text, key.split(".")), f"before {key} was taken out")


def _change(paths: Paths, change: Callable[[str], str], why: str) -> App:
    with snapshots.settings_lock(paths):
        own = read_yaml(paths.app_config)
        new = edit_text(own, change)
        settings = merge(App, read_yaml(shipped_file("config/app.yaml")), parse_yaml(paths.app_config, new))
        write(paths, paths.app_config, new, why=why)
    return settings


def edit_text(own: YamlFile, change: Callable[[str], str]) -> str:
    """Return the file's text after a change of `yaml_edit`. Raises NotSaved when it cannot be changed so."""
    try:
        return change(own.text)
    except (yaml_edit.NotEditable, yaml.YAMLError):
        raise snapshots.NotSaved(
            f"{own.path} is written in a form that cannot be changed from here.", "Change that key in the file itself."
        ) from None


def write(paths: Paths, path: Path, text: str, *, why: str) -> None:
    """Replace a settings file, atomically, after a snapshot. Raises NotSaved when it cannot be written.

    While the shipped settings stand in for a wrong file nothing is written: the change would be lost.
    """
    if path.name not in snapshots.FILES:
        raise snapshots.NotSaved(
            "Your settings file is wrong, so the shipped one is in force and nothing can be changed.",
            "Mend it (trayassist config check says how) or put the last one back (trayassist config restore), "
            "then start trayassist again.",
        )
    with snapshots.settings_lock(paths):
        snapshots.make(paths, why)
        try:
            snapshots.write_atomically(path, text, left_over_s=0)
        except OSError as error:
            raise snapshots.NotSaved(*_why_not_written(path, error)) from error


def _why_not_written(path: Path, error: OSError) -> tuple[str, str]:
    if not path.is_symlink():
        return f"{path} cannot be written: {error.strerror}.", "The setting was not kept."
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        return (
            f"{path} is a link to {target}, and there is no folder {target.parent}.",
            "Make that folder or remove the link. The setting was not kept.",
        )
    return (
        f"{path} is a link to {target}, which cannot be written: {error.strerror}.",
        "Change the setting where that file comes from, or replace the link by a file. The setting was not kept.",
    )


def _collect_lines(path: Path, node: yaml.Node | None, key: Key, lines: dict[Key, int]) -> None:
    """Note the line of each key. Raises ConfigError for a key that stands twice: the second would hide the first."""
    if len(lines) > MOST_KEYS:
        raise ConfigError(
            f"{path} has more than {MOST_KEYS:,} keys.", "Take the anchors (&, *) out, or remove the file."
        )
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            inner, line = (*key, str(name.value)), name.start_mark.line + 1
            if inner in lines:
                raise ConfigError(
                    f"{path}, line {line}: “{'.'.join(map(str, inner))}” stands there twice, and first in line "
                    f"{lines[inner]}.",
                    "Put the two together: only one of them would hold.",
                )
            lines[inner] = line
            _collect_lines(path, value, inner, lines)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            lines[(*key, index)] = value.start_mark.line + 1
            _collect_lines(path, value, (*key, index), lines)
