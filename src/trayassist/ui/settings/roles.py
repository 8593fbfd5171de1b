"""A card for each role: its model, chosen among all with how well each fits, and the rest behind "More"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout

from trayassist.api import TrayassistError
from trayassist.models.checks import fitness
from trayassist.models.checks.fitness import Colour, Fitness
from trayassist.models.registry.rules import BY_RULES
from trayassist.models.registry.schema import RoleSettings
from trayassist.models.serving.state import ModelState
from trayassist.ui.settings.controls import Combo
from trayassist.ui.settings.role_form import RoleForm, titles
from trayassist.ui.settings.rows import Findable
from trayassist.ui.widgets.formats import size, tr
from trayassist.ui.widgets.local import local
from trayassist.ui.widgets.names import model_title, role_title
from trayassist.ui.widgets.theme import SPACE
from trayassist.ui.widgets.window import label, row

if TYPE_CHECKING:
    from trayassist.ui.settings.window import SettingsWindow

LOOKS: dict[Colour, str] = {"green": "good", "amber": "amber", "red": "danger"}
ICONS: dict[Colour, tuple[str, str]] = {
    "green": ("check", "good"),
    "amber": ("warning", "amber"),
    "red": ("close", "danger"),
}
ORDER: tuple[Colour, ...] = ("green", "amber", "red")
PICKER_WIDTH = 300


class RoleCard(Findable):
    """One role. `previewed(model, context_length)` tells what would be, while something is chosen or typed.

    Each is None where it stays as it is; both None end the preview.
    """

    previewed = Signal(object, object)

    def __init__(self, window: SettingsWindow, role: str, text: str) -> None:
        super().__init__(role, role_title(role), text, tr("role model"), *titles())
        self._window, self.role = window, role
        self._states: Mapping[str, ModelState] = {}
        self.form: RoleForm | None = None
        self.picker = Combo()
        self.picker.setMinimumWidth(PICKER_WIDTH // 2)
        self.picker.setMaximumWidth(PICKER_WIDTH)
        self.picker.setAccessibleName(tr("Model for {}").format(role_title(role)))
        self.picker.activated.connect(lambda at: self._pick(self.picker.itemData(at)))
        self.picker.highlighted.connect(lambda at: self.previewed.emit(self.picker.itemData(at), None))
        self.more = QPushButton(tr("More"))
        self.more.setCheckable(True)
        self.more.setProperty("look", "link")
        self.more.setAccessibleName(tr("More about {}").format(role_title(role)))
        self.more.toggled.connect(self.unfold)
        self._reasons, self._error = label("", "small", wrap=True), label("", "danger", wrap=True)
        self._error.hide()
        self._lay_out(text)
        if role in BY_RULES:
            self.picker.hide()
            self.more.hide()
        window.name(self._key, tr("{}: model").format(role_title(role)))
        window.changes.changed.connect(lambda key, _: self._error.hide() if key == self._key else None)

    def fill(self, states: Mapping[str, ModelState]) -> None:
        """Show the role as the registry in force has it, and the models as they are."""
        self._states = states
        if not self.picker.view().isVisible():  # not under the user's hand
            self._fill_picker()
        chosen = self._settings.model
        fits = self.fits(chosen) if chosen else None
        self._reasons.setText(self._in_words(fits))
        self._reasons.setVisible(bool(self._reasons.text()))
        judged = fits is not None and fits.reasons and self.role not in BY_RULES
        self._reasons.setProperty("look", LOOKS[fits.colour] if fits and judged else "muted")
        self._reasons.style().polish(self._reasons)
        self.picker.setAccessibleDescription(self._reasons.text())
        if self.form is not None:
            self.form.show_state(states.get(chosen or ""))

    def show_memory(self, text: str, look: str) -> None:
        """Say what the model that is chosen, or the context that is typed, would take; "" ends that."""
        if self.form is not None:
            self.form.show_memory(text, look)
        if text:
            self._reasons.setText(text)
            self._reasons.show()
            self._reasons.setProperty("look", look)
            self._reasons.style().polish(self._reasons)
        else:
            self.fill(self._states)

    def unfold(self, on: bool) -> None:
        """Show or hide everything besides the model; it is made when it is first wanted."""
        if on and self.form is None:
            state = self._states.get(self._settings.model or "")
            self.form = RoleForm(self._window, self.role, state, lambda context: self.previewed.emit(None, context))
            self._inner.addWidget(self.form)
            QTimer.singleShot(0, self.form, self.form.complete)
        if self.form is not None:
            self.form.setVisible(on)
        self.more.setText(tr("Less") if on else tr("More"))

    def fits(self, model: str) -> Fitness:
        """Return how a model fits this role."""
        assistant, settings = self._window.assistant, self._settings
        known = fitness.facts(assistant.registry.models[model], assistant.engine.header(model))
        return fitness.fitness(known, settings.needs, role=self.role, heavy=settings.lane == "heavy")

    # ------------------------------------------------------------ inside

    @property
    def _key(self) -> tuple[str, ...]:
        return ("roles", self.role, "model")

    @property
    def _settings(self) -> RoleSettings:
        return self._window.assistant.registry.role(self.role)

    def _fill_picker(self) -> None:
        registry, settings = self._window.assistant.registry, self._settings
        box = self.picker
        box.blockSignals(True)
        box.clear()
        shared = settings.share_with
        box.addItem(tr("The same as {}").format(role_title(shared)) if shared else tr("No model"), None)
        fits = {name: self.fits(name) for name in registry.models}
        for name in sorted(fits, key=lambda name: ORDER.index(fits[name].colour)):
            found = fits[name]
            box.addItem(self._window.theme.icon(*ICONS[found.colour]), self._display_name(name), name)
            tooltip = "\n".join(map(local, found.reasons)) or tr("It fits.")
            box.setItemData(box.count() - 1, tooltip, Qt.ItemDataRole.ToolTipRole)
            box.setItemData(box.count() - 1, tooltip, Qt.ItemDataRole.AccessibleDescriptionRole)
        box.setCurrentIndex(max(0, box.findData(settings.model)))
        box.blockSignals(False)

    def _display_name(self, name: str) -> str:
        state = self._states.get(name)
        taken = size(state.estimated) if state and state.estimated else ""
        title = model_title(name, self._window.assistant.registry.models.get(name))
        return " · ".join(part for part in (title, taken) if part)

    def _in_words(self, fits: Fitness | None) -> str:
        if self.role in BY_RULES:
            return tr("{} is set for it, and is not asked.").format(self._chosen_title()) if fits else ""
        if fits is None:
            shared = self._settings.share_with
            return tr("It uses the model of {}.").format(role_title(shared)) if shared else without_model(self.role)
        licence = self._window.assistant.registry.models[self._settings.model or ""].license
        parts = [*map(local, fits.reasons)] if fits.reasons else [tr("It fits.")]
        return " · ".join(part for part in (*parts, licence and tr("licence {}").format(licence)) if part)

    def _chosen_title(self) -> str:
        name = self._settings.model or ""
        return model_title(name, self._window.assistant.registry.models.get(name))

    def _pick(self, name: str | None) -> None:
        self.previewed.emit(None, None)
        if name != self._settings.model:
            self._window.run(self._set(name))

    async def _set(self, name: str | None) -> None:
        try:
            await self._window.changes.set(self._key, name)
        except TrayassistError as error:
            self._error.setText(local(str(error)))
            self._error.show()
            self._fill_picker()

    def _lay_out(self, text: str) -> None:
        frame = QFrame()
        frame.setProperty("look", "raised")
        self._inner = QVBoxLayout(frame)
        self._inner.setContentsMargins(SPACE[3], SPACE[2], SPACE[3], SPACE[2])
        self._inner.setSpacing(SPACE[1])
        head = row(label(role_title(self.role), "heading"), None, self.picker, self.more)
        head.setStretch(2, 3)
        if self.role in BY_RULES:
            head.addWidget(label(tr("It works by rules"), "muted"))
        self._inner.addLayout(head)
        if text:
            self._inner.addWidget(label(text, "small", wrap=True))
        self._inner.addWidget(self._reasons)
        self._inner.addWidget(self._error)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, SPACE[2], 0, 0)
        outer.addWidget(frame)


def without_model(role: str) -> str:
    """Return what a role does while it has no model."""
    if role in ("embedder", "reranker"):
        return ""  # what it does says so
    return tr("Without a model, answers are sentences from your documents.")
