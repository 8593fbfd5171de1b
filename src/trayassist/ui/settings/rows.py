"""A setting as a row: its name at the left, the control at the right, help and errors under the control."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractSpinBox, QGridLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from trayassist.config import App
from trayassist.ui.settings import controls
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.local import local
from trayassist.ui.widgets.theme import SPACE
from trayassist.ui.widgets.window import label

COLUMN = 720
CONTROL = 380
ANY_WIDTH = 16_777_215  # Qt's QWIDGETSIZE_MAX: no limit
NARROW = 560  # below it a control stands under its name, not beside it


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


class SettingRow(Findable):
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
        if isinstance(control, QPushButton):
            control.setMinimumWidth(160)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, SPACE[2], 0, SPACE[2])
        self._grid.setHorizontalSpacing(SPACE[4])
        self._grid.setVerticalSpacing(SPACE[1])
        self._narrow: bool | None = None
        self._place(False)
        self._help.setVisible(bool(help_text))
        self._error.hide()
        self.show_value: Callable[[Any], None] = lambda _: None
        self.to_value: Callable[[Any], Any] = lambda value: value  # of the control's value, what is written

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the control under its name where there is no room beside it."""
        super().resizeEvent(event)
        self._place(self.width() < NARROW)

    def minimumSizeHint(self) -> QSize:
        """Return the least size with the control under its name, so that a row can be pressed into that."""
        parts = (self._name, self.control, self._help, self._error)
        least = max(part.minimumSizeHint().width() for part in parts if not part.isHidden())
        return QSize(least, super().minimumSizeHint().height())

    def _place(self, narrow: bool) -> None:
        if narrow == self._narrow:
            return
        self._narrow = narrow
        grid, column = self._grid, 0 if narrow else 1
        tall = isinstance(self.control, QLabel) or self.control.property("tall") is True
        start, left = Qt.AlignmentFlag.AlignTop, Qt.AlignmentFlag.AlignLeft
        grid.setColumnStretch(0, 1)
        grid.setColumnMinimumWidth(1, 0 if narrow else CONTROL)
        grid.addWidget(self._name, 0, 0, start if tall else Qt.AlignmentFlag.AlignVCenter)
        for part in (self._help, self._error):  # long words must not push the columns of rows apart
            part.setMaximumWidth(ANY_WIDTH if narrow else CONTROL)
        where = left if isinstance(self.control, QPushButton | QAbstractSpinBox) else Qt.AlignmentFlag(0)
        for at, widget in enumerate((self.control, self._help, self._error), start=1 if narrow else 0):
            grid.addWidget(widget, at, column, where if widget is self.control else Qt.AlignmentFlag(0))

    def say_error(self, text: str) -> None:
        """Show a sentence under the control; "" takes it away."""
        self._error.setText(local(text))
        self._error.setVisible(bool(text))

    def say_help(self, text: str, look: str = "small") -> None:
        """Show another help text, such as the state of what is set."""
        self._help.setText(text)
        self._help.setVisible(bool(text))
        self._help.setProperty("look", look)
        self._help.style().polish(self._help)

    @property
    def help(self) -> str:
        return self._help.text()

    @property
    def error(self) -> str:
        return self._error.text()


def setting_row(spec: Spec) -> SettingRow:
    """Return the row of a setting of app.yaml, with the control that its kind asks for."""
    section, name = spec.key.split(".")
    info = type(getattr(App(), section)).model_fields[name]
    field_ = controls.of_model(info, unit=spec.unit, choices=spec.choices)
    words = (spec.key.replace(".", " ").replace("_", " "), *spec.choices.values())
    return control_row(spec.title, field_, spec.help or (tr(info.description) if info.description else ""), words)


def control_row(title: str, wanted: controls.Field, help_text: str, words: Sequence[str] = ()) -> SettingRow:
    """Return the row of anything that a control can show and change."""
    control = controls.make(wanted)
    row = SettingRow(title, control.widget, help_text, words=words)
    control.connect(row.wanted.emit)
    row.show_value = control.show
    return row


def text_row(title: str, text: str, button: QPushButton | None = None) -> SettingRow:
    """Return a row that tells something: text that can be selected, or a button with the text under it."""
    if button is not None:
        return SettingRow(title, button, text)
    line = label(text, wrap=True)
    line.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    line.setMaximumWidth(CONTROL)
    row = SettingRow(title, line, words=(text,))
    line.setAccessibleName(f"{title}: {text}")
    return row


class SettingsPage(QScrollArea):
    """A page of settings in one column, in groups under headings; `look_for` hides what is not about some words."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.title = title
        self.rows: list[Findable] = []
        self._later: list[Callable[[], None]] = []
        self._others: dict[QWidget, QWidget] = {}  # what is no row, in a holder: it may hide and show by itself
        self._headings: dict[QWidget, list[Findable]] = {}  # each with the rows that stand under it
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
        if isinstance(widget, Findable):
            self._layout.addWidget(widget)
            self.rows.append(widget)
            if self._headings:
                self._headings[next(reversed(self._headings))].append(widget)
        else:
            holder = self._others[widget] = QWidget()
            box = QVBoxLayout(holder)
            box.setContentsMargins(0, 0, 0, 0)
            box.addWidget(widget)
            self._layout.addWidget(holder)

    def later(self, step: Callable[[], None]) -> None:
        """Add more of the page in a later turn of the loop: one step at a time, none longer than a frame."""
        self._later.append(step)

    def step(self) -> bool:
        """Do the next step of building; return whether there was one."""
        if not self._later:
            return False
        self._later.pop(0)()
        return True

    def take_out(self, widget: QWidget) -> None:
        """Remove what `add` added."""
        if isinstance(widget, Findable):
            self.rows.remove(widget)
            for rows in self._headings.values():
                if widget in rows:
                    rows.remove(widget)
        else:
            widget = self._others.pop(widget)
        self._layout.removeWidget(widget)
        widget.hide()
        widget.deleteLater()

    def heading(self, text: str) -> QLabel:
        """Begin a group of rows; its heading is seen while one of its rows is."""
        heading = label(text, "heading")
        heading.setContentsMargins(0, SPACE[4], 0, 0)
        self._layout.addWidget(heading)
        self._headings[heading] = []
        return heading

    def look_for(self, words: Sequence[str]) -> int:
        """Show the rows about all of `words` (all rows without words); return how many there are."""
        whole = all(word in self.title.lower() for word in words)  # a page that is named is shown as it is
        found = [row for row in self.rows if whole or row.matches(words)]
        for row in self.rows:
            row.setVisible(row in found)
        for heading, rows in self._headings.items():
            heading.setVisible(whole or any(row in found for row in rows))
        for holder in self._others.values():
            holder.setVisible(whole)
        return len(found)
