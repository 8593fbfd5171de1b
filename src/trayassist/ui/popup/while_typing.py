"""What happens while the user types: pages found, roles after "@", earlier questions, examples to begin with."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QLabel

from trayassist.api import Citation, Evidence, TrayassistError
from trayassist.ui.popup.asking import Finding, Tasks
from trayassist.ui.popup.cited import as_citation
from trayassist.ui.popup.controls import label
from trayassist.ui.popup.first_use import examples
from trayassist.ui.popup.header import Header
from trayassist.ui.popup.protocols import Assistant
from trayassist.ui.popup.recall import Recall
from trayassist.ui.popup.suggestions import Entry, Suggestions
from trayassist.ui.widgets.theme import Theme


class Typing(QObject):
    """Moves between the field and the list under it."""

    submitted = Signal(str, object, object)  # text, list[Path], role or None
    page_chosen = Signal(object, object)  # Citation, tuple of all shown
    resized = Signal()

    def __init__(self, header: Header, theme: Theme, tasks: Tasks) -> None:
        super().__init__(tasks)
        self._header, self._field, self._tasks = header, header.field, tasks
        self._assistant: Assistant | None = None
        self._first_use = False
        self.recall = Recall()
        self.suggestions = Suggestions(theme)
        self.hint: QLabel = label(self.tr("Drop files here or on the tray icon to remember them."))
        self.hint.setContentsMargins(22, 4, 22, 12)
        self.hint.hide()
        self._finding = Finding(tasks)
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

    def use(self, assistant: Assistant) -> None:
        """Search the memory and recall the history of this assistant."""
        self._assistant = assistant
        self._finding.use(assistant)
        self._tasks.start(self._recall_questions(assistant))

    async def _recall_questions(self, assistant: Assistant) -> None:
        try:
            questions = await assistant.history.questions()
        except TrayassistError:
            return  # the activity window says what is wrong with the history
        self.recall.fill(questions)
        self._first_use = not self.recall.known
        self.offer_examples()

    def rest(self) -> None:
        """Close the list; results under way are dropped."""
        self._finding.forget()
        self.suggestions.show_entries([])
        self._show_hint(shown=False)

    def asked(self, question: str) -> None:
        """A question was asked: it is the newest of the earlier ones now."""
        self._first_use = False
        self.recall.add(question)
        self.rest()

    def offer_examples(self) -> None:
        """Show what a new user can do, while nothing was ever asked and nothing is written."""
        empty = self._first_use and not self._field.text() and not self._header.files
        if empty:
            self.suggestions.show_entries(examples())
        self._show_hint(shown=empty)

    def _show_hint(self, *, shown: bool) -> None:
        self.hint.setVisible(shown)
        self.resized.emit()

    # ------------------------------------------------------------ the list

    def _on_typed(self) -> None:
        text, word = self._field.text(), self._field.role_word()
        self._show_hint(shown=False)
        if word is not None:
            self._finding.forget()
            self.suggestions.show_entries(self._roles(word))
        elif text.strip():
            entries = self.suggestions.entries
            if entries and not isinstance(entries[0].value, Citation):
                self.suggestions.show_entries([])  # results of the text before stay until new ones come
            self._finding.look_for(text)
        else:
            self.rest()
            self.offer_examples()

    def _roles(self, word: str) -> list[Entry]:
        roles = self._assistant.plugins.roles if self._assistant is not None else {}
        return [
            Entry("person", f"@{name}", name, role.title)
            for name, role in sorted(roles.items())
            if name.startswith(word.lower())
        ]

    def _show_results(self, evidence: Evidence) -> None:
        pages = [passage for passage in evidence.passages if not passage.path.startswith("fact:")]
        self.suggestions.show_entries(
            [
                Entry(
                    "page",
                    passage.name,
                    as_citation(passage, number),
                    self.tr("p. {0}").format(passage.page),
                    " ".join(passage.text.split())[:200],
                )
                for number, passage in enumerate(pages, 1)
            ]
        )

    # ------------------------------------------------------------ keys

    def _on_enter(self, force: bool) -> None:
        chosen = self.suggestions.selected
        if chosen is not None and not force:
            self._choose(chosen.value)
        elif self._field.role_word() and self.suggestions.count() and not force:
            self._complete()
        else:
            self.submitted.emit(self._field.text(), list(self._header.files), self._header.role)

    def _complete(self) -> None:
        if self.suggestions.count():
            self._choose((self.suggestions.selected or self.suggestions.entries[0]).value)

    def _choose(self, value: object) -> None:
        if isinstance(value, Citation):
            self.page_chosen.emit(value, tuple(entry.value for entry in self.suggestions.entries))
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
