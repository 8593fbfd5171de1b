"""The list at the left of a window: an icon and a name for each page, keyboard first."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStackedWidget, QWidget

from trayassist.ui.widgets.theme import Theme

WIDTH = 212


class Sidebar(QListWidget):
    """Names and icons of pages; the current row is the page shown in `stack`. Ctrl+PageUp/PageDown step."""

    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__()
        self.stack = QStackedWidget()
        self._theme = theme
        self._icons: list[str] = []
        self.setObjectName("sidebar")
        self.setAccessibleName(title)
        self.setFixedWidth(WIDTH)
        self.setIconSize(QSize(20, 20))
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.currentRowChanged.connect(self._show)
        for keys, by in (("Ctrl+PgDown", 1), ("Ctrl+PgUp", -1)):
            QShortcut(QKeySequence(keys), self.stack, lambda by=by: self.step(by))
        theme.changed.connect(self._tint)

    def add(self, icon: str, name: str, page: QWidget | None = None) -> None:
        """Add an entry; one without a page of its own (a saved filter) shows the page before it."""
        item = QListWidgetItem(self._theme.icon(icon, "muted"), name)
        item.setToolTip(name)
        if page is not None:
            self.stack.addWidget(page)
        item.setData(Qt.ItemDataRole.UserRole, self.stack.count() - 1)
        self._icons.append(icon)
        self.addItem(item)

    def step(self, by: int) -> None:
        """Go to the next (1) or previous (-1) visible entry."""
        row = self.currentRow() + by
        while 0 <= row < self.count():
            if not self.item(row).isHidden():
                self.setCurrentRow(row)
                return
            row += by

    def _show(self, row: int) -> None:
        if row >= 0:
            self.stack.setCurrentIndex(self.item(row).data(Qt.ItemDataRole.UserRole))

    def _tint(self) -> None:
        for row, icon in enumerate(self._icons):
            self.item(row).setIcon(self._theme.icon(icon, "muted"))
