"""The first steps (S1-01, S1-13, S0-16): real assistant, real hub client against a small hub, keys only."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLineEdit,
    QListWidget,
    QPushButton,
    QRadioButton,
    QWidget,
)

from tests.models.catalog import hub as hubs
from tests.ui.parts import ListHotkeys
from tests.waiting import until
from trayassist.api import Status
from trayassist.assistant import Assistant
from trayassist.memory.ingest import FileReport
from trayassist.models.catalog import stacks
from trayassist.models.gguf import hardware
from trayassist.paths import Paths, shipped_file
from trayassist.ui.first_run import FirstSteps
from trayassist.ui.first_run.models import BEST, NONE, SMALL
from trayassist.ui.first_run.window import STEPS
from trayassist.ui.settings.downloads_panel import DownloadsPanel
from trayassist.ui.widgets.colors import READABLE, contrast
from trayassist.ui.widgets.theme import Theme

GIB = hardware.GIB
LAPTOP = hardware.Hardware(ram=16 * GIB, available=12 * GIB, cores=8, disk_free=500 * 10**9)


@pytest.fixture(autouse=True)
def laptop(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine of these tests is the same everywhere."""
    monkeypatch.setattr(hardware, "look", lambda _models: LAPTOP)


class RememberedFiles:
    """Takes what is to be remembered, as the desktop does."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant, self.paths = assistant, list[Path]()

    def __call__(self, paths: object) -> None:
        self.paths += paths  # type: ignore[operator]
        self._assistant.ingest.enqueue(list(paths))  # type: ignore[call-overload]


async def show_steps(
    assistant: Assistant, hotkeys: ListHotkeys, begin: str = "", theme: Theme | None = None
) -> FirstSteps:
    window = FirstSteps(assistant, hotkeys, theme, RememberedFiles(assistant), begin=begin)  # type: ignore[arg-type]
    window.show()
    await asyncio.sleep(0.05)  # no event loop of Qt's own in a coroutine: tasks would run inside a task
    return window


def key(window: FirstSteps, what: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(QApplication.focusWidget() or window, what, modifier)


# ------------------------------------------------------------ going through


async def test_every_step_can_be_skipped_with_esc_and_the_last_one_closes(
    assistant: Assistant, hotkeys: ListHotkeys
) -> None:
    window = await show_steps(assistant, hotkeys)
    for number in range(len(STEPS)):
        assert window.at == number
        key(window, Qt.Key.Key_Escape)
    assert not window.isVisible()
    assert not assistant.registry.models
    assert assistant.ingest.waiting() == 0
    assert not assistant.downloads.list()


async def test_the_button_to_the_right_goes_on_by_the_keyboard_and_back_goes_back(
    assistant: Assistant, hotkeys: ListHotkeys
) -> None:
    window = await show_steps(assistant, hotkeys)
    key(window, Qt.Key.Key_Space)
    assert STEPS[window.at] == "hotkey"
    key(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert STEPS[window.at] == "documents"
    key(window, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert STEPS[window.at] == "hotkey"


async def test_it_can_begin_at_a_step(assistant: Assistant, hotkeys: ListHotkeys) -> None:
    assert STEPS[(await show_steps(assistant, hotkeys, "models")).at] == "models"


async def test_the_hotkey_is_changed_by_pressing_it(assistant: Assistant, hotkeys: ListHotkeys) -> None:
    window = await show_steps(assistant, hotkeys, "hotkey")
    field = window.steps[1].row.field  # type: ignore[attr-defined]
    field.begin()
    QTest.keyClick(field, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    await until(lambda: assistant.config.hotkey.ask == "ctrl+alt+j")
    assert "ctrl+alt+j" in assistant.paths.app_config.read_text()


# ------------------------------------------------------------ documents and a question


async def test_chosen_folders_are_read_at_the_end_each_once(
    assistant: Assistant, hotkeys: ListHotkeys, tmp_path: Path
) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "note.txt").write_text("The spare key is under the blue flower pot.")
    window = await show_steps(assistant, hotkeys, "documents")
    window.documents.take([folder, folder])
    assert [path.name for path in window.documents.chosen] == ["papers"]
    window.show_step(STEPS.index("models"))
    assert assistant.ingest.waiting() == 0
    window.show_step(STEPS.index("question"))
    window.show_step(STEPS.index("documents"))
    window.close()
    remembered = window.documents._remember
    assert isinstance(remembered, RememberedFiles)
    assert remembered.paths == [folder]
    reports = [item async for item in assistant.ingest.ingest([folder / "note.txt"]) if isinstance(item, FileReport)]
    assert [report.status for report in reports] in (["ingested"], ["unchanged"])
    assert [document.title or Path(document.path).name for document in await assistant.memory.documents()]


async def test_folders_can_be_dropped_and_skipping_forgets_them(
    assistant: Assistant, hotkeys: ListHotkeys, tmp_path: Path
) -> None:
    window = await show_steps(assistant, hotkeys, "documents")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    drop(window.documents, data)
    assert window.documents.chosen == [tmp_path]
    key(window, Qt.Key.Key_Escape)
    window.close()
    assert assistant.ingest.waiting() == 0


async def test_a_sample_is_read_asked_about_and_answered_with_its_page(
    assistant: Assistant, hotkeys: ListHotkeys
) -> None:
    window = await show_steps(assistant, hotkeys, "question")
    question = window.question
    await until(lambda: question.samples.isVisible())
    assert "three samples" in question._about.text()
    first = question.samples.findChildren(QAbstractButton)[0]
    first.setFocus()
    key(window, Qt.Key.Key_Space)
    await until(lambda: question._answered is not None)
    assert question._answered is not None
    assert "5 percent" in question._answered.answer
    opened: list[tuple[object, object]] = []
    window.open_page.connect(lambda citation, among: opened.append((citation, among)))
    question.chips.findChildren(QAbstractButton)[0].click()
    assert opened[0][0].page == 2  # type: ignore[attr-defined]
    assert "From your documents" in question._status.text()


async def test_a_question_of_ones_own_is_answered_by_the_model_that_is_there(
    assistant: Assistant, hotkeys: ListHotkeys, tiny: Path
) -> None:
    await assistant.entries.add(tiny)
    window = await show_steps(assistant, hotkeys, "question")
    window.question.field.setText("Hello, how are you?")
    QTest.keyClick(window.question.field, Qt.Key.Key_Return)
    await until(lambda: window.question._answered is not None)
    assert window.question._answered is not None
    assert window.question._answered.model == "tiny"
    window.close()
    await assistant.entries.wait_for_sha256("tiny")


# ------------------------------------------------------------ models


async def test_the_stack_of_this_machine_is_shown_with_size_licence_and_fit(
    assistant: Assistant, hotkeys: ListHotkeys
) -> None:
    window = await show_steps(assistant, hotkeys, "models")
    models = window.models
    await until(lambda: models.way == SMALL)
    models.ways.button(BEST).click()
    proposed = stacks.recommend(LAPTOP, stacks.load())
    for choice in proposed.choices:
        row = models.table._rows[choice.slot]
        assert row.combo.currentData() == choice.name
        assert choice.candidate.license in row._about.text()
        assert row._fit.text() == "fits"
    big = models.table._rows["worker"].combo
    big.setCurrentIndex(big.findData("qwen2.5-32b"))
    big.activated.emit(big.currentIndex())
    assert models.table._rows["worker"]._fit.text() == "won’t fit"
    assert models.table._rows["worker"]._fit.property("look") == "danger"


@pytest.fixture
def small_stack(hub: hubs.Hub, tiny: Path) -> hubs.Hub:
    """The hub has tiny files under the names of the stack that is proposed."""
    for choice in stacks.recommend(LAPTOP, stacks.load()).choices:
        hub.repos[choice.candidate.repo] = hubs.Repo({choice.candidate.file: tiny.read_bytes()})
    return hub


async def test_a_stack_is_looked_up_then_fetched_behind_and_used(
    assistant: Assistant, hotkeys: ListHotkeys, small_stack: hubs.Hub
) -> None:
    window = await show_steps(assistant, hotkeys, "models")
    models = window.models
    await until(lambda: models.way == SMALL)
    models.ways.button(BEST).click()
    assert not small_stack.requests  # nothing is asked before the button is pressed
    assert "Look up" in models.primary
    models.go_on()
    await until(lambda: models.plan is not None)
    assert "Fetch" in models.primary
    assert "apache-2.0" in models._message.text()
    assert not small_stack.downloads()
    models.go_on()
    assert STEPS[window.at] == "question"
    window.close()
    await until(lambda: all(one.state == "done" for one in assistant.downloads.list()))
    assert assistant.registry.role("persona").model == "qwen3-4b"
    assert assistant.registry.role("watchdog").model is None, "nothing is fetched that nothing asks"
    assert assistant.registry.role("curator").model is None
    assert assistant.registry.role("persona").context_length is None  # the usual one
    assert assistant.engine.model_for("persona") == "qwen3-4b"


async def test_without_a_network_it_says_so_and_another_way_can_be_taken(
    assistant: Assistant, hotkeys: ListHotkeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    window = await show_steps(assistant, hotkeys, "models")
    await until(lambda: window.models.way == SMALL)
    window.models.ways.button(BEST).click()
    window.models.go_on()
    await until(lambda: "cannot be reached" in window.models._problem.text())
    assert STEPS[window.at] == "models"
    key(window, Qt.Key.Key_Escape)
    assert STEPS[window.at] == "question"


async def test_a_downloads_panel_pauses_resumes_and_cancels(
    assistant: Assistant, hotkeys: ListHotkeys, small_stack: hubs.Hub
) -> None:
    small_stack.pause_s = 0.05
    window = await show_steps(assistant, hotkeys, "models")
    await until(lambda: window.models.way == SMALL)
    window.models.ways.button(BEST).click()
    window.models.go_on()
    await until(lambda: window.models.plan is not None)
    window.models.go_on()
    panel = window.findChild(DownloadsPanel)
    assert panel is not None
    await until(lambda: any("fetching" in row._line.text() for row in panel.rows.values()))
    for row in list(panel.rows.values()):
        row.turn.click()
    await until(lambda: {one.state for one in assistant.downloads.list()} == {"paused"})
    small_stack.pause_s = 0.0
    first, *others = list(panel.rows.values())
    for row in others:
        row.cancel.click()
    first.turn.click()
    await until(lambda: sorted(one.state for one in assistant.downloads.list()) == ["cancelled"] * 2 + ["done"])
    await until(lambda: not panel.rows)


async def test_own_files_are_dropped_added_and_refused_in_words(
    assistant: Assistant, hotkeys: ListHotkeys, tiny: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF")
    window = await show_steps(assistant, hotkeys, "models")
    window.models.files.click()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in (tiny, broken)])
    drop(window.models.own, data)
    await until(lambda: window.models.own._lines.count() == 2 and "damaged" in lines_of(window)[1])
    assert lines_of(window)[0] == "tiny.gguf: used for Assistant, Code"
    assert assistant.registry.role("persona").model == "tiny"
    await assistant.entries.wait_for_sha256("tiny")


async def test_no_model_for_now_goes_on_and_contacts_nobody(
    assistant: Assistant, hotkeys: ListHotkeys, hub: hubs.Hub
) -> None:
    window = await show_steps(assistant, hotkeys, "models")
    await until(lambda: window.models.way == SMALL)
    window.models.ways.button(BEST).click()
    window.models.ways.button(NONE).setChecked(True)
    window.models.go_on()
    assert STEPS[window.at] == "question"
    assert not hub.requests


async def test_a_small_assistant_is_one_model_for_all_that_write(
    assistant: Assistant, hotkeys: ListHotkeys, hub: hubs.Hub, tiny: Path
) -> None:
    candidate = stacks.load().models["qwen2.5-1.5b"]
    hub.repos[candidate.repo] = hubs.Repo({candidate.file: tiny.read_bytes()})
    window = await show_steps(assistant, hotkeys, "models")
    await until(lambda: window.models.way == SMALL)
    window.models.go_on()
    await until(lambda: window.models.plan is not None)
    window.models.go_on()
    await until(lambda: [one.state for one in assistant.downloads.list()] == ["done"])
    assert assistant.registry.role("persona").model == "qwen2.5-1.5b"
    assert assistant.registry.role("coder").model == "qwen2.5-1.5b"
    assert assistant.registry.role("curator").model is None


async def test_a_machine_that_holds_no_model_is_offered_none(
    assistant: Assistant, hotkeys: ListHotkeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hardware, "look", lambda _: hardware.Hardware(ram=GIB, available=GIB, cores=2, disk_free=10**9))
    window = await show_steps(assistant, hotkeys, "models")
    await until(lambda: "No model fits" in window.models._message.text())
    assert window.models.way == NONE
    assert window.models.ways.button(BEST).isHidden()


async def test_enter_goes_on_from_step_to_step_and_asks_in_the_last(assistant: Assistant, hotkeys: ListHotkeys) -> None:
    window = await show_steps(assistant, hotkeys)
    for name in ("hotkey", "documents"):
        key(window, Qt.Key.Key_Return)
        assert STEPS[window.at] == name
    window.show_step(STEPS.index("question"))
    window.question.field.setText("Hello")
    QTest.keyClick(window.question.field, Qt.Key.Key_Return)
    assert window.isVisible(), "Enter in the field asks and closes nothing"


async def test_a_press_of_the_hotkey_is_answered(assistant: Assistant, hotkeys: ListHotkeys) -> None:
    window = await show_steps(assistant, hotkeys, "hotkey")
    feedback = window.steps[1].feedback  # type: ignore[attr-defined]
    assert feedback.text() == "Try it now: press Ctrl+Alt+Space."
    hotkeys.pressed.emit(1, "")
    assert feedback.text() == "It works."


async def test_documents_that_are_there_are_known_and_a_sample_can_be_taken_out(
    assistant: Assistant, hotkeys: ListHotkeys
) -> None:
    window = await show_steps(assistant, hotkeys, "question")
    question = window.question
    await until(lambda: question.samples.isVisible())
    assert "puts one into your memory" in question._about.text()
    question.samples.findChildren(QAbstractButton)[0].click()
    await until(question.take_out.isVisible)
    assert len(await assistant.memory.documents()) == 1
    window.show_step(STEPS.index("documents"))
    await until(lambda: window.documents.there.text() == "1 document is known already.")
    window.show_step(STEPS.index("question"))
    question.take_out.click()
    await until(question.take_out.isHidden)
    assert await assistant.memory.documents() == []


async def test_every_sample_that_was_read_is_taken_out(assistant: Assistant, hotkeys: ListHotkeys) -> None:
    window = await show_steps(assistant, hotkeys, "question")
    question = window.question
    await until(lambda: question.samples.isVisible())
    for count, sample in enumerate(question.samples.findChildren(QAbstractButton)[:2], 1):
        sample.click()
        assert question.take_out.isHidden()
        await until(question.take_out.isVisible)
        assert len(await assistant.memory.documents()) == count
    assert question.take_out.text() == "&Take the samples out of memory"
    question.take_out.click()
    await until(lambda: question._status.text() == "The samples are out of memory.")
    assert await assistant.memory.documents() == []
    assert question.take_out.isHidden()


async def test_an_answer_that_waits_for_a_yes_is_given_one_here(assistant: Assistant, hotkeys: ListHotkeys) -> None:
    for text in ("My locker code is 4411", "My bicycle code is 8822"):
        await assistant.memory.remember(text)
    window = await show_steps(assistant, hotkeys, "question")
    question = window.question
    question.ask("forget my code")
    await until(lambda: question.questions.frames)
    assert question._status.text() == "Waiting for your answer…"
    (frame,) = question.questions.frames.values()
    yes, no = frame.findChildren(QPushButton)
    assert window.focusWidget() is no
    yes.click()
    await until(lambda: question._answered is not None)
    assert question._answered is not None
    assert question._answered.answer.startswith("Forgotten: 2 facts.")
    assert question._status.text().startswith("Without a model · ")
    assert await assistant.memory.facts() == []


async def test_an_answer_says_here_what_it_was_taken_from(
    assistant: Assistant, hotkeys: ListHotkeys, german: None
) -> None:
    window = await show_steps(assistant, hotkeys, "question")
    question = window.question
    question.ask("What is the late fee?")
    await until(lambda: question._answered is not None)
    assert question._status.text().startswith("Ohne Modell · ")
    await until(lambda: question.view.toPlainText())
    assert question.view.toPlainText().startswith("Das Gedächtnis ist leer, ")
    question._on_event(Status(text="reading the files"))
    assert question._status.text() == "liest die Dateien…"


# ------------------------------------------------------------ looks and access


@pytest.mark.parametrize("mode", ["light", "dark"])
async def test_everything_has_a_name_is_reached_by_tab_and_can_be_read(
    assistant: Assistant, hotkeys: ListHotkeys, mode: str
) -> None:
    window = await show_steps(assistant, hotkeys, theme=Theme(mode))  # type: ignore[arg-type]
    await until(lambda: window.models._facts is not None or window.show_step(3) is not None)
    colors = window.theme.colors
    assert contrast(colors.muted, colors.surface) >= READABLE
    for number in range(len(STEPS)):
        window.show_step(number)
        await asyncio.sleep(0.05)
        wanted = {widget for widget in controls(window) if widget.isVisible() and widget.isEnabled()}
        assert all(name_of(widget) for widget in wanted), STEPS[number]
        window._next.setFocus()
        met = set()
        for _ in range(40):
            met.add(QApplication.focusWidget())
            key(window, Qt.Key.Key_Tab)
        assert wanted <= met, (STEPS[number], [name_of(widget) for widget in wanted - met])


@pytest.mark.parametrize("percent", [100, 160])
async def test_nothing_is_cut_off_to_the_right(assistant: Assistant, hotkeys: ListHotkeys, percent: int) -> None:
    window = await show_steps(assistant, hotkeys, theme=Theme("light", text_percent=percent))
    window.resize(640, 480)
    window.show_step(3)
    await until(lambda: window.models._facts is not None)
    for number, step in enumerate(window.steps):
        window.show_step(number)
        await asyncio.sleep(0.05)
        for widget in step.findChildren(QWidget):
            if widget.isVisible() and isinstance(widget, QAbstractButton | QComboBox):
                right = widget.mapTo(window, QPoint(widget.width(), 0)).x()
                assert right <= window.width(), (STEPS[number], name_of(widget))


def controls(window: FirstSteps) -> list[QWidget]:
    kinds = (QAbstractButton, QLineEdit, QComboBox, QListWidget)
    found = [widget for kind in kinds for widget in window.findChildren(kind)]
    found = [w for w in found if w.focusPolicy() & Qt.FocusPolicy.TabFocus and not isinstance(w.parent(), QComboBox)]
    return [w for w in found if not isinstance(w, QRadioButton) or w.isChecked()]  # arrows go to the others


def name_of(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    return widget.accessibleName() or text


def lines_of(window: FirstSteps) -> list[str]:
    lines = window.models.own._lines
    return [lines.itemAt(number).widget().text() for number in range(lines.count())]  # type: ignore[union-attr]


def drop(widget: QWidget, data: QMimeData) -> None:
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    event = QDropEvent(QPointF(5, 5), copy, data, left, Qt.KeyboardModifier.NoModifier)
    widget.dropEvent(event)
    assert event.isAccepted()
    assert event.dropAction() == copy  # a file manager moves nothing away


def test_the_samples_are_shipped() -> None:
    assert len(list(shipped_file("resources/samples").glob("*.pdf"))) == 3


def test_the_marker_is_in_the_data_folder(home: Paths) -> None:
    assert home.first_steps.parent == home.data
