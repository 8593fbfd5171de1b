"""Open a file in the user's own program, at the page where that program can be told one."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices

# Programs whose manual names an option for the page (known from use, not run in our tests).
PAGE_OPTIONS = {
    "org.gnome.Evince.desktop": ("evince", "--page-index={page}", "{path}"),
    "evince.desktop": ("evince", "--page-index={page}", "{path}"),
    "org.gnome.Papers.desktop": ("papers", "--page-index={page}", "{path}"),
    "atril.desktop": ("atril", "--page-index={page}", "{path}"),
    "xreader.desktop": ("xreader", "--page-index={page}", "{path}"),
    "org.kde.okular.desktop": ("okular", "--page", "{page}", "{path}"),
    "okularApplication_pdf.desktop": ("okular", "--page", "{page}", "{path}"),
    "org.pwmt.zathura.desktop": ("zathura", "--page={page}", "{path}"),
    "mupdf.desktop": ("mupdf", "{path}", "{page}"),
    "firefox.desktop": ("firefox", "{url}#page={page}"),
    "firefox-esr.desktop": ("firefox-esr", "{url}#page={page}"),
    "chromium.desktop": ("chromium", "{url}#page={page}"),
    "google-chrome.desktop": ("google-chrome", "{url}#page={page}"),
}


WEB = ("http", "https", "mailto")
LONGEST_ADDRESS = 2_000  # characters; a longer one cannot be shown whole


def web_address(link: QUrl) -> str:
    """Return the whole address of a web or mail link as it will be opened, hosts as punycode; "" for all else."""
    address = bytes(link.toEncoded().data()).decode("ascii", "replace")
    whole = link.isValid() and link.scheme() in WEB and (bool(link.host()) or link.scheme() == "mailto")
    return address if whole and len(address) <= LONGEST_ADDRESS else ""


def page_command(path: Path, page: int) -> list[str]:
    """Return the command that opens `path` at `page` in the user's PDF program, [] when that is not known.

    Asks the desktop which program that is, so it blocks: call it in a thread.
    """
    if sys.platform != "linux" or path.suffix.lower() != ".pdf" or page <= 1 or not shutil.which("xdg-mime"):
        return []
    try:
        asked = subprocess.run(
            ["xdg-mime", "query", "default", "application/pdf"], capture_output=True, text=True, timeout=5, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return page_arguments(asked.stdout.strip(), path, page)


def page_arguments(program: str, path: Path, page: int) -> list[str]:
    """Return the command of a desktop entry (`program`) for a page; [] where it is unknown or not installed."""
    parts = PAGE_OPTIONS.get(program, ())
    if not parts or not shutil.which(parts[0]):
        return []
    return [part.format(path=path, page=page, url=path.as_uri()) for part in parts]


def open_file(path: Path, command: list[str]) -> bool:
    """Start `command`, or the desktop's program for `path`; False when nothing could be started.

    A page is not put behind the address as "#page=": desktops that open files by address then look for a
    file of that name.
    """
    if command and QProcess.startDetached(command[0], command[1:])[0]:
        return True
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


def open_folder(path: Path) -> bool:
    """Show a folder in the file manager; False when there is none."""
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
