"""The desktop behind the tray: what it tells is wrong as long as it is, and no longer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import EntryPoint

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from tests.waiting import until
from trayassist import config
from trayassist.assistant import Assistant
from trayassist.models.registry import file as registry_file
from trayassist.paths import Paths
from trayassist.ui.app.desktop import Desktop
from trayassist.ui.hotkey import Hotkeys
from trayassist.ui.tray.tray import Tray

BROKEN = EntryPoint("weather", "no_such_module_xyz", "trayassist.plugins")


@asynccontextmanager
async def open_desktop(home: Paths) -> AsyncIterator[tuple[Tray, Assistant]]:
    tray, parent = Tray(), QObject()
    hotkeys = Hotkeys(None, parent)
    assistant = Assistant(home, found=[BROKEN], prewarm=False)
    desktop = Desktop(tray, home, assistant.config, None, hotkeys, parent)
    desktop.take(assistant)
    await desktop.start()
    try:
        yield tray, assistant
    finally:
        await desktop.stop()
        await hotkeys.close()


async def test_a_plugin_is_told_of_while_it_is_broken(qapp: QApplication, home: Paths) -> None:
    async with open_desktop(home) as (tray, assistant):
        assert tray.problems["plugins"].startswith("The plugin weather does not work: It did not load")
        await asyncio.to_thread(config.save_setting, home, "plugins.disabled", ["weather"])
        await assistant.reload_config()
        assert "plugins" not in tray.problems
        await asyncio.to_thread(config.save_setting, home, "plugins.disabled", [])
        await assistant.reload_config()
        assert "plugins" in tray.problems


async def test_a_name_in_the_registry_is_told_of_until_it_is_mended(qapp: QApplication, home: Paths) -> None:
    home.registry.write_text("roles: {personna: {context_length: 4096}}\n")
    async with open_desktop(home) as (tray, assistant):
        assert "personna" in tray.problems["registry"]
        home.registry.write_text("roles: {persona: {context_length: 4096}}\n")
        await assistant.reload_registry()
        assert "registry" not in tray.problems
        await asyncio.to_thread(registry_file.save, home, "mode", "dual")
        await assistant.reload_registry()
        assert "registry" not in tray.problems


async def test_a_queue_that_is_found_damaged_later_is_told(qapp: QApplication, home: Paths) -> None:
    async with open_desktop(home) as (tray, assistant):
        assert "queue" not in tray.problems
        await assistant.ingest._queue.close()
        home.queue.write_text("this is no database at all\n" * 500)
        file = home.data / "note.txt"
        file.write_text("The spare key is under the flower pot.")
        assistant.ingest.enqueue([file])
        await until(lambda: "queue" in tray.problems)
        assert "was damaged" in tray.problems["queue"]
