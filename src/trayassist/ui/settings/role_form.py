"""Everything a role says besides its model: how long it stays loaded, how it answers, who stands in for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QAbstractSpinBox, QListWidget, QMenu, QPushButton, QToolButton, QWidget

from trayassist.models.registry.schema import RoleSettings
from trayassist.models.serving.state import ModelState
from trayassist.ui.settings import controls
from trayassist.ui.settings.acceleration import AccelerationForm
from trayassist.ui.settings.rows import SettingRow, control_row
from trayassist.ui.widgets.formats import number, tr
from trayassist.ui.widgets.theme import Theme
from trayassist.ui.widgets.window import column, label, row

if TYPE_CHECKING:
    from trayassist.ui.settings.window import SettingsWindow


class RoleForm(QWidget):
    """The rows of one role. `preview(context_length)` is called while a context is typed; None when it is left."""

    def __init__(
        self,
        window: SettingsWindow,
        role: str,
        state: ModelState | None,
        preview: Callable[[int | None], object],
    ) -> None:
        super().__init__()
        self._window, self._role = window, role
        self.rows: dict[str, SettingRow] = {}
        self._complete, self._state = False, state
        self.setLayout(column(spacing=0))
        for name, title, help_text, more in _specs(window):
            self._add(name, title, help_text, more)
        self._context_help = self.rows["context_length"].help
        context = self.rows["context_length"].control
        assert isinstance(context, QAbstractSpinBox)
        context.lineEdit().textEdited.connect(lambda text: preview(_typed_number(text)))
        context.editingFinished.connect(lambda: preview(None))

    def complete(self) -> None:
        """Add the rest, in a turn of its own: what is asked in turn, and what makes answers faster."""
        if self._complete:
            return
        self._complete = True
        window, role = self._window, self._role
        self.fallbacks = Fallbacks(window.theme, tr("{}: asked in turn").format(role))
        line = SettingRow(
            tr("Asked in turn"), self.fallbacks, tr("When the role's model cannot answer. Never a premium one.")
        )
        line.show_value = lambda names: self.fallbacks.show_order(names or (), self._others())
        self.fallbacks.changed.connect(line.wanted.emit)
        self._bind("fallback", tr("Asked in turn"), line)
        heading = label(tr("Faster answers"), "heading")
        heading.setContentsMargins(0, 12, 0, 4)
        self._box().addWidget(heading)
        self.acceleration = AccelerationForm(window, role)
        self._box().addWidget(self.acceleration)
        self.acceleration.show_state(self._state)

    def follow(self) -> None:
        """Show what the registry in force says."""
        for name, line in self.rows.items():
            line.show_value(self._window.changes.value(("roles", self._role, name)))
        if self._complete:
            self.acceleration.follow()

    def show_memory(self, text: str, look: str) -> None:
        """Say under the context what it would take; "" brings back the help."""
        self.rows["context_length"].say_help(text or self._context_help, look if text else "small")

    def show_state(self, state: ModelState | None) -> None:
        """Show what the role's model makes of its acceleration."""
        self._state = state
        if self._complete:
            self.acceleration.show_state(state)

    # ------------------------------------------------------------ inside

    def _add(self, name: str, title: str, help_text: str, more: dict[str, Any]) -> None:
        info = RoleSettings.model_fields[name]
        step, start = more.pop("step", 0.0), more.pop("start", 0.0)
        field = replace(controls.of_model(info, **more), step=step, start=start)
        self._bind(name, title, control_row(title, field, help_text))

    def _bind(self, name: str, title: str, line: SettingRow) -> None:
        said = tr("{role}: {setting}").format(role=self._role, setting=title)
        line.control.setAccessibleName(said)
        usual, show = RoleSettings.model_fields[name].default, line.show_value
        line.show_value = lambda value: show(usual if value is None else value)
        self.rows[name] = line
        self._window.bind(("roles", self._role, name), said, line)
        self._box().addWidget(line)

    def _others(self) -> list[str]:
        registry = self._window.assistant.registry
        own = registry.role(self._role).model
        return [name for name in registry.models if name != own and registry.provider(name).kind == "local"]

    def _box(self) -> Any:
        return self.layout()


def titles() -> list[str]:
    """Return what the rows are called, for the search of the window."""
    return [
        tr("Stays loaded residency hot warm cold"),
        tr("Temperature, longest answer, context, time limit, lane, at once"),
        tr("Asked in turn fallback"),
        tr("Faster answers: draft model, draft from the prompt, speculation, acceleration"),
    ]


def _typed_number(text: str) -> int | None:
    digits = "".join(c for c in text if c.isdigit())
    return int(digits) if digits else None


def _specs(window: SettingsWindow) -> list[tuple[str, str, str, dict[str, Any]]]:
    """Return the rows that are a control each: key, title, help, and more about the control."""
    usual = window.assistant.registry.runtime_defaults

    def unset(value: float) -> dict[str, Any]:
        shown = number(int(value)) if value >= 128 else f"{value:g}"
        return {"unset": tr("usual ({})").format(shown), "start": value}

    residences = {"hot": tr("Always"), "warm": tr("Until it is idle"), "cold": tr("Only when asked for by name")}
    lanes = {"heavy": tr("Heavy: long answers"), "light": tr("Light: short judgements"), "io": tr("io: tools")}
    return [
        ("residency", tr("Stays loaded"), tr("Hot models are loaded at start; warm ones leave memory when idle; cold "
            "ones are loaded by the button only."), {"choices": residences}),
        ("temperature", tr("Temperature"), tr("0 is the likeliest answer each time, 1 is lively."),
            unset(usual.temperature)),
        ("max_tokens", tr("Longest answer"), "", {**unset(usual.max_tokens), "unit": tr("tokens"), "step": 256}),
        ("context_length", tr("Context"), tr("Question, passages and answer together. More takes more memory: the bar "
            "above shows it while you type."), {**unset(usual.context_length), "unit": tr("tokens"), "step": 1024}),
        ("timeout_s", tr("Time limit"), tr("Loading left out."),
            {**unset(usual.timeout_s), "unit": tr("s"), "step": 10}),
        ("max_concurrent", tr("At once"), tr("Requests of this role that run at the same time."), {}),
        ("lane", tr("Lane"), "", {"choices": lanes}),
    ]  # fmt: skip


SHOWN = 3


class Fallbacks(QWidget):
    """The list with its buttons. `changed` carries the new order."""

    changed = Signal(object)

    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__()
        self.setProperty("tall", True)
        self._others: tuple[str, ...] = ()
        self.list = QListWidget()
        self.list.setProperty("look", "lines")
        self.list.setAccessibleName(title)
        self.list.setFixedHeight(self.list.fontMetrics().lineSpacing() * SHOWN + 34)
        self.add_button = QPushButton(tr("Add"))
        self.add_button.setAccessibleName(tr("Add to {}").format(title))
        self.add_button.clicked.connect(self._choose)
        self.tools = {
            "chevron-up": _tool(theme, "chevron-up", tr("Ask it earlier"), lambda: self._move(-1)),
            "chevron-down": _tool(theme, "chevron-down", tr("Ask it later"), lambda: self._move(1)),
            "trash": _tool(theme, "trash", tr("Take it off the list"), self._take_off),
        }
        self.setFocusProxy(self.list)
        self.setLayout(column(self.list, spacing=1))
        self.layout().addLayout(row(self.add_button, None, *self.tools.values(), spacing=1))  # type: ignore[union-attr]
        self.list.currentRowChanged.connect(lambda _: self._offer())

    def show_order(self, names: Sequence[str], others: Sequence[str]) -> None:
        """Show these models in their order; `others` can be added."""
        self._others = tuple(name for name in others if name not in names)
        at = self.list.currentRow()
        self.list.clear()
        self.list.addItems(list(names))
        self.list.setCurrentRow(min(max(at, 0), len(names) - 1))
        self._offer()

    @property
    def order(self) -> tuple[str, ...]:
        """The models as they stand there."""
        return tuple(self.list.item(at).text() for at in range(self.list.count()))

    def add(self, name: str) -> None:
        """Put a model at the end."""
        self.changed.emit((*self.order, name))

    def _choose(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name in self._others:
            menu.addAction(name, partial(self.add, name))
        menu.popup(self.add_button.mapToGlobal(self.add_button.rect().bottomLeft()))

    def _move(self, by: int) -> None:
        names, at = list(self.order), self.list.currentRow()
        if 0 <= at + by < len(names):
            names.insert(at + by, names.pop(at))
            self.list.setCurrentRow(at + by)
            self.changed.emit(tuple(names))

    def _take_off(self) -> None:
        names = list(self.order)
        if 0 <= self.list.currentRow() < len(names):
            del names[self.list.currentRow()]
            self.changed.emit(tuple(names))

    def _offer(self) -> None:
        at, last = self.list.currentRow(), self.list.count() - 1
        self.add_button.setEnabled(bool(self._others))
        self.tools["chevron-up"].setEnabled(at > 0)
        self.tools["chevron-down"].setEnabled(0 <= at < last)
        self.tools["trash"].setEnabled(at >= 0)


def _tool(theme: Theme, icon: str, title: str, do: object) -> QToolButton:
    button = QToolButton()
    theme.show_icon(button, icon)
    button.setIconSize(QSize(16, 16))
    button.setToolTip(title)
    button.setAccessibleName(title)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    button.clicked.connect(do)
    return button
