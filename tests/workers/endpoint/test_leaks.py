"""What leaves this process: nothing while a provider is off, and with it on only what the request needs (S1-25).

The server records every byte that arrives. Everything but the server is the real thing: assistant, roles, engine,
worker. The last test watches every connection of the whole program with strace.
"""

from __future__ import annotations

import getpass
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.workers.endpoint.asking import KEY, endpoint, items
from tests.workers.endpoint.servers import Server, answers, models, reply, serving
from trayassist.api import Finish, Finished, Message, NotAllowed, Request, Status
from trayassist.assistant import Assistant
from trayassist.paths import Paths, shipped_file
from trayassist.safety.secrets import Secrets

SAMPLE = shipped_file("resources/samples/Miller-lease.pdf")
BODY_KEYS = {"model", "messages", "stream", "stream_options", "temperature", "max_tokens", "stop", "seed"}


class OneKey:
    """A keyring that holds the key of the test's provider."""

    def get_password(self, service: str, username: str) -> str | None:
        return KEY

    def set_password(self, service: str, username: str, password: str) -> None:
        raise OSError("read-only")

    def delete_password(self, service: str, username: str) -> None:
        raise OSError("read-only")


def configure(home: Paths, url: str, *, on: bool, premium: bool = False) -> None:
    """Write a registry whose persona and coder answer with a model of the server."""
    provider = {
        "api": "openai",
        "kind": "premium" if premium else "local",
        "base_url": url,
        "enabled": on,
        "auth": "keyring:trayassist/there",
    }
    settings: dict[str, Any] = {
        "providers": {"there": provider},
        "models": {"remote": {"provider": "there", "remote_id": "big"}},
        "roles": {"persona": {"model": "remote"}, "coder": {"model": "remote"}},
    }
    if premium:
        del settings["roles"]["coder"]  # the file itself would be refused; the call is refused below
        settings["policy"] = {"premium_allowlist": {"remote": ["persona"]}}
    home.registry.write_text(yaml.safe_dump(settings))


@asynccontextmanager
async def assistant(home: Paths) -> AsyncIterator[Assistant]:
    one = Assistant(home)
    one.engine._secrets = one.secrets = Secrets(OneKey)
    await one.start()
    try:
        yield one
    finally:
        await one.stop()


async def ask(one: Assistant, text: str, conversation: str = "", role: str = "persona") -> tuple[Finished, list[str]]:
    """Return how the answer ended, and what was said meanwhile."""
    said, last = [], None
    async for event in one.ask(Request(text=text, conversation=conversation, role=role)):
        if isinstance(event, Status):
            said.append(event.text)
        last = event
    assert isinstance(last, Finished)
    return last, said


async def test_with_the_provider_off_not_a_byte_arrives(home: Paths) -> None:
    with serving(answers("It is remote.")) as server:
        configure(home, server.url, on=False)
        async with assistant(home) as one:
            async for _ in one.ingest.ingest([SAMPLE]):
                pass
            last, _ = await ask(one, "What is the late fee in the Miller lease?")
            assert "5 percent" in last.answer, "memory answers without a model"
            assert (last.model, last.host) == (None, "")
            await ask(one, "Write a function that adds two numbers.", role="coder")
            assert "trayassist providers enable there" in one.engine.why_not("persona")
        assert server.connections == 0
        assert bytes(server.received) == b""


async def test_with_the_provider_on_only_what_the_request_needs_arrives(home: Paths) -> None:
    with serving(answers("It is ", "five percent [1].")) as server:
        configure(home, server.url, on=True)
        async with assistant(home) as one:
            async for _ in one.ingest.ingest([SAMPLE]):
                pass
            await ask(one, "My cat is called Wednesday.", conversation="about the cat")
            server.received.clear()
            server.requests.clear()
            last, said = await ask(one, "What is the late fee in the Miller lease?", conversation="about the lease")
        assert last.finish is Finish.STOP
        assert last.answer.startswith("It is five percent")
        assert last.model == "remote"
        check_bytes(server, home)
        (question,) = [got for got in server.requests if got.method == "POST"]
        assert "late fee" in json.dumps(question.json)
        assert "5 percent" in json.dumps(question.json), "the passage that the answer rests on"
        assert last.host == "", "a server on this machine is this machine"
        assert not any("asking" in text for text in said)


def check_bytes(server: Server, home: Paths) -> None:
    """Look at every byte that came."""
    everything = bytes(server.received).decode()
    assert "Wednesday" not in everything, "another conversation"
    assert "about the" not in everything, "the name of a conversation"
    assert str(home.data.parent) not in everything
    assert str(SAMPLE.parent) not in everything, "a file's place"
    assert str(Path.home()) not in everything
    assert os.uname().nodename not in everything
    assert getpass.getuser() == "root" or getpass.getuser() not in everything
    for got in server.requests:
        assert got.path in ("/v1/models", "/v1/chat/completions")
        assert set(got.headers) <= {
            "host", "accept", "accept-encoding", "connection", "user-agent", "authorization", "content-length",
            "content-type",
        }  # fmt: skip
        assert got.headers["user-agent"] == "trayassist"
        assert got.headers["authorization"] == f"Bearer {KEY}"
        assert KEY.encode() not in got.body
        if got.body:
            assert set(got.json) <= BODY_KEYS
            assert all(set(message) == {"role", "content"} for message in got.json["messages"])


async def test_a_premium_answer_says_who_was_asked_and_is_in_the_audit_log(home: Paths) -> None:
    """C-07, F-04: the line under the answer and the log tell it."""
    with serving(answers("Hello.")) as server:
        configure(home, server.url, on=True, premium=True)
        async with assistant(home) as one:
            last, said = await ask(one, "How are you?")
            assert (last.model, last.host) == ("remote", f"127.0.0.1:{server.port}")
            assert f"asking 127.0.0.1:{server.port}" in said
            before = len(server.requests)
            with pytest.raises(NotAllowed, match=r"costs money, and the role .coder. may not use it"):
                await anext(one.engine.generate("coder", "remote", [Message(speaker="user", text="add")]))
            assert len(server.requests) == before, "a role that the policy does not name reaches nobody"
    lines = [json.loads(line) for file in home.audit.glob("*.ndjson") for line in file.read_text().splitlines()]
    (call,) = [line for line in lines if line["event"] == "llm_call" and line["success"]]
    assert (call["provider"], call["kind"], call["actual_model"]) == ("there", "premium", "remote")
    assert re.fullmatch("[0-9a-f]{64}", call["prompt_hash"])
    assert "How are you" not in json.dumps(lines), "the log holds no texts"
    assert KEY not in json.dumps(lines)


@pytest.mark.parametrize("fallback", ["", "made"])
async def test_where_the_question_went_is_kept_also_when_another_answered(home: Paths, fallback: str) -> None:
    """S1-10, F-17: the model is the one that answered, the host the one that was asked."""
    with serving(lambda got: models("big") if got.method == "GET" else reply("500 Oh", "broken")) as server:
        configure(home, server.url, on=True, premium=True)
        settings = yaml.safe_load(home.registry.read_text())
        settings["mode"] = "dual"
        settings["models"]["made"] = {"provider": "mock"}
        settings["roles"]["persona"]["fallback"] = [fallback] if fallback else []
        home.registry.write_text(yaml.safe_dump(settings))
        async with assistant(home) as one:
            async for _ in one.ingest.ingest([SAMPLE]):
                pass
            last, _ = await ask(one, "What is the late fee in the Miller lease?")
            (kept,) = await one.history.recent()
        host = f"127.0.0.1:{server.port}"
    assert "failed (500: broken)" in last.fallback
    assert (last.model, last.host) == (fallback or None, host)
    assert (kept.model, kept.host, kept.mode) == (fallback or None, host, "dual")
    lines = [json.loads(line) for file in home.audit.glob("*.ndjson") for line in file.read_text().splitlines()]
    (answer,) = [line for line in lines if line["event"] == "answer"]
    assert (answer["actual_model"], answer["host"], answer["mode"]) == (fallback or None, host, "dual")
    calls = [(line["actual_model"], line["host"], line["mode"]) for line in lines if line["event"] == "llm_call"]
    assert calls == [("remote", host, "dual"), ("made", None, "dual")][: 2 if fallback else 1]
    (route,) = [line for line in lines if line["event"] == "route_decision"]
    assert (route["configured_model"], route["mode"]) == ("remote", "dual")


async def test_switching_off_ends_it_at_once(home: Paths) -> None:
    with serving(answers("Hello.")) as server:
        configure(home, server.url, on=True)
        async with assistant(home) as one:
            assert (await ask(one, "How are you?"))[0].model == "remote"
            before = server.connections
            configure(home, server.url, on=False)
            await one.reload_registry()
            last, _ = await ask(one, "And now?")
            assert last.model is None
            assert server.connections == before


async def test_the_workers_environment_leads_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proxies, keys and addresses of the environment are another program's affair."""
    with serving(answers("no")) as trap, serving(answers("Hello.")) as server:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{trap.port}")
        monkeypatch.setenv("OPENAI_BASE_URL", trap.url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-environment")
        monkeypatch.setenv("OPENAI_ORG_ID", "org-of-the-environment")
        monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Custom: of-the-environment")
        async with endpoint(server.url) as worker:
            await worker.call("load")
            await items(worker, "hello")
        assert trap.connections == 0
        assert b"of-the-environment" not in bytes(server.received)
        assert "authorization" not in server.requests[-1].headers


async def test_a_cookie_does_not_join_two_conversations() -> None:
    def script(got: Any) -> Any:
        return [piece.replace(b"\r\n", b"\r\nSet-Cookie: who=you\r\n", 1) for piece in answers("a")(got)]

    with serving(script) as server:
        async with endpoint(server.url) as worker:
            await items(worker, "one")
            await items(worker, "two")
        assert all("cookie" not in got.headers for got in server.requests)


async def test_the_key_is_in_no_command_line_and_no_environment() -> None:
    import psutil

    with serving(answers("Hello.")) as server:
        async with endpoint(server.url, key=KEY) as worker:
            await worker.call("load")
            process = psutil.Process(worker.pid)
            assert not any(KEY in argument for argument in process.cmdline())
            assert KEY not in str(process.environ())
        assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not here")
def test_the_program_connects_to_the_endpoint_and_to_nothing_else(home: Paths, tmp_path: Path) -> None:
    log = tmp_path / "connections"
    with serving(answers("Hello.")) as server:
        configure(home, server.url, on=True)
        home.registry.write_text(home.registry.read_text().replace("auth: keyring:trayassist/there", "auth: ''"))
        traced = ["strace", "-f", "-qq", "-e", "trace=connect,sendto,sendmsg", "-o", str(log)]
        done = subprocess.run(
            [*traced, sys.executable, "-m", "trayassist", "ask", "How are you?", "--json"],
            capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip
        if "ptrace" in done.stderr:
            pytest.skip("processes may not be traced here")
        assert json.loads(done.stdout.splitlines()[-1])["answer"] == "Hello.", done
        port = str(server.port)
    internet = [line for line in log.read_text().splitlines() if "AF_INET" in line]
    reached = {match[1] for line in internet if (match := re.search(r"sin6?_port=htons\((\d+)\)", line))}
    assert reached == {port}, internet
    assert all('inet_addr("127.0.0.1")' in line for line in internet), internet
