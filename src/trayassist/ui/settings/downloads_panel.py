"""Downloads in a window: a line and a bar for each, with pause, resume and cancel. Hidden when there are none."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QProgressBar, QPushButton, QVBoxLayout, QWidget

from trayassist.api import TrayassistError
from trayassist.models.catalog.download import OPEN, DownloadProgress
from trayassist.ui.tray.notifications import download_line
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.local import local
from trayassist.ui.widgets.theme import SPACE
from trayassist.ui.widgets.window import Window, column, label, row


class DownloadsPanel(QWidget):
    """Follows the downloads until its window closes."""

    def __init__(self, window: Window) -> None:
        super().__init__()
        self._window, self._downloads = window, window.assistant.downloads
        self.rows: dict[str, DownloadRow] = {}
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, SPACE[2], 0, SPACE[2])
        self.setAccessibleName(tr("Downloads"))
        unsubscribe = self._downloads.subscribe(self.show_progress)
        window.closed.connect(unsubscribe)
        self.setVisible(False)
        for progress in self._downloads.list():
            self.show_progress(progress)

    def show_progress(self, news: DownloadProgress) -> None:
        """Show how a download is; one that ended leaves."""
        if news.state not in OPEN:
            if (gone := self.rows.pop(news.model, None)) is not None:
                gone.hide()
                gone.deleteLater()
        else:
            if news.model not in self.rows:
                self.rows[news.model] = made = DownloadRow(news.model)
                made.turn.clicked.connect(lambda: self._turn(made))
                made.cancel.clicked.connect(lambda: self._window.run(self._downloads.cancel(made.model)))
                self._layout.addWidget(made)
            self.rows[news.model].show_progress(news)
        self.setVisible(bool(self.rows))

    def _turn(self, one: DownloadRow) -> None:
        if one.going:
            self._downloads.pause(one.model)
            return
        try:
            self._downloads.resume(one.model)
        except TrayassistError as error:
            one.say_problem(str(error))


class DownloadRow(QFrame):
    """One download. `going` says whether it can be paused, or else resumed."""

    def __init__(self, model: str) -> None:
        super().__init__()
        self.model, self.going = model, True
        self._line, self._problem = label("", wrap=True), label("", "danger", wrap=True)
        self._bar = QProgressBar()
        self._bar.setRange(0, 1000)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(tr("Download of {}").format(model))
        self.turn, self.cancel = QPushButton(tr("Pause")), QPushButton(tr("Cancel"))
        self.cancel.setAccessibleName(tr("Cancel the download of {}").format(model))
        self.setProperty("look", "raised")
        layout = column(margin=3, spacing=2)
        self.setLayout(layout)
        layout.addLayout(row(self._line, self.turn, self.cancel))
        layout.addWidget(self._bar)
        layout.addWidget(self._problem)

    def show_progress(self, news: DownloadProgress) -> None:
        """Show how far it is, or why it stands."""
        self.going = news.state in ("waiting", "checking", "fetching")
        text = download_line(news)
        self._line.setText(text if news.state != "waiting" else tr("{} waits").format(text))
        self._bar.setValue(round(1000 * news.bytes / max(1, news.total)))
        self.turn.setText(tr("Pause") if self.going else tr("Resume"))
        self.turn.setAccessibleName(
            (tr("Pause the download of {}") if self.going else tr("Resume the download of {}")).format(self.model)
        )
        self.say_problem(news.problem)

    def say_problem(self, text: str) -> None:
        """Show a sentence under the bar; "" takes it away."""
        self._problem.setText(local(text))
        self._problem.setVisible(bool(text))
