"""A question and its answer: warnings above, the text, the pages it comes from, what can be said yes or no to."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from trayassist.api import (
    Approval,
    Chunk,
    Citation,
    Event,
    Evidence,
    Finish,
    Finished,
    Flagged,
    FollowUp,
    Found,
    Kind,
    Passage,
    Risk,
    Route,
    Routed,
    Verdict,
    one_line,
)
from trayassist.ui.answer.answer_view import AnswerView
from trayassist.ui.answer.open_outside import web_address
from trayassist.ui.answer.source import translate_answer
from trayassist.ui.popup.controls import Chip, QuestionButton, as_citation, label, plain_tip, push_button
from trayassist.ui.popup.flow import Flow
from trayassist.ui.popup.quotes import QuotesPanel
from trayassist.ui.popup.thoughts import ThoughtsPanel
from trayassist.ui.widgets.local import local, translate_heading
from trayassist.ui.widgets.theme import Theme

SIDE = 24
ADDRESS_BREAK = 24  # characters of an address between which a line may end
FOLLOW_UP_WIDTH = 480  # pixels of the chip that says to what a question was taken as a follow-up
WAITING_LINES = 2  # whose room is kept for a model's first words, so that the quotes stay where they are
WORDS_FIRST = 0.3  # of the screen's height: so much of an answer is shown before the quotes under it are cut short
LONGEST_SPOKEN = 2_000  # characters; a screen reader reads the rest in the text itself


class Box(QFrame):
    """A sentence (`words`) and one action (`button`). `look` is the frame's in the style sheet."""

    def __init__(self, look: str, action: str, *, words: str = "body", button: str = "") -> None:
        super().__init__()
        self.setProperty("look", look)
        self.words = label("", words, wraps=True)
        self.button = push_button(action, button)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(12)
        row.addWidget(self.words, 1)
        row.addWidget(self.button)


class Questions(QWidget):
    """The approvals that an answer waits for, one below the other."""

    decided = Signal(str, bool)  # approval id, yes
    resized = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.frames: dict[str, QFrame] = {}  # by the approval's id
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self.hide()

    def ask(self, approval: Approval) -> QPushButton:
        """Show an approval; return the button that says no."""
        frame, high = QFrame(), approval.risk == Risk.HIGH
        frame.setProperty("look", "danger-box" if high else "amber-box")
        question = local(approval.question)
        frame.setAccessibleName(question)
        yes = push_button(local(approval.yes).replace("&", "&&"), "danger" if high else "primary")
        no = push_button(self.tr("No"))
        yes.clicked.connect(lambda: self._decide(approval.id, yes=True))
        no.clicked.connect(lambda: self._decide(approval.id, yes=False))
        column, row = QVBoxLayout(frame), QHBoxLayout()
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(8)
        column.addWidget(label(question, "body", wraps=True))
        row.setSpacing(8)
        row.addWidget(yes)
        row.addWidget(no)
        row.addStretch(1)
        column.addLayout(row)
        self.frames[approval.id] = frame
        self._column.addWidget(frame)
        self.show()
        frame.show()
        return no

    def close_all(self) -> None:
        """Nothing waits for a yes any more."""
        for approval in list(self.frames):
            self._close(approval)

    def _decide(self, approval_id: str, *, yes: bool) -> None:
        self._close(approval_id)
        self.decided.emit(approval_id, yes)

    def _close(self, approval_id: str) -> None:
        frame = self.frames.pop(approval_id)
        frame.hide()
        frame.deleteLater()
        self.setVisible(bool(self.frames))
        self.resized.emit()


class LinkBox(QFrame):
    """Asks before a link of an answer is opened, and shows the whole address."""

    resized = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._link = QUrl()
        self.setProperty("look", "raised")
        self.words = label("", "body", wraps=True)
        self.address = label(wraps=True)
        self.open_button = push_button(self.tr("Open"), "primary")
        self.copy = push_button(self.tr("Copy the address"))
        self.cancel = push_button(self.tr("Cancel"))
        self.open_button.clicked.connect(self._open)
        self.copy.clicked.connect(self._copy)
        self.cancel.clicked.connect(self.close_question)
        column, row = QVBoxLayout(self), QHBoxLayout()
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(8)
        column.addWidget(self.words)
        column.addWidget(self.address)
        row.setSpacing(8)
        for button in (self.open_button, self.copy, self.cancel):
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        self.hide()

    def ask(self, link: QUrl) -> None:
        """Ask whether `link`, a web or mail address, shall be opened."""
        self._link = link
        address = web_address(link)
        if link.scheme() == "mailto":
            words = self.tr("Write a mail to this address?")
        else:
            words = self.tr("Open {0} in your browser?").format(link.host(QUrl.ComponentFormattingOption.FullyEncoded))
        self.words.setText(words)
        parts = (address[at : at + ADDRESS_BREAK] for at in range(0, len(address), ADDRESS_BREAK))
        self.address.setText("\u200b".join(parts))  # a label breaks lines at spaces only, or here
        self.address.setAccessibleName(address)
        self.show()
        self.cancel.setFocus()
        self.resized.emit()

    def close_question(self) -> None:
        """Open nothing."""
        self.hide()
        self.resized.emit()

    def _open(self) -> None:
        self.close_question()
        QDesktopServices.openUrl(self._link)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(web_address(self._link))
        self.close_question()


class AnswerPanel(QWidget):
    """Shows one exchange. Events come by `take`; what the user does goes out as signals."""

    edit_asked = Signal(str)  # the question
    page_asked = Signal(object, object)  # Citation, all of them
    decided = Signal(str, bool)  # approval id, yes
    role_asked = Signal(object)  # Kind
    again_asked = Signal()
    alone_asked = Signal()  # the question by itself, as it is no follow-up
    copied = Signal()
    unlocked = Signal()
    waits_for = Signal(object)  # the button that says no
    resized = Signal()

    def __init__(self, theme: Theme, waiting: QWidget) -> None:
        """`waiting` says what is being done; it stands where the answer's words will."""
        super().__init__()
        self._theme, self._waiting = theme, waiting
        self.citations: list[Citation] = []
        self.route: Route | None = None
        self.follow_up: FollowUp | None = None
        self._opened = False  # the user opened the warning of this answer
        self.question = QuestionButton(theme)
        self.question.clicked.connect(lambda: self.edit_asked.emit(self._asked))
        self.follow = Flow(self.tr("Follow-up"))
        self.banner = Box("danger-box", self.tr("Open anyway"), words="danger", button="danger")
        self.banner.button.clicked.connect(self._unlock)
        self.note = label(wraps=True)
        self.thoughts = ThoughtsPanel(theme)
        self.view = AnswerView(theme)
        self.view.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.view.citation_clicked.connect(self._open_citation)
        self.quotes = QuotesPanel(theme)
        self.quotes.page_asked.connect(self.page_asked)
        self.quotes.resized.connect(self.resized)
        self.link = LinkBox()
        self.link.resized.connect(self._make_room_for_link)
        self.view.link_clicked.connect(self.link.ask)
        self.error = Box("raised", self.tr("Ask again"))
        self.error.button.clicked.connect(self.again_asked)
        self.chips = Flow(self.tr("Pages this answer comes from"))
        self.nearest_words = label(self.tr("Nearest pages in your documents:"))
        self.nearest = Flow(self.tr("Nearest pages"))
        self.others = Flow(self.tr("Other ways to answer"))
        self.questions = Questions()
        self.questions.decided.connect(self.decided)
        self.questions.resized.connect(self.resized)
        self._lay_out()
        self.view.grown.connect(self._on_grown)
        self.thoughts.resized.connect(self.resized)
        self.clear()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(SIDE, 8, 12, 8)
        column.setSpacing(8)
        question = QHBoxLayout()
        question.setContentsMargins(0, 0, 12, 0)
        question.addWidget(self.question, 1)
        column.addLayout(question)
        column.addWidget(self.follow)
        column.addWidget(self.banner)
        column.addWidget(self.note)
        column.addWidget(self.thoughts)
        column.addWidget(self._waiting)
        column.addWidget(self.view, 1)
        column.addWidget(self.error)
        column.addWidget(self.quotes)
        column.addWidget(self.link)
        column.addWidget(self.questions)
        below: tuple[QWidget, ...] = (self.chips, self.nearest_words, self.nearest, self.others)
        for widget in below:
            column.addWidget(widget)

    # ------------------------------------------------------------ an exchange

    @property
    def empty(self) -> bool:
        return not self._asked

    @property
    def answered(self) -> bool:
        return bool(self.view.markdown())

    def clear(self) -> None:
        """Show nothing."""
        self._asked = ""
        self.route, self.follow_up, self._opened = None, None, False
        self.citations = []
        self.quotes.clear()
        self._keep_room(kept=False)
        self.view.clear()
        self.thoughts.clear()
        self.questions.close_all()
        for widget in (self.banner, self.note, self.error, self.nearest_words, self.view, self.link):
            widget.hide()
        for flow in (self.follow, self.chips, self.nearest, self.others):
            flow.show_all([])
        self.hide()

    def begin(self, question: str) -> None:
        """A question was asked: show it, and wait for its events."""
        self.clear()
        self._asked = question
        self.question.show_text(question)
        self.show()
        self.resized.emit()

    def take(self, event: Event) -> None:
        """Show an event of the answer."""
        if isinstance(event, Chunk) and event.thought:
            self.thoughts.add(event.text)
        elif isinstance(event, Chunk):
            self.thoughts.end()
            if self.view.isHidden():
                self.view.show()
            self.view.add_text(translate_heading(event.text))
        elif isinstance(event, Citation):
            self._add_citation(event)
        elif isinstance(event, Evidence):
            self._quote(event)
        elif isinstance(event, FollowUp):
            self._show_follow_up(event)
        elif isinstance(event, Routed):
            self.route = event.route
        elif isinstance(event, Approval):
            self._ask(event)
        elif isinstance(event, Flagged):
            self.warn(event.verdict)
        elif isinstance(event, Finished):
            self._finish(event)

    def stop(self) -> None:
        """The answer was stopped: what is there stays, nothing waits for a yes any more."""
        self.view.finish()
        self.thoughts.end()
        self.questions.close_all()
        self.resized.emit()

    def fail(self, what: str, todo: str) -> None:
        """Say what happened and what to do, with one action."""
        self.stop()
        text = local(f"{what} {todo}".strip())
        self.error.words.setText(text)
        self.error.show()
        self.view.announce(text)
        self.resized.emit()

    def _finish(self, finished: Finished) -> None:
        self.route = finished.route
        if finished.follow_up is not None:
            self._show_follow_up(finished.follow_up)
        for citation in finished.citations:
            self._add_citation(citation)
        self.warn(finished.verdict)
        self.note.setText(local(finished.fallback))
        self.note.setVisible(bool(finished.fallback))
        if finished.finish in (Finish.FAILED, Finish.BLOCKED):
            self.fail(finished.error or self.tr("The answer did not come."), finished.todo)
            self.error.button.setVisible(finished.finish == Finish.FAILED)
            self.error.button.setText(self.tr("Ask again"))
        else:
            self._speak_language(finished)
            self.stop()
            self.view.announce(self.tr("Answer: {0}").format(finished.answer[:LONGEST_SPOKEN]))
        if self.quotes.stands_in(finished.answer):
            self.quotes.clear()  # the answer quotes them itself
            self._keep_room(kept=False)
            self._show_chips()
        if finished.found != Found.YES:
            self._show_nearest(finished.nearest)
        self.others.show_all([self._other(kind) for kind in finished.route.alternatives])
        self.resized.emit()

    def _speak_language(self, finished: Finished) -> None:
        if (text := translate_answer(finished)) != finished.answer:
            locked = self.view.locked
            self.view.clear()
            self.view.add_text(text)
            self.view.lock(locked=locked)

    # ------------------------------------------------------------ before the first word

    def _show_follow_up(self, event: FollowUp) -> None:
        """Say to what the question was taken as a follow-up; a click asks it by itself."""
        if event != self.follow_up:
            self.follow_up = event
            self._show_follow_up_chip(event)

    def _show_follow_up_chip(self, event: FollowUp) -> None:
        text = self.tr("Follow-up to: {0}").format(event.to)
        room = min(FOLLOW_UP_WIDTH, max(120, self.width() - SIDE - 72))
        chip = Chip(self._theme, text, "close", closes=True, width=room)
        asks = self.tr("Asked in full: {0}").format(event.asks)
        what = self.tr("Ask it by itself (Ctrl+Shift+N)")
        chip.setToolTip(f"{plain_tip(text)}{plain_tip(asks)}{plain_tip(what)}")
        chip.setAccessibleName(text)
        chip.setAccessibleDescription(f"{asks}. {what}")
        chip.clicked.connect(self.alone_asked)
        self.follow.show_all([chip])
        self.resized.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten what the question follows to the new width."""
        super().resizeEvent(event)
        if self.follow_up is not None and event.size().width() != event.oldSize().width():
            self._show_follow_up_chip(self.follow_up)

    def _quote(self, evidence: Evidence) -> None:
        """Show what was found, and keep the room above it for the model's first words."""
        self.quotes.show_evidence(evidence)
        if not self.quotes.isHidden():
            self._keep_room(kept=True)
            self.view.announce(self.quotes.heading.text())

    def _keep_room(self, *, kept: bool) -> None:
        least = WAITING_LINES * self.view.fontMetrics().lineSpacing() + 8 if kept else 0
        most = round(WORDS_FIRST * self.screen().availableGeometry().height())
        self._waiting.setMinimumHeight(least)
        self.view.setMinimumHeight(max(least, min(self.view.sizeHint().height(), most)) if kept else 0)

    # ------------------------------------------------------------ pages

    def _add_citation(self, citation: Citation) -> None:
        if any(known.number == citation.number for known in self.citations):
            return
        self.citations.append(citation)
        self.view.cite(citation.number)
        self._show_chips()

    def _show_chips(self) -> None:
        """Show the pages that are cited, but for those whose quotes are shown."""
        pages: dict[tuple[str, int], list[Citation]] = {}
        for known in self.citations:
            if self.quotes.shows_page(known):
                continue
            pages.setdefault((known.path, known.page), []).append(known)
        self.chips.show_all([self._chip(*cited) for cited in pages.values()])
        self.resized.emit()

    def _chip(self, citation: Citation, *others: Citation) -> Chip:
        """Return the chip of a page: it opens at `citation`, its tip quotes the others on that page, too."""
        if citation.path.startswith("fact:"):
            text = self.tr("something you asked to remember")
        else:
            text = f"{one_line(Path(citation.path).name)} · " + self.tr("p. {0}").format(citation.page)
        chip = Chip(self._theme, text)
        quotes = "\n".join(one.quote for one in (citation, *others))
        chip.setToolTip(plain_tip(quotes))
        chip.setAccessibleDescription(quotes)
        chip.clicked.connect(lambda: self.page_asked.emit(citation, tuple(self.citations)))
        return chip

    def _open_citation(self, number: int) -> None:
        for citation in self.citations:
            if citation.number == number:
                self.page_asked.emit(citation, tuple(self.citations))

    def _show_nearest(self, passages: tuple[Passage, ...]) -> None:
        found = [as_citation(passage, number) for number, passage in enumerate(passages, 1)]
        chips: list[QWidget] = []
        for citation in found:
            chip = self._chip(citation)
            chip.clicked.disconnect()
            chip.clicked.connect(lambda _checked=False, c=citation: self.page_asked.emit(c, tuple(found)))
            chips.append(chip)
        self.nearest_words.setVisible(bool(chips))
        self.nearest.show_all(chips)

    def _other(self, kind: Kind) -> QWidget:
        ways = {
            Kind.CHAT: self.tr("Answer in words"),
            Kind.CODE: self.tr("Answer with code"),
            Kind.MATH: self.tr("Calculate it"),
            Kind.SEARCH: self.tr("Search my documents"),
            Kind.SUMMARISE: self.tr("Summarise it"),
            Kind.CURATE: self.tr("Keep or forget it as a fact"),
            Kind.TOOL: self.tr("Do it on this machine"),
            Kind.TASK: self.tr("Keep it as a task"),
        }
        button = push_button(ways[kind], "link")
        button.clicked.connect(lambda: self.role_asked.emit(kind))
        return button

    # ------------------------------------------------------------ risk

    def warn(self, verdict: Verdict) -> None:
        """Put a banner over an answer of high risk; copying is locked until the user opens it."""
        if verdict.risk != Risk.HIGH or self._opened:
            return
        reason = local(verdict.reason).rstrip(".") or self.tr("this could do damage")
        text = self.tr("High risk: {0}. Copying is locked.").format(reason)
        self.banner.words.setText(text)
        self.banner.setAccessibleName(text)
        if self.banner.isHidden():
            self.view.announce(text)
        self.banner.show()
        self.view.lock(locked=True)
        self.resized.emit()

    def _unlock(self) -> None:
        self._opened = True
        self.banner.hide()
        self.view.lock(locked=False)
        self.unlocked.emit()
        self.resized.emit()

    # ------------------------------------------------------------ yes or no

    def _ask(self, approval: Approval) -> None:
        no = self.questions.ask(approval)
        self.view.announce(local(approval.question))
        self.waits_for.emit(no)
        self.resized.emit()

    # ------------------------------------------------------------ sizes and copying

    def _make_room_for_link(self) -> None:
        """Show the chips only while no link asks: on a low screen there is no room for both."""
        for flow in (self.chips, self.nearest, self.others):
            flow.setVisible(self.link.isHidden() and flow.flow.count() > 0)
        self.resized.emit()

    def _on_grown(self) -> None:
        if not self.quotes.isHidden():
            self._keep_room(kept=True)
        self.view.updateGeometry()
        self.resized.emit()

    def copy_answer(self) -> bool:
        """Put the answer's Markdown on the clipboard; False while it is locked or empty."""
        if self.view.locked or not self.answered:
            return False
        QGuiApplication.clipboard().setText(self.view.markdown())
        self.copied.emit()
        return True
