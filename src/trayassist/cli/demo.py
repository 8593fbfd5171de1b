"""`trayassist demo`: the main job in one minute, with the sample documents, in a folder that is removed again."""

from __future__ import annotations

import asyncio
import json
import tempfile
from contextlib import aclosing
from pathlib import Path
from typing import Any

import click

from trayassist import logs, paths
from trayassist.assistant import Assistant
from trayassist.cli import printers, verbs
from trayassist.cli.runner import clean_stdout

QUESTIONS = (
    "What is the late fee in the Miller lease?",
    "How often should the espresso machine be descaled?",
    "What was the revenue of Harbor Robotics in 2025?",
)


def demo(json_: bool) -> int:
    """Ingest the samples, ask three questions, print route, cited answer, verdict and timings; return the exit code."""
    with tempfile.TemporaryDirectory(prefix="trayassist-demo-") as folder:
        where = paths.Paths(config=Path(folder) / "config", data=Path(folder) / "data")
        where.make()
        logs.set_up(where.app_log)
        with clean_stdout():
            return asyncio.run(_demo(where, json_))


async def _demo(where: paths.Paths, json_: bool) -> int:
    assistant = Assistant(where)
    code = 0
    try:
        await assistant.start()
        _say("Reading the sample documents", json_)
        samples = [str(path) for path in sorted(paths.shipped("resources/samples").glob("*.pdf"))]
        code = max(code, await _run(assistant, "ingest", {"paths": samples}, printers.IngestPrinter(), json_))
        for question in QUESTIONS:
            _say(f"\n> {question}", json_)
            code = max(code, await _run(assistant, "route", {"text": question}, printers.print_route, json_))
            code = max(code, await _run(assistant, "ask", {"text": question}, DemoAnswerPrinter(), json_))
        _say("\nNext: `trayassist ingest YOUR-FILES`, then `trayassist` for the tray and the hotkey.", json_)
    finally:
        await assistant.stop()
    return code


class DemoAnswerPrinter:
    """Prints an answer and, unlike the plain printer, always its verdict and timings."""

    def __init__(self) -> None:
        self._answer = printers.AnswerPrinter()

    def __call__(self, line: dict[str, Any]) -> None:
        self._answer(line)
        if line.get("event") == "finished":
            timings = line["timings"]
            click.echo(
                f"    verdict: {line['verdict']['risk']} risk · route {timings['route_ms']:.1f} ms"
                f" · search {timings['search_ms']:.0f} ms · in all {timings['total_ms']:.0f} ms"
            )


async def _run(assistant: Assistant, verb: str, arguments: dict[str, Any], show: Any, json_: bool) -> int:
    code = 0
    async with aclosing(verbs.run(assistant, verb, arguments)) as lines:
        async for line in lines:
            code = int(line.pop("exit", code))
            if json_ and "progress" not in line:
                print(json.dumps(line, ensure_ascii=False), flush=True)
            elif not json_:
                show(line)
    return code


def _say(text: str, json_: bool) -> None:
    if not json_:
        click.echo(click.style(text, bold=True))
