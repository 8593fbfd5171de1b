"""The fourth step: models that suit this machine, files that are here already, or none."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QButtonGroup, QRadioButton, QVBoxLayout, QWidget

from trayassist.api import TrayassistError
from trayassist.models.catalog import selection, stacks
from trayassist.models.catalog.fetch_plan import Plan
from trayassist.models.catalog.stacks import Slot, Stacks
from trayassist.models.gguf import hardware
from trayassist.models.gguf.hardware import Facts
from trayassist.ui.first_run.own_models import OwnModels
from trayassist.ui.first_run.page import Step
from trayassist.ui.first_run.stack_table import StackTable
from trayassist.ui.widgets import formats
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.theme import SPACE
from trayassist.ui.widgets.window import label

if TYPE_CHECKING:
    from trayassist.ui.first_run.window import FirstSteps

STACK, OWN, NONE = range(3)
INDENT = 26  # under the words of a radio button


class Models(Step):
    """Three ways. A stack is looked up first, and fetched at a second press; the download goes on behind."""

    def __init__(self, window: FirstSteps) -> None:
        super().__init__(
            tr("A language model, if you like"),
            tr("With one, answers are written in full sentences. Without one, they are quotes from your documents."),
        )
        self._window, self._assistant = window, window.assistant
        self._facts: Facts | None = None
        self._stacks: Stacks | None = None
        self._picked: dict[Slot, str] = {}
        self._asking = False
        self.plan: Plan | None = None
        self.table = StackTable()
        self.own = OwnModels(window)
        self._problem = label("", "danger", wrap=True)
        self._told = label("", "small", wrap=True)
        self.ways = QButtonGroup(self)
        self._boxes: list[QWidget] = []
        self._way(STACK, tr("Fetch &what suits this machine"), self.table, self._told, self._problem)
        self._way(OWN, tr("&Use GGUF files that I have"), self.own)
        nothing = label(tr("You can add one at any time in Settings, Models and roles."), "small", wrap=True)
        self._way(NONE, tr("&No model for now"), nothing)
        self.ways.idToggled.connect(lambda _way, on: self._follow() if on else None)
        self.table.picked.connect(self._pick)
        self.ways.button(NONE).setChecked(True)

    @property
    def way(self) -> int:
        """Which of the three is chosen: STACK, OWN or NONE."""
        return self.ways.checkedId()

    @property
    def primary(self) -> str:
        if self.way != STACK:
            return tr("&Continue")
        if self.plan is None or self.plan.refusal:
            return tr("&Look up the download")
        return tr("&Fetch {}").format(formats.size(self.plan.left)) if self.plan.left else tr("&Take them")

    @property
    def can_go_on(self) -> bool:
        return self.way != STACK or (self._facts is not None and not self._asking)

    def enter(self) -> None:
        """Look at the machine when the step is first shown."""
        if self._facts is None:
            self._told.setText(tr("Looking at this machine…"))
            self._window.run(self._look())

    def skip(self) -> None:
        """Fetch nothing."""
        self.ways.button(NONE).setChecked(True)

    def go_on(self) -> None:
        """Look the download up, begin it, or go on without."""
        if self.way != STACK:
            self.done.emit()
        elif self.plan is None or self.plan.refusal:
            self._window.run(self._look_up())
        else:
            self._begin(self.plan)

    # ------------------------------------------------------------ inside

    def _way(self, number: int, text: str, *content: QWidget) -> None:
        button, box = QRadioButton(text), QWidget()
        layout = QVBoxLayout(box)
        layout.setContentsMargins(INDENT, 0, 0, SPACE[2])
        layout.setSpacing(SPACE[2])
        for item in content:
            layout.addWidget(item)
        self.ways.addButton(button, number)
        self._boxes.append(box)
        self.content.addWidget(button)
        self.content.addWidget(box)

    def _follow(self) -> None:
        for number, box in enumerate(self._boxes):
            box.setVisible(number == self.way)
        self._problem.setVisible(bool(self._problem.text()))
        self.changed.emit()

    async def _look(self) -> None:
        self._stacks = await asyncio.to_thread(stacks.load)
        self._facts = await asyncio.to_thread(hardware.look, self._assistant.paths.models)
        self._propose()
        if not self._assistant.registry.models and stacks.recommend(self._facts, self._stacks).fits:
            self.ways.button(STACK).setChecked(True)
        self._follow()

    def _propose(self) -> None:
        assert self._facts is not None
        assert self._stacks is not None
        found = stacks.recommend(self._facts, self._stacks, self._picked)
        self.plan = None
        self._problem.clear()
        self.table.fill(found, self._stacks, self._facts)
        self._told.setText(
            tr("Looking it up asks huggingface.co for names, sizes and licences; nothing of yours is sent. "
               "Only the next press fetches, in the background.")
        )  # fmt: skip

    def _pick(self, slot: Slot, name: str) -> None:
        self._picked[slot] = name
        self._propose()
        self._follow()

    async def _look_up(self) -> None:
        assert self._facts is not None
        assert self._stacks is not None
        found = stacks.recommend(self._facts, self._stacks, self._picked)
        wants = selection.of_stack(found, self._assistant.registry)
        self._asking, self.plan = True, None
        self._problem.clear()
        self._told.setText(tr("Asking the hub…"))
        self._follow()
        try:
            self.plan = await self._assistant.downloads.plan(wants)
        except TrayassistError as error:
            self._problem.setText(str(error))
        finally:
            self._asking = False
        if self.plan is not None:
            self._show_plan(self.plan)
        self._follow()

    def _show_plan(self, plan: Plan) -> None:
        if plan.refusal:
            self._problem.setText(plan.refusal)
            self._told.clear()
            return
        licences = sorted({file.license for file in plan.files if file.license})
        unknown = tr(" One has no known licence: check it first.") if any(not f.license for f in plan.files) else ""
        self._told.setText(
            tr("{files} files, {size} to fetch, {free} free on the disk. Licences: {licences}.{unknown}").format(
                files=len(plan.files), size=formats.size(plan.left), free=formats.size(plan.disk_free),
                licences=", ".join(licences) or tr("none named"), unknown=unknown,
            )
        )  # fmt: skip
        if plan.problems:
            self._problem.setText(" ".join(f"{what} {todo}" for what, todo in plan.problems))

    def _begin(self, plan: Plan) -> None:
        try:
            self._assistant.downloads.start(plan)
        except TrayassistError as error:
            self._problem.setText(str(error))
            self._follow()
            return
        self.done.emit()
