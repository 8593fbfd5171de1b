"""The upper part of the popup: the field with its buttons, and chips for all that will be sent along."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from trayassist.api import one_line
from trayassist.ui.popup.controls import Chip, icon_button, plain_tip
from trayassist.ui.popup.field import AskField
from trayassist.ui.popup.flow import Flow
from trayassist.ui.widgets.names import role_title
from trayassist.ui.widgets.theme import Theme

CHIPS = 6


class PopupHeader(QWidget):
    """Field, send and pin; chips for a chosen role or model and for files."""

    changed = Signal()  # chips came or went
    pin_toggled = Signal(bool)
    new_asked = Signal()
    models_asked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.files: list[Path] = []
        self.role: str | None = None
        self.model: str | None = None  # "" for none
        self._model_words = ""
        self.mark = QLabel()
        self.mark.setFixedSize(QSize(24, 24))
        self.field = AskField()
        self.send = icon_button(theme, "send", self.tr("Ask"))
        self.models = icon_button(theme, "chip", self.tr("Model for this question (Ctrl+M)"))
        self.models.clicked.connect(self.models_asked)
        self.new = icon_button(theme, "plus", self.tr("New conversation (Ctrl+N)"))
        self.new.clicked.connect(self.new_asked)
        self.new.hide()
        self.pin = icon_button(theme, "pin", self.tr("Keep open"))
        self.pin.setCheckable(True)
        self.send.clicked.connect(lambda: self.field.entered.emit(True))
        self.pin.clicked.connect(self._toggle_pin)
        self.field.textChanged.connect(self._enable_send)
        self.chips = Flow(self.tr("Sent along with the question"))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.field, 1)
        row.addWidget(self.send, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.models, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.new, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.pin, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 12, 14)
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(self.chips)
        theme.changed.connect(self._tint)
        self._tint()
        self._enable_send()

    def _tint(self) -> None:
        self.mark.setPixmap(self._theme.pixmap("mark", 24, "accent", self.devicePixelRatioF()))

    def event(self, event: QEvent) -> bool:
        """Draw the mark again on a screen of another scale."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._tint()
        return super().event(event)

    def show_pinned(self, *, pinned: bool) -> None:
        """Show whether the popup stays open."""
        self.pin.setChecked(pinned)
        self._theme.show_icon(self.pin, "pinned" if pinned else "pin", "accent" if pinned else "muted")
        self.pin.setToolTip(self.tr("Close when another window is clicked") if pinned else self.tr("Keep open"))

    def _toggle_pin(self) -> None:
        self.show_pinned(pinned=self.pin.isChecked())
        self.pin_toggled.emit(self.pin.isChecked())

    def _enable_send(self) -> None:
        self.send.setEnabled(bool(self.field.text().strip() or self.files))

    # ------------------------------------------------------------ chips

    def add_files(self, files: Sequence[Path]) -> None:
        """Attach files and folders; each once."""
        self.files += [file for file in dict.fromkeys(files) if file not in self.files]
        self._show_chips()

    def choose_role(self, role: str | None) -> None:
        """Send the next question to this role; None lets the router decide."""
        self.role = role
        self._show_chips()

    def choose_model(self, model: str | None, title: str = "") -> None:
        """Let this model answer the next question, "" for none; None leaves it to the settings."""
        self.model = model
        self._model_words = self.tr("{0}, for this question").format(title or self.tr("No model: quotes only"))
        self._show_chips()

    def clear_chips(self) -> None:
        """Send nothing along."""
        self.files, self.role, self.model = [], None, None
        self._show_chips()

    def _show_chips(self) -> None:
        widgets: list[QWidget] = []
        if self.role:
            chip = self._closing_chip(role_title(self.role))
            chip.clicked.connect(lambda: self.choose_role(None))
            widgets.append(chip)
        if self.model is not None:
            chip = self._closing_chip(self._model_words)
            chip.clicked.connect(lambda: self.choose_model(None))
            widgets.append(chip)
        for file in self.files[:CHIPS]:
            chip = self._closing_chip(file.name or str(file))
            chip.setToolTip(plain_tip(one_line(str(file))))
            chip.clicked.connect(lambda _checked=False, gone=file: self._remove(gone))
            widgets.append(chip)
        if len(self.files) > CHIPS:
            chip = self._closing_chip(self.tr("and {0} more").format(len(self.files) - CHIPS))
            chip.clicked.connect(lambda: self._keep(CHIPS))
            widgets.append(chip)
        self.chips.show_all(widgets)
        self._enable_send()
        self.changed.emit()

    def _closing_chip(self, text: str) -> Chip:
        chip = Chip(self._theme, text, "close", closes=True)
        chip.setAccessibleName(self.tr("Remove {0}").format(text))
        return chip

    def _remove(self, file: Path) -> None:
        self.files.remove(file)
        self._show_chips()

    def _keep(self, count: int) -> None:
        del self.files[count:]
        self._show_chips()
