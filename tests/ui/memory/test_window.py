"""The memory window: lists, filter, forget in place, facts, search, progress, files that failed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtTest import QTest

from tests.ui.parts import PartAssistant, document, passage
from tests.waiting import until
from trayassist.api import Fact, Found, TrayassistError
from trayassist.memory.ingest import FileReport, Progress
from trayassist.ui.memory.window import MemoryWindow
from trayassist.ui.page.view import PageWindow
from trayassist.ui.widgets.window import Window


async def open_window(assistant: PartAssistant) -> MemoryWindow:
    window = MemoryWindow(assistant)
    window.show()
    await until(lambda: window.documents._stack.currentIndex() > 0)
    return window


def names(window: MemoryWindow) -> list[str]:
    return [Path(d.path).name for d in window.documents.table.rows.shown]


async def test_empty_memory_says_what_to_do(assistant: PartAssistant) -> None:
    window = await open_window(assistant)
    assert window.documents._stack.currentIndex() == 2
    assert window.documents.total.text() == "0 documents · 0 pages · 0 passages · 0 B"


async def test_documents_are_listed_filtered_and_summed(assistant: PartAssistant) -> None:
    assistant.memory.kept = [
        document("/home/ana/leases/Miller.pdf", 12, passages=40, size=1_500_000),
        document("/home/ana/taxes/2025.pdf", 1, passages=2, size=500_000),
        document("/srv/papers/rent.md", 1790, passages=6159, size=59_000_000),
    ]
    window = await open_window(assistant)
    assert window.documents.total.text() == "3 documents · 1,803 pages · 6,201 passages · 61 MB"
    window.documents.filter.setText("leases")
    assert names(window) == ["Miller.pdf"]
    assert window.documents.total.text().startswith("1 shown of 3 documents")
    window.documents.filter.setText("nothing like it")
    assert names(window) == []


async def test_a_click_on_a_header_sorts_by_number_and_back(assistant: PartAssistant) -> None:
    assistant.memory.kept = [document(f"/d/{name}.pdf", pages) for name, pages in (("a", 9), ("b", 100), ("c", 20))]
    window = await open_window(assistant)
    header = window.documents.table.horizontalHeader()
    header.sectionClicked.emit(2)
    assert names(window) == ["b.pdf", "c.pdf", "a.pdf"]  # most first: 100 before 20 before 9, as numbers
    header.sectionClicked.emit(2)
    assert names(window) == ["a.pdf", "c.pdf", "b.pdf"]
    window.close()
    again = await open_window(assistant)
    assert names(again) == ["a.pdf", "c.pdf", "b.pdf"], "the order is kept"


async def test_forget_asks_in_place_and_keeps_when_told_so(assistant: PartAssistant) -> None:
    assistant.memory.kept = [document("/d/a.pdf"), document("/d/b.pdf")]
    window = await open_window(assistant)
    window.documents.table.select([0])
    QTest.keyClick(window.documents.table, Qt.Key.Key_Delete)
    assert window.notice.asking
    assert "a.pdf" in window.notice.text
    assert "cannot be undone" in window.notice.text
    window.leave()  # Esc takes the question back first
    assert window.isVisible()
    assert len(assistant.memory.kept) == 2
    window.documents.ask_to_forget()
    window.notice._yes.click()
    await until(lambda: names(window) == ["b.pdf"])
    assert [d.path for d in assistant.memory.kept] == ["/d/b.pdf"]
    assert window.notice.text == "1 document is forgotten."


async def test_forget_needs_a_selection(assistant: PartAssistant) -> None:
    assistant.memory.kept = [document("/d/a.pdf")]
    window = await open_window(assistant)
    window.documents.ask_to_forget()
    assert not window.notice.asking
    assert not window.documents._forget.isEnabled()


async def test_copy_takes_the_rows_as_shown(assistant: PartAssistant) -> None:
    assistant.memory.kept = [document("/d/a.pdf", 7), document("/d/b.pdf", 8)]
    window = await open_window(assistant)
    window.documents.table.selectAll()
    window.documents.table.copy()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert [line.split("\t")[:3] for line in lines] == [["a.pdf", "/d", "7"], ["b.pdf", "/d", "8"]]


async def test_a_failing_memory_is_said_in_place(assistant: PartAssistant) -> None:
    assistant.memory.broken = TrayassistError("The memory folder is full.", "Free some space.")
    window = MemoryWindow(assistant)
    window.show()
    await until(lambda: window.notice.text)
    assert window.notice.text == "The memory folder is full. Free some space."


async def test_facts_are_added_and_forgotten(assistant: PartAssistant) -> None:
    assistant.memory.facts_kept = [Fact(id="1", text="The bins go out on Tuesday", created="2026-11-01T10:00:00+00:00")]
    window = await open_window(assistant)
    window.sidebar.setCurrentRow(1)
    QTest.keyClicks(window.facts.new, "The key is under the mat")
    QTest.keyClick(window.facts.new, Qt.Key.Key_Return)
    await until(lambda: len(window.facts.table.rows.shown) == 2)
    assert window.facts.new.text() == ""
    window.facts.table.select([0])
    window.facts.ask_to_forget()
    window.notice._yes.click()
    await until(lambda: len(window.facts.table.rows.shown) == 1)
    assert [fact.text for fact in assistant.memory.facts_kept] == ["The key is under the mat"]


async def test_a_list_that_comes_late_does_not_take_the_place_of_a_newer_one(
    assistant: PartAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, plain = asyncio.Event(), assistant.memory.facts

    async def slow(query: str = "", limit: int = 50) -> list[Fact]:
        facts = await plain(query, limit)
        if not facts:
            await gate.wait()
        return facts

    monkeypatch.setattr(assistant.memory, "facts", slow)
    window = await open_window(assistant)
    window.facts.new.setText("The key is under the mat")
    window.facts._remember()
    await until(lambda: assistant.memory.facts_kept)
    await asyncio.sleep(0.05)
    gate.set()
    await until(lambda: [fact.text for fact in window.facts.table.rows.shown] == ["The key is under the mat"])
    await asyncio.sleep(0.05)
    assert len(window.facts.table.rows.shown) == 1


async def test_search_drops_a_late_answer(assistant: PartAssistant) -> None:
    window = await open_window(assistant)
    gate = asyncio.Event()
    plain = assistant.memory.search

    async def slow(query: str, limit: int = 8) -> object:
        evidence = await plain(query, limit)
        if query == "rent":
            await gate.wait()
        return evidence

    assistant.memory.search = slow  # type: ignore[method-assign, assignment]
    assistant.memory.kept = [document("/d/a.pdf")]
    assistant.memory.found = [passage("/d/old.pdf")]
    window.search.field.setText("rent")
    await until(lambda: assistant.memory.queries == ["rent"])
    assistant.memory.found = [passage("/d/new.pdf")]
    window.search.field.setText("rent increase")
    await until(lambda: window.search.table.rows.shown)
    gate.set()
    await asyncio.sleep(0.05)
    assert [p.name for p in window.search.table.rows.shown] == ["new.pdf"]


async def test_search_is_honest_when_nothing_is_about_it(assistant: PartAssistant) -> None:
    assistant.memory.kept = [document("/d/a.pdf")]
    assistant.memory.found, assistant.memory.verdict = [passage("/d/a.pdf")], Found.NO
    window = await open_window(assistant)
    window.search.field.setText("volcanoes")
    await until(lambda: window.search.line.text())
    assert window.search.line.text().startswith("Nothing in your documents seems to be about this")
    assert len(window.search.table.rows.shown) == 1, "the nearest pages are offered all the same"


async def test_enter_in_the_search_field_opens_the_best_page(assistant: PartAssistant, tmp_path: Path) -> None:
    lease = tmp_path / "lease.txt"
    lease.write_text("Late payments carry a fee of 5 %.")
    assistant.memory.kept = [document(lease)]
    assistant.memory.found = [passage(lease), passage(tmp_path / "other.txt")]
    window = await open_window(assistant)
    window.search.field.setText("late fee")
    QTest.keyClick(window.search.field, Qt.Key.Key_Return)
    await until(lambda: any(isinstance(w, PageWindow) for w in Window.alive.values()))
    view = next(w for w in Window.alive.values() if isinstance(w, PageWindow))
    assert view.place.path == str(lease)


async def test_progress_has_page_rate_time_left_and_cancel(assistant: PartAssistant) -> None:
    window = await open_window(assistant)
    assistant.ingest.queue = [Path("/d/lease.pdf"), Path("/d/b.pdf")]
    assistant.ingest.tell(Progress("/d/lease.pdf", 12, 340, 0, 2, 84.6, 190.0))
    assert window.reading._progress.isVisible()
    assert window.reading._word.text() == ("Reading lease.pdf, page 12 of 340 · file 1 of 2 · 85 pages/s · 3 min left")
    assistant.ingest.tell(Progress("/d/lease.pdf", 1234, 2400, 0, 2, 1.5, None))
    assert window.reading._word.text() == "Reading lease.pdf, page 1,234 of 2,400 · file 1 of 2 · 1.5 pages/s"
    window.reading._cancel.click()
    assert assistant.ingest.cancelled
    assistant.ingest.tell(FileReport("/d/lease.pdf", "cancelled", reason="Cancelled."))
    assert not window.reading._progress.isVisible()
    assert window.reading.failed_reports() == [], "what the user cancelled did not fail"


async def test_pause_says_how_many_wait(assistant: PartAssistant) -> None:
    window = await open_window(assistant)
    assistant.ingest.queue = [Path("/d/a.pdf"), Path("/d/b.pdf")]
    assistant.ingest.tell(Progress("/d/a.pdf", 1, 2, 0, 2, 0.0, None))
    window.reading._pause.click()
    assert assistant.ingest.paused
    assert window.reading._word.text() == "Paused: 2 files wait."
    window.reading._pause.click()
    assert not assistant.ingest.paused


@pytest.mark.parametrize("status", ["refused", "failed"])
async def test_failed_files_are_listed_with_reasons_and_retried(assistant: PartAssistant, status: str) -> None:
    assistant.ingest.earlier = [FileReport("/d/old.doc", "refused", reason="This kind of file is not read yet.")]
    window = await open_window(assistant)
    await until(window.reading.failed_reports)
    assistant.ingest.tell(FileReport("/d/torn.pdf", status, reason="It is damaged."))  # type: ignore[arg-type]
    assert {r.reason for r in window.reading.failed_reports()} == {
        "This kind of file is not read yet.",
        "It is damaged.",
    }
    await until(lambda: window.reading._title.text() == "2 files are not remembered")
    window.reading._retry()
    assert assistant.ingest.queue == [Path("/d/old.doc"), Path("/d/torn.pdf")]
    assert not window.reading._failures.isVisible()


async def test_the_reason_beside_a_name_does_not_repeat_it(assistant: PartAssistant) -> None:
    assistant.ingest.earlier = [
        FileReport("/d/torn.pdf", "failed", reason="torn.pdf is damaged and does not open. Save it again."),
        FileReport("/d/old.doc", "refused", reason="old.doc: Word files are not read yet."),
        FileReport("/d/x.pdf", "failed", reason="The reader process did not start."),
    ]
    panel = (await open_window(assistant)).reading
    await until(lambda: panel.table.rows.shown)
    assert {panel.table.rows.index(row, 1).data() for row in range(3)} == {
        "Is damaged and does not open. Save it again.",
        "Word files are not read yet.",
        "The reader process did not start.",
    }


async def test_the_failures_are_listed_anew_only_when_they_changed_and_together(assistant: PartAssistant) -> None:
    window = await open_window(assistant)
    panel, filled = window.reading, list[int]()
    await until(lambda: panel._title.text())
    panel.table.rows.modelReset.connect(lambda: filled.append(len(panel.table.rows.shown)))
    for number in range(200):
        assistant.ingest.tell(FileReport(f"/d/{number}.pdf", "ingested", pages=1))
        assistant.ingest.tell(FileReport(f"/d/torn {number}.pdf", "failed", reason="It is damaged."))
    await until(lambda: panel._title.text() == "200 files are not remembered")
    assert filled[-1] == 200
    assert len(filled) < 20, "some ten times a second at most"
    filled.clear()
    assistant.ingest.tell(FileReport("/d/good.pdf", "ingested", pages=1))
    assert not panel._later.isActive()
    assistant.ingest.tell(FileReport("/d/torn 7.pdf", "ingested", pages=1))
    await until(lambda: filled == [199])


async def test_a_locked_file_takes_its_password_in_place(assistant: PartAssistant) -> None:
    window = await open_window(assistant)
    assistant.ingest.tell(FileReport("/d/locked.pdf", "needs_password", reason="It opens with a password."))
    await until(window.reading._password.isVisible)
    window.reading._password.setText("s3cret")
    window.reading._unlock.click()
    await until(lambda: assistant.ingest.passwords)
    assert assistant.ingest.passwords == [(Path("/d/locked.pdf"), "s3cret")]
    assert window.reading._password.text() == "", "the password does not stay on screen"


async def test_files_dropped_on_the_window_are_remembered_as_a_copy(assistant: PartAssistant, tmp_path: Path) -> None:
    window = await open_window(assistant)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.pdf")), QUrl("https://example.org/b.pdf")])
    event = QDropEvent(
        QPointF(5, 5), Qt.DropAction.MoveAction | Qt.DropAction.CopyAction, data,
        Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    event.setDropAction(Qt.DropAction.MoveAction)  # what a file manager proposes within one disk
    window.dropEvent(event)
    assert event.dropAction() == Qt.DropAction.CopyAction
    assert assistant.ingest.queue == [tmp_path / "a.pdf"]


async def test_a_closed_window_lets_go_of_everything(assistant: PartAssistant) -> None:
    window = await open_window(assistant)
    assert assistant.ingest.followers == 1
    window.close()
    assert assistant.ingest.followers == 0
    await until(lambda: not Window.alive)


async def test_size_is_remembered(assistant: PartAssistant) -> None:
    window = await open_window(assistant)
    window.resize(777, 555)
    window.close()
    await until(lambda: not Window.alive)
    again = await open_window(assistant)
    assert (again.width(), again.height()) == (777, 555)
