"""State files: a damaged one and one that cannot be written cost the state, never the start or the answer."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from trayassist.config.state_file import StateFile


def counts(given: Any) -> dict[str, int]:
    return {str(name): int(count) for name, count in given.items()}


def file(path: Path) -> StateFile[dict[str, int]]:
    return StateFile(path, counts, "counting begins anew")


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    one = file(tmp_path / "new" / "counts.json")
    assert one.read() == {}
    assert one.keep({"ä": 1})
    assert one.read() == {"ä": 1}
    assert one.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[1]", b'{"a": "x"}', b'{"a": null}', b"\xff\xfe", b"[" * 100_000, b"1" * 5000]
)
def test_a_damaged_file_is_as_good_as_none_and_logged(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "counts.json"
    path.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert file(path).read() == {}
    assert "counting begins anew" in caplog.text


def test_a_disk_that_takes_nothing_costs_the_state_only(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    with caplog.at_level(logging.WARNING):
        assert not file(tmp_path / "data" / "counts.json").keep({"a": 1})
    assert "counting begins anew" in caplog.text


ADDS = """
import sys
from pathlib import Path
from trayassist.config.state_file import StateFile
file = StateFile(Path(sys.argv[1]), dict, "counting begins anew")
for number in range(20):
    file.change(lambda kept: kept | {f"{sys.argv[2]}-{number}": number})
"""


def test_processes_that_change_it_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "counts.json"
    writers = [subprocess.Popen([sys.executable, "-c", ADDS, str(path), str(number)]) for number in range(5)]
    assert [writer.wait(120) for writer in writers] == [0] * 5
    assert len(file(path).read()) == 100
