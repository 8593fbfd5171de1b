"""Starting with the desktop: an entry where this platform looks for such, made and removed atomically.

Linux: a desktop file in the autostart folder (XDG Autostart Specification). Windows: a value under the user's Run
key. macOS: a property list in the user's LaunchAgents, read by launchd at log-in. The entry itself is the setting;
none is kept elsewhere, so that what the desktop's own settings change is seen here too.
"""

from __future__ import annotations

import os
import plistlib
import shlex
import shutil
import sys
from pathlib import Path

from trayassist.config import snapshots

ID = "org.trayassist.trayassist"
RUN_KEY = r"Software\Microsoft\Windows\CurrentVersion\Run"


DESKTOP_FILE = """[Desktop Entry]
Type=Application
Name=trayassist
Comment=Ask your own documents
Exec={}
Icon=trayassist
Terminal=false
X-GNOME-Autostart-enabled=true
"""


def is_on() -> bool:
    """Return whether the app starts with the desktop."""
    if sys.platform == "win32":
        return _run_value() is not None
    file = entry()
    if sys.platform == "darwin" or not file.is_file():
        return file.is_file()
    text = file.read_text(encoding="utf-8", errors="replace")
    return not any(line.replace(" ", "").lower() == "hidden=true" for line in text.splitlines())


def switch(on: bool) -> None:
    """Make or remove the entry. Raises NotSaved when it cannot be written."""
    try:
        if sys.platform == "win32":
            _set_run_value(" ".join(f'"{part}"' for part in command()) if on else None)
        elif not on:
            entry().unlink(missing_ok=True)
        else:
            snapshots.write_atomically(entry(), _launch_agent() if sys.platform == "darwin" else _desktop_file())
    except OSError as error:
        where = RUN_KEY if sys.platform == "win32" else entry()
        raise snapshots.NotSaved(
            f"The entry that starts trayassist with the desktop cannot be changed: {error.strerror or error}.",
            f"Check the permissions of {where}.",
        ) from error


def entry() -> Path:
    """Return the file that starts the app, there or not (not on Windows)."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "LaunchAgents" / f"{ID}.plist"
    folder = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(folder) / "autostart" / "trayassist.desktop"


def command() -> list[str]:
    """Return the command that starts the app in the tray, with full paths: a desktop knows no shell's PATH."""
    beside = Path(sys.executable).with_name("trayassist.exe" if sys.platform == "win32" else "trayassist")
    program = str(beside) if beside.is_file() else shutil.which("trayassist")
    return [*([program] if program else [sys.executable, "-P", "-m", "trayassist"]), "--hidden"]


def _desktop_file() -> str:
    """Return a desktop file with our command, and with the TRAYASSIST_HOME that this app runs under."""
    start = command()
    if home := os.environ.get("TRAYASSIST_HOME"):
        start = ["env", f"TRAYASSIST_HOME={home}", *start]
    return DESKTOP_FILE.format(" ".join(_quote(part) for part in start))


def _quote(part: str) -> str:
    """Return an argument as the Desktop Entry Specification wants it in Exec."""
    part = part.replace("%", "%%")
    if shlex.quote(part) == part:
        return part
    escaped = "".join(f"\\{c}" if c in '"`$\\' else c for c in part)
    return '"' + escaped.replace("\\", "\\\\") + '"'


def _launch_agent() -> str:
    environment = {name: os.environ[name] for name in ("TRAYASSIST_HOME",) if name in os.environ}
    agent = {"Label": ID, "ProgramArguments": command(), "RunAtLoad": True, "EnvironmentVariables": environment}
    return plistlib.dumps(agent).decode()


def _run_value() -> str | None:
    import winreg  # only there on Windows

    try:
        with winreg.OpenKey(winreg.HKEY_CURRENT_USER, RUN_KEY) as key:  # type: ignore[attr-defined]
            return str(winreg.QueryValueEx(key, "trayassist")[0])  # type: ignore[attr-defined]
    except FileNotFoundError:
        return None


def _set_run_value(value: str | None) -> None:
    import winreg  # only there on Windows

    access = winreg.KEY_SET_VALUE  # type: ignore[attr-defined]
    with winreg.CreateKeyEx(winreg.HKEY_CURRENT_USER, RUN_KEY, 0, access) as key:  # type: ignore[attr-defined]
        if value is not None:
            winreg.SetValueEx(key, "trayassist", 0, winreg.REG_SZ, value)  # type: ignore[attr-defined]
        elif _run_value() is not None:
            winreg.DeleteValue(key, "trayassist")  # type: ignore[attr-defined]
