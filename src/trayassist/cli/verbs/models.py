"""The verb about models: what suits this machine, what is described, fetching, adding, loading, measuring."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

from trayassist.api import ModelUnavailable, NotAllowed, TrayassistError
from trayassist.assistant import Assistant
from trayassist.cli.verbs.arguments import Actions, Between, Verb, WrongArguments
from trayassist.config import snapshots
from trayassist.ipc import EXIT_FAILED, EXIT_NO, EXIT_OK, EXIT_UNREADABLE, wire
from trayassist.models.catalog import selection, stacks
from trayassist.models.catalog.download import DownloadProgress, has_ended
from trayassist.models.catalog.fetch_plan import FetchPlan, PlannedFile, Want
from trayassist.models.checks import fitness
from trayassist.models.gguf import hardware
from trayassist.models.registry import file as registry_file
from trayassist.models.registry.resolve import check_allowed
from trayassist.models.registry.rules import BY_RULES, NO_MODEL, near
from trayassist.models.serving import measuring
from trayassist.models.serving.state import ModelState
from trayassist.models.serving.tuning import Row, TuningResult

Lines = AsyncGenerator[dict[str, Any], None]

GB = 1e9
NONE_YET = (
    "No model is described yet. `trayassist models recommend` says what suits this machine, "
    "`trayassist models add FILE` takes a GGUF file that you have."
)


async def recommend(assistant: Assistant) -> Lines:
    """Yield what this machine has, a line per proposed model, then the sum; the answer is no when not all fits."""
    facts = await asyncio.to_thread(hardware.look, assistant.paths.models)
    found = stacks.recommend(facts, await asyncio.to_thread(stacks.load))
    yield {"machine": asdict(facts) | {"vram": facts.vram}, "tier": found.tier, "budget": found.budget}
    for choice in found.choices:
        candidate = choice.candidate
        yield {
            "slot": choice.slot,
            "model": choice.name,
            "roles": list(choice.roles),
            "repo": candidate.repo,
            "file": candidate.file,
            "license": candidate.license,
            "quant": candidate.quant,
            "params_b": candidate.params_b,
            "bytes": candidate.file_bytes,
            "memory": choice.memory,
            "fit": choice.fit,
            "why": choice.why,
            "note": choice.note,
            "residency": "hot" if choice.hot else "warm",
        }
    yield {
        "download": found.download,
        "disk_free": found.disk_free,
        "notes": list(found.notes),
        "exit": EXIT_OK if found.fits else EXIT_NO,
    }


async def list_(assistant: Assistant) -> Lines:
    """Yield a line per described model, then one per download that is not done."""
    await assistant.engine.look()
    for state in assistant.engine.models():
        yield _row(state)
    if not assistant.registry.models:
        yield {"says": NONE_YET}
    await assistant.downloads.remember()
    for progress in assistant.downloads.list():
        if progress.state != "done":
            yield {"download": wire.plain(progress)}


async def plan(
    assistant: Assistant,
    *,
    names: Sequence[str] = (),
    tier: Literal["", "hot", "warm", "all"] = "",
    recommended: bool = False,
    repo: str = "",
    file: str = "",
) -> Lines:
    """Yield what fetching would mean: a line per file, per problem, per file to be put there by hand, then the sum.

    The answer is no when nothing can be fetched.
    """
    wants, by_hand = await asyncio.to_thread(_find_wants, assistant, names, tier, recommended, repo, file)
    for item in by_hand:
        yield {"by_hand": item.model, "put": item.put, "sha256": item.sha256, "says": item.says}
    if not wants:
        yield {"plan": None, "says": "No file is missing." if not by_hand else "", "exit": EXIT_NO if by_hand else 0}
        return
    found = await assistant.downloads.plan(wants)
    for planned in found.files:
        yield {"file": asdict(planned), "left": planned.left}
    for what, todo in found.problems:
        yield {"error": what, "todo": todo}
    yield {"plan": _as_json(found), "refusal": found.refusal, "exit": EXIT_NO if found.refusal else EXIT_OK}


async def fetch(assistant: Assistant, *, confirmed: Mapping[str, Any]) -> Lines:
    """Fetch a plan that the user confirmed; yield how far it is, then how each model ended.

    When nobody listens any more, what is under way is paused.
    """
    agreed = _from_json(confirmed)
    names = [want.name for want in agreed.wants]
    news: asyncio.Queue[DownloadProgress] = asyncio.Queue()
    stop = assistant.downloads.subscribe(lambda p: news.put_nowait(p) if p.model in names else None)
    open_, bad = set(names), 0
    try:
        assistant.downloads.start(agreed)
        while open_:
            progress = await news.get()
            if not has_ended(progress.state):
                yield {"progress": wire.plain(progress)}
                continue
            open_.discard(progress.model)
            bad += progress.state != "done"
            yield {"model": progress.model, "state": progress.state, "error": progress.problem, "todo": ""}
        yield {"fetched": len(names) - bad, "exit": EXIT_FAILED if bad else EXIT_OK}
    finally:
        stop()
        for name in open_:
            assistant.downloads.pause(name)


async def cancel(assistant: Assistant, *, name: str) -> Lines:
    """Give up a download that is not done; what was fetched of it is removed."""
    await assistant.downloads.remember()
    await assistant.downloads.cancel(name)
    yield {"cancelled": name, "exit": EXIT_OK}


async def add(
    assistant: Assistant,
    *,
    path: str,
    name: str = "",
    kind: str = "",
    roles: Sequence[str] | None = None,
    move: bool = False,
) -> Lines:
    """Yield progress, then the model that was added."""
    news: asyncio.Queue[tuple[int, int] | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def tell(done: int, total: int) -> None:
        loop.call_soon_threadsafe(news.put_nowait, (done, total))

    async def work() -> tuple[Any, str]:
        try:
            added = await assistant.entries.add(Path(path), name=name, kind=kind, roles=roles, move=move, tell=tell)
            return added, await assistant.entries.wait_for_sha256(added.name, tell) if added.new else ""
        finally:
            loop.call_soon(news.put_nowait, None)

    task = asyncio.create_task(work())
    try:
        while (step := await news.get()) is not None:
            yield {"progress": {"done": step[0], "total": step[1]}}
        added, sha256 = await task
    except ModelUnavailable as error:
        yield {"error": error.what, "todo": error.todo, "exit": EXIT_UNREADABLE}
        return
    finally:
        task.cancel()
    fields = {"added": added.name, "new": added.new, "kind": added.kind, "file": added.file, "roles": list(added.roles)}
    yield {**fields, "sha256": sha256, "says": added.says, "exit": EXIT_OK}


async def remove(assistant: Assistant, *, name: str, delete: bool = False) -> Lines:
    """Take a model out; with `delete` its file, too."""
    roles = await assistant.entries.remove(name, delete=delete)
    yield {"removed": name, "roles": list(roles), "exit": EXIT_OK}


async def use(assistant: Assistant, *, name: str, role: str) -> Lines:
    """Let a model answer for a role: write it into the user's registry.yaml, after a snapshot; say what changed."""
    registry = assistant.registry
    _check_use(assistant, name, role)
    before = registry.role(role).model or ""
    if before != name:
        await asyncio.to_thread(registry_file.save, assistant.paths, ("roles", role, "model"), name)
        await assistant.reload_registry()
    kept = await asyncio.to_thread(snapshots.load_all, assistant.paths)
    says = f"{role}: {before or 'no model'} → {name}." if before != name else f"{role} has the model {name} already."
    if before != name and kept:
        says += f" `trayassist config restore {kept[0].number}` takes it back."
    if (answers := assistant.engine.own_model(role)) != name:
        says += f" In the mode {assistant.registry.mode} {answers or 'no model'} answers for it: the mode goes first."
    elif why := assistant.engine.why_not(role):
        says += f" {why}"
    yield {"role": role, "model": name, "before": before, "says": says, "exit": EXIT_OK}


def _check_use(assistant: Assistant, name: str, role: str) -> None:
    """Raise NotAllowed where the model or the role is not there, or the one cannot answer for the other."""
    registry = assistant.registry
    roles = list(dict.fromkeys([*registry.roles, *assistant.plugins.roles]))
    if role not in roles:
        raise NotAllowed(f"There is no role '{role}'.", near(role, roles, "There are"))
    if role in BY_RULES:
        raise NotAllowed(f"The role {role} {NO_MODEL}.", "Name a role that asks a model, such as persona.")
    if name not in registry.models:
        raise NotAllowed(f"Model '{name}' not found in registry.", near(name, registry.models, "Described"))
    check_allowed(registry, name, role)
    known = fitness.facts(registry.models[name], assistant.engine.header(name))
    judged = fitness.fitness(known, registry.role(role).needs, role=role)
    if judged.colour == "red":
        raise NotAllowed(f"{name} cannot answer for the role {role}. {judged.reasons[0]}", "Choose another model.")


async def load(assistant: Assistant, *, name: str) -> Lines:
    """Yield what is going on, then the loaded model."""
    _state(assistant, name)
    async with aclosing(_with_status(lambda say: assistant.engine.load(name, say))) as lines:
        async for line in lines:
            yield line
    yield _row(_state(assistant, name)) | {"exit": EXIT_OK}


async def unload(assistant: Assistant, *, name: str) -> Lines:
    """End a model's worker; its memory is free then."""
    _state(assistant, name)
    await assistant.engine.unload(name)
    yield _row(_state(assistant, name)) | {"exit": EXIT_OK}


async def bench(
    assistant: Assistant, *, name: str, tokens: Annotated[int, Between(8, 4096)] = measuring.TOKENS
) -> Lines:
    """Yield what is going on, then how fast the model is on this machine."""
    box: list[measuring.ModelBenchmark] = []

    async def work(say: Callable[[str], None]) -> None:
        box.append(await measuring.measure(assistant.engine, assistant.registry, name, tokens=tokens, on_status=say))

    async with aclosing(_with_status(work)) as lines:
        async for line in lines:
            yield line
    yield wire.plain(box[0]) | {"exit": EXIT_OK}


async def tune_draft(assistant: Assistant, *, target: str, draft: str) -> AsyncGenerator[dict[str, Any], None]:
    """Yield a line per depth, then the depth that is kept (0: none pays, and the answer is no)."""
    updates: asyncio.Queue[str | Row | TuningResult | BaseException | None] = asyncio.Queue()
    await _free_memory(assistant, target, draft)

    async def measure() -> None:
        try:
            stream = assistant.tuning.measure(assistant.registry, target, draft, updates.put_nowait)
            async with aclosing(stream) as found:
                async for one in found:
                    updates.put_nowait(one)
            updates.put_nowait(None)
        except TrayassistError as error:
            updates.put_nowait(error)

    task = asyncio.create_task(measure())
    try:
        while (item := await updates.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            if isinstance(item, str):
                yield {"status": item}
            elif isinstance(item, Row):
                yield {"measured": asdict(item)}
            else:
                assistant.engine.reload(assistant.registry)  # a model that is loaded with another depth is loaded anew
                assistant.audit.write("draft_tuned", target=target, draft=draft, k=item.k, note=item.note or None)
                yield {"tuned": asdict(item), "exit": EXIT_OK if item.k else EXIT_NO}
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


# ------------------------------------------------------------ inside


def _row(state: ModelState) -> dict[str, Any]:
    """Return a model's line: the columns of S0-02, its licence and what is wrong with it."""
    return wire.plain(state) | {"endpoint": f"process {state.pid}" if state.pid else state.standing}  # type: ignore[no-any-return]


def _state(assistant: Assistant, name: str) -> ModelState:
    found = next((state for state in assistant.engine.models() if state.name == name), None)
    if found is None:
        known = ", ".join(assistant.registry.models) or "none yet"
        raise NotAllowed(f"Model '{name}' not found in registry.", f"Described: {known}.")
    return found


async def _with_status(work: Callable[[Callable[[str], None]], Any]) -> Lines:
    """Yield what `work` says until it is done. Raises what it raises."""
    updates: asyncio.Queue[str | None] = asyncio.Queue()
    task = asyncio.ensure_future(work(updates.put_nowait))
    task.add_done_callback(lambda _: updates.put_nowait(None))
    try:
        while (text := await updates.get()) is not None:
            yield {"status": text}
        await task
    finally:
        task.cancel()


def _find_wants(
    assistant: Assistant, names: Sequence[str], tier: str, recommended: bool, repo: str, file: str
) -> tuple[list[Want], list[selection.ByHand]]:
    known, registry = stacks.load(), assistant.registry
    if recommended:
        facts = hardware.look(assistant.paths.models)
        return selection.of_stack(stacks.recommend(facts, known), registry), []
    if tier:
        if not registry.models:
            raise TrayassistError(NONE_YET)
        return selection.missing(assistant.paths, registry, tier)  # type: ignore[arg-type]  # one of the command's choices
    return [selection.by_name(name, registry, known, repo=repo, file=file) for name in (names or ("",))], []


def _as_json(found: FetchPlan) -> dict[str, Any]:
    return {
        "wants": [asdict(want) for want in found.wants],
        "files": [asdict(file) for file in found.files],
        "disk_free": found.disk_free,
        "total": found.total,
        "left": found.left,
    }


def _from_json(confirmed: Mapping[str, Any]) -> FetchPlan:
    """Return the plan that a client sends back as it got it. Raises WrongArguments for anything else."""
    try:
        return FetchPlan(
            wants=tuple(Want(**{**want, "roles": tuple(want["roles"])}) for want in confirmed["wants"]),
            files=tuple(PlannedFile(**file) for file in confirmed["files"]),
            disk_free=int(confirmed["disk_free"]),
        )
    except (KeyError, TypeError, ValueError):
        raise WrongArguments("This is no plan of a download.", "Send the plan as “models plan” returned it.") from None


async def _free_memory(assistant: Assistant, target: str, draft: str) -> None:
    """Unload the two where they are loaded. Raises TrayassistError when memory is short for them all the same."""
    engine = assistant.engine
    for name in {target, draft} & {one.name for one in engine.loaded_models()}:
        await engine.unload(name)
    wanted = sum(assistant.tuning.path(assistant.registry, name).stat().st_size for name in (target, draft))
    budget = engine.budget()
    room = min(budget.limit - budget.used, budget.free - budget.headroom)
    if wanted > room:
        raise TrayassistError(
            f"Measuring takes {wanted / GB:.1f} GB of memory, and models have {max(room, 0) / GB:.1f} GB left.",
            "Unload other models first, or measure a smaller pair.",
        )


ACTIONS: Actions = {
    "recommend": recommend,
    "list": list_,
    "plan": plan,
    "fetch": fetch,
    "cancel": cancel,
    "add": add,
    "remove": remove,
    "use": use,
    "load": load,
    "unload": unload,
    "bench": bench,
}

VERBS: dict[str, Verb | Actions] = {"models": ACTIONS, "tune_draft": tune_draft}
