"""The line that offers a re-index when memory was made with another embedder, and follows one that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from trayassist.ui.widgets import formats
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.local import local
from trayassist.ui.widgets.theme import SPACE
from trayassist.ui.widgets.window import Window, label

if TYPE_CHECKING:
    from trayassist.memory.reindex import Offer, Reindex, ReindexProgress

STEPS = 1000  # of the bar


class OfferLine(QWidget):
    """Hidden while memory fits its embedder. Ends with its window; a re-index that it began goes on."""

    def __init__(self, window: Window) -> None:
        super().__init__()
        self._window = window
        self._reindex: Reindex = window.assistant.memory.reindex
        self._offer: Offer | None = None
        self._was_running = False
        self.word = label("", wrap=True)
        self.word.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setMaximum(STEPS)
        self.bar.setAccessibleName(tr("Passages re-indexed"))
        self.begin, self.cancel = QPushButton(tr("&Re-index")), QPushButton(tr("&Cancel"))
        self.begin.clicked.connect(self._begin)
        self.cancel.clicked.connect(lambda: window.run(self._reindex.cancel()))
        self._lay_out()
        self.hide()
        self._reindex.changed.append(self._on_change)
        window.closed.connect(lambda: self._reindex.changed.remove(self._on_change))
        window.run(self.load())

    async def load(self) -> None:
        """Ask whether memory fits its embedder, then how long a re-index would take."""
        memory = self._window.assistant.memory
        self._offer = await self._reindex.offer()
        self._show(problem="" if self._offer else " ".join(await memory.warnings()))
        if self._offer is not None and self._offer.seconds is None and not self._reindex.running:
            self._offer = await self._reindex.offer(measure=True)
            self._show()

    def _begin(self) -> None:
        self._reindex.start()

    def _on_change(self) -> None:
        running = self._reindex.running
        if running:
            self._show()
        elif self._was_running:
            self._window.run(self._over())
        self._was_running = running

    async def _over(self) -> None:
        progress = self._reindex.progress
        if self._reindex.problem:
            self._window.notice.say(self._reindex.problem, look="danger")
        elif progress is not None and progress.phase == "done":
            done = formats.count(progress.passages, tr("{} passage is re-indexed."), tr("{} passages are re-indexed."))
            self._window.notice.say(done)
        await self.load()

    def _show(self, problem: str = "") -> None:
        running, offer = self._reindex.running, self._offer
        self.bar.setVisible(running)
        self.cancel.setVisible(running)
        self.begin.setVisible(not running and offer is not None and bool(offer.now) and not offer.problem)
        if running:
            self._say(_progress_line(self._reindex.progress))
            self.bar.setMaximum(STEPS if _share(self._reindex.progress) < 1 else 0)  # indexing has no measure
            self.bar.setValue(round(STEPS * _share(self._reindex.progress)))
        elif offer is not None:
            self._say(_offer_line(offer))
            self.begin.setText(tr("Go on &re-indexing") if offer.done else tr("&Re-index"))
        else:
            self._say(local(problem))

    def _say(self, text: str) -> None:
        self.word.setText(text)
        self.setAccessibleName(text)
        self.setVisible(bool(text))

    def _lay_out(self) -> None:
        card = QFrame()
        card.setProperty("look", "raised")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(SPACE[4], SPACE[3], SPACE[4], 0)
        outer.addWidget(card)
        inner = QVBoxLayout(card)
        inner.setContentsMargins(SPACE[3], SPACE[2], SPACE[2], SPACE[2])
        line = QHBoxLayout()
        line.setSpacing(SPACE[2])
        line.addWidget(self.word, 1)
        line.addWidget(self.begin)
        line.addWidget(self.cancel)
        inner.addLayout(line)
        inner.addWidget(self.bar)


def _share(progress: ReindexProgress | None) -> float:
    return progress.done / progress.passages if progress is not None and progress.passages else 0.0


def _progress_line(progress: ReindexProgress | None) -> str:
    if progress is None:
        return tr("Beginning to re-index…")
    if progress.phase != "embedding":
        return tr("Making the indexes. Searches go by the old ones until they are ready.")
    done, every = formats.number(progress.done), formats.number(progress.passages)
    parts = [tr("Re-indexing: {done} of {all} passages").format(done=done, all=every)]
    if progress.passages_per_s > 0:
        parts.append(tr("{} passages/s").format(formats.number(max(1, round(progress.passages_per_s)))))
    if progress.seconds_left is not None:
        parts.append(tr("{} left").format(formats.duration(progress.seconds_left)))
    return " · ".join(parts)


def _offer_line(offer: Offer) -> str:
    old, new = _name(offer.made_with), _name(offer.now)
    sentences = [tr("Your memory was made with {}; {} is set now.").format(old, new)]
    if not offer.now:
        sentences = [tr("Your memory was made with {}.").format(old)]
    elif offer.now == offer.made_with:
        sentences = [tr("Re-indexing your memory with {} was not finished.").format(new)]
    if offer.serves == "words":
        sentences.append(tr("That model is not here, so searches go by words only."))
    else:
        sentences.append(tr("Until then searches go by the old one."))
    if offer.problem:
        return " ".join((*sentences, local(offer.problem)))
    todo = formats.count(offer.passages - offer.done, tr("Re-index {} passage"), tr("Re-index {} passages"))
    time = tr(" (about {})").format(formats.duration(offer.seconds)) if offer.seconds is not None else ""
    return " ".join((*sentences, f"{todo}{time}."))


def _name(embedder: str) -> str:
    return tr("the built-in model") if embedder == "the built-in model" else embedder
