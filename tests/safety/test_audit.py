"""The audit log: one line per event, private, redacted, never blocking, never silently short (S4-25, F-13, F-25)."""

from __future__ import annotations

import json
import logging
import os
import stat
import sys
import threading
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from trayassist import logs
from trayassist.safety.audit import Audit


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for file in sorted(folder.glob("*.ndjson")) for line in file.read_text().splitlines()]


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
def test_a_full_disk_is_said_and_the_missing_lines_are_counted(tmp_path: Path) -> None:
    (tmp_path / f"{date.today().isoformat()}.ndjson").symlink_to("/dev/full")
    audit = Audit(tmp_path, 30)
    audit.write("lost")
    audit.close()
    assert "No space left" in audit.problem
    (tmp_path / f"{date.today().isoformat()}.ndjson").unlink()
