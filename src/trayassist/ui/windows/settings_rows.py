"""A setting as a row: its name at the left, the control at the right, help and errors under the control."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args, get_origin

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from trayassist.config import App
from trayassist.ui.theme import SPACE
from trayassist.ui.windows.base import label

COLUMN = 720
CONTROL = 380
MOST = 1_000_000_000  # the largest number a field takes when the setting names no limit


@dataclass(frozen=True, slots=True)
class Spec:
    """How a setting is shown. Its kind, limits and (unless `help` is given) help text come from the settings model."""

    key: str
    title: str
    help: str = ""
    unit: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)


class Findable(QWidget):
    """Something on a page that the search of the window finds."""

    def __init__(self, *found_by: str) -> None:
        super().__init__()
        self.find_by(*found_by)

    def find_by(self, *words: str) -> None:
        """Say which words it is found by."""
        self._found_by = " ".join(words).lower()

    def matches(self, words: Sequence[str]) -> bool:
        """Return whether every word is in the name, help or key."""
        return all(word in self._found_by for word in words)


class Row(Findable):
    """One row. `wanted` carries a new value; `show_value` and `say_error` answer it."""

    wanted = Signal(object)

    def __init__(self, title: str, control: QWidget, help_text: str = "", *, words: Sequence[str] = ()) -> None:
        super().__init__(title, help_text, *words)
        self.control = control
        self._name = label(title)
        self._name.setBuddy(control)
        self._name.setWordWrap(True)
        self._help, self._error = label(help_text, "small", wrap=True), label("", "danger", wrap=True)
        control.setAccessibleName(title)
        control.setAccessibleDescription(help_text)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, SPACE[2], 0, SPACE[2])
        grid.setHorizontalSpacing(SPACE[4])
        grid.setVerticalSpacing(SPACE[1])
        grid.setColumnStretch(0, 1)
        grid.setColumnMinimumWidth(1, CONTROL)
        tall = isinstance(control, QLabel)
        middle, left = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignLeft
        grid.addWidget(self._name, 0, 0, Qt.AlignmentFlag.AlignTop if tall else middle)
        if isinstance(control, QPushButton):
            control.setMinimumWidth(160)
            grid.addWidget(control, 0, 1, left)
        else:
            grid.addWidget(control, 0, 1)
        grid.addWidget(self._help, 1, 1)
        grid.addWidget(self._error, 2, 1)
        self._help.setVisible(bool(help_text))
        self._error.hide()
        self.show_value: Callable[[Any], None] = lambda _: None

    def say_error(self, text: str) -> None:
        """Show a sentence under the control; "" takes it away."""
        self._error.setText(text)
        self._error.setVisible(bool(text))

    def say_help(self, text: str, look: str = "small") -> None:
        """Show another help text, such as the state of what is set."""
        self._help.setText(text)
        self._help.setVisible(bool(text))
        self._help.setProperty("look", look)
        self._help.style().polish(self._help)

    @property
    def error(self) -> str:
        return self._error.text()


def setting_row(spec: Spec) -> Row:
    """Return the row of a setting, with the control that its kind asks for."""
    section, name = spec.key.split(".")
    info = type(getattr(App(), section)).model_fields[name]
    kind, limits = info.annotation, _limits(info.metadata)
    help_text = spec.help or info.description or ""
    words = (spec.key.replace(".", " ").replace("_", " "), *spec.choices.values())
    if get_origin(kind) is Literal:
        control, connect, show = _choice(spec, [str(value) for value in get_args(kind)])
    elif kind is bool:
        control, connect, show = _switch()
    elif kind in (int, float):
        control, connect, show = _number(spec, kind is int, *limits)
    else:
        control, connect, show = _text()
    row = Row(spec.title, control, help_text, words=words)
    connect(row.wanted.emit)
    row.show_value = show
    return row


Made = tuple[QWidget, Callable[[Callable[[Any], Any]], None], Callable[[Any], None]]


def _limits(metadata: Sequence[Any]) -> tuple[float, float]:
    low, high = 0.0, float(MOST)
    for limit in metadata:
        low = getattr(limit, "ge", getattr(limit, "gt", low))
        high = getattr(limit, "le", getattr(limit, "lt", high))
    return low, high


def _switch() -> Made:
    box = QCheckBox()

    def show(value: Any) -> None:
        box.blockSignals(True)
        box.setChecked(bool(value))
        box.blockSignals(False)

    return box, lambda emit: _connect(box.toggled, emit), show


def _choice(spec: Spec, values: Sequence[str]) -> Made:
    box = _Combo()
    for value in values:
        box.addItem(spec.choices.get(value, value), value)

    def show(value: Any) -> None:
        box.blockSignals(True)
        box.setCurrentIndex(box.findData(value))
        box.blockSignals(False)

    return box, lambda emit: _connect(box.currentIndexChanged, lambda _: emit(box.currentData())), show


def _number(spec: Spec, whole: bool, low: float, high: float) -> Made:
    box: QSpinBox | QDoubleSpinBox
    if whole:
        box = _Spin()
        box.setRange(int(low), int(min(high, MOST)))
    else:
        box = _DoubleSpin()
        box.setDecimals(0 if low >= 1 else 1)
        box.setRange(low or 0.1, min(high, MOST))
    box.setKeyboardTracking(False)  # a number is written when it is complete
    box.setSuffix(f" {spec.unit}" if spec.unit else "")
    box.setAlignment(Qt.AlignmentFlag.AlignRight)
    box.setFixedWidth(150)

    def show(value: Any) -> None:
        box.blockSignals(True)
        box.setValue(value)
        box.blockSignals(False)

    return box, lambda emit: _connect(box.valueChanged, emit), show


def _text() -> Made:
    line = QLineEdit()

    def show(value: Any) -> None:
        if line.text() != value:
            line.setText(value)

    return line, lambda emit: _connect(line.editingFinished, lambda: emit(line.text().strip())), show


def _connect(signal: Any, slot: Callable[..., Any]) -> None:
    signal.connect(slot)


class _Combo(QComboBox):
    """A list that the wheel scrolls past: only a click or a key changes a setting."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        event.ignore()


class _Spin(QSpinBox):
    """A number that the wheel scrolls past."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        event.ignore()


class _DoubleSpin(QDoubleSpinBox):
    """A number that the wheel scrolls past, without digits it does not need."""

    def textFromValue(self, value: float) -> str:
        """Return 60 rather than 60.0."""
        return f"{value:g}" if value < 1e6 else f"{value:.0f}"

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        event.ignore()


class Page(QScrollArea):
    """A page of settings in one column; `look_for` hides the rows that are not about some words."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.title = title
        self.rows: list[Findable] = []
        self._others: list[QWidget] = []
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column, inner = QWidget(), QWidget()
        column.setObjectName("column")
        inner.setMaximumWidth(COLUMN)
        self._layout = QVBoxLayout(inner)
        self._layout.setContentsMargins(SPACE[5], SPACE[4], SPACE[5], SPACE[4])
        self._layout.setSpacing(0)
        outer = QVBoxLayout(column)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(inner)
        outer.addStretch(1)
        self._layout.addWidget(label(title, "title"))
        self._layout.addSpacing(SPACE[2])
        self.setWidget(column)

    def add(self, widget: QWidget) -> None:
        """Add a row, or something that is none (it hides while something is looked for)."""
        self._layout.addWidget(widget)
        if isinstance(widget, Findable):
            self.rows.append(widget)
        else:
            self._others.append(widget)

    def heading(self, text: str) -> None:
        """Begin a group of rows."""
        heading = label(text, "heading")
        heading.setContentsMargins(0, SPACE[4], 0, 0)
        self.add(heading)

    def look_for(self, words: Sequence[str]) -> int:
        """Show the rows about all of `words` (all rows without words); return how many there are."""
        whole = all(word in self.title.lower() for word in words)  # a page that is named is shown as it is
        for other in self._others:
            other.setVisible(whole)
        for row in self.rows:
            row.setVisible(whole or row.matches(words))
        return len(self.rows) if whole else sum(row.matches(words) for row in self.rows)
