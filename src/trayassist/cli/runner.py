"""Runs one verb, in the app that runs or in this process, and hands its objects to a printer; ends the process."""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

import click

from trayassist import logs, paths
from trayassist.ipc import EXIT_FAILED, client

Printer = Callable[[dict[str, Any]], object]
APPROVALS = "approve"
MANY_LINES = frozenset(("text", "markdown", "result", "answer", "says", "verdict", "value"))  # all else is one line

json_option = click.option("--json", "json_", is_flag=True, help="One JSON object a line.")


def finish(verb: str, arguments: dict[str, Any], show: Printer, *, nothing: str = "") -> NoReturn:
    """Run the verb and exit; `nothing` is said to people when it has nothing to show."""
    shown = False

    def show_one(line: dict[str, Any]) -> None:
        nonlocal shown
        shown = True
        show(line)

    code = run(verb, arguments, show_one, confirm=confirm_on_terminal)
    if nothing and not shown and show is not as_json:
        click.echo(nothing)
    sys.exit(code)


def confirm_on_terminal(question: str) -> bool:
    """Return the user's yes; without a terminal nobody can say it, so it is no."""
    from trayassist.api import one_line  # here: a second start of the app does without

    question = one_line(question)
    if not sys.stdin.isatty():
        click.echo(f"{question} (Not done: there is no terminal to ask on.)", err=True)
        return False
    return click.confirm(question, default=False)


def run(verb: str, arguments: dict[str, Any], show: Printer, *, confirm: Callable[[str], bool]) -> int:
    """Run the verb, call `show` with each of its objects and return the exit code.

    `confirm` answers the questions that an answer asks before it has an effect.
    """
    where = paths.current()
    show = for_display(show)
    code = 0
    with client.connect_to_app(where) as connection:
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
            show({"error": "The running trayassist ended or hung up before it had answered.", "todo": "Try again."})
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
    with clean_stdout(), suppress(KeyboardInterrupt):
        return asyncio.run(_in_this_process(where, verb, arguments, show, confirm))
    return 128 + signal.SIGINT


async def _in_this_process(
    where: paths.Paths, verb: str, arguments: dict[str, Any], show: Printer, confirm: Callable[[str], bool]
) -> int:
    from trayassist.api import TrayassistError
    from trayassist.assistant import Assistant
    from trayassist.cli import verbs
    from trayassist.cli.verbs.arguments import exit_code

    try:
        assistant = Assistant(where)
    except TrayassistError as error:
        show({"error": error.what, "todo": error.todo})
        return exit_code(error)
    code = 0
    assistant.memory.on_waiting.append(lambda reason: print(reason, file=sys.stderr, flush=True) if reason else None)
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
        for problem in (
            assistant.audit.problem,
            assistant.history.problem,
            assistant.history.notice,
            assistant.ingest.notice,
        ):
            if problem:
                print(problem, file=sys.stderr)
    return code


def for_display(show: Printer) -> Printer:
    """Return the printer, given lines in which no name, path or text of a document can steer the terminal.

    JSON is left as it is: `as_json` escapes such characters without loss.
    """
    context = click.get_current_context(silent=True)
    if context is not None and any(context.params.get(name) for name in ("json_", "batch")):
        return show
    return lambda line: show({key: _displayable(value, key) for key, value in line.items()})


def _displayable(value: Any, key: str = "") -> Any:
    """Return the value with each text on one line, or on its own lines where the key stands for more than one."""
    if isinstance(value, str):
        from trayassist.api import one_line  # here: a second start of the app does without

        if key not in MANY_LINES:
            return one_line(value)
        return "\n".join("\t".join(map(one_line, line.split("\t"))) for line in value.split("\n"))
    if isinstance(value, dict):
        return {name: _displayable(item, name) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_displayable(item, key) for item in value]
    return value


def absolute_path(path: str) -> str:
    """Return a path of the command line as memory and the registry know files: absolute, without "..", links kept.

    A link before a ".." is followed, as the system does.
    """
    given = Path(path).expanduser().absolute()
    short = os.path.abspath(given)  # noqa: PTH100  # resolve() would follow all links
    real = os.path.realpath(given)
    return short if os.path.realpath(short) == real else real


def as_json(line: dict[str, Any]) -> None:
    """Print an object as one line of JSON in UTF-8; controls and half characters stay \\u escapes."""
    text = json.dumps(line, ensure_ascii=False)
    print(re.sub(r"[^\x20-\x7e]", _json_character, text), flush=True)


def _json_character(found: re.Match[str]) -> str:
    from trayassist.api import one_line

    character = found[0]
    return character if one_line(character) == character else json.dumps(character)[1:-1]


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


class _MainThreadStdout(io.TextIOWrapper):
    """Standard output for the main thread, which runs the verb; plugins' code runs in other threads."""

    def write(self, text: str, /) -> int:
        if threading.current_thread() is not threading.main_thread():
            return sys.stderr.write(text)
        return super().write(text)


@contextmanager
def clean_stdout() -> Iterator[None]:
    """Keep standard output for the main thread, whichever way others write to it. No-op where it was replaced."""
    before = sys.stdout
    if not isinstance(before, io.TextIOWrapper) or before is not sys.__stdout__ or sys.stderr is None:
        yield
        return
    before.flush()
    real = os.dup(1)
    raw = open(real, "wb", closefd=False)  # noqa: SIM115  # it must outlive the block: threads may still hold it
    own = _MainThreadStdout(raw, before.encoding, before.errors, line_buffering=before.line_buffering)
    os.dup2(sys.stderr.fileno(), 1)
    sys.stdout = own
    try:
        yield
    finally:
        try:
            own.flush()
        finally:
            os.dup2(real, 1)
            sys.stdout = before
            os.close(real)
