"""The queue's file, the walk over folders, and how reports put things."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from trayassist.api import TrayassistError
from trayassist.memory.queue import FileQueue
from trayassist.memory.reports import Meter, ranges, summary_of_notes
from trayassist.memory.walk import walk


def test_files_wait_in_order_and_once(tmp_path: Path) -> None:
    queue = FileQueue(tmp_path / "q.sqlite")
    queue.add([("/a", 1, "/a"), ("/b", 2, "/b"), ("/a", 3, "/a")])
    assert queue.count() == (2, 5)
    assert [file.path for file in queue.waiting([], 5)] == ["/a", "/b"]
    assert [file.path for file in queue.waiting(["/a"], 5)] == ["/b"]
    queue.remove("/a")
    assert queue.count() == (1, 2)
    queue.close()


def test_what_was_not_read_is_kept_with_its_reason_and_waits_again_when_dropped_again(tmp_path: Path) -> None:
    queue = FileQueue(tmp_path / "q.sqlite")
    queue.add([("/a", 1, "/a")])
    queue.record_deaths("/a", 2)
    assert queue.waiting([])[0].deaths == 2
    queue.park("/a", "failed", "It is broken.")
    assert queue.waiting([]) == []
    assert [(p.path, p.state, p.reason) for p in queue.problems()] == [("/a", "failed", "It is broken.")]
    queue.add([("/a", 1, "/a")])
    assert queue.problems() == []
    assert queue.waiting([])[0].deaths == 0
    queue.close()


def test_the_queue_is_there_after_the_process_ended(tmp_path: Path) -> None:
    queue = FileQueue(tmp_path / "q.sqlite")
    queue.add_roots(["/folder"])
    queue.add([("/a", 1, "/a")])
    other = FileQueue(tmp_path / "q.sqlite")  # the first was never closed
    assert other.roots() == ["/folder"]
    assert other.count() == (1, 1)
    other.close()
    queue.close()


def test_a_queue_of_an_earlier_version_is_taken_over(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / "q.sqlite", isolation_level=None)
    old.execute(
        "CREATE TABLE files (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, size INTEGER NOT NULL,"
        " state TEXT NOT NULL DEFAULT 'waiting', deaths INTEGER NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT '')"
    )
    old.execute("INSERT INTO files (path, size) VALUES ('/a', 1)")
    old.close()
    queue = FileQueue(tmp_path / "q.sqlite")
    assert [(file.path, file.real) for file in queue.waiting([])] == [("/a", "")]
    queue.add([("/b", 2, "/real/b")])
    assert [(file.path, file.real) for file in queue.waiting(["/a"])] == [("/b", "/real/b")]
    queue.close()


def test_a_damaged_queue_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "q.sqlite"
    path.write_bytes(b"this is no database" * 100)
    queue = FileQueue(path)
    queue.add([("/a", 1, "/a")])
    assert queue.count() == (1, 1)
    assert len(list(tmp_path.glob("q.sqlite.damaged-*"))) == 1
    assert "was damaged" in queue.notice
    queue.close()


def test_a_queue_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    queue = FileQueue(tmp_path / "q.sqlite")
    other = sqlite3.connect(tmp_path / "q.sqlite", isolation_level=None)
    other.execute("DROP TABLE files")
    with pytest.raises(TrayassistError, match="list of files to read did not work"):
        queue.add([("/a", 1, "/a")])
    queue.add_roots(["/works/still"])  # the failed change left no open transaction behind
    assert queue.roots() == ["/works/still"]
    other.close()
    queue.close()


def test_a_folder_is_walked_without_hidden_files_and_loops(tmp_path: Path) -> None:
    (tmp_path / "b" / "deep").mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    for name in ("a.txt", "b/deep/c.txt", ".hidden.txt", ".git/config"):
        (tmp_path / name).write_text("x")
    (tmp_path / "b" / "loop").symlink_to(tmp_path)
    (tmp_path / "nowhere").symlink_to(tmp_path / "gone")
    os.mkfifo(tmp_path / "pipe")
    names = [str(Path(found.path).relative_to(tmp_path)) for found in walk(str(tmp_path))]
    assert names == ["a.txt", "b/deep/c.txt"]
    everything = [str(Path(found.path).relative_to(tmp_path)) for found in walk(str(tmp_path), skip_hidden=False)]
    assert sorted(everything) == [".git/config", ".hidden.txt", "a.txt", "b/deep/c.txt"]


def test_links_that_lead_out_of_a_dropped_folder_are_not_followed_and_that_is_said(tmp_path: Path) -> None:
    folder, outside = tmp_path / "dropped", tmp_path / "outside"
    for one in (folder / "sub", outside / "deep"):
        one.mkdir(parents=True)
    (outside / "secret.txt").write_text("x")
    (outside / "deep" / "secret.txt").write_text("x")
    (folder / "a.txt").write_text("x")
    (folder / "file.txt").symlink_to(outside / "secret.txt")
    (folder / "folder").symlink_to(outside)
    (folder / "sub" / "relative").symlink_to("../../outside/deep")
    (folder / "chain").symlink_to(folder / "folder")  # inside, and from there out
    (folder / "up").symlink_to(tmp_path)
    (tmp_path / "dropped too").mkdir()  # begins like the folder, and lies outside
    (folder / "beside").symlink_to(tmp_path / "dropped too")
    found = list(walk(str(folder)))
    assert [Path(one.path).name for one in found if not one.problem] == ["a.txt"]
    (problem,) = [one.problem for one in found if one.problem]
    assert problem.startswith("beside and 5 other links lead out of dropped, and are not followed")
    for link in ("file.txt", "folder", "up", "beside", "sub/relative"):
        (folder / link).unlink()
    (folder / "chain").unlink()
    (folder / "lnk.txt").symlink_to("/etc/passwd")
    (problem,) = [one.problem for one in walk(str(folder)) if one.problem]
    assert problem == "lnk.txt is a link that leads out of dropped, and is not followed. Drop what it leads to."


def test_links_inside_a_dropped_folder_are_read_once_and_loops_end(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.txt").write_text("x")
    for link, target in (
        ("again", "sub"),
        ("b too.txt", "sub/b.txt"),
        ("round", "."),
        ("sub/loop", ".."),
        ("self", "self"),
        ("ping", "pong"),
        ("pong", "ping"),
        ("nowhere", "gone"),
    ):
        (tmp_path / link).symlink_to(target)
    assert [found.path for found in walk(str(tmp_path))] == [str(tmp_path / "sub" / "b.txt")]


def test_a_link_that_was_dropped_itself_is_followed(tmp_path: Path) -> None:
    folder = tmp_path / "real"
    folder.mkdir()
    (folder / "a.txt").write_text("x")
    (folder / "b.txt").symlink_to(folder / "a.txt")
    (tmp_path / "first").symlink_to(folder)
    (tmp_path / "link").symlink_to("first")  # a chain
    (tmp_path / "file").symlink_to(tmp_path / "link" / "a.txt")
    (found,) = walk(str(tmp_path / "link"))
    assert (found.path, found.real) == (str(tmp_path / "link" / "a.txt"), str(folder / "a.txt"))
    (found,) = walk(str(tmp_path / "file"))
    assert (found.path, found.real) == (str(tmp_path / "file"), str(folder / "a.txt"))


def test_our_own_data_is_never_walked(tmp_path: Path) -> None:
    """Reading the audit log and the memory would change them, without an end."""
    own = tmp_path / "library" / "data"
    own.mkdir(parents=True)
    (own / "audit.ndjson").write_text("{}")
    (tmp_path / "library" / "letter.txt").write_text("x")
    (tmp_path / "way round").symlink_to(own)
    assert [Path(found.path).name for found in walk(str(tmp_path), own=own)] == ["letter.txt"]
    (found,) = walk(str(own), own=own)
    assert "its own data" in found.problem
    assert [found.path for found in walk(str(tmp_path), own=tmp_path / "not made yet")]


def test_what_cannot_be_walked_is_said(tmp_path: Path) -> None:
    (found,) = walk(str(tmp_path / "gone"))
    assert "does not exist" in found.problem
    os.mkfifo(tmp_path / "pipe")
    (found,) = walk(str(tmp_path / "pipe"))
    assert "neither a file nor a folder" in found.problem


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_folder_is_reported_and_the_rest_is_read(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o000)
    (tmp_path / "open.txt").write_text("x")
    found = list(walk(str(tmp_path)))
    assert [Path(f.path).name for f in found if not f.problem] == ["open.txt"]
    assert ["cannot be read" in f.problem for f in found if f.problem] == [True]


def test_notes_are_put_together() -> None:
    notes = [(2, "a scan"), (3, "a scan"), (7, "a scan"), (5, "damaged")]
    assert summary_of_notes(notes) == "Pages 2-3, 7: a scan. Page 5: damaged."
    assert summary_of_notes([]) == ""
    assert ranges(range(1, 100, 2), limit=2) == "1, 3 and 48 more"


def test_progress_is_told_ten_times_a_second_at_most() -> None:
    meter = Meter()
    meter.reset()
    assert [meter.due() for _ in range(50)].count(True) == 1


def test_time_left_is_not_guessed_from_nothing() -> None:
    meter = Meter()
    meter.reset()
    meter.more(2, 1000)
    assert meter.progress("/a", 1, 10, 100.0).seconds_left is None
    meter._began -= 10.0
    meter.count_done(400)
    assert meter.progress("/b", 1, 10, 100.0).seconds_left == pytest.approx(10.0, rel=0.05)
