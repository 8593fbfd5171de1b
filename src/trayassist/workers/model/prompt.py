"""From messages to the tokens of a prompt: the model's chat template, and what is left out when it is too long."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any, Protocol

from trayassist.api import Message, ModelUnavailable, TrayassistError
from trayassist.workers.model import reasoning

ANSWER_ROOM = 64  # tokens that are left for the answer, whatever the prompt
TRIM = 4  # turns leave by this part of the context
PLAIN_TEMPLATE = (
    "{% for message in messages %}{{ message.role | capitalize }}: {{ message.content }}\n{% endfor %}Assistant:"
)
PLAIN_STOP = ("\nUser:", "\nSystem:")  # where a model without a template begins to play the other side
ZERO_WIDTH_SPACE = "\u200b"
BREAK = "\ufdd0"  # no character: where a text that would be read as a special token is tokenized in two parts
_MARK = re.compile(r"<\|?/?[\w:. -]{1,40}\|?>|<</?[A-Z_]{2,20}>>|\[/?[A-Z_]{2,30}\]")  # as templates mark turns
_LABEL = re.compile(r"(?:^|\n)[ \t]{0,3}([#\w][\w# ]{2,30}:)\s{0,3}(?=probe-)")  # "### Question:", "USER:"


class Tokens(Protocol):
    """What a prompt needs of a model."""

    context_length: int

    def tokenize(self, *parts: str) -> list[int]:
        """Return the parts' tokens, the texts of special tokens as those tokens, with the model's own beginning.

        Nothing is read as one token across the border of two parts.
        """
        ...


@dataclass(frozen=True, slots=True)
class FittedPrompt:
    """A prompt that fits, how many of the oldest turns and how many passages and tools were left out of it.

    `opened` is the mark that ends a thought which the template itself begins, or "".
    """

    tokens: list[int]
    trimmed: int
    left_out: int = 0
    opened: str = ""


class Prompts:
    """Makes prompts for one model. `render` fills its `template`; `special` are the texts of its special tokens.

    Without a template (an endpoint has it) messages are left as they are.
    """

    def __init__(self, model: Tokens, render: Callable[..., Any], special: Iterable[str], template: str = "") -> None:
        self._model, self._render = model, render
        self._special = _any_of(special := frozenset(special))
        self._more: dict[str, Any] = {}
        self._text = ""
        self._in_parts = False
        self._in_parts = self._shows_only_parts()
        self._takes_system = self._shows_system_messages()
        self._marks = _any_of(self._find_marks(template) - special) if template else None

    def fit(self, messages: Sequence[Message], max_tokens: int, *, think: bool = True) -> FittedPrompt:
        """Return the prompt, what may leave it left out until it fits, counted by the tokenizer (F-15).

        First the oldest turns leave, each with the passages it was asked with, then passages from the last, then tools
        (S1-17); system messages and the last message always stay. Turns leave by a quarter of the context at once, so
        that the next prompts begin like this one and are not read again. Raises TrayassistError when what must stay is
        too long. `think` False asks templates that know the switch for an answer without reasoning.
        """
        limit = self._model.context_length
        room = min(max_tokens, max(ANSWER_ROOM, limit // 4))
        self._more = {} if think else {"enable_thinking": False}
        kept, trimmed, left_out = [self._harmless(message) for message in messages], 0, 0
        tokens = self._tokens(kept)
        step = max(1, limit // TRIM)
        goal = len(tokens) - -(-(len(tokens) + room - limit) // step) * step  # tokens that may stay while turns leave
        while len(tokens := self._tokens(kept)) + room > limit or (trimmed and len(tokens) > goal):
            if _without_oldest_turn(kept):
                trimmed += 1
            elif len(tokens) + room <= limit:
                break
            elif _without_last(kept, "passage") or _without_last(kept, "tools"):
                left_out += 1
            else:
                raise TrayassistError(
                    f"This is {len(tokens)} tokens long, and the model holds {limit} with {room} for the answer.",
                    "Ask about less at once, or raise the context in Settings, Models (context_length).",
                )
        opened = reasoning.opens_with(self._text.replace(BREAK, ""))
        if opened and kept and reasoning.opens_with(kept[-1].text):
            opened = ""  # the user's own words end so, and the template adds nothing
        return FittedPrompt(tokens, trimmed, left_out, opened)

    def beginning(self, messages: Sequence[Message]) -> list[int]:
        """Return the tokens with which every prompt begins that begins with these messages."""
        kept = [self._harmless(message) for message in messages]
        self._more = {}
        first, second = (self._tokens([*kept, Message(speaker="user", text=text)]) for text in ("One", "2"))
        alike = takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False))
        return [token for token, _ in alike]

    def _harmless(self, message: Message) -> Message:
        """Return the message so that nothing in it is read as the template's: a document cannot end its turn.

        What would be a special token is broken in two, and reads the same. Where a template marks turns with ordinary
        words (`[INST]` in vocabularies without it, `### Question:`), only other words help: a space of no width.
        """
        text = message.text.replace(BREAK, "")
        if self._marks is not None:
            text = self._marks.sub(lambda match: match[0] + ZERO_WIDTH_SPACE, text)
        if self._special is not None:
            text = self._special.sub(lambda match: match[0] + BREAK, text)
        return replace(message, text=text)

    def _find_marks(self, template: str) -> set[str]:
        """Return the words by which the template tells turns apart, as far as they stand in it or in what it makes."""
        probe = [Message(speaker="assistant" if n % 2 else "user", text=f"probe-{n}") for n in range(3)]
        if self._takes_system:
            probe.insert(0, Message(speaker="system", text="probe-system"))
        try:
            made = self._fill_template(probe)
        except ModelUnavailable:
            made = ""
        return {*_MARK.findall(template), *_MARK.findall(made), *_LABEL.findall(made)}

    def _tokens(self, messages: Sequence[Message]) -> list[int]:
        messages = _whole(messages)
        if not self._takes_system:
            messages = _join(messages)
        try:
            self._text = self._fill_template(messages)
        except ModelUnavailable:  # many templates want questions and answers in turn, and nothing else
            self._text = self._fill_template(_join(messages))
        return self._model.tokenize(*self._text.split(BREAK))

    def _fill_template(self, messages: Sequence[Message]) -> str:
        try:
            turns = [{"role": one.speaker, "content": self._content(one.text)} for one in messages]
            rendered = self._render(messages=turns, **self._more)
        except Exception as error:  # barrier: the template is code that came with the model file
            raise ModelUnavailable(
                f"The model's chat template fails: {error}.", "Name another model, or give it kind: base."
            ) from error
        return str(rendered.prompt)

    def _content(self, text: str) -> str | list[dict[str, str]]:
        return [{"type": "text", "text": text}] if self._in_parts else text

    def _shows_only_parts(self) -> bool:
        """Return whether a text is shown only as a list of parts: templates of models that see pictures may be so."""
        probe = [Message(speaker="user", text="user-probe")]
        try:
            if "user-probe" in self._fill_template(probe):
                return False
        except ModelUnavailable:
            pass
        self._in_parts = True
        try:
            return "user-probe" in self._fill_template(probe)
        except ModelUnavailable:
            return False
        finally:
            self._in_parts = False

    def _shows_system_messages(self) -> bool:
        """Return False for a template that refuses system messages, or drops them without a word."""
        probe = [Message(speaker="system", text="system-probe"), Message(speaker="user", text="user-probe")]
        try:
            return "system-probe" in self._fill_template(probe)
        except ModelUnavailable:
            return False


def _without_oldest_turn(kept: list[Message]) -> bool:
    """Take the oldest question out, with the passages before it and its answer; return whether there was any.

    What stands directly before the last message as passages or tools belongs to that.
    """
    last = len(kept) - 1
    while last > 0 and kept[last - 1].part != "turn":
        last -= 1
    start = next((n for n in range(last) if kept[n].speaker != "system"), None)
    if start is None:
        return False
    end = start
    while end < last and kept[end].part != "turn":
        end += 1
    end = min(end + 1, last)
    while end < last and kept[end].speaker == "assistant":
        end += 1
    del kept[start:end]
    return True


def _without_last(kept: list[Message], part: str) -> bool:
    """Take the last message of that part out; return whether there was any."""
    last = max((n for n, message in enumerate(kept[:-1]) if message.part == part), default=None)
    if last is None:
        return False
    del kept[last]
    return True


def _whole(messages: Sequence[Message]) -> list[Message]:
    """Return the messages with passages and tools put into the one they belong to."""
    whole: list[Message] = []
    for message in messages:
        if whole and whole[-1].part != "turn" and whole[-1].speaker == message.speaker:
            message = replace(message, text=f"{whole.pop().text}\n\n{message.text}")
        whole.append(message)
    return whole


def _join(messages: Sequence[Message]) -> list[Message]:
    """Return the messages with system ones put into the question after them, and neighbours of a kind made one."""
    joined: list[Message] = []
    for message in messages:
        speaker = "assistant" if message.speaker == "assistant" else "user"
        if joined and joined[-1].speaker == speaker:
            message = Message(speaker=speaker, text=f"{joined.pop().text}\n\n{message.text}")
        joined.append(Message(speaker=speaker, text=message.text))
    return joined


def _any_of(texts: Iterable[str]) -> re.Pattern[str] | None:
    """Return a pattern of the first character of each text wherever it stands, also within another.

    Very short ones are ordinary words, and so are blanks and letters alone, which some vocabularies list among theirs.
    """
    rests: dict[str, list[str]] = {}  # by the first character: some vocabularies have thousands
    for text in sorted(texts):
        if len(text) > 2 and not text.isspace() and not text.isalnum():
            rests.setdefault(text[0], []).append(re.escape(text[1:]))
    found = "|".join(f"{re.escape(first)}(?:{'|'.join(rest)})" for first, rest in rests.items())
    return re.compile(f"(?={found})(?s:.)") if found else None
