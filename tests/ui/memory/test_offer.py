"""The memory window offers a re-index when another embedder is set, and follows it (S0-21)."""

from __future__ import annotations

from tests.ui.parts import ListHotkeys, PartAssistant
from tests.waiting import until
from trayassist.memory.reindex import Offer, ReindexProgress
from trayassist.ui.memory.offer import OfferLine
from trayassist.ui.memory.window import MemoryWindow
from trayassist.ui.settings.window import SettingsWindow

OFFER = Offer(made_with="the built-in model", now="nomic", passages=1234)


async def open_window(assistant: PartAssistant) -> MemoryWindow:
    window = MemoryWindow(assistant)
    window.show()
    await until(lambda: window.documents._stack.currentIndex() > 0)
    return window


async def test_a_memory_that_fits_shows_no_line(assistant: PartAssistant) -> None:
    window = await open_window(assistant)
    assert window.offer.isHidden()
    assert not assistant.memory.reindex.measured, "no model is loaded for nothing"


async def test_the_offer_says_from_what_to_what_how_much_and_how_long_s0_21(assistant: PartAssistant) -> None:
    assistant.memory.reindex.offered = OFFER
    window = await open_window(assistant)
    await until(lambda: "about" in window.offer.word.text())
    assert window.offer.word.text() == (
        "Your memory was made with the built-in model; nomic is set now. Until then searches go by the old one. "
        "Re-index 1,234 passages (about 3 min)."
    )
    assert window.offer.accessibleName() == window.offer.word.text()
    assert window.offer.begin.isVisible()


async def test_a_missing_embedder_is_said_without_a_button_s1_01(assistant: PartAssistant) -> None:
    assistant.memory.reindex.offered = Offer(
        made_with="nomic", now="", passages=7, serves="words", problem="The model file nomic.gguf is missing."
    )
    window = await open_window(assistant)
    await until(lambda: window.offer.isVisible())
    assert "searches go by words only. The model file nomic.gguf is missing." in window.offer.word.text()
    assert not window.offer.begin.isVisible()
    assistant.memory.reindex.offered, assistant.memory.notes = None, ["The index holds 3 passages."]
    await window.offer.load()
    assert window.offer.word.text() == "The index holds 3 passages."


async def test_progress_cancel_and_the_end(assistant: PartAssistant) -> None:
    task = assistant.memory.reindex
    task.offered = OFFER
    window = await open_window(assistant)
    await until(lambda: window.offer.begin.isVisible())
    window.offer.begin.click()
    assert task.running
    task.tell(ReindexProgress(phase="embedding", done=600, passages=1200, passages_per_s=14.6, seconds_left=41.0))
    assert window.offer.word.text() == "Re-indexing: 600 of 1,200 passages · 15 passages/s · 41 s left"
    assert window.offer.bar.value() == window.offer.bar.maximum() // 2
    assert not window.offer.begin.isVisible()
    window.offer.cancel.click()
    await until(lambda: window.offer.begin.isVisible())
    window.offer.begin.click()
    task.offered, task.running = None, False
    task.tell(ReindexProgress(phase="done", done=1200, passages=1200))
    await until(lambda: window.offer.isHidden())
    assert window.notice.text == "1,200 passages are re-indexed."


async def test_a_failed_one_is_said(assistant: PartAssistant) -> None:
    task = assistant.memory.reindex
    task.offered = OFFER
    window = await open_window(assistant)
    await until(lambda: window.offer.begin.isVisible())
    window.offer.begin.click()
    task.running, task.problem = False, "There is no room left on the disk."
    task.tell(task.progress)
    await until(lambda: window.notice.text)
    assert window.notice.text == "There is no room left on the disk."
    window.close()
    await until(lambda: not task.changed)


async def test_the_settings_offer_it_too(assistant: PartAssistant) -> None:
    assistant.memory.reindex.offered = OFFER
    window = SettingsWindow(assistant, ListHotkeys())  # type: ignore[arg-type]
    window.show()
    await window.build_all()
    window.show_page("memory")
    line = window.findChild(OfferLine)
    assert line is not None
    await until(lambda: "about 3 min" in line.word.text())
    line.begin.click()
    assert assistant.memory.reindex.running
