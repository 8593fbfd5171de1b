"""The page Models: what is loaded and what it takes, loading in place, adding, the queue, the search."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest

from tests import tiny_gguf
from tests.ui.parts import ListHotkeys, PartAssistant
from tests.ui.settings.models_page import open_models_page, row_texts, select
from tests.waiting import until
from trayassist import config
from trayassist.api import ModelUnavailable
from trayassist.models.registry.schema import Model, Quirk
from trayassist.models.serving.budget import OutOfBudget
from trayassist.models.serving.state import ModelState, QueuedRequest
from trayassist.ui.settings.model_list import ModelLine, memory, notes
from trayassist.ui.settings.models import ModelsPage
from trayassist.ui.settings.window import SettingsWindow

# ---------------------------------------------------------------- the table


async def test_s0_02_the_table_shows_what_is_known_of_each_model(
    assistant: PartAssistant, hotkeys: ListHotkeys
) -> None:
    """S0-02, S1-16: state, quantization, memory, measured speed and licence; roles and process under the row."""
    assistant.engine.loaded.add("small")
    page = await open_models_page(assistant, hotkeys)
    assert row_texts(page, "small") == ["small", "loaded", "2.9 GB", "31.4 tokens/s"]
    assert row_texts(page, "v2.5-code") == ["code", "not loaded", "~ 3.0 GB", "–"]
    told = page.list.table.rows.description(page.list.table.rows.shown[0])
    assert told == (
        "used for Assistant · stands in for Code · a small model (3.1 billion parameters) · Q4_K_M · "
        "reads 8,192 tokens at once · licence apache-2.0 · loaded in 3.2 s"
    )
    assert "Its licence is not known." in page.list.table.rows.description(page.list.table.rows.shown[1])


def test_s0_18_problems_and_quirks_stand_under_the_model() -> None:
    """S0-18, S1-14: what was found, what is done about it, and what is never used with the model."""
    state = ModelState(
        name="m", standing="missing", roles=(), residence="warm", problem="The file is missing.", base=True,
        speculation="off: vocabulary differs at token 7", quant="Q4_K_M",
    )  # fmt: skip
    quirk = Quirk(issue="It repeats itself.", workaround="Lower the temperature.", found="2026-11-02")
    found = notes(ModelLine(state, Model(file="m.gguf", quirks=(quirk,), forbid=("draft", "prompt_lookup"))))
    assert found == [
        ("not used by anything · Q4_K_M", "muted"),
        ("Its licence is not known.", "amber"),
        ("The file is missing.", "danger"),
        ("It continues texts and was not made to answer: it may ramble.", "amber"),
        ("Faster answers: off: vocabulary differs at token 7.", "amber"),
        ("Never with draft, prompt lookup.", "muted"),
        ("Known (2026-11-02): It repeats itself. Lower the temperature.", "muted"),
    ]
    assert memory(state) == "–"


async def test_notes_make_a_row_as_tall_as_they_are(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    page = await open_models_page(assistant, hotkeys)
    table = page.list.table
    before = table.rowHeight(0)
    problem = (
        "The file is missing: put it at /a/very/long/path/that/does/not/fit/into/one/line/of/this/table.gguf. " * 3
    )
    assistant.engine.states["small"] = replace(assistant.engine._state("small"), standing="missing", problem=problem)
    page.fill()
    assert table.rowHeight(0) > before + 2 * table.fontMetrics().height()
    assert table.height() >= sum(table.rowHeight(at) for at in range(3))


async def test_an_empty_registry_says_what_to_do(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    page = await open_models_page(assistant, hotkeys, "")
    assert page._empty.isVisible()
    assert not page.list.isVisible()
    assert page.ram.text == "No model is chosen yet."


# ---------------------------------------------------------------- loading


async def test_loading_is_told_and_can_be_cancelled(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    page = await open_models_page(assistant, hotkeys)
    assistant.engine.gate.clear()
    select(page, "v2.5-code")
    page.list.load_button.click()
    await until(lambda: "v2.5-code" in page.list.loading)
    line = page.list.loading["v2.5-code"]
    await until(lambda: line._text.text() == "loading v2.5-code, 4 s")
    assert not page.list.load_button.isEnabled(), "not twice"
    line.button.click()
    await until(lambda: not page.list.loading)
    assert "v2.5-code" not in assistant.engine.loaded
    assistant.engine.gate.set()
    page.list.load_button.click()
    await until(lambda: row_texts(page, "v2.5-code")[1] == "loaded")
    page.list.unload_button.click()
    await until(lambda: row_texts(page, "v2.5-code")[1] == "not loaded")


async def test_what_would_have_to_be_unloaded_is_said_and_offered(
    assistant: PartAssistant, hotkeys: ListHotkeys
) -> None:
    """S1-15: the error stands under the table, once, with the one action that helps."""
    assistant.engine.loaded.add("small")
    assistant.engine.refuses["v2.5-code"] = OutOfBudget("There is no room.", "Unload small (hot).", ("small",))
    page = await open_models_page(assistant, hotkeys)
    page.list.load("v2.5-code")
    await until(lambda: page.list.trouble.text == "There is no room.")
    state = assistant.engine._state("v2.5-code")
    assistant.engine.states["v2.5-code"] = replace(state, problem="There is no room. Unload small (hot).")
    page.fill()
    assert "There is no room" not in page.list.table.rows.description(page.list.table.rows.shown[1]), "said once"
    del assistant.engine.states["v2.5-code"]
    assert page.list.trouble._yes.text() == "Unload small and load"
    del assistant.engine.refuses["v2.5-code"]
    page.list.trouble._yes.click()
    await until(lambda: "v2.5-code" in assistant.engine.loaded)
    assert assistant.engine.calls[-2:] == ["unload small", "load v2.5-code"]
    assert page.list.trouble.text == ""


async def test_a_model_that_does_not_load_says_why_in_place(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    assistant.engine.refuses["small"] = ModelUnavailable("The model small does not load.", "It may be damaged.")
    page = await open_models_page(assistant, hotkeys)
    select(page, "small")
    QTest.keyClick(page.list.table, Qt.Key.Key_Return)
    await until(lambda: page.list.trouble.text == "The model small does not load. It may be damaged.")
    assert page.list.trouble._yes.isHidden()


async def test_the_page_follows_the_engine_only_while_it_is_seen(
    assistant: PartAssistant, hotkeys: ListHotkeys
) -> None:
    page = await open_models_page(assistant, hotkeys)
    assistant.engine.loaded.add("small")
    assistant.engine.tell()
    await until(lambda: row_texts(page, "small")[1] == "loaded")
    page._window.show_page("about")
    await until(lambda: assistant.engine.changed == [])
    assert not page._watch.isActive()
    asked = assistant.engine.asked
    assistant.engine.tell()
    await asyncio.sleep(0.15)
    assert assistant.engine.asked == asked, "nobody looks, nothing is asked"
    page._window.show_page("models")
    await until(lambda: assistant.engine.asked > asked)
    page._window.close()
    await until(lambda: assistant.engine.changed == [])  # a window that is gone follows nothing


# ---------------------------------------------------------------- adding, removing, the queue


async def test_a_gguf_dropped_on_the_page_is_added_and_removed_after_a_second_word(
    assistant: PartAssistant, hotkeys: ListHotkeys, tmp_path: Path
) -> None:
    page = await open_models_page(assistant, hotkeys, "")
    file = tiny_gguf.write(tmp_path / "tiny-chat.gguf")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)), QUrl.fromLocalFile(str(tmp_path / "letter.pdf"))])
    nothing = Qt.KeyboardModifier.NoModifier
    possible = Qt.DropAction.MoveAction | Qt.DropAction.CopyAction
    drop = QDropEvent(QPointF(9, 9), possible, data, Qt.MouseButton.LeftButton, nothing)
    page.dropEvent(drop)
    assert drop.dropAction() == Qt.DropAction.CopyAction, "a file manager must not delete its file"
    await until(page.adding.question.isVisible)
    assert page.adding.question._title.text() == "What shall tiny-chat be used for?"
    assert not assistant.registry.models, "nothing is added before that is answered"
    boxes = page.adding.question.boxes
    assert (boxes["persona"].isChecked(), boxes["coder"].isChecked()) == (True, True)
    assert "watchdog" not in boxes
    boxes["coder"].setChecked(False)
    page.adding.question.add_button.click()
    await until(lambda: page.adding.notice.text == "tiny-chat.gguf is added. It is used for Assistant.")
    (name,) = assistant.registry.models
    assert assistant.registry.role("persona").model == name
    assert assistant.registry.role("coder").model is None
    await until(lambda: [line.name for line in page.list.table.rows.shown] == [name])
    QTest.keyClick(page.list.table, Qt.Key.Key_Delete)
    assert page.adding.notice.asking
    assert "Take tiny-chat off the list of models?" in page.adding.notice.text
    assert "will have no model: Assistant." in page.adding.notice.text
    page.adding.notice._no.click()
    assert list(assistant.registry.models) == [name]
    page.list.remove_button.click()
    page.adding.notice._yes.click()
    await until(lambda: not assistant.registry.models)
    assert file.is_file(), "the file stays"
    await until(page._empty.isVisible)


async def test_a_model_that_was_dropped_elsewhere_is_asked_about_here(
    assistant: PartAssistant, hotkeys: ListHotkeys, tmp_path: Path
) -> None:
    window = SettingsWindow(assistant, hotkeys)  # type: ignore[arg-type]
    window.show()
    window.add_models([tiny_gguf.write(tmp_path / "tiny-chat.gguf")])
    page = window.page("models")
    assert isinstance(page, ModelsPage)
    await until(page.adding.question.isVisible)
    assert page.isVisible()
    assert not assistant.registry.models, "it is asked first"


async def test_a_file_that_is_no_model_says_so_in_place(
    assistant: PartAssistant, hotkeys: ListHotkeys, tmp_path: Path
) -> None:
    page = await open_models_page(assistant, hotkeys)
    bad = tmp_path / "bad.gguf"
    bad.write_bytes(b"not a model")
    page.adding.add([bad])
    await until(lambda: "bad.gguf" in page.adding.notice.text and "Reading" not in page.adding.notice.text)
    assert list(assistant.registry.models) == ["small", "v2.5-code", "sums"]


async def test_what_is_said_of_several_models_stays(
    assistant: PartAssistant, hotkeys: ListHotkeys, tmp_path: Path
) -> None:
    page = await open_models_page(assistant, hotkeys)
    adding = page.adding
    pointer = tmp_path / "pointer.gguf"
    pointer.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    good = [tiny_gguf.write(tmp_path / f"good-{number}.gguf") for number in (1, 2)]
    adding.add([pointer, *good])
    await until(adding.question.isVisible)
    assert adding.question._title.text() == "What shall good-1 be used for?"
    assert "pointer.gguf" in adding.notice.text
    assert len(adding.notice.text.splitlines()) == 1
    adding.question.add_button.click()
    await until(lambda: adding.question._title.text() == "What shall good-2 be used for?")
    assert adding.notice.text.splitlines()[1] == "good-1.gguf is added. It is not used yet."
    adding.question._leave.click()
    await until(lambda: not adding._files)
    assert len(adding.notice.text.splitlines()) == 2
    adding.notice._no.click()
    adding.add([good[0]])
    await until(lambda: adding.notice.text == "good-1 is on the list of models already.")


async def test_the_queue_counts_its_seconds(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    page = await open_models_page(assistant, hotkeys)
    assert page.queue.text == "No model is at work, and nothing waits."
    first = QueuedRequest(
        request_id="1", role="persona", model="small", lane="heavy", running=True, job=False, since_s=4.0
    )
    assistant.engine.waiting = [first, replace(first, request_id="2", running=False, job=True, since_s=70.0)]
    assistant.engine.tell()
    await until(lambda: page.queue.text.startswith("Assistant: small is at work · 4 s"))
    assert (
        page.queue.text.splitlines()[1] == "Assistant waits for small · 1 min · in the background: questions go first"
    )
    await until(lambda: "· 5 s" in page.queue.text)
    assert config.load(assistant.paths)  # nothing was written for it


async def test_the_search_finds_a_roles_settings(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    page = await open_models_page(assistant, hotkeys)
    page._window.search.setText("temperature")
    await until(lambda: all(slot.part is not None for slot, _ in page._window.slots))
    assert page.cards["coder"].isVisible()
    assert not page.list.isVisible()
    page._window.search.setText("")
    assert page.list.isVisible()
