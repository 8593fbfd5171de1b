"""The models of the registry: a table with what is known of each, and loading, unloading and removing them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar, QPushButton, QWidget
from shiboken6 import isValid

from trayassist.api import TrayassistError
from trayassist.models.checks import fitness
from trayassist.models.registry.rules import BY_RULES
from trayassist.models.registry.schema import Model, Registry
from trayassist.models.serving.budget import OutOfBudget
from trayassist.models.serving.state import ModelState, Standing
from trayassist.ui.settings.memory_bar import is_loaded
from trayassist.ui.widgets.formats import decimal, number, size, tr
from trayassist.ui.widgets.local import local
from trayassist.ui.widgets.names import model_title, role_titles
from trayassist.ui.widgets.noted_table import Note, NotedTable
from trayassist.ui.widgets.table import Column
from trayassist.ui.widgets.theme import Theme
from trayassist.ui.widgets.window import Notice, column, label, row

if TYPE_CHECKING:
    from trayassist.ui.settings.window import SettingsWindow

SHORT = 86  # of a column, in logical pixels


@dataclass(frozen=True, slots=True)
class ModelLine:
    """A row of the table: how a model stands, and what the registry says of it."""

    state: ModelState
    model: Model
    used: str = ""
    title: str = ""  # what it is called in windows
    refused: bool = False  # its problem is said under the table, with a button

    @property
    def name(self) -> str:
        return self.state.name


class ModelList(QWidget):
    """The table with its buttons. `removal` carries the name of a model that is to leave the registry."""

    removal = Signal(str)
    changed = Signal()  # a load or unload has ended, or what is said under the table has changed

    def __init__(self, window: SettingsWindow) -> None:
        super().__init__()
        self._window, self._engine = window, window.assistant.engine
        self.loading: dict[str, LoadingLine] = {}
        self.refused = ""  # the model whose refusal is said under the table
        self.trouble = Notice(self, margin=0)
        columns = _columns(window.theme)
        self.table = NotedTable("models", tr("Models"), columns, window.state, window.theme, notes)
        self.load_button, self.unload_button = QPushButton(tr("&Load now")), QPushButton(tr("U&nload"))
        self.remove_button = QPushButton(tr("&Remove…"))
        self._lines = column(spacing=1)
        box = column(self.table, spacing=2)
        box.addLayout(self._lines)
        box.addWidget(self.trouble)
        box.addLayout(row(self.load_button, self.unload_button, self.remove_button, None))
        self.setLayout(box)
        self.load_button.clicked.connect(lambda: self._each(self.load))
        self.unload_button.clicked.connect(lambda: self._each(self.unload))
        self.remove_button.clicked.connect(lambda: self._each(self.removal.emit))
        self.table.removed.connect(lambda: self._each(self.removal.emit))
        self.table.opened.connect(
            lambda line: self.unload(line.name) if is_loaded(line.state) else self.load(line.name)
        )
        self.table.picked.connect(self._offer)
        self._offer()

    def fill(self, lines: Sequence[ModelLine]) -> None:
        """Show these models."""
        self.table.fill(lines, lambda line: line.name)
        self.table.fit()
        if lines and not self.table.selected_rows():
            self.table.select([0])
        self._offer()

    def load(self, name: str) -> None:
        """Load a model now; what has to go first is said, and offered, in place."""
        if name not in self.loading:
            self._say("")
            self._window.run(self._load(name))

    def unload(self, name: str) -> None:
        """Unload a model now."""
        self._window.run(self._unload((name,)))

    # ------------------------------------------------------------ inside

    async def _load(self, name: str, first: Sequence[str] = ()) -> None:
        task = self._window.current_task()
        line = self.loading[name] = LoadingLine(self._title(name), lambda: task.cancel())
        self._lines.addWidget(line)
        self._offer()
        try:
            for other in first:
                line.say(tr("unloading {}").format(self._title(other)))
                await self._engine.unload(other)
            await self._engine.load(name, line.say)
        except OutOfBudget as error:
            self._offer_room(name, error)
        except TrayassistError as error:
            self._say(str(error), refused=name)
        finally:
            del self.loading[name]
            if isValid(line):  # the window may be gone meanwhile
                self._lines.removeWidget(line)
                line.hide()
                line.deleteLater()
                self._offer()
                self.changed.emit()

    def _offer_room(self, name: str, error: OutOfBudget) -> None:
        """Say that there is no room, and offer to unload what would have to go."""
        if not error.unload:
            self._say(str(error), refused=name)
            return
        offer = tr("Unload {} and load").format(", ".join(map(self._title, error.unload)))
        self._say(
            error.what, refused=name, button=offer, action=lambda: self._window.run(self._load(name, error.unload))
        )

    def _say(
        self, text: str, *, refused: str = "", button: str = "", action: Callable[[], object] | None = None
    ) -> None:
        """Say under the table what did not work; "" takes it away."""
        self.refused = refused
        if text:
            self.trouble.say(text, look="danger", button=button, action=action)
        else:
            self.trouble.clear()

    async def _unload(self, names: Sequence[str]) -> None:
        self._say("")
        for name in names:
            try:
                await self._engine.unload(name)
            except TrayassistError as error:
                self._say(str(error))
        self.changed.emit()

    def _title(self, name: str) -> str:
        return model_title(name, self._window.assistant.registry.models.get(name))

    def _each(self, do: Callable[[str], object]) -> None:
        for line in self.table.selected_rows():
            do(line.name)

    def _offer(self) -> None:
        """Enable what can be done with the models that are selected."""
        chosen = self.table.selected_rows()
        can_load = ("cold", "resting")
        self.load_button.setEnabled(
            any(line.state.standing in can_load and line.name not in self.loading for line in chosen)
        )
        self.unload_button.setEnabled(any(is_loaded(line.state) for line in chosen))
        self.remove_button.setEnabled(bool(chosen))


class LoadingLine(QWidget):
    """A line under the table while a model is loaded: what is done, a moving line, Cancel."""

    def __init__(self, name: str, cancel: Callable[[], object]) -> None:
        super().__init__()
        self._text = label(tr("loading {}").format(name))
        bar = QProgressBar()
        bar.setRange(0, 0)  # llama.cpp does not tell how far it is
        bar.setTextVisible(False)
        bar.setAccessibleName(tr("Loading {}").format(name))
        self.button = QPushButton(tr("Cancel"))
        self.button.setAccessibleName(tr("Cancel loading {}").format(name))
        self.button.clicked.connect(lambda: cancel())
        line = row(self._text, bar, self.button)
        line.setStretch(1, 1)
        self.setLayout(line)

    def say(self, text: str) -> None:
        """Show what is done now."""
        self._text.setText(local(text))


def standing(state: ModelState) -> str:
    """Return a model's standing in a word or two."""
    words: dict[Standing, str] = {
        "missing": tr("no file"),
        "cold": tr("not loaded"),
        "loading": tr("loading"),
        "warm": tr("loaded"),
        "hot": tr("always loaded"),
        "busy": tr("answering"),
        "remote": tr("another program"),
        "resting": tr("paused"),
    }
    return words[state.standing]


def memory(state: ModelState) -> str:
    """Return what a model takes: measured when it is loaded, else estimated."""
    if state.measured:
        return size(state.measured)
    return tr("~ {}").format(size(state.estimated)) if state.estimated else "–"


def notes(line: ModelLine) -> list[Note]:
    """Return what stands under a model: who uses it, what it is, what is wrong or odd with it."""
    state, model = line.state, line.model
    plain = [line.used or tr("not used by anything")]
    if fitness.entry_tier(model.params_b or 0):
        plain.append(tr("a small model ({} billion parameters)").format(decimal(model.params_b or 0)))
    if (quant := state.quant or model.quant) and quant.lower() not in line.title.lower():
        plain.append(quant)
    if state.context_length:
        plain.append(tr("reads {} tokens at once").format(number(state.context_length)))
    if model.license:
        plain.append(tr("licence {}").format(model.license))
    if state.load_ms:
        plain.append(tr("loaded in {} s").format(decimal(state.load_ms / 1e3)))
    found: list[Note] = [(" · ".join(plain), "muted")]
    if not model.license:
        found.append((tr("Its licence is not known."), "amber"))
    if state.problem and not line.refused:
        found.append((local(state.problem), "danger"))
    if state.base:
        found.append((tr("It continues texts and was not made to answer: it may ramble."), "amber"))
    if state.speculation:
        off = state.speculation.startswith("off")
        found.append((tr("Faster answers: {}.").format(local(state.speculation)), "amber" if off else "muted"))
    if model.forbid:
        found.append((tr("Never with {}.").format(", ".join(model.forbid).replace("_", " ")), "muted"))
    for quirk in model.quirks:
        when = f" ({quirk.found})" if quirk.found else ""
        found.append(
            (tr("Known{when}: {issue} {todo}").format(when=when, issue=quirk.issue, todo=quirk.workaround), "muted")
        )
    return found


def use(registry: Registry, name: str) -> str:
    """Return what roles use a model for, in words; "" when none does."""
    roles = [(role, settings) for role, settings in registry.roles.items() if role not in BY_RULES]
    ways = (
        (tr("used for {}"), [role for role, settings in roles if settings.model == name]),
        (tr("stands in for {}"), [role for role, settings in roles if name in settings.fallback]),
        (tr("speeds up {}"), [role for role, one in roles if (d := one.acceleration.draft) and d.model == name]),
    )
    return " · ".join(text.format(role_titles(found)) for text, found in ways if found)


def _columns(theme: Theme) -> list[Column[ModelLine]]:
    def wide(pixels: int) -> int:
        return pixels * theme.text_percent // 100

    return [
        Column(tr("Model"), lambda line: line.title or line.name),
        Column(
            tr("State"), lambda line: standing(line.state), width=wide(88), color=lambda line: _state_color(line, theme)
        ),
        Column(tr("Memory used"), lambda line: memory(line.state), _bytes, number=True, width=wide(SHORT)),
        Column(tr("Speed"), _speed, lambda line: line.state.tokens_per_s, number=True, width=wide(92)),
    ]


def _bytes(line: ModelLine) -> int:
    return line.state.measured or line.state.estimated


def _speed(line: ModelLine) -> str:
    return tr("{} tokens/s").format(decimal(line.state.tokens_per_s)) if line.state.tokens_per_s else "–"


def _state_color(line: ModelLine, theme: Theme) -> str:
    colors = theme.colors
    by_standing = {"missing": colors.danger, "resting": colors.amber, "busy": colors.accent}
    return by_standing.get(line.state.standing, colors.good if is_loaded(line.state) else "")
