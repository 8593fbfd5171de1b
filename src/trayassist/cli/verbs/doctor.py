"""The verb `doctor`: checks the installation and says what to do about what is wrong (S4-09, S4-32)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, Literal, NamedTuple

from trayassist.api import TrayassistError
from trayassist.api.words import count
from trayassist.assistant import Assistant
from trayassist.cli.verbs.arguments import Verb
from trayassist.ipc import EXIT_NO, EXIT_OK
from trayassist.models.adapters import comparing
from trayassist.models.catalog.fetch_plan import ROOM_LEFT
from trayassist.models.checks.advice import stand_ins
from trayassist.models.gguf import hardware
from trayassist.models.gguf.estimate import gb
from trayassist.models.registry.rules import BY_RULES, NO_MODEL
from trayassist.models.serving.figures import Speeds
from trayassist.models.serving.state import ModelState

State = Literal["ok", "note", "no"]

WITHOUT = {  # what a role of the application does meanwhile; others quote
    "embedder": "Until then documents are found by their words, or with the model that memory was made with.",
    "reranker": "Until then pages stay in the order they are found in.",
}
MUCH_SLOWER = 0.7  # of last week's speed
PROBE = "keyring:trayassist/doctor"


class DoctorCheck(NamedTuple):
    """The result of one check: fine (ok), worth knowing (note) or wrong (no), and what to do about it."""

    check: str
    state: State
    says: str
    todo: str = ""


async def doctor(assistant: Assistant, *, deep: bool = False) -> AsyncGenerator[dict[str, Any], None]:
    """Yield a line per check, then the verdict; the answer is no when something is wrong.

    With `deep` models that have active adapters are loaded, to see that these are really applied.
    """
    wrong = notes = 0
    async for check in _checks(assistant, deep):
        wrong += check.state == "no"
        notes += check.state == "note"
        yield check._asdict()
    words = "All is well." if not wrong and not notes else f"{wrong} wrong, {notes} worth a look."
    yield {"verdict": words, "wrong": wrong, "notes": notes, "exit": EXIT_NO if wrong else EXIT_OK}


async def _checks(assistant: Assistant, deep: bool) -> AsyncIterator[DoctorCheck]:
    await assistant.engine.look()
    facts = await asyncio.to_thread(hardware.look, assistant.paths.models)
    states = {state.name: state for state in assistant.engine.models()}
    for check in (*_models(assistant, states), *_gpu(facts, states)):
        yield check
    async for check in _adapters(assistant, deep):
        yield check
    for check in (*_stand_ins(assistant), *await asyncio.to_thread(_speeds, assistant, states)):
        yield check
    yield await _keyring(assistant)
    yield await _memory(assistant)
    yield await _history(assistant)
    await assistant.downloads.remember()
    for check in (*_plugins(assistant), *_disk(assistant, facts), *_rest(assistant)):
        yield check


def _models(assistant: Assistant, states: dict[str, ModelState]) -> list[DoctorCheck]:
    """Every role's file exists, and its header is fine."""
    found = []
    own_model = assistant.engine.own_model
    roles = dict.fromkeys((*assistant.plugins.roles, *(role for role in assistant.registry.roles if own_model(role))))
    for role in roles:
        name = assistant.engine.own_model(role)
        if role in BY_RULES:
            named = f"; {name} is named for it and is not asked" if name else ""
            found.append(DoctorCheck(f"model of {role}", "ok", f"{NO_MODEL}{named}"))
            continue
        if name is None:
            found.append(
                DoctorCheck(
                    f"model of {role}",
                    "note",
                    "none",
                    "`trayassist models recommend` names some. Without one it quotes your documents.",
                )
            )
            continue
        state = states.get(name)
        if state is None:
            found.append(
                DoctorCheck(f"model of {role}", "no", f"{name} is not described.", "See `trayassist config check`.")
            )
        elif state.problem or state.standing == "missing":
            says = assistant.engine.why_not(role) or f"{name}: {state.problem}"
            stands_in = (
                "Until then a fallback answers."
                if assistant.engine.model_for(role)
                else "Until then it quotes your documents."
            )
            found.append(DoctorCheck(f"model of {role}", "no", says, WITHOUT.get(role, stands_in)))
        else:
            size = f", {gb(state.file_bytes)}" if state.file_bytes else ""
            found.append(
                DoctorCheck(f"model of {role}", "ok", f"{name}, {state.quant or 'not a file of this machine'}{size}")
            )
    used = {own_model(role) for role in roles if role not in BY_RULES}
    found += [
        DoctorCheck(f"model {state.name}", "note", state.problem, "No role uses it, so nothing depends on it.")
        for state in states.values()
        if state.problem and state.name not in used
    ]
    return found


def _gpu(facts: hardware.Hardware, states: dict[str, ModelState]) -> list[DoctorCheck]:
    """This build of llama.cpp uses the graphics card that is there, and loaded models have layers on it."""
    what = f"this build of llama.cpp uses {facts.backend or 'the processor alone'}"
    if facts.unused_vram >= hardware.GIB:
        card = f"a graphics card with {gb(facts.unused_vram)} is there, and {what}"
        return [DoctorCheck("graphics card", "note", card, "docs/getting-models.md says how to get a build that can.")]
    if not facts.vram:
        return [DoctorCheck("graphics card", "ok", f"none is there; {what}")]
    found = [DoctorCheck("graphics card", "ok", f"{gb(facts.vram)}; {what}")]
    for state in states.values():
        if state.standing in ("warm", "hot", "busy") and not state.gpu_layers:
            todo = "Raise n_gpu_layers, or choose a smaller model: the processor is slower."
            found.append(
                DoctorCheck(f"model {state.name}", "note", "is loaded with no layer on the graphics card", todo)
            )
    return found


async def _adapters(assistant: Assistant, deep: bool) -> AsyncIterator[DoctorCheck]:
    """Active adapters are bound to the model that answers."""
    for role in assistant.registry.roles:
        active = assistant.adapters.slots(role)
        model = assistant.engine.own_model(role)
        if not active or model is None:
            continue
        name = f"adapters of {role}"
        if problem := assistant.adapters.applied_to(role, model).problem:
            yield DoctorCheck(name, "no", problem, "See `trayassist adapters list`.")
        elif not deep:
            ids = ", ".join(one.modelName for one in active)
            yield DoctorCheck(name, "ok", f"{ids} fit {model}; with --deep the model is loaded and asked")
        else:
            try:
                found = await comparing.verify(assistant.adapters, role)
            except TrayassistError as error:
                yield DoctorCheck(name, "no", error.what, error.todo)
            else:
                todo = "" if found.bound else "Unload the model and try again; see `trayassist adapters list`."
                yield DoctorCheck(name, "ok" if found.bound else "no", found.why, todo)


def _stand_ins(assistant: Assistant) -> list[DoctorCheck]:
    """Fallback models passed the smoke tasks (F-05); answers are as long as usual (S4-26)."""
    engine, registry = assistant.engine, assistant.registry
    found = [DoctorCheck("fallback", "note", one.what, one.todo) for one in stand_ins(registry, engine.smoke)]
    return [*found, *(DoctorCheck("length", "note", *alert) for alert in engine.figures.lengths.alerts(registry))]


def _speeds(assistant: Assistant, states: dict[str, ModelState]) -> list[DoctorCheck]:
    """No model is much slower than a week ago."""
    speeds, found = Speeds(assistant.paths.data / "speeds.json"), []
    for name in states:
        now, before = speeds.latest(name), speeds.before(name)
        if not now:
            continue
        if before and now < before * MUCH_SLOWER:
            says = f"{name} writes {now:.1f} tokens/s; a week ago it was {before:.1f}"
            todo = "Look what else takes processor and memory; `trayassist models bench` measures it anew."
            found.append(DoctorCheck("speed", "note", says, todo))
        else:
            was = f"; a week ago it was {before:.1f}" if before else ""
            found.append(DoctorCheck("speed", "ok", f"{name} writes {now:.1f} tokens/s{was}"))
    return found


async def _keyring(assistant: Assistant) -> DoctorCheck:
    secret = await assistant.secrets.get(PROBE)
    if not secret.problem:
        return DoctorCheck("keyring", "ok", "answers")
    needed = [name for name, p in assistant.registry.providers.items() if p.enabled and p.auth]
    if needed:
        return DoctorCheck("keyring", "no", secret.problem, f"Unlock it: {', '.join(needed)} keeps a key there.")
    return DoctorCheck("keyring", "note", secret.problem, "Only providers with a key need one; none is switched on.")


async def _memory(assistant: Assistant) -> DoctorCheck:
    try:
        documents = await assistant.memory.documents()
    except TrayassistError as error:
        return DoctorCheck("memory", "no", error.what, error.todo)
    unfinished = sum(not document.complete for document in documents)
    if unfinished:
        todo = "They are read on while trayassist runs; `trayassist ingest` them again if not."
        return DoctorCheck(
            "memory",
            "note",
            f"{unfinished} of {count(len(documents), 'document')}: not read to the end",
            todo,
        )
    return DoctorCheck("memory", "ok", count(len(documents), "document"))


async def _history(assistant: Assistant) -> DoctorCheck:
    """It can be opened, and took the last answer."""
    try:
        await assistant.history.recent(1)
    except TrayassistError as error:
        return DoctorCheck("history", "no", error.what, error.todo)
    trouble = assistant.history.problem or assistant.history.notice
    return DoctorCheck("history", "no", trouble, "") if trouble else DoctorCheck("history", "ok", "can be read")


def _plugins(assistant: Assistant) -> list[DoctorCheck]:
    infos = assistant.plugins.infos.values()
    broken = [
        DoctorCheck(
            f"plugin {info.name}", "no", info.reason, "Update or switch it off: `trayassist plugins --disable`."
        )
        for info in infos
        if info.state == "broken"
    ]
    return broken or [DoctorCheck("plugins", "ok", count(sum(info.state == "on" for info in infos), "works", "work"))]


def _disk(assistant: Assistant, facts: hardware.Hardware) -> list[DoctorCheck]:
    free = hardware.disk_free(assistant.paths.data)
    found = [DoctorCheck("disk", "ok", f"{gb(facts.disk_free)} free for models, {gb(free)} for data")]
    if min(free, facts.disk_free) < ROOM_LEFT:
        todo = (
            f"Make room in {assistant.paths.data}: below that nothing is fetched, and reading pauses when it is full."
        )
        found = [DoctorCheck("disk", "no", f"only {gb(min(free, facts.disk_free))} free", todo)]
    return found


def _rest(assistant: Assistant) -> list[DoctorCheck]:
    """Warnings about settings, the audit log, downloads that did not end."""
    found = [DoctorCheck("settings", "note", warning, "") for warning in assistant.registry_warnings]
    if assistant.settings_problem:
        found.append(DoctorCheck("settings", "no", assistant.settings_problem, "See `trayassist config check`."))
    if assistant.audit.problem:
        found.append(DoctorCheck("audit log", "no", assistant.audit.problem, "Check the folder's permissions."))
    for progress in assistant.downloads.list():
        if progress.state in ("paused", "failed"):
            says = f"{progress.model}: {gb(progress.bytes)} of {gb(progress.total)}. {progress.problem}".strip()
            todo = f"`trayassist models fetch {progress.model}` goes on, `trayassist models cancel` gives it up."
            found.append(DoctorCheck("download", "note", says, todo))
    return found


VERBS: dict[str, Verb] = {"doctor": doctor}
