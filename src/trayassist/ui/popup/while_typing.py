"""What happens while the user types: pages found, roles after "@", earlier questions, examples to begin with."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QLabel

from trayassist.api import Citation, Evidence, TrayassistError, one_line
from trayassist.paths import shipped_file
from trayassist.safety.redaction import redact
from trayassist.ui.popup.controls import as_citation, label
from trayassist.ui.popup.header import PopupHeader
from trayassist.ui.popup.protocols import PopupAssistant
from trayassist.ui.popup.suggestions import Suggestion, Suggestions
from trayassist.ui.widgets.formats import number, size, tr
from trayassist.ui.widgets.names import model_titles, role_description, role_title
from trayassist.ui.widgets.theme import Theme
from trayassist.workers.background import BackgroundTasks

if TYPE_CHECKING:
    from trayassist.models.serving.state import ModelState

logger = logging.getLogger(__name__)

REST_MS = 120  # without a key before memory is searched
RESULTS = 4
SHORTEST_QUERY = 3  # characters
MOST = 200  # earlier questions kept for Up and Down


def samples() -> list[Path]:
    """Return the sample documents that come with trayassist."""
    return sorted(shipped_file("resources/samples").glob("*.pdf"))


def examples() -> list[Suggestion]:
    """Return rows with a question each about the sample documents; none where these are missing."""
    asked = (  # not translated: the documents are in English, and so are the words that find their passages
        ("Miller-lease.pdf", "What is the late fee in the Miller lease?"),
        ("Aurora-E3-manual.pdf", "How often should the espresso machine be descaled?"),
        ("Harbor-Robotics-annual-report-2025.pdf", "What was the revenue of Harbor Robotics in 2025?"),
    )
    known = {path.name: path for path in samples()}
    right = tr("sample")
    return [Suggestion("search", text, (text, known[name]), right) for name, text in asked if name in known]


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """A word that says after a "/" what is wanted."""

    word: str


def commands() -> dict[str, str]:
    """Return the words that are offered after "/", each with what it does."""
    return {
        "ask": tr("Talk or ask"),
        "search": tr("List pages of your documents"),
        "summarise": tr("Summarise a document"),
        "code": tr("Write or mend code"),
        "math": tr("Calculate"),
        "remember": tr("Keep a fact"),
        "facts": tr("List the facts that are kept"),
        "forget": tr("Forget a fact"),
        "help": tr("Say what can be asked"),
    }


def matching_commands(begin: str) -> list[Suggestion]:
    """Return a row for each command that begins so."""
    return [
        Suggestion("chevron-right", f"/{word}", SlashCommand(word), does)
        for word, does in commands().items()
        if word.startswith(begin.lower())
    ]


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model that may answer, by its name in the registry, or "" for none, and what it is called."""

    name: str
    title: str


class Recall:
    """The questions, newest first, and where the user is among them. What was typed before is kept."""

    def __init__(self) -> None:
        self._questions: list[str] = []
        self._at = -1
        self._draft = ""

    @property
    def active(self) -> bool:
        """Whether an earlier question is shown."""
        return self._at >= 0

    @property
    def draft(self) -> str:
        """What was typed before an earlier question was shown."""
        return self._draft

    @property
    def known(self) -> bool:
        """Whether anything was ever asked."""
        return bool(self._questions)

    def fill(self, questions: Sequence[str]) -> None:
        """Take over the history, newest first, behind what was asked since the start."""
        self._questions = list(dict.fromkeys([*self._questions, *questions]))[:MOST]

    def replace(self, questions: Sequence[str]) -> None:
        """Take the history over as it is now, newest first; what it does not hold any more is gone."""
        shown = self._questions[self._at] if self.active else ""
        self._questions = list(dict.fromkeys(questions))[:MOST]
        self._at = self._questions.index(shown) if shown in self._questions else -1

    def add(self, question: str) -> None:
        """Put a question that is asked now in front."""
        self._questions = list(dict.fromkeys([question, *self._questions]))[:MOST]
        self.reset()

    def mask(self, question: str, masked: str) -> None:
        """Put `masked` in the place of a question."""
        self._questions = list(dict.fromkeys(masked if one == question else one for one in self._questions))

    def reset(self) -> None:
        """Go back to the present."""
        self._at, self._draft = -1, ""

    def older(self, shown: str) -> str | None:
        """Return the next older question, or None at the end. Text changed by hand starts anew."""
        if self._at >= 0 and shown != self._questions[self._at]:
            self._at = -1
        if self._at < 0:
            self._draft = shown
        if self._at + 1 >= len(self._questions):
            return None
        self._at += 1
        return self._questions[self._at]

    def newer(self) -> str:
        """Return the next newer question; after the newest the text that was typed before."""
        self._at -= 1
        return self._questions[self._at] if self._at >= 0 else self._draft


class SearchWhileTyping(QObject):
    """Searches memory after the user has rested from typing; results for older text are dropped.

    The assistant hears of the text too, so that the model that will answer may be loaded meanwhile.
    """

    found = Signal(object)  # Evidence

    def __init__(self, tasks: BackgroundTasks, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._assistant: PopupAssistant | None = None
        self._text = ""
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._begin)

    def use(self, assistant: PopupAssistant) -> None:
        """Search this assistant's memory from now on."""
        self._assistant = assistant

    def look_for(self, text: str) -> None:
        """The text is now this; search when it stays so."""
        self._text = text.strip()
        if len(self._text) < SHORTEST_QUERY or self._text.startswith("/"):
            self._rest.stop()
        else:
            self._rest.start()

    def forget(self) -> None:
        """Nothing is looked for any more; results under way are dropped."""
        self._text = ""
        self._rest.stop()

    def _begin(self) -> None:
        if self._assistant is not None:
            self._tasks.start(self._search(self._assistant, self._text))
            self._tasks.start(self._assistant.preload_for(self._text))

    async def _search(self, assistant: PopupAssistant, text: str) -> None:
        try:
            evidence: Evidence = await assistant.memory.search(text, limit=RESULTS)
        except TrayassistError as error:
            logger.info("search while typing failed: %s", error)
            return
        if text == self._text:
            self.found.emit(evidence)


class Typing(QObject):
    """Lets the keyboard move between the field and the list under it."""

    submitted = Signal(str, object, object)  # text, list[Path], role or None
    model_chosen = Signal(object)  # ModelChoice
    page_chosen = Signal(object, object)  # Citation, tuple of all shown
    resized = Signal()

    def __init__(self, header: PopupHeader, theme: Theme, tasks: BackgroundTasks, parent: QObject) -> None:
        super().__init__(parent)
        self._header, self._field, self._tasks = header, header.field, tasks
        self._assistant: PopupAssistant | None = None
        self._first_use = False
        self.recall = Recall()
        self.suggestions = Suggestions(theme)
        self._draft: str | None = None  # what was written before an earlier question was taken up to be edited
        self._notice = ""
        self.hint: QLabel = label(wraps=True)
        self.hint.setContentsMargins(22, 4, 22, 12)
        self.hint.hide()
        self._finding = SearchWhileTyping(tasks, self)
        self._finding.found.connect(self._show_results)
        self.suggestions.chosen.connect(self._choose)
        self.suggestions.resized.connect(self.resized)
        for signal, slot in (
            (self._field.entered, self._on_enter),
            (self._field.up, self._on_up),
            (self._field.down, self._on_down),
            (self._field.completed, self._complete),
            (self._field.textChanged, self._on_typed),
        ):
            signal.connect(slot)

    def use(self, assistant: PopupAssistant) -> None:
        """Search the memory and recall the history of this assistant."""
        if self._assistant is not None:
            self._assistant.history.on_forget.remove(self._on_forget)
        self._assistant = assistant
        assistant.history.on_forget.append(self._on_forget)
        self._finding.use(assistant)
        self._tasks.start(self._recall_questions(assistant))

    async def _recall_questions(self, assistant: PopupAssistant) -> None:
        try:
            questions = await assistant.history.questions()
        except TrayassistError:
            return  # the activity window says what is wrong with the history
        self.recall.fill(questions)
        self._first_use = not self.recall.known
        self.offer_examples()

    def _on_forget(self) -> None:
        assert self._assistant is not None
        self._tasks.start(self._recall_anew(self._assistant))

    async def _recall_anew(self, assistant: PopupAssistant) -> None:
        """Offer no question any more that was forgotten; one that stands in the field gives way to the draft."""
        try:
            questions = await assistant.history.questions()
        except TrayassistError:
            questions = []
        was_shown = self.recall.active
        self.recall.replace(questions)
        if was_shown and not self.recall.active:
            self._field.set_text(self.recall.draft)

    def rest(self) -> None:
        """Close the list; results under way are dropped."""
        self._finding.forget()
        self.suggestions.show_entries([])
        self.update_hint()

    def add_question(self, question: str) -> None:
        """A question was asked: it is the newest of the earlier ones now."""
        self._first_use, self._draft = False, None
        self.recall.add(question)
        if self._assistant is None or self._assistant.config.history.mask_secrets:
            self._tasks.start(self._mask(question))
        self.rest()

    async def _mask(self, question: str) -> None:
        """Keep the question as the history keeps it."""
        masked = await asyncio.to_thread(redact, question)
        self.recall.mask(question, masked)

    def offer_examples(self) -> None:
        """Show what a new user can do, while nothing was ever asked and nothing is written."""
        if self._is_first_use:
            self.suggestions.show_entries(examples())
        self.update_hint()

    @property
    def _is_first_use(self) -> bool:
        return self._first_use and not self._field.text() and not self._header.files

    # ------------------------------------------------------------ the hint

    def show_notice(self, text: str) -> None:
        """Show a sentence under the field instead of a hint; "" takes it away."""
        self._notice = text
        self.update_hint()

    def update_hint(self) -> None:
        """Say under the field what Enter will do where that is not plain, or how files are remembered."""
        hint = self._notice or self._hint()
        if hint != self.hint.text() or self.hint.isHidden() == bool(hint):
            self.hint.setText(hint)
            self.hint.setVisible(bool(hint))
            self.resized.emit()

    def _hint(self) -> str:
        files, text = self._header.files, self._field.text().strip()
        if self.is_editing:
            return self.tr("You edit your question. Enter asks it, Esc leaves it as it was.")
        if files and text:
            one = self.tr("Enter reads the file and asks about it.")
            return one if len(files) == 1 else self.tr("Enter reads the files and asks about them.")
        if files:
            one = self.tr("Enter remembers this. Write a question to ask about it.")
            many = self.tr("Enter remembers these {0}. Write a question to ask about them.").format(number(len(files)))
            return one if len(files) == 1 else many
        if self._is_first_use:
            return self.tr("Drop files here or on the tray icon to remember them.")
        return ""

    # ------------------------------------------------------------ editing a question

    @property
    def is_editing(self) -> bool:
        """Whether an earlier question was taken up to be edited."""
        return self._draft is not None

    def edit(self, question: str) -> None:
        """Take a question up to be edited; what was written comes back when the edit is given up."""
        if self._draft is None:
            self._draft = self._field.text()
        self._field.set_text(question)
        self._field.setFocus()
        self._finding.forget()
        self.suggestions.show_entries([])
        self.update_hint()

    def end_edit(self) -> None:
        """Give the edit up, if there is one."""
        if self._draft is not None:
            draft, self._draft = self._draft, None
            self._field.set_text(draft)
            self.update_hint()

    # ------------------------------------------------------------ the list

    def _on_typed(self) -> None:
        text, word, command = self._field.text(), self._field.role_word(), self._field.command_word()
        self.update_hint()
        if word is not None or command is not None:
            self._finding.forget()
            self.suggestions.show_entries(self._roles(word) if word is not None else matching_commands(command or ""))
        elif self.is_editing:
            self.suggestions.show_entries([])  # pages would push the answer away that is being compared
        elif text.strip():
            entries = self.suggestions.entries
            if entries and not isinstance(entries[0].value, Citation):
                self.suggestions.show_entries([])  # results of the text before stay until new ones come
            self._finding.look_for(text)
        else:
            self.rest()
            self.offer_examples()

    def _roles(self, word: str) -> list[Suggestion]:
        roles = self._assistant.plugins.roles if self._assistant is not None else {}
        return [
            Suggestion("person", role_title(name), name, role_description(name, role.title))
            for name, role in sorted(roles.items())
            if name.startswith(word.lower()) or role_title(name).lower().startswith(word.lower())
        ]

    def _show_results(self, evidence: Evidence) -> None:
        pages = [passage for passage in evidence.passages if not passage.path.startswith("fact:")]
        self.suggestions.show_entries(
            [
                Suggestion(
                    "page",
                    one_line(passage.name),
                    as_citation(passage, number),
                    self.tr("p. {0}").format(passage.page),
                    " ".join(passage.text.split())[:200],
                )
                for number, passage in enumerate(pages, 1)
            ]
        )

    def pick_model(self) -> None:
        """List the models that may answer this question, the first one selected, or close that list."""
        if self.is_picking or self._assistant is None:
            self.rest()
            return
        from trayassist.routing.stages import DEFAULT_ROLE  # here: the popup is shown before the router is loaded

        states = self._assistant.models_for(self._header.role or DEFAULT_ROLE)
        titles = model_titles(self._assistant.registry.models)
        rows = [
            Suggestion("chip", titles[state.name], ModelChoice(state.name, titles[state.name]), self._describe(state))
            for state in states
        ]
        none = self.tr("No model: quotes only")
        self._finding.forget()
        self.suggestions.show_entries([*rows, Suggestion("page", none, ModelChoice("", none))])
        self.suggestions.move_selection(1)
        self._field.setFocus()

    @property
    def is_picking(self) -> bool:
        """Whether models are listed."""
        return any(isinstance(entry.value, ModelChoice) for entry in self.suggestions.entries)

    def _describe(self, state: ModelState) -> str:
        places = {
            "remote": self.tr("on another machine"),
            "loading": self.tr("is being loaded"),
            "warm": self.tr("loaded"),
            "hot": self.tr("loaded"),
            "busy": self.tr("answers just now"),
        }
        large = size(state.file_bytes) if state.file_bytes else ""
        speed = self.tr("{0} tokens/s").format(number(round(state.tokens_per_s))) if state.tokens_per_s >= 1 else ""
        return " · ".join(part for part in (places.get(state.standing, ""), speed, large) if part)

    # ------------------------------------------------------------ keys

    def _on_enter(self, force: bool) -> None:
        chosen = self.suggestions.selected
        if chosen is not None and not force:
            self._choose(chosen.value)
        elif (self._field.role_word() or self._is_begun_command()) and self.suggestions.count() and not force:
            self._complete()
        else:
            self.submitted.emit(self._field.text(), list(self._header.files), self._header.role)

    def _is_begun_command(self) -> bool:
        word = self._field.command_word()
        return word is not None and word.lower() not in commands()

    def _complete(self) -> None:
        if self.suggestions.count():
            self._choose((self.suggestions.selected or self.suggestions.entries[0]).value)

    def _choose(self, value: object) -> None:
        if isinstance(value, Citation):
            self.page_chosen.emit(value, tuple(entry.value for entry in self.suggestions.entries))
        elif isinstance(value, ModelChoice):
            self.rest()
            self.model_chosen.emit(value)
        elif isinstance(value, SlashCommand):
            self._field.set_text(f"/{value.word} ")
        elif isinstance(value, str):
            self._field.drop_role_word()
            self._header.choose_role(value)
        elif isinstance(value, tuple):
            question, file = value
            self.submitted.emit(question, [file], None)

    def _on_up(self) -> None:
        if self.suggestions.selected is not None:
            self.suggestions.move_selection(-1)
        elif (text := self.recall.older(self._field.text())) is not None:
            self._field.set_text(text)
            self._finding.forget()

    def _on_down(self) -> None:
        if self.recall.active and self.suggestions.selected is None:
            self._field.set_text(self.recall.newer())
            self._finding.forget()
        elif self.suggestions.isVisible():
            self.suggestions.move_selection(1)
