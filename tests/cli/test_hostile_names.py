"""Names of files reach a terminal as one line of harmless text each, and JSON without loss."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from trayassist.cli.runner import confirm_on_terminal, for_display
from trayassist.paths import Paths

NAMES = (
    "red\x1b[31m\x1b]0;owned\x07.txt",
    "two\nok    forged.txt  9 pages.txt",
    "from right\u202etxt.md",
    "carriage\rreturn.txt",
)
STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def trayassist(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "trayassist", *arguments]
    return subprocess.run(command, env=dict(os.environ), capture_output=True, text=True, timeout=300, check=False)


def test_no_name_steers_the_terminal_or_makes_a_line_of_its_own(home: Paths, tmp_path: Path) -> None:
    folder = tmp_path / "dropped"
    folder.mkdir()
    for number, name in enumerate(NAMES):
        (folder / name).write_text(f"The heron number {number} stands in the pond of the garden.\n")
    ingest = trayassist("ingest", str(folder))
    assert ingest.returncode == 0, ingest
    assert sum(line.startswith("remembered") for line in ingest.stdout.splitlines()) == len(NAMES), ingest.stdout
    listed = trayassist("memory", "list")
    assert len(listed.stdout.splitlines()) == len(NAMES)
    searched, asked = trayassist("search", "heron in the pond"), trayassist("ask", "Where does the heron stand?")
    for done in (ingest, listed, searched, asked):
        assert not STEERS.search(done.stdout + done.stderr), repr(done.stdout)
        assert "heron" in done.stdout or "txt" in done.stdout
    as_json = trayassist("memory", "list", "--json")
    assert not STEERS.search(as_json.stdout)
    assert {Path(json.loads(line)["path"]).name for line in as_json.stdout.splitlines()} == set(NAMES)


def test_lines_of_an_answer_keep_their_tabs() -> None:
    shown: list[dict[str, object]] = []
    code = "```make\nall:\n\tgo build\n\t\tif x {\x1b[8m\n\u202e"
    for_display(shown.append)({"event": "chunk", "text": code, "path": "a\tb"})
    harmless = "```make\nall:\n\tgo build\n\t\tif x {\ufffd[8m\n\ufffd"
    assert shown == [{"event": "chunk", "text": harmless, "path": "a b"}]


def test_a_question_is_asked_on_one_harmless_line(capfd: pytest.CaptureFixture[str]) -> None:
    assert not confirm_on_terminal("Forget \x1b[8mhidden\x1b[0m\n\u202egarage?")
    assert capfd.readouterr().err.startswith("Forget \ufffd[8mhidden\ufffd[0m \ufffdgarage? (Not done")


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there every file name is text")
def test_a_name_that_is_no_text_costs_that_file_only_and_one_sentence(home: Paths, tmp_path: Path) -> None:
    folder = tmp_path / "dropped"
    (folder / "inner").mkdir(parents=True)
    (folder / "good.txt").write_text("The heron stands in the pond of the garden.\n")
    (folder / "inner" / "other.txt").write_text("The kingfisher sits above the pond.\n")
    (folder / os.fsdecode(b"caf\xe9.txt")).write_text("The swan sleeps.\n")
    for paths in ([folder], [folder / "good.txt", folder / os.fsdecode(b"caf\xe9.txt")]):
        done = trayassist("ingest", *map(str, paths))
        assert done.returncode == 3, done
        assert "Traceback" not in done.stderr
        (line,) = [line for line in done.stdout.splitlines() if line.startswith("not read")]
        assert "caf\N{REPLACEMENT CHARACTER}.txt" in line
        assert "This name is not valid text. Rename the file" in line
    listed = [json.loads(line) for line in trayassist("memory", "list", "--json").stdout.splitlines()]
    assert sorted(Path(line["path"]).name for line in listed) == ["good.txt", "other.txt"]
    assert json.loads(trayassist("status", "--json").stdout)["queued"] == 0
