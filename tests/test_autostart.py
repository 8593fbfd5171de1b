"""Starting with the desktop: the entry is made, found, taken away; a desktop's own "off" is seen."""

from __future__ import annotations

import configparser
import plistlib
import shlex
import sys
from pathlib import Path

import pytest

from trayassist import autostart
from trayassist.api import ConfigError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the entry of Linux desktops")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("TRAYASSIST_HOME", raising=False)
    return tmp_path / "config" / "autostart"


def read_entry(folder: Path) -> dict[str, str]:
    parser = configparser.RawConfigParser()
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(folder / "trayassist.desktop", encoding="utf-8")
    return dict(parser["Desktop Entry"])


def test_the_entry_is_made_and_taken_away(folder: Path) -> None:
    assert not autostart.is_on()
    autostart.switch(True)
    assert autostart.is_on()
    entry = read_entry(folder)
    assert entry["Type"] == "Application"
    program, *arguments = shlex.split(entry["Exec"])
    assert Path(program).is_absolute()
    assert arguments[-1] == "--hidden"
    autostart.switch(False)
    assert not autostart.is_on()
    assert list(folder.iterdir()) == [], "no half-written file is left"
    autostart.switch(False)  # nothing to take away is no error


def test_the_home_this_app_runs_under_is_kept(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAYASSIST_HOME", str(tmp_path / "my $home 100%"))
    autostart.switch(True)
    line = read_entry(folder)["Exec"]
    assert line.startswith('env "TRAYASSIST_HOME=')
    assert "my \\\\$home 100%%" in line  # both escapes of the specification: of the value, and of the quoted argument


def test_what_the_desktops_own_settings_switch_off_is_off(folder: Path) -> None:
    autostart.switch(True)
    file = folder / "trayassist.desktop"
    file.write_text(file.read_text() + "Hidden=true\n")
    assert not autostart.is_on()


def test_a_folder_that_cannot_be_written_is_said(folder: Path) -> None:
    folder.parent.mkdir()
    folder.write_text("a file where the folder should be")
    with pytest.raises(ConfigError, match="cannot be changed"):
        autostart.switch(True)


def test_the_macs_agent_is_a_property_list(folder: Path) -> None:
    agent = plistlib.loads(autostart._launch_agent().encode())
    assert agent["RunAtLoad"] is True
    assert agent["ProgramArguments"][-1] == "--hidden"
