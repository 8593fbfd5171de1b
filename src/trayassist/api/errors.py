"""Errors that are shown to the user: what happened, and what to do about it."""

from __future__ import annotations

from typing import ClassVar


class TrayassistError(Exception):
    """Shown to the user: says what happened, and what to do about it."""

    code: ClassVar[str] = "error"

    def __init__(self, what: str, todo: str = "") -> None:
        super().__init__(f"{what} {todo}".strip())
        self.what, self.todo = what, todo

    def __reduce__(self) -> tuple[type[TrayassistError], tuple[str, str]]:
        return type(self), (self.what, self.todo)  # crosses process borders whole


class PluginUnavailable(TrayassistError):
    """Raised by a plugin's setup() when it cannot work here; the app runs on without it."""

    code = "plugin_unavailable"


class ConfigError(TrayassistError):
    """A setting is wrong; the message names the file, the line and the nearest right key."""

    code = "config"


class UnreadableFile(TrayassistError):
    """A file cannot be read; only that file is left out."""

    code = "unreadable"


class PasswordNeeded(UnreadableFile):
    """The file is encrypted and no given password opens it."""

    code = "needs_password"


class ModelUnavailable(TrayassistError):
    """No model can answer: none is named, its file is missing, or it does not load."""

    code = "model_unavailable"


class NoModelNamed(ModelUnavailable):
    """Nobody named a model for the role: nothing is amiss."""

    code = "no_model_named"


class WorkerDied(TrayassistError):
    """A worker process crashed, hung or ran out of memory while it worked on this."""

    code = "worker_died"


class Busy(TrayassistError):
    """Another trayassist process holds what is needed."""

    code = "busy"


class NotAllowed(TrayassistError):
    """Refused by policy, by a verdict, or by the user."""

    code = "not_allowed"
