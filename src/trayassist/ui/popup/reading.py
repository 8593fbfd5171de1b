"""Files being read, in the popup: progress with Cancel, passwords, and a line for each file that failed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QProgressBar, QVBoxLayout, QWidget

from trayassist.api import one_line
from trayassist.memory.reports import FileReport, Progress
from trayassist.ui.popup.controls import ElidedLabel, icon_button, label, push_button
from trayassist.ui.widgets.formats import duration, number, page_rate
from trayassist.ui.widgets.local import local
from trayassist.ui.widgets.theme import Theme

LINES = 4  # failures shown; the others are counted
UPDATE_MS = 100


class ReadingPanel(QWidget):
    """Follows the queue of files. Hidden while there is nothing to tell."""

    cancel_asked = Signal()
    resume_asked = Signal()
    password_given = Signal(str, str)  # path, password
    resized = Signal()

    def __init__(self, theme: Theme, waiting: Callable[[], int], paused: Callable[[], bool]) -> None:
        super().__init__()
        self._theme, self._waiting, self._paused = theme, waiting, paused
        self._progress: Progress | None = None
        self._done: dict[str, int] = {}  # path -> pages
        self._failed: dict[str, str] = {}
        self._models: dict[str, str] = {}  # path -> what became of it
        self.locked: dict[str, PasswordRow] = {}  # by the path of the file
        self.words = ElidedLabel()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Files being read"))
        self.cancel = push_button(self.tr("Cancel"), "link")
        self.cancel.setAccessibleName(self.tr("Cancel reading files"))
        self.cancel.clicked.connect(self.cancel_asked)
        self.resume = push_button(self.tr("Read on"), "link")
        self.resume.clicked.connect(self.resume_asked)
        self.close_button = icon_button(theme, "close", self.tr("Close these messages"))
        self.close_button.clicked.connect(self.clear)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.words, 1)
        top.addWidget(self.resume)
        top.addWidget(self.cancel)
        top.addWidget(self.close_button)
        self.lines = QVBoxLayout()
        self.lines.setSpacing(4)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 8)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self.bar)
        column.addLayout(self.lines)
        self.passwords = QVBoxLayout()
        self.passwords.setSpacing(8)
        column.addLayout(self.passwords)
        self._later = QTimer(self, singleShot=True, interval=UPDATE_MS)
        self._later.timeout.connect(self._show)
        self.hide()

    def take(self, news: Progress | FileReport) -> None:
        """Take news from the queue; shown some ten times a second at most."""
        if isinstance(news, Progress):
            self._progress = news
        elif news.status in ("ingested", "unchanged"):
            self._done[news.path] = news.pages
            self._failed.pop(news.path, None)
            self._unlock(news.path)
        elif news.status == "model":
            self._models[news.path] = local(news.reason)
        elif news.status == "needs_password":
            self._ask_password(news)
        elif news.status != "cancelled":
            self._failed[news.path] = local(news.reason)
        if not self._later.isActive():
            self._later.start()

    def clear(self) -> None:
        """Forget what is done; what is still being read stays."""
        for messages in (self._done, self._failed, self._models):
            messages.clear()
        for path in list(self.locked):
            self._unlock(path)
        self._show()

    def clear_read(self) -> None:
        """Forget the messages that were shown: they have been read. What waits for the user or is read now stays."""
        if not self.isHidden():
            for messages in (self._done, self._failed, self._models):
                messages.clear()
            self._show()

    def refresh(self) -> None:
        """Show what is so now."""
        self._show()

    @property
    def settled(self) -> bool:
        """Whether nothing is being read and nothing waits for the user."""
        return not self._waiting() and not self.locked and not self._failed

    # ------------------------------------------------------------ passwords

    def _ask_password(self, report: FileReport) -> None:
        if report.path in self.locked:
            self.locked[report.path].refuse()
            return
        row = PasswordRow(Path(report.path))
        row.given.connect(lambda password: self.password_given.emit(report.path, password))
        row.skipped.connect(lambda: self._skip(report.path))
        self.locked[report.path] = row
        self.passwords.addWidget(row)

    def _skip(self, path: str) -> None:
        self._unlock(path)
        self._show()

    def _unlock(self, path: str) -> None:
        row = self.locked.pop(path, None)
        if row is not None:
            row.hide()
            row.deleteLater()

    # ------------------------------------------------------------ showing

    def _show(self) -> None:
        running = self._waiting() > 0
        self.cancel.setVisible(running)
        self.resume.setVisible(running and self._paused())
        self.close_button.setVisible(not running)
        self.bar.setVisible(running)
        if running:
            self._show_progress()
        else:
            self._progress = None
            self.words.show_text(self._summary())
        self._show_failures()
        has_messages = running or bool(self._done or self._failed or self.locked or self._models)
        self.setVisible(has_messages)
        self.resized.emit()

    def _show_progress(self) -> None:
        news = self._progress
        if self._paused():
            waiting = self._waiting()
            one, many = self.tr("Reading is paused: 1 file waits"), self.tr("Reading is paused: {0} files wait")
            self.words.show_text(one if waiting == 1 else many.format(number(waiting)))
            return
        if news is None:
            waiting = self._waiting()
            one, many = self.tr("Waiting to be read: 1 file"), self.tr("Waiting to be read: {0} files")
            self.words.show_text(one if waiting == 1 else many.format(number(waiting)))
            self.bar.setRange(0, 0 if not self._theme.reduced_motion else 1)
            return
        parts = [one_line(Path(news.path).name)]
        if news.pages:
            parts.append(self.tr("page {0} of {1}").format(number(news.page), number(news.pages)))
        if news.files_total > 1:
            now = min(news.files_done + 1, news.files_total)
            parts.append(self.tr("file {0} of {1}").format(number(now), number(news.files_total)))
        if rate := page_rate(news.pages_per_s):
            parts.append(rate)
        if news.seconds_left is not None:
            parts.append(self.tr("{0} left").format(duration(max(1.0, news.seconds_left))))
        self.words.show_text(" · ".join(parts))
        share = (news.files_done + (news.page / news.pages if news.pages else 0)) / max(1, news.files_total)
        self.bar.setRange(0, 1000)
        self.bar.setValue(round(1000 * min(1.0, share)))

    def _summary(self) -> str:
        parts = []
        if self._done:
            pages = sum(self._done.values())
            only = one_line(Path(next(iter(self._done))).name)
            what = only if len(self._done) == 1 else self.tr("{0} files").format(number(len(self._done)))
            read = self.tr("1 page") if pages == 1 else self.tr("{0} pages").format(number(pages))
            parts.append(self.tr("Remembered: {0}, {1}").format(what, read))
        if self._failed:
            count, many = len(self._failed), self.tr("{0} files were not read")
            parts.append(self.tr("1 file was not read") if count == 1 else many.format(number(count)))
        return " · ".join(parts)

    def _show_failures(self) -> None:
        while (item := self.lines.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for path, says in list(self._models.items())[-LINES:]:
            self.lines.addWidget(label(with_name(path, says), "small", wraps=True))
        for path, reason in list(self._failed.items())[-LINES:]:
            failure = label(with_name(path, reason), "danger", wraps=True)
            failure.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self.lines.addWidget(failure)
        if len(self._failed) > LINES:
            more = len(self._failed) - LINES
            words = self.tr("And {0} more. The memory window lists them all.").format(number(more))
            self.lines.addWidget(label(words))


def with_name(path: str, message: str) -> str:
    """Return a message about a file with its name in front, unless the message has the name itself."""
    name = Path(path).name
    return one_line(message if name in message else f"{name}: {message}")


class PasswordRow(QFrame):
    """Asks for the password of one file, in place."""

    given = Signal(str)
    skipped = Signal()

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.setProperty("look", "raised")
        self.words = label(self.tr("{0} needs a password.").format(one_line(path.name)), "body", wraps=True)
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setPlaceholderText(self.tr("Password"))
        self.field.setAccessibleName(self.tr("Password of {0}").format(one_line(path.name)))
        self.open = push_button(self.tr("Open"), "primary")
        self.skip = push_button(self.tr("Skip"))
        self.field.returnPressed.connect(self._give)
        self.open.clicked.connect(self._give)
        self.skip.clicked.connect(self.skipped)
        self._name = path.name
        column, row = QVBoxLayout(self), QHBoxLayout()
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(8)
        column.addWidget(self.words)
        row.setSpacing(8)
        row.addWidget(self.field, 1)
        row.addWidget(self.open)
        row.addWidget(self.skip)
        column.addLayout(row)

    def _give(self) -> None:
        if self.field.text():
            self.given.emit(self.field.text())
            self.field.clear()
            self.field.setEnabled(False)
            self.open.setEnabled(False)

    def refuse(self) -> None:
        """The password did not open the file."""
        self.words.setText(self.tr("That password does not open {0}.").format(self._name))
        self.field.setEnabled(True)
        self.open.setEnabled(True)
        self.field.setFocus()
