"""What makes a role's answers faster: a draft model, words of the prompt, and how often they were right."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QPushButton, QWidget

from trayassist.models.gguf import drafts
from trayassist.models.registry.schema import Draft, PromptLookup
from trayassist.models.serving.state import ModelState
from trayassist.ui.settings import controls
from trayassist.ui.settings.controls import Combo
from trayassist.ui.settings.rows import SettingRow, control_row
from trayassist.ui.widgets.formats import number, tr
from trayassist.ui.widgets.window import column, label, row

if TYPE_CHECKING:
    from trayassist.ui.settings.window import SettingsWindow


class AccelerationForm(QWidget):
    """The rows of one role's acceleration. `follow` shows the registry in force, `show_state` what came of it."""

    def __init__(self, window: SettingsWindow, role: str) -> None:
        super().__init__()
        self._window, self._role = window, role
        self.key = ("roles", role, "acceleration")
        self.picker = Combo()
        self.check_button = QPushButton(tr("Check the pair"))
        self.check_button.setAccessibleName(tr("{}: check the pair of model and draft").format(role))
        self.check_button.clicked.connect(lambda: window.run(self.check()))
        self.draft = SettingRow(tr("Draft model"), self.picker, tr("A small model of the same vocabulary drafts, the "
                         "role's model checks: the same answer, sooner, where the pair fits."))  # fmt: skip
        self._verdict = label("", wrap=True)
        self._said = label("", "small", wrap=True)
        self.drafted = self._number("k", tr("Tokens drafted at once"), "")
        self.least = self._number("min_accept", tr("Least share accepted"), tr("Below it drafting is switched off."))
        self.lookup = self._lookup()
        box = column(self.draft, self._verdict, spacing=0)
        box.insertLayout(1, row(None, self.check_button))
        for line in (self.drafted, self.least, self.lookup, self._said):
            box.addWidget(line)
        self.setLayout(box)
        window.bind((*self.key, "draft"), tr("{}: draft model").format(role), self.draft)
        self.draft.show_value = lambda _: self.follow()
        self.picker.activated.connect(lambda _: self._pick(self.picker.currentData()))
        self.follow()

    def follow(self) -> None:
        """Show what the registry says."""
        registry = self._window.assistant.registry
        settings = registry.role(self._role)
        wanted = settings.acceleration.draft
        self.picker.blockSignals(True)
        self.picker.clear()
        self.picker.addItem(tr("No draft"), None)
        for name, model in registry.models.items():
            if name != settings.model and registry.provider(name).api == "llama_cpp":
                self.picker.addItem(name if model.kind != "draft" else tr("{} (for drafting)").format(name), name)
        self.picker.setCurrentIndex(max(0, self.picker.findData(wanted.model if wanted else None)))
        self.picker.blockSignals(False)
        for line in (self.drafted, self.least):
            line.setVisible(wanted is not None)
        self.check_button.setEnabled(wanted is not None and settings.model is not None)
        self._verdict.setText("")
        self._verdict.hide()

    def show_state(self, state: ModelState | None) -> None:
        """Show what the role's model makes of it: "speculation off: reason", or the share that was accepted."""
        parts = []
        if state is not None and state.speculation:
            parts.append(tr("Speculation: {}.").format(state.speculation))
        if state is not None and state.drafted:
            share, drafted = state.accepted / state.drafted, number(state.drafted)
            parts.append(tr("Accepted: {share:.0%} of {drafted} drafted tokens.").format(share=share, drafted=drafted))
        self._said.setText(" ".join(parts))
        self._said.setVisible(bool(parts))

    async def check(self) -> None:
        """Compare the two files and say whether they make a pair."""
        registry, paths = self._window.assistant.registry, self._window.assistant.paths
        settings = registry.role(self._role)
        draft = settings.acceleration.draft
        if settings.model is None or draft is None:
            return
        target, small = registry.models[settings.model], registry.models[draft.model]
        self._say(tr("Comparing the two vocabularies…"), "muted")
        self.check_button.setEnabled(False)
        try:
            found = await asyncio.to_thread(
                drafts.compare,
                paths.models / target.file,
                paths.models / small.file,
                families=(target.family, small.family),
                rules=registry.draft_rules,
            )
        finally:
            self.check_button.setEnabled(True)
            self._verdict.hide()
        if not found.compatible:
            self._say(tr("They are no pair: {}.").format("; ".join(found.reasons)), "danger")
        elif found.warnings:
            self._say(tr("They fit. {}").format(" ".join(found.warnings)), "amber")
        else:
            self._say(tr("They fit: the vocabularies are the same, {} tokens.").format(number(found.sizes[0])), "good")

    # ------------------------------------------------------------ inside

    def _say(self, text: str, look: str) -> None:
        self._verdict.setText(text)
        self._verdict.setProperty("look", look)
        self._verdict.style().polish(self._verdict)
        self._verdict.show()

    def _pick(self, name: str | None) -> None:
        old = self._window.changes.value((*self.key, "draft"))
        if name == (old.model if old else None):
            return
        new: dict[str, Any] | None = {"model": name} if name else None
        self.draft.wanted.emit(new)

    def _number(self, name: str, title: str, help_text: str) -> SettingRow:
        info = Draft.model_fields[name]
        line = control_row(title, controls.of_model(info), help_text)
        usual, show = info.default, line.show_value
        line.show_value = lambda value: show(usual if value is None else value)
        self._window.bind((*self.key, "draft", name), f"{self._role}: {title}", line)
        return line

    def _lookup(self) -> SettingRow:
        info = PromptLookup.model_fields["enabled"]
        help_text = tr("Words of the prompt are tried first: good for answers that repeat a text, such as corrections.")
        line = control_row(tr("Draft from the prompt"), controls.of_model(info), help_text)
        self._window.bind(
            (*self.key, "prompt_lookup", "enabled"), tr("{}: draft from the prompt").format(self._role), line
        )
        return line
