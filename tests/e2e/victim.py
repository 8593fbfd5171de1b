"""Another program's window that has the focus: it writes every key it gets to standard output, one JSON line each."""

from __future__ import annotations

import json
import sys

from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QPlainTextEdit


class Victim(QPlainTextEdit):
    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's name
        print(json.dumps({"key": event.key(), "text": event.text()}), flush=True)
        super().keyPressEvent(event)


application = QApplication(sys.argv[:1])
window = Victim()
window.setWindowTitle("victim")
window.setGeometry(60, 420, 400, 200)
window.show()
sys.exit(application.exec())
