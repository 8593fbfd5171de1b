"""The queue's and the history's files: a disk's trouble loses nothing, and of a damaged file what is left is kept."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.memory.test_history import file_of, make_finished, make_request, open_history, run
from trayassist.api import Busy, TrayassistError
from trayassist.memory import database
from trayassist.memory.queue import FileQueue

FILES = [(f"/documents/file number {number}.pdf", number, "") for number in range(25)]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB of its own; the test is skipped where none can be mounted."""
    folder = tmp_path / "small"
    folder.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]).returncode:
        pytest.skip("only root may mount a small file system")
    yield folder
    subprocess.run(["umount", "-l", folder], check=False)


def fill_queue(path: Path) -> None:
    queue = FileQueue(path)
    queue.add(FILES)
    queue.close()


def check_whole(path: Path) -> None:
    """All files still wait, in the file that was there before."""
    assert not list(path.parent.glob("*.damaged*"))
    queue = FileQueue(path)
    assert [(file.path, file.size, file.real) for file in queue.waiting([], 100)] == FILES
    assert queue.notice == ""
    queue.close()


def test_a_full_disk_costs_no_waiting_file(small_disk: Path) -> None:
    path = small_disk / "queue.sqlite"
    fill_queue(path)
    subprocess.run(["dd", "if=/dev/zero", f"of={small_disk / 'filler'}"], capture_output=True, check=False)
    with pytest.raises(TrayassistError, match=r"no space left|its disk"):
        FileQueue(path).add([(f"/{'x' * 900}/{number}", 1, "") for number in range(100)])
    assert not list(path.parent.glob("*.damaged*"))
    (small_disk / "filler").unlink()
    check_whole(path)


def test_a_locked_file_costs_no_waiting_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_MS", 100)
    path = tmp_path / "queue.sqlite"
    fill_queue(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA locking_mode=EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(Busy, match="another program"):
        FileQueue(path).add([("/new", 1, "")])
    other.execute("ROLLBACK")
    other.close()
    check_whole(path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become somebody else")
def test_a_file_without_permission_costs_no_waiting_file(tmp_path: Path) -> None:
    path = tmp_path / "queue.sqlite"
    fill_queue(path)
    os.seteuid(65534)
    try:
        with pytest.raises(TrayassistError, match="permissions"):
            FileQueue(path)
    finally:
        os.seteuid(0)
    check_whole(path)


def test_something_else_in_its_place_is_said(tmp_path: Path) -> None:
    path = tmp_path / "queue.sqlite"
    path.mkdir()
    with pytest.raises(TrayassistError, match="cannot be read or written"):
        FileQueue(path)
    assert path.is_dir()


def tear(path: Path, first: float, last: float) -> None:
    """Write noise over a part of the file, given as shares of its length."""
    data = bytearray(path.read_bytes())
    begin, end = int(len(data) * first), int(len(data) * last)
    data[begin:end] = os.urandom(end - begin)
    path.write_bytes(data)


def test_of_a_torn_queue_what_can_be_read_goes_on_waiting(tmp_path: Path) -> None:
    path = tmp_path / "queue.sqlite"
    queue = FileQueue(path)
    queue.add_roots(["/a folder"])
    queue.add([(f"/documents/{number}/{'long name ' * 10}.pdf", number, "") for number in range(2000)])
    queue.close()
    tear(path, 0.4, 0.5)
    queue = FileQueue(path)
    files = {file.size for file in queue.waiting([], 5000)}
    queue.add([("/new", 5000, "")])  # where the damage was not met by then, it is now
    files |= {file.size for file in queue.waiting([], 5000)}
    assert len(files) > 200
    assert "was damaged" in queue.notice
    assert queue.roots() == ["/a folder"]
    assert len(list(tmp_path.glob("queue.sqlite.damaged-*[0-9]"))) == 1
    queue.close()


def test_of_a_torn_history_what_can_be_read_is_kept(tmp_path: Path) -> None:
    async def go() -> None:
        async with open_history(tmp_path) as history:
            for number in range(300):
                await history.add(make_request(f"question {number}"), make_finished("a longer answer " * 20))
        tear(file_of(tmp_path), 0.4, 0.5)
        async with open_history(tmp_path) as history:
            for _ in range(2):  # the first that meets the damage mends it
                kept = [entry.question for entry in await history.recent(1000)]
            assert "question 299" in kept
            assert "question 0" in kept
            assert str(len(kept)) in history.notice
            assert [entry.question for entry in await history.search("question 299")][:1] == ["question 299"]

    run(go())
