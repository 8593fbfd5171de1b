"""Plugins of other distributions that misbehave where only a process of its own can catch it, or on its streams."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.plugins.installed import distribution, trayassist

NOISY = """
import os
from trayassist.api import Chunk, Page, hookimpl

print("noise")
os.write(1, b"raw noise\\n")


class Noisy:
    name = "noisy"
    title = "Prints"
    examples = ()
    suffixes = (".noise",)

    def claims(self, request):
        return "It is mine." if request.text == "noisy" else None

    async def answer(self, request, route, host):
        print("more noise")
        yield Chunk("Done.")

    def read(self, path, options):
        print("noise of a reader")
        os.write(1, b"raw noise of a reader\\n")
        yield Page(number=1, text="A page about herons.", total=1)


@hookimpl
def register_roles(host):
    return [Noisy()]


@hookimpl
def register_ingestors(host):
    return [Noisy()]
"""


@pytest.mark.parametrize(
    ("code", "entry", "said"),
    [
        ("import os\nos.kill(os.getpid(), 11)\n", "", "It crashed while it was loaded"),
        ("import os\nos._exit(5)\n", "", "It crashed while it was loaded"),
        ("import os\nif not os.fork():\n    os._exit(0)\n", "", "It copies the running process while it is loaded"),
        ("import os\nos.fork()\nx = 1\n", "", "It copies the running process while it is loaded"),
        ("hoard = [bytearray(2**26) for _ in range(2000)]\n", "", "MemoryError"),
        ("raise RuntimeError('no')\n", "", "RuntimeError: no"),
        ("raise KeyboardInterrupt\n", "", "It did not load: KeyboardInterrupt."),
        ("def (:\n", "", "SyntaxError"),
        ("import no_such_library\n", "", "no_such_library"),
        ("x = 1\n", "no_such_module_at_all", "No module named 'no_such_module_at_all'"),
        ("x = 1\n", "thirdparty_shouting:nothing", "has no attribute 'nothing'"),
    ],
)
def test_one_that_does_not_load_is_named_and_the_others_work(tmp_path: Path, code: str, entry: str, said: str) -> None:
    listed = trayassist(distribution(tmp_path / "site", code, entry=entry), "plugins")
    assert re.search(r"shouting +broken", listed.stdout), listed
    assert said in listed.stdout
    assert "Traceback" not in listed.stdout + listed.stderr
    assert re.search(r"persona +on", listed.stdout)


def test_one_that_crashes_does_not_crash_the_readers_of_files(tmp_path: Path) -> None:
    site = distribution(tmp_path / "site", "import os\nos._exit(5)\n")
    note = tmp_path / "note.txt"
    note.write_text("The heron stands in the pond.\n")
    report, _summary = map(json.loads, trayassist(site, "ingest", str(note), "--json").stdout.splitlines())
    assert report["status"] == "ingested", report


FORKS_WHILE_READING = """
import os
from trayassist.api import Page, hookimpl


class Forking:
    name = "forking"
    suffixes = (".fork",)

    def read(self, path, options):
        for number in range(options.first_page, 4):
            os.fork()
            yield Page(number=number, text=f"Page {number} about herons.", total=3)


@hookimpl
def register_ingestors(host):
    return [Forking()]
"""


def test_copies_that_one_forks_while_it_reads_do_not_answer(tmp_path: Path) -> None:
    site = distribution(tmp_path / "site", FORKS_WHILE_READING, name="forking")
    for name in ("a", "b"):
        (tmp_path / f"{name}.fork").write_text(name)
    done = trayassist(site, "ingest", str(tmp_path / "a.fork"), str(tmp_path / "b.fork"), "--json")
    first, second, _summary = map(json.loads, done.stdout.splitlines())
    assert (first["status"], first["pages"]) == ("ingested", 3), first
    assert second["reason"].endswith("a.fork.") or (second["status"], second["pages"]) == ("ingested", 3), second


def test_what_one_prints_does_not_get_into_the_output(tmp_path: Path) -> None:
    site = distribution(tmp_path / "site", NOISY, name="noisy")
    note = tmp_path / "birds.noise"
    note.write_text("x")
    for arguments in (("plugins",), ("ask", "noisy"), ("ingest", str(note))):
        done = trayassist(site, *arguments, "--json")
        assert done.returncode == 0, done
        assert [json.loads(line) for line in done.stdout.splitlines()]
        assert "raw noise" in done.stderr


def test_of_two_with_one_name_ours_is_kept_and_the_other_is_named(tmp_path: Path) -> None:
    site = distribution(tmp_path / "site", NOISY, name="persona")
    listed = trayassist(site, "plugins")
    assert re.search(r"persona +on +trayassist ", listed.stdout), listed
    assert re.search(r"persona \(thirdparty-persona\) +broken", listed.stdout), listed
    assert "noise" not in listed.stderr, "it is not even imported"
