"""Results while typing, roles, files, passwords, and the popup as a window."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QPlainTextEdit, QTextBrowser, QWidget

from tests.ui.conftest import Until
from tests.ui.popup.scripted import Scripted, passage, simple
from tests.ui.popup.test_popup_asking import answer_text, press, type_in
from trayassist.api import Chunk, Evidence, Found, WorkerDied
from trayassist.memory.reports import FileReport, Progress
from trayassist.paths import Paths
from trayassist.routing.router import COMMANDS
from trayassist.ui.popup import Popup, field
from trayassist.ui.widgets.theme import Theme

Make = Callable[..., Popup]


def evidence(*pages: int) -> Evidence:
    return Evidence(found=Found.YES, probability=0.9, passages=tuple(passage(page=page) for page in pages))


def drop(window: Popup, *paths: Path, text: str = "") -> QDropEvent:
    data = QMimeData()
    if paths:
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    if text:
        data.setText(text)
    where, actions = QPointF(60, 20), Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(window, QDragEnterEvent(where, actions, data, left, none))
    event = QDropEvent(where, actions, data, left, none)
    QApplication.sendEvent(window, event)
    return event


# ---------------------------------------------------------------- results while typing


async def test_pages_appear_after_a_rest_and_one_search_is_made(assistant: Scripted, popup: Make, until: Until) -> None:
    assistant.memory.answers["late fee"] = evidence(4, 7)
    window = popup(assistant)
    type_in(window, "late fee")
    await until(window.typing.suggestions.isVisible)
    assert assistant.memory.searched == ["late fee"]
    assert assistant.expected == ["late fee"], "the model may be loaded meanwhile (S3-12)"
    assert [entry.right for entry in window.typing.suggestions.entries] == ["p. 4", "p. 7"]


async def test_down_and_enter_open_a_page_and_enter_alone_asks(assistant: Scripted, popup: Make, until: Until) -> None:
    assistant.memory.answers["late fee"] = evidence(4, 7)
    assistant.script = simple()
    window = popup(assistant)
    opened: list[object] = []
    window.open_page.connect(lambda page, _every: opened.append(page))
    type_in(window, "late fee")
    await until(window.typing.suggestions.isVisible)
    press(window, Qt.Key.Key_Down)
    press(window, Qt.Key.Key_Down)
    press(window, Qt.Key.Key_Return)
    assert [page.page for page in opened] == [7]  # type: ignore[attr-defined]
    assert assistant.requests == []
    press(window, Qt.Key.Key_Up)
    press(window, Qt.Key.Key_Up)
    assert window.typing.suggestions.selected is None
    press(window, Qt.Key.Key_Return)
    await until(lambda: answer_text(window) == "An answer.")
    assert not window.typing.suggestions.isVisible()


async def test_control_enter_asks_whatever_is_selected(assistant: Scripted, popup: Make, until: Until) -> None:
    assistant.memory.answers["late fee"] = evidence(4)
    assistant.script = simple()
    window = popup(assistant)
    type_in(window, "late fee")
    await until(window.typing.suggestions.isVisible)
    press(window, Qt.Key.Key_Down)
    press(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: len(assistant.requests) == 1)
    assert assistant.requests[0].text == "late fee"


async def test_stale_results_are_dropped(assistant: Scripted, popup: Make, until: Until) -> None:
    assistant.memory.answers["late"] = evidence(1)
    assistant.memory.delays["late"] = 0.5
    assistant.memory.answers["late fee"] = evidence(2)
    window = popup(assistant)
    type_in(window, "late")
    await until(lambda: assistant.memory.searched == ["late"])
    type_in(window, " fee")
    await until(window.typing.suggestions.isVisible)
    await asyncio.sleep(0.5)
    assert [entry.right for entry in window.typing.suggestions.entries] == ["p. 2"]


async def test_results_that_come_after_enter_are_dropped(assistant: Scripted, popup: Make, until: Until) -> None:
    assistant.memory.answers["late"] = evidence(1)
    assistant.memory.delays["late"] = 0.2
    window = popup(assistant)
    type_in(window, "late")
    await until(lambda: assistant.memory.searched == ["late"])
    press(window, Qt.Key.Key_Return)
    await asyncio.sleep(0.3)
    assert not window.typing.suggestions.isVisible()


async def test_at_completes_a_role_and_the_chip_can_be_removed(assistant: Scripted, popup: Make, until: Until) -> None:
    assistant.script = simple()
    window = popup(assistant)
    type_in(window, "sort a list @co")
    assert [entry.title for entry in window.typing.suggestions.entries] == ["Code"]
    press(window, Qt.Key.Key_Tab)
    assert window.header.field.text() == "sort a list "
    assert window.header.role == "coder"
    chip = window.header.chips.flow.itemAt(0).widget()  # type: ignore[union-attr]
    assert chip.text() == "Code"  # type: ignore[attr-defined]
    press(window, Qt.Key.Key_Return)
    await until(lambda: len(assistant.requests) == 1)
    assert (assistant.requests[0].text, assistant.requests[0].role) == ("sort a list", "coder")
    assert window.header.role is None
    type_in(window, "@per")
    press(window, Qt.Key.Key_Return)
    window.header.chips.flow.itemAt(0).widget().click()  # type: ignore[union-attr, attr-defined]
    assert window.header.role is None


async def test_a_slash_offers_commands(assistant: Scripted, popup: Make, until: Until) -> None:
    assistant.script = simple()
    window = popup(assistant)
    type_in(window, "/")
    offered = [entry.title for entry in window.typing.suggestions.entries]
    assert {"/search", "/summarise", "/remember"} <= set(offered)
    assert {title.removeprefix("/") for title in offered} <= set(COMMANDS), "the router knows each"
    type_in(window, "su")
    assert [entry.title for entry in window.typing.suggestions.entries] == ["/summarise"]
    press(window, Qt.Key.Key_Return)
    assert window.header.field.text() == "/summarise "
    assert assistant.requests == []
    type_in(window, "this")
    assert not window.typing.suggestions.isVisible()
    press(window, Qt.Key.Key_Return)
    await until(lambda: len(assistant.requests) == 1)
    type_in(window, "/help")
    press(window, Qt.Key.Key_Return)
    await until(lambda: len(assistant.requests) == 2)
    assert [request.text for request in assistant.requests] == ["/summarise this", "/help"]


async def test_a_path_is_no_command(assistant: Scripted, popup: Make) -> None:
    window = popup(assistant)
    type_in(window, "/etc/passwd")
    assert window.typing.suggestions.entries == []


async def test_an_address_is_no_role(assistant: Scripted, popup: Make) -> None:
    window = popup(assistant)
    type_in(window, "mail to ann@co")
    assert window.typing.suggestions.entries == []


async def test_first_use_shows_three_questions_and_one_line(popup: Make, until: Until) -> None:
    assistant = Scripted(*simple())
    window = popup(assistant)
    await until(window.typing.hint.isVisible)
    entries = window.typing.suggestions.entries
    assert len(entries) == 3
    press(window, Qt.Key.Key_Down)
    press(window, Qt.Key.Key_Return)
    await until(lambda: answer_text(window) == "An answer.")
    assert assistant.requests[0].text == entries[0].title
    assert [path.name for path in assistant.ingest.queued] == ["Miller-lease.pdf"]
    assert not window.typing.hint.isVisible()


# ---------------------------------------------------------------- files


async def test_a_dropped_model_is_no_part_of_the_question(assistant: Scripted, popup: Make, tmp_path: Path) -> None:
    model, letter = tmp_path / "small.GGUF", tmp_path / "letter.pdf"
    for file in (model, letter):
        file.touch()
    window = popup(assistant)
    handed_on: list[list[Path]] = []
    window.models_dropped.connect(handed_on.append)
    drop(window, model, letter)
    assert handed_on == [[model]]
    assert window.header.files == [letter]


async def test_dropped_files_are_chips_that_can_be_removed(assistant: Scripted, popup: Make, tmp_path: Path) -> None:
    window = popup(assistant)
    one, two = tmp_path / "one.pdf", tmp_path / "two.pdf"
    event = drop(window, one, two, one)
    assert event.isAccepted()
    assert event.dropAction() == Qt.DropAction.CopyAction  # a move would delete the user's file
    assert window.header.files == [one, two]
    window.header.chips.flow.itemAt(0).widget().click()  # type: ignore[union-attr, attr-defined]
    assert window.header.files == [two]
    assert assistant.ingest.queued == []


async def test_it_is_said_what_enter_does_with_dropped_files(assistant: Scripted, popup: Make, tmp_path: Path) -> None:
    window = popup(assistant)
    drop(window, tmp_path / "one.pdf")
    assert window.typing.hint.isVisible()
    assert window.typing.hint.text() == "Enter remembers this. Write a question to ask about it."
    drop(window, tmp_path / "two.pdf")
    assert "these 2" in window.typing.hint.text()
    type_in(window, "what is it about?")
    assert window.typing.hint.text() == "Enter reads the files and asks about them."
    press(window, Qt.Key.Key_Return)
    assert not window.typing.hint.isVisible()


async def test_messages_go_once_they_are_read_and_name_a_file_once(
    assistant: Scripted, popup: Make, until: Until
) -> None:
    window = popup(assistant, show=False)
    assistant.ingest.tell(FileReport("/d/torn.pdf", "failed", reason="torn.pdf ends early."))
    assistant.ingest.tell(FileReport("/d/secret.pdf", "needs_password"))
    window.summon()
    await until(lambda: window.reading.isVisible() and window.reading.lines.count())
    labels = [window.reading.lines.itemAt(i).widget() for i in range(window.reading.lines.count())]
    assert [label.text() for label in labels if isinstance(label, QLabel)] == ["torn.pdf ends early."]
    window.hide()
    window.summon()
    await until(lambda: window.reading.lines.count() == 0)
    assert window.reading.locked, "what waits for the user stays"
    assert window.reading.isVisible()


async def test_reading_that_is_paused_says_so_and_goes_on_by_a_click(
    assistant: Scripted, popup: Make, until: Until
) -> None:
    window = popup(assistant)
    assistant.ingest.paused = True
    assistant.ingest.tell(Progress("/d/report.pdf", 12, 340, 0, 1, 45.2, 8.0), left=1)
    await until(window.reading.isVisible)
    assert window.reading.words.text() == "Reading is paused: 1 file waits"
    window.reading.resume.click()
    assert not assistant.ingest.paused
    assert not window.reading.resume.isVisible()


async def test_enter_with_files_only_remembers_them(assistant: Scripted, popup: Make, tmp_path: Path) -> None:
    window = popup(assistant)
    drop(window, tmp_path / "one.pdf")
    press(window, Qt.Key.Key_Return)
    assert assistant.ingest.queued == [tmp_path / "one.pdf"]
    assert assistant.requests == []
    assert window.header.files == []


async def test_enter_with_files_and_text_reads_them_first(
    assistant: Scripted, popup: Make, until: Until, tmp_path: Path
) -> None:
    assistant.script = simple()
    window = popup(assistant)
    drop(window, tmp_path / "one.pdf")
    type_in(window, "what is it about?")
    press(window, Qt.Key.Key_Return)
    await until(lambda: answer_text(window) == "An answer.")
    assert assistant.ingest.queued == [tmp_path / "one.pdf"]
    assert assistant.requests[0].files == (tmp_path / "one.pdf",)


async def test_dropped_text_and_pasted_text_have_one_limit(
    assistant: Scripted, popup: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(field, "LONGEST_PASTE", 5)
    window = popup(assistant)
    drop(window, text="dropped")
    assert window.header.field.text() == "dropp"
    QGuiApplication.clipboard().setText("pasted")
    press(window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert window.header.field.text() == "dropppaste"


async def test_dropped_text_goes_into_the_field_and_pasted_files_become_chips(
    assistant: Scripted, popup: Make, tmp_path: Path
) -> None:
    window = popup(assistant)
    drop(window, text="some text")
    assert window.header.field.text() == "some text"
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "pasted.pdf"))])
    QGuiApplication.clipboard().setMimeData(data)
    press(window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert [file.name for file in window.header.files] == ["pasted.pdf"]
    assert window.header.field.text() == "some text"


async def test_reading_shows_page_rate_and_time_left_and_can_be_cancelled(
    assistant: Scripted, popup: Make, until: Until
) -> None:
    window = popup(assistant)
    assistant.ingest.tell(Progress("/d/report.pdf", 12, 340, 1, 3, 45.2, 8.0), left=2)
    await until(window.reading.isVisible)
    words = "report.pdf · page 12 of 340 · file 2 of 3 · 45 pages/s · 8 s left"
    assert window.reading.words.text() == words
    window.reading.cancel.click()
    assert assistant.ingest.cancelled == 1
    assistant.ingest.tell(FileReport("/d/report.pdf", "ingested", pages=340), left=0)
    await until(lambda: window.reading.words.text() == "Remembered: report.pdf, 340 pages")
    assert not window.reading.bar.isVisible()
    window.reading.close_button.click()
    assert not window.reading.isVisible()


async def test_numbers_while_files_are_read_are_written_as_the_language_does(
    assistant: Scripted, popup: Make, until: Until, german: None
) -> None:
    window = popup(assistant)
    assistant.ingest.tell(Progress("/d/scan.pdf", 1234, 2400, 1, 3000, 1.5, 5400.0), left=2999)
    await until(window.reading.isVisible)
    words = "scan.pdf · Seite 1.234 von 2.400 · Datei 2 von 3.000 · 1,5 Seiten/s · noch 1 h 30 min"
    assert window.reading.words.text() == words
    assistant.ingest.tell(Progress("/d/scan.pdf", 1235, 2400, 1, 3000, 0.04, None), left=2999)
    await until(lambda: "Seiten/s" not in window.reading.words.text())
    assistant.ingest.tell(FileReport("/d/scan.pdf", "ingested", pages=2400), left=0)
    await until(lambda: window.reading.words.text() == "Gemerkt: scan.pdf, 2.400 Seiten")


async def test_each_failed_file_has_a_line_with_its_reason(assistant: Scripted, popup: Make, until: Until) -> None:
    window = popup(assistant)
    for number in range(6):
        assistant.ingest.tell(FileReport(f"/d/{number}.pdf", "failed", reason="It is cut short."))
    await until(window.reading.isVisible)
    lines = [window.reading.lines.itemAt(i).widget() for i in range(window.reading.lines.count())]
    texts = [line.text() for line in lines if isinstance(line, QLabel)]
    assert texts[0] == "2.pdf: It is cut short."
    assert texts[-1] == "And 2 more. The memory window lists them all."
    assert window.reading.words.text() == "6 files were not read"


async def test_a_password_is_asked_in_place_hidden_and_again_when_wrong(
    assistant: Scripted, popup: Make, until: Until
) -> None:
    window = popup(assistant)
    assistant.ingest.tell(FileReport("/d/secret.pdf", "needs_password"))
    await until(window.reading.isVisible)
    row = window.reading.locked["/d/secret.pdf"]
    assert row.field.echoMode() == QLineEdit.EchoMode.Password
    QTest.keyClicks(row.field, "wrong")
    QTest.keyClick(row.field, Qt.Key.Key_Return)
    await until(lambda: assistant.ingest.passwords == [("/d/secret.pdf", "wrong")])
    assert row.field.text() == ""
    assistant.ingest.tell(FileReport("/d/secret.pdf", "needs_password"))
    assert row.words.text() == "That password does not open secret.pdf."
    QTest.keyClicks(row.field, "right")
    row.open.click()
    await until(lambda: len(assistant.ingest.passwords) == 2)
    assistant.ingest.tell(FileReport("/d/secret.pdf", "ingested", pages=3))
    await until(lambda: window.reading.words.text() == "Remembered: secret.pdf, 3 pages")
    assert not window.reading.locked


async def test_a_password_can_be_skipped(assistant: Scripted, popup: Make, until: Until) -> None:
    window = popup(assistant)
    assistant.ingest.tell(FileReport("/d/secret.pdf", "needs_password"))
    await until(window.reading.isVisible)
    window.reading.locked["/d/secret.pdf"].skip.click()
    assert not window.reading.isVisible()
    assert assistant.ingest.passwords == []


# ---------------------------------------------------------------- the window


async def test_the_answer_is_kept_for_a_while_then_the_field_is_clean(
    assistant: Scripted, popup: Make, until: Until
) -> None:
    assistant.script = simple()
    window = popup(assistant)
    window.submit("q")
    await until(lambda: answer_text(window) == "An answer.")
    conversation = assistant.requests[0].conversation
    window.hide()
    window.summon()
    assert answer_text(window) == "An answer."
    window.hide()
    window._hidden_at -= 121
    window.summon()
    assert answer_text(window) == ""
    assert window.panel.empty
    window.submit("next")
    await until(lambda: len(assistant.requests) == 2)
    assert assistant.requests[1].conversation != conversation


async def test_an_answer_goes_on_while_hidden(assistant: Scripted, popup: Make, until: Until) -> None:
    assistant.script = [Chunk("first "), 0.1, *simple("rest")]
    window = popup(assistant)
    window.submit("q")
    await until(lambda: answer_text(window))
    window.hide()
    await until(lambda: answer_text(window) == "first rest")
    assert assistant.cancelled == []


async def test_a_click_into_another_window_hides_unless_pinned(
    assistant: Scripted, popup: Make, until: Until, home: Paths
) -> None:
    window = popup(assistant)
    await until(window.isActiveWindow)
    other = QWidget()
    other.setGeometry(0, window.screen().availableGeometry().bottom() - 60, 50, 50)  # it is not covered
    window.header.pin.click()
    other.show()
    other.activateWindow()
    await until(lambda: not window.isActiveWindow())
    await asyncio.sleep(0.2)
    assert window.isVisible()
    await until(lambda: home.app_config.exists())
    assert "pinned: true" in home.app_config.read_text()
    window.activateWindow()
    await until(window.isActiveWindow)
    window.header.pin.click()
    other.activateWindow()
    await until(lambda: not window.isVisible())
    other.close()


async def test_a_dialog_of_ours_does_not_hide_it(assistant: Scripted, popup: Make, until: Until) -> None:
    window = popup(assistant)
    await until(window.isActiveWindow)
    dialog = QWidget(window, Qt.WindowType.Dialog)
    dialog.show()
    dialog.activateWindow()
    await until(lambda: not window.isActiveWindow())
    await asyncio.sleep(0.2)
    assert window.isVisible()


async def test_summon_shows_with_focus_and_hides_when_it_has_it(assistant: Scripted, popup: Make, until: Until) -> None:
    window = popup(assistant, show=False)
    window.summon(12345)
    await until(window.isActiveWindow)
    assert window.focusWidget() is window.header.field
    area = window.screen().availableGeometry()
    assert window.geometry().top() < area.top() + area.height() / 3
    window.summon(12346)
    assert not window.isVisible()


async def test_it_grows_with_the_answer_to_seventy_percent(assistant: Scripted, popup: Make, until: Until) -> None:
    assistant.script = simple("A line.\n\n" * 200)
    window = popup(assistant)
    await asyncio.sleep(0.05)
    empty = window.height()
    window.submit("q")
    area = window.screen().availableGeometry()
    await until(lambda: window.height() > empty * 3)
    assert window.height() <= area.height() * 0.7 + 40
    assert window.panel.view.verticalScrollBar().maximum() > 0


async def test_size_is_remembered(assistant: Scripted, popup: Make, theme: Theme, home: Paths) -> None:
    window = popup(assistant)
    window.resize_by_user(700 + 2 * window._shadow(), 300)
    window.hide()
    again = Popup(theme, home)
    again.summon()
    assert again.width() == 700 + 2 * again._shadow()
    again.hide()


async def test_a_height_that_was_given_is_kept_for_answers(assistant: Scripted, popup: Make, until: Until) -> None:
    assistant.script = simple("Short.")
    window = popup(assistant)
    window.submit("q")
    await until(lambda: answer_text(window) == "Short.")
    short = window.height()
    window.resize_by_user(window.width(), short + 150)
    await asyncio.sleep(0.8)
    assert window.height() == short + 150
    window.start_anew()
    await until(lambda: window.height() < short)


async def test_a_pinned_popup_does_not_cover_a_window_of_ours(assistant: Scripted, popup: Make, until: Until) -> None:
    window = popup(assistant)
    await until(window.isActiveWindow)
    window.header.pin.click()
    area = window.screen().availableGeometry()
    other = QWidget()
    other.setGeometry(area.center().x() - 100, window.y(), 200, 300)
    other.show()
    other.activateWindow()
    await until(lambda: not window.isVisible() or not window.geometry().intersects(other.frameGeometry()))
    other.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    other.close()
    await until(window.isVisible)


async def test_scrolling_up_is_respected_while_the_answer_grows(assistant: Scripted, popup: Make, until: Until) -> None:
    assistant.script = [Chunk("A line.\n\n" * 150), 0.3, Chunk("More.\n\n" * 50), 30.0]
    window = popup(assistant)
    window.submit("q")
    bar = window.panel.view.verticalScrollBar()
    await until(lambda: bar.maximum() > 100)
    assert bar.value() == bar.maximum()
    bar.setValue(10)
    await until(lambda: "More." in answer_text(window))
    assert bar.value() == 10


async def test_every_control_has_a_name(assistant: Scripted, popup: Make, until: Until) -> None:
    """A screen reader says something for everything that takes keys or clicks."""
    assistant.script = [Chunk("```py\nx\n```\n"), *simple("y")]
    window = popup(assistant)
    assistant.ingest.tell(FileReport("/d/secret.pdf", "needs_password"))
    window.submit("q")
    await until(lambda: "38 ms" in window.footer.words.text())
    for kind in (QAbstractButton, QPlainTextEdit, QTextBrowser, QLineEdit):
        for control in window.findChildren(kind):
            name = control.accessibleName() or (control.text() if isinstance(control, QAbstractButton) else "")
            assert name, control


async def test_tab_order_is_as_read(assistant: Scripted, popup: Make, until: Until) -> None:
    assistant.script = simple()
    window = popup(assistant)
    window.submit("q")
    await until(lambda: window.footer.copy.isVisible())
    window.header.field.setFocus()
    tops = []
    for _ in range(6):
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        tops.append(window.focusWidget().mapTo(window, QPoint(0, 0)).y())
    last = window.footer.again.mapTo(window, QPoint(0, 0)).y()
    until_last = tops[: tops.index(last) + 1]
    assert until_last == sorted(until_last)


async def test_it_ends_without_a_task_left(assistant: Scripted, popup: Make, until: Until) -> None:
    assistant.script = [Chunk("x"), 30.0]
    window = popup(assistant)
    window.submit("q")
    await until(lambda: answer_text(window) == "x")
    await window.close_down()
    assert assistant.cancelled == ["q"]
    assert assistant.ingest.listeners == []
    assert len(asyncio.all_tasks()) == 1


async def test_search_that_fails_costs_the_results_only(assistant: Scripted, popup: Make, until: Until) -> None:
    async def dies(query: str, limit: int = 8) -> Evidence:
        assistant.memory.searched.append(query)
        raise WorkerDied("The memory worker crashed.", "It starts again.")

    assistant.memory.search = dies  # type: ignore[method-assign]
    window = popup(assistant)
    type_in(window, "late fee")
    await until(lambda: assistant.memory.searched)
    await asyncio.sleep(0.05)
    assert window.isVisible()
    assert not window.typing.suggestions.isVisible()
