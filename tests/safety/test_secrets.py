"""Keys live in the system's keyring or in memory, never in a file; no keyring can hold anything up (S4-24, F-13).

The keyrings are written by hand: one that works, and one for each way they are known to fail.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from pathlib import Path
from typing import Any

import keyring.backends.fail
import keyring.backends.null
import keyring.errors
import pytest

from trayassist import logs
from trayassist.api import TrayassistError
from trayassist.paths import Paths
from trayassist.safety import secrets
from trayassist.safety.audit import Audit
from trayassist.safety.secrets import SecretPlace, Secrets

REFERENCE = "keyring:trayassist/openai"
KEY = "plain-words-39-nobody-would-guess"


class Works:
    """A keyring as it should be."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.threads: set[str] = set()

    def get_password(self, service: str, username: str) -> str | None:
        self.threads.add(threading.current_thread().name)
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class Hangs(Works):
    """A keyring that waits to be unlocked, until `opened`."""

    def __init__(self) -> None:
        super().__init__()
        self.opened = threading.Event()
        self.calls = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.calls += 1
        self.opened.wait(30)
        return super().get_password(service, username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self.calls += 1
        self.opened.wait(30)
        super().set_password(service, username, password)


class Raises(Works):
    """A keyring that raises."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def get_password(self, service: str, username: str) -> str | None:
        raise self.error

    def set_password(self, service: str, username: str, password: str) -> None:
        raise self.error

    def delete_password(self, service: str, username: str) -> None:
        raise self.error


class ForgetsAll(Works):
    """A keyring that takes everything and keeps nothing, as the null backend does."""

    def set_password(self, service: str, username: str, password: str) -> None:
        return None


async def test_a_keyring_that_works_keeps_the_key() -> None:
    backend = Works()
    one = Secrets(lambda: backend)
    assert (await one.get(REFERENCE)).kept is SecretPlace.NOWHERE
    stored = await one.set(REFERENCE, f"  {KEY}\n")
    assert (stored.kept, stored.problem) == (SecretPlace.KEYRING, "")
    assert backend.kept == {("trayassist", "openai"): KEY}, "the probe is gone again"
    found = await Secrets(lambda: backend).get(REFERENCE)
    assert (found.kept, found.value) == (SecretPlace.KEYRING, KEY)
    assert backend.threads == {"keyring"}, "never in the loop's thread"
    assert await one.delete(REFERENCE) == ""
    assert backend.kept == {}
    assert (await one.get(REFERENCE)).value == ""


async def test_a_keyring_that_hangs_holds_nothing_up_and_serves_once_it_is_unlocked() -> None:
    backend = Hangs()
    one = Secrets(lambda: backend, read_s=0.2, write_s=0.2)
    ticks: list[int] = []
    ticking = asyncio.get_running_loop().create_task(tick(ticks))
    found = await one.get(REFERENCE)
    assert ticks, "the loop went on"
    ticking.cancel()
    assert "did not answer within 0.2 seconds; it may wait to be unlocked" in found.problem
    stored = await one.set(REFERENCE, KEY)
    assert (stored.kept, stored.problem) == (SecretPlace.SESSION, "The keyring still waits to be unlocked.")
    assert backend.calls == 1, "no second thread is left to hang"
    assert (await one.get(REFERENCE)).value == KEY, "the session serves"
    backend.opened.set()
    await until_ended("keyring")
    assert (await one.set(REFERENCE, KEY)).kept is SecretPlace.KEYRING
    assert backend.kept == {("trayassist", "openai"): KEY}


async def test_a_read_does_not_wait_for_a_write_that_waits_for_the_user() -> None:
    backend = Hangs()
    one = Secrets(lambda: backend, read_s=0.2, write_s=60)
    storing = asyncio.get_running_loop().create_task(one.set(REFERENCE, KEY))
    async with asyncio.timeout(20):
        while not backend.calls:  # noqa: ASYNC110  # a thread tells nobody
            await asyncio.sleep(0.01)
        assert "did not answer within 0.2 seconds" in (await one.get(REFERENCE)).problem
    backend.opened.set()
    assert (await storing).kept is SecretPlace.KEYRING


async def tick(ticks: list[int]) -> None:
    """Note each turn of the loop."""
    while True:
        await asyncio.sleep(0.01)
        ticks.append(1)


async def until_ended(name: str) -> None:
    async with asyncio.timeout(5):
        while any(thread.name == name for thread in threading.enumerate()):  # noqa: ASYNC110  # threads tell nobody
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (keyring.errors.KeyringLocked("Failed to unlock the collection!"), "The keyring is locked."),
        (keyring.errors.InitError("Failed to create the collection"), "The keyring is locked."),
        (keyring.errors.NoKeyringError("none"), "no keyring that trayassist can use"),
        (keyring.errors.PasswordSetError("denied"), r"The keyring failed \(PasswordSetError: denied\)"),
        (OSError("the bus is gone"), r"The keyring failed \(OSError: the bus is gone\)"),
    ],
)
async def test_a_keyring_that_fails_is_said_and_the_session_serves(error: Exception, said: str) -> None:
    import re

    one = Secrets(lambda: Raises(error))
    stored = await one.set(REFERENCE, KEY)
    assert stored.kept is SecretPlace.SESSION
    assert re.search(said, stored.problem)
    assert (await one.get(REFERENCE)).value == KEY
    assert re.search(said, await one.delete(REFERENCE))
    found = await one.get(REFERENCE)
    assert (found.value, found.kept) == ("", SecretPlace.NOWHERE)
    assert re.search(said, found.problem)


async def test_a_keyring_that_keeps_nothing_is_found_out() -> None:
    """The round-trip probe."""
    stored = await Secrets(ForgetsAll).set(REFERENCE, KEY)
    assert (stored.kept, stored.problem) == (SecretPlace.SESSION, "The keyring did not give back what was stored.")


class PlaintextKeyring(Works):
    """What keyrings.alt calls its file of base64."""


PlaintextKeyring.__module__ = "keyrings.alt.file"


class Chain:
    """What the library takes when it finds several keyrings, or none."""

    def __init__(self, *backends: Works) -> None:
        self.backends = list(backends)


Chain.__module__ = "keyring.backends.chainer"


@pytest.mark.parametrize(
    ("backend", "said"),
    [
        (keyring.backends.null.Keyring(), "no keyring that trayassist can use"),
        (keyring.backends.fail.Keyring(), "no keyring that trayassist can use"),
        (PlaintextKeyring(), "keeps secrets in a file, and is not used"),
        (Chain(), "no keyring that trayassist can use"),
        (Chain(Works(), PlaintextKeyring()), "keeps secrets in a file"),
        (Chain(Works()), ""),
        (Works(), ""),
    ],
)
def test_keyrings_that_are_none_or_keep_plain_text_are_refused(backend: Any, said: str) -> None:
    assert said in secrets.why_refused(backend)
    assert bool(said) is bool(secrets.why_refused(backend))


async def test_without_a_desktop_the_real_library_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setattr(keyring.core, "_keyring_backend", None)
    stored = await Secrets().set(REFERENCE, KEY)
    assert stored.kept is SecretPlace.SESSION
    assert "no keyring that trayassist can use" in stored.problem  # and not that it did not answer in time


@pytest.mark.parametrize("reference", ["openai", "keyring:openai", "keyring:/openai", "keyring:trayassist/", ""])
async def test_a_reference_that_names_nothing_is_refused(reference: str) -> None:
    with pytest.raises(TrayassistError, match="names no key"):
        await Secrets(Works).get(reference)


async def test_an_empty_key_is_refused() -> None:
    with pytest.raises(TrayassistError, match="is empty"):
        await Secrets(Works).set(REFERENCE, "  \n")


async def test_a_key_that_looks_like_nothing_is_masked_in_log_audit_and_repr(home: Paths) -> None:
    one = Secrets(Works)
    stored = await one.set(REFERENCE, KEY)
    assert KEY not in repr(stored)
    root = logging.getLogger()
    before = root.handlers[:]
    logs.set_up(home.app_log)
    try:
        logging.getLogger("test").warning("the server said: bad key %s", KEY)
    finally:
        for handler in set(root.handlers) - set(before):
            handler.close()
            root.removeHandler(handler)
    audit = Audit(home.audit, 30)
    audit.write("llm_call", error=f"bad key {KEY}")
    audit.close()
    written = home.app_log.read_text() + "".join(file.read_text() for file in home.audit.glob("*.ndjson"))
    assert KEY not in written
    assert written.count("[secret: key]") == 2
    assert json.loads(next(iter(home.audit.glob("*.ndjson"))).read_text())["error"] == "bad key [secret: key]"


def test_nothing_is_written_to_disk(home: Paths, tmp_path: Path) -> None:
    asyncio.run(Secrets(lambda: Raises(keyring.errors.KeyringLocked("locked"))).set(REFERENCE, KEY))
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or KEY.encode() not in file.read_bytes()
