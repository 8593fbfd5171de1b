"""What a new user sees: three questions about the sample documents, and how to remember files."""

from __future__ import annotations

from pathlib import Path

from trayassist.paths import shipped
from trayassist.ui.popup.suggestions import Entry
from trayassist.ui.widgets.formats import tr


def samples() -> list[Path]:
    """Return the sample documents that come with trayassist."""
    return sorted(shipped("resources/samples").glob("*.pdf"))


def examples() -> list[Entry]:
    """Return rows with a question each about the sample documents; none where these are missing."""
    asked = (  # not translated: the documents are in English, and so are the words that find their passages
        ("Miller-lease.pdf", "What is the late fee in the Miller lease?"),
        ("Aurora-E3-manual.pdf", "How often should the espresso machine be descaled?"),
        ("Harbor-Robotics-annual-report-2025.pdf", "What was the revenue of Harbor Robotics in 2025?"),
    )
    known = {path.name: path for path in samples()}
    right = tr("sample")
    return [Entry("search", text, (text, known[name]), right) for name, text in asked if name in known]
