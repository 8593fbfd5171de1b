"""The language of the windows: German where it is chosen or the system's, English otherwise."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from trayassist.paths import shipped_file
from trayassist.ui.widgets.formats import tr

logger = logging.getLogger(__name__)

SYSTEM, ENGLISH = "system", "en"  # the texts in the code are English, so that language needs no file
NAMES = {ENGLISH: "English", "de": "Deutsch"}  # each in its own language: whoever looks for it reads that one
_speaking: list[QTranslator] = []  # in force; Qt keeps no reference


def choices() -> dict[str, str]:
    """Return what `look.language` may be, with the words for it."""
    return {SYSTEM: tr("Follow the system"), **NAMES}


def speak(wanted: str, system: Sequence[str] | None = None) -> str:
    """Let texts made from now on be in `wanted`, a value of `look.language`; return the language taken.

    `system` are the desktop's languages, best first, such as "de-AT"; None asks the desktop.
    """
    code = resolve(wanted, QLocale.system().uiLanguages() if system is None else system)
    while _speaking:
        QCoreApplication.removeTranslator(_speaking.pop())
    if code != ENGLISH:
        of_qt = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        for name, folder in (
            (f"qtbase_{code}", of_qt),
            (f"trayassist_{code}", str(shipped_file("resources/translations"))),
        ):
            _add(name, folder)  # ours last: Qt asks the newest first
    own = QLocale.system()
    QLocale.setDefault(own if own.name().startswith(code) else QLocale(code))  # numbers as that language writes them
    return code


def resolve(wanted: str, system: Sequence[str]) -> str:
    """Return the language that `wanted` means: itself, or the first of `system` that there is, else English."""
    for tag in system if wanted == SYSTEM else (wanted,):
        code = tag.replace("_", "-").partition("-")[0].lower()
        if code in NAMES:
            return code
    return ENGLISH


def _add(name: str, folder: str) -> None:
    translator = QTranslator()
    if translator.load(name, folder):
        QCoreApplication.installTranslator(translator)
        _speaking.append(translator)
    else:
        logger.warning("the translation %s is not in %s", name, folder)
