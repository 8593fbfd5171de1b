"""The pages of the settings window, as data where they are settings."""

from __future__ import annotations

import platform
from importlib import metadata

from PySide6.QtCore import Qt, qVersion
from PySide6.QtWidgets import QPushButton

from trayassist import __version__
from trayassist.ui.windows.base import label
from trayassist.ui.windows.settings_rows import CONTROL, Page, Row, Spec
from trayassist.ui.windows.words import tr

SOURCE = "https://github.com/trayassist/trayassist"


def general() -> list[Spec]:
    """Return the settings of the look and the popup; the hotkey has a row of its own."""
    themes = {"system": tr("Follow the system"), "light": tr("Light"), "dark": tr("Dark")}
    return [
        Spec("look.theme", tr("Theme"), choices=themes),
        Spec("look.keep_answer_s", tr("Keep the last answer for"), unit=tr("s")),
        Spec("look.pinned", tr("Keep the popup open")),
    ]


def memory() -> list[tuple[str, list[Spec]]]:
    """Return the settings of reading files, in groups."""
    return [
        (
            tr("Reading"),
            [
                Spec("memory.ocr", tr("Read scanned pages (OCR)")),
                Spec("memory.ocr_language", tr("Language of scanned pages")),
                Spec("memory.skip_hidden", tr("Skip hidden files")),
                Spec("memory.readers", tr("Readers")),
            ],
        ),
        (
            tr("Limits"),
            [
                Spec("memory.max_file_mb", tr("Largest file"), unit="MB"),
                Spec("memory.page_time_limit_s", tr("Time for a page"), unit=tr("s")),
                Spec("memory.file_time_limit_s", tr("Time for a file"), unit=tr("s")),
                Spec("memory.reader_memory_mb", tr("Memory of a reader"), unit="MB"),
            ],
        ),
    ]


def privacy() -> list[Spec]:
    """Return the settings of what is kept."""
    return [
        Spec(
            "history.keep",
            tr("Keep questions and answers"),
            tr("On this machine only. Without it, follow-up questions know nothing of the ones before."),
        ),
        Spec(
            "audit.retention_days",
            tr("Keep the audit log for"),
            tr("What was asked of which role and model, and every verdict; never the text of your files."),
            unit=tr("days"),
        ),
    ]


def about() -> Page:
    """Return the page about the program; the libraries are listed by `fill_libraries`."""
    page = Page(tr("About"))
    lines = (
        (tr("Version"), tr("trayassist {version}, Python {python}, Qt {qt}").format(
            version=__version__, python=platform.python_version(), qt=qVersion())),
        (tr("Licence"), tr("GNU Affero General Public License, version 3 or later (AGPL-3.0-or-later). You may use, "
                           "study, share and change it; changed versions must come with their source.")),
        (tr("Source"), SOURCE),
    )  # fmt: skip
    for title, text in lines:
        page.add(text_row(title, text))
    return page


def text_row(title: str, text: str, button: QPushButton | None = None) -> Row:
    """Return a row that tells something: text that can be selected, or a button with the text under it."""
    if button is not None:
        return Row(title, button, text)
    told = label(text, wrap=True)
    told.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    told.setMaximumWidth(CONTROL)
    row = Row(title, told, words=(text,))
    told.setAccessibleName(f"{title}: {text}")
    return row


def libraries() -> str:
    """Return the libraries in use with version and licence, a line each. Reads many files: call it in a thread."""
    lines = []
    for requirement in metadata.requires("trayassist") or ():
        name = requirement.split(";")[0].split(">")[0].split("=")[0].split("<")[0].strip()
        try:
            found = metadata.metadata(name)
        except metadata.PackageNotFoundError:
            continue  # it belongs to another platform
        lines.append(f"{name} {found['Version']}: {_licence(found)}")
    return "\n".join(sorted(lines))


def _licence(found: metadata.PackageMetadata) -> str:
    if expression := found.get("License-Expression"):
        return str(expression)
    classifiers = [line for line in found.get_all("Classifier") or () if line.startswith("License ::")]
    if classifiers:
        return ", ".join(line.rsplit(" :: ", 1)[-1] for line in classifiers)
    first = str(found.get("License") or "").strip().splitlines()
    return first[0][:80] if first else tr("see its own files")
