"""What windows say of an answer: what it was taken from, and its text in their language."""

from __future__ import annotations

from collections.abc import Sequence

from trayassist.api import Finish, Finished
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.local import translate


def answer_source(finish: str, cited: Sequence[str], model: str | None) -> str:
    """Return what an answer was taken from, "" when a model answered by itself. `cited` are its citations' paths."""
    if finish in (Finish.FAILED, Finish.BLOCKED):
        return tr("No answer")
    if cited and all(path.startswith("fact:") for path in cited):
        return tr("From what you asked to remember")
    if cited:
        return tr("From your documents")
    return "" if model else tr("Without a model")


def translate_answer(finished: Finished) -> str:
    """Return an answer that a role wrote by itself in the language of the windows; quotes and models' words stay."""
    return finished.answer if finished.model or finished.citations else translate(finished.answer)
