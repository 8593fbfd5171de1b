"""Messages for the errors of an endpoint: what happened, and what to do about it."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterable, Iterator
from itertools import groupby
from urllib.parse import urlsplit

import httpx2
import openai

from trayassist.api import ModelUnavailable, TrayassistError
from trayassist.workers.endpoint.client import CONNECT_S, Key, WrongHost
from trayassist.workers.endpoint.protocol import EndpointOptions

SAID_CHARACTERS = 200  # of a server's own message
LOOKED_AT = 2_000  # characters of it; some send whole pages
ECHO = 16  # so many characters in a row that were sent are an echo, not the server's own words
SHORTEST_ECHO = 6  # of a whole message
TOO_LONG = re.compile(r"(?i)context[ _-]?(length|window|size)|too many tokens|maximum context|exceed\w* context")


class EndpointErrors:
    """Puts errors into words for one endpoint. Neither the key nor what was sent is ever in them: they are logged."""

    def __init__(self, options: EndpointOptions, key: Key) -> None:
        self._options, self._key = options, key
        self._sent: tuple[str, ...] = ()
        self.host = urlsplit(options.base_url).netloc

    def sending(self, texts: Iterable[str]) -> None:
        """Note what the request holds, so that an answer that repeats it is told without it."""
        self._sent = tuple(_line(text) for text in texts)

    def of(self, error: BaseException) -> TrayassistError:
        """Return the error to raise. ModelUnavailable lets a declared fallback answer instead."""
        if isinstance(error, openai.APIStatusError):
            return self._status(error)
        if isinstance(error, openai.APITimeoutError):
            return ModelUnavailable(
                f"{self.host} did not take the connection within {CONNECT_S:.0f} seconds.",
                "Check the address and the network.",
            )
        if isinstance(error, openai.APIConnectionError | httpx2.HTTPError):
            return self._connection(error)
        if isinstance(error, openai.APIError):
            return ModelUnavailable(
                f"The server {self.host} says: {self.quote(error.message)}", "Ask again, or ask its owner."
            )
        return ModelUnavailable(
            f"{self.host} sent something that is no answer ({type(error).__name__}).",
            "Check that the address is that of an OpenAI-compatible service; most end in /v1.",
        )

    def broke_off(self) -> TrayassistError:
        """Return the error for an answer that stopped in the middle."""
        return TrayassistError(f"{self.host} broke off in the middle of the answer.", "Ask again.")

    def silent(self) -> ModelUnavailable:
        """Return the error for an answer without a word."""
        return ModelUnavailable(
            f"{self.host} ended the answer before its first word.",
            "Its own log may say why; a question that is too long for its context is a common reason.",
        )

    def no_service(self, why: str) -> ModelUnavailable:
        """Return the error for an address where no such service is."""
        return ModelUnavailable(
            f"At {self._options.base_url} there is no OpenAI-compatible service: {why}.",
            f"Mend base_url of the provider {self._options.provider}; most addresses end in /v1.",
        )

    def quote(self, text: object) -> str:
        """Return a server's own words in one short line, without the key and without what was sent."""
        line = _line(str(text)[:LOOKED_AT])
        if self._key.value:
            line = line.replace(self._key.value, "[key]")
        line = self._without_echo(line)
        return f"{line[:SAID_CHARACTERS]}…" if len(line) > SAID_CHARACTERS else line

    def _without_echo(self, line: str) -> str:
        echoed = [False] * len(line)
        for sent in self._sent:
            if len(sent) >= SHORTEST_ECHO and (at := line.find(sent)) >= 0:
                echoed[at : at + len(sent)] = [True] * len(sent)
            for at in range(len(line) - ECHO + 1):
                if line[at : at + ECHO] in sent:
                    echoed[at : at + ECHO] = [True] * ECHO
        parts = groupby(zip(line, echoed, strict=True), key=lambda pair: pair[1])
        return "".join("[what you sent]" if echo else "".join(c for c, _ in part) for echo, part in parts)

    def _status(self, error: openai.APIStatusError) -> TrayassistError:
        code, provider, quoted = error.status_code, self._options.provider, self.quote(_message(error))
        if code in (401, 403):
            problem = "does not accept the key" if self._key.value else "wants a key"
            return ModelUnavailable(
                f"{self.host} {problem} ({code}: {quoted}).",
                f"Store the right one: trayassist providers key {provider}.",
            )
        if code == 404:
            if self._options.model and "model" in quoted.lower():
                return ModelUnavailable(
                    f"{self.host} has no model “{self._options.model}” (404: {quoted}).",
                    f"See what it has: trayassist providers models {provider}.",
                )
            return self.no_service(f"it answers 404 ({quoted})")
        if code == 429:
            wait = error.response.headers.get("retry-after", "")
            todo = f"Wait {wait} seconds, then ask again." if wait.isdigit() else "Wait a little, then ask again."
            return ModelUnavailable(f"{self.host} takes no more requests for now (429: {quoted}).", todo)
        if 300 <= code < 400:
            place = urlsplit(error.response.headers.get("location", "")).netloc or "another address"
            return ModelUnavailable(
                f"{self.host} sends us on to {place}, and nothing is sent there.",
                f"If you trust that address, make it base_url of the provider {provider}.",
            )
        if code in (400, 413, 422) and (code == 413 or TOO_LONG.search(_message(error))):
            return TrayassistError(
                f"This is too long for the model at {self.host} ({quoted}).", "Ask about less at once."
            )
        if code >= 500:
            return ModelUnavailable(f"{self.host} failed ({code}: {quoted}).", "Ask again, or look at its own log.")
        return ModelUnavailable(
            f"{self.host} refused the request ({code}: {quoted}).", "Name another model or provider."
        )

    def _connection(self, error: BaseException) -> TrayassistError:
        causes = list(_causes(error))
        if any(isinstance(cause, WrongHost) for cause in causes):
            return ModelUnavailable(f"A request of {self.host} was about to go elsewhere, and was not sent.")
        tls = next((cause for cause in causes if isinstance(cause, ssl.SSLError)), None)
        if isinstance(tls, ssl.SSLCertVerificationError):
            return ModelUnavailable(
                f"The certificate of {self.host} is not trusted: {tls.verify_message}.",
                "If the server is yours, add its certificate to your system; else do not use it.",
            )
        if tls is not None:
            return ModelUnavailable(
                f"{self.host} does not speak TLS as expected ({tls.reason or tls}).",
                "If it is on your own machine, its address may begin with http:// instead.",
            )
        if any(isinstance(cause, ConnectionRefusedError) or "refused" in str(cause) for cause in causes):
            return ModelUnavailable(f"Nothing answers at {self.host}.", "Start the server, or mend its address.")
        text = " ".join(str(cause) for cause in causes)
        if any(word in text for word in ("Name or service", "getaddrinfo", "nodename", "name resolution")):
            return ModelUnavailable(f"There is no host {self.host}.", "Check the address and the network.")
        if any(isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout) for cause in causes):
            return ModelUnavailable(f"{self.host} cannot be reached ({self.quote(causes[-1])}).", "Check the network.")
        return ModelUnavailable(f"The connection to {self.host} broke off.", "Ask again.")


def _line(text: str) -> str:
    """Return a text in one line, without control characters: it is printed on terminals, too."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _message(error: openai.APIStatusError) -> str:
    """Return the server's own message, however it is wrapped."""
    body = error.body
    if isinstance(body, dict):
        inner = body.get("error", body)
        if isinstance(inner, dict):
            return str(inner.get("message") or inner.get("detail") or inner)
        return str(inner)
    return str(body or error.response.reason_phrase)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
