"""What a new user sees: three questions about the sample documents, and how to remember files."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication

from trayassist.paths import shipped
from trayassist.ui.popup.suggestions import Entry


def samples() -> list[Path]:
    """Return the sample documents that come with trayassist."""
    return sorted(shipped("resources/samples").glob("*.pdf"))


def examples() -> list[Entry]:
    """Return rows with a question each about the sample documents; none where these are missing."""
    say = QCoreApplication.translate
    asked = (
        ("Miller-lease.pdf", say("examples", "What is the late fee in the Miller lease?")),
        ("Aurora-E3-manual.pdf", say("examples", "How often should the espresso machine be descaled?")),
        ("Harbor-Robotics-annual-report-2025.pdf", say("examples", "What was the revenue of Harbor Robotics in 2025?")),
    )
    known = {path.name: path for path in samples()}
    right = say("examples", "sample")
    return [Entry("search", text, (text, known[name]), right) for name, text in asked if name in known]
