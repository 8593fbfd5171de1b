"""Nothing in the folder that trayassist is started in is executed, whatever it is called."""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path

import pytest

from trayassist import paths

COMMAND = Path(sys.executable).with_name("trayassist")
BEFORE_US = {"importlib", "types", "warnings", "trayassist"}  # what `python -m` itself imports from the current folder


def names() -> set[str]:
    """Return the modules of the standard library, and of every installed distribution."""
    installed = {name for name in importlib.metadata.packages_distributions() if name.isidentifier()}
    return {*sys.stdlib_module_names, *installed, "sitecustomize", "usercustomize"} - {"__main__"}


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A folder of such modules, each of which leaves its name in the file `executed`."""
    folder = tmp_path / "hostile"
    folder.mkdir()
    for name in names():
        (folder / f"{name}.py").write_text(
            f"with open({str(folder / 'executed')!r}, 'a') as file:\n    file.write({name!r} + '\\n')\n"
            f"raise ImportError('{name} of the current folder')\n"
        )
    plugin = folder / "intruder-1.dist-info"
    plugin.mkdir()
    (plugin / "METADATA").write_text("Metadata-Version: 2.1\nName: intruder\nVersion: 1\n")
    (plugin / "entry_points.txt").write_text("[trayassist.plugins]\nintruder = socket\n")
    (folder / "note.txt").write_text("The late fee of the lease is forty dollars.\n")
    return folder


def run(folder: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_modules_of_the_current_folder_are_not_executed(hostile: Path) -> None:
    for arguments, said in (
        (("ingest", "note.txt"), "remembered"),
        (("search", "late fee"), "forty dollars"),
        (("ask", "What is the late fee?"), "forty dollars"),
        (("doctor",), "keyring"),
        (("models", "list"), "No model"),
        (("plugins",), "watchdog"),
    ):
        done = run(hostile, COMMAND, *arguments)
        assert said in done.stdout + done.stderr
        assert not (hostile / "executed").exists(), (arguments, (hostile / "executed").read_text())
        assert "intruder" not in done.stdout


def test_a_start_as_module_leaves_the_current_folder_before_it_imports_more(hostile: Path) -> None:
    for name in names() - BEFORE_US:
        if name in before_main():
            (hostile / f"{name}.py").unlink()
    for name in BEFORE_US:
        (hostile / f"{name}.py").unlink()
    done = run(hostile, sys.executable, "-m", "trayassist", "search", "late fee")
    assert "Memory is empty" in done.stdout + done.stderr
    assert not (hostile / "executed").exists(), (hostile / "executed").read_text()


def before_main() -> set[str]:
    """Return the modules that `python -m` has imported when ours begins."""
    code = "import runpy, sys; runpy._get_module_details('trayassist'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_a_folder_that_is_gone_is_no_hindrance(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    code = f"import os, sys\nos.rmdir({str(folder)!r})\nos.execv(sys.argv[1], sys.argv[1:])\n"
    folder.mkdir()
    done = run(folder, sys.executable, "-c", code, COMMAND, "search", "late fee")
    assert "Memory is empty" in done.stdout + done.stderr


def test_a_relative_home_stays_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAYASSIST_HOME", "here")
    done = run(tmp_path, COMMAND, "search", "late fee")
    assert "Memory is empty" in done.stdout + done.stderr
    assert (tmp_path / "here" / "data" / "memory").is_dir()
    assert not (tmp_path / "here" / "data" / "here").exists()
    assert paths.current().data == Path.cwd() / "here" / "data"
