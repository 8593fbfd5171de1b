"""The popup: ask, find, drop files, read the answer. Built once, shown in one frame when the hotkey comes."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLayout, QVBoxLayout, QWidget

from trayassist.api import Approval, Chunk, Event, Finished, Flagged, Kind, Request, Routed, Status, TrayassistError
from trayassist.gguf_format import is_model
from trayassist.paths import Paths
from trayassist.ui.popup.activity_line import ActivityLine
from trayassist.ui.popup.answer_panel import AnswerPanel
from trayassist.ui.popup.asking import QuestionRunner
from trayassist.ui.popup.footer import Footer
from trayassist.ui.popup.frame import Frame
from trayassist.ui.popup.header import PopupHeader
from trayassist.ui.popup.protocols import DesktopActions, NoDesktop, PopupAssistant
from trayassist.ui.popup.reading import ReadingPanel
from trayassist.ui.popup.while_typing import ModelChoice, Typing
from trayassist.ui.widgets.theme import Theme
from trayassist.workers.background import BackgroundTasks

KEEP_ANSWER_S = 120


@dataclasses.dataclass
class AnswerVersion:
    """One of the answers to a question: its events so far, and how it ended if no `Finished` says so."""

    question: str
    events: list[Event] = dataclasses.field(default_factory=list)
    decided: set[str] = dataclasses.field(default_factory=set)  # approvals that the user gave or refused
    is_stopped: bool = False
    failure: tuple[str, str] | None = None  # what happened, what to do

    def open_approvals(self) -> list[Approval]:
        """Return what the answer still waits for."""
        if self.is_stopped or self.failure is not None or any(isinstance(event, Finished) for event in self.events):
            return []
        return [event for event in self.events if isinstance(event, Approval) and event.id not in self.decided]


class AnswerPresenter(QObject):
    """Shows the events of an answer in panel, footer and activity line, and keeps earlier answers to the question."""

    def __init__(self, panel: AnswerPanel, footer: Footer, working: ActivityLine) -> None:
        super().__init__(panel)
        self._panel, self._footer, self._working = panel, footer, working
        self._versions: list[AnswerVersion] = []
        self._at = 0  # the version that is shown

    def clear(self) -> None:
        """Forget question and answers."""
        self._versions, self._at = [], 0
        self._panel.clear()
        self._footer.clear()
        self._working.rest()

    def begin(self, question: str) -> None:
        """A question was asked."""
        self._versions = []
        self._footer.clear()
        self.begin_version(question)

    def begin_version(self, question: str) -> None:
        """The question was asked again: its next answer is shown beside the earlier ones."""
        self._versions.append(AnswerVersion(question))
        self._at = len(self._versions) - 1
        self._begin_shown()
        self.think()

    def step_version(self, step: int) -> None:
        """Show an earlier (-1) or later (1) answer; one that is under way goes on meanwhile."""
        at = self._at + step
        if not 0 <= at < len(self._versions) or at == self._at:
            return
        self._at = at
        version = self._versions[at]
        self._begin_shown()
        text = "".join(event.text for event in version.events if isinstance(event, Chunk) and not event.thought)
        for event in version.events:
            if isinstance(event, Chunk) and event.thought:
                self._panel.take(event)
        if text:
            self._panel.take(Chunk(text))  # in one piece: it was read before
        for event in version.events:
            if not isinstance(event, Chunk | Approval):
                self._show(event)
        if version.is_stopped:
            self._show_stopped()
        if version.failure is not None:
            self._show_failure(*version.failure)
        for approval in version.open_approvals():
            self._show(approval)

    def think(self) -> None:
        """Say that the answer is on its way."""
        self._working.show_busy(self.tr("thinking"))

    def decide(self, approval_id: str) -> None:
        """The user gave or refused an approval: the answer goes on."""
        if self._versions:
            self._versions[-1].decided.add(approval_id)
        self.think()

    def take(self, event: Event) -> None:
        """Keep an event of the answer under way and show it, unless an earlier answer is looked at."""
        if isinstance(event, Status):
            self._working.status(event)
            return
        if isinstance(event, Approval):
            self.step_version(len(self._versions) - 1 - self._at)  # it waits for a yes: show where
            self._working.show_busy(self.tr("waiting for your answer"))
        if self._versions:
            self._versions[-1].events.append(event)
        if isinstance(event, Chunk) and self._working.text:
            self._working.show_busy()
        if self._at >= len(self._versions) - 1:
            self._show(event)

    def stop(self) -> None:
        """The user stopped the answer."""
        if self._versions:
            self._versions[-1].is_stopped = True
        if self._at >= len(self._versions) - 1:
            self._show_stopped()

    def fail(self, what: str, todo: str) -> None:
        """The answer did not come."""
        if self._versions:
            self._versions[-1].failure = (what, todo)
        if self._at >= len(self._versions) - 1:
            self._show_failure(what, todo)

    def _begin_shown(self) -> None:
        self._panel.begin(self._versions[self._at].question)
        self._footer.show_running()
        self._footer.lock_copy(locked=False)
        self._footer.show_version(self._at + 1, len(self._versions))

    def _show(self, event: Event) -> None:
        self._panel.take(event)
        if isinstance(event, Routed):
            self._footer.show_running(event.route)
        elif isinstance(event, Flagged):
            self._footer.show_risk(event.verdict)
        elif isinstance(event, Finished):
            self._footer.show_finished(event)
        if isinstance(event, Flagged | Finished):
            self._footer.lock_copy(locked=self._panel.view.locked)

    def _show_stopped(self) -> None:
        self._panel.stop()
        self._footer.show_stopped(self._panel.route, answered=self._panel.answered)

    def _show_failure(self, what: str, todo: str) -> None:
        self._panel.fail(what, todo)
        if len(self._versions) > 1:
            self._footer.show_stopped(self._panel.route, answered=self._panel.answered)
        else:
            self._footer.hide()


class Popup(Frame):
    """The window of the hotkey. `summon` shows it, `set_assistant` gives it someone to ask."""

    open_page = Signal(object, object)  # Citation, tuple of all citations of that answer
    models_dropped = Signal(object)  # list[Path]: GGUF files, of which the user is asked what they are for
    asked = Signal()  # a question began
    answered = Signal()  # it ended
    shown = Signal()
    hidden = Signal()

    def __init__(
        self, theme: Theme, paths: Paths, desktop: DesktopActions | None = None, assistant: PopupAssistant | None = None
    ) -> None:
        super().__init__(theme, paths.window_state, desktop or NoDesktop())
        self._paths = paths
        self._assistant: PopupAssistant | None = None
        self.tasks = BackgroundTasks("a task of the popup")
        self.asking = QuestionRunner(self.tasks, self)
        self.header = PopupHeader(theme)
        self.typing = Typing(self.header, theme, self.tasks, self)
        self.working = ActivityLine(theme, self)
        self.reading = ReadingPanel(theme, self._files_waiting, self._reading_is_paused)
        self.panel = AnswerPanel(theme, self.working.words)
        self.footer = Footer(theme)
        self.presenter = AnswerPresenter(self.panel, self.footer, self.working)
        self._request: Request | None = None
        self._conversation = uuid4().hex
        self._keep_s = KEEP_ANSWER_S
        self._hidden_at = 0.0
        self._end_subscription: Callable[[], object] = _nothing
        self._old = QTimer(self, singleShot=True)
        self._old.timeout.connect(self.clean)
        self.setAccessibleName("trayassist")
        self._lay_out()
        self._connect()
        if assistant is not None:
            self.set_assistant(assistant)

    # ------------------------------------------------------------ life

    def prepare(self) -> None:
        """Do in idle time what the first showing and the first answer would wait for."""
        self.winId()
        self.ensurePolished()
        self._set_margins()
        self.fit()
        self.grab()  # lays out and paints all once: fonts, icons and style sheet are warm then
        self.panel.view.warm_up()
        self.panel.quotes.prepare()

    def set_assistant(self, assistant: PopupAssistant) -> None:
        """Ask this assistant from now on; a question that was asked before goes to it at once."""
        self._end_subscription()
        self._assistant = assistant
        self._end_subscription = assistant.ingest.subscribe(self.reading.take)
        self.apply_settings()
        self.footer.name_models(lambda: assistant.registry.models)
        self.typing.use(assistant)
        self.asking.use(assistant)

    def give_up(self, problem: TrayassistError) -> None:
        """The assistant cannot start; questions are answered with this."""
        self.asking.give_up(problem)

    def apply_settings(self) -> None:
        """Take over the settings of look that concern the popup."""
        if self._assistant is not None:
            look = self._assistant.config.look
            self._keep_s, self._pinned = look.keep_answer_s, look.pinned
            self.header.show_pinned(pinned=self._pinned)

    async def close_down(self) -> None:
        """End all tasks of the popup, and the answer under way with them."""
        self._end_subscription()
        self._end_subscription = _nothing
        self._keep_state()
        self.hide()
        await self.tasks.stop()

    def holds_answer(self) -> bool:
        """Return whether there is an answer, for which the height that the user gave is kept."""
        return not self.panel.isHidden()

    # ------------------------------------------------------------ showing and hiding

    def summon(self, time: int = 0, token: str = "") -> None:
        """Show the popup with the focus in its field, or hide it where it has the focus already.

        `time` is the time of the key event (X11), `token` the activation token (Wayland).
        """
        if self.isVisible() and self.isActiveWindow():
            self.hide()
            self._desktop.drop_keys()  # of a press that came before the focus was known
            return
        self._desktop.hold_keys(int(self.winId()))  # what is typed from now on is for the field
        self._clean_when_old()
        self.typing.offer_examples()
        self.place_and_show(time, token)
        self.header.field.setFocus()
        self.header.field.selectAll()
        self.shown.emit()

    def toggle(self) -> None:
        """Show the popup, or hide it where it has the focus."""
        self.summon()

    def hideEvent(self, event: QHideEvent) -> None:
        """Keep the answer for a while; a question in the works goes on."""
        super().hideEvent(event)
        self._desktop.follow_focus(focused=False)  # Qt tells of the focus only when the server does
        self._hidden_at = time.monotonic()
        self._keep_state()
        self._old.start(self._keep_s * 1000)
        self.typing.rest()
        self.reading.clear_read()
        self.hidden.emit()

    def _clean_when_old(self) -> None:
        if self._hidden_at and time.monotonic() - self._hidden_at >= self._keep_s:
            self.clean()

    def clean(self) -> None:
        """Forget what is shown, unless it is looked at or still under way."""
        if not self.asking.running and not self.isVisible():
            self.header.field.clear()
            self.start_anew()

    def start_anew(self) -> None:
        """Begin a new conversation: nothing asked, nothing answered. What is written in the field stays."""
        self.asking.stop()
        self._old.stop()
        self._hidden_at = 0.0
        self._request, self._conversation = None, uuid4().hex
        self.header.clear_chips()
        self.header.new.hide()
        self.presenter.clear()
        self.typing.end_edit()
        self.typing.recall.reset()
        if self.reading.settled:
            self.reading.clear()
        self.typing.offer_examples()
        self.header.field.setFocus()
        self.fit_soon()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc takes back what was begun last: a link's question, an edit, the answer under way; then it hides."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.panel.link.isVisible():
            self.panel.link.close_question()
            self.header.field.setFocus()
        elif self.typing.is_picking:
            self.typing.rest()
        elif self.typing.is_editing:
            self.typing.end_edit()
        elif self.asking.running:
            self.asking.stop()
        else:
            self.hide()

    # ------------------------------------------------------------ asking

    def submit(self, text: str, files: list[Path] | None = None, role: str | None = None) -> None:
        """Ask `text`; with files only, remember them."""
        files = list(files or [])
        if not text.strip():
            if files:
                self._remember(files)
            return
        model, text = self.header.model, text.strip()
        request = Request(text=text, files=tuple(files), role=role, model=model, conversation=self._conversation)
        self.typing.add_question(request.text)
        self.header.field.clear()
        self.header.clear_chips()
        self.reading.clear_read()
        self._ask(request, again=False)

    def ask_again(self) -> None:
        """Ask the last question once more."""
        if self._request is not None:
            self._ask(dataclasses.replace(self._request, id=uuid4().hex), again=True)

    def _choose_model(self, choice: ModelChoice) -> None:
        """Let a model answer the question that is written; where none is, the last one once more."""
        if self._request is not None and not self.header.field.text().strip():
            self._ask(dataclasses.replace(self._request, id=uuid4().hex, model=choice.name), again=True)
        else:
            self.header.choose_model(choice.name, choice.title)

    def ask_alone(self) -> None:
        """Ask the last question once more without the ones before it, where it was taken as a follow-up."""
        if self._request is not None and self.panel.follow_up is not None:
            self._conversation = uuid4().hex
            self._ask(dataclasses.replace(self._request, id=uuid4().hex, conversation=self._conversation), again=True)

    def _ask(self, request: Request, *, again: bool) -> None:
        self._request = request
        self.asking.ask(request, request.files)  # stops what runs, which still belongs to the panel as it is
        if again:
            self.presenter.begin_version(request.text)
        else:
            self.presenter.begin(request.text)
        self.header.new.show()
        self.asked.emit()
        self.fit_soon()

    def _remember(self, files: list[Path]) -> None:
        if self._assistant is None:
            return
        self._assistant.ingest.enqueue(files)
        self.header.clear_chips()
        self.typing.rest()

    def _answer_as(self, kind: Kind) -> None:
        """Ask again as another kind: by its slash command, or at the curator, who remembers a plain statement."""
        if self._request is None:
            return
        from trayassist.routing.rules import make_curation  # here: the popup is shown before the router is loaded

        text = self.panel.route.text if self.panel.route else self._request.text
        command = make_curation(text) if kind == Kind.CURATE else f"/{kind.value} {text}"
        role = "curator" if command == text else None
        again = dataclasses.replace(self._request, id=uuid4().hex, text=command, role=role)
        self._ask(again, again=True)

    def _on_ended(self) -> None:
        self.working.rest()
        self.answered.emit()
        if not self.isVisible():  # it went on in the background: the time of keeping it starts now
            self._hidden_at = time.monotonic()
            self._old.start(self._keep_s * 1000)
        self.fit_soon()

    # ------------------------------------------------------------ files

    def _files_waiting(self) -> int:
        return self._assistant.ingest.waiting() if self._assistant is not None else 0

    def _reading_is_paused(self) -> bool:
        return self._assistant is not None and self._assistant.ingest.paused

    def _give_password(self, path: str, password: str) -> None:
        if self._assistant is not None:
            self.tasks.start(self._assistant.ingest.give_password(path, password))

    def add_files(self, files: list[Path]) -> None:
        """Attach files to what will be asked; models are no part of a question."""
        models = [file for file in files if is_model(file)]
        if models:
            self.models_dropped.emit(models)
        self.header.add_files([file for file in files if file not in models])
        self.typing.rest()
        self.header.field.setFocus()

    # ------------------------------------------------------------ parts

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # fit() knows the width, the layout does not
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.working.line)
        inset = QHBoxLayout()
        inset.setContentsMargins(8, 0, 8, 0)
        inset.addWidget(self.typing.suggestions)
        column.addLayout(inset)
        column.addWidget(self.typing.hint)
        column.addWidget(self.reading)
        column.addWidget(self.panel, 1)
        column.addWidget(self.footer)
        self._set_margins()

    def _connect(self) -> None:
        for part in (self.typing, self.working, self.reading, self.panel, self.footer):
            part.resized.connect(self.fit_soon)
        self.header.changed.connect(self.fit_soon)
        self.header.field.document().documentLayout().documentSizeChanged.connect(lambda _size: self.fit_soon())
        self.header.field.files_pasted.connect(self.add_files)
        self.files_dropped.connect(self.add_files)
        self.text_dropped.connect(self.header.field.insert_text)
        self.header.pin_toggled.connect(self._pin)
        self.header.new_asked.connect(self.start_anew)
        self.header.models_asked.connect(self.typing.pick_model)
        self.typing.model_chosen.connect(self._choose_model)
        self.header.changed.connect(self.typing.update_hint)
        self.typing.submitted.connect(self.submit)
        self.typing.page_chosen.connect(self.open_page)
        self.asking.happened.connect(self.presenter.take)
        self.asking.failed.connect(self.presenter.fail)
        self.asking.stopped.connect(self.presenter.stop)
        self.asking.ended.connect(self._on_ended)
        self.reading.cancel_asked.connect(self._cancel_reading)
        self.reading.resume_asked.connect(self._resume_reading)
        self.reading.password_given.connect(self._give_password)
        self._connect_answer()

    def _connect_answer(self) -> None:
        self.panel.edit_asked.connect(self.typing.edit)
        self.panel.copied.connect(self.footer.confirm_copy)
        self.panel.view.link_hovered.connect(self.footer.show_address)
        self.panel.page_asked.connect(self.open_page)
        self.panel.again_asked.connect(self.ask_again)
        self.panel.alone_asked.connect(self.ask_alone)
        self.panel.role_asked.connect(self._answer_as)
        self.panel.decided.connect(self._decide)
        self.panel.unlocked.connect(lambda: self.footer.lock_copy(locked=False))
        self.panel.waits_for.connect(self._focus_when_idle)
        self.footer.copy_asked.connect(self.panel.copy_answer)
        self.footer.again_asked.connect(self.ask_again)
        self.footer.stop_asked.connect(self.asking.stop)
        self.footer.version_asked.connect(self.presenter.step_version)
        for keys, action in (
            ("Ctrl+Shift+C", self.panel.view.copy_last_code),
            ("Ctrl+R", self.ask_again),
            ("Ctrl+N", self.start_anew),
            ("Ctrl+Shift+N", self.ask_alone),
            ("Ctrl+M", self.typing.pick_model),
            ("Ctrl+I", self.footer.more.click),
            ("Alt+Left", lambda: self.presenter.step_version(-1)),
            ("Alt+Right", lambda: self.presenter.step_version(1)),
        ):
            QShortcut(QKeySequence(keys), self, action)

    def _decide(self, approval_id: str, yes: bool) -> None:
        if self._assistant is not None:
            self._assistant.approve(approval_id, yes)
            self.presenter.decide(approval_id)

    def _cancel_reading(self) -> None:
        if self._assistant is not None:
            self._assistant.ingest.cancel()

    def _resume_reading(self) -> None:
        if self._assistant is not None:
            self._assistant.ingest.resume()
            self.reading.refresh()

    def _focus_when_idle(self, button: QWidget) -> None:
        if not self.header.field.text():
            button.setFocus()

    def _pin(self, pinned: bool) -> None:
        self._pinned = pinned
        self.tasks.start(asyncio.to_thread(_save_pinned, self._paths, pinned))


def _nothing() -> None:
    """There is no subscription to end."""


def _save_pinned(paths: Paths, pinned: bool) -> None:
    from trayassist import config  # late: pydantic is loaded with the assistant, not with the window

    config.save_setting(paths, "look.pinned", pinned)
