"""The foot of the memory window: what is being read, how fast, how long still, and what failed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QLineEdit, QProgressBar, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from trayassist.memory.ingest import FileReport, Progress
from trayassist.ui.widgets import formats
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.local import local
from trayassist.ui.widgets.table import Column, Table
from trayassist.ui.widgets.theme import SPACE
from trayassist.ui.widgets.window import Window, column, label, row

if TYPE_CHECKING:
    from trayassist.memory.ingest import Ingest

STEPS = 1000  # of the bar
UPDATE_MS = 100  # files fail by the thousand: the table is filled at most so often
FAILED_HEIGHT = 136
FAILED = ("needs_password", "refused", "failed")


class IngestPanel(QWidget):
    """Follows the ingest from when it is made until its window closes. `finished_file` follows each report."""

    finished_file = Signal()

    def __init__(self, window: Window) -> None:
        super().__init__()
        self._ingest: Ingest = window.assistant.ingest
        self._failed: dict[str, FileReport] = {}
        self._window = window
        self._word = label("")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setMaximum(STEPS)
        self._bar.setAccessibleName(tr("Files read"))
        self._pause, self._cancel = QPushButton(), QPushButton(tr("&Cancel"))
        self._pause.clicked.connect(self._toggle_pause)
        self._cancel.clicked.connect(self._ingest.cancel)
        self._progress = QWidget()
        self._progress.setLayout(column(spacing=1))
        self._failures = self._make_failures(window)
        self._later = QTimer(self, singleShot=True, interval=UPDATE_MS)
        self._later.timeout.connect(self._list_failed)
        self._lay_out()
        self._progress.hide()
        self._failures.hide()
        self._unsubscribe = self._ingest.subscribe(self.take)
        self._ingest.on_pause.append(self.idle)
        window.closed.connect(self._leave)
        self.idle()
        window.run(self.load())

    async def load(self) -> None:
        """List the files that were not read, in this run or an earlier one."""
        for report in await self._ingest.problems():
            self._failed.setdefault(report.path, report)
        self._list_failed()

    def take(self, item: Progress | FileReport) -> None:
        """Show progress, or note how a file ended."""
        if isinstance(item, Progress):
            self._show(item)
            return
        known = self._failed.pop(item.path, None)
        if item.status in FAILED:
            self._failed[item.path] = item
        if self._failed.get(item.path) != known and not self._later.isActive():
            self._later.start()
        self.finished_file.emit()
        self.idle()

    def idle(self) -> None:
        """Hide the bar when nothing waits; say so when what waits is paused."""
        waiting = self._ingest.waiting()
        self._say_pause()
        if not waiting:
            self._progress.hide()
        elif self._ingest.paused:
            line = formats.count(waiting, tr("Paused: {} file waits."), tr("Paused: {} files wait."))
            self._word.setText(f"{line} {local(self._ingest.paused_reason)}".strip())
            self._progress.show()

    def failed_reports(self) -> list[FileReport]:
        """Return the files that are not in memory, with the reasons."""
        return list(self._failed.values())

    def _leave(self) -> None:
        self._unsubscribe()
        if self.idle in self._ingest.on_pause:
            self._ingest.on_pause.remove(self.idle)

    def _show(self, progress: Progress) -> None:
        self._progress.show()
        self._say_pause()
        name = Path(progress.path).name
        parts = [
            tr("Reading {name}, page {page} of {pages}").format(
                name=name, page=formats.number(progress.page), pages=formats.number(progress.pages)
            )
            if progress.pages
            else tr("Reading {}").format(name)
        ]
        if progress.files_total > 1:
            now = min(progress.files_done + 1, progress.files_total)
            of = formats.number(progress.files_total)
            parts.append(tr("file {now} of {all}").format(now=formats.number(now), all=of))
        if rate := formats.page_rate(progress.pages_per_s):
            parts.append(rate)
        if progress.seconds_left is not None:
            parts.append(tr("{} left").format(formats.duration(progress.seconds_left)))
        self._word.setText(" · ".join(parts))
        part = progress.page / progress.pages if progress.pages else 0.0
        self._bar.setValue(round(STEPS * min(1.0, (progress.files_done + part) / max(1, progress.files_total))))

    def _say_pause(self) -> None:
        self._pause.setText(tr("&Resume") if self._ingest.paused else tr("&Pause"))

    def _toggle_pause(self) -> None:
        if self._ingest.paused:
            self._ingest.resume()
        else:
            self._ingest.pause()

    # ------------------------------------------------------------ failures

    def _list_failed(self) -> None:
        self._later.stop()
        reports = self.failed_reports()
        self._failures.setVisible(bool(reports))
        self._title.setText(
            formats.count(len(reports), tr("{} file is not remembered"), tr("{} files are not remembered"))
        )
        self.table.fill(reports, lambda report: report.path)
        self._offer()

    def _offer(self) -> None:
        """Offer a password where the selected file (or the only one) needs one."""
        chosen = self.table.selected_rows() or self.failed_reports()
        self._why.setText(local(chosen[0].reason) if len(chosen) == 1 else "")
        self._why.setVisible(len(chosen) == 1)
        locked = len(chosen) == 1 and chosen[0].status == "needs_password"
        self._password.setVisible(locked)
        self._unlock.setVisible(locked)
        if locked:
            self._password.setAccessibleName(tr("Password of {}").format(Path(chosen[0].path).name))

    def _retry(self) -> None:
        chosen = self.table.selected_rows() or self.failed_reports()
        for report in chosen:
            self._failed.pop(report.path, None)
        self._list_failed()
        self._ingest.enqueue([Path(report.path) for report in chosen])

    def _give_password(self) -> None:
        chosen = self.table.selected_rows() or self.failed_reports()
        password = self._password.text()
        if len(chosen) == 1 and password:
            self._password.clear()
            self._failed.pop(chosen[0].path, None)
            self._list_failed()
            self._window.run(self._ingest.give_password(Path(chosen[0].path), password))

    def _forget_failed(self) -> None:
        self._failed.clear()
        self._list_failed()
        self._window.run(self._ingest.clear_problems())

    def _make_failures(self, window: Window) -> QFrame:
        columns: list[Column[FileReport]] = [
            Column(tr("File"), lambda report: Path(report.path).name, width=260),
            Column(tr("Why"), _reason_beside_name),
        ]
        self.table: Table[FileReport] = Table("failed", tr("Files that are not remembered"), columns, window.state)
        self.table.setMaximumHeight(FAILED_HEIGHT)
        self.table.picked.connect(self._offer)
        self.table.setTextElideMode(Qt.TextElideMode.ElideRight)
        self._title, self._why = label("", "heading"), label("", "small", wrap=True)
        self._password, self._unlock = QLineEdit(), QPushButton(tr("&Open"))
        self._password.setEchoMode(QLineEdit.EchoMode.Password)
        self._password.setPlaceholderText(tr("Password"))
        self._password.setMaximumWidth(180)
        self._password.returnPressed.connect(self._give_password)
        self._unlock.clicked.connect(self._give_password)
        retry, dismiss = QPushButton(tr("R&etry")), QPushButton(tr("&Dismiss"))
        retry.clicked.connect(self._retry)
        dismiss.clicked.connect(self._forget_failed)
        frame = QFrame()
        frame.setProperty("look", "raised")
        frame.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        layout = QVBoxLayout(frame)
        layout.setContentsMargins(SPACE[3], SPACE[2], SPACE[3], SPACE[2])
        layout.addLayout(row(self._title, None, self._password, self._unlock, retry, dismiss))
        layout.addWidget(self.table)
        layout.addWidget(self._why)
        return frame

    def _lay_out(self) -> None:
        inner = self._progress.layout()
        assert isinstance(inner, QVBoxLayout)
        line = row(self._word, self._pause, self._cancel)
        line.setStretch(0, 1)
        inner.addLayout(line)
        inner.addWidget(self._bar)
        layout = column(self._failures, self._progress, spacing=2)
        layout.setContentsMargins(SPACE[4], 0, SPACE[4], SPACE[3])
        self.setLayout(layout)


def _reason_beside_name(report: FileReport) -> str:
    """Return why, without the file's name at its start: the column before it shows the name."""
    reason, name = local(report.reason), Path(report.path).name
    rest = reason.removeprefix(f"{name} ").removeprefix(f"{name}: ")
    return rest[:1].upper() + rest[1:]
