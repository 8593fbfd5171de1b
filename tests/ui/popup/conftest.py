"""Fixtures of the popup's tests: a scripted assistant, and a popup that ends cleanly."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.ui.popup.scripted import Scripted
from trayassist.paths import Paths
from trayassist.ui.popup import Popup
from trayassist.ui.widgets.theme import Theme


@pytest.fixture
def assistant() -> Scripted:
    scripted = Scripted()
    scripted.history.asked = ["an older question", "the oldest question"]
    return scripted


@pytest.fixture
def popup(theme: Theme, home: Paths) -> Iterator[Callable[..., Popup]]:
    """Return a function that makes a shown popup; all are closed down at the end of the test's loop."""
    made: list[Popup] = []

    def make(assistant: Scripted | None, *, show: bool = True) -> Popup:
        window = Popup(theme, home, assistant=assistant)
        made.append(window)
        window.prepare()
        if show:
            window.summon()
        return window

    yield make
    for window in made:
        window.hide()
        window.deleteLater()
