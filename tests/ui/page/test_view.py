"""The page view, with the real viewer worker and real PDFs: marks, navigation, late pictures, words for what fails."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from tests.ui.parts import PartAssistant
from tests.waiting import until
from trayassist.api import Citation, UnreadableFile
from trayassist.api import PageView as Picture
from trayassist.ui.answer.open_outside import page_arguments, page_command
from trayassist.ui.page.source import PageTarget
from trayassist.ui.page.view import PageWindow, show_pages
from trayassist.ui.widgets.window import Window

FEE = "Late payments carry a fee of 5 % after the fifth day."


@pytest.fixture
def lease(tmp_path: Path) -> Path:
    """Five pages; the fee stands on page 4, far down."""
    path = tmp_path / "Miller-lease.pdf"
    with pymupdf.open() as document:
        for number in range(1, 6):
            page = document.new_page()
            page.insert_text((72, 72), f"Lease agreement, sheet {number}")
            if number == 4:
                page.insert_text((72, 700), FEE)
        document.save(path)
    return path


def cite(path: Path | str, page: int, number: int = 1, start: int = 0, end: int = 0, quote: str = "") -> Citation:
    return Citation(number=number, path=str(path), title="", page=page, quote=quote, start=start, end=end)


async def fee_on_page_four(assistant: PartAssistant, lease: Path) -> Citation:
    text = (await assistant.viewer.render(lease, 4, 100)).text
    start = text.index(FEE)
    return cite(lease, 4, start=start, end=start + len(FEE), quote=FEE)


async def open_page(assistant: PartAssistant, citations: list[Citation], index: int = 0) -> PageWindow:
    view = PageWindow(assistant)  # type: ignore[arg-type]
    await view.open(citations, index)
    return view


def key(view: PageWindow, which: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(view, which, held)


async def test_the_cited_passage_is_marked_and_on_screen(assistant: PartAssistant, lease: Path) -> None:
    view = await open_page(assistant, [await fee_on_page_four(assistant, lease)])
    marks = view.desk.paper.marks()
    assert len(marks) == 1
    top = view.desk.verticalScrollBar().value()
    assert top <= marks[0].top() <= marks[0].bottom() <= top + view.desk.viewport().height()
    image = view.desk.paper.grab().toImage()
    ratio = image.devicePixelRatio()
    middle = marks[0].center()
    colours = {
        image.pixelColor(round((middle.x() + dx) * ratio), round((marks[0].top() + 1) * ratio)).name()
        for dx in range(-20, 20)
    }
    page = view.desk.paper.page_rect()
    beside = image.pixelColor(round((page.right() - 5) * ratio), round(middle.y() * ratio)).name()
    assert beside == "#ffffff"
    assert "#ffffff" not in colours, "the mark lies over the passage"


async def test_the_picture_has_the_pixels_of_the_window(assistant: PartAssistant, lease: Path) -> None:
    view = await open_page(assistant, [cite(lease, 1)])
    assert view.picture is not None
    assert view.picture.width == view.desk.wanted_pixels()
    view.desk.set_zoom(2.0)
    await until(lambda: view.picture.width == view.desk.wanted_pixels())
    assert view.desk.wanted_pixels() == round(2 * (view.desk.viewport().width() - 32))


async def test_keys_go_through_citations_and_pages(assistant: PartAssistant, lease: Path) -> None:
    view = await open_page(assistant, [cite(lease, 2), cite(lease, 5, 2)])
    key(view, Qt.Key.Key_N)
    assert (view.place.page, view.citation and view.citation.number) == (5, 2)
    key(view, Qt.Key.Key_N)
    assert view.place.page == 5, "there is no third one"
    key(view, Qt.Key.Key_Left)
    assert view.place.page == 2
    await until(lambda: view.picture is not None and view.bar.page_count.text() == "of 5")
    key(view, Qt.Key.Key_PageDown)
    assert view.place == PageTarget(str(lease), 3)
    assert view.citation is None
    key(view, Qt.Key.Key_PageUp)
    assert view.citation is not None, "back on the cited page its passage is marked again"
    key(view, Qt.Key.Key_PageUp)
    key(view, Qt.Key.Key_PageUp)
    assert view.place.page == 1, "there is no page 0"


async def test_a_page_number_can_be_typed(assistant: PartAssistant, lease: Path) -> None:
    view = await open_page(assistant, [cite(lease, 2)])
    view.bar.page_field.setText("4")
    view.bar.page_field.editingFinished.emit()
    assert view.place.page == 4
    view.bar.page_field.setText("99")
    view.bar.page_field.editingFinished.emit()
    assert view.place.page == 4
    assert view.bar.page_field.text() == "4"


async def test_a_picture_that_comes_late_is_dropped(assistant: PartAssistant, lease: Path) -> None:
    view = await open_page(assistant, [cite(lease, 1), cite(lease, 2), cite(lease, 3)])
    plain, gates = assistant.viewer.render, {2: asyncio.Event(), 3: asyncio.Event()}

    async def slow(path: Path, page: int, *rest: Any, **named: Any) -> Picture:
        picture = await plain(path, page, *rest, **named)
        if page in gates:
            await gates[page].wait()
        return picture

    assistant.viewer.render = slow  # type: ignore[method-assign, assignment]
    view.to_citation(1)
    view.to_citation(2)
    gates[3].set()
    await until(lambda: view.picture is not None and "sheet 3" in view.picture.text)
    gates[2].set()
    await asyncio.sleep(0.1)
    assert view.picture is not None
    assert "sheet 3" in view.picture.text, "page 2 came later and was not wanted any more"


async def test_a_slow_page_says_what_is_opened(assistant: PartAssistant, lease: Path) -> None:
    view = await open_page(assistant, [cite(lease, 1), cite(lease, 2)])
    gate, plain = asyncio.Event(), assistant.viewer.render

    async def slow(*rest: Any, **named: Any) -> Picture:
        await gate.wait()
        return await plain(*rest, **named)

    assistant.viewer.render = slow  # type: ignore[method-assign, assignment]
    view.to_citation(1)
    await until(view.loading.isVisible)
    assert view.loading.text() == "Opening page 2 of Miller-lease.pdf…"
    gate.set()
    await until(lambda: not view.loading.isVisible())


async def test_passage_and_page_can_be_copied(assistant: PartAssistant, lease: Path) -> None:
    view = await open_page(assistant, [await fee_on_page_four(assistant, lease)])
    key(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == FEE
    key(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert "Lease agreement, sheet 4" in QGuiApplication.clipboard().text()


async def test_thumbnails_list_each_cited_page_once(assistant: PartAssistant, lease: Path) -> None:
    view = await open_page(assistant, [cite(lease, 4), cite(lease, 2, 2), cite(lease, 4, 3)])
    assert [view.thumbs.item(row).toolTip() for row in range(view.thumbs.count())] == [
        "Miller-lease.pdf, page 4",
        "Miller-lease.pdf, page 2",
    ]
    view.thumbs.setCurrentRow(1)
    assert view.place.page == 2
    blank = view.thumbs.item(0).icon().pixmap(QSize(112, 146)).toImage()
    await until(lambda: view.thumbs.item(0).icon().pixmap(QSize(112, 146)).toImage() != blank)


async def test_one_citation_needs_no_list_of_pages(assistant: PartAssistant, lease: Path) -> None:
    view = await open_page(assistant, [cite(lease, 4)])
    assert not view.thumbs.isVisible()
    assert not view.bar.next_button.isVisible()


async def test_a_file_that_moved_is_chosen_again(assistant: PartAssistant, lease: Path, tmp_path: Path) -> None:
    citation = await fee_on_page_four(assistant, lease)
    moved = tmp_path / "archive.pdf"
    lease.rename(moved)
    view = await open_page(assistant, [citation])
    assert not view.shows_page
    assert view.problem.text.text() == f"{lease} is no longer there. Choose where it is now."
    assert view.problem.button.text() == "Choose the file…"
    view.problem.use_file(view.place, str(moved))
    await until(lambda: view.shows_page)
    assert len(view.desk.paper.marks()) == 1
    assert assistant.ingest.queue == [moved], "memory learns the new place"


async def test_a_locked_file_takes_its_password(assistant: PartAssistant, tmp_path: Path) -> None:
    locked = tmp_path / "locked.pdf"
    with pymupdf.open() as document:
        document.new_page().insert_text((72, 72), "The hidden fee is 7 %.")
        document.save(locked, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="right", owner_pw="boss")
    view = await open_page(assistant, [cite(locked, 1)])
    assert view.problem.password.isVisible()
    view.problem.password.setText("wrong")
    view.problem.button.click()
    await until(lambda: view.problem.text.text() == "This password does not open it.")
    view.problem.password.setText("right")
    view.problem.button.click()
    await until(lambda: view.shows_page)
    assert view.picture is not None
    assert "hidden fee" in view.picture.text


async def test_what_cannot_be_drawn_is_a_sentence_and_can_be_tried_again(
    assistant: PartAssistant, tmp_path: Path
) -> None:
    torn = tmp_path / "torn.pdf"
    torn.write_bytes(b"%PDF-1.7 and then nothing")
    view = await open_page(assistant, [cite(torn, 1)])
    assert not view.shows_page
    assert view.problem.text.text().endswith(".")
    assert "Traceback" not in view.problem.text.text()
    assert view.problem.button.text() == "Try again"
    assert not view.bar.copy_button.isEnabled()
    with pymupdf.open() as document:
        document.new_page()
        document.save(torn)
    view.problem.button.click()
    await until(lambda: view.shows_page)


async def test_a_passage_that_is_gone_from_the_page_is_said(assistant: PartAssistant, lease: Path) -> None:
    view = await open_page(assistant, [cite(lease, 1, start=5000, end=5100, quote="It said more once.")])
    assert "was not found on this page" in view.notice.text


async def test_a_fact_is_shown_as_text(assistant: PartAssistant) -> None:
    view = await open_page(assistant, [cite("fact:12", 1, quote="The key is under the mat")])
    assert view.problem.text.text() == "The key is under the mat"


async def test_an_unexpected_error_is_said_and_the_window_lives(assistant: PartAssistant, lease: Path) -> None:
    view = await open_page(assistant, [cite(lease, 1), cite(lease, 2)])

    async def fail_to_draw(*_: Any, **__: Any) -> Picture:
        raise UnreadableFile("Page 2 cannot be drawn: the reader ended.", "Open the file in its own program.")

    plain = assistant.viewer.render
    assistant.viewer.render = fail_to_draw  # type: ignore[method-assign, assignment]
    view.to_citation(1)
    await until(lambda: not view.shows_page)
    assistant.viewer.render = plain  # type: ignore[method-assign]
    view.to_citation(0)
    await until(lambda: view.shows_page)


async def test_closing_while_a_page_is_drawn_is_quiet(
    assistant: PartAssistant, lease: Path, caplog: pytest.LogCaptureFixture
) -> None:
    picture, gate = await assistant.viewer.render(lease, 1, 100), asyncio.Event()
    begun, ended = asyncio.Event(), []

    async def slow(*_: Any, **__: Any) -> Picture:
        begun.set()
        try:
            await gate.wait()
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise
        return picture

    assistant.viewer.render = slow  # type: ignore[method-assign]
    view = PageWindow(assistant)  # type: ignore[arg-type]
    opening = asyncio.create_task(view.open([cite(lease, 1)], 0))
    await begun.wait()
    view.close()
    await until(lambda: not Window.alive)
    gate.set()
    await opening
    assert ended == ["cancelled"], "the drawing ended with the window"
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_one_page_view_is_enough(assistant: PartAssistant, lease: Path) -> None:
    await show_pages(assistant, [cite(lease, 1)], 0)  # type: ignore[arg-type]
    await show_pages(assistant, [cite(lease, 3)], 0)  # type: ignore[arg-type]
    views = [window for window in Window.alive.values() if isinstance(window, PageWindow)]
    assert [view.place.page for view in views] == [3]


def test_the_page_is_told_to_viewers_that_take_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "my lease.pdf"
    for name in ("okular", "firefox"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert page_arguments("org.kde.okular.desktop", path, 4) == ["okular", "--page", "4", str(path)]
    assert page_arguments("firefox.desktop", path, 4) == ["firefox", f"{path.as_uri()}#page=4"]
    assert page_arguments("evince.desktop", path, 4) == [], "not installed"
    assert page_arguments("unheard-of.desktop", path, 4) == []
    assert page_command(tmp_path / "notes.txt", 4) == []
