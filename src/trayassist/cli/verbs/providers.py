"""The verbs about providers: which there are, switching them, their keys, what their endpoints have."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, Literal

from trayassist.api import ConfigError, NotAllowed, TrayassistError
from trayassist.assistant import Assistant
from trayassist.cli.verbs.arguments import Verb, WrongArguments
from trayassist.config.snapshots import NotSaved
from trayassist.ipc import EXIT_NO, EXIT_OK, wire
from trayassist.models.registry import file as registry_file
from trayassist.models.serving import providers as rules
from trayassist.safety.secrets import SecretPlace, StoredSecret


async def providers(
    assistant: Assistant,
    *,
    action: Literal["list", "add", "enable", "disable", "key", "remove", "forget-key", "models", "test"] = "list",
    name: str = "",
    key: str = "",
    url: str = "",
    premium: bool = False,
    confirmed: bool = False,
) -> AsyncGenerator[dict[str, Any], None]:
    """List the providers; or add, remove, enable, disable, key, forget-key, models or test one.

    Enabling one on another machine yields `{"confirm": question}` until it is asked again with `confirmed`.
    """
    if action == "list":
        for one in assistant.registry.providers:
            yield await _state(assistant, one)
        return
    if action == "add":
        await _add(assistant, name, url, premium=premium)
        yield await _state(assistant, name)
        return
    provider = rules.find(assistant.registry, name)
    if action == "enable" and not confirmed and (asked := rules.question(name, provider)):
        yield {"confirm": asked, "exit": EXIT_NO}
    elif action in ("enable", "disable"):
        await _save(assistant, name, "enabled", action == "enable")
        yield await _state(assistant, name)
    elif action == "key":
        yield await _store(assistant, name, key)
    else:
        for line in await OTHERS[action](assistant, name):
            yield line


async def _state(assistant: Assistant, name: str) -> dict[str, Any]:
    plain: dict[str, Any] = wire.plain(await rules.state(assistant.registry, name, assistant.secrets))
    return plain


async def _save(assistant: Assistant, name: str, key: str, value: Any) -> None:
    await asyncio.to_thread(registry_file.save, assistant.paths, ("providers", name, key), value)
    await assistant.reload_registry()
    assistant.audit.write("provider_changed", provider=name, setting=key, value=value)


async def _add(assistant: Assistant, name: str, url: str, *, premium: bool) -> None:
    if name in assistant.registry.providers:
        raise NotAllowed(f"There is a provider “{name}” already.", "Choose another name, or remove it first.")
    new = {"api": "openai", "kind": "premium" if premium else "local", "base_url": url, "enabled": False}
    try:
        await asyncio.to_thread(registry_file.save, assistant.paths, ("providers", name), new)
    except NotSaved:
        raise
    except ConfigError as error:  # what was typed would be wrong in the file
        raise WrongArguments(error.what, error.todo) from error
    await assistant.reload_registry()
    assistant.audit.write("provider_changed", provider=name, setting="base_url", value=url)


async def store_key(assistant: Assistant, name: str, key: str) -> StoredSecret:
    """Store a provider's key and return where it is; it holds from the next request on. Raises TrayassistError."""
    provider = rules.find(assistant.registry, name)
    if why := rules.no_key(key.strip()):
        raise TrayassistError(f"This is no key: {why}", "Copy it again, and nothing else.")
    reference = provider.auth or f"keyring:trayassist/{name}"
    stored = await assistant.secrets.set(reference, key)
    if not provider.auth:
        await _save(assistant, name, "auth", reference)
    for model, one in assistant.registry.models.items():
        if one.provider == name:  # it may rest, because it failed without this key
            assistant.engine.wake(model)
    assistant.audit.write("key_stored", provider=name, kept=stored.kept)
    return stored


async def forget_key(assistant: Assistant, name: str) -> str:
    """Remove a provider's key, from the next request on; return why the keyring kept it, or ""."""
    provider = rules.find(assistant.registry, name)
    problem = await assistant.secrets.delete(provider.auth) if provider.auth else ""
    assistant.audit.write("key_removed", provider=name)
    return problem


async def _store(assistant: Assistant, name: str, key: str) -> dict[str, Any]:
    """Store a key where the keyring lets us. A single command cannot keep one in memory: it says so."""
    stored = await store_key(assistant, name, key)
    if stored.kept is SecretPlace.SESSION and not assistant.in_app:
        raise TrayassistError(
            f"The key is not stored. {stored.problem}",
            "Mend that and try again; or start trayassist, which keeps a key in memory until it ends.",
        )
    return {"provider": name, "key": stored.kept, "problem": stored.problem}


async def _remove(assistant: Assistant, name: str) -> list[dict[str, Any]]:
    """Remove a provider and, once nobody names it any more, the key that was stored for it."""
    auth = rules.find(assistant.registry, name).auth
    await asyncio.to_thread(registry_file.remove, assistant.paths, ("providers", name))
    await assistant.reload_registry()
    assistant.audit.write("provider_changed", provider=name, setting="removed", value=True)
    named = {one.auth for one in assistant.registry.providers.values()}
    problem = await assistant.secrets.delete(auth) if auth == f"keyring:trayassist/{name}" and auth not in named else ""
    return [{"removed": name, "still_there": name in assistant.registry.providers, "problem": problem}]


async def _forget_key(assistant: Assistant, name: str) -> list[dict[str, Any]]:
    problem = await forget_key(assistant, name)
    return [{"provider": name, "key": None, "problem": problem, "exit": EXIT_NO if problem else EXIT_OK}]


async def _models(assistant: Assistant, name: str) -> list[dict[str, Any]]:
    looked = await rules.look(assistant.registry, name, assistant.secrets)
    described = {one.remote_id: model for model, one in assistant.registry.models.items() if one.provider == name}
    return [{"model": model, "described_as": described.get(model)} for model in looked.models]


async def _test(assistant: Assistant, name: str) -> list[dict[str, Any]]:
    try:
        looked = await rules.look(assistant.registry, name, assistant.secrets)
    except TrayassistError as error:
        return [{"provider": name, "ok": False, "error": error.what, "todo": error.todo, "exit": EXIT_NO}]
    return [{"provider": name, "ok": True, "ms": round(looked.ms, 1), "models": len(looked.models)}]


OTHERS: dict[str, Callable[[Assistant, str], Awaitable[list[dict[str, Any]]]]] = {
    "remove": _remove,
    "forget-key": _forget_key,
    "models": _models,
    "test": _test,
}
VERBS: dict[str, Verb] = {"providers": providers}
