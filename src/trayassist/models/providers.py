"""Providers: who runs a model. Whether it may be called, and the worker that calls it.

Nothing in here sends anything: workers do, and only for a provider that is switched on.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from trayassist.api import ModelUnavailable
from trayassist.models.registry import Model, Provider, Registry
from trayassist.safety.secrets import Secrets
from trayassist.workers import endpoint, mock
from trayassist.workers.pool import Worker


def make_worker(name: str, model: Model, provider: Provider, secret: str) -> Worker:
    """Return a worker, not yet started, for a model that no file of ours holds: behind an endpoint, or the mock.

    It answers `load` and `generate` as a model worker does. `secret` is the provider's key, "" for none; it reaches
    the worker over the pipe. Raises ModelUnavailable for a provider of GGUF files.
    """
    title = f"model {name}"
    if provider.api == "mock":
        return Worker(title, mock.main, options=mock.Options(responses=dict(model.responses)))
    if provider.api == "openai":
        return Worker(title, endpoint.main, options=endpoint_options(model.provider, provider, secret, model))
    raise ModelUnavailable(f"The model {name} is a file on this machine.", "Its worker is that of llama.cpp.")


def endpoint_options(name: str, provider: Provider, secret: str, model: Model | None = None) -> endpoint.Options:
    """Return how a worker reaches the provider's endpoint, and one of its models."""
    return endpoint.Options(
        provider=name,
        base_url=provider.base_url,
        model=model.remote_id if model else "",
        key=secret,
        context_length=(model.context_length or 0) if model else 0,
    )


async def key_of(name: str, provider: Provider, secrets: Secrets) -> str:
    """Return the provider's key, "" when it has none by its settings. Raises ModelUnavailable when it is not there."""
    if not provider.auth:
        return ""
    secret = await secrets.get(provider.auth)
    if secret.value:
        return secret.value
    raise ModelUnavailable(
        f"The key of the provider {name} is not there. {secret.problem}".strip(),
        f"Store it under Settings, Providers, or with: trayassist providers key {name}",
    )


def allowed(registry: Registry, asker: str, model: str, *, fallback: bool = False) -> str:
    """Return why the role or job `asker` may not use the model, in words that say what to do; "" when it may.

    A provider must be switched on. A premium model needs its place in `policy.premium_allowlist`, and never
    answers in another's stead (S2-04, F-04). Asked when a model is loaded, and again at each call.
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
        return f"The provider {described.provider} has no address. Give it base_url in registry.yaml."
    if provider.kind != "premium":
        return ""
    if fallback:
        return f"The model {model} is premium, and a premium model is never a fallback. Pick it yourself."
    if asker not in registry.policy.premium_allowlist.get(model, ()):
        return (
            f"The model {model} is premium, and {asker} may not use it. "
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
