"""Gaps in Qt's event loop while an answer streams from a model and 1,000 pages are ingested, all at once.

The real popup and assistant, a random model of some 120 million parameters, two PDFs of 500 pages made here.
A 10 ms timer notes when it fires. The floor of the same run: the same timer with the same app, idle.
The first second and a half, in which the model is loaded, is told apart.
Runs offscreen unless QT_QPA_PLATFORM says otherwise.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from importlib.metadata import EntryPoint
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import qasync
import yaml
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication
from tests.plugins.faulty import SaysHello, entry

from trayassist.api import Answer, Host, Message, Request, Route
from trayassist.assistant import Assistant
from trayassist.memory.ingest import FileReport
from trayassist.paths import Paths
from trayassist.plugins import discovery
from trayassist.ui.app.shell import IdleCollector
from trayassist.ui.app.start import SWITCH_INTERVAL_S
from trayassist.ui.popup import Popup
from trayassist.ui.widgets.theme import Theme

PAGES, FILES, IDLE_S = 500, 2, 3.0


class Streams(SaysHello):
    """A role that passes the model's pieces on."""

    async def answer(self, request: Request, route: Route, host: Host) -> AsyncIterator[Answer]:
        async for chunk in host.generate(route, [Message(speaker="user", text=route.text)]):
            yield chunk


class Ticks:
    """A 10 ms timer of Qt's that notes the time between two of its firings."""

    def __init__(self) -> None:
        self.gaps: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer(interval=10, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def _tick(self) -> None:
        now = time.perf_counter()
        self.gaps.append((now - self._last) * 1e3)
        self._last = now

    def take(self) -> dict[str, float]:
        """Return the figures since the last call, in ms."""
        gaps, self.gaps = sorted(self.gaps), []
        return {
            "median": round(statistics.median(gaps), 1),
            "p99": round(gaps[int(len(gaps) * 0.99)], 1),
            "max": round(gaps[-1], 1),
            "ticks": len(gaps),
        }


def make_inputs(folder: Path) -> None:
    """Write the PDFs (60 lines of invented text a page) and the model. In a process of its own: see main()."""
    import pymupdf
    from tests import tiny_gguf

    tiny_gguf.write_over_100_m(folder / "random.gguf")
    for number in range(FILES):
        with pymupdf.open() as document:
            for page in range(PAGES):
                lines = [
                    f"Line {n} of page {page}: the harbour office recorded {n * 37 + page} tons." for n in range(60)
                ]
                document.new_page().insert_text((40, 40), lines, fontsize=8)
            document.save(folder / f"report-{number}.pdf")


async def main(application: QApplication) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # another process: the app's own heap holds no PyMuPDF and no numpy, and neither must this one
        maker = multiprocessing.get_context("spawn").Process(target=make_inputs, args=(folder,))
        maker.start()
        maker.join()
        files, model = sorted(folder.glob("*.pdf")), folder / "random.gguf"
        paths = Paths(config=folder / "config", data=folder / "data")
        paths.make()
        role = {"model": "random", "max_tokens": 1500, "seed": 1}
        registry = {"models": {"random": {"file": str(model)}}, "roles": {"streams": role}}
        paths.registry.write_text(yaml.safe_dump(registry))
        found = [e for e in discovery.discover() if e.name in ("ingest", "watchdog")]
        found.append(entry("streams", register_roles=lambda host: [Streams("streams")]))
        await run(application, paths, files, found)


async def run(application: QApplication, paths: Paths, files: list[Path], found: list[EntryPoint]) -> None:
    assistant = Assistant(paths, found=found)
    popup = Popup(Theme("light", application), paths, assistant=assistant)
    popup.prepare()
    await assistant.start()
    await assistant.memory.start()
    await assistant.ingest.warm_up()
    popup.summon()
    tidy = IdleCollector(application)  # as the app does: garbage is collected when nothing runs
    await asyncio.sleep(1)
    ticks = Ticks()
    await asyncio.sleep(IDLE_S)
    idle = ticks.take()
    popup.submit("@streams tell me everything")
    await asyncio.sleep(1.5)  # the model is loaded and streams
    loading = ticks.take()
    began = time.perf_counter()
    reports = [r async for r in assistant.ingest.ingest(files) if isinstance(r, FileReport)]
    seconds = time.perf_counter() - began
    busy = ticks.take()
    (loaded,) = assistant.engine.loaded_models()
    pages = sum(report.pages for report in reports)
    print(
        json.dumps(
            {
                "benchmark": "loop_gap",
                "gap_ms": busy,
                "gap_while_the_model_loads_ms": loading,
                "floor_idle_gap_ms": idle,
                "bar_ms": {"p99": 16, "max": 50},
                "pages": pages,
                "seconds": round(seconds, 2),
                "still_streaming_at_the_end": loaded.busy,
            }
        )
    )
    tidy.end()
    popup.hide()
    await popup.close_down()
    await assistant.stop()


if __name__ == "__main__":
    app = QApplication([])
    app.setQuitOnLastWindowClosed(False)
    sys.setswitchinterval(SWITCH_INTERVAL_S)  # as the app does
    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(app)) as runner:
        runner.run(main(app))
