"""What all windows share: the look, size and place kept, tasks that end with the window, messages in place."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from functools import lru_cache, partial
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtCore import QMimeData, QPoint, QRect, QSettings, QSize, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QColor,
    QCursor,
    QGuiApplication,
    QIcon,
    QKeySequence,
    QScreen,
    QShortcut,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from trayassist.api import TrayassistError
from trayassist.paths import shipped_file
from trayassist.ui.widgets.local import local
from trayassist.ui.widgets.theme import SPACE, Theme

if TYPE_CHECKING:
    from trayassist.assistant import Assistant

logger = logging.getLogger(__name__)

FRAME = QSize(16, 40)  # what a window manager adds around a window, as far as is known before it is shown


class Window(QWidget):
    """A window of its own. Closing it keeps its size and place, cancels its tasks and deletes it (`destroyed`).

    It opens within the work area of the screen with the pointer: where it was last, if that is there, else in the
    middle.
    """

    closed = Signal()
    alive: ClassVar[dict[int, Window]] = {}  # Qt deletes a window that Python lets go of; this holds on to it

    def __init__(self, assistant: Assistant, name: str, title: str, size: QSize, theme: Theme | None = None) -> None:
        super().__init__(None, Qt.WindowType.Window)
        self.assistant = assistant
        look = assistant.config.look
        self.theme = theme or Theme(look.theme, self, text_percent=look.text_percent)
        self.state = QSettings(str(assistant.paths.window_state), QSettings.Format.IniFormat)
        self._tasks: set[asyncio.Task[Any]] = set()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName(name)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.alive[id(self)] = self
        self.destroyed.connect(partial(_let_go, id(self)))
        self.setWindowIcon(app_icon())
        self.notice = Notice(self)
        self.resize(size)
        self._placed = False
        self.dress()
        self.theme.changed.connect(self.dress)
        for keys in (QKeySequence(Qt.Key.Key_Escape), QKeySequence(QKeySequence.StandardKey.Close)):
            QShortcut(keys, self, self.leave)

    def leave(self) -> None:
        """Close; Esc first takes back a question that is asked in place."""
        if self.notice.asking:
            self.notice.clear()
        else:
            self.close()

    def dress(self) -> None:
        """Put on the theme in force."""
        self.setStyleSheet("")  # a sheet that is replaced brings back the palette it found
        self.setPalette(self.theme.palette())
        self.setStyleSheet(self.theme.sheet() + window_sheet(self.theme))

    def run(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run `work` until it ends or the window closes; what goes wrong is said in place."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._on_task_end)
        return task

    async def in_turn(self, *steps: Callable[[], object]) -> None:
        """Do each step in a turn of the loop of its own, so that the window is painted and answers between them."""
        for step in steps:
            await asyncio.sleep(0)
            step()

    def _on_task_end(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        if isinstance(error, TrayassistError):
            self.notice.say(str(error), look="danger")
        else:
            logger.error("a task of window %s failed", self.objectName(), exc_info=error)
            self.notice.say(
                self.tr("This did not work; the log file says why ({}).").format(self.assistant.paths.app_log),
                look="danger",
            )

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep size and place, end what still runs for this window."""
        self.state.setValue(f"{self.objectName()}/geometry", self.saveGeometry())
        for task in list(self._tasks):
            task.remove_done_callback(self._on_task_end)
            task.cancel()
        self._tasks.clear()
        self.closed.emit()
        super().closeEvent(event)

    def setVisible(self, visible: bool) -> None:
        """Take size and place before the first show: the window system then puts the frame, not the content, there."""
        if visible and not self._placed:
            self._placed = True
            geometry = self.state.value(f"{self.objectName()}/geometry")
            if geometry is not None:
                self.restoreGeometry(geometry)
            place_window(self, keep=geometry is not None)
        super().setVisible(visible)


def place_window(window: QWidget, *, keep: bool = False) -> None:
    """Put a window that is about to be shown within the work area of the screen with the pointer, in its middle.

    With `keep` it stays where it is if that is on this screen. It is never larger than the work area, and neither is
    the least size that it was given.
    """
    screen = QGuiApplication.screenAt(QCursor.pos()) or QGuiApplication.primaryScreen()
    area = screen.availableGeometry()
    most = area.size() - FRAME
    window.setMinimumSize(window.minimumSize().boundedTo(most))
    size = window.size().boundedTo(most)
    window.resize(size)
    middle = area.center() - QPoint(size.width() // 2, (size.height() + FRAME.height()) // 2)
    window.move(_within(area, window.pos() if keep and _is_on(screen, window) else middle, size))


def _is_on(screen: QScreen, window: QWidget) -> bool:
    return screen.geometry().contains(QRect(window.pos(), window.size()).center())


def _within(area: QRect, place: QPoint, size: QSize) -> QPoint:
    """Return the place for a window's top left corner, moved so that the window with its frame lies in `area`."""
    whole = size + FRAME
    x = max(area.left(), min(place.x(), area.left() + area.width() - whole.width()))
    y = max(area.top(), min(place.y(), area.top() + area.height() - whole.height()))
    return QPoint(x, y)


@lru_cache(maxsize=1)
def app_icon() -> QIcon:
    """Return the program's own icon, for window frames and task bars."""
    return QIcon(str(shipped_file("resources/icons/app.svg")))


class Notice(QWidget):
    """One line over the content: says something, offers one action, or asks before something is lost."""

    def __init__(self, parent: QWidget, margin: int = 4) -> None:
        super().__init__(parent)
        self.asking = False
        self._text = label("", wrap=True)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._yes, self._no = QPushButton(), QPushButton(self.tr("Dismiss"))
        self._action: Callable[[], object] | None = None
        self._yes.clicked.connect(self._act)
        self._yes.hide()
        self._no.clicked.connect(self.clear)
        self._yes.setProperty("look", "")
        self._no.setProperty("look", "")
        self._card = QFrame()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(SPACE[margin], SPACE[min(margin, 3)], SPACE[margin], 0)
        outer.addWidget(self._card)
        row = QHBoxLayout(self._card)
        row.setContentsMargins(SPACE[3], SPACE[2], SPACE[2], SPACE[2])
        row.setSpacing(SPACE[2])
        row.addWidget(self._text, 1)
        row.addWidget(self._yes)
        row.addWidget(self._no)
        self.hide()

    @property
    def text(self) -> str:
        """What is said at present."""
        return "" if self.isHidden() else self._text.text()

    def say(
        self, text: str, *, look: str = "raised", button: str = "", action: Callable[[], object] | None = None
    ) -> None:
        """Show a sentence, with at most one action beside "Dismiss"."""
        self._show(text, look, button, action, self.tr("Dismiss"))
        self.asking = False

    def ask(self, text: str, yes: str, action: Callable[[], object], no: str = "") -> None:
        """Ask in place; only the button does it, the other one (`no`, else "Keep") has the focus."""
        self._show(text, "danger", yes, action, no or self.tr("Keep"))
        self._yes.setProperty("look", "danger")
        self._yes.style().polish(self._yes)
        self.asking = True
        self._no.setFocus()

    def clear(self) -> None:
        """Take the line away."""
        self._action, self.asking = None, False
        self.hide()

    def _show(self, text: str, look: str, button: str, action: Callable[[], object] | None, no: str) -> None:
        self._text.setText(local(text))
        self.setAccessibleName(self._text.text())
        self._action = action
        self._yes.setText(button)
        self._yes.setVisible(bool(button))
        self._yes.setProperty("look", "")
        self._no.setText(no)
        self._card.setProperty("look", look if look == "raised" else f"{look}-box")
        for widget in (self._card, self._yes):
            widget.style().unpolish(widget)
            widget.style().polish(widget)
        self.show()

    def _act(self) -> None:
        action = self._action
        self.clear()
        if action is not None:
            action()


def _let_go(key: int) -> None:
    Window.alive.pop(key, None)


def local_files(data: QMimeData) -> list[Path]:
    """Return the files and folders of this machine that dragged or pasted data names; addresses elsewhere are none."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile() and url.toLocalFile()]


def label(text: str, look: str = "", *, wrap: bool = False) -> QLabel:
    """Return a label in one of the theme's looks (small, muted, body, title, danger); plain text, never markup."""
    result = QLabel(text)
    result.setTextFormat(Qt.TextFormat.PlainText)
    result.setWordWrap(wrap)
    if look:
        result.setProperty("look", look)
    return result


def centred_label(text: str) -> QLabel:
    """Return a line for the middle of an empty page: what it waits for, or that nothing matches."""
    result = label(text, "muted", wrap=True)
    result.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return result


def column(*items: QWidget, margin: int = 0, spacing: int = 2) -> QVBoxLayout:
    """Return a vertical layout; margin and spacing are steps of the theme's SPACE."""
    layout = QVBoxLayout()
    layout.setContentsMargins(*(SPACE[margin],) * 4)
    layout.setSpacing(SPACE[spacing])
    for item in items:
        layout.addWidget(item)
    return layout


def row(*items: QWidget | None, spacing: int = 2) -> QHBoxLayout:
    """Return a horizontal layout; None is a stretch."""
    layout = QHBoxLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(SPACE[spacing])
    for item in items:
        if item is None:
            layout.addStretch(1)
        else:
            layout.addWidget(item)
    return layout


def empty_state(title: str, text: str, *buttons: QPushButton) -> QWidget:
    """Return what a list shows when it has nothing: a title, a sentence on what to do, at most a button or two."""
    box = QWidget()
    layout = column(margin=5, spacing=2)
    box.setLayout(layout)
    layout.addStretch(1)
    for item in (label(title, "title"), label(text, "muted", wrap=True)):
        item.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(item)
    if buttons:
        layout.addSpacing(SPACE[3])
        layout.addLayout(row(None, *buttons, None))
    layout.addStretch(2)
    return box


def window_sheet(theme: Theme) -> str:
    """Return the part of the style sheet that only windows need, in the theme's colours."""
    colors = theme.colors
    names = {name: getattr(colors, name) for name in ("surface", "raised", "hover", "border", "text", "muted")}
    names |= {name: getattr(colors, name) for name in ("accent", "on_accent", "selection", "amber", "danger", "good")}
    source = shipped_file("resources/style/windows.qss").read_text(encoding="utf-8")
    names["tick"] = "tick-light" if QColor(colors.on_accent).lightness() > 128 else "tick-dark"
    names["icons"] = shipped_file("resources/icons").as_posix()
    return Template(source).substitute(names, px_small=f"{theme.font_px('small')}px")
