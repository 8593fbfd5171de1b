"""Providers: who runs a model. Whether it may be called, and the worker that calls it.

Nothing in here sends anything: workers do, and only for a provider that is switched on.
"""

from __future__ import annotations

import difflib
import ipaddress
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from trayassist.api import ModelUnavailable, NotAllowed, TrayassistError
from trayassist.models.registry.schema import Model, Provider, Registry
from trayassist.safety.secrets import SecretPlace, Secrets
from trayassist.workers import endpoint, mock
from trayassist.workers.pool import Worker

Key = Callable[[], Awaitable[str]]
NO_ADDRESS = "Give it one in Settings, Providers (base_url in registry.yaml)."


class EndpointWorker(Worker):
    """A worker that gets the provider's key with each request, so that a new or removed key holds at the next one.

    `key` returns it, "" for none, or raises ModelUnavailable; then nothing is asked.
    """

    def __init__(self, title: str, options: endpoint.EndpointOptions, key: Key) -> None:
        super().__init__(title, endpoint.main, options=options)
        self._key = key

    async def call(self, operation: str, /, **arguments: Any) -> Any:
        return await super().call(operation, key=await self._key(), **arguments)

    async def stream(self, operation: str, /, **arguments: Any) -> AsyncGenerator[Any, None]:
        async with aclosing(super().stream(operation, key=await self._key(), **arguments)) as items:
            async for item in items:
                yield item


def make_worker(name: str, model: Model, provider: Provider, key: Key) -> Worker:
    """Return a worker, not yet started, for a model that no file of ours holds: behind an endpoint, or the mock.

    It answers `load` and `generate` as a model worker does. `key` is that of EndpointWorker. Raises ModelUnavailable
    for a provider of GGUF files.
    """
    title = f"model {name}"
    if provider.api == "mock":
        return Worker(title, mock.main, options=mock.MockOptions(responses=dict(model.responses)))
    if provider.api == "openai":
        return EndpointWorker(title, _options(model.provider, provider, model), key)
    raise ModelUnavailable(f"The model {name} is a file on this machine.", "llama.cpp runs it.")


def _options(name: str, provider: Provider, model: Model | None = None) -> endpoint.EndpointOptions:
    return endpoint.EndpointOptions(
        provider=name,
        base_url=provider.base_url,
        model=model.remote_id if model else "",
        context_length=(model.context_length or 0) if model else 0,
    )


async def key_of(name: str, provider: Provider, secrets: Secrets) -> str:
    """Return the provider's key, "" when it has none by its settings. Raises ModelUnavailable when it is not there."""
    if not provider.auth:
        return ""
    secret = await secrets.get(provider.auth)
    todo = f"Store it under Settings, Providers, or with: trayassist providers key {name}"
    if not secret.value:
        raise ModelUnavailable(f"The key of the provider {name} is not there. {secret.problem}".strip(), todo)
    if why := no_key(secret.value):
        raise ModelUnavailable(f"What the keyring holds for the provider {name} is no key: {why}", todo)
    return secret.value


def no_key(value: str) -> str:
    """Return why a value cannot be a key, in words that do not repeat it; "" when it can: it goes into a header."""
    if all("!" <= character <= "~" for character in value):
        return ""
    return "a key is one word of letters, digits and signs, without spaces or line ends."


def why_forbidden(registry: Registry, asker: str, model: str, *, fallback: bool = False) -> str:
    """Return why the role or job `asker` may not use the model, in words that say what to do; "" when it may.

    A provider must be switched on. A premium model needs its place in `policy.premium_allowlist`, and never
    answers in place of another (S2-04, F-04). Asked when a model is loaded, and again at each call.
    """
    described = registry.models.get(model)
    if described is None:
        return f"Model '{model}' not found in registry."
    provider = registry.providers.get(described.provider, Provider())
    if not provider.enabled:
        return (
            f"The provider {described.provider} of the model {model} is off, so nothing is sent to it. "
            f"Switch it on under Settings, Providers, or with: trayassist providers enable {described.provider}"
        )
    if provider.api == "openai" and not provider.base_url:
        return f"The provider {described.provider} has no address. {NO_ADDRESS}"
    if provider.kind != "premium":
        return ""
    if fallback:
        return f"The model {model} costs money, and such a model never answers in place of another. Pick it yourself."
    if asker not in registry.policy.premium_allowlist.get(model, ()):
        return (
            f"The model {model} costs money, and {asker} may not use it. "
            f"Write policy: {{premium_allowlist: {{{model}: [{asker}]}}}} into registry.yaml to allow it."
        )
    return ""


def host(provider: Provider) -> str:
    """Return the host (and port) that a provider's requests go to; "" for one on this machine without a server."""
    return urlsplit(provider.base_url).netloc if provider.api == "openai" else ""


def leaves_machine(provider: Provider) -> bool:
    """Return whether what is asked of this provider goes to another machine.

    A name other than localhost counts as another machine, wherever it leads.
    """
    if provider.api != "openai":
        return False
    name = urlsplit(provider.base_url).hostname or ""
    if name == "localhost" or name.endswith(".localhost"):
        return False
    try:
        return not ipaddress.ip_address(name).is_loopback
    except ValueError:
        return True


def mark(provider: Provider) -> str:
    """Return the host to show beside an answer that another machine, or a premium model, gave; else ""."""
    return host(provider) if leaves_machine(provider) or provider.kind == "premium" else ""


# ---------------------------------------------------------------- what is told and asked of them


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderState:
    """A provider as it stands. `key` is None when it has none by its settings; `problem` is the keyring's, in words.

    `leaves` says that what is asked of it goes to another machine; `models` are those of registry.yaml.
    """

    name: str
    api: str
    kind: str
    base_url: str
    enabled: bool
    leaves: bool
    key: SecretPlace | None = None
    problem: str = ""
    models: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EndpointModels:
    """What an endpoint answered: the names of its models, and how long that took."""

    models: tuple[str, ...]
    ms: float


def find(registry: Registry, name: str) -> Provider:
    """Return a provider by its name. Raises NotAllowed with the nearest name."""
    if name in registry.providers:
        return registry.providers[name]
    near = difflib.get_close_matches(name, registry.providers, n=1)
    raise NotAllowed(
        f"There is no provider “{name}”.",
        f"Did you mean “{near[0]}”?" if near else f"There are: {', '.join(registry.providers)}.",
    )


async def state(registry: Registry, name: str, secrets: Secrets) -> ProviderState:
    """Return how a provider stands. The keyring may take five seconds to say whether it has the key."""
    provider = find(registry, name)
    secret = await secrets.get(provider.auth) if provider.auth else None
    return ProviderState(
        name=name,
        api=provider.api,
        kind=provider.kind,
        base_url=provider.base_url,
        enabled=provider.enabled,
        leaves=leaves_machine(provider),
        key=secret.kept if secret else None,
        problem=secret.problem if secret else "",
        models=tuple(model for model, one in registry.models.items() if one.provider == name),
    )


def question(name: str, provider: Provider) -> str:
    """Return what to ask before a provider is switched on that is on another machine; "" when it is on this one."""
    if not leaves_machine(provider):
        return ""
    open_line = not provider.base_url.startswith("https://")
    sentences = (
        (
            f"Switch on {name}? Then, when a role or job uses one of its models, the question, the turns of its "
            f"conversation and the passages of your documents that it rests on are sent to {host(provider)}."
        ),
        "Your key for it goes with them." if provider.auth else "",
        "Others on the way can read this connection." if open_line else "",
        "It may cost money." if provider.kind == "premium" else "",
        "Nothing else is sent.",
    )
    return " ".join(filter(None, sentences))


def asks_anew(before: Provider | None, after: Provider) -> bool:
    """Return whether a change of the provider lets requests go to a machine they did not go to: `question` is due."""
    if not (after.enabled and leaves_machine(after)):
        return False
    return before is None or not before.enabled or urlsplit(before.base_url)[:2] != urlsplit(after.base_url)[:2]


async def look(registry: Registry, name: str, secrets: Secrets) -> EndpointModels:
    """Ask a provider's endpoint for its models. Raises NotAllowed while it is off, ModelUnavailable in words."""
    provider = find(registry, name)
    if provider.api != "openai":
        raise TrayassistError(f"{name} is not a server.", "Its models are those of registry.yaml.")
    if not provider.enabled:
        raise NotAllowed(
            f"The provider {name} is off, so nothing is sent to it.", f"First: trayassist providers enable {name}"
        )
    if not provider.base_url:
        raise TrayassistError(f"The provider {name} has no address.", NO_ADDRESS)
    worker = EndpointWorker(f"provider {name}", _options(name, provider), lambda: key_of(name, provider, secrets))
    try:
        await worker.start()
        began = time.perf_counter()
        models = await worker.call("models")
        return EndpointModels(tuple(models), (time.perf_counter() - began) * 1e3)
    finally:
        await worker.stop()
