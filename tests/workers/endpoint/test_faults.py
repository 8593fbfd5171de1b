"""Endpoints that misbehave: each fault is said in words, before the first piece as ModelUnavailable (a fallback may
answer), and nothing is ever shown twice."""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
from array import array
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from tests.waiting import until
from tests.workers.endpoint.asking import KEY, answer_text, endpoint, items, sampling, service
from tests.workers.endpoint.servers import DONE, EVENTS, USAGE, Got, answers, event, models, reply, serving
from trayassist.api import Message, ModelUnavailable, TrayassistError

CHUNKED = EVENTS.replace(b"Connection: close", b"Transfer-Encoding: chunked")  # whose end is never said
QUESTION = [Message(speaker="user", text="q")]


def play(*bodies: list[bytes]) -> Any:
    """Return a script that lists one model, and answers the n-th question with the n-th body (the last one again)."""
    ask = iter([*bodies, *[bodies[-1]] * 20])
    return lambda got: models("big") if got.method == "GET" else next(ask)


def error(status: str, message: str, **headers: str) -> list[bytes]:
    return reply(status, {"error": {"message": message, "type": "x", "param": None, "code": None}}, **headers)


def failure(url: str, operation: str = "load", *, key: str = "") -> TrayassistError:
    """Return the error of loading, or of asking."""
    with service(url, key=key) as one, pytest.raises(TrayassistError) as error:
        one.load() if operation == "load" else list(one.generate(QUESTION, sampling()))
    return error.value


def ask(url: str, **changed: Any) -> list[dict[str, Any]]:
    with service(url) as one:
        return list(one.generate(QUESTION, sampling(**changed)))


# ---------------------------------------------------------------- reaching it


def test_refused(unused_port: int) -> None:
    said = failure(f"http://127.0.0.1:{unused_port}/v1")
    assert said.what == f"Nothing answers at 127.0.0.1:{unused_port}."
    assert "Start the server" in said.todo


def test_a_host_that_does_not_exist() -> None:
    assert "There is no host nowhere.invalid" in failure("http://nowhere.invalid/v1").what


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (reply("404 Not Found", "<h1>nothing</h1>", "text/html"), "it answers 404"),
        (reply("200 OK", "<h1>a page</h1>", "text/html"), "no list of models"),
        (reply("200 OK", {"hello": "world"}), "no list of models"),
        (reply("200 OK", "{", "application/json"), "no list of models"),
        (error("401 Unauthorized", "Incorrect API key provided: local-secret-73."), r"does not accept the key \(401"),
        (error("403 Forbidden", "not for you"), r"does not accept the key \(403: not for you"),
        (error("429 Too Many Requests", "slow down", Retry_After="30"), "takes no more requests.*Wait 30 seconds"),
        (error("500 Internal Server Error", "out of memory"), r"failed \(500: out of memory"),
        (models("small", "bigger"), "has no model “big”.*It has: bigger"),
        (models(), "has no model “big”.*It has no models yet"),
    ],
)
def test_what_is_wrong_at_load_is_said(answer: list[bytes], said: str) -> None:
    with serving(lambda got: answer) as server:
        error = failure(server.url, key=KEY)
        assert isinstance(error, ModelUnavailable)
        assert error.todo
        assert re.search(said, str(error)), str(error)
        assert KEY not in str(error)


def test_without_a_key_it_says_that_one_is_wanted() -> None:
    with serving(lambda got: error("401 Unauthorized", "no key")) as server:
        said = failure(server.url)
        assert "wants a key" in said.what
        assert said.todo == "Store the right one: trayassist providers key there."
        assert "authorization" not in server.requests[0].headers


def test_tls_where_none_is_answer_text() -> None:
    with serving(answers("hi")) as server:
        said = failure(server.url.replace("http://", "https://"))
        assert "does not speak TLS" in said.what
        assert "http://" in said.todo


async def test_a_server_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker's own limit is 15 seconds; here the one who asks gives up first, and the worker goes on at once."""

    def silent(got: Got) -> Iterator[bytes]:
        time.sleep(30)
        yield b""

    with serving(silent) as server:
        async with endpoint(server.url) as worker:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(2):
                    await worker.call("load")
            assert worker.pid is not None


def test_a_redirect_is_not_followed() -> None:
    with serving(answers("secret")) as other:
        where = {"Location": f"{other.url}/models"}
        with serving(lambda got: reply("307 Temporary Redirect", {}, **where)) as server:
            for operation in ("load", "generate"):
                said = failure(server.url, operation, key=KEY)
                assert f"sends us on to 127.0.0.1:{other.port}, and nothing is sent there" in said.what
        assert other.connections == 0


# ---------------------------------------------------------------- answering


def test_an_answer_with_thoughts_and_usage() -> None:
    body = [
        EVENTS,
        event(role="assistant", content=""),
        event(reasoning_content="Let me "),
        event(reasoning="see."),
        event(content="Blue"),
        event(content=" sky."),
        event(finish="stop"),
        event(usage=USAGE),
        DONE,
    ]
    with serving(play(body)) as server:
        found = ask(server.url)
    assert answer_text(found, thought=True) == "Let me see."
    assert answer_text(found) == "Blue sky."
    assert (found[0]["tokens_in"], found[-2]["tokens_in"]) == (0, 21)
    assert (found[-1]["tokens_out"], found[-1]["finish"]) == (3, "stop")


def test_thoughts_in_the_text_are_told_apart_and_a_lone_surrogate_does_no_harm() -> None:
    words = ["<th", "ink>Let me", " see.</thi", "nk>", "\n\nBlue", " sky \ud83d."]
    with serving(play([EVENTS, *[event(content=word) for word in words], event(finish="stop"), DONE])) as server:
        found = ask(server.url)
    assert answer_text(found, thought=True) == "Let me see."
    assert answer_text(found) == "Blue sky ?."


def test_a_full_context_loses_turns_then_passages_and_keeps_the_question() -> None:
    """S1-17: in the order in which models on this machine lose them."""
    talk = [
        Message(speaker="system", text="Be brief."),
        Message(speaker="user", text="old question " * 20),
        Message(speaker="assistant", text="old answer " * 20),
        Message(speaker="user", text="first passage " * 20, part="passage"),
        Message(speaker="user", text="last passage " * 20, part="passage"),
        Message(speaker="user", text="the question"),
    ]
    with serving(answers("ok")) as server:
        with service(server.url, context_length=180) as one:
            began = next(one.generate(talk, sampling(max_tokens=10)))
            list(one.generate(talk, sampling(max_tokens=10)))
        sent = " ".join(one["content"] for one in server.requests[-1].json["messages"])
    assert (began["trimmed"], began["left_out"]) == (1, 1)
    assert "Be brief." in sent
    assert "first passage" in sent
    assert "the question" in sent
    assert "old" not in sent
    assert "last passage" not in sent


@pytest.mark.parametrize(
    ("body", "said", "unavailable"),
    [
        ([EVENTS, event(content="Half a "), event(content="sen")], "broke off in the middle", False),
        ([EVENTS], "before its first word", True),
        ([CHUNKED], "before its first word", True),
        ([CHUNKED, b"5\r\ndata:"], "before its first word", True),
        ([EVENTS, b"data: {never closed\n\n"], "sent something that is no answer", True),
        ([EVENTS, b"data: [1, 2]\n\n"], "sent something that is no answer", True),
        ([EVENTS, b'data: {"choices": "none"}\n\n'], "sent something that is no answer", True),
        ([EVENTS, b'data: {"choices": [{"delta": {"content": 7}}]}\n\n'], "sent something that is no answer", True),
        ([EVENTS, event(content="Half"), b"data: {oops\n\n"], "broke off in the middle", False),
        ([EVENTS, b'data: {"error": {"message": "GPU is on fire"}}\n\n'], "GPU is on fire", True),
        (reply("200 OK", "<h1>a page</h1>", "text/html"), "no OpenAI-compatible service", True),
        (error("404 Not Found", "The model `big` does not exist"), "has no model “big”", True),
        (error("404 Not Found", "page not found"), "no OpenAI-compatible service", True),
        (error("500 Internal Server Error", "boom"), "failed \\(500: boom", True),
        (error("400 Bad Request", "maximum context length is 10 tokens"), "too long for the model", False),
        (error("400 Bad Request", "I do not like it"), "refused the request", True),
    ],
)
def test_what_goes_wrong_in_an_answer_is_said(body: list[bytes], said: str, unavailable: bool) -> None:
    with serving(play(body)) as server:
        shown = []
        with service(server.url) as one, pytest.raises(TrayassistError, match=said) as error:  # noqa: PT012
            for item in one.generate(QUESTION, sampling()):
                shown.append(item.get("text", ""))
        assert isinstance(error.value, ModelUnavailable) is unavailable
        assert "".join(shown) in ("", "Half", "Half a sen")


def test_a_busy_endpoint_is_asked_once_more_and_the_answer_comes_once() -> None:
    body = [EVENTS, event(content="Here."), event(finish="stop"), DONE]
    with serving(play(error("429 Too Many Requests", "busy", Retry_After="0"), body)) as server:
        assert answer_text(ask(server.url)) == "Here."
        assert len(server.requests) == 2


def test_a_busy_endpoint_that_wants_minutes_is_left() -> None:
    with serving(play(error("429 Too Many Requests", "busy", Retry_After="120"))) as server:
        assert "Wait 120 seconds" in failure(server.url, "generate").todo
        assert len(server.requests) == 1


def test_a_broken_answer_is_not_asked_for_again() -> None:
    with serving(play([EVENTS, event(content="Half")])) as server:
        failure(server.url, "generate")
        assert len(server.requests) == 1


def test_a_connection_that_the_server_is_about_to_close_is_not_used_again() -> None:
    """Servers close after an error, or after some seconds: a question on its way just then would be lost."""

    def closing(got: Got) -> Iterable[bytes]:
        yield from (part.replace(b"Connection: close\r\n", b"") for part in models("big"))
        time.sleep(0.3)  # the connection looks kept, and then ends

    with serving(closing) as server, service(server.url) as one:
        assert [one.models() for _ in range(3)] == [["big"]] * 3
        assert server.connections == 3


def test_what_an_endpoint_does_not_know_is_left_out() -> None:
    """Models that reason take no temperature and another name for the limit; old servers know no usage."""

    def picky(got: Got) -> Iterable[bytes]:
        for name in ("temperature", "max_tokens", "stream_options"):
            if name in got.json:
                return error("400 Bad Request", f"Unsupported parameter: '{name}'.")
        return [EVENTS, event(content="Fine."), event(finish="stop"), DONE]

    with serving(picky) as server:
        assert answer_text(ask(server.url, max_tokens=77)) == "Fine."
        assert server.requests[-1].json["max_completion_tokens"] == 77


def test_a_refused_schema_is_said() -> None:
    refusal = error("400 Bad Request", "response_format is not supported by this model")
    with serving(play(refusal)) as server:
        with pytest.raises(ModelUnavailable, match="cannot answer in a given form"):
            ask(server.url, schema={"type": "object"})
        first = server.requests[0].json["response_format"]
        assert first == {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": {"type": "object"}, "strict": True},
        }


def test_vectors_are_of_length_1() -> None:
    body = {"object": "list", "data": [{"object": "embedding", "index": 0, "embedding": [3.0, 0.0, 4.0]}], "model": "m"}
    with serving(lambda got: reply("200 OK", body)) as server, service(server.url) as one:
        (vector,) = one.embed(["a"])
        assert list(array("f", vector)) == pytest.approx([0.6, 0.0, 0.8])
        assert server.requests[0].json == {"input": ["a"], "model": "big", "encoding_format": "float"}


def test_adapters_are_refused_in_words() -> None:
    with serving(answers("hi")) as server:
        with service(server.url) as one, pytest.raises(ModelUnavailable, match="on this machine only"):
            list(one.generate(QUESTION, sampling(), adapters=({"file": "a.gguf", "scale": 1.0},)))
        assert server.connections == 0


# ---------------------------------------------------------------- giving up


@pytest.mark.parametrize("first", [[], [EVENTS], [EVENTS, event(content="One ")]], ids=["nothing", "headers", "a word"])
async def test_cancel_is_heard_even_when_nothing_comes(first: list[bytes]) -> None:
    """The connection is closed, the worker lives and answers the next question."""

    def hang(got: Got) -> Iterator[bytes]:
        if got.method == "POST" and got.json["messages"][-1]["content"] == "next":
            yield from [EVENTS, event(content="Next."), event(finish="stop"), DONE]
            return
        yield from first
        over.wait()

    over = threading.Event()
    with serving(hang) as server:
        async with endpoint(server.url) as worker:
            await worker.start()
            task = asyncio.create_task(items(worker, "stuck"))
            async with asyncio.timeout(20):
                while not server.requests:  # noqa: ASYNC110  # the server is in a thread
                    await asyncio.sleep(0.01)
            await asyncio.sleep(0.2)
            pid = worker.pid
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await until(lambda: server.left)  # the connection was closed, while the server still has not answered
            assert answer_text(await items(worker, "next")) == "Next."
            assert worker.pid == pid, "one that does not give up is killed"
            over.set()


def test_a_certificate_of_nobody_is_not_trusted(tmp_path: Any) -> None:
    certificate = make_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def handshake() -> None:
            connection, _ = listening.accept()
            try:
                context.wrap_socket(connection, server_side=True).close()
            except OSError:
                connection.close()

        thread = threading.Thread(target=handshake)
        thread.start()
        said = failure(f"https://127.0.0.1:{listening.getsockname()[1]}/v1")
        thread.join(10)
    assert "is not trusted" in said.what
    assert "add its certificate to your system" in said.todo


def make_certificate(folder: Any) -> Any:
    """Write a self-signed certificate with the openssl program; skip where there is none."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not here")
    file = folder / "both.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    subprocess.run(
        [*command, "-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")],
        check=True,
        capture_output=True,
    )
    file.write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())
    return file


def test_a_server_that_says_nothing_is_left_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    from trayassist.workers.endpoint import service as module

    monkeypatch.setattr(module, "LOOK_S", 0.3)

    def silent(got: Got) -> Iterator[bytes]:
        time.sleep(3)
        yield b""

    with serving(silent) as server:
        said = failure(server.url)
        assert said.what == f"127.0.0.1:{server.port} did not answer within 0.3 seconds."
