"""The verbs of the command line, each an async generator of JSON objects.

The running app serves the same verbs over its local socket, so a verb does the same wherever it runs.
The last object of a verb may carry `"exit"`: its exit code (docs/command-line.md).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

from trayassist.api import TrayassistError
from trayassist.assistant import Assistant
from trayassist.cli.verbs import adapters, config, core, doctor, models, providers
from trayassist.cli.verbs.arguments import Actions, Verb, choose, exit_code
from trayassist.ipc import EXIT_USAGE

VERBS: dict[str, Verb | Actions] = {
    **core.VERBS,
    **config.VERBS,
    **adapters.VERBS,
    **providers.VERBS,
    **models.VERBS,
    **doctor.VERBS,
}


async def run(assistant: Assistant, verb: str, arguments: Mapping[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
    """Yield the verb's objects. A TrayassistError becomes `{"error", "todo", "exit"}`."""
    entry = VERBS.get(verb)
    if entry is None:
        yield {"error": f"There is no verb “{verb[:40]}”.", "todo": "See trayassist --help.", "exit": EXIT_USAGE}
        return
    try:
        function, given = choose(verb, entry, arguments)
        async with aclosing(function(assistant, **given)) as lines:
            async for line in lines:
                yield line
    except TrayassistError as error:
        yield {"error": error.what, "todo": error.todo, "exit": exit_code(error)}
