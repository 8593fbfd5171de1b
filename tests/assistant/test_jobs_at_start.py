"""Jobs at the start: nobody is there to answer what they ask."""

from __future__ import annotations

import asyncio

from trayassist.api import Host
from trayassist.assistant import Assistant
from trayassist.paths import Paths


class Asks:
    name = "asks"
    title = "Asks before it works"
    trigger = "at start"

    def __init__(self) -> None:
        self.answers: list[bool] = []

    async def run(self, host: Host) -> str:
        self.answers += [await host.approve("Tidy up?", "Tidy up"), await host.approve("Really not?", "Yes")]
        return "Nothing was tidied."


async def test_what_a_job_asks_at_the_start_is_answered_no(home: Paths) -> None:
    one, job = Assistant(home, found=[]), Asks()
    await one.start()
    one.plugins.jobs["asks"] = job
    await one.start_background()
    try:
        async with asyncio.timeout(60):
            while len(job.answers) < 2:  # noqa: ASYNC110  # the plugin loop answers
                await asyncio.sleep(0.05)
        assert job.answers == [False, False]
    finally:
        await one.stop()
    lines = "".join(file.read_text() for file in home.audit.glob("*.ndjson"))
    assert lines.count('"action_denied"') == 2
