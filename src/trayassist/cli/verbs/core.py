"""The verbs about questions, memory, plugins and the app itself."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from trayassist import __version__
from trayassist import config as config_file
from trayassist.api import Exchange, Finish, Finished, NotAllowed, Passage, Request, TrayassistError
from trayassist.assistant import Assistant, actions
from trayassist.cli.verbs.arguments import Between, Verb, WrongArguments
from trayassist.ipc import EXIT_FAILED, EXIT_NO, EXIT_OK, EXIT_UNREADABLE, wire
from trayassist.memory.ingest import FileReport, Progress
from trayassist.memory.queue import FileQueue, QueueThread
from trayassist.memory.reindex import in_words
from trayassist.memory.store import Document
from trayassist.models.checks import advice
from trayassist.models.registry.resolve import why_off
from trayassist.models.registry.rules import BY_RULES, NO_MODEL, near

Item = Mapping[str, Any]
Work = Callable[[Item], Awaitable[dict[str, Any]]]

HALF_CHARACTER = re.compile("[\ud800-\udfff]")

Part = Literal["prompt", "context", "answer", "command"]

MOST_RESULTS = 1_000
PAUSED = "Reading is paused, so these files wait in the queue."
READ_ON = "To read them, uncheck “Pause reading” in the menu of the tray icon."
NO_PATH = "This is not the whole path of a file. Give one that begins with the drive or with /."


async def ask(
    assistant: Assistant,
    *,
    text: str,
    role: str | None = None,
    model: str | None = None,
    conversation: str = "",
    files: list[str] | None = None,
) -> AsyncGenerator[dict[str, Any], None]:
    """Yield the events of the answer, Finished last. `model` answers instead of the role's; "" is none."""
    known = assistant.registry.models
    if model and model not in known:
        raise NotAllowed(f"Model '{model}' not found in registry.", near(model, known, "Described"))
    request = Request(
        text=_whole(text),
        role=role,
        model=model,
        conversation=conversation,
        files=tuple(map(Path, files or ())),
        actor="command line",
    )
    async with aclosing(assistant.ask(request)) as events:
        async for event in events:
            line = wire.event(event)
            if isinstance(event, Finished):
                line["exit"] = {Finish.FAILED: EXIT_FAILED, Finish.BLOCKED: EXIT_NO}.get(event.finish, EXIT_OK)
            yield line


async def approve(assistant: Assistant, *, id: str, yes: bool) -> AsyncGenerator[dict[str, Any], None]:  # noqa: A002  # the event's own field
    """Answer an approval of an answer under way."""
    assistant.approve(id, yes)
    yield {"approved": yes, "exit": EXIT_OK}


async def ingest(
    assistant: Assistant, *, paths: list[str], password: str | None = None
) -> AsyncGenerator[dict[str, Any], None]:
    """Yield progress and a line per file, then a summary."""
    began = time.perf_counter()
    good = [path for path in paths if Path(path).is_absolute() and "\0" not in path]
    reports = [FileReport(path, status="failed", reason=NO_PATH) for path in paths if path not in set(good)]
    for report in reports:
        yield wire.plain(report)
    if good and assistant.ingest.paused:
        assistant.ingest.enqueue([Path(path) for path in good], password)
        yield {"error": f"{PAUSED} {assistant.ingest.paused_reason}".strip(), "todo": READ_ON, "exit": EXIT_NO}
        return
    stream = assistant.ingest.ingest([Path(path) for path in good], password=password)
    async with aclosing(stream) as items:
        async for item in items:
            if isinstance(item, Progress):
                yield {"progress": wire.plain(item)}
            else:
                reports.append(item)
                yield wire.plain(item)
    count: dict[str, int] = {s: sum(r.status == s for r in reports) for s in sorted({r.status for r in reports})}
    well = all(report.status in ("ingested", "unchanged", "model") for report in reports)
    yield {
        "summary": True,
        "files": len(reports),
        **count,
        "pages": sum(report.pages for report in reports),
        "passages": sum(report.passages for report in reports),
        "ms": round((time.perf_counter() - began) * 1e3, 1),
        "exit": EXIT_OK if well and reports else EXIT_UNREADABLE,
    }


def search(
    assistant: Assistant,
    *,
    query: str = "",
    limit: Annotated[int, Between(1, MOST_RESULTS)] = 10,
    batch: list[dict[str, Any]] | None = None,
) -> AsyncGenerator[dict[str, Any], None]:
    """Yield the best pages of one query, or an object per query of a batch."""

    async def one(item: Item) -> dict[str, Any]:
        began = time.perf_counter()
        text, most = _text_of(item, "query"), _number_of(item, "limit", limit)
        evidence = await assistant.memory.search(text, most)
        return wire.evidence(evidence) | {"ms": round((time.perf_counter() - began) * 1e3, 2)}

    return _each(batch, {"query": query}, one)


async def route(
    assistant: Assistant, *, text: str = "", batch: list[dict[str, Any]] | None = None
) -> AsyncGenerator[dict[str, Any], None]:
    """Yield the route of one text, or of each item of a batch, without answering."""

    async def one(item: Item) -> dict[str, Any]:
        return wire.route(await assistant.route(Request(text=_text_of(item, "text"), actor="command line")))

    await asyncio.to_thread(assistant.router.warm)  # else the first line's ms would be the compiling of the patterns
    async for line in _each(batch, {"text": text}, one):
        yield line


def inspect(
    assistant: Assistant, *, text: str = "", part: Part = "prompt", batch: list[dict[str, Any]] | None = None
) -> AsyncGenerator[dict[str, Any], None]:
    """Yield the verdict on one text seen as a prompt, context, answer or command, or on each item of a batch."""

    async def one(item: Item) -> dict[str, Any]:
        began = time.perf_counter()
        verdict = await assistant.inspect(_as_exchange(_text_of(item, "text"), str(item.get("as", "prompt"))))
        return wire.verdict(verdict) | {"ms": round((time.perf_counter() - began) * 1e3, 3)}

    return _each(batch, {"text": text, "as": part}, one)


async def memory(
    assistant: Assistant, *, action: Literal["list", "show", "forget"], path: str = "", everything: bool = False
) -> AsyncGenerator[dict[str, Any], None]:
    """List what is remembered, show the passages of a file, or forget a file, a folder or everything."""
    if action == "list":
        for document in await assistant.memory.documents():
            yield wire.plain(document)
        for fact in await assistant.memory.facts():
            yield {"fact": fact.text, "id": fact.id, "created": fact.created}
        return
    if action == "show":
        async for passage in assistant.memory.passages(path):
            yield {"page": passage.page, "start": passage.start, "end": passage.end, "text": passage.text}
        return
    if everything == bool(path):
        raise WrongArguments("“memory forget” needs either “path” or “everything”.", "Nothing was forgotten.")
    if HALF_CHARACTER.search(path) or "\0" in path:  # memory holds no such name
        gone = 0
    else:
        gone = await assistant.ingest.forget(path)
    assistant.audit.write("forgotten", documents=gone, everything=everything)
    if not gone and not everything:
        yield {"error": f"{path} is not in memory.", "todo": "See trayassist memory list.", "exit": EXIT_NO}
        return
    yield {"forgotten": gone, "exit": EXIT_OK}


async def plugins(
    assistant: Assistant, *, enable: str | None = None, disable: str | None = None
) -> AsyncGenerator[dict[str, Any], None]:
    """Yield a line per installed plugin, after switching one on or off."""
    await assistant.ready()
    if name := enable or disable:
        if name not in assistant.plugins.infos:
            known = ", ".join(assistant.plugins.infos)
            raise NotAllowed(f"There is no plugin “{name}”.", f"Installed: {known}.")
        switched = {name} if disable else set()

        def switch(off: tuple[str, ...]) -> list[str]:
            return sorted(set(off) - {name} | switched)

        await asyncio.to_thread(config_file.update_setting, assistant.paths, "plugins.disabled", switch)
        await assistant.reload_config()
    for info in assistant.plugins.infos.values():
        yield wire.plain(info)


async def tools(
    assistant: Assistant, *, action: Literal["list", "run"], name: str = "", arguments: dict[str, Any] | None = None
) -> AsyncGenerator[dict[str, Any], None]:
    """List the tools of the plugins, or run one."""
    await assistant.ready()
    known = assistant.plugins.tools
    if action == "list":
        for tool in known.values():
            yield {
                "name": tool.name,
                "description": tool.description,
                "risk": tool.risk.label,
                "schema": dict(tool.schema),
            }
        return
    if name not in known:
        raise NotAllowed(f"There is no tool “{name}”.", f"Known: {', '.join(known) or 'none'}.")
    async for line in _run_action(assistant, actions.of_tool(known[name], arguments or {}), name):
        yield line


async def jobs(
    assistant: Assistant, *, action: Literal["list", "run"], name: str = ""
) -> AsyncGenerator[dict[str, Any], None]:
    """List the jobs of the plugins, or run one now."""
    await assistant.ready()
    known = assistant.plugins.jobs
    if action == "list":
        for job in known.values():
            on = assistant.registry.job(job.name).enabled
            yield {"name": job.name, "title": job.title, "trigger": job.trigger, "enabled": on}
        return
    if name not in known:
        raise NotAllowed(f"There is no job “{name}”.", f"Known: {', '.join(known) or 'none'}.")
    if not assistant.registry.job(name).enabled:
        raise NotAllowed(f"The job {name} is switched off.", f"Set jobs.{name}.enabled to true in registry.yaml.")
    async for line in _run_action(assistant, actions.of_job(known[name]), name):
        yield line


async def _run_action(assistant: Assistant, action: actions.Action, name: str) -> AsyncGenerator[dict[str, Any], None]:
    stream = assistant.act(action, assistant.plugins.owner.get(name, ""))
    async with aclosing(stream) as lines:
        async for line in lines:
            yield {"result": line, "exit": EXIT_OK} if isinstance(line, str) else wire.event(line)


async def status(assistant: Assistant) -> AsyncGenerator[dict[str, Any], None]:
    """Yield one object: what runs, what is remembered, what is missing. Memory that does not open is a warning."""
    await assistant.ready()
    documents, memory_warnings = await _look_at_memory(assistant)
    await assistant.engine.look()
    broken = [info.name for info in assistant.plugins.infos.values() if info.state == "broken"]
    queued, queue_warnings = await _count_waiting(assistant)
    warnings = [*_settings_warnings(assistant), *_overrides(assistant), *memory_warnings]
    yield {
        "version": __version__,
        "app": assistant.in_app,
        "config": str(assistant.paths.config),
        "data": str(assistant.paths.data),
        "documents": len(documents),
        "pages": sum(document.pages for document in documents),
        "passages": sum(document.passages for document in documents),
        "queued": queued,
        "paused": assistant.ingest.paused,
        "models": [wire.plain(loaded) for loaded in assistant.engine.loaded_models()],
        "roles": _roles(assistant),
        "budget": wire.plain(assistant.engine.budget()),
        "waiting": [wire.plain(one) for one in assistant.engine.queue()],
        "plugins": len(assistant.plugins.infos),
        "broken_plugins": broken,
        "warnings": [*warnings, *queue_warnings],
        "audit": assistant.audit.problem or "ok",
        "history": assistant.history.problem or assistant.history.notice or "ok",
    }


async def _count_waiting(assistant: Assistant) -> tuple[int, list[str]]:
    """Return how many files wait to be read, and what is wrong with their list; without the app it is on disk."""
    if assistant.in_app or not assistant.paths.queue.exists():
        return assistant.ingest.waiting(), []
    queue = QueueThread(assistant.paths.queue)
    try:
        files, _ = await queue.run(FileQueue.count)
    except TrayassistError as error:
        return 0, [str(error)]
    finally:
        await queue.close()
    return files, [queue.notice] if queue.notice else []


async def _look_at_memory(assistant: Assistant) -> tuple[list[Document], list[str]]:
    """Return the documents, and what is wrong with memory."""
    waiting = assistant.memory.waiting
    try:
        documents, warnings = await assistant.memory.documents(), await assistant.memory.warnings()
    except TrayassistError as error:
        documents, warnings = [], [str(error)]
    return documents, [*([waiting] if waiting else []), *warnings]


def _settings_warnings(assistant: Assistant) -> list[str]:
    problem = assistant.settings_problem
    return [*([problem] if problem else []), *assistant.registry_warnings]


def _roles(assistant: Assistant) -> list[dict[str, Any]]:
    """Return a row for each role: model, quantization, memory, residence, measured speed and process (S0-02).

    `memory` is what the model takes in MB, measured if it is loaded, else estimated. `note` says what is wrong.
    """
    engine, registry = assistant.engine, assistant.registry
    states = {state.name: state for state in engine.models()}
    rows = []
    for role in dict.fromkeys((*assistant.plugins.roles, *(name for name in registry.roles if engine.own_model(name)))):
        by_rules = NO_MODEL if role in BY_RULES else ""
        state = None if by_rules else states.get(engine.own_model(role) or "")
        row: dict[str, Any] = {
            "role": role,
            "model": engine.model_for(role),
            "note": why_off(registry, role) or by_rules or engine.why_not(role),
        }
        if state is not None:
            row |= {
                "quant": state.quant,
                "memory": round((state.measured or state.estimated) / 1e6),
                "residence": state.residence,
                "standing": state.standing,
                "tokens_per_s": round(state.tokens_per_s, 1),
                "pid": state.pid,
                "note": row["note"] or state.problem,
            }
        rows.append(row)
    return rows


def _overrides(assistant: Assistant) -> list[str]:
    """Return what registry.yaml says over what was measured, or without effect (F-05, F-06), and S4-26."""
    engine = assistant.engine
    advised = advice.overrides(assistant.registry, engine.tuned_depth)
    advised += [one for one in advice.stand_ins(assistant.registry, engine.smoke) if one.level == "warning"]
    long = engine.figures.lengths.alerts(assistant.registry)
    return [f"{what} {todo}".strip() for what, todo in (*((one.what, one.todo) for one in advised), *long)]


def _as_exchange(text: str, part: str) -> Exchange:
    if part == "prompt":
        return Exchange(request=Request(text=text))
    if part == "context":
        return Exchange(passages=(Passage(path="", title="", page=1, start=0, end=len(text), text=text),))
    if part == "answer":
        return Exchange(answer=text)
    if part == "command":
        return Exchange(command=text)
    raise BadLine(f"“{_whole(part[:40])}” cannot be inspected.", f"Use one of {', '.join(get_args(Part))}.")


async def reindex(
    assistant: Assistant, *, action: Literal["run", "again", "check", "discard"] = "run"
) -> AsyncGenerator[dict[str, Any], None]:
    """Tell what a re-index would do (check), remove what one has done (discard), or run it (run, again).

    Yields progress, and a last object with what memory is made with. Closed, what this call began is cancelled, and
    what is done is kept.
    """
    task = assistant.memory.reindex
    if action == "check":
        offer = await task.offer(measure=True)
        yield {"offer": wire.plain(offer), "text": in_words(offer) if offer else "", "exit": EXIT_NO if offer else 0}
        return
    if action == "discard":
        await task.discard()
        yield {"discarded": True, "exit": EXIT_OK}
        return
    ours = not task.running
    if ours:
        task.start(again=action == "again")
    try:
        async for progress in task.follow():
            yield {"progress": wire.plain(progress)}
    finally:
        if ours:
            await task.cancel()
    state = await assistant.memory.index()
    assistant.audit.write("reindexed", embedder=state.stamp.embedder, passages=state.passages)
    yield {"embedder": state.stamp.name, "dimensions": state.stamp.dim, "passages": state.passages, "exit": EXIT_OK}


# ------------------------------------------------------------ batches


class BadLine(TrayassistError):
    """A line of a batch that cannot be used: no JSON, a field that is missing or of another type."""


async def _each(batch: Sequence[Item] | None, single: Item, work: Work) -> AsyncGenerator[dict[str, Any], None]:
    """Yield what `work` returns for `single`, or with a batch for each of its items, under the item's id.

    In a batch an error is an object with `error` and `todo` in its place; if a line could not be used,
    the exit code is 3. For a single item the error is raised.
    """
    if batch is None:
        yield await work(single)
        return
    unusable = False
    for item in batch:
        try:
            line = await work(item)
        except TrayassistError as error:
            unusable = unusable or isinstance(error, BadLine)
            line = {"error": error.what, "todo": error.todo}
        yield {"id": item.get("id"), **line}
    if unusable:
        yield {"exit": EXIT_UNREADABLE}


def _text_of(item: Item, name: str) -> str:
    """Return a field that must be text. Raises BadLine."""
    if problem := item.get("unreadable"):  # what the command line says about a line that was no object
        raise BadLine(str(problem), "Give one JSON object a line.")
    value = item.get(name)
    if not isinstance(value, str):
        raise BadLine(
            f"A line has no “{name}”: {_whole(str(item)[:80])}.", f'Give objects like {{"id": 1, "{name}": "…"}}.'
        )
    return _whole(value)


def _number_of(item: Item, name: str, otherwise: int) -> int:
    """Return a field that must be a number of results, or `otherwise` where it is missing. Raises BadLine."""
    value = item.get(name, otherwise)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_RESULTS:
        raise BadLine(f"“{name}” is {_whole(str(value)[:40])}.", f"Give a whole number from 1 to {MOST_RESULTS}.")
    return value


def _whole(text: str) -> str:
    """Return the text with U+FFFD for halves of characters (lone surrogates), which no file or hash can hold."""
    return HALF_CHARACTER.sub("\ufffd", text)


VERBS: dict[str, Verb] = {
    "ask": ask,
    "approve": approve,
    "ingest": ingest,
    "search": search,
    "route": route,
    "inspect": inspect,
    "memory": memory,
    "reindex": reindex,
    "tools": tools,
    "jobs": jobs,
    "plugins": plugins,
    "status": status,
}
