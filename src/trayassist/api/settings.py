"""What a plugin lets its user set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from trayassist.api.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A setting of a plugin: a row of its form in the settings window, kept in app.yaml under plugins.settings.NAME.

    Its kind is that of `default`: a bool is a switch, an int or float a number (within `least` and `most`),
    a str a text or one of `choices` (value: what the form shows), a tuple of str a list with an entry a line.
    """

    name: str
    title: str
    default: bool | int | float | str | tuple[str, ...]
    help: str = ""
    unit: str = ""
    least: float | None = None
    most: float | None = None
    choices: Mapping[str, str] = field(default_factory=dict)

    def of(self, settings: Mapping[str, Any]) -> Any:
        """Return what `settings` say, else the default. Raises ConfigError when the value is not allowed."""
        value = settings.get(self.name, self.default)
        if problem := self.problem(value):
            raise ConfigError(f"The setting “{self.name}” is {value!r}, which is not allowed.", problem)
        return tuple(value) if isinstance(self.default, tuple) else value

    def problem(self, value: object) -> str:
        """Return what the value should be, as a sentence, or "" when it is allowed."""
        if isinstance(self.default, bool):
            return "" if isinstance(value, bool) else "Give true or false."
        if isinstance(self.default, tuple):
            fine = isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
            return "" if fine else "Give a list of texts."
        if isinstance(self.default, str):
            if self.choices and value not in self.choices:
                return f"Give one of: {', '.join(self.choices)}."
            return "" if isinstance(value, str) else "Give a text."
        return self._number_problem(value)

    def _number_problem(self, value: object) -> str:
        kinds = int if isinstance(self.default, int) else int | float
        if isinstance(value, bool) or not isinstance(value, kinds):
            return "Give a whole number." if isinstance(self.default, int) else "Give a number."
        assert isinstance(value, int | float)
        if self.least is not None and value < self.least:
            return f"Give {self.least:g} or more."
        if self.most is not None and value > self.most:
            return f"Give {self.most:g} or less."
        return ""
