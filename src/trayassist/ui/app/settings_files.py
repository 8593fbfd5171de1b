"""The user's settings files: taken over when edited while the app runs; another file stands in for a wrong one."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from trayassist import config
from trayassist.api import ConfigError
from trayassist.config import YamlFile, snapshots, yaml_edit
from trayassist.models.registry import file as registry_file
from trayassist.models.registry.schema import Registry
from trayassist.models.serving import providers
from trayassist.paths import Paths, shipped_file

if TYPE_CHECKING:
    from trayassist.assistant import Assistant

logger = logging.getLogger(__name__)

SETTLE_MS = 300  # editors write a file in several steps
MODE = re.compile(r"""(?:^|[{,])[ \t]*["']?mode["']?[ \t]*:[ \t]*["']?([\w.-]+)""", re.MULTILINE)
WORD = re.compile(r"[\w.-]+")


class SettingsWatch(QObject):
    """Watches the two files. What is wrong leaves the running settings in force and is told in `problem`.

    `problem` is "" while both files are right. A save of our own is in force already and changes nothing here.
    """

    taken = Signal()  # other settings than before are in force
    problem_changed = Signal(str)

    def __init__(self, assistant: Assistant, problems: Sequence[str], parent: QObject) -> None:
        """`problems` are those of the start: each begins with its error, and says what is in force instead."""
        super().__init__(parent)
        self._problems = list(problems)
        self._assistant = assistant
        self._paths = assistant.paths
        self._task: asyncio.Task[None] | None = None
        self._again = False
        self._kept = False  # a snapshot of the files as they were found at the start
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._look_soon)
        self._files = QFileSystemWatcher(self)
        self._files.fileChanged.connect(lambda _: self._settle.start())
        self._files.directoryChanged.connect(lambda _: self._settle.start())
        self._tell()

    @property
    def problem(self) -> str:
        """Why a file is not in force, "" when all is well."""
        return self._assistant.settings_problem

    def begin(self) -> None:
        """Watch from now on, and look once: a file may have changed since it was read."""
        self._watch()
        self._look_soon()

    async def stop(self) -> None:
        """Watch no more."""
        self._settle.stop()
        self._files.deleteLater()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _watch(self) -> None:
        """Watch the files and the folders they lie in, where links lead, too: a file that is replaced is another."""
        places = {str(self._paths.config)}
        for file in (self._paths.app_config, self._paths.registry):
            if file.exists():
                places |= {str(file), str(file.resolve().parent)}
        if new := places.difference(self._files.files(), self._files.directories()):
            self._files.addPaths(sorted(new))

    def _look_soon(self) -> None:
        if self._task is not None and not self._task.done():
            self._again = True
            return
        self._task = asyncio.get_running_loop().create_task(self._look())

    async def _look(self) -> None:
        try:
            self._watch()
            await self._take_over()
        except Exception:  # barrier: the next change of a file is looked at all the same
            logger.exception("the settings files could not be taken over")
        if self._again:
            self._again = False
            self._settle.start()

    async def _take_over(self) -> None:
        """Put each file in force that is right and says something new; tell of those that are wrong."""
        settings = await asyncio.to_thread(_load, config.load, self._paths)
        registry = await asyncio.to_thread(_load, registry_file.load, self._paths)
        wrong = [str(one) for one in (settings, registry) if isinstance(one, ConfigError)]
        new = [
            not isinstance(settings, ConfigError) and settings != self._assistant.config,
            not isinstance(registry, ConfigError) and registry != self._assistant.registry,
        ]
        if not wrong and (any(new) or not self._kept):
            await asyncio.to_thread(self._keep)
        if new[0]:
            await self._assistant.reload_config()
        if new[1]:
            await self._assistant.reload_registry()
        if any(new):
            self.taken.emit()
            logger.info("settings that were changed by hand are in force")
        self._problems = [self._problem_of(error) for error in wrong]
        self._tell()

    def _keep(self) -> None:
        """Make a snapshot of what is right now: it stands in when the app starts with a file that is wrong."""
        self._kept = True
        if not (self._paths.app_config.exists() or self._paths.registry.exists()):
            return
        try:
            snapshots.make(self._paths, "taken over as found")
        except ConfigError as error:
            logger.warning("settings: %s", error)

    def _problem_of(self, error: str) -> str:
        """Return an error with what is in force meanwhile; one that is told already stays as it was told."""
        known = next((problem for problem in self._problems if problem.startswith(error)), "")
        return known or f"{error} Until it is mended, the settings from before are in force."

    def _tell(self) -> None:
        problem = " ".join(self._problems)
        if problem != self.problem:
            self._assistant.settings_problem = problem
            if problem:
                logger.warning("settings: %s", problem)
        self.problem_changed.emit(problem)


def _load[T](load: Callable[[Paths], T], paths: Paths) -> T | ConfigError:
    try:
        return load(paths)
    except ConfigError as error:
        return error


# ------------------------------------------------------------ stand-ins


@dataclass(frozen=True, slots=True)
class StandIn:
    """A file to read instead of the wrong one, and a sentence about it."""

    path: Path
    says: str


def make_stand_in(paths: Paths, name: str) -> StandIn:
    """Write the file that stands in for the user's wrong `name`.yaml ("app" or "registry"); return it.

    It is the last one that was right, or the shipped one, and never more than it. Nobody can tell what the wrong file
    was to switch off: so a mode that it names holds, or else the one that leaves most roles off; providers on other
    machines are off; what app.yaml locks is locked.

    Raises NotSaved when it cannot be written.
    """
    wrong = _text_of(paths.config / f"{name}.yaml")
    text, at = _last_good(paths, name)
    says = f"Until it is mended, your settings of {at[:16].replace('T', ' ')} UTC are in force"
    if not text:
        says = "Until it is mended, the shipped settings are in force"
    if name == "registry":
        text, mode = _safe_registry(text, wrong)
        says += f", in mode {mode}, with every provider on another machine off"
    else:
        text = _safe_app(text, wrong)
        says += ", and nothing is fetched from the network"
    path = paths.data / "stand-in" / f"{name}.in-force.yaml"
    try:
        snapshots.write_atomically(path, f"# Stands in for your {name}.yaml while it is wrong.\n{text}")
    except OSError as error:
        raise snapshots.NotSaved(f"{path} cannot be written: {error.strerror}.", "Check the data folder.") from error
    return StandIn(path, f"{says}.")


def _text_of(path: Path) -> str | None:
    """Return the wrong file's text as far as there is one, None when nothing of it can be read."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return file.read(config.MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return None


def _last_good(paths: Paths, name: str) -> tuple[str, str]:
    """Return the newest snapshot's file that can be used, and its time; two empty texts when there is none."""
    check: Callable[[str], object] = _load_registry if name == "registry" else _load_app
    for one in snapshots.load_all(paths):
        try:
            text = one.files[f"{name}.yaml"].decode("utf-8")
            check(text)
        except (KeyError, UnicodeDecodeError, ConfigError):
            continue
        return text, one.at
    return "", ""


def _load_registry(text: str) -> Registry:
    own = config.parse_yaml(Path("snapshot"), text)
    return registry_file.validate(own)


def _load_app(text: str) -> config.App:
    return config.merge(
        config.App, config.read_yaml(shipped_file("config/app.yaml")), config.parse_yaml(Path("snapshot"), text)
    )


def _safe_registry(text: str, wrong: str | None) -> tuple[str, str]:
    """Return the text with a mode that is no more powerful than the wrong file's, without other machines; the mode."""
    registry = _load_registry(text)
    named = [mode for mode in MODE.findall(wrong or "") if mode in registry.modes]
    if wrong is None or (not named and re.search(r"\bmode\b", wrong)):
        named = list(registry.modes)  # it may have said any of them
    mode = max(named or [registry.mode], key=lambda one: _roles_off(registry, one))
    changes: list[tuple[list[str], Any]] = [(["mode"], mode)]
    for name, provider in registry.providers.items():
        if provider.enabled and providers.leaves_machine(provider):
            changes.append((["providers", name, "enabled"], False))
    return _put_all(text, changes), mode


def _roles_off(registry: Registry, mode: str) -> int:
    return sum(change is None for change in registry.modes[mode].roles.values())


def _safe_app(text: str, wrong: str | None) -> str:
    """Return the text with what the wrong file may have locked or switched off, locked and off."""
    settings = _load_app(text)
    changes: list[tuple[list[str], Any]] = [(["network", "offline"], True)]
    if wrong is None or "keep" in wrong:
        changes.append((["history", "keep"], False))
    named = WORD.findall(wrong.partition("disabled")[2])[:1000] if wrong else []
    off = {*settings.plugins.disabled, *named}
    changes.append((["plugins", "disabled"], sorted(off)))
    return _put_all(text, changes)


def _put_all(text: str, changes: list[tuple[list[str], Any]]) -> str:
    try:
        for path, value in changes:
            text = yaml_edit.put(text, path, value)
    except (yaml_edit.NotEditable, yaml.YAMLError):  # anchors, for one: without comments it can be written
        data = YamlFile(Path("snapshot"), yaml_edit.load(text) or {}, {}).data
        for path, value in changes:
            data = config.deep_merge(data, _nest(path, value))
        text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False)
    return text


def _nest(path: list[str], value: Any) -> dict[str, Any]:
    for part in reversed(path):
        value = {part: value}
    return dict(value)
