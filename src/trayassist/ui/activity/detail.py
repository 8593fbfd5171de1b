"""One record of the audit log, all its fields by name."""

from __future__ import annotations

import json
import re
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QPushButton, QScrollArea, QWidget

from trayassist.safety.audit_log import Record
from trayassist.ui.activity.texts import event_name
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.theme import SPACE
from trayassist.ui.widgets.window import Window, column, label, row

LONG = re.compile(r"\S{20}(?=\S)")
FIRST = ("ts", "event", "risk_level", "tags", "reason", "notes", "role", "actual_model", "run_id")


class Detail(QWidget):
    """The fields of a record, those people ask for first; `whole` asks for all records of its exchange."""

    whole = Signal(str)

    def __init__(self, window: Window) -> None:
        super().__init__()
        self._window = window
        self._record: Record | None = None
        self._title = label("", "title", wrap=True)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setAccessibleName(tr("Fields of the record"))
        self._copy, self._whole = QPushButton(tr("C&opy")), QPushButton(tr("&Whole exchange"))
        self._copy.setToolTip(tr("Copy the record as JSON"))
        self._whole.setToolTip(tr("Show all records of this exchange"))
        self._copy.clicked.connect(self._copy_record)
        self._whole.clicked.connect(self._ask_whole)
        layout = column(self._title, self._area, spacing=2)
        layout.setStretch(1, 1)
        layout.addLayout(row(self._copy, self._whole, None))
        layout.setContentsMargins(SPACE[3], 0, 0, 0)
        self.setLayout(layout)
        self.setMinimumWidth(260)
        self.show_record(None)

    def show_record(self, record: Record | None) -> None:
        """Show a record, or a hint while none is picked."""
        self._record = record
        self._copy.setVisible(record is not None)
        self._whole.setVisible(record is not None and bool(record.run))
        self._title.setText(event_name(record.event) if record else "")
        self._area.setWidget(self._table(record) if record else _hint())

    def _table(self, record: Record) -> QWidget:
        box = QWidget()
        box.setObjectName("column")
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 0, SPACE[2], 0)
        grid.setHorizontalSpacing(SPACE[3])
        grid.setVerticalSpacing(SPACE[1])
        grid.setColumnStretch(1, 1)
        names = [name for name in FIRST if name in record.fields]
        names += [name for name in record.fields if name not in FIRST]
        at = 0
        for name in names:
            if (text := _text(name, record.fields[name])) == "":
                continue
            key, value = label(name, "muted"), label(breakable(text), wrap=True)
            value.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            value.setAccessibleName(f"{name}: {text}")
            grid.addWidget(key, at, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(value, at, 1, Qt.AlignmentFlag.AlignTop)
            at += 1
        grid.setRowStretch(at, 1)
        return box

    def _ask_whole(self) -> None:
        if self._record is not None:
            self.whole.emit(self._record.run)

    def _copy_record(self) -> None:
        if self._record is not None:
            text = json.dumps(self._record.fields, ensure_ascii=False, indent=2)
            QGuiApplication.clipboard().setText(text)
            self._window.notice.say(tr("The record is copied as JSON."))


def _hint() -> QWidget:
    hint = label(tr("Pick a record to see its fields."), "muted", wrap=True)
    hint.setObjectName("column")
    hint.setAlignment(Qt.AlignmentFlag.AlignTop)
    return hint


def breakable(text: str) -> str:
    """Return the text with places where a long word (a hash, a path) may go on in the next line."""
    return LONG.sub(lambda piece: piece.group() + "\u200b", text)


def _text(name: str, value: Any) -> str:
    if value is None or value == "" or value == []:
        return ""
    if name == "ts":
        return str(value).replace("T", " ")
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return f"{value:g}" if isinstance(value, float) else str(value)
