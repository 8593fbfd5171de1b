"""The last step: a first question, answered here by the assistant itself, with the pages the answer rests on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QProgressBar, QPushButton, QSizePolicy, QWidget

from trayassist.api import Approval, Chunk, Citation, Finished, Passage, Request, Status
from trayassist.memory.ingest import FileReport, Progress
from trayassist.ui.answer.answer_view import AnswerView
from trayassist.ui.answer.source import answer_source, translate_answer
from trayassist.ui.first_run.page import StepPage
from trayassist.ui.popup.answer_panel import Questions
from trayassist.ui.popup.asking import QuestionRunner
from trayassist.ui.popup.controls import Chip
from trayassist.ui.popup.flow import Flow
from trayassist.ui.popup.while_typing import examples
from trayassist.ui.settings.downloads_panel import DownloadsPanel
from trayassist.ui.widgets import formats
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.local import local, translate_heading
from trayassist.ui.widgets.names import model_title
from trayassist.ui.widgets.window import Window, column, label, row
from trayassist.workers.background import BackgroundTasks

CITATIONS = 4
TALLEST = 280  # of the answer, in logical pixels; more is scrolled


class QuestionStep(StepPage):
    """A field, three samples, the answer. `begin` hands over what is to be read and says whether there is any."""

    open_page = Signal(object, object)

    def __init__(self, window: Window, begin: Callable[[], bool]) -> None:
        super().__init__(tr("Ask a first question"), "")
        self._window, self._begin = window, begin
        self._tasks = BackgroundTasks("a task of the first steps")
        self._asking = QuestionRunner(self._tasks, self)
        self._asking.use(window.assistant)
        self._answered: Finished | None = None
        self._samples_read: list[Path] = []
        self.take_out = QPushButton()
        self.take_out.hide()
        self._about = label("", "muted", wrap=True)
        self.field, self.ask_button = QLineEdit(), QPushButton(tr("&Ask"))
        self.field.setPlaceholderText(tr("What would you like to know?"))
        self.field.setAccessibleName(tr("Your question"))
        self.samples = QWidget()
        self._reading, self._bar = label("", "small"), QProgressBar()
        self._status = label("", "small", wrap=True)
        self.view = AnswerView(window.theme)
        self.view.setAccessibleName(tr("Answer"))
        self.questions = Questions()
        self.chips = Flow(tr("Pages of the answer"))
        self._make()
        self._connect()
        self._unsubscribe = window.assistant.ingest.subscribe(self._on_ingest)
        window.closed.connect(self._end)

    @property
    def primary(self) -> str:
        return tr("&Done")

    def enter(self) -> None:
        """Begin to read what was chosen; offer the samples where there is nothing to ask about."""
        reading = self._begin()
        self._offer(own=reading)
        self._window.run(self._look(reading))
        self.field.setFocus()

    def ask(self, question: str, sample: Path | None = None) -> None:
        """Ask; a sample document is read before."""
        if not question.strip():
            return
        self.field.setText(question)
        self._answered = None
        self.view.clear()
        self.view.hide()  # until there is something in it
        self.chips.show_all([])
        self._status.setText(tr("Asking…"))
        if sample is not None and sample not in self._samples_read:
            self._samples_read.append(sample)
        files = (sample,) if sample is not None else ()
        self._asking.ask(Request(text=question.strip()), files)
        self.take_out.hide()

    # ------------------------------------------------------------ the answer

    def _on_event(self, event: object) -> None:
        if isinstance(event, Chunk) and not event.thought:
            self._status.clear()
            self.view.show()
            self.view.add_text(translate_heading(event.text))
        elif isinstance(event, Status):
            self._status.setText(f"{local(event.text).removesuffix('.')}…")
        elif isinstance(event, Approval):
            no = self.questions.ask(event)
            self._status.setText(tr("Waiting for your answer…"))
            no.setFocus()
        elif isinstance(event, Finished):
            self._finish(event)

    def _finish(self, done: Finished) -> None:
        self._answered = done
        if (text := translate_answer(done)) != done.answer:
            self.view.clear()
            self.view.add_text(text)
        self.view.finish()
        self.view.setVisible(bool(done.answer))
        if done.error:
            self._status.setText(local(f"{done.error} {done.todo}".strip()))
            return
        source = answer_source(done.finish, [one.path for one in done.citations], done.model)
        model = model_title(done.model or "", self._window.assistant.registry.models.get(done.model or ""))
        took = formats.time_taken(done.timings.total_ms / 1000)
        self._status.setText(" · ".join(part for part in (source, model, took) if part))
        cited = done.citations or tuple(_as_citation(passage) for passage in done.nearest)
        self.chips.show_all([self._chip(citation, cited) for citation in cited[:CITATIONS]])

    def _decide(self, approval_id: str, yes: bool) -> None:
        self._status.setText(tr("Asking…"))
        self._window.assistant.approve(approval_id, yes)

    def _on_end(self) -> None:
        """The answer came to its end, good or bad: what was read for it can be taken out again."""
        self.questions.close_all()
        one = len(self._samples_read) == 1
        self.take_out.setText(tr("&Take the sample out of memory") if one else tr("&Take the samples out of memory"))
        self.take_out.setVisible(bool(self._samples_read))

    async def _forget_samples(self) -> None:
        assistant, gone = self._window.assistant, 0
        one = len(self._samples_read) == 1
        self.take_out.setEnabled(False)
        try:
            while self._samples_read:
                gone += await assistant.ingest.forget(str(self._samples_read[0]))
                self._samples_read.pop(0)
        finally:
            self.take_out.setEnabled(True)
            self.take_out.setVisible(bool(self._samples_read))
        assistant.audit.write("forgotten", documents=gone, everything=False)
        self._status.setText(tr("The sample is out of memory.") if one else tr("The samples are out of memory."))
        self._offer(own=bool(await assistant.memory.documents()))

    def _open_cited(self, number: int) -> None:
        cited = self._answered.citations if self._answered is not None else ()
        for citation in cited:
            if citation.number == number:
                self.open_page.emit(citation, cited)
                return

    def _on_failure(self, what: str, todo: str) -> None:
        self._status.setText(local(f"{what} {todo}".strip()))

    def _chip(self, citation: Citation, among: Sequence[Citation]) -> Chip:
        text = tr("{name} · p. {page}").format(name=Path(citation.path).name, page=citation.page)
        chip = Chip(self._window.theme, text, "page")
        chip.clicked.connect(lambda: self.open_page.emit(citation, among))
        return chip

    # ------------------------------------------------------------ what can be asked about

    async def _look(self, reading: bool) -> None:
        self._offer(own=reading or bool(await self._window.assistant.memory.documents()))

    def _offer(self, *, own: bool) -> None:
        self._about.setText(
            tr("Ask about your documents; what is still being read can be found page by page.")
            if own
            else tr(
                "There are no documents yet, so here are three samples. A click puts one into your memory and asks "
                "about it; you can take it out again below the answer."
            )
        )
        self.samples.setVisible(not own)

    def _on_ingest(self, news: Progress | FileReport) -> None:
        ingest = self._window.assistant.ingest
        waiting = ingest.waiting()
        shown = isinstance(news, Progress) and waiting > 0
        if isinstance(news, Progress):
            self._reading.setText(
                tr("Reading {name} · {count} to go").format(name=Path(news.path).name, count=formats.number(waiting))
            )
            share = (news.files_done + (news.page / news.pages if news.pages else 0)) / max(1, news.files_total)
            self._bar.setValue(round(1000 * min(1.0, share)))
        if shown or not waiting:
            self._reading.setVisible(shown)
            self._bar.setVisible(shown)

    # ------------------------------------------------------------ inside

    def _make(self) -> None:
        self.samples.setAccessibleName(tr("Sample questions"))
        self.samples.setLayout(column(*(self._sample(*entry.value) for entry in examples()), spacing=0))
        self._bar.setRange(0, 1000)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(tr("Reading"))
        self.view.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._reading.hide()
        self._bar.hide()
        self.view.hide()
        self.content.addWidget(self._about)
        self.content.addLayout(row(self.field, self.ask_button))
        for widget in (self.samples, self._reading, self._bar, self.view, self.questions, self.chips, self._status):
            self.content.addWidget(widget)
        self.content.addWidget(self.take_out)
        self.content.addWidget(DownloadsPanel(self._window))

    def _sample(self, question: str, file: Path) -> QPushButton:
        button = QPushButton(question)
        button.setProperty("look", "link")
        self._window.theme.show_icon(button, "search", "accent")
        button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda: self.ask(question, file))
        return button

    def _connect(self) -> None:
        self.field.returnPressed.connect(lambda: self.ask(self.field.text()))
        self.take_out.clicked.connect(lambda: self._window.run(self._forget_samples()))
        self.take_out.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.ask_button.clicked.connect(lambda: self.ask(self.field.text()))
        self.view.grown.connect(lambda: self.view.setFixedHeight(min(self.view.needed_height(), TALLEST)))
        self.view.citation_clicked.connect(self._open_cited)
        self._asking.happened.connect(self._on_event)
        self._asking.failed.connect(self._on_failure)
        self._asking.ended.connect(self._on_end)
        self.questions.decided.connect(self._decide)

    def _end(self) -> None:
        self._unsubscribe()
        self._asking.stop()


def _as_citation(passage: Passage) -> Citation:
    return Citation(
        number=0, path=passage.path, title=passage.title, page=passage.page, quote=passage.text, start=passage.start,
        end=passage.end,
    )  # fmt: skip
