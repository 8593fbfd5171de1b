"""No program is started but our own workers: neither by us nor by a library that looks for something."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workers.endpoint.asking import endpoint, items
from tests.workers.endpoint.servers import answers, serving
from trayassist.models.gguf import hardware
from trayassist.paths import Paths

COMMAND = Path(sys.executable).with_name("trayassist")
LOOKED_FOR = """
gcc cc ld ldconfig objdump nm sh uname lsb_release ifconfig ip arp netstat lspci lscpu locale git id hostname file
getent xprop gsettings dbus-launch ffmpeg tesseract rocm-smi rocminfo vulkaninfo
"""


@pytest.fixture
def tripwires(tmp_path: Path) -> Path:
    """A folder for PATH with such programs, each of which writes its name and arguments into `start_program`."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in LOOKED_FOR.split():
        (folder / name).write_text(f'#!/bin/bash\necho "{name} $*" >> {folder}/started\nexit 1\n')
        (folder / name).chmod(0o755)
    return folder


def start_program(arguments: tuple[str, ...], tripwires: Path, home: Paths) -> list[str]:
    """Run the program; return what it started besides itself: by PATH, and where strace is, by full path too."""
    env = os.environ | {"PATH": str(tripwires)}
    log = home.data / "strace.log"
    strace = shutil.which("strace")
    quiet = ("-f", "-q", "-s", "4096", "-e", "trace=execve", "-e", "signal=none")  # paths are written out whole
    traced = [strace, *quiet, "-o", str(log)] if strace else []
    done = subprocess.run([*traced, COMMAND, *arguments], env=env, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    found = (tripwires / "started").read_text().splitlines() if (tripwires / "started").exists() else []
    if strace and log.exists():
        calls = [line.partition("execve(")[2] for line in log.read_text().splitlines() if "execve(" in line]
        ours = (f'"{COMMAND}"', f'"{sys.executable}", ["{sys.executable}"')
        found += [call for call in calls if not call.startswith(ours)]
    return found


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="tripwires for what is looked for on Linux")
def test_the_command_line_starts_nothing_but_workers(tmp_path: Path, tripwires: Path, home: Paths) -> None:
    note = tmp_path / "note.txt"
    note.write_text("The late fee of the lease is forty dollars.\n")
    for arguments in (
        ("ingest", str(note)),
        ("ask", "What is the late fee?"),
        ("doctor",),
        ("status",),
        ("models", "recommend"),
    ):
        assert start_program(arguments, tripwires, home) == [], arguments


@pytest.mark.skipif(sys.platform == "win32", reason="tripwires are scripts")
async def test_asking_a_provider_starts_nothing(tripwires: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tripwires))
    with serving(answers("forty ", "dollars")) as server:
        async with endpoint(server.url) as worker:
            assert await items(worker, "What is the late fee?")
    assert not (tripwires / "started").exists(), (tripwires / "started").read_text()


def test_a_program_in_the_current_folder_is_not_started(
    tripwires: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A PATH with a relative folder in it, and Windows always, finds programs in the current folder."""
    (tripwires / "gcc").rename(tripwires / "nvidia-smi")
    monkeypatch.chdir(tripwires)
    monkeypatch.setenv("PATH", ".")
    hardware.look(tmp_path)
    assert not (tripwires / "started").exists()
    monkeypatch.setenv("PATH", str(tripwires))
    hardware.look(tmp_path)
    assert (tripwires / "started").exists()
