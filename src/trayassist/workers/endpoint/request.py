"""The body of a request for an answer, and what is left out of it when an endpoint does not know it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from trayassist.api import Message
from trayassist.workers.model.prompt import Prompts
from trayassist.workers.model.protocol import Sampling

STOPS_SENT = 4  # OpenAI takes no more; all of them are looked for here as well
CHARACTERS_A_TOKEN = 3.0  # few, so that a prompt is rather cut a turn too early than refused
UNKNOWN = 10**9  # the context of an endpoint that does not tell of one

# What an endpoint may refuse without harm, and what takes its place. The models that reason know no temperature.
DISPENSABLE: Mapping[str, str] = {
    "stream_options": "",
    "temperature": "",
    "seed": "",
    "stop": "",
    "max_tokens": "max_completion_tokens",
}


def body(model: str, messages: Sequence[Mapping[str, str]], sampling: Sampling) -> dict[str, Any]:
    """Return the request for a streamed answer: the messages and how to sample, nothing else."""
    request: dict[str, Any] = {
        "model": model,
        "messages": list(messages),
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": sampling["temperature"],
        "max_tokens": sampling["max_tokens"],
    }
    if sampling["stop"]:
        request["stop"] = list(sampling["stop"][:STOPS_SENT])
    if sampling["seed"] is not None:
        request["seed"] = sampling["seed"]
    if sampling["schema"] is not None:
        form = {"name": "answer", "schema": dict(sampling["schema"]), "strict": True}
        request["response_format"] = {"type": "json_schema", "json_schema": form}
    if sampling["grammar"]:
        request["extra_body"] = {"grammar": sampling["grammar"]}  # llama.cpp's servers know GBNF, others refuse it
    return request


def ease(request: Mapping[str, Any], complaint: str) -> dict[str, Any] | None:
    """Return the request without what the complaint names, or None when nothing can be spared.

    A form of JSON that is refused is asked for once more in llama-cpp-python's own way.
    """
    form = request.get("response_format", {})
    if form.get("type") == "json_schema" and ("response_format" in complaint or "json_schema" in complaint):
        schema = form["json_schema"]["schema"]
        return {**request, "response_format": {"type": "json_object", "schema": schema}}
    for name, instead in DISPENSABLE.items():
        if name in request and name in complaint:
            less = {key: value for key, value in request.items() if key != name}
            return {**less, instead: request[name]} if instead else less
    return None


@dataclass(frozen=True, slots=True)
class FittedRequest:
    """The messages to send, how many past turns were left out, and how many passages and tools."""

    messages: list[dict[str, str]]
    trimmed: int = 0
    left_out: int = 0


def fit(messages: Sequence[Message], max_tokens: int, context_length: int) -> FittedRequest:
    """Return the messages as an endpoint takes them, what may leave left out until they should fit (S1-17).

    What leaves first is as for models on this machine. The endpoint's tokenizer is not here: lengths are estimated.
    A context length of 0 is unknown, and nothing leaves. Raises TrayassistError when what must stay is too long.
    """
    counted = _LengthCounter(context_length or UNKNOWN)
    prompt = Prompts(counted, counted.render, ()).fit(messages, max_tokens)
    return FittedRequest(counted.rendered, prompt.trimmed, prompt.left_out)


class _LengthCounter:
    """Stands for a model whose prompt is what is sent, and whose tokens are counted by length."""

    def __init__(self, context_length: int) -> None:
        self.context_length = context_length
        self.rendered: list[dict[str, str]] = []

    def render(self, messages: list[dict[str, str]]) -> SimpleNamespace:
        """Note what is to be sent."""
        self.rendered = messages
        return SimpleNamespace(prompt="\n".join(f"{one['role']}: {one['content']}" for one in messages))

    def tokenize(self, *parts: str) -> list[int]:
        """Return as many numbers as the text has tokens, about."""
        return [0] * estimate("".join(parts))


def estimate(text: str) -> int:
    """Return about how many tokens a text is, rather too many than too few."""
    return int(len(text) / CHARACTERS_A_TOKEN) + 1
