"""Jobs and tools of a plugin of another distribution, in the running app and from the command line beside it."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Start
from tests.e2e.desk import App, Desk, wait_until
from tests.plugins.installed import distribution
from trayassist.paths import Paths

pytestmark = pytest.mark.e2e

CODE = """
from pathlib import Path
from trayassist.api import PluginUnavailable, Risk, hookimpl


class Counts:
    name = "count-facts"
    title = "Count the remembered facts"
    trigger = "at start"

    async def run(self, host):
        return f"{len(await host.facts())} facts are remembered."


class Never:
    name = "never"
    title = "Is switched off"
    trigger = "at start"

    async def run(self, host):
        return "It ran."


class Breaks:
    name = "breaks"
    title = "Breaks"
    trigger = "at start"

    async def run(self, host):
        raise ValueError("no luck")


class Words:
    name = "count_words"
    description = "Counts the words of a text."
    schema = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
    risk = Risk.LOW

    async def run(self, arguments, host):
        return f"{len(arguments['text'].split())} words."


class Writes:
    name = "write"
    description = "Writes a file."
    schema = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
    risk = Risk.MEDIUM

    async def run(self, arguments, host):
        Path(arguments["path"]).write_text("written")
        return "Written."


@hookimpl
def register_jobs(host):
    return [Counts(), Never(), Breaks()]


@hookimpl
def register_tools(host):
    return [Words(), Writes()]
"""


@pytest.fixture
def app(xserver: Desk, start: Start, home: Paths, tmp_path: Path) -> App:
    """The app with the plugin, and with one of its jobs switched off."""
    site = distribution(tmp_path / "site", CODE, name="errands")
    xserver.env["PYTHONPATH"] = os.pathsep.join([str(site), *filter(None, [xserver.env.get("PYTHONPATH")])])
    home.registry.write_text("jobs: {never: {enabled: false}}\n")
    return start("--hidden").ready()


def read_audit(paths: Paths, action: str) -> list[tuple[str, Any]]:
    """Return the audit log's lines about this action: event and success."""
    written = [json.loads(line) for file in paths.audit.glob("*.ndjson") for line in file.read_text().splitlines()]
    return [(line["event"], line.get("success")) for line in written if line.get("action") == action]


def test_jobs_run_at_start_and_by_hand(app: App, home: Paths) -> None:
    wait_until(lambda: len(read_audit(home, "count-facts")) == 2, "the job ran at the start", 60)
    assert read_audit(home, "count-facts") == [("job_started", None), ("job_finished", True)]
    wait_until(lambda: "job count-facts: 0 facts are remembered." in app.output(), "what it told is in the log")
    wait_until(lambda: ("job_finished", False) in read_audit(home, "breaks"), "the job that breaks ended")
    assert "The job breaks failed: ValueError: no luck." in app.output()
    assert not read_audit(home, "never")

    listed = {job["name"]: job for job in map(json.loads, app.command("jobs", "--json").stdout.splitlines())}
    assert [listed[name]["enabled"] for name in ("count-facts", "never")] == [True, False]
    app.command("ask", "remember that the key is under the mat")
    ran = app.command("jobs", "run", "count-facts")
    assert (ran.stdout, ran.returncode) == ("1 facts are remembered.\n", 0), ran
    refused = app.command("jobs", "run", "never")
    assert "The job never is switched off." in refused.stderr
    assert refused.returncode != 0


def test_a_tool_runs_with_the_yes_that_its_risk_asks_for(app: App, home: Paths, tmp_path: Path) -> None:
    counted = app.command("tools", "run", "count_words", '{"text": "one two"}')
    assert (counted.stdout, counted.returncode) == ("2 words.\n", 0), counted
    wrong = app.command("tools", "run", "count_words", '{"text": 2}')
    assert "must be of type string" in wrong.stderr
    assert wrong.returncode != 0

    file = tmp_path / "written.txt"
    arguments = ("tools", "run", "write", json.dumps({"path": str(file)}))
    denied = app.command(*arguments)
    assert "write was not run." in denied.stderr
    assert not file.exists()
    assert answer_on_terminal(app, b"y\n", *arguments) == 0
    assert file.read_text() == "written"
    assert [event for event, _ in read_audit(home, "write")] == [
        *("action_requested", "action_denied", "action_finished"),
        *("action_requested", "action_approved", "action_finished"),
    ]


def answer_on_terminal(app: App, said: bytes, *arguments: str) -> int:
    """Run the command line on a terminal, where someone types this; return its exit code."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "trayassist", *arguments]
    with subprocess.Popen(command, env=app.env, stdin=theirs, stdout=subprocess.DEVNULL, stderr=theirs) as process:
        os.close(theirs)
        os.write(ours, said)
        code = process.wait(120)
    os.close(ours)
    return code
