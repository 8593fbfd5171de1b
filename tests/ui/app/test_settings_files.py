"""Settings files that are edited while the app runs: taken over, or told and left."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QObject

from trayassist import config
from trayassist.api import ConfigError
from trayassist.assistant import Assistant
from trayassist.cli import verbs
from trayassist.config import snapshots
from trayassist.models.registry import file as registry_file
from trayassist.paths import Paths
from trayassist.ui.app.loading import readable_settings
from trayassist.ui.app.settings_files import SettingsWatch


class WatchedFiles:
    """An assistant, the watch over its files, and how often it took something over."""

    def __init__(self, home: Paths, *problems: str, readable: Paths | None = None) -> None:
        self.home, self.assistant, self._parent = home, Assistant(home, readable=readable), QObject()
        self.watch = SettingsWatch(self.assistant, problems, self._parent)
        self.taken = 0
        self.problems: list[str] = []
        self.watch.taken.connect(self._count)
        self.watch.problem_changed.connect(self.problems.append)

    def _count(self) -> None:
        self.taken += 1

    async def until(self, condition: Callable[[], object]) -> None:
        while not condition():  # noqa: ASYNC110  # the system tells the watch in its own time
            await asyncio.sleep(0.02)


@asynccontextmanager
async def watch_files(home: Paths, *problems: str) -> AsyncIterator[WatchedFiles]:
    one = WatchedFiles(home, *problems)
    await one.assistant.start()
    one.watch.begin()
    try:
        yield one
    finally:
        await one.watch.stop()
        await one.assistant.stop()


def replace(file: Path, text: str) -> None:
    """Save as editors do: a new file in the place of the old one."""
    new = file.with_name("4913~")
    new.write_text(text)
    new.replace(file)


@pytest.mark.parametrize("save", [replace, Path.write_text])
async def test_a_file_that_is_edited_is_taken_over_each_time(home: Paths, save: Callable[[Path, str], object]) -> None:
    async with watch_files(home) as one:
        for mode in ("dual", "emulation", "dual"):
            save(home.registry, f"mode: {mode}\n")
            await one.until(lambda mode=mode: one.assistant.registry.mode == mode)
        save(home.app_config, "look: {theme: dark}\n")
        await one.until(lambda: one.assistant.config.look.theme == "dark")
        home.registry.unlink()
        await one.until(lambda: one.assistant.registry.mode == "agent")
        assert not one.watch.problem


async def test_a_broken_file_keeps_what_runs_and_is_told_until_it_is_mended(home: Paths) -> None:
    home.registry.write_text("mode: emulation\n")
    async with watch_files(home) as one:
        replace(home.registry, "mode: agent\nroles: [\n")
        await one.until(lambda: one.watch.problem)
        assert one.assistant.registry.mode == "emulation"
        (status,) = [line async for line in verbs.run(one.assistant, "status", {})]
        assert "registry.yaml, line" in status["warnings"][0]
        assert "the settings from before are in force" in status["warnings"][0]
        assert one.problems[-1] == one.watch.problem
        replace(home.registry, "mode: dual\n")
        await one.until(lambda: not one.watch.problem)
        assert one.assistant.registry.mode == "dual"
        assert one.problems[-1] == ""
        assert snapshots.load_all(home)[0].files["registry.yaml"] == b"mode: dual\n"


async def test_one_broken_file_does_not_keep_the_other_from_being_taken_over(home: Paths) -> None:
    async with watch_files(home) as one:
        replace(home.registry, "roles: [\n")
        await one.until(lambda: "registry.yaml" in one.watch.problem)
        replace(home.app_config, "look: {theme: dark}\n")
        await one.until(lambda: one.assistant.config.look.theme == "dark")
        lines = [line async for line in verbs.run(one.assistant, "plugins", {"disable": "coder"})]
        assert not [line for line in lines if "error" in line]
        assert config.load(home).plugins.disabled == ("coder",)
        assert "registry.yaml" in one.watch.problem


async def test_our_own_saves_are_not_taken_over_again(home: Paths) -> None:
    home.registry.write_text("mode: dual\n")
    async with watch_files(home) as one:
        await one.until(lambda: snapshots.load_all(home))
        await asyncio.to_thread(registry_file.save, home, "mode", "emulation")
        await one.assistant.reload_registry()
        await asyncio.to_thread(config.save_setting, home, "look.theme", "dark")
        await one.assistant.reload_config()
        await asyncio.sleep(1)
        assert one.taken == 0
        assert one.assistant.registry.mode == "emulation"


async def test_what_stands_in_at_the_start_is_told_as_long_as_it_does(home: Paths) -> None:
    home.registry.write_text("modles: {}\n")
    with pytest.raises(ConfigError) as error:
        registry_file.load(home)
    home.registry.unlink()
    started = f"{error.value} Until it is mended, the shipped settings are in force, in mode agent."
    one = WatchedFiles(home, started)
    home.registry.write_text("modles: {}\n")
    await one.assistant.start()
    one.watch.begin()
    await asyncio.sleep(1)
    assert one.watch.problem == started
    await one.watch.stop()
    await one.assistant.stop()


async def test_a_problem_of_the_start_goes_when_the_file_is_mended(home: Paths) -> None:
    async with watch_files(home, "registry.yaml was wrong.") as one:
        await one.until(lambda: not one.watch.problem)
        assert one.problems[-1] == ""


async def test_of_two_broken_files_only_the_one_that_still_is_broken_is_told(home: Paths) -> None:
    home.registry.write_text("modles: {}\n")
    home.app_config.write_text("lok: {}\n")
    usable, _, problems = readable_settings(home)
    one = WatchedFiles(home, *problems, readable=usable)
    await one.assistant.start()
    one.watch.begin()
    assert "modles" in one.watch.problem
    assert "lok" in one.watch.problem
    replace(home.app_config, "look: {theme: dark}\n")
    await one.until(lambda: "lok" not in one.watch.problem)
    assert one.watch.problem == problems[1], "and what stands in for it"
    replace(home.app_config, "look: [\n")
    await one.until(lambda: "app.yaml" in one.watch.problem)
    assert one.watch.problem.endswith(problems[1])
    replace(home.registry, "mode: dual\n")
    await one.until(lambda: "modles" not in one.watch.problem)
    assert one.watch.problem.endswith("Until it is mended, the settings from before are in force.")
    await one.watch.stop()
    await one.assistant.stop()


@pytest.mark.skipif(os.name == "nt", reason="links are POSIX's")
async def test_a_file_behind_a_link_is_watched(home: Paths, tmp_path: Path) -> None:
    dotfiles = tmp_path / "dotfiles"
    dotfiles.mkdir()
    target = dotfiles / "registry.yaml"
    target.write_text("mode: dual\n")
    home.registry.symlink_to(target)
    async with watch_files(home) as one:
        replace(target, "mode: emulation\n")
        await one.until(lambda: one.assistant.registry.mode == "emulation")
