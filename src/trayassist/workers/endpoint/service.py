"""The operations of an endpoint worker: those of a model worker, answered by a server."""

from __future__ import annotations

import asyncio
import difflib
import math
import time
from array import array
from collections.abc import Callable, Coroutine, Generator, Sequence
from typing import Any

import httpx2
import openai
from openai import AsyncStream
from openai.types.chat import ChatCompletionChunk

from trayassist.api import Message, ModelUnavailable, TrayassistError
from trayassist.workers import remote_info
from trayassist.workers.child import Channel
from trayassist.workers.endpoint.answer import Answer, Incoming
from trayassist.workers.endpoint.client import Key, client
from trayassist.workers.endpoint.messages import EndpointErrors
from trayassist.workers.endpoint.protocol import EndpointOptions
from trayassist.workers.endpoint.request import body, ease, estimate, fit
from trayassist.workers.model.protocol import Adapter, Began, Info, Lookup, Piece, Report, Sampling

LOOK_S = 15.0  # longest that listing the models may take
TRIES = 5  # of one request: what the endpoint does not know is left out each time
MOST_WAIT_S = 5.0  # longest that a busy endpoint is waited for before the one second try
BUSY = (429, 502, 503)
NOT_UNDERSTOOD = (400, 422, 500)  # llama-cpp-python's server answers 500 to what it does not know


class EndpointService:
    """One endpoint; one request at a time."""

    def __init__(self, channel: Channel, options: EndpointOptions) -> None:
        self._options, self._key = options, Key()
        self._words = EndpointErrors(options, self._key)
        self._client = client(options, self._key)  # may refuse the options; there is nothing to close then
        self._waiting = CancellableLoop(channel)
        self._model, self._context_length = options.model, options.context_length

    def with_key[T](self, operation: Callable[..., T]) -> Callable[..., T]:
        """Return the operation with one argument more: the `key` of the request it is called for, and of no other."""

        def run(*, key: str = "", **arguments: Any) -> T:
            self._key.value = key
            return operation(**arguments)

        return run

    def models(self) -> list[str]:
        """Return the names of the endpoint's models, sorted. Raises ModelUnavailable, in words."""
        try:
            return sorted(one["id"] for one in self._waiting.wait(self._list()))
        except GivenUp:
            return []

    def load(self) -> Info:
        """Look whether the endpoint answers and has the model. Raises ModelUnavailable, in words."""
        began = time.perf_counter()
        try:
            listed = self._waiting.wait(self._list())
        except GivenUp:
            listed = []
        else:
            self._choose(listed)
        return remote_info.info(self._context_length, (time.perf_counter() - began) * 1e3)

    def tokens(self, text: str) -> int:
        """Return about how many tokens a text is: the endpoint's tokenizer is not here."""
        return estimate(text)

    def embed(self, texts: Sequence[str]) -> list[bytes]:
        """Return each text's vector, of length 1, as float32 bytes in this machine's order. Raises ModelUnavailable."""

        self._words.sending(texts)

        async def ask() -> list[bytes]:
            answer = await self._client.embeddings.create(model=self._model, input=list(texts), encoding_format="float")
            return [_unit(one.embedding) for one in answer.data]

        try:
            return self._waiting.wait(ask())
        except GivenUp:
            return []
        except Exception as error:  # barrier: another program's answer
            raise self._words.of(error) from error

    def generate(
        self,
        messages: Sequence[Message],
        sampling: Sampling,
        adapters: Sequence[Adapter] = (),
        conversation: str = "",
        lookup: Lookup | None = None,
    ) -> Generator[Began | Piece | Report, None, None]:
        """Yield Began, the pieces of the answer, Began again with the prompt's length as counted there, the Report.

        Cancelled, it ends without a Report within 50 ms and closes the connection. The name of the conversation is
        not sent, nor is anything drafted. Raises ModelUnavailable before the first piece, TrayassistError after it.
        """
        if adapters:
            raise ModelUnavailable(
                "Adapters work with models on this machine only.", "Take them off the role, or name a GGUF model."
            )
        began = time.perf_counter()
        kept = fit(messages, sampling["max_tokens"], self._context_length)
        noted: Began = {"tokens_in": 0, "trimmed": kept.trimmed, "left_out": kept.left_out}
        yield noted
        self._words.sending(one["content"] for one in kept.messages)
        try:
            yield from self._answer(body(self._model, kept.messages, sampling), sampling, noted, began)
        except GivenUp:
            return

    def close(self) -> None:
        """Close the connections."""
        self._waiting.finish(self._client.close())
        self._waiting.close()

    # ------------------------------------------------------------ inside

    def _answer(
        self, request: dict[str, Any], sampling: Sampling, noted: Began, began: float
    ) -> Generator[Began | Piece | Report, None, None]:
        stream = self._stream(request)
        incoming, answer = Incoming(stream), Answer(sampling, began)
        reading = self._waiting.begin(incoming.read())
        try:
            while not answer.over:
                yield from answer.add(self._waiting.wait(incoming.take()))
            if not answer.complete:
                raise self._is_unfinished(answer, stream) from answer.error
        finally:
            reading.cancel()
            self._waiting.finish(incoming.close(reading))
        if answer.end.tokens_in:
            yield {**noted, "tokens_in": answer.end.tokens_in}
        yield answer.report()

    def _is_unfinished(self, answer: Answer, stream: AsyncStream[ChatCompletionChunk]) -> TrayassistError:
        if answer.count:
            return self._words.broke_off()
        error, began = answer.error, "event-stream" in stream.response.headers.get("content-type", "")
        if began and (error is None or isinstance(error, openai.APIConnectionError | httpx2.HTTPError)):
            return self._words.silent()
        if error is not None:
            return self._words.of(error)
        return self._words.no_service("it answers with something that is no answer")

    def _stream(self, request: dict[str, Any]) -> AsyncStream[ChatCompletionChunk]:
        """Return the open stream. What the endpoint does not know is left out; a busy one is asked once more."""
        waited = False
        for _ in range(TRIES):
            try:
                return self._waiting.wait(self._client.chat.completions.create(**request))
            except GivenUp:
                raise
            except openai.APIStatusError as error:
                complaint = f"{error.param or ''} {self._words.quote(error.body)}"
                less = ease(request, complaint) if error.status_code in NOT_UNDERSTOOD else None
                if less is None and (waited or not self._worth_waiting(error)):
                    raise self._note_refusal(request, error) from error
                waited, request = waited or less is None, less or request
            except Exception as error:  # barrier: another program's answer
                raise self._words.of(error) from error
        raise ModelUnavailable(f"{self._words.host} refuses the request in every form.", "Name another model.")

    def _worth_waiting(self, error: openai.APIStatusError) -> bool:
        """Wait for a busy endpoint as long as it says; return whether it may be asked again."""
        reply = error.response.headers.get("retry-after", "1")
        if error.status_code not in BUSY or not reply.isdigit() or int(reply) > MOST_WAIT_S:
            return False
        self._waiting.wait(asyncio.sleep(int(reply)))
        return True

    def _note_refusal(self, request: dict[str, Any], error: openai.APIStatusError) -> Exception:
        form = "response_format" if "response_format" in request else "grammar" if "extra_body" in request else ""
        reply = self._words.quote(error.body)
        if error.status_code in NOT_UNDERSTOOD and form and (form in reply or "schema" in reply):
            return ModelUnavailable(
                f"{self._words.host} cannot answer in a given form ({error.status_code}: {reply}).",
                "For this role, name a model that can: those on this machine do.",
            )
        return self._words.of(error)

    async def _list(self) -> list[dict[str, Any]]:
        """Return what the endpoint says of its models. Raises ModelUnavailable."""
        try:
            async with asyncio.timeout(LOOK_S):  # the client's own limit begins anew with each byte that comes
                found = (await self._client.get("/models", cast_to=httpx2.Response)).json()
        except (TimeoutError, openai.APITimeoutError) as error:
            raise ModelUnavailable(
                f"{self._words.host} did not answer within {LOOK_S:g} seconds.", "Check the server and the network."
            ) from error
        except openai.OpenAIError as error:
            raise self._words.of(error) from error
        except ValueError as error:
            raise self._words.no_service("it answers with something that is no list of models") from error
        listed = found.get("data") if isinstance(found, dict) else None
        if not isinstance(listed, list):
            raise self._words.no_service("it answers with something that is no list of models")
        return [one for one in listed if isinstance(one, dict) and isinstance(one.get("id"), str)]

    def _choose(self, listed: list[dict[str, Any]]) -> None:
        """Settle which of the models answers, and how long its context is."""
        names = [one["id"] for one in listed]
        wanted = self._options.model
        if not wanted and len(names) == 1:
            wanted = names[0]
        elif wanted not in names and f"{wanted}:latest" in names:  # Ollama's own short form
            wanted = f"{wanted}:latest"
        if wanted not in names:
            near = difflib.get_close_matches(wanted, names, n=3, cutoff=0.4) or names[:5]
            missing = f"has no model “{wanted}”" if wanted else "has several models"
            there = self._words.quote(", ".join(near))
            raise ModelUnavailable(
                f"{self._words.host} {missing}.",
                f"It has: {there}." if near else "It has no models yet: load one there first.",
            )
        one = next(one for one in listed if one["id"] == wanted)
        self._model = self._options.model or wanted
        self._context_length = self._options.context_length or _context_length(one)


def _context_length(model: dict[str, Any]) -> int:
    """Return the context that a server tells of: vLLM's max_model_len, llama-server's meta; 0 when it tells none."""
    meta = model.get("meta")
    context = model.get("max_model_len") or (meta.get("n_ctx") if isinstance(meta, dict) else 0)
    return context if isinstance(context, int) else 0


def _unit(vector: Sequence[float]) -> bytes:
    length = math.hypot(*vector) or 1.0
    return array("f", (value / length for value in vector)).tobytes()


CHECK_S = 0.01  # how often the parent's flag is looked at while the network is waited for
LETTING_GO_S = 0.5  # longest that ending a request may take


class GivenUp(Exception):
    """The parent gave the request up; its connection is closed."""


class CancellableLoop:
    """An event loop that runs only while something is waited for."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._loop = asyncio.new_event_loop()

    def wait[T](self, work: Coroutine[Any, Any, T]) -> T:
        """Return what `work` returns. Raises GivenUp, with `work` cancelled, when the parent gave up."""
        return self._loop.run_until_complete(self._watch(work))

    def finish(self, work: Coroutine[Any, Any, object]) -> None:
        """Run the end of something, whatever the parent thinks, for at most half a second."""

        async def in_time() -> None:
            await asyncio.wait({asyncio.ensure_future(work)}, timeout=LETTING_GO_S)

        self._loop.run_until_complete(in_time())

    def begin[T](self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Return a task that goes on while anything is waited for."""
        return self._loop.create_task(work)

    def close(self) -> None:
        """End the loop; nothing can be waited for any more."""
        self._loop.close()

    async def _watch[T](self, work: Coroutine[Any, Any, T]) -> T:
        task = asyncio.ensure_future(work)
        while not task.done():
            if self._channel.cancelled():
                task.cancel()
                await asyncio.wait({task}, timeout=LETTING_GO_S)
                raise GivenUp
            await asyncio.wait({task}, timeout=CHECK_S)
        return task.result()
