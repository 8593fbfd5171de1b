"""Runs one verb, in the app that runs or in this process, and feeds its objects to a printer."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Any

from trayassist import logs, paths
from trayassist.cli import output
from trayassist.ipc import client

Printer = Callable[[dict[str, Any]], None]

EXIT_FAILED = 4
APPROVALS = "approve"


def run(verb: str, arguments: dict[str, Any], show: Printer, *, confirm: Callable[[str], bool]) -> int:
    """Run the verb, call `show` with each of its objects and return the exit code.

    `confirm` answers the questions that an answer asks before it has an effect.
    """
    where = paths.current()
    code = 0
    with client.connected(where) as connection:
        if connection is None:
            return _run_here(where, verb, arguments, show, confirm)
        ended = False
        for line in client.request(connection, verb, arguments):
            if client.is_end(line):
                code, ended = int(line["end"]), True
                break
            if line.get("event") == "approval":
                client.tell(where, APPROVALS, id=line["id"], yes=confirm(line["question"]))
            else:
                show(line)
        if not ended:
            show({"error": "The running trayassist ended before it answered.", "todo": "Try again."})
            return EXIT_FAILED
    return code


def _run_here(
    where: paths.Paths, verb: str, arguments: dict[str, Any], show: Printer, confirm: Callable[[str], bool]
) -> int:
    from trayassist.api import TrayassistError

    try:
        where.make()
    except TrayassistError as error:
        show({"error": error.what, "todo": error.todo})
        return EXIT_FAILED
    logs.set_up(where.app_log)
    paths.leave_current_folder(where)
    with output.kept_clean(), suppress(KeyboardInterrupt):
        return asyncio.run(_in_this_process(where, verb, arguments, show, confirm))
    return 128 + signal.SIGINT


async def _in_this_process(
    where: paths.Paths, verb: str, arguments: dict[str, Any], show: Printer, confirm: Callable[[str], bool]
) -> int:
    from trayassist.api import TrayassistError
    from trayassist.assistant import Assistant
    from trayassist.cli import verbs

    try:
        assistant = Assistant(where)
    except TrayassistError as error:
        show({"error": error.what, "todo": error.todo})
        return EXIT_FAILED
    code = 0
    try:
        await assistant.start()
        async with aclosing(verbs.run(assistant, verb, arguments)) as lines:
            async for line in lines:
                code = int(line.pop("exit", code))
                if line.get("event") == "approval":
                    assistant.approve(line["id"], await asyncio.to_thread(confirm, line["question"]))
                elif line:
                    show(line)
    finally:
        await assistant.stop()
        for problem in (assistant.audit.problem, assistant.history.problem, assistant.history.notice):
            if problem:
                print(problem, file=sys.stderr)
    return code


def as_json(line: dict[str, Any]) -> None:
    """Print an object as one line of JSON in UTF-8; half a character in a path or an id stays a \\u escape."""
    text = json.dumps(line, ensure_ascii=False)
    print(text.encode("utf-8", "backslashreplace").decode("utf-8"), flush=True)


def read_batch(source: str) -> Iterator[dict[str, Any]]:
    """Yield the objects of an NDJSON file, or of standard input for "-"; a line that is none becomes `unreadable`."""
    data = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    # only "\n" ends a line: JSON text may hold U+2028 and the other marks that splitlines() splits at
    for number, line in enumerate(data.decode("utf-8-sig", "replace").split("\n"), 1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield {"unreadable": f"Line {number} of {source} is not JSON: {error}."}
            continue
        yield item if isinstance(item, dict) else {"unreadable": f"Line {number} of {source} is not an object."}
