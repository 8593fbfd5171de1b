"""The line under an answer names the host that was asked, when that was another machine or costs money (C-07)."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from trayassist.api import Finish, Finished, Kind, Risk, Route, Timings, Verdict
from trayassist.ui.popup.footer import Footer
from trayassist.ui.widgets.theme import Theme


@pytest.mark.parametrize(
    ("host", "fallback", "shown"),
    [
        ("api.openai.com", "", "gpt-5 · api.openai.com · 2.1 s"),
        ("api.openai.com", "It failed.", "gpt-5 · asked api.openai.com · 2.1 s"),
        ("", "", "gpt-5 · 2.1 s"),
    ],
)
def test_the_host_stands_beside_the_model(qapp: QApplication, host: str, fallback: str, shown: str) -> None:
    window = QWidget()
    footer = Footer(Theme("light"))
    footer.setParent(window)
    route = Route(kind=Kind.CHAT, role="persona", text="", confidence=1, method="rules", reason="")
    footer.show_finished(
        Finished(
            finish=Finish.STOP,
            answer="Hello.",
            route=route,
            verdict=Verdict(risk=Risk.LOW),
            timings=Timings(total_ms=2100),
            model="gpt-5",
            host=host,
            fallback=fallback,
        )
    )
    assert footer.words.text() == shown
    window.deleteLater()
