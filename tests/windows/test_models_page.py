"""The page Models and roles: what is loaded and what it takes, loading in place, roles, drafts, adding, the queue."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest

from tests import tiny_gguf
from tests.windows.engine_part import GB
from tests.windows.parts import ListHotkeys, PartAssistant
from tests.windows.waiting import until
from trayassist import config
from trayassist.api import ModelUnavailable
from trayassist.models import registry_file
from trayassist.models.forecast import Forecast, Share
from trayassist.models.registry import Model, Quirk
from trayassist.models.room import NoRoom
from trayassist.models.state import BudgetState, ModelState, Waiting
from trayassist.paths import Paths
from trayassist.ui.windows.settings import SettingsWindow
from trayassist.ui.windows.settings_memory_bar import filling
from trayassist.ui.windows.settings_model_list import Line, memory, notes
from trayassist.ui.windows.settings_models import ModelsPage
from trayassist.ui.windows.settings_role_form import RoleForm

REGISTRY = """
# my models
models:
  small: {file: small.gguf, license: apache-2.0, params_b: 3.1}
  v2.5-code: {file: code.gguf, kind: code, params_b: 14}
  sums: {file: sums.gguf, kind: math, license: mit, params_b: 7}
roles:
  persona: {model: small}
  coder: {model: v2.5-code, fallback: [small]}
"""


async def opened(assistant: PartAssistant, hotkeys: ListHotkeys, registry: str = REGISTRY) -> ModelsPage:
    assistant.paths.registry.write_text(registry)
    await assistant.reload_registry()
    window = SettingsWindow(assistant, hotkeys)  # type: ignore[arg-type]
    window.show()
    window.show_page("models")
    found = window.page("models")
    assert isinstance(found, ModelsPage)
    await until(lambda: found.ram.text)
    return found


def shown(page: ModelsPage, name: str) -> list[str]:
    table = page.list.table.rows
    line = next(line for line in table.shown if line.name == name)
    return [column.text(line) for column in table.columns]


def select(page: ModelsPage, name: str) -> None:
    page.list.table.select([next(at for at, line in enumerate(page.list.table.rows.shown) if line.name == name)])


def form(page: ModelsPage, role: str) -> RoleForm:
    page.cards[role].more.click()
    found = page.cards[role].form
    assert found is not None
    found.complete()
    return found


# ---------------------------------------------------------------- the table


async def test_s0_02_the_table_shows_what_is_known_of_each_model(
    assistant: PartAssistant, hotkeys: ListHotkeys
) -> None:
    """S0-02, S1-16: state, quantization, memory, measured speed and licence; roles and process under the row."""
    assistant.engine.loaded.add("small")
    page = await opened(assistant, hotkeys)
    assert shown(page, "small") == ["small", "loaded", "Q4_K_M", "2.9 GB", "31.4 tok/s", "8,192", "apache-2.0"]
    assert shown(page, "v2.5-code") == ["v2.5-code", "not loaded", "Q4_K_M", "~ 3.0 GB", "–", "8,192", "not known"]
    told = page.list.table.rows.told(page.list.table.rows.shown[0])
    assert told == (
        "for persona · stands in for coder · entry tier (3.1B) · process 4242, estimated 3.0 GB · loaded in 3.2 s"
    )


def test_s0_18_problems_and_quirks_stand_under_the_model() -> None:
    """S0-18, S1-14: what was found, what is done about it, and what is never used with the model."""
    state = ModelState(
        name="m", standing="missing", roles=(), residence="warm", problem="The file is missing.", base=True,
        speculation="off: vocabulary differs at token 7", quant="Q4_K_M",
    )  # fmt: skip
    quirk = Quirk(issue="It repeats itself.", workaround="Lower the temperature.", found="2026-11-02")
    found = notes(Line(state, Model(file="m.gguf", quirks=(quirk,), forbid=("draft", "prompt_lookup"))))
    assert found == [
        ("no role uses it", "muted"),
        ("The file is missing.", "danger"),
        ("A base model without a chat template: it may ramble.", "amber"),
        ("Speculation: off: vocabulary differs at token 7.", "amber"),
        ("Never with draft, prompt lookup.", "muted"),
        ("Known (2026-11-02): It repeats itself. Lower the temperature.", "muted"),
    ]
    assert memory(state) == "–"


async def test_notes_make_a_row_as_tall_as_they_are(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    page = await opened(assistant, hotkeys)
    table = page.list.table
    before = table.rowHeight(0)
    problem = (
        "The file is missing: put it at /a/very/long/path/that/does/not/fit/into/one/line/of/this/table.gguf. " * 3
    )
    assistant.engine.told["small"] = replace(assistant.engine._state("small"), standing="missing", problem=problem)
    page.fill()
    assert table.rowHeight(0) > before + 2 * table.fontMetrics().height()
    assert table.height() >= sum(table.rowHeight(at) for at in range(3))


async def test_an_empty_registry_says_what_to_do(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    page = await opened(assistant, hotkeys, "")
    assert page._empty.isVisible()
    assert not page.list.isVisible()
    assert page.ram.text == "No role has a model of this machine yet."


# ---------------------------------------------------------------- loading


async def test_loading_is_told_and_can_be_cancelled(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    page = await opened(assistant, hotkeys)
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
    await until(lambda: shown(page, "v2.5-code")[1] == "loaded")
    page.list.unload_button.click()
    await until(lambda: shown(page, "v2.5-code")[1] == "not loaded")


async def test_what_would_have_to_be_unloaded_is_said_and_offered(
    assistant: PartAssistant, hotkeys: ListHotkeys
) -> None:
    """S1-15: the error stands under the table, with the one action that helps."""
    assistant.engine.loaded.add("small")
    assistant.engine.refuses["v2.5-code"] = NoRoom("There is no room.", "Unload small (hot).", ("small",))
    page = await opened(assistant, hotkeys)
    page.list.load("v2.5-code")
    await until(lambda: page.list.trouble.text == "There is no room. Unload small (hot).")
    assert page.list.trouble._yes.text() == "Unload small and load"
    del assistant.engine.refuses["v2.5-code"]
    page.list.trouble._yes.click()
    await until(lambda: "v2.5-code" in assistant.engine.loaded)
    assert assistant.engine.calls[-2:] == ["unload small", "load v2.5-code"]
    assert page.list.trouble.text == ""


async def test_a_model_that_does_not_load_says_why_in_place(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    assistant.engine.refuses["small"] = ModelUnavailable("The model small does not load.", "It may be damaged.")
    page = await opened(assistant, hotkeys)
    select(page, "small")
    QTest.keyClick(page.list.table, Qt.Key.Key_Return)
    await until(lambda: page.list.trouble.text == "The model small does not load. It may be damaged.")
    assert page.list.trouble._yes.isHidden()


async def test_the_page_follows_the_engine_only_while_it_is_seen(
    assistant: PartAssistant, hotkeys: ListHotkeys
) -> None:
    page = await opened(assistant, hotkeys)
    assistant.engine.loaded.add("small")
    assistant.engine.tell()
    await until(lambda: shown(page, "small")[1] == "loaded")
    page._window.show_page("about")
    await asyncio.sleep(0.1)
    assert assistant.engine.changed == []
    assert not page._watch.isActive()
    asked = assistant.engine.asked
    assistant.engine.tell()
    await asyncio.sleep(0.15)
    assert assistant.engine.asked == asked, "nobody looks, nothing is asked"
    page._window.show_page("models")
    await until(lambda: assistant.engine.asked > asked)
    page._window.close()
    await asyncio.sleep(0.05)
    assert assistant.engine.changed == [], "a window that is gone follows nothing"


# ---------------------------------------------------------------- memory


def budget(limit: float, gpu: float = 0) -> BudgetState:
    return BudgetState(limit=int(limit * GB), used=0, headroom=2 * GB, free=9 * GB, gpu_limit=int(gpu * GB))


def ahead(**sizes: float) -> Forecast:
    shares = (
        Share(name=n, ram=int(s * GB), gpu=int(s * GB), residence="hot" if n.startswith("hot") else "warm")
        for n, s in sizes.items()
    )
    return Forecast(shares=tuple(shares))


@pytest.mark.parametrize(
    ("sizes", "level", "said"),
    [
        ({"hot": 3, "b": 4}, "green", "All roles fit together: 7.0 GB of 10 GB."),
        ({"hot": 3, "b": 4, "c": 6}, "amber", "Models take turns: together they need 13 GB, and 10 GB are there"),
        ({"hot": 3, "b": 8}, "red", "Too much: hot models and the largest other one need 11 GB, and 10 GB are there"),
        ({"hot": 6, "hot2": 5}, "red", "Too much"),
        ({}, "green", "No role has a model"),
    ],
)
def test_s3_14_the_bar_says_whether_models_fit(sizes: dict[str, float], level: str, said: str) -> None:
    """S3-14: green all at once, amber in turn, red not at all; the same for graphics memory."""
    for gpu in (False, True):
        shown = filling((), budget(10, 10), ahead(**sizes), gpu)
        assert shown.level == level
        assert shown.text.startswith(said)
        assert shown.headroom == (0 if gpu else 2 * GB)


async def test_the_bar_shows_a_context_while_it_is_typed(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    """S3-14: green, amber or red before saving."""
    assistant.engine.limit = 7.0
    page = await opened(assistant, hotkeys)
    await until(lambda: page.ram.text == "All roles fit together: 6.0 GB of 7.0 GB.")
    context: Any = form(page, "persona").rows["context_length"].control
    context.setFocus()
    context.selectAll()
    QTest.keyClicks(context, "65536")
    await until(lambda: page.ram.text.startswith("Too much: hot models and the largest other one need 8.7 GB"))
    assert page.cards["persona"]._reasons.text() == page.ram.text
    assert assistant.registry.role("persona").context_length is None, "nothing is written yet"
    context.clear()
    QTest.keyClicks(context, "16384")
    QTest.keyClick(context, Qt.Key.Key_Return)
    await until(lambda: assistant.registry.role("persona").context_length == 16384)
    await until(lambda: page.ram.text == "All roles fit together: 6.8 GB of 7.0 GB.")


async def test_the_bar_shows_a_model_while_it_is_looked_at(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    assistant.engine.sizes["v2.5-code"] = 12
    assistant.engine.limit = 10
    page = await opened(assistant, hotkeys, REGISTRY.replace("coder: {model: v2.5-code, ", "coder: {"))
    assert page.ram.text == "All roles fit together: 3.0 GB of 10 GB."
    picker = page.cards["coder"].picker
    picker.highlighted.emit(picker.findData("v2.5-code"))
    await until(lambda: page.ram.text.startswith("Too much"))
    picker.activated.emit(0)
    await until(lambda: page.ram.text == "All roles fit together: 3.0 GB of 10 GB.")


async def test_graphics_memory_has_a_bar_where_there_is_some(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    page = await opened(assistant, hotkeys)
    assert not page.vram.isVisible()
    assistant.engine.gpu_limit = 8.0
    page.fill()
    await until(page.vram.isVisible)
    assert page.vram.text == "All roles fit together: 6.0 GB of 8.0 GB."


# ---------------------------------------------------------------- roles


async def test_s0_15_the_picker_tells_how_well_each_model_fits(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    """S0-15, S1-14, S1-23: green first, red last, each with its reasons; an unknown licence is amber."""
    page = await opened(assistant, hotkeys)
    picker = page.cards["persona"].picker
    names = [picker.itemData(at) for at in range(picker.count())]
    assert names == [None, "small", "v2.5-code", "sums"]
    told = [picker.itemData(at, Qt.ItemDataRole.ToolTipRole) or "" for at in range(picker.count())]
    assert told[1] == "entry tier (3.1B)"
    assert "Its licence is not known" in told[2]
    assert told[3] == "It is a mathematics model, and the role persona chats."
    assert "entry tier (3.1B)" in page.cards["persona"]._reasons.text()
    assert "licence apache-2.0" in page.cards["persona"]._reasons.text()
    assert page.cards["coder"]._reasons.property("look") == "amber"


async def test_choosing_a_model_is_written_and_undone(
    assistant: PartAssistant, hotkeys: ListHotkeys, home: Paths
) -> None:
    page = await opened(assistant, hotkeys)
    picker = page.cards["persona"].picker
    picker.activated.emit(picker.findData("v2.5-code"))
    await until(lambda: assistant.registry.role("persona").model == "v2.5-code")
    assert registry_file.load(home).role("persona").model == "v2.5-code"
    assert home.registry.read_text().startswith("\n# my models\n"), "the rest of the file stays as it was"
    await until(lambda: "persona: model" in page._window._undone.text())
    page._window.undo()
    await until(lambda: assistant.registry.role("persona").model == "small")
    await until(lambda: picker.currentData() == "small")


async def test_what_the_registry_refuses_is_said_on_the_card(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    page = await opened(assistant, hotkeys)
    card = page.cards["persona"]
    card.picker.activated.emit(card.picker.findData("sums"))
    await until(card._error.isVisible)
    assert "is for mathematics" in card._error.text()
    assert assistant.registry.role("persona").model == "small"
    assert card.picker.currentData() == "small"


async def test_every_setting_of_a_role_is_written_and_undone(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    page = await opened(assistant, hotkeys)
    rows = form(page, "coder").rows
    window, controls = page._window, {name: row.control for name, row in rows.items()}
    role = lambda: assistant.registry.role("coder")  # noqa: E731
    wanted: list[tuple[str, Any, Any]] = [
        ("residency", lambda c: c.setCurrentIndex(c.findData("hot")), "hot"),
        ("temperature", lambda c: c.setValue(0.7), 0.7),
        ("max_tokens", lambda c: c.setValue(512), 512),
        ("context_length", lambda c: c.stepBy(1), 8192),
        ("timeout_s", lambda c: c.setValue(30), 30),
        ("max_concurrent", lambda c: c.setValue(2), 2),
        ("lane", lambda c: c.setCurrentIndex(c.findData("light")), "light"),
    ]
    before = {name: getattr(role(), name) for name, _, _ in wanted}
    for name, change, value in wanted:
        change(controls[name])
        await until(lambda name=name, value=value: getattr(role(), name) == value)
        assert controls[name].accessibleName().startswith("coder: ")
    for name, _, _ in reversed(wanted):
        await until(lambda: window.changes.last is not None)
        window.undo()
        await until(lambda name=name: getattr(role(), name) == before[name])
    assert rows["context_length"].control.text() == "usual (8,192)"  # type: ignore[attr-defined]


async def test_what_is_asked_in_turn_is_ordered_by_keyboard(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    page = await opened(assistant, hotkeys)
    fallbacks = form(page, "coder").fallbacks
    assert fallbacks.order == ("small",)
    fallbacks.add("sums")
    await until(lambda: assistant.registry.role("coder").fallback == ("small", "sums"))
    await until(lambda: fallbacks.order == ("small", "sums"))
    fallbacks.list.setCurrentRow(1)
    QTest.keyClick(fallbacks.tools["chevron-up"], Qt.Key.Key_Space)
    await until(lambda: assistant.registry.role("coder").fallback == ("sums", "small"))
    fallbacks.list.setCurrentRow(0)
    QTest.keyClick(fallbacks.tools["trash"], Qt.Key.Key_Space)
    await until(lambda: assistant.registry.role("coder").fallback == ("small",))


async def test_the_mode_and_the_budget_are_settings_too(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    page = await opened(assistant, hotkeys)
    rows: Any = page._window.rows
    rows["mode",].control.setCurrentIndex(rows["mode",].control.findData("emulation"))
    await until(lambda: assistant.registry.mode == "emulation")
    spin = rows["residency", "budget_gb"].control
    assert spin.text() == "automatic"
    spin.stepBy(1)
    await until(lambda: assistant.registry.residency.budget_gb == 8)
    page._window.undo()
    await until(lambda: assistant.registry.residency.budget_gb == "auto")
    await until(lambda: spin.text() == "automatic")


# ---------------------------------------------------------------- acceleration


async def test_a_draft_is_chosen_and_the_pair_is_checked(
    assistant: PartAssistant, hotkeys: ListHotkeys, home: Paths
) -> None:
    """S0-11..S0-14: the verdict of the two files, in words, before anything is loaded."""
    tiny_gguf.write(home.models / "small.gguf", vocabulary=512)
    tiny_gguf.write(home.models / "code.gguf", vocabulary=512, width=32)
    tiny_gguf.write(home.models / "sums.gguf", vocabulary=1024)
    page = await opened(assistant, hotkeys)
    shown = form(page, "coder").acceleration
    assert not shown.check_button.isEnabled()
    shown.picker.activated.emit(0)
    assert assistant.registry.role("coder").acceleration.draft is None
    shown.picker.setCurrentIndex(shown.picker.findData("small"))
    shown.picker.activated.emit(shown.picker.currentIndex())
    await until(lambda: (draft := assistant.registry.role("coder").acceleration.draft) and draft.model == "small")
    await until(shown.check_button.isEnabled)
    assert shown.drafted.isVisible()
    shown.check_button.click()
    await until(lambda: shown._verdict.text().startswith("They fit"))
    shown.picker.setCurrentIndex(shown.picker.findData("sums"))
    shown.picker.activated.emit(shown.picker.currentIndex())
    await until(lambda: (draft := assistant.registry.role("coder").acceleration.draft) and draft.model == "sums")
    await until(shown.check_button.isEnabled)
    shown.check_button.click()
    await until(lambda: shown._verdict.text().startswith("They are no pair: the vocabularies have 512 and 1,024"))
    for model in ("small", None):
        page._window.undo()
        await until(
            lambda model=model: (d := assistant.registry.role("coder").acceleration.draft) == model or d.model == model
        )


async def test_the_share_that_was_accepted_and_why_it_is_off_are_told(
    assistant: PartAssistant, hotkeys: ListHotkeys
) -> None:
    page = await opened(assistant, hotkeys)
    shown = form(page, "persona").acceleration
    assert not shown._said.isVisible()
    state = assistant.engine._state("small")
    assistant.engine.told["small"] = replace(state, speculation="off: vocabulary differs at token 7")
    page.fill()
    assert shown._said.text() == "Speculation: off: vocabulary differs at token 7."
    assistant.engine.told["small"] = replace(
        state, speculation="drafts 8 tokens with d.gguf", drafted=200, accepted=150
    )
    page.fill()
    assert shown._said.text().endswith("Accepted: 75% of 200 drafted tokens.")
    lookup: Any = shown.lookup.control
    lookup.click()
    await until(lambda: assistant.registry.role("persona").acceleration.prompt_lookup.enabled)


# ---------------------------------------------------------------- adding, removing, the queue


async def test_a_gguf_dropped_on_the_page_is_added_and_removed_after_a_second_word(
    assistant: PartAssistant, hotkeys: ListHotkeys, tmp_path: Path
) -> None:
    page = await opened(assistant, hotkeys, "")
    file = tiny_gguf.write(tmp_path / "tiny-chat.gguf")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)), QUrl.fromLocalFile(str(tmp_path / "letter.pdf"))])
    nothing = Qt.KeyboardModifier.NoModifier
    possible = Qt.DropAction.MoveAction | Qt.DropAction.CopyAction
    drop = QDropEvent(QPointF(9, 9), possible, data, Qt.MouseButton.LeftButton, nothing)
    page.dropEvent(drop)
    assert drop.dropAction() == Qt.DropAction.CopyAction, "a file manager must not delete its file"
    await until(lambda: page.adding.notice.text.startswith("Added to models as"))
    (name,) = assistant.registry.models
    await until(lambda: [line.name for line in page.list.table.rows.shown] == [name])
    QTest.keyClick(page.list.table, Qt.Key.Key_Delete)
    assert page.adding.notice.asking
    assert f"Take {name} out of the registry?" in page.adding.notice.text
    page.adding.notice._no.click()
    assert list(assistant.registry.models) == [name]
    page.list.remove_button.click()
    page.adding.notice._yes.click()
    await until(lambda: not assistant.registry.models)
    assert file.is_file(), "the file stays"
    await until(page._empty.isVisible)


async def test_a_file_that_is_no_model_says_so_in_place(
    assistant: PartAssistant, hotkeys: ListHotkeys, tmp_path: Path
) -> None:
    page = await opened(assistant, hotkeys)
    bad = tmp_path / "bad.gguf"
    bad.write_bytes(b"not a model")
    page.adding.add([bad])
    await until(lambda: "bad.gguf" in page.adding.notice.text and "Reading" not in page.adding.notice.text)
    assert list(assistant.registry.models) == ["small", "v2.5-code", "sums"]


async def test_the_queue_counts_its_seconds(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    page = await opened(assistant, hotkeys)
    assert page.queue.text == "No model is at work, and nothing waits."
    first = Waiting(request_id="1", role="persona", model="small", lane="heavy", running=True, job=False, since_s=4.0)
    assistant.engine.waiting = [first, replace(first, request_id="2", running=False, job=True, since_s=70.0)]
    assistant.engine.tell()
    await until(lambda: page.queue.text.startswith("persona is answered by small · 4 s · heavy lane"))
    assert page.queue.text.splitlines()[1] == "persona waits for small · 1 min · heavy lane · a job: others go first"
    await until(lambda: "· 5 s ·" in page.queue.text)
    assert config.load(assistant.paths)  # nothing was written for it


async def test_the_search_finds_a_roles_settings(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    page = await opened(assistant, hotkeys)
    page._window.search.setText("temperature")
    await until(lambda: all(slot.page is not None for slot, _ in page._window.slots))
    assert page.cards["coder"].isVisible()
    assert not page.list.isVisible()
    page._window.search.setText("")
    assert page.list.isVisible()
