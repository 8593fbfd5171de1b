"""Another program from which files (arguments), or with --text a text, are dragged. Prints how the drag ended."""

from __future__ import annotations

import sys

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel


class Source(QLabel):
    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's name
        drag, data = QDrag(self), QMimeData()
        if sys.argv[1] == "--text":
            data.setText(sys.argv[2])
        else:
            data.setUrls([QUrl.fromLocalFile(path) for path in sys.argv[1:]])
        drag.setMimeData(data)
        result = drag.exec(Qt.DropAction.CopyAction | Qt.DropAction.MoveAction, Qt.DropAction.MoveAction)
        print(result.name, flush=True)


application = QApplication(sys.argv[:1])
source = Source("drag me")
source.setWindowTitle("source")
source.setGeometry(100, 200, 200, 150)
source.show()
sys.exit(application.exec())
