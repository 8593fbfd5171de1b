"""The controls of settings: a switch, a choice, a number, a text, a list. A `Field` describes each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

from trayassist.api import Setting
from trayassist.ui.widgets import formats
from trayassist.ui.widgets.names import elide_apart

MOST = 1_000_000_000  # the largest number a field takes when the setting names no limit
NUMBER_WIDTH = 180
LINES_SHOWN = 3
MARGIN = 4  # of a text in a box of choices, in logical pixels


@dataclass(frozen=True, slots=True)
class Field:
    """What a control is for. `unset` is what a number shows that is None; without it there is always a value.

    From there the arrows go to `start`. A `step` of 0 is the usual one.
    """

    kind: Literal["switch", "choice", "whole", "number", "text", "list"]
    low: float = 0.0
    high: float = MOST
    unit: str = ""
    choices: Mapping[Any, str] = field(default_factory=dict)
    unset: str = ""
    start: float = 0.0
    step: float = 0.0


@dataclass(frozen=True, slots=True)
class Control:
    """A widget that shows a value (`show`) and tells a new one (`connect` once)."""

    widget: QWidget
    connect: Callable[[Callable[[Any], Any]], object]
    show: Callable[[Any], None]


def of_model(info: FieldInfo, *, unit: str = "", choices: Mapping[str, str] | None = None, unset: str = "") -> Field:
    """Return the field for a key of a settings file, with the limits that the file's own check has."""
    kind, words = _without_none(info.annotation), choices or {}
    low, high = 0.0, float(MOST)
    for limit in info.metadata:
        low = getattr(limit, "ge", getattr(limit, "gt", low))
        high = getattr(limit, "le", getattr(limit, "lt", high))
    if get_origin(kind) is Literal:
        return Field("choice", choices={value: words.get(value, str(value)) for value in get_args(kind)})
    if kind is bool:
        return Field("switch")
    if kind in (int, float):
        return Field("whole" if kind is int else "number", low, min(high, MOST), unit, unset=unset)
    return Field("text")


def of_plugin(setting: Setting) -> Field:
    """Return the field for a setting that a plugin declares."""
    low = -MOST if setting.least is None else setting.least
    high = MOST if setting.most is None else setting.most
    kinds = {bool: "switch", int: "whole", float: "number", tuple: "list"}
    kind: Any = kinds.get(type(setting.default), "choice" if setting.choices else "text")
    return replace(Field(kind, low, high, setting.unit), choices=setting.choices)


def make(wanted: Field) -> Control:
    """Return the control for a field."""
    match wanted.kind:
        case "switch":
            return _switch()
        case "choice":
            return _choice(wanted)
        case "whole" | "number":
            return _number(wanted)
        case "list":
            return _list()
        case _:
            return _text()


def _without_none(kind: Any) -> Any:
    if isinstance(kind, UnionType):
        return next(part for part in get_args(kind) if part is not NoneType)
    return kind


def _switch() -> Control:
    box = QCheckBox()

    def show(value: Any) -> None:
        box.blockSignals(True)
        box.setChecked(bool(value))
        box.blockSignals(False)

    return Control(box, box.toggled.connect, show)


def _choice(wanted: Field) -> Control:
    box = Combo()
    for value, text in wanted.choices.items():
        box.addItem(text, value)

    def show(value: Any) -> None:
        box.blockSignals(True)
        box.setCurrentIndex(box.findData(value))
        box.blockSignals(False)

    return Control(box, lambda emit: box.currentIndexChanged.connect(lambda _: emit(box.currentData())), show)


def _number(wanted: Field) -> Control:
    """A number is written when it is complete. The step below the least one is "not set", where that is allowed."""
    box: Spin | DoubleSpin
    if wanted.kind == "whole":
        box, step = Spin(), 1.0
        box.setRange(int(wanted.low), int(wanted.high))
    else:
        box = DoubleSpin()
        digits = 0 if wanted.low >= 1 else 2 if wanted.high <= 2 else 1
        box.setDecimals(digits)
        step = 10.0**-digits
        box.setSingleStep(0.1 if digits else 1)
        box.setRange(wanted.low if wanted.low or wanted.high <= 2 else step, wanted.high)
    if wanted.step:
        box.setSingleStep(wanted.step)  # type: ignore[arg-type]  # whole for a whole number, here and below
    if wanted.unset:
        box.setSpecialValueText(wanted.unset)
        box.setMinimum(box.minimum() - step)  # type: ignore[arg-type]
        box.start = wanted.start
    box.setKeyboardTracking(False)
    box.setGroupSeparatorShown(True)
    box.setSuffix(f" {wanted.unit}" if wanted.unit else "")
    box.setAlignment(Qt.AlignmentFlag.AlignRight)
    box.setFixedWidth(NUMBER_WIDTH)

    def show(value: Any) -> None:
        box.blockSignals(True)
        shown = box.minimum() if value is None else value
        box.setValue(shown)  # type: ignore[arg-type]  # a whole number where it is one
        box.blockSignals(False)

    def value(number: float) -> float | None:
        return None if wanted.unset and number <= box.minimum() else number

    return Control(box, lambda emit: box.valueChanged.connect(lambda number: emit(value(number))), show)


def _text() -> Control:
    line = QLineEdit()

    def show(value: Any) -> None:
        if line.text() != value:
            line.setText(value)

    return Control(line, lambda emit: line.editingFinished.connect(lambda: emit(line.text().strip())), show)


def _list() -> Control:
    lines = Lines()
    return Control(lines, lines.edited.connect, lines.show_entries)


class Lines(QPlainTextEdit):
    """A list of texts, one a line. `edited` carries the new list when the field is left."""

    edited = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[str, ...] = ()
        self.setProperty("look", "lines")
        self.setProperty("tall", True)
        self.setTabChangesFocus(True)
        self.setFixedHeight(self.fontMetrics().lineSpacing() * LINES_SHOWN + 24)

    def show_entries(self, entries: Sequence[str]) -> None:
        """Show these entries."""
        self._shown = tuple(entries)
        self.setPlainText("\n".join(entries))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Tell the list when it was changed; empty lines are none."""
        super().focusOutEvent(event)
        entries = tuple(line.strip() for line in self.toPlainText().splitlines() if line.strip())
        if entries != self._shown:
            self._shown = entries
            self.edited.emit(entries)


class Combo(QComboBox):
    """A list that the wheel scrolls past: only a click or a key changes a setting. Opened, it is never too narrow."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)
        self.currentTextChanged.connect(self.setToolTip)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the box; a text that is longer than it has dots, where it does not differ from other entries."""
        painter, option = QStylePainter(self), QStyleOptionComboBox()
        self.initStyleOption(option)
        part = QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, self).width() - MARGIN
        if not option.currentIcon.isNull():
            room -= option.iconSize.width() + MARGIN
        others = [self.itemText(at) for at in range(self.count())]
        width = self.fontMetrics().horizontalAdvance
        option.currentText = elide_apart(option.currentText, others, lambda text: width(text) <= room)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()

    def showPopup(self) -> None:
        """Open the list as wide as its longest entry."""
        self.view().setMinimumWidth(self.view().sizeHintForColumn(0) + 2 * MARGIN)
        super().showPopup()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        event.ignore()


class Spin(QSpinBox):
    """A number that the wheel scrolls past, written as the rest of the window writes numbers: 2,000."""

    start = 0.0

    def __init__(self) -> None:
        super().__init__()
        self.setGroupSeparatorShown(True)

    def stepBy(self, steps: int) -> None:
        """Go from "not set" to the usual value first."""
        unset = self.specialValueText() and self.value() == self.minimum()
        if unset and steps > 0:
            self.setValue(int(self.start))
        else:
            super().stepBy(steps)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        event.ignore()


class DoubleSpin(QDoubleSpinBox):
    """A number that the wheel scrolls past, without digits it does not need."""

    start = 0.0

    def stepBy(self, steps: int) -> None:
        """Go from "not set" to the usual value first."""
        unset = self.specialValueText() and self.value() <= self.minimum()
        if unset and steps > 0:
            self.setValue(self.start)
        else:
            super().stepBy(steps)

    def textFromValue(self, value: float) -> str:
        """Return 60 rather than 60.0, as the locale writes it."""
        return formats.decimal(value, self.decimals())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        event.ignore()
