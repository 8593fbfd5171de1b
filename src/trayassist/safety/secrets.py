"""Keys of providers: in the system's keyring, or in memory until the end when there is none. Never in a file of ours.

A keyring may hang for minutes while it waits to be unlocked (jaraco/keyring#531). So every call runs in a thread of
its own with a time limit, and a thread that hangs is left behind: it ends with the process.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from secrets import token_hex
from types import ModuleType
from typing import Protocol

from trayassist.api import TrayassistError
from trayassist.safety import redaction

READ_S = 5.0
WRITE_S = 30.0  # the desktop may ask for a password before it stores anything
PROBE = ("trayassist", "probe")
PREFIX = "keyring:"
NONE = "This system has no keyring that trayassist can use."


class KeyringBackend(Protocol):
    """What is asked of a keyring."""

    def get_password(self, service: str, username: str) -> str | None: ...
    def set_password(self, service: str, username: str, password: str) -> None: ...
    def delete_password(self, service: str, username: str) -> None: ...


class SecretPlace(StrEnum):
    """Where a secret is."""

    KEYRING = "keyring"
    SESSION = "session"  # in this process's memory, gone when it ends
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSecret:
    """A secret and where it is. `problem` says in words why the keyring did not serve, or is empty."""

    kept: SecretPlace
    value: str = field(default="", repr=False)
    problem: str = ""


class Secrets:
    """Reads and writes secrets by their reference, such as keyring:trayassist/openai. One per process.

    Nothing here raises because of the keyring: what it does not do is said in `StoredSecret.problem`. A value that is
    handed out is masked in logs and audit from then on.
    """

    def __init__(
        self, backend: Callable[[], KeyringBackend] | None = None, *, read_s: float = READ_S, write_s: float = WRITE_S
    ) -> None:
        self._find, self._read_s, self._write_s = backend or _system_keyring, read_s, write_s
        self._session: dict[str, str] = {}
        self._turn = asyncio.Lock()
        self._answered = threading.Event()  # unset while a call is under way, be it one that nobody waits for any more
        self._answered.set()
        self._proven = False

    async def get(self, reference: str) -> StoredSecret:
        """Return the secret; `value` is empty when there is none. Takes at most five seconds."""
        service, name = split(reference)
        if reference in self._session:
            return StoredSecret(kept=SecretPlace.SESSION, value=self._session[reference])
        try:
            value = await self._ask(lambda: self._find().get_password(service, name), self._read_s)
        except _KeyringFails as error:
            return StoredSecret(kept=SecretPlace.NOWHERE, problem=str(error))
        if not value:
            return StoredSecret(kept=SecretPlace.NOWHERE)
        redaction.know(value)
        return StoredSecret(kept=SecretPlace.KEYRING, value=value)

    async def set(self, reference: str, value: str) -> StoredSecret:
        """Store a secret and return where it is: the session when the keyring does not keep it, with the reason."""
        service, name = split(reference)
        value = value.strip()
        if not value:
            raise TrayassistError("The key is empty.", "Paste it again.")
        redaction.know(value)
        try:
            await self._ask(lambda: self._store(service, name, value), self._write_s)
        except _KeyringFails as error:
            self._session[reference] = value
            return StoredSecret(kept=SecretPlace.SESSION, value=value, problem=str(error))
        self._session.pop(reference, None)
        return StoredSecret(kept=SecretPlace.KEYRING, value=value)

    async def delete(self, reference: str) -> str:
        """Remove a secret from memory and keyring; return why the keyring did not remove it, or ""."""
        service, name = split(reference)
        self._session.pop(reference, None)
        try:
            await self._ask(lambda: _remove(self._find(), service, name), self._write_s)
        except _KeyringFails as error:
            return str(error)
        return ""

    # ------------------------------------------------------------ inside

    def _store(self, service: str, name: str, value: str) -> None:
        """Write and read back. Before the first time a throw-away value makes the same way: some keep nothing."""
        backend = self._find()
        if not self._proven:
            _round_trip(backend, *PROBE, token_hex(8))
            _remove(backend, *PROBE)
            self._proven = True
        _round_trip(backend, service, name, value)

    async def _ask[T](self, work: Callable[[], T], limit_s: float) -> T:
        """Run `work` in a thread of its own. Raises _KeyringFails, in words; never later than `limit_s`."""
        try:
            async with asyncio.timeout(limit_s), self._turn:  # who waits for another's turn is on the clock, too
                if not self._answered.is_set():
                    raise _KeyringFails("The keyring still waits to be unlocked.")
                return await self._begin(work)
        except TimeoutError:
            raise _KeyringFails(
                f"The keyring did not answer within {limit_s:g} seconds; it may wait to be unlocked."
            ) from None

    def _begin[T](self, work: Callable[[], T]) -> asyncio.Future[T]:
        """Start `work` in a thread; return the future of what it returns."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def run() -> None:
            outcome: T | _KeyringFails
            try:
                outcome = work()
            except _KeyringFails as error:
                outcome = error
            except Exception as error:  # barrier: keyrings are other people's programs
                outcome = _KeyringFails(_in_words(error))
            self._answered.set()
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(_settle, future, outcome)

        self._answered.clear()
        threading.Thread(target=run, name="keyring", daemon=True).start()
        return future


class _KeyringFails(Exception):
    """The keyring does not serve; the text says why."""


def split(reference: str) -> tuple[str, str]:
    """Return service and name of a reference. Raises TrayassistError for what is none."""
    service, _, name = reference.removeprefix(PREFIX).partition("/")
    if not reference.startswith(PREFIX) or not service or not name:
        raise TrayassistError(f"“{reference}” names no key in the keyring.", "Write keyring:trayassist/NAME.")
    return service, name


def _system_keyring() -> KeyringBackend:
    """Return the system's keyring. Raises _KeyringFails when there is none, or one that keeps plain text."""
    if sys.platform != "darwin":
        # keyring imports its backends of all systems; that of macOS looks for libraries, by starting gcc and ldconfig
        sys.modules.setdefault("keyring.backends.macOS", ModuleType("keyring.backends.macOS"))
    import keyring  # here: it is needed late, and looks at the desktop's buses when it is
    from keyring.core import init_backend

    backend = keyring.get_keyring()
    if why_refused(backend):
        init_backend(lambda one: not why_refused(one))
        backend = keyring.get_keyring()
    if why_refused(backend):
        raise _KeyringFails(why_refused(backend))
    found: KeyringBackend = backend
    return found


def why_refused(backend: object) -> str:
    """Return why a keyring is not used, in words; "" when it is used."""
    kind = type(backend)
    chained = getattr(backend, "backends", None) if kind.__module__ == "keyring.backends.chainer" else None
    if chained:
        return next((why for one in chained if (why := why_refused(one))), "")
    if kind.__module__ in ("keyring.backends.fail", "keyring.backends.null") or chained is not None:
        return NONE
    if kind.__module__.startswith("keyrings.alt") or "plaintext" in kind.__name__.lower():
        return f"The keyring {kind.__name__} keeps secrets in a file, and is not used."
    return ""


def _round_trip(backend: KeyringBackend, service: str, name: str, value: str) -> None:
    backend.set_password(service, name, value)
    if backend.get_password(service, name) != value:
        raise _KeyringFails("The keyring did not give back what was stored.")


def _remove(backend: KeyringBackend, service: str, name: str) -> None:
    if backend.get_password(service, name) is not None:
        backend.delete_password(service, name)


def _in_words(error: Exception) -> str:
    kind = type(error).__name__
    if kind in ("KeyringLocked", "InitError", "LockedException", "PromptDismissedException"):
        return "The keyring is locked."
    if kind == "NoKeyringError":
        return NONE
    return f"The keyring failed ({kind}: {redaction.redact(str(error))[:120]})."


def _settle[T](future: asyncio.Future[T], outcome: T | _KeyringFails) -> None:
    if future.done():
        return  # it took too long, and nobody waits any more
    if isinstance(outcome, _KeyringFails):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
