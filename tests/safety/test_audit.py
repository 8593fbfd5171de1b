"""The audit log: one line per event, private, redacted, never blocking, never silently short (S4-25, F-13, F-25)."""

from __future__ import annotations

import json
import logging
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, tzinfo
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from trayassist import logs
from trayassist.safety.audit import Audit


def wait(condition: Callable[[], bool]) -> None:
    until = monotonic() + 30
    while not condition():
        assert monotonic() < until
        sleep(0.01)


def lines(folder: Path) -> list[dict[str, Any]]:
    return [
        json.loads(line) for file in sorted(folder.glob("*.ndjson")) for line in file.read_text().split("\n") if line
    ]


def test_lines_carry_time_event_and_fields(tmp_path: Path) -> None:
    audit = Audit(tmp_path, 30)
    audit.write("ingest", pages=3, ms=1.23456, paths=[Path("a")], nested={"x": None})
    audit.close()
    (line,) = lines(tmp_path)
    assert (line["event"], line["pages"], line["ms"], line["nested"]) == ("ingest", 3, 1.235, {"x": None})
    assert line["ts"][:10] == date.today().isoformat()
    assert (tmp_path / f"{date.today().isoformat()}.ndjson").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")
def test_files_are_private_whatever_the_umask(tmp_path: Path) -> None:
    os.umask(0)
    audit = Audit(tmp_path, 30)
    audit.write("x")
    audit.close()
    (file,) = tmp_path.glob("*.ndjson")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_secrets_are_masked_in_lines_and_logs(tmp_path: Path) -> None:
    secret = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" * 2
    audit = Audit(tmp_path, 30)
    audit.write("x", note=f"key {secret}", deep=[{"key": secret}])
    audit.close()
    assert secret not in json.dumps(lines(tmp_path))
    file = tmp_path / "app.log"
    before = logging.getLogger().handlers[:]
    logs.set_up(file)
    try:
        logging.getLogger("t").warning("found %s here", secret)
    finally:
        for handler in set(logging.getLogger().handlers) - set(before):
            logging.getLogger().removeHandler(handler)
            handler.close()
    assert "found" in file.read_text()
    assert secret not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_old_days_go(tmp_path: Path) -> None:
    old = tmp_path / f"{(date.today() - timedelta(days=31)).isoformat()}.ndjson"
    kept = tmp_path / f"{(date.today() - timedelta(days=29)).isoformat()}.ndjson"
    old.write_text("{}\n")
    kept.write_text("{}\n")
    Audit(tmp_path, 30).close()
    assert not old.exists()
    assert kept.exists()


def test_writing_from_many_threads_loses_nothing(tmp_path: Path) -> None:
    audit = Audit(tmp_path, 30)

    def write(of: int) -> None:
        for number in range(200):
            audit.write("x", of=of, number=number)

    threads = [threading.Thread(target=write, args=(of,)) for of in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    audit.close()
    assert {(line["of"], line["number"]) for line in lines(tmp_path)} == {(o, n) for o in range(8) for n in range(200)}


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
def test_a_full_disk_is_said_and_the_lines_come_once_there_is_space(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trayassist.safety.audit.RETRY_S", 0.05)
    file = tmp_path / f"{date.today().isoformat()}.ndjson"
    file.symlink_to("/dev/full")
    audit = Audit(tmp_path, 30)
    audit.write("first")
    wait(lambda: "No space left" in audit.problem)
    audit.write("second")
    file.unlink()
    wait(lambda: not audit.problem)
    assert [line["event"] for line in lines(tmp_path)] == ["first", "second"], "also when nothing else happens"
    audit.close()
    assert [line["event"] for line in lines(tmp_path)] == ["first", "second"]


def test_a_folder_that_cannot_be_written_is_said_and_too_many_lines_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trayassist.safety.audit.QUEUE_LINES", 50)
    folder = tmp_path / "audit"
    folder.write_text("this is no folder")
    audit = Audit(folder, 30)
    for number in range(80):
        audit.write("x", number=number)
        wait(lambda: bool(audit.problem))
    wait(lambda: audit._lines.empty())
    folder.unlink()
    audit.write("last")
    audit.close()
    found = lines(folder)
    dropped = sum(line["lines"] for line in found if line["event"] == "audit_dropped")
    assert dropped > 0
    assert dropped + sum(line["event"] == "x" for line in found) == 80
    assert found[-1]["event"] in ("last", "audit_dropped")


def test_half_a_line_of_a_killed_process_spoils_no_other(tmp_path: Path) -> None:
    file = tmp_path / f"{date.today().isoformat()}.ndjson"
    file.write_text('{"event": "whole"}\n{"event": "ha')
    audit = Audit(tmp_path, 30)
    audit.write("after")
    audit.close()
    first, half, after = file.read_text().splitlines()
    assert (json.loads(first)["event"], half, json.loads(after)["event"]) == ("whole", '{"event": "ha', "after")


def test_whatever_is_written_is_a_line_of_json(tmp_path: Path) -> None:
    """File names may hold bytes that are no text; one line must not end the log."""
    audit = Audit(tmp_path, 30)
    audit.write("odd", name="caf\udce9.pdf", speed=float("nan"), line="a\nb\x00", who={"a@b.example"})
    audit.write("odder", problem=OSError("of c@d.example"), raw=b"x", path=Path("/x"))
    audit.write("next")
    audit.close()
    odd, odder, after = lines(tmp_path)
    assert (odd["speed"], odd["line"], odd["who"]) == (None, "a\nb\x00", ["[e-mail address]"])
    assert odd["name"].startswith("caf")
    assert odder["problem"] == "of [e-mail address]", "what JSON does not know is masked as well"
    assert after["event"] == "next"


def test_two_processes_write_whole_lines(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from trayassist.safety.audit import Audit\n"
        "audit = Audit(Path(sys.argv[1]), 30)\n"
        "for number in range(300): audit.write('x', of=sys.argv[2], number=number, text='long ' * 3000)\n"
        "audit.close(60)"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    processes = [subprocess.Popen([*command, name]) for name in ("a", "b")]
    assert [process.wait(120) for process in processes] == [0, 0]
    assert {(line["of"], line["number"]) for line in lines(tmp_path)} == {(o, n) for o in "ab" for n in range(300)}


class Day(date):
    """The day that a test sets."""

    now = date.today()

    @classmethod
    def today(cls) -> date:
        return cls.now


class Moment(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:
        return datetime.combine(Day.now, time(12))


def test_at_midnight_a_new_file_begins_and_old_ones_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trayassist.safety.audit.date", Day)
    monkeypatch.setattr("trayassist.safety.audit.datetime", Moment)
    audit = Audit(tmp_path, 2)
    first = date(2026, 11, 1)
    for days in (0, 1, 2, 3):
        Day.now = first + timedelta(days=days)
        audit.write("x")
        name = f"{Day.now.isoformat()}.ndjson"
        wait(lambda name=name: (tmp_path / name).exists())
    audit.close()
    assert sorted(file.stem for file in tmp_path.glob("*.ndjson")) == ["2026-11-02", "2026-11-03", "2026-11-04"]


def test_a_clock_that_jumps_removes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """But what is dated 1970: that is old by any clock."""
    monkeypatch.setattr("trayassist.safety.audit.date", Day)
    monkeypatch.setattr("trayassist.safety.audit.datetime", Moment)
    (tmp_path / "2026-11-01.ndjson").write_text("{}\n")
    for day in (date(2099, 1, 1), date(1970, 1, 1), date(2026, 11, 2)):
        Day.now = day
        audit = Audit(tmp_path, 30)
        audit.write("x")
        audit.close()
    assert sorted(file.stem for file in tmp_path.glob("*.ndjson")) == ["2026-11-01", "2026-11-02", "2099-01-01"]
