"""Puts the user interface together: popup, menu, windows, drops, and the assistant behind them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSettings, QTimer, Signal

from trayassist.api import Citation
from trayassist.config import App
from trayassist.gguf_format import is_model
from trayassist.paths import Paths
from trayassist.ui.hotkey import Hotkeys
from trayassist.ui.popup import Popup
from trayassist.ui.tray.notifications import ModelNews
from trayassist.ui.tray.tray import Tray
from trayassist.ui.tray.x11 import XConnection
from trayassist.ui.widgets.local import local
from trayassist.ui.widgets.names import plugin_title
from trayassist.ui.widgets.theme import Theme

if TYPE_CHECKING:
    from trayassist.assistant import Assistant

logger = logging.getLogger(__name__)

STOP_LIMIT_S = 3.0  # for workers to end by themselves
TRAY_WAIT_MS = 3000  # at log-in the panel may start after us
PAUSED = "reading/paused"  # in the windows' state
REST_S = 4.0  # after the start, before what is not wanted yet is imported


class Desktop(QObject):
    """The app as its user knows it: first the popup, which takes questions at once, then all that needs the assistant.

    `paths` are the user's own, in which settings are saved.
    """

    quit_wanted = Signal()
    happened = Signal()  # something that leaves garbage: an answer, a file, a window

    def __init__(
        self, tray: Tray, paths: Paths, settings: App, connection: XConnection | None, hotkeys: Hotkeys, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._tray, self._hotkeys, self._connection = tray, hotkeys, connection
        self._hotkey_settings = settings.hotkey  # as they were last read from the files
        self._state = QSettings(str(paths.window_state), QSettings.Format.IniFormat)
        self.assistant: Assistant | None = None
        self.theme = Theme(settings.look.theme, self, text_percent=settings.look.text_percent)
        self.popup = Popup(self.theme, paths, connection)
        self.popup.prepare()
        hotkeys.changed.connect(self._show_hotkey)

    def take(self, assistant: Assistant) -> None:
        """Give popup, menu, windows and drops someone to work for."""
        from trayassist.ui.app.windows import Opener
        from trayassist.ui.tray.notifications import DownloadNews, IndexingNews

        self.assistant = assistant
        self.popup.set_assistant(assistant)
        self.popup.open_page.connect(self._open_page)
        self.indexing = IndexingNews(assistant.ingest, self._tray, self)
        self.fetching = DownloadNews(assistant.downloads, self._tray, self)
        self.models = ModelNews(assistant.engine, self._tray, self)
        self.opener = Opener(assistant, self.theme, self._hotkeys, self)
        self.popup.models_dropped.connect(self.opener.models)
        self.opener.remembered.connect(self.remember)
        self.opener.page_wanted.connect(self._open_page)
        self.opener.asked.connect(self._ask)
        self.opener.closed.connect(self.happened)
        self.popup.hidden.connect(self.happened)
        self.popup.answered.connect(self.happened)
        self.indexing.updated.connect(self.happened)
        self.opener.settings_changed.connect(self.popup.apply_settings)
        self._furnish(assistant)
        self._show_hotkey()
        if self._connection is not None:
            from trayassist.ui.tray.drop_overlay import TrayDrop

            self.drop = TrayDrop(self._connection, self._tray, self.theme, self)
            self.drop.dropped.connect(self.remember)
        QTimer.singleShot(TRAY_WAIT_MS, self, self._tell_of_no_tray)

    async def start(self) -> None:
        """Load the plugins; tell of those that do not work."""
        assert self.assistant is not None
        self.assistant.on_reload.append(self._tell_problems)
        self.assistant.ingest.on_notice.append(self._tell_problems)
        await self.assistant.start()
        self.assistant.memory.on_waiting.append(lambda reason: self._tray.set_problem("memory", reason))
        await self.assistant.start_background()
        self._show_pause()
        self.popup.tasks.start(self._prepare_windows())

    def _tell_problems(self) -> None:
        """Tell what is wrong with plugins, names in registry.yaml and the queue's file, for as long as it is."""
        assert self.assistant is not None
        infos = self.assistant.plugins.infos.values()
        broken = next((info for info in infos if info.state == "broken"), None)
        sentence = self.tr("The plugin {0} does not work: {1}")
        self._tray.set_problem(
            "plugins", sentence.format(plugin_title(broken.name), local(broken.reason)) if broken else ""
        )
        self._tray.set_problem("registry", next(iter(self.assistant.registry_warnings), ""))
        self._tray.set_problem("queue", self.assistant.ingest.notice)

    async def stop(self) -> None:
        """End all work; what does not end in time is left to the caller to kill."""
        await self.popup.close_down()
        if self.assistant is None:
            return
        self.indexing.close()
        self.fetching.close()
        self.models.close()
        self.opener.close()
        try:
            async with asyncio.timeout(STOP_LIMIT_S):
                await self.assistant.stop()
        except TimeoutError:
            logger.warning("not everything ended within %s s; what is left is killed", STOP_LIMIT_S)

    async def apply_settings(self) -> None:
        """Put settings in force that were taken over from the files: look, hotkey, and what open windows show."""
        assert self.assistant is not None
        look = self.assistant.config.look
        self.theme.set_mode(look.theme)
        self.theme.set_text(look.text_percent)
        self.popup.apply_settings()
        self.opener.follow_files()
        if self._hotkey_settings != self.assistant.config.hotkey:
            self._hotkey_settings = self.assistant.config.hotkey
            await self._hotkeys.apply(self._hotkey_settings)

    async def show_first_steps(self) -> None:
        """Show the first steps, unless they were shown before."""
        assert self.assistant is not None
        marker = self.assistant.paths.first_steps
        if marker.exists():
            return
        try:
            marker.touch(mode=0o600)
        except OSError as error:  # they would be shown again; that is no reason not to show them now
            logger.warning("%s cannot be written: %s", marker, error)
        self.opener.first_steps()

    # ------------------------------------------------------------ what the user does

    def summon(self, time: int = 0, token: str = "") -> None:
        """Show the popup with focus. `time` is the X server's time of the key press, `token` Wayland's."""
        self._tray.forget_news()
        if not self.has_focus:
            self.popup.summon(time, token)

    def toggle(self, time: int = 0, token: str = "") -> None:
        """Hide the popup when it is open and has the focus, else show it."""
        self._tray.forget_news()
        self.popup.summon(time, token)

    @property
    def has_focus(self) -> bool:
        """Whether the popup is open and what is typed goes into it."""
        return self.popup.isVisible() and self.popup.isActiveWindow()

    def remember(self, files: Sequence[Path]) -> None:
        """Queue files and folders for memory; of models the settings ask what they are for."""
        models = [file for file in files if is_model(file)]
        if self.assistant is None:
            return
        if models:
            self.opener.models(models)
        if len(models) < len(files):
            self.assistant.ingest.enqueue([file for file in files if file not in models])
            self.indexing.begin()

    def _ask(self, question: str) -> None:
        self.summon()
        self.popup.submit(question)

    def _open_page(self, citation: Citation, citations: Sequence[Citation]) -> None:
        from trayassist.ui.page.view import show_pages

        assert self.assistant is not None
        among = tuple(citations) if citation in citations else (citation,)
        self.popup.tasks.start(show_pages(self.assistant, among, among.index(citation), self.theme))

    # ------------------------------------------------------------ inside

    def _furnish(self, assistant: Assistant) -> None:
        doing = {
            "problem": lambda: self.opener.settings(),
            "ask": self.summon,
            "add": lambda: self.opener.files(self.remember),
            "memory": self.opener.memory,
            "history": self.opener.history,
            "activity": self.opener.activity,
            "settings": lambda: self.opener.settings(),
            "pause": self._pause,
            "cancel": assistant.ingest.cancel,
            "quit": self.quit_wanted.emit,
        }
        if self._state.value(PAUSED) == "true":  # what the user paused stays paused over a restart
            assistant.ingest.pause()
        self._tray.furnish(doing, paused=assistant.ingest.paused)
        assistant.ingest.on_pause.append(self._keep_pause)
        self._show_pause()

    def _pause(self) -> None:
        assert self.assistant is not None
        if self._tray.actions["pause"].isChecked():
            self.assistant.ingest.pause()
        else:
            self.assistant.ingest.resume()

    def _keep_pause(self) -> None:
        """Reading was paused, or goes on, here, in the popup, in the memory window or for want of space."""
        assert self.assistant is not None
        ingest = self.assistant.ingest
        if not (ingest.paused and ingest.paused_reason):  # why it cannot be read may be over at the next start
            self._state.setValue(PAUSED, "true" if ingest.paused else "false")
        self._show_pause()

    def _show_pause(self) -> None:
        assert self.assistant is not None
        self._tray.set_paused(self.assistant.ingest.paused)
        if self.assistant.ingest.waiting():
            self.indexing.begin()
        self.popup.reading.refresh()

    async def _prepare_windows(self) -> None:
        await asyncio.sleep(REST_S)
        await self.opener.prepare()

    def _show_hotkey(self) -> None:
        self._tray.show_hotkey(self._hotkeys.text)

    def _tell_of_no_tray(self) -> None:
        if self._tray.docked or self.opener.shows("first steps"):
            return
        logger.warning("no tray host runs")
        ways = self.tr("{} or “trayassist toggle”").format(self._hotkeys.text) if self._hotkeys.text else ""
        sentence = self.tr("No system tray runs here, so there is no icon. {} opens this window.")
        self.summon()
        self.popup.typing.show_notice(sentence.format(ways or "“trayassist toggle”"))
        self.popup.hidden.connect(lambda: self.popup.typing.show_notice(""))
