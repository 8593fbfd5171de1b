"""Settings are saved by one process at a time, in one step, through links; a process that dies leaves nothing."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from trayassist import config
from trayassist.api import ConfigError
from trayassist.config import snapshots
from trayassist.models.adapters.applied import Active, ActiveFile
from trayassist.models.registry import file as registry_file
from trayassist.paths import Paths

posix = pytest.mark.skipif(sys.platform == "win32", reason="links, modes and signals are POSIX's")

SAVE_FIVE = """
import sys
from trayassist import config, paths
from trayassist.models.registry import file
home = paths.current()
for number in range(5):
    if number % 2:
        config.save_setting(home, f"plugins.settings.p{sys.argv[1]}.k{number}", number)
    else:
        file.save(home, ("models", f"m{sys.argv[1]}-{number}"), {"file": "m.gguf", "kind": "instruct"})
    print("saved", flush=True)
"""
SWITCH_OFF = """
import sys
from trayassist import config, paths
config.update_setting(paths.current(), "plugins.disabled", lambda off: sorted({*off, sys.argv[1]}))
"""
HOLD = """
from trayassist import paths
from trayassist.config import snapshots
home = paths.current()
with snapshots.settings_lock(home):
    open(home.config / ".app.yaml.abcdefgh.new", "w").close()
    print("held", flush=True)
    input()
"""


def run(home: Paths, code: str, *arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "TRAYASSIST_HOME": str(home.config.parent)}
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_eight_processes_save_forty_settings_and_all_are_kept(home: Paths) -> None:
    home.registry.write_text("# mine\n")
    processes = [run(home, SAVE_FIVE, str(number)) for number in range(8)]
    for process in processes:
        out, err = process.communicate()
        assert (process.returncode, out.count("saved")) == (0, 5), err
    kept = {name: set(values) for name, values in config.load(home).plugins.settings.items()}
    assert kept == {f"p{number}": {"k1", "k3"} for number in range(8)}
    models = registry_file.load(home).models
    assert {f"m{process}-{number}" for process in range(8) for number in (0, 2, 4)} <= set(models)
    assert home.registry.read_text().startswith("# mine\n")
    made = snapshots.load_all(home)
    assert len(made) == snapshots.KEPT
    assert made[0].number == 40
    assert not [path.name for path in home.config.iterdir() if path.name.endswith(snapshots.TEMPORARY)]


def test_what_is_made_of_the_old_value_is_made_within_the_lock(home: Paths) -> None:
    processes = [run(home, SWITCH_OFF, f"p{number}") for number in range(6)]
    for process in processes:
        _, err = process.communicate()
        assert not process.returncode, err
    assert config.load(home).plugins.disabled == tuple(f"p{number}" for number in range(6))


@posix
def test_a_process_that_is_killed_with_the_lock_leaves_neither_lock_nor_file(home: Paths) -> None:
    holder = run(home, HOLD)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    left = home.config / f".app.yaml.abcdefgh{snapshots.TEMPORARY}"
    swap = home.config / ".app.yaml.swp"  # an editor's
    swap.touch()
    assert left.exists()
    config.save_setting(home, "look.theme", "dark")
    assert config.load(home).look.theme == "dark"
    assert not left.exists()
    assert swap.exists()


def test_who_waits_too_long_is_told(home: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    holder = run(home, HOLD)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        monkeypatch.setattr(snapshots.locks.lock_of(home.config / ".lock"), "_wait_s", 0.05)
        with pytest.raises(ConfigError, match="Another trayassist has been changing the settings"):
            config.save_setting(home, "look.theme", "dark")
    finally:
        holder.communicate("\n")
    config.save_setting(home, "look.theme", "dark")


def test_adapters_switched_on_by_two_at_once_are_both_kept(tmp_path: Path) -> None:
    def one(role: str) -> Active:
        names = dict.fromkeys(("baseModel", "baseSha256", "adapterPath", "ggufAdapterPath", "activatedAt"), "x")
        return Active(
            modelName=role, slot="recent", scale=1, evalScore=None, isDualAdapter=False, activatedBy="x", **names
        )

    def put(number: int) -> None:
        ActiveFile(tmp_path / "active.json").put(f"role{number}", (one(f"role{number}"),))

    threads = [threading.Thread(target=put, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(ActiveFile(tmp_path / "active.json").roles()) == {f"role{number}" for number in range(8)}


@posix
@pytest.mark.parametrize("name", ["app.yaml", "registry.yaml"])
def test_a_link_stays_one_and_its_file_keeps_its_mode(home: Paths, tmp_path: Path, name: str) -> None:
    dotfiles = tmp_path / "dotfiles"
    dotfiles.mkdir()
    target = dotfiles / f"my-{name}"
    target.write_text("# mine\n")
    target.chmod(0o640)
    link = home.config / name
    link.symlink_to(os.path.relpath(target, home.config))
    if name == "app.yaml":
        config.save_setting(home, "look.theme", "dark")
    else:
        registry_file.save(home, "mode", "dual")
    assert link.is_symlink()
    assert target.read_text().startswith("# mine\n")
    assert len(target.read_text().splitlines()) > 1
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert [path.name for path in dotfiles.iterdir()] == [target.name]
    snapshots.restore(home)
    assert link.is_symlink()
    assert target.read_text() == "# mine\n"


@posix
def test_a_dangling_link_makes_its_file_or_says_what_is_missing(home: Paths, tmp_path: Path) -> None:
    home.app_config.symlink_to(tmp_path / "dotfiles" / "app.yaml")
    with pytest.raises(ConfigError, match=r"is a link to .*, and there is no folder .*dotfiles\. Make that folder"):
        config.save_setting(home, "look.theme", "dark")
    (tmp_path / "dotfiles").mkdir()
    config.save_setting(home, "look.theme", "dark")
    assert home.app_config.is_symlink()
    assert (tmp_path / "dotfiles" / "app.yaml").exists()


@posix
@pytest.mark.skipif(sys.platform != "linux", reason="/proc takes no files from anyone")
def test_a_link_to_where_nobody_may_write_is_said(home: Paths) -> None:
    home.app_config.symlink_to("/proc/app.yaml")
    with pytest.raises(ConfigError, match=r"is a link to /proc/app\.yaml, which cannot be written: .*where that file"):
        config.save_setting(home, "look.theme", "dark")
    assert home.app_config.is_symlink()


@pytest.mark.skipif(sys.platform != "linux", reason="/proc has a file whose reading fails for everyone")
def test_a_file_that_cannot_be_read_keeps_the_other_from_being_saved_in_words(home: Paths) -> None:
    """No snapshot could be made of it before the change."""
    home.registry.symlink_to("/proc/self/mem")
    said = "registry.yaml cannot be read: Input/output error. The settings stay as they are."
    for work in (
        lambda: config.save_setting(home, "look.theme", "dark"),
        lambda: snapshots.make(home, "by hand"),
        lambda: snapshots.restore(home),
    ):
        with pytest.raises(snapshots.NotSaved, match=said):
            work()
    assert not home.app_config.exists()
