"""The main job as a person does it: drop a PDF on the icon, press the key elsewhere, ask, open the cited page."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Start
from tests.e2e.desk import App, Desk, wait_until

pytestmark = pytest.mark.e2e


def answers(app: App) -> list[dict[str, Any]]:
    """Return the audit log's lines about answers."""
    lines = [line for file in app.paths.audit.glob("*.ndjson") for line in file.read_text().splitlines()]
    return [record for record in map(json.loads, lines) if record["event"] == "answer"]


def test_drop_ask_read_and_open_the_cited_page(xserver: Desk, start: Start, pdf: Path, tmp_path: Path) -> None:
    xserver.tray("tint2")
    app = start("--hidden").ready()
    x, y, width, height = wait_until(xserver.icon, "the icon is docked")
    xserver.python("drag_source.py", str(pdf), out=tmp_path / "source.txt")
    wait_until(lambda: xserver.window("source"), "the source's window")
    xserver.drag((180, 260), lambda: (x + width // 2, y + height // 2))
    wait_until(lambda: pdf.name in app.documents(), "the dropped file is remembered", 60)

    victim = xserver.window("source")
    xserver.do("windowfocus", "--sync", victim)
    xserver.do("key", "ctrl+alt+space")
    popup = wait_until(app.popup, "the popup")
    wait_until(lambda: xserver.focused_window() == popup, "the popup has the focus")
    xserver.do("type", "--delay", "15", "When is the invoice for the blue bicycle due?")
    xserver.do("key", "Return")
    (answer,) = wait_until(lambda: answers(app), "the answer is in the audit log", 30)
    assert (answer["role"], answer["found"], answer["success"]) == ("persona", "yes", True)
    assert answer["citations"] >= 1
    (turn,) = app.verb("ask", text="/help")[-2:-1]
    assert turn["event"] == "finished"

    time.sleep(0.5)
    for _ in range(12):  # through what has the focus to the citation, by keyboard alone
        xserver.do("key", "Tab")
        xserver.do("key", "Return")
        time.sleep(0.4)
        if xserver.window(f"{pdf.stem}.*"):
            break
    view = wait_until(lambda: xserver.window(f"{pdf.stem}.*"), "the page view", 20)
    xserver.do("key", "--window", view, "Escape")
