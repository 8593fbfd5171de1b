"""Who may be called: what is on, and a premium model only by whom the policy names (S1-24, S1-25, C-07, F-03, F-04)."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from tests.models.running import Lines
from tests.workers.endpoint.asking import no_key
from trayassist.api import ConfigError, ModelUnavailable
from trayassist.models.registry import file as registry_file
from trayassist.models.registry.schema import Model, Policy, Price, Provider, Registry, RoleSettings
from trayassist.models.serving import providers
from trayassist.models.serving.generation import ModelCall, RunDetails, Usage, record
from trayassist.paths import Paths
from trayassist.safety.secrets import Secrets


class Keyring:
    """A keyring with one key in it."""

    def get_password(self, service: str, username: str) -> str | None:
        return "k-123456" if (service, username) == ("trayassist", "openai") else None

    def set_password(self, service: str, username: str, password: str) -> None:
        raise OSError("read-only")

    def delete_password(self, service: str, username: str) -> None:
        raise OSError("read-only")


def registry(*, local: bool = True, premium: bool = True, allowlist: tuple[str, ...] = ()) -> Registry:
    return Registry(
        providers={
            "llama_cpp": Provider(api="llama_cpp", enabled=True),
            "ollama": Provider(base_url="http://127.0.0.1:11434/v1", enabled=local),
            "openai": Provider(kind="premium", base_url="https://api.openai.com/v1", enabled=premium),
            "empty": Provider(enabled=True),
        },
        models={
            "file": Model(file="a.gguf"),
            "near": Model(provider="ollama", remote_id="llama3.2"),
            "far": Model(provider="openai", remote_id="gpt-5"),
            "nowhere": Model(provider="empty", remote_id="x"),
        },
        roles={"persona": RoleSettings(model="file")},
        policy=Policy(premium_allowlist={"far": allowlist}),
    )


def test_a_local_model_may_always_be_used() -> None:
    assert providers.why_forbidden(registry(), "persona", "file") == ""
    assert providers.why_forbidden(registry(), "persona", "near") == ""
    assert providers.why_forbidden(registry(), "persona", "near", fallback=True) == ""


def test_a_provider_that_is_off_is_refused_with_how_to_switch_it_on() -> None:
    why = providers.why_forbidden(registry(local=False), "persona", "near")
    assert "The provider ollama of the model near is off, so nothing is sent to it." in why
    assert "trayassist providers enable ollama" in why


def test_a_premium_model_needs_the_allowlist() -> None:
    """S2-04: at run time a premium call without a grant is refused, whoever asks."""
    why = providers.why_forbidden(registry(), "persona", "far")
    assert "costs money, and persona may not use it" in why
    assert "premium_allowlist: {far: [persona]}" in why
    assert providers.why_forbidden(registry(allowlist=("persona",)), "persona", "far") == ""
    assert providers.why_forbidden(registry(allowlist=("persona",)), "coder", "far")
    assert providers.why_forbidden(registry(premium=False, allowlist=("persona",)), "persona", "far").startswith(
        "The provider openai of the model far is off"
    )


def test_a_premium_model_is_never_a_fallback() -> None:
    """F-03: not even for a role that may use it."""
    assert "never answers in place of another" in providers.why_forbidden(
        registry(allowlist=("persona",)), "persona", "far", fallback=True
    )


def test_what_is_not_described_and_what_has_no_address_is_refused() -> None:
    assert "not found" in providers.why_forbidden(registry(), "persona", "nobody")
    assert "has no address" in providers.why_forbidden(registry(), "persona", "nowhere")


def test_as_shipped_nothing_outside_may_be_called(home: Paths) -> None:
    """S1-25: offline by default."""
    shipped = registry_file.load(home)
    on = {name: one for name, one in shipped.providers.items() if one.enabled}
    assert set(on) == {"llama_cpp", "mock"}
    assert not any(providers.leaves_machine(one) for one in on.values())
    assert shipped.policy.premium_allowlist == {}


@pytest.mark.parametrize(
    ("url", "leaves"),
    [
        ("http://127.0.0.1:8080/v1", False),
        ("http://127.9.9.9/v1", False),
        ("http://localhost:1234/v1", False),
        ("http://[::1]:8080/v1", False),
        ("https://api.openai.com/v1", True),
        ("http://192.168.1.20:8000/v1", True),
        ("http://127.0.0.1.evil.example/v1", True),
        ("http://localhost.evil.example/v1", True),
        ("http://0x7f000001/v1", True),
        ("http://my-box/v1", True),
    ],
)
def test_only_loopback_stays_on_this_machine(url: str, leaves: bool) -> None:
    assert providers.leaves_machine(Provider(base_url=url)) is leaves


@pytest.mark.parametrize("url", ["https://me:k-hush-99@somewhere/v1", "https://somewhere/v1?key=k-hush-99"])
def test_a_key_in_an_address_is_an_error_that_does_not_repeat_it(home: Paths, url: str) -> None:
    """S4-24: no key in registry.yaml, however it is written."""
    home.registry.write_text(f"providers:\n  mine: {{api: openai, base_url: '{url}'}}\n")
    with pytest.raises(ConfigError, match=r"line 2: “providers\.mine\.base_url” may not stand there") as error:
        registry_file.load(home)
    assert "hush" not in str(error.value)
    home.registry.write_text("providers:\n  mine: {api: openai, auth: k-hush-99}\n")
    with pytest.raises(ConfigError, match="A key is never written into this file") as error:
        registry_file.load(home)
    assert "hush" not in str(error.value)


def test_a_key_in_a_wrong_place_is_not_repeated_and_the_right_one_is_named(home: Paths) -> None:
    key = "sk-proj-" + "a1B2c3D4e5" * 4
    home.registry.write_text(f"providers:\n  mine: {{api: openai, api_key: {key}}}\n")
    with pytest.raises(ConfigError, match=r"Store it with: trayassist providers key mine") as error:
        registry_file.load(home)
    assert key not in str(error.value)
    home.registry.write_text(f"providers:\n  mine: {{api: {key}}}\n")
    with pytest.raises(ConfigError, match=r"“providers\.mine\.api” is") as error:
        registry_file.load(home)
    assert key[:24] not in str(error.value)


def test_what_is_shown_beside_an_answer() -> None:
    assert providers.mark(Provider(base_url="http://127.0.0.1:11434/v1")) == ""
    assert providers.mark(Provider(base_url="http://10.0.0.5:8000/v1")) == "10.0.0.5:8000"
    assert providers.mark(Provider(base_url="https://api.openai.com/v1", kind="premium")) == "api.openai.com"
    assert providers.mark(Provider(base_url="http://127.0.0.1:9/v1", kind="premium")) == "127.0.0.1:9"
    assert providers.mark(Provider(api="mock")) == providers.mark(Provider(api="llama_cpp")) == ""


def test_a_worker_is_made_for_what_is_no_file() -> None:
    with pytest.raises(ModelUnavailable, match="is a file on this machine"):
        providers.make_worker("file", Model(file="a.gguf"), Provider(api="llama_cpp"), no_key)
    there = Model(provider="openai", remote_id="x"), Provider(base_url="http://x/v1")
    worker = providers.make_worker("far", *there, no_key)
    assert worker.pid is None, "nothing is started, and nothing sent, before it is asked"


def test_the_key_comes_from_the_keyring_or_its_absence_is_said() -> None:
    async def key(auth: str) -> str:
        return await providers.key_of("openai", Provider(auth=auth), Secrets(Keyring))

    assert asyncio.run(key("keyring:trayassist/openai")) == "k-123456"
    assert asyncio.run(key("")) == ""
    with pytest.raises(ModelUnavailable, match="trayassist providers key openai"):
        asyncio.run(key("keyring:trayassist/other"))


def test_neither_the_client_nor_the_keyring_is_imported_where_the_window_lives() -> None:
    """Contract of the processes: HTTP clients in the endpoint worker only, the keyring when a key is asked for."""
    lines = (
        "import sys",
        "import trayassist.assistant, trayassist.cli.verbs.providers, trayassist.ui.settings.providers",
        "print({'openai', 'httpx2', 'keyring', 'certifi'} & set(sys.modules))",
    )
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("kind", "price", "cost"),
    [
        ("local", None, 0),
        ("premium", None, None),
        ("premium", Price(input=2.5, output=10), 0.0035),
        ("local", Price(output=1), 0.0002),
    ],
)
def test_what_a_call_cost_is_in_its_audit_line(kind: str, price: Price | None, cost: float | None) -> None:
    """Not known is not the same as nothing."""
    lines = Lines()
    call = ModelCall(role="r", configured="m", actual="m", settings=RoleSettings(), mode="agent", messages=())
    usage = Usage(model="m", tokens_in=600, tokens_out=200)
    record(lines, call, RunDetails(provider="p", kind=kind, price=price), usage, 1.0, None)  # type: ignore[arg-type]
    assert lines.calls()[0]["cost"] == cost
