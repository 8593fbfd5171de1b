"""What one question leaves in the audit log: each line has its run id, the verdict on what memory gave too."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from tests.plugins import faulty
from trayassist.api import Answer, Chunk, Exchange, Host, Request, Risk, Route, Verdict
from trayassist.assistant import Assistant, actions
from trayassist.paths import Paths


class Searches(faulty.SaysHello):
    """Answers with how many facts memory finds."""

    async def answer(self, request: Request, route: Route, host: Host) -> AsyncIterator[Answer]:
        evidence = await host.quote("heron")
        yield Chunk(f"{len(evidence.quotes)} found")


class SearchTool(faulty.Tool):
    name = "searching"
    risk = Risk.LOW

    async def run(self, arguments: Mapping[str, Any], host: Host) -> str:
        return f"{len((await host.quote('heron')).quotes)} found"


class Looks:
    """An inspector that finds everything fine."""

    name = "looks"

    def inspect(self, exchange: Exchange) -> Verdict:
        return Verdict(risk=Risk.LOW)


def lines(home: Paths) -> list[dict[str, Any]]:
    return [json.loads(line) for file in home.audit.iterdir() for line in file.read_text().splitlines()]


@pytest.mark.parametrize("kind", ["answer", "tool"])
async def test_the_verdict_on_the_context_has_the_id_of_its_run(home: Paths, kind: str) -> None:
    entries = [
        faulty.entry("roles", register_roles=lambda host: [Searches("searches")]),
        faulty.entry("tools", register_tools=lambda host: [SearchTool()]),
        faulty.entry("looks", register_inspectors=lambda host: [Looks()]),
    ]
    one = Assistant(home, found=entries)
    await one.start()
    try:
        await one.memory.remember("The heron stands in the pond.")
        if kind == "answer":
            request = Request(text="Where is the heron?", role="searches")
            run = request.id
            shown = [event async for event in one.ask(request)]
            assert Chunk("1 found") in shown
        else:
            done = [item async for item in one.act(actions.of_tool(one.plugins.tools["searching"], {}), "tools")]
            assert done[-1] == "1 found"
            run = ""
    finally:
        await one.stop()
    (context,) = [line for line in lines(home) if line["event"] == "verdict" and line["stage"] == "context"]
    run = run or next(line["run_id"] for line in lines(home) if line["event"] == "action_requested")
    assert context["run_id"] == run
    assert all(
        line["run_id"] == run for line in lines(home) if line["event"] in ("verdict", "answer", "action_finished")
    )
