"""One home, several processes: one of them writes to memory at a time, and all of them read what is true."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.memory.writing import open_memory, pages_of, write
from trayassist.paths import Paths
from trayassist.workers.memory.access import LOCK_FILE, WriterLock
from trayassist.workers.memory.errors import MemoryInUse

pytestmark = pytest.mark.timeout(900)  # whole programs, several at once, on machines that do other things too

WORDS = ("zanzibar", "quokka", "xylophone", "marzipan", "dodecahedron", "wombat", "kumquat", "obsidian", "flugelhorn")


def begin(*arguments: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "trayassist", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def lines_of(process: subprocess.Popen[str]) -> list[dict[str, object]]:
    out, err = process.communicate()
    assert process.returncode == 0, out + err
    return [json.loads(line) for line in out.splitlines()]


def run(*arguments: str | Path) -> list[dict[str, object]]:
    return lines_of(begin(*arguments))


def folders(where: Path, count: int, files: int) -> list[Path]:
    """Make folders of notes; each note has a word that no other has."""
    made = []
    for number in range(count):
        folder = where / f"folder{number}"
        folder.mkdir()
        for file in range(files):
            word = f"{WORDS[number]}{file}"
            (folder / f"note{file}.txt").write_text(f"The note about {word}.\n" + f"Plain filler {file}. " * 300)
        made.append(folder)
    return made


def check_all_cited(where: Sequence[Path], files: int) -> None:
    """Every unique word is found in its own file, and the counts are right."""
    documents = [line for line in run("memory", "list", "--json") if "path" in line]
    expected = {str(folder / f"note{file}.txt") for folder in where for file in range(files)}
    assert {line["path"] for line in documents} == expected
    assert len(documents) == len(expected)
    asked = [
        (f"{WORDS[number]}{file}", str(folder / f"note{file}.txt"))
        for number, folder in enumerate(where)
        for file in range(files)
    ]
    batch = where[0].parent / "batch.ndjson"
    batch.write_text("".join(json.dumps({"query": word}) + "\n" for word, _ in asked))
    found = run("search", "--batch", batch, "--limit", "1")
    assert [line["results"][0]["path"] for line in found] == [path for _, path in asked]  # type: ignore[index]
    status = run("status", "--json")[0]
    assert status["documents"] == len(expected)
    assert status["passages"] == sum(int(str(line["passages"])) for line in documents)
    assert not [warning for warning in status["warnings"] if "index" in warning.lower()]  # type: ignore[attr-defined]


def test_command_lines_started_at_once_lose_nothing(home: Paths, tmp_path: Path) -> None:
    made = folders(tmp_path, 3, 4)
    started = [begin("ingest", folder, "--json") for folder in made]
    for process in started:
        reports = lines_of(process)
        assert [line["status"] for line in reports if "status" in line] == ["ingested"] * 4
    again = run("ingest", *made, "--json")
    assert {line["status"] for line in again if "status" in line} == {"unchanged"}
    check_all_cited(made, 4)


HOLDER = """
import sys, time
from pathlib import Path
from trayassist.workers.memory.access import WriterLock
lock = WriterLock(Path(sys.argv[1]))
lock.take()
print("held", flush=True)
time.sleep(3600)
"""


def test_who_waits_says_so_and_a_killed_writer_holds_nobody_up(home: Paths, tmp_path: Path) -> None:
    made = folders(tmp_path, 2, 3)
    run("ingest", made[0], "--json")
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(home.memory)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    waiting = begin("ingest", made[1], "--json")
    assert waiting.stderr is not None
    assert f"Another trayassist (process {os.getpid()}) is writing" in waiting.stderr.readline()
    found = run("search", "--json", f"{WORDS[0]}1")[0]  # reading goes on
    assert found["results"][0]["path"] == str(made[0] / "note1.txt")  # type: ignore[index]
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    reports = lines_of(waiting)
    assert [line["status"] for line in reports if "status" in line] == ["ingested"] * 3
    check_all_cited(made, 3)


def test_a_reader_sees_what_another_process_writes(home: Paths, tmp_path: Path) -> None:
    made = folders(tmp_path, 1, 3)

    async def scenario() -> None:
        async with open_memory(home) as reader:
            assert not (await reader.search("zanzibar1")).passages
            await asyncio.to_thread(run, "ingest", made[0], "--json")
            found = await reader.search("zanzibar1")
            assert found.passages[0].path == str(made[0] / "note1.txt")
            assert len(await reader.documents()) == 3
            await asyncio.to_thread(run, "memory", "forget", made[0] / "note1.txt", "--json")
            assert all(p.path != str(made[0] / "note1.txt") for p in (await reader.search("zanzibar1")).passages)
            await asyncio.to_thread(run, "memory", "forget", "--all", "--yes", "--json")
            assert await reader.documents() == []
            assert not (await reader.search("zanzibar2")).passages

    asyncio.run(scenario())


async def test_two_programs_take_turns(home: Paths) -> None:
    async with open_memory(home) as one, open_memory(home) as other:
        await one.claim("ingest")
        with pytest.raises(MemoryInUse):
            await other.begin("/a.txt", "0" * 64, 3, 1.0)
        await write(one, "/one.txt", pages_of("The first word is zanzibar."))
        await one.release("ingest")
        await other.claim("ingest")
        await write(other, "/other.txt", pages_of("The other word is quokka."))
        await other.release("ingest")
        await one.remember("the key is 4711")
        for memory in (one, other):
            assert {document.path for document in await memory.documents()} == {"/one.txt", "/other.txt"}
            assert (await memory.search("quokka")).passages[0].path == "/other.txt"
            assert [fact.text for fact in await memory.facts()] == ["the key is 4711"]


@pytest.mark.skipif(sys.platform != "linux", reason="limits the size of this process's files")
def test_the_right_to_write_can_be_had_on_a_full_disk(tmp_path: Path) -> None:
    """Forgetting needs it, and makes room."""
    import resource

    lock, other = WriterLock(tmp_path), WriterLock(tmp_path)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        lock.take()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    with pytest.raises(MemoryInUse):
        other.take()
    lock.release()
    other.take()
    other.release()


def test_a_drive_that_gives_its_locks_to_two_computers(tmp_path: Path) -> None:
    lock = WriterLock(tmp_path)
    record = {"pid": 1, "began": 1.0, "program": 77, "host": "another-computer"}
    (tmp_path / LOCK_FILE).write_text(json.dumps(record))
    with pytest.raises(MemoryInUse, match="another-computer"):
        lock.take()
    old = time.time() - 3600
    os.utime(tmp_path / LOCK_FILE, (old, old))
    lock.take()  # it has shown no life for an hour
    lock.release()
