"""Everything a role says besides its model: how long it stays loaded, how it answers, who stands in for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QAbstractSpinBox, QWidget

from trayassist.models.registry.schema import RoleSettings
from trayassist.models.serving.state import ModelState
from trayassist.ui.settings import controls
from trayassist.ui.settings.acceleration import AccelerationForm
from trayassist.ui.settings.fallback import Fallbacks
from trayassist.ui.settings.rows import Row, control_row
from trayassist.ui.widgets.formats import number, tr
from trayassist.ui.widgets.window import column, label

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
        self.rows: dict[str, Row] = {}
        self._complete, self._state = False, state
        self.setLayout(column(spacing=0))
        for name, title, help_text, more in _specs(window):
            self._add(name, title, help_text, more)
        self._context_help = self.rows["context_length"].help
        context = self.rows["context_length"].control
        assert isinstance(context, QAbstractSpinBox)
        context.lineEdit().textEdited.connect(lambda text: preview(_typed(text)))
        context.editingFinished.connect(lambda: preview(None))

    def complete(self) -> None:
        """Add the rest, in a turn of its own: what is asked in turn, and what makes answers faster."""
        if self._complete:
            return
        self._complete = True
        window, role = self._window, self._role
        self.fallbacks = Fallbacks(window.theme, tr("{}: asked in turn").format(role))
        line = Row(tr("Asked in turn"), self.fallbacks, tr("When the role's model cannot answer. Never a premium one."))
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

    def _bind(self, name: str, title: str, line: Row) -> None:
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


def _typed(text: str) -> int | None:
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
