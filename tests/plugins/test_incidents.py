"""Plugins of other distributions that hang, crash or end the process: told once, left out until they change."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from tests.plugins import faulty
from tests.plugins.installed import distribution, trayassist
from trayassist.api import Answer, Chunk, Host, Request, Route, TrayassistError
from trayassist.paths import Paths
from trayassist.plugins.incidents import Incidents, RunningCode, stamp
from trayassist.plugins.sandbox import PluginLoop

ROLE = """
import ctypes, os
from trayassist.api import Chunk, hookimpl


class Ends:
    name = "ends"
    title = "Ends"
    examples = ()

    def claims(self, request):
        return None

    async def answer(self, request, route, host):
        yield Chunk("So far ")
        {way}


@hookimpl
def register_roles(host):
    return [Ends()]
"""


def plugins(site: Path) -> dict[str, dict[str, Any]]:
    return {line["name"]: line for line in map(json.loads, trayassist(site, "plugins", "--json").stdout.splitlines())}


@pytest.mark.parametrize(
    "way",
    ["os._exit(5)", "os.abort()", "os.fork()", "os.execv('/bin/true', ['true'])", "__import__('pty').fork()"],
)
def test_a_call_that_would_end_or_copy_the_app_fails_its_own_answer(tmp_path: Path, way: str) -> None:
    site = distribution(tmp_path / "site", ROLE.format(way=way), name="ends")
    done = trayassist(site, "ask", "hello", "--role", "ends")
    assert "would end, replace or copy trayassist" in done.stderr, done
    assert done.returncode != 5
    assert plugins(site)["ends"]["state"] == "on"


def test_one_whose_native_code_ends_the_process_is_named_at_the_next_start_and_left_out(
    home: Paths, tmp_path: Path
) -> None:
    site = distribution(tmp_path / "site", ROLE.format(way="ctypes.string_at(0)"), name="ends")
    assert trayassist(site, "ask", "hello", "--role", "ends").returncode == -11
    listed = plugins(site)
    assert listed["ends"]["state"] == "broken"
    assert listed["ends"]["reason"].startswith("trayassist ended while the role ends of it was running.")
    assert listed["persona"]["state"] == "on"
    assert not list((home.data / "plugin-code").iterdir())

    trayassist(site, "plugins", "--disable", "ends")
    trayassist(site, "plugins", "--enable", "ends")
    assert plugins(site)["ends"]["state"] == "on", "switched off and on it is tried again"


def test_one_that_hangs_at_import_costs_its_time_once_until_its_files_change(tmp_path: Path) -> None:
    tries = tmp_path / "tries"
    code = f"import time\nopen({str(tries)!r}, 'a').write('x')\ntime.sleep(600)\n"
    site = distribution(tmp_path / "site", code, name="hangs")
    first = plugins(site)["hangs"]
    assert first["state"] == "broken"
    assert first["reason"].startswith("It did not load within 20 seconds. It is tried again when its files")
    assert plugins(site)["hangs"] == first
    assert tries.read_text() == "x", "it is not tried again"
    (site / "thirdparty_hangs.py").write_text(ROLE.format(way="return"))
    assert plugins(site)["hangs"]["state"] == "on"


class Eats(faulty.SaysHello):
    """Takes memory without end, and never gives way."""

    async def answer(self, request: Request, route: Route, host: Host) -> AsyncIterator[Answer]:
        eaten = []
        while True:
            eaten.append(bytearray(2**20))
        yield Chunk("never")


async def test_one_that_eats_memory_is_stopped(home: Paths) -> None:
    loop = PluginLoop()
    role, route, host = Eats("eats"), None, None
    with pytest.raises(TrayassistError, match="it took more than 200 MB of memory"):
        await loop.run("The role eats", lambda: role.answer(None, route, host), print, silence_s=60, memory_mb=200)  # type: ignore[arg-type]

    async def fine() -> AsyncIterator[int]:
        yield 1

    got: list[int] = []
    await loop.run("The role fine", fine, got.append, silence_s=60)
    loop.stop()
    assert got == [1]


def ended_process() -> int:
    """Return the id of a process that is no more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_what_ran_when_a_process_ended_is_noted_and_a_regular_end_leaves_nothing(home: Paths) -> None:
    running = RunningCode(home)
    running.stamps = {"theirs": "s1"}
    with running.during("ours", "The role x"):
        assert not (home.data / "plugin-code").exists(), "our own plugins are not noted"
    file = home.data / "plugin-code" / f"{os.getpid()}.json"
    with running.during("theirs", "The role x"):
        left = file.read_text()
    file.with_stem(str(ended_process())).write_text(left)
    running.close()
    incidents = Incidents(home)
    incidents.note_ended_processes()
    assert "ended while the role x of it was running" in incidents.reason("theirs", "s1")
    assert incidents.reason("theirs", "s2") == "", "its files changed"
    assert list((home.data / "plugin-code").iterdir()) == []


@pytest.mark.parametrize(
    "left", ["", "[]", '{"boot": 1}', '{"boot": "other", "running": [["theirs", "s1", "The role"]]}']
)
def test_rubbish_and_a_machine_that_was_switched_off_blame_nobody(home: Paths, left: str) -> None:
    folder = home.data / "plugin-code"
    folder.mkdir(parents=True)
    (folder / f"{ended_process()}.json").write_text(left)
    incidents = Incidents(home)
    incidents.note_ended_processes()
    assert incidents.reason("theirs", "s1") == ""
    assert list(folder.iterdir()) == []


def test_the_stamp_changes_with_files_and_settings_and_imports_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "stamped_plugin"
    package.mkdir()
    (package / "__init__.py").write_text("raise SystemExit\n")
    monkeypatch.syspath_prepend(tmp_path)
    entry = EntryPoint("stamped", "stamped_plugin.deep:thing", "trayassist.plugins")
    first = stamp(entry, {})
    assert first == stamp(entry, {}) != stamp(entry, {"a": 1})
    (package / "deep.py").write_text("x = 1\n")
    assert stamp(entry, {}) != first
    assert stamp(EntryPoint("gone", "no_such_module_xyz", "trayassist.plugins"), {})
