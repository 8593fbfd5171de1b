"""The settings of a role besides its model: how long it stays loaded, how it answers, its fallbacks, acceleration."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QAbstractSpinBox, QListWidget, QListWidgetItem, QMenu, QPushButton, QToolButton, QWidget

from trayassist.models.gguf import drafts
from trayassist.models.registry.resolve import file_of
from trayassist.models.registry.schema import Draft, PromptLookup, RoleSettings
from trayassist.models.serving.state import ModelState
from trayassist.ui.settings import controls
from trayassist.ui.settings.controls import Combo
from trayassist.ui.settings.rows import SettingRow, control_row
from trayassist.ui.widgets.formats import decimal, number, percent, tr
from trayassist.ui.widgets.local import local
from trayassist.ui.widgets.names import model_title, model_titles, role_title
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
        self.fallbacks = Fallbacks(window.theme, tr("{}: asked in turn").format(role_title(role)))
        line = SettingRow(
            tr("Asked in turn"), self.fallbacks, tr("When the model above cannot answer. Never one that costs money.")
        )
        line.show_value = lambda names: self.fallbacks.show_order(names or (), self._others(), self._titles())
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
        accessible = tr("{role}: {setting}").format(role=role_title(self._role), setting=title)
        line.control.setAccessibleName(accessible)
        usual, show = RoleSettings.model_fields[name].default, line.show_value
        line.show_value = lambda value: show(usual if value is None else value)
        self.rows[name] = line
        self._window.bind(("roles", self._role, name), accessible, line)
        self._box().addWidget(line)

    def _others(self) -> list[str]:
        registry = self._window.assistant.registry
        own = registry.role(self._role).model
        return [name for name in registry.models if name != own and registry.provider(name).kind == "local"]

    def _titles(self) -> dict[str, str]:
        return model_titles(self._window.assistant.registry.models)

    def _box(self) -> Any:
        return self.layout()


def titles() -> list[str]:
    """Return what the rows are called, for the search of the window."""
    return [
        tr("Stays loaded") + " residency hot warm cold",
        tr("Temperature, longest answer, context, time limit, queue, at once") + " lane",
        tr("Asked in turn") + " fallback",
        tr("Faster answers: draft model, draft from the prompt") + " speculation acceleration",
    ]


def _typed_number(text: str) -> int | None:
    digits = "".join(c for c in text if c.isdigit())
    return int(digits) if digits else None


def _specs(window: SettingsWindow) -> list[tuple[str, str, str, dict[str, Any]]]:
    """Return the rows that are a control each: key, title, help, and more about the control."""
    usual = window.assistant.registry.runtime_defaults

    def unset(value: float) -> dict[str, Any]:
        shown = number(int(value)) if value >= 128 else decimal(value, 2)
        return {"unset": tr("usual ({})").format(shown), "start": value}

    residences = {"hot": tr("Always"), "warm": tr("Until it is idle"), "cold": tr("Only by the button")}
    lanes = {"heavy": tr("Long answers"), "light": tr("Short tasks"), "io": tr("Tools")}
    return [
        ("residency", tr("Stays loaded"), tr("“Always” loads it at start; “until it is idle” takes it out of memory "
            "when it is not used."), {"choices": residences}),
        ("temperature", tr("Temperature"), tr("0 is the likeliest answer each time, 1 is lively."),
            unset(usual.temperature)),
        ("max_tokens", tr("Longest answer"), "", {**unset(usual.max_tokens), "unit": tr("tokens"), "step": 256}),
        ("context_length", tr("Context"), tr("Question, passages and answer together. More takes more memory: the bar "
            "above shows it while you type."), {**unset(usual.context_length), "unit": tr("tokens"), "step": 1024}),
        ("timeout_s", tr("Time limit"), tr("Loading left out."),
            {**unset(usual.timeout_s), "unit": tr("s"), "step": 10}),
        ("max_concurrent", tr("At once"), tr("Requests of this role that run at the same time."), {}),
        ("lane", tr("Queue"), tr("Short tasks do not wait for long answers."), {"choices": lanes}),
    ]  # fmt: skip


SHOWN = 3


class Fallbacks(QWidget):
    """The list with its buttons, of models by their titles. `changed` carries the new order, by their names."""

    changed = Signal(object)

    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__()
        self.setProperty("tall", True)
        self._others: tuple[str, ...] = ()
        self._titles: Mapping[str, str] = {}
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

    def show_order(self, names: Sequence[str], others: Sequence[str], titles: Mapping[str, str]) -> None:
        """Show these models in their order, by their titles; `others` can be added."""
        self._titles = titles
        self._others = tuple(name for name in others if name not in names)
        at = self.list.currentRow()
        self.list.clear()
        for name in names:
            item = QListWidgetItem(titles.get(name, name), self.list)
            item.setData(Qt.ItemDataRole.UserRole, name)
        self.list.setCurrentRow(min(max(at, 0), len(names) - 1))
        self._offer()

    @property
    def order(self) -> tuple[str, ...]:
        """The models as they stand there."""
        return tuple(self.list.item(at).data(Qt.ItemDataRole.UserRole) for at in range(self.list.count()))

    def add(self, name: str) -> None:
        """Put a model at the end."""
        self.changed.emit((*self.order, name))

    def _choose(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name in self._others:
            menu.addAction(self._titles.get(name, name).replace("&", "&&"), partial(self.add, name))
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


class AccelerationForm(QWidget):
    """The rows of one role's acceleration. `follow` shows the registry in force, `show_state` what came of it."""

    def __init__(self, window: SettingsWindow, role: str) -> None:
        super().__init__()
        self._window, self._role = window, role
        self.key = ("roles", role, "acceleration")
        self.picker = Combo()
        self.check_button = QPushButton(tr("Check the pair"))
        self.check_button.setAccessibleName(tr("{}: check the pair of model and draft").format(role_title(role)))
        self.check_button.clicked.connect(lambda: window.run(self.check()))
        self.draft = SettingRow(tr("Draft model"), self.picker, tr("A small model of the same vocabulary drafts, the "
                         "large one checks: the same answer, sooner, where the pair fits."))  # fmt: skip
        self._verdict = label("", wrap=True)
        self._summary = label("", "small", wrap=True)
        self.drafted = self._number("k", tr("Tokens drafted at once"), "")
        self.least = self._number("min_accept", tr("Least share accepted"), tr("Below it drafting is switched off."))
        self.lookup = self._lookup()
        box = column(self.draft, self._verdict, spacing=0)
        box.insertLayout(1, row(None, self.check_button))
        for line in (self.drafted, self.least, self.lookup, self._summary):
            box.addWidget(line)
        self.setLayout(box)
        window.bind((*self.key, "draft"), tr("{}: draft model").format(role_title(role)), self.draft)
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
                title = model_title(name, model)
                self.picker.addItem(title if model.kind != "draft" else tr("{} (for drafting)").format(title), name)
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
            parts.append(tr("Now: {}.").format(local(state.speculation)))
        if state is not None and state.drafted:
            share, drafted = percent(state.accepted / state.drafted), number(state.drafted)
            parts.append(tr("Right were {share} of {drafted} drafted tokens.").format(share=share, drafted=drafted))
        self._summary.setText(" ".join(parts))
        self._summary.setVisible(bool(parts))

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
                file_of(paths, target),
                file_of(paths, small),
                families=(target.family, small.family),
                rules=registry.draft_rules,
            )
        finally:
            self.check_button.setEnabled(True)
            self._verdict.hide()
        if not found.compatible:
            self._say(tr("They are no pair: {}.").format("; ".join(map(local, found.reasons))), "danger")
        elif found.warnings:
            self._say(tr("They fit. {}").format(" ".join(map(local, found.warnings))), "amber")
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
        self._window.bind((*self.key, "draft", name), f"{role_title(self._role)}: {title}", line)
        return line

    def _lookup(self) -> SettingRow:
        info = PromptLookup.model_fields["enabled"]
        help_text = tr("Words of the prompt are tried first: good for answers that repeat a text, such as corrections.")
        line = control_row(tr("Draft from the prompt"), controls.of_model(info), help_text)
        title = tr("{}: draft from the prompt").format(role_title(self._role))
        self._window.bind((*self.key, "prompt_lookup", "enabled"), title, line)
        return line
