"""The running app: one instance, loading after the icon is painted, a shutdown that leaves no process."""

from __future__ import annotations

import asyncio
import gc
import importlib
import inspect
import logging
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QGuiApplication

from trayassist.api import TrayassistError
from trayassist.ipc import EXIT_FAILED, EXIT_OK, EXIT_USAGE, client
from trayassist.paths import Paths
from trayassist.ui.app.application import Application, QuitSignals, end_children, end_for_certain
from trayassist.ui.app.single import Instance, Server
from trayassist.ui.hotkey import Hotkeys
from trayassist.ui.tray.tray import Tray
from trayassist.ui.widgets.local import local

if TYPE_CHECKING:
    from trayassist.assistant import Assistant
    from trayassist.config import Hotkey
    from trayassist.ui.app.desktop import Desktop
    from trayassist.ui.app.loading import HotkeyState, StartState
    from trayassist.ui.app.settings_files import SettingsWatch
    from trayassist.ui.hotkey.x11 import Keyboard
    from trayassist.ui.tray.x11 import XConnection

logger = logging.getLogger(__name__)

COLLECT_AFTER_MS = 3000
HOTKEY_WAIT_S = 0.5
NO_ANSWER = (
    "Another trayassist uses {} and does not answer: it is starting or ending, or runs on another computer. "
    "Try again, or end it."
)
OTHER_START_S = 10.0  # an instance that started just before us may not listen yet


class Shell(QObject):
    """Everything between the painted icon and the end of the process."""

    def __init__(
        self,
        application: Application,
        tray: Tray,
        paths: Paths,
        *,
        prewarm: bool | None = None,
        first_steps: bool = False,
    ) -> None:
        super().__init__(application)
        self._tray, self._paths, self._prewarm = tray, paths, prewarm
        self._first_steps = first_steps and not paths.first_steps.exists()
        self._desktop: Desktop | None = None
        self._ready = asyncio.Event()  # the desktop is there
        self._problem = ""  # why it is not, when it never will be
        self._summons: tuple[int, str] | None = None  # the popup was wanted before it was there
        self._quit = asyncio.Event()
        self._instance = Instance(paths.data / "app.lock")
        self._ends: list[Callable[[], Any]] = []  # called last first
        self._tasks: set[asyncio.Task[Any]] = set()
        self._signals = QuitSignals(self)
        self._signals.asked.connect(self.quit)
        application.quit_wanted.connect(self.quit)
        application.commitDataRequest.connect(lambda _session: self.quit())

    async def run(self, *, show: bool) -> int:
        """Open everything, wait until the user quits, end everything; return the exit code."""
        if (end := await self._claim_home()) is not None:
            return end
        if show and not self._first_steps:
            self._summons = (0, "")
        opening = self._spawn(self._open())
        quitting = self._spawn(self._quit.wait())
        await asyncio.wait([opening, quitting], return_when=asyncio.FIRST_COMPLETED)
        code = 0
        if opening.done() and (error := opening.exception()) is not None:
            code = EXIT_FAILED
            await self._show_failure(error)
        else:
            await quitting
        end_for_certain(code)
        await self._close()
        return code

    def quit(self) -> None:
        """End the app; a second call changes nothing."""
        self._quit.set()

    # ------------------------------------------------------------ opening

    async def _claim_home(self) -> int | None:
        """Return None when we are the only app of this data folder; else the other one shows its popup: the exit code.

        None, too, where nothing can be locked: opening fails there, and says why.
        """
        clock = asyncio.get_running_loop().time
        end = clock() + OTHER_START_S
        while not self._claim_instance():
            if await asyncio.to_thread(client.tell, self._paths, "show"):
                return EXIT_OK
            if clock() > end:
                print(NO_ANSWER.format(self._paths.data), file=sys.stderr)
                return EXIT_FAILED
            await asyncio.sleep(0.2)
        return None

    def _claim_instance(self) -> bool:
        try:
            return self._instance.claim()
        except OSError as error:
            logger.warning("the lock of the running app cannot be had: %s", error)
            return True

    async def _open(self) -> None:
        from trayassist.ui.app import language, loading

        x11 = QGuiApplication.platformName() == "xcb"
        first = await asyncio.to_thread(loading.load_hotkey, self._paths, x11=x11)
        hotkeys = self._make_hotkeys(first.keyboard)
        if first.settings is not None:
            language.speak(first.settings.look.language)  # before the key, which is told in that language's words
            await self._take_hotkey(hotkeys, first.settings.hotkey)
        loaded = await asyncio.to_thread(loading.load, self._paths)
        language.speak(loaded.settings.look.language)
        if first.settings is None or first.settings.hotkey != loaded.settings.hotkey:
            await self._take_hotkey(hotkeys, loaded.settings.hotkey)
        self._tray.set_problem("settings", " ".join(loaded.problems))
        connection = self._connect_x11(first)
        self._listen()
        await self._build(loaded, connection, hotkeys)
        self._collect_garbage()

    def _collect_garbage(self) -> None:
        assert self._desktop is not None
        collector = IdleCollector(self)
        self._desktop.happened.connect(collector.soon)

    def _connect_x11(self, first: HotkeyState) -> XConnection | None:
        if first.display is None or first.keyboard is None:
            return None
        from trayassist.ui.tray.x11 import TrayHostWatch, XConnection

        connection = XConnection(self, opened=first.display, keyboard=first.keyboard)
        self._ends.append(connection.close)
        TrayHostWatch(connection, self).changed.connect(self._tray.redock)
        return connection

    def _make_hotkeys(self, keyboard: Keyboard | None) -> Hotkeys:
        hotkeys = Hotkeys(keyboard, self)
        if keyboard is not None:
            self._ends.append(keyboard.close)
        hotkeys.pressed.connect(self._toggle)
        hotkeys.changed.connect(lambda: self._tray.set_problem("hotkey", hotkeys.problem))
        self._ends.append(hotkeys.close)
        return hotkeys

    async def _take_hotkey(self, hotkeys: Hotkeys, settings: Hotkey) -> None:
        """Take the key, before the start makes the keyboard's thread wait; on Wayland the user may have to agree."""
        taking = self._spawn(hotkeys.apply(settings))
        await asyncio.wait([taking], timeout=HOTKEY_WAIT_S)

    def _listen(self) -> None:
        server = Server(self._paths.socket, self._answer, self)
        try:
            server.listen()
        except TrayassistError as error:
            self._tray.set_problem("socket", str(error))
        self._ends.append(server.close)
        self._tray.clicked.connect(self._toggle)

    async def _build(self, loaded: StartState, connection: XConnection | None, hotkeys: Hotkeys) -> None:
        """Make the popup, then the assistant behind it; importing is done in a thread, so that the icon answers."""
        await asyncio.to_thread(importlib.import_module, "trayassist.ui.app.desktop")
        from trayassist.ui.app.desktop import Desktop

        desktop = Desktop(self._tray, self._paths, loaded.settings, connection, hotkeys, self)
        desktop.quit_wanted.connect(self.quit)
        self._desktop = desktop
        self._ends.append(desktop.stop)
        if self._summons is not None:
            desktop.summon(*self._summons)
        await asyncio.to_thread(importlib.import_module, "trayassist.ui.tray.notifications")
        from trayassist.ui.tray.notifications import AnswerNews, ReportingAssistant

        news = AnswerNews(self._tray, desktop.popup.isVisible, self)
        assistant = ReportingAssistant(self._paths, news, readable=loaded.paths, prewarm=self._prewarm)
        desktop.take(assistant)
        watch = self._watch_settings(assistant, desktop, loaded.problems)
        self._ready.set()
        await desktop.start()
        watch.begin()
        if self._first_steps:
            await desktop.show_first_steps()

    def _watch_settings(self, assistant: Assistant, desktop: Desktop, problems: Sequence[str]) -> SettingsWatch:
        from trayassist.ui.app.settings_files import SettingsWatch

        watch = SettingsWatch(assistant, problems, self)
        watch.problem_changed.connect(lambda problem: self._tray.set_problem("settings", problem))
        watch.taken.connect(lambda: self._spawn(desktop.apply_settings()))
        self._ends.append(watch.stop)
        return watch

    # ------------------------------------------------------------ wishes from outside

    def _summon(self, time: int = 0, token: str = "") -> None:
        if self._desktop is None:
            self._summons = (time, token)
        else:
            self._desktop.summon(time, token)

    def _toggle(self, time: int = 0, token: str = "") -> None:
        if self._desktop is None:
            self._summons = (time, token)
        else:
            self._desktop.toggle(time, token)

    async def _answer(self, verb: str, arguments: Mapping[str, Any], token: str) -> AsyncIterator[dict[str, Any]]:
        if verb in ("show", "toggle", "quit") and arguments:
            yield {"error": f"“{verb}” takes no arguments.", "todo": "", "exit": EXIT_USAGE}
        elif verb in ("show", "toggle"):
            (self._toggle if verb == "toggle" else self._summon)(0, token)
            yield {"exit": 0}
        elif verb == "quit":
            yield {"exit": 0}
            self.quit()
        else:
            await self._ready.wait()
            from trayassist.cli import verbs

            if self._desktop is None or self._desktop.assistant is None:
                yield {"error": self._problem, "todo": "", "exit": EXIT_FAILED}
                return
            async with aclosing(verbs.run(self._desktop.assistant, verb, arguments)) as objects:
                async for item in objects:
                    yield item

    # ------------------------------------------------------------ the end

    async def _close(self) -> None:
        for task in self._tasks:
            task.cancel()
        for end in reversed(self._ends):
            try:
                result = end()
                if inspect.isawaitable(result):
                    await result
            except Exception:  # barrier: what fails while ending must not keep the rest from ending
                logger.exception("%s failed while trayassist ended", end)
        await asyncio.to_thread(end_children)
        self._tray.hide()
        self._instance.give_up()

    async def _show_failure(self, error: BaseException) -> None:
        """Tell why the app cannot start, where a person can see it, and wait until it was read."""
        if isinstance(error, TrayassistError):
            text = str(error)
        else:
            logger.error("trayassist did not start", exc_info=error)
            text = f"trayassist did not start. The log {self._paths.app_log} says why."
        print(text, file=sys.stderr)
        self._problem = text
        self._ready.set()  # who waits for an answer on the socket gets this one
        from PySide6.QtWidgets import QMessageBox

        box = QMessageBox(QMessageBox.Icon.Critical, "trayassist", local(text))
        box.finished.connect(self.quit)
        box.open()
        await self._quit.wait()

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


class IdleCollector(QObject):
    """Collects garbage a while after something happened, once however much happened meanwhile, in Qt's thread only.

    Python collects in whichever thread allocates; a window in a cycle of references would be destroyed outside Qt's
    thread then, which crashes. So the automatic collector is off, and what makes garbage asks for a collection.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, singleShot=True, interval=COLLECT_AFTER_MS)
        self._timer.timeout.connect(gc.collect)
        gc.collect()
        gc.freeze()  # what is there now stays: collections need not walk it while an answer streams
        gc.disable()

    def soon(self) -> None:
        """Collect in a while."""
        if not self._timer.isActive():
            self._timer.start()

    def end(self) -> None:
        """Leave collecting to Python again."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()
