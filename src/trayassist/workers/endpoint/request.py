"""The body of a request for an answer, and what is left out of it when an endpoint does not know it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trayassist.api import Message
from trayassist.workers.model import Sampling

STOPS_SENT = 4  # OpenAI takes no more; all of them are looked for here as well
CHARACTERS_A_TOKEN = 3.0  # few, so that a prompt is rather cut a turn too early than refused
ANSWER_ROOM = 64  # tokens that are left for the answer, whatever the prompt

# What an endpoint may refuse without harm, and what takes its place. The models that reason know no temperature.
DISPENSABLE: Mapping[str, str] = {
    "stream_options": "",
    "temperature": "",
    "seed": "",
    "stop": "",
    "max_tokens": "max_completion_tokens",
}


def body(model: str, messages: Sequence[Message], sampling: Sampling) -> dict[str, Any]:
    """Return the request for a streamed answer: the messages and how to sample, nothing else."""
    request: dict[str, Any] = {
        "model": model,
        "messages": [{"role": message.speaker, "content": message.text} for message in messages],
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


def eased(request: Mapping[str, Any], complaint: str) -> dict[str, Any] | None:
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


def trimmed(messages: Sequence[Message], max_tokens: int, context_length: int) -> tuple[list[Message], int]:
    """Return the messages with the oldest turns left out until they should fit, and how many turns that were (S1-17).

    The endpoint's tokenizer is not here: lengths are estimated at three characters a token. A context length of 0
    is unknown, and nothing is left out. System messages and the last message always stay.
    """
    kept, turns = list(messages), 0
    room = min(max_tokens, max(ANSWER_ROOM, context_length // 4))
    while context_length and sum(estimate(message.text) for message in kept) + room > context_length:
        oldest = next((n for n, message in enumerate(kept[:-1]) if message.speaker != "system"), None)
        if oldest is None:
            break
        end = oldest + 1
        while end < len(kept) - 1 and kept[end].speaker == "assistant":  # a question leaves with its answer
            end += 1
        del kept[oldest:end]
        turns += 1
    return kept, turns


def estimate(text: str) -> int:
    """Return about how many tokens a text is, rather too many than too few."""
    return int(len(text) / CHARACTERS_A_TOKEN) + 4
