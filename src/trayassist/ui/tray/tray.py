"""The tray icon: what trayassist is doing at a glance, and the menu to everything else."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import lru_cache

from PySide6.QtCore import QByteArray, QObject, QPoint, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from trayassist.paths import shipped_file
from trayassist.ui.widgets.local import local

REDRAW_MS = 200  # progress comes with every page; the icon follows five times a second
BALLOON_MS = 8000
MENU_LENGTH, TOOLTIP_LENGTH = 70, 110  # characters that fit one line
LOOK_AT_PANEL_MS = 400  # a panel needs a moment to place and paint the icon
SIZES = (16, 22, 24, 32, 48, 64)  # what trays ask for; at twice the scale up to 128, drawn by scaling 64
LIGHT, DARK = "#f4f5f7", "#202226"
CENTRE, RADIUS = 12.0, 9.0  # of the ring in tray-indexing.svg


class TrayState(StrEnum):
    """What the icon says; the value is the name of its SVG file."""

    IDLE = "tray"
    THINKING = "tray-thinking"
    INDEXING = "tray-indexing"
    ATTENTION = "tray-attention"
    WARNING = "tray-warning"


def draw(state: TrayState, *, on_dark: bool, progress: float = 0.0) -> QIcon:
    """Return the icon for a dark or light panel; `progress` (0..1) is the filled part of the indexing ring."""
    source = _source(state).replace("currentColor", LIGHT if on_dark else DARK)
    renderer = QSvgRenderer(QByteArray(source.replace("$arc", ring(progress)).encode()))
    icon = QIcon()
    for size in SIZES:
        pixmap = QPixmap(size, size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter, QRectF(0, 0, size, size))
        painter.end()
        icon.addPixmap(pixmap)
    return icon


def ring(progress: float) -> str:
    """Return the SVG path of the filled part of the ring, clockwise from the top."""
    part = min(max(progress, 0.0), 0.9999)  # a whole turn would end where it began and draw nothing
    x, y = (CENTRE + RADIUS * math.sin(math.tau * part), CENTRE - RADIUS * math.cos(math.tau * part))
    return f"M{CENTRE} {CENTRE - RADIUS}A{RADIUS} {RADIUS} 0 {int(part > 0.5)} 1 {x:.3f} {y:.3f}"


def panel_is_dark(icon: QRect) -> bool:
    """Return whether the panel is dark: seen in the corners of the icon, which are clear, else the desktop's scheme."""
    screen = QGuiApplication.screenAt(icon.center()) if icon.isValid() else None
    if screen is not None and QGuiApplication.platformName() == "xcb":
        place = icon.translated(-screen.geometry().topLeft())
        seen = screen.grabWindow(0, place.x(), place.y(), place.width(), place.height()).toImage()
        if not seen.isNull():
            right, bottom = seen.width() - 1, seen.height() - 1
            corners = [QPoint(0, 0), QPoint(right, 0), QPoint(0, bottom), QPoint(right, bottom)]
            return sum(seen.pixelColor(corner).lightness() for corner in corners) < 4 * 128
    return QGuiApplication.styleHints().colorScheme() != Qt.ColorScheme.Light


@lru_cache(maxsize=8)
def _source(state: TrayState) -> str:
    return shipped_file(f"resources/icons/{state}.svg").read_text(encoding="utf-8")


class Tray(QObject):
    """The icon with its tooltip, balloon and menu. Tells what the user wants by signals; does nothing itself."""

    clicked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.problems: dict[str, str] = {}  # topic -> sentence; the first is shown
        self.actions: dict[str, QAction] = {}
        self._line = ""  # about the files that are being read
        self._news = ""  # about those that were read last, until it is seen
        self._idle = ""  # how to ask
        self.is_paused = False
        self._thinking = False
        self._attention = ""
        self._progress: float | None = None
        self._fetching: tuple[float, str] | None = None  # how far downloads are, 0..1, and a line about them
        self._on_dark = panel_is_dark(QRect())
        self._drawn: tuple[TrayState, bool, int] | None = None
        self._icon = QSystemTrayIcon(self)
        self._icon.setObjectName("tray")
        self._icon.activated.connect(self._on_activated)
        self._menu: QMenu | None = None
        self._redraw = QTimer(self, singleShot=True, interval=REDRAW_MS)
        self._redraw.timeout.connect(self.refresh)
        self._look = QTimer(self, singleShot=True, interval=LOOK_AT_PANEL_MS)
        self._look.timeout.connect(self._look_at_panel)
        self.refresh()

    # ------------------------------------------------------------ place

    def show(self) -> None:
        """Dock, now or when a tray host appears."""
        self._icon.show()

    def hide(self) -> None:
        """Leave the panel."""
        self._redraw.stop()
        self._look.stop()
        self._icon.hide()

    @property
    def docked(self) -> bool:
        """Whether a tray host runs."""
        return self._icon.isSystemTrayAvailable()

    @property
    def geometry(self) -> QRect:
        """Where the icon is, in logical pixels; empty where the host does not say (StatusNotifier, Wayland)."""
        return self._icon.geometry()

    def redock(self) -> None:
        """A tray host came: dock again if Qt did not, and look at the new panel's colour."""
        if self.docked and self.geometry.isEmpty():
            self._icon.hide()
            self._icon.show()
        self._look.start()

    # ------------------------------------------------------------ what it says

    @property
    def state(self) -> TrayState:
        """What the icon shows: what needs the user, then what is going on, then what is wrong."""
        if self._attention:
            return TrayState.ATTENTION
        if self._progress is not None or self._fetching is not None:
            return TrayState.INDEXING
        if self._thinking:
            return TrayState.THINKING
        return TrayState.WARNING if self.problems else TrayState.IDLE

    @property
    def tooltip(self) -> str:
        """One line: what is going on, else what is wrong, else how to ask."""
        if self._attention or self._progress is not None:
            says = self._attention or self._line
        elif self.is_paused:
            says = self.tr("reading is paused")
        elif self._fetching is not None:
            says = self._fetching[1]
        elif self._thinking:
            says = self.tr("thinking")
        else:
            says = next(iter(self.problems.values()), "") or self._news or self._idle
        return f"trayassist · {truncate(says, TOOLTIP_LENGTH)}" if says else "trayassist"

    def set_thinking(self, thinking: bool) -> None:
        """Show whether an answer is being made."""
        self._thinking = thinking
        self.refresh()

    def set_attention(self, line: str) -> None:
        """Say that something waits for the user; "" when it does not any more."""
        self._attention = line
        self.refresh()

    def set_indexing(self, progress: float | None, line: str) -> None:
        """Show how far the files are (0..1) and a line about it, or None when there is nothing left to do."""
        ends = (progress is None) != (self._progress is None)
        self._progress, self._line = progress, line
        if progress is None:
            self._news = line
        if "cancel" in self.actions:
            self.actions["cancel"].setVisible(progress is not None)
        if ends:
            self.refresh()
        elif not self._redraw.isActive():
            self._redraw.start()

    def set_paused(self, paused: bool) -> None:
        """Show in menu and tooltip whether the reading of files is paused."""
        self.is_paused = paused
        if "pause" in self.actions:
            self.actions["pause"].setChecked(paused)
        self.refresh()

    def forget_news(self) -> None:
        """The user looks at the popup: what waited for a look, and what was told of files, is read."""
        self._attention, self._news = "", ""
        self.refresh()

    def set_fetching(self, progress: float | None, line: str) -> None:
        """Show how far downloads are (0..1) and a line about them, or None when there are none."""
        ends = (progress is None) != (self._fetching is None)
        self._fetching = (min(1.0, progress), line) if progress is not None else None
        if ends:
            self.refresh()
        elif not self._redraw.isActive():
            self._redraw.start()

    def set_problem(self, topic: str, sentence: str) -> None:
        """Tell of something wrong until it is right again (""); news is told in a balloon, too."""
        sentence = local(sentence)
        if self.problems.get(topic, "") == sentence:
            return
        self.problems.pop(topic, None)
        if sentence:
            self.problems[topic] = sentence
            self.say(sentence, warning=True)
        if "problem" in self.actions:
            first = next(iter(self.problems.values()), "")
            self.actions["problem"].setText(menu_text(first))
            self.actions["problem"].setVisible(bool(first))
        self.refresh()

    def say(self, text: str, *, warning: bool = False) -> None:
        """Show a line for a few seconds beside the icon."""
        if self.docked and self._icon.isVisible():
            kind = QSystemTrayIcon.MessageIcon.Warning if warning else QSystemTrayIcon.MessageIcon.NoIcon
            self._icon.showMessage("trayassist", text, kind, BALLOON_MS)

    def refresh(self) -> None:
        """Bring icon and tooltip up to date."""
        self._redraw.stop()
        state = self.state
        far = self._progress if self._progress is not None else (self._fetching or (0.0, ""))[0]
        steps = round(far * 60) if state is TrayState.INDEXING else 0
        wanted = (state, self._on_dark, steps)
        if wanted != self._drawn:
            self._drawn = wanted
            self._icon.setIcon(draw(state, on_dark=self._on_dark, progress=steps / 60))
        self._icon.setToolTip(self.tooltip)

    # ------------------------------------------------------------ the menu

    def furnish(self, doing: Mapping[str, Callable[[], object]], *, paused: bool) -> None:
        """Give the icon its menu. `doing` has a function for each entry; "pause" reads its action's checked state."""
        self._menu = menu = QMenu()
        labels = self._labels()
        for name in labels:
            if name.startswith("-"):
                menu.addSeparator()
                continue
            action = menu.addAction(labels[name])
            action.setObjectName(name)
            if name == "pause":
                action.setCheckable(True)
                action.setChecked(paused)
            action.triggered.connect(lambda _checked=False, do=doing[name]: do())
            self.actions[name] = action
        self.actions["cancel"].setVisible(self._progress is not None)
        first = next(iter(self.problems.values()), "")
        self.actions["problem"].setText(menu_text(first))
        self.actions["problem"].setVisible(bool(first))
        self._icon.setContextMenu(menu)
        self._look.start()

    def show_hotkey(self, text: str) -> None:
        """Write the hotkey beside its menu entry and into the idle tooltip."""
        if "ask" in self.actions:
            self.actions["ask"].setText(self._labels()["ask"] + (f"\t{text}" if text else ""))
        self._idle = self.tr("{} to ask").format(text) if text else ""
        self.refresh()

    def _labels(self) -> dict[str, str]:
        return {
            "problem": "",
            "ask": self.tr("&Ask…"),
            "add": self.tr("Add &files…"),
            "pause": self.tr("&Pause reading"),
            "cancel": self.tr("&Cancel reading"),
            "-1": "",
            "memory": self.tr("&Memory"),
            "history": self.tr("&History"),
            "activity": self.tr("Acti&vity"),
            "settings": self.tr("&Settings…"),
            "-2": "",
            "quit": self.tr("&Quit"),
        }

    # ------------------------------------------------------------ inside

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.MiddleClick):
            self.clicked.emit()

    def _look_at_panel(self) -> None:
        dark = panel_is_dark(self.geometry)
        if dark != self._on_dark:
            self._on_dark = dark
            self.refresh()


def menu_text(text: str) -> str:
    """Return a sentence as a menu can show it; & is no mnemonic there."""
    return truncate(text, MENU_LENGTH).replace("&", "&&")


def truncate(text: str, longest: int) -> str:
    """Return `text`, its end replaced by … when it is longer."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
