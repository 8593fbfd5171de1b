"""What a streaming answer costs the window: CPU at 30 updates a second, and gaps in Qt's event loop.

Floors of the same run: setMarkdown() of the whole text at each update, and plain text without Markdown.
Prints one JSON object. Runs offscreen unless QT_QPA_PLATFORM says otherwise.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import qasync
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication, QTextBrowser
from tests.ui.popup.scripted import Scripted, finished_event, route

from trayassist.api import Chunk, Routed
from trayassist.paths import Paths
from trayassist.ui.answer.answer_view import AnswerView
from trayassist.ui.popup import Popup
from trayassist.ui.widgets.theme import Theme

TOKENS, LETTERS, UPDATE_MS, TOKENS_A_SECOND = 4_000, 4, 33.3, 150
SECTION = """## Step {n}: read the *input* file

The loader reads **every** page, keeps `page.number` and the [source](https://example.org/{n}), then hands it on [{n}].

```python
def load_{n}(path: str, size: int = 512) -> list[str]:
    \"\"\"Split the text of a file into chunks.\"\"\"
    out, buffer = [], []
    with open(path, encoding="utf-8") as file:
        for line in file:
            buffer.append(line.rstrip())
            if sum(map(len, buffer)) > size:  # flush
                out.append(" ".join(buffer))
    return out
```

1. open the document and check the **page count**
2. extract blocks in reading order
   - headings keep their level
   - tables become rows

| stage | time (ms) | note |
|-------|----------:|------|
| read  | {n}2.5 | warm cache |
| embed | 1{n}0.1 | batch of 32 |

> A failed page is *reported*, never skipped silently.

"""


def tokens() -> list[str]:
    """Return an answer of 4,000 tokens with all that Markdown has."""
    text = "".join(SECTION.format(n=n) for n in range(1, 60))[: TOKENS * LETTERS]
    return [text[start : start + LETTERS] for start in range(0, len(text), LETTERS)]


def settle(ms: int) -> None:
    """Let Qt work for a while."""
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


def cost(view: QTextBrowser, update: Callable[[str, str], None]) -> dict[str, float]:
    """Return the share of a core that 30 updates a second take, over all and at the end, and the longest update."""
    view.resize(600, 400)
    view.show()
    settle(100)
    text, times = "", []
    pieces, step = tokens(), 5
    for start in range(0, len(pieces), step):
        piece = "".join(pieces[start : start + step])
        text += piece
        began = time.thread_time()  # CPU time: other work on the machine does not count
        update(text, piece)
        QApplication.processEvents()
        times.append((time.thread_time() - began) * 1e3)
    view.hide()
    return {
        "core_percent": round(100 * statistics.mean(times) / UPDATE_MS, 2),
        "core_percent_at_end": round(100 * statistics.mean(times[-50:]) / UPDATE_MS, 2),
        "longest_ms": round(max(times), 2),
    }


def costs(theme: Theme) -> dict[str, dict[str, float]]:
    """Return the costs of our view and of both floors."""
    ours, whole, plain = AnswerView(theme), QTextBrowser(), QTextBrowser()
    ours.warm_up()
    settle(300)

    def add(_text: str, piece: str) -> None:
        ours.add_text(piece)
        ours._tick.stop()
        ours._write()

    def set_all(text: str, _piece: str) -> None:
        whole.setMarkdown(text)
        whole.verticalScrollBar().setValue(whole.verticalScrollBar().maximum())

    def insert(_text: str, piece: str) -> None:
        cursor = plain.textCursor()
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(piece)
        plain.verticalScrollBar().setValue(plain.verticalScrollBar().maximum())

    return {"ours": cost(ours, add), "set_markdown_of_all": cost(whole, set_all), "plain_text": cost(plain, insert)}


async def gaps(theme: Theme, seconds: float) -> dict[str, float]:
    """Return how late a 10 ms timer of Qt is while an answer streams into the popup."""
    with tempfile.TemporaryDirectory() as folder:
        popup = Popup(theme, Paths(Path(folder) / "config", Path(folder) / "data"))
        popup.prepare()
        script: list[Any] = [Routed(route())]
        for piece in tokens()[: round(seconds * TOKENS_A_SECOND)]:
            script += [Chunk(piece), 1 / TOKENS_A_SECOND]
        popup.set_assistant(Scripted(*script, finished_event("x")))
        popup.summon()
        await asyncio.sleep(1)
        seen: list[float] = []
        last, last_cpu, busiest = time.perf_counter(), time.thread_time(), 0.0

        def tick() -> None:
            nonlocal last, last_cpu, busiest
            now, cpu = time.perf_counter(), time.thread_time()
            seen.append((now - last) * 1e3)
            busiest = max(busiest, (cpu - last_cpu) * 1e3)
            last, last_cpu = now, cpu

        timer = QTimer(interval=10)
        timer.timeout.connect(tick)
        idle = await _measure(timer, seen, 2)
        busiest = 0.0
        popup.submit("q")
        busy = await _measure(timer, seen, seconds)
        await popup.close_down()
    named = {**{f"idle_{k}": v for k, v in idle.items()}, **{f"streaming_{k}": v for k, v in busy.items()}}
    return {**named, "streaming_longest_work_ms": round(busiest, 1)}  # CPU of this thread: free of other programs


async def _measure(timer: QTimer, seen: list[float], seconds: float) -> dict[str, float]:
    timer.start()
    await asyncio.sleep(0.1)
    seen.clear()
    await asyncio.sleep(seconds)
    timer.stop()
    ordered = sorted(seen)
    return {"p50_ms": round(ordered[len(ordered) // 2], 1), "p99_ms": round(ordered[int(len(ordered) * 0.99)], 1),
            "max_ms": round(ordered[-1], 1)}  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15, help="how long to stream while gaps are measured")
    seconds = parser.parse_args().seconds
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    theme = Theme("light")
    result: dict[str, Any] = {"benchmark": "streaming", "tokens": TOKENS, "updates_per_s": 30, "cost": costs(theme)}
    ours, floor = result["cost"]["ours"], result["cost"]["set_markdown_of_all"]
    result["ratio_to_set_markdown_of_all"] = round(ours["core_percent"] / floor["core_percent"], 3)
    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(app)) as runner:
        result["loop_gap"] = runner.run(gaps(theme, seconds))
    result["bars"] = {"loop_gap_p99_ms": 16, "loop_gap_max_ms": 50}
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
