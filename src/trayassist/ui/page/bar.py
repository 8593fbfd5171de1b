"""The row of controls over the page: citations, pages, zoom, copy, open elsewhere."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QToolButton

from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.theme import SPACE, Theme
from trayassist.ui.widgets.window import label


class PageBar(QFrame):
    """Buttons only; what they do is the window's. Every control has a name, and its key in the tool tip."""

    cited = Signal(int)  # one citation on (1) or back (-1)
    turned = Signal(int)  # go to this page
    zoomed = Signal(int)  # larger (1), smaller (-1), the width of the window (0)
    copied = Signal()
    outside = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("bar")
        self._theme = theme
        self.previous_button = self._tool("chevron-left", tr("Previous citation (P)"), lambda: self.cited.emit(-1))
        self.next_button = self._tool("chevron-right", tr("Next citation (N)"), lambda: self.cited.emit(1))
        self._citation = label("")
        self._number = 1
        self.page_field = QLineEdit()
        self.page_field.setValidator(QIntValidator(1, 10_000_000, self))
        self.page_field.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.page_field.setAccessibleName(tr("Page"))
        self.page_field.setToolTip(tr("Page (PageUp and PageDown turn pages)"))
        self.page_field.editingFinished.connect(self._turn)
        self.page_count = label("")
        self._smaller = self._tool("minus", tr("Smaller (Ctrl+−)"), lambda: self.zoomed.emit(-1))
        self._larger = self._tool("plus", tr("Larger (Ctrl++)"), lambda: self.zoomed.emit(1))
        self._zoom = QPushButton("100 %")
        self._zoom.setProperty("look", "link")
        self._zoom.setToolTip(tr("Fit the width (Ctrl+0)"))
        self._zoom.clicked.connect(lambda: self.zoomed.emit(0))
        self.copy_button = self._tool(
            "copy", tr("Copy the passage (Ctrl+C; Ctrl+Shift+C copies the page)"), self.copied.emit
        )
        self._open = self._tool("external", tr("Open in my viewer (Ctrl+O)"), self.outside.emit)
        self._lay_out()

    def say_citation(self, index: int, of: int) -> None:
        """Show which citation is shown, 0-based; `of` 0 hides the part."""
        self._citation.setText(tr("Citation {} of {}").format(index + 1, of))
        for widget in (self.previous_button, self.next_button, self._citation):
            widget.setVisible(of > 1)
        self.previous_button.setEnabled(index > 0)
        self.next_button.setEnabled(index < of - 1)

    def use_page(self, there: bool) -> None:
        """Switch what needs a page on or off."""
        for widget in (self._smaller, self._zoom, self._larger, self.copy_button, self.page_field):
            widget.setEnabled(there)

    def say_page(self, page: int, pages: int) -> None:
        """Show the page number; `pages` 0 is not known yet."""
        self._number = page
        self.page_field.setText(str(page))
        digits = len(str(max(page, pages, 100)))
        self.page_field.setFixedWidth(
            self.page_field.fontMetrics().horizontalAdvance("0") * (digits + 1) + 2 * SPACE[3]
        )
        self.page_count.setText(tr("of {}").format(pages) if pages else "")

    def _turn(self) -> None:
        """Go to the page that was typed; one that is not there stays what it was."""
        wanted = int(self.page_field.text() or 0)
        self.page_field.setText(str(self._number))
        if wanted != self._number:
            self.turned.emit(wanted)

    def say_zoom(self, zoom: float) -> None:
        """Show the zoom; 1 is the width of the window."""
        self._zoom.setText(tr("Fit width") if abs(zoom - 1) < 1e-6 else f"{zoom * 100:.0f} %")
        self._zoom.setAccessibleName(tr("Zoom {}, press to fit the width").format(self._zoom.text()))

    def _tool(self, icon: str, name: str, action: object) -> QToolButton:
        button = QToolButton()
        button.setAccessibleName(name.split(" (")[0])
        button.setToolTip(name)
        self._theme.show_icon(button, icon)
        button.clicked.connect(action)
        return button

    def _lay_out(self) -> None:
        line = QHBoxLayout(self)
        line.setContentsMargins(SPACE[3], SPACE[1], SPACE[3], SPACE[1])
        line.setSpacing(SPACE[1])
        for widget in (self.previous_button, self._citation, self.next_button):
            line.addWidget(widget)
        line.addStretch(1)
        title: QLabel = label(tr("Page"))
        title.setBuddy(self.page_field)
        for item in (title, self.page_field, self.page_count):
            line.addWidget(item)
        line.addStretch(1)
        for control in (self._smaller, self._zoom, self._larger):
            line.addWidget(control)
        line.addSpacing(SPACE[3])
        for control in (self.copy_button, self._open):
            line.addWidget(control)
