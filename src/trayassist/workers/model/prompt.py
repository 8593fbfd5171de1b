"""From messages to the tokens of a prompt: the model's chat template, and what is left out when it is too long."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from trayassist.api import Message, ModelUnavailable, TrayassistError

ANSWER_ROOM = 64  # tokens that are left for the answer, whatever the prompt
PLAIN_TEMPLATE = (
    "{% for message in messages %}{{ message.role | capitalize }}: {{ message.content }}\n{% endfor %}Assistant:"
)
PLAIN_STOP = ("\nUser:", "\nSystem:")  # where a model without a template begins to play the other side
ZERO_WIDTH_SPACE = "\u200b"


class Tokens(Protocol):
    """What a prompt needs of a model."""

    context_length: int

    def tokenize(self, text: str) -> list[int]:
        """Return the text's tokens, the texts of control tokens as those tokens, with the model's own beginning."""
        ...


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt that fits, and how many of the oldest turns were left out of it."""

    tokens: list[int]
    trimmed: int


class Prompts:
    """Makes prompts for one model. `render` is its template; `control` are the texts of its control tokens."""

    def __init__(self, model: Tokens, render: Callable[..., Any], control: Iterable[str]) -> None:
        self._model, self._render = model, render
        self._control = _any_of(control)
        self._takes_system = self._shows_system_messages()

    def fit(self, messages: Sequence[Message], max_tokens: int) -> Prompt:
        """Return the prompt, the oldest turns left out until it fits (S1-17), counted by the tokenizer (F-15).

        System messages and the last message always stay. Raises TrayassistError when these alone are too long.
        """
        limit = self._model.context_length
        room = min(max_tokens, max(ANSWER_ROOM, limit // 4))
        kept, trimmed = [self._harmless(message) for message in messages], 0
        while len(tokens := self._tokens(kept)) + room > limit:
            oldest = next((n for n, message in enumerate(kept[:-1]) if message.speaker != "system"), None)
            if oldest is None:
                raise TrayassistError(
                    f"This is {len(tokens)} tokens long, and the model holds {limit} with {room} for the answer.",
                    "Ask about less at once, or raise context_length in registry.yaml.",
                )
            end = oldest + 1
            while end < len(kept) - 1 and kept[end].speaker == "assistant":  # a question leaves with its answer
                end += 1
            del kept[oldest:end]
            trimmed += 1
        return Prompt(tokens, trimmed)

    def _harmless(self, message: Message) -> Message:
        """Return the message so that nothing in it is read as a control token: a document cannot end its turn."""
        if self._control is None:
            return message
        text = self._control.sub(lambda match: match[0][0] + ZERO_WIDTH_SPACE + match[0][1:], message.text)
        return Message(speaker=message.speaker, text=text)

    def _tokens(self, messages: Sequence[Message]) -> list[int]:
        if not self._takes_system:
            return self._model.tokenize(self._rendered(_joined(messages)))
        try:
            return self._model.tokenize(self._rendered(messages))
        except ModelUnavailable:  # many templates want questions and answers in turn, and nothing else
            return self._model.tokenize(self._rendered(_joined(messages)))

    def _rendered(self, messages: Sequence[Message]) -> str:
        try:
            rendered = self._render(messages=[{"role": one.speaker, "content": one.text} for one in messages])
        except Exception as error:  # barrier: the template is code that came with the model file
            raise ModelUnavailable(
                f"The model's chat template fails: {error}.", "Name another model, or give it kind: base."
            ) from error
        return str(rendered.prompt)

    def _shows_system_messages(self) -> bool:
        """Return False for a template that refuses system messages, or drops them without a word."""
        probe = [Message(speaker="system", text="system-probe"), Message(speaker="user", text="user-probe")]
        try:
            return "system-probe" in self._rendered(probe)
        except ModelUnavailable:
            return False


def _joined(messages: Sequence[Message]) -> list[Message]:
    """Return the messages with system ones put into the question after them, and neighbours of a kind made one."""
    joined: list[Message] = []
    for message in messages:
        speaker = "assistant" if message.speaker == "assistant" else "user"
        if joined and joined[-1].speaker == speaker:
            message = Message(speaker=speaker, text=f"{joined.pop().text}\n\n{message.text}")
        joined.append(Message(speaker=speaker, text=message.text))
    return joined


def _any_of(texts: Iterable[str]) -> re.Pattern[str] | None:
    """Return a pattern of the texts, longest first; the very short ones are ordinary words."""
    long = sorted({text for text in texts if len(text) > 2}, key=lambda text: (-len(text), text))
    return re.compile("|".join(map(re.escape, long))) if long else None
