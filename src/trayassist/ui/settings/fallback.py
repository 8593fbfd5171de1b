"""The models that are asked in turn when a role's own cannot answer: a short list in an order, by keyboard too."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QListWidget, QMenu, QPushButton, QToolButton, QWidget

from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.theme import Theme
from trayassist.ui.widgets.window import column, row

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
