"""What the application offers a plugin: SetupHost while the plugin loads, Host during an answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from trayassist.api.answer import Chunk
from trayassist.api.memory import Evidence, Fact
from trayassist.api.question import Message, Route, Turn

T = TypeVar("T")


class SetupHost(Protocol):
    """What every hook gets while the plugin loads: no request is there yet."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """The plugin's own section of app.yaml (`plugins.settings.<name>`)."""
        ...

    def prompt(self, name: str) -> str:
        """Return the prompt `config/prompts/<name>.md`, the user's version if there is one."""
        ...

    def redact(self, text: str) -> tuple[str, tuple[str, ...]]:
        """Return the text with secrets replaced by "[secret: kind]", and the kinds found, each once."""
        ...

    async def in_thread(self, function: Callable[..., T], *args: Any) -> T:
        """Run a blocking function beside the event loop."""
        ...


class Host(SetupHost, Protocol):
    """What `answer` of a role and `run` of a tool or job get: it is bound to that request."""

    def generate(
        self,
        route: Route,
        messages: Sequence[Message],
        *,
        grammar: str = "",
        schema: Mapping[str, Any] | None = None,
    ) -> AsyncIterator[Chunk]:
        """Stream the answer of the route's model, in its lane and with the settings of its role.

        `grammar` (GBNF) or `schema` (JSON Schema) bind the text to a form; not both. Raises ModelUnavailable when no
        model can answer, NotAllowed when policy forbids the model, TrayassistError when the prompt is too long, the
        time limit is over or the form cannot be kept.
        """
        ...

    async def model_size(self, route: Route) -> float:
        """Return the parameters of the route's model in billions; 0 without a model, or where nothing says it."""
        ...

    async def reading_speed(self, route: Route) -> float:
        """Return how many tokens of a prompt the route's model reads in a second on this machine.

        Measured with its last answers; before the first one a forecast from its size. 0 without a model, or where
        nothing is known: a model elsewhere that was not asked yet.
        """
        ...

    async def search(self, query: str, limit: int = 8) -> Evidence:
        """Return the best pages of memory for `query` and whether they are about it."""
        ...

    async def quote(self, query: str, limit: int = 4, prefer: Sequence[str] = ()) -> Evidence:
        """Like search, with the sentences that answer best in `quotes`.

        Of pages that fit alike, those of the documents at the paths `prefer` come first.
        """
        ...

    async def summary(self, path: str, sentences: int = 7) -> Evidence:
        """Return what one remembered document is, in `headline`, and the sentences that stand for it, in reading"
        " order."""
        ...

    async def find_document(self, text: str) -> str | None:
        """Return the path of the remembered document that `text` names, or None."""
        ...

    async def turns(self, limit: int = 6) -> Sequence[Turn]:
        """Return the last turns of this request's conversation, oldest first."""
        ...

    async def remember(self, text: str) -> Fact:
        """Store a fact. The same text twice is one fact."""
        ...

    async def facts(self, query: str = "", limit: int = 50) -> Sequence[Fact]:
        """Return the stored facts; with a query the ones about it, best first."""
        ...

    async def forget_fact(self, fact_id: str) -> None:
        """Remove one fact."""
        ...

    async def approve(self, question: str, yes: str) -> bool:
        """Ask the user; returns False when nobody answers."""
        ...
