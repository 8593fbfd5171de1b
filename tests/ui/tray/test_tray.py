"""The tray icon's states, lines and menu."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from trayassist.memory.ingest import FileReport, Progress
from trayassist.ui.tray.notifications import IndexingNews, end_line, progress_line
from trayassist.ui.tray.tray import Tray, TrayState, draw, menu_text, ring

ENTRIES = ("ask", "add", "pause", "memory", "history", "activity", "settings", "quit")


@pytest.fixture
def tray(qapp: object) -> Tray:
    return Tray()


def furnish(tray: Tray) -> list[str]:
    """Give the tray a menu; return the list that each triggered entry is added to."""
    done: list[str] = []
    names = (*ENTRIES, "problem", "cancel")
    tray.furnish({name: lambda name=name: done.append(name) for name in names}, paused=False)
    return done


def test_what_needs_the_user_comes_before_work_and_work_before_problems(tray: Tray) -> None:
    seen = [tray.state]
    tray.set_problem("hotkey", "Ctrl+Alt+Space is already taken by another program.")
    seen.append(tray.state)
    tray.set_thinking(True)
    seen.append(tray.state)
    tray.set_indexing(0.5, "3 files to go")
    seen.append(tray.state)
    tray.set_attention("your answer is ready")
    seen.append(tray.state)
    assert seen == [TrayState.IDLE, TrayState.WARNING, TrayState.THINKING, TrayState.INDEXING, TrayState.ATTENTION]


def test_every_state_looks_different_on_light_and_dark(qapp: object) -> None:
    pictures = {
        bytes(draw(state, on_dark=dark, progress=0.5).pixmap(32, 32).toImage().constBits())
        for state in TrayState
        for dark in (True, False)
    }
    assert len(pictures) == 2 * len(TrayState)


def test_the_ring_grows_with_progress(qapp: object) -> None:
    def count_filled(progress: float) -> int:
        image = draw(TrayState.INDEXING, on_dark=False, progress=progress).pixmap(64, 64).toImage()
        return sum(image.pixelColor(x, y).alpha() > 200 for x in range(64) for y in range(64))

    amounts = [count_filled(part) for part in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert amounts == sorted(set(amounts)), amounts
    assert ring(-1) == ring(0)
    assert ring(2) == ring(1)


def test_the_tooltip_is_one_line(tray: Tray) -> None:
    assert tray.tooltip == "trayassist"
    furnish(tray)
    tray.show_hotkey("Ctrl+Alt+Space")
    assert tray.tooltip == "trayassist · Ctrl+Alt+Space to ask"
    tray.set_indexing(0.1, "3 files to go · 340 pages/s")
    assert tray.tooltip == "trayassist · 3 files to go · 340 pages/s"


def test_every_entry_of_the_menu_does_something(tray: Tray) -> None:
    done = furnish(tray)
    visible = [name for name, action in tray.actions.items() if action.isVisible()]
    assert tuple(visible) == ENTRIES
    assert [action.objectName() for action in tray.actions.values()] == list(tray.actions)
    for name in ENTRIES:
        tray.actions[name].trigger()
    assert tuple(done) == ENTRIES
    assert tray.actions["pause"].isChecked()


def test_a_pause_is_seen_and_what_was_told_goes_when_it_is_seen(tray: Tray) -> None:
    furnish(tray)
    tray.show_hotkey("Ctrl+Alt+Space")
    tray.set_indexing(None, "1 file remembered")
    assert tray.tooltip == "trayassist · 1 file remembered"
    tray.set_paused(True)
    assert tray.tooltip == "trayassist · reading is paused"
    assert tray.actions["pause"].isChecked()
    tray.set_paused(False)
    tray.forget_news()
    assert tray.tooltip == "trayassist · Ctrl+Alt+Space to ask"


def test_the_hotkey_stands_beside_ask(tray: Tray) -> None:
    furnish(tray)
    tray.show_hotkey("Ctrl+Alt+Space")
    assert tray.actions["ask"].text().endswith("\tCtrl+Alt+Space")
    tray.show_hotkey("")
    assert "\t" not in tray.actions["ask"].text()


def test_a_problem_is_an_entry_until_it_is_solved(tray: Tray) -> None:
    done = furnish(tray)
    tray.set_problem("hotkey", "The key is taken. Choose another.")
    assert tray.actions["problem"].isVisible()
    assert "taken" in tray.actions["problem"].text()
    tray.actions["problem"].trigger()
    assert done == ["problem"]
    tray.set_problem("hotkey", "")
    assert not tray.actions["problem"].isVisible()
    assert tray.state is TrayState.IDLE


def test_long_sentences_and_ampersands_fit_a_menu() -> None:
    assert menu_text("Salt & pepper") == "Salt && pepper"
    assert len(menu_text("x" * 200)) == 70


@pytest.mark.parametrize(
    ("waiting", "rate", "paused", "line"),
    [
        (1, 0.0, False, "1 file to go"),
        (3, 340.4, False, "3 files to go · 340 pages/s"),
        (3, 1.44, False, "3 files to go · 1.4 pages/s"),
        (3, 0.98, False, "3 files to go · 1 page/s"),
        (3, 0.04, False, "3 files to go"),
        (3, 340.4, True, "paused · 3 files to go"),
        (0, 0.0, False, "looking for files"),
    ],
)
def test_the_line_while_files_are_read(qapp: object, waiting: int, rate: float, paused: bool, line: str) -> None:
    assert progress_line(waiting, rate, paused=paused) == line


def test_the_line_at_the_end_names_what_was_not_remembered(qapp: object) -> None:
    good = [FileReport(f"/x/{n}.pdf", "ingested") for n in range(5)]
    bad = FileReport("/x/locked.pdf", "needs_password", reason="It needs a password.")
    assert end_line(good) == ("5 files remembered", False)
    assert end_line([*good, bad]) == ("5 files remembered, 1 not: locked.pdf — It needs a password", True)
    assert end_line([bad]) == ("1 file not remembered: locked.pdf — It needs a password", True)
    assert end_line([FileReport("/x/a.pdf", "unchanged")]) == ("1 already known", False)
    assert end_line([FileReport("/x/a.pdf", "cancelled")]) == ("", False)
    named = FileReport("/x/locked.pdf", "failed", reason="locked.pdf needs a password.")
    assert end_line([named])[0] == "1 file not remembered: locked.pdf — needs a password"
    assert end_line([bad] * 5)[0].endswith(", and 2 more")


class Queue:
    """The ingest queue as far as the tray follows it; the test says what happens."""

    def __init__(self) -> None:
        self.left, self.paused = 0, False
        self.listeners: list[object] = []

    def subscribe(self, listener: object) -> object:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def waiting(self) -> int:
        return self.left

    def tell(self, news: object) -> None:
        for listener in self.listeners:
            listener(news)  # type: ignore[operator]


def test_the_ring_follows_the_queue_and_goes_when_it_is_empty(tray: Tray, qtbot: QtBot) -> None:
    furnish(tray)
    queue = Queue()
    news = IndexingNews(queue, tray)  # type: ignore[arg-type]
    queue.left = 2
    queue.tell(Progress("/x/a.pdf", 5, 10, 0, 2, 100.0, 1.0))
    assert tray.state is TrayState.INDEXING
    assert tray.actions["cancel"].isVisible()
    queue.left = 0
    queue.tell(FileReport("/x/a.pdf", "ingested", pages=10))
    queue.tell(FileReport("/x/b.pdf", "refused", reason="It is a program."))
    assert tray.state is TrayState.INDEXING, "more files may be found yet"
    qtbot.waitUntil(lambda: tray.state is TrayState.IDLE)
    assert tray.tooltip == "trayassist · 1 file remembered, 1 not: b.pdf — It is a program"
    assert not tray.actions["cancel"].isVisible()
    news.close()
    assert not queue.listeners


def test_the_icons_are_there() -> None:
    folder = Path(__file__).parents[3] / "resources" / "icons"
    assert [state for state in TrayState if not (folder / f"{state}.svg").is_file()] == []
