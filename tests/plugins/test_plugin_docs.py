"""Every hook has a page with an example that runs, and a test here; a plugin of another distribution works."""

from __future__ import annotations

import asyncio
import dataclasses
import inspect
import re
import sys
import types
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from tests.plugins.installed import build_plugin, trayassist
from trayassist.api import Chunk, Exchange, Kind, ReadOptions, Request, Risk, Route, UnreadableFile
from trayassist.paths import Paths
from trayassist.plugins import discovery, hookspecs
from trayassist.plugins.host import host_for

PAGES = Path(__file__).resolve().parents[2] / "docs" / "plugins"
HOOKS = sorted(name for name, spec in vars(hookspecs).items() if hasattr(spec, "trayassist_spec"))


def example(hook: str) -> str:
    """Return the code of the hook's page."""
    blocks = re.findall(r"```python\n(.*?)```", (PAGES / f"{hook}.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 1, f"docs/plugins/{hook}.md has one example"
    return str(blocks[0])


def load_example(hook: str, home: Paths, settings: dict[str, Any] | None = None) -> discovery.LoadedPlugin:
    module = types.ModuleType(f"documented_{hook}")
    sys.modules[module.__name__] = module
    exec(compile(example(hook), f"docs/plugins/{hook}.md", "exec"), module.__dict__)
    entry = EntryPoint(name=hook, value=module.__name__, group=discovery.GROUP)
    return discovery.load_one(entry, host_for(hook, {hook: settings or {}}, home))


def test_there_are_hooks_to_document() -> None:
    assert HOOKS == [
        "register_ingestors",
        "register_inspectors",
        "register_jobs",
        "register_roles",
        "register_settings",
        "register_tools",
        "setup",
    ]


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_has_a_page_a_row_and_a_test(hook: str) -> None:
    arguments = ", ".join(inspect.signature(getattr(hookspecs, hook)).parameters)
    assert (PAGES / f"{hook}.md").read_text(encoding="utf-8").startswith(f"# {hook}({arguments})\n")
    assert f"[`{hook}`]({hook}.md)" in (PAGES / "index.md").read_text(encoding="utf-8")
    assert f"test_example_of_{hook}" in globals(), f"write test_example_of_{hook}"


def test_example_of_setup(home: Paths) -> None:
    broken = load_example("setup", home).info
    assert broken.state == "broken"
    assert broken.reason.endswith("Install it and start trayassist again.")
    assert load_example("setup", home, {"program": sys.executable}).info.state == "on"


def test_example_of_register_settings(home: Paths) -> None:
    def verdict(settings: dict[str, Any]) -> Risk:
        (inspector,) = load_example("register_settings", home, settings).part.inspectors
        return inspector.inspect(Exchange(answer="the word is swordfish")).risk

    assert [s.name for s in load_example("register_settings", home).info.settings] == ["words", "risk"]
    assert verdict({}) == Risk.MEDIUM
    assert verdict({"risk": "high"}) == Risk.HIGH
    assert verdict({"words": ["tuna"]}) == Risk.LOW
    wrong = load_example("register_settings", home, {"word": ["tuna"]}).info
    assert wrong.reason == "“word” in app.yaml is no setting of it. Did you mean “words”?"
    assert len(wrong.settings) == 2, "its form stays, so that it can be mended"


def test_example_of_register_roles(home: Paths) -> None:
    role = load_example("register_roles", home).part.roles["shouting"]
    request = Request(text="shout hello")
    assert role.claims(request)
    route = Route(kind=Kind.CHAT, role="shouting", text="shout hello", confidence=1, method="rules", reason="")

    async def answer() -> list[object]:
        return [item async for item in role.answer(request, route, host_for("x", {}, home))]

    assert asyncio.run(answer()) == [Chunk("HELLO")]


def test_example_of_host_generate(home: Paths) -> None:
    """S4-07: a plugin reaches models through the host, and gets the form it asks for."""

    class Host:
        asked: Any = None

        async def generate(self, route: Route, messages: Any, *, grammar: str = "", schema: Any = None) -> Any:
            self.asked = schema
            for piece in (Chunk("hm", thought=True), Chunk('{"mood": "good", '), Chunk('"why": "sun"}')):
                yield piece

    role = load_example("generate", home).part.roles["mood"]
    route = Route(kind=Kind.CHAT, role="mood", text="a letter", confidence=1, method="rules", reason="", model="m")
    host = Host()

    async def answer(by: Route) -> list[object]:
        return [item async for item in role.answer(Request(text="mood of a letter"), by, host)]

    assert asyncio.run(answer(route)) == [Chunk("**good**: sun")]
    assert host.asked["required"] == ["mood", "why"]
    assert asyncio.run(answer(dataclasses.replace(route, model=None))) == [Chunk("I need a model for that.")]


def test_example_of_register_ingestors(home: Paths, tmp_path: Path) -> None:
    (ingestor,) = load_example("register_ingestors", home).part.ingestors
    film = tmp_path / "film.srt"
    film.write_text("1\n00:00:01 --> 00:00:02\nGood morning.\n\n2\n00:00:03 --> 00:00:04\nGood night.\n")
    assert [(page.number, page.text) for page in ingestor.read(film, ReadOptions(first_page=2))] == [(2, "Good night.")]
    film.write_text("")
    with pytest.raises(UnreadableFile):
        list(ingestor.read(film, ReadOptions()))


def test_example_of_register_inspectors(home: Paths) -> None:
    (inspector,) = load_example("register_inspectors", home, {"word": "xyzzy"}).part.inspectors
    assert inspector.inspect(Exchange(request=Request(text="say xyzzy"))).risk is Risk.MEDIUM
    assert inspector.inspect(Exchange(answer="xyzzy")).risk is Risk.LOW


def test_example_of_register_tools(home: Paths) -> None:
    tool = load_example("register_tools", home).part.tools["count_words"]
    assert asyncio.run(tool.run({"text": "one two"}, host_for("x", {}, home))) == "2 words."


def test_example_of_register_jobs(home: Paths) -> None:
    job = load_example("register_jobs", home).part.jobs["count-facts"]
    assert (job.title, job.trigger) == ("Count the remembered facts", "by hand")


def test_a_plugin_of_another_distribution_is_listed_and_answers(tmp_path: Path) -> None:
    """S3-11: adding a role needs no edit of the router."""
    site = build_plugin(tmp_path / "other", example("register_roles"))
    listed = trayassist(site, "plugins")
    assert re.search(r"shouting +on +thirdparty-shouting 1\.2 +role shouting", listed.stdout), listed
    assert trayassist(site, "ask", "shout hello").stdout.splitlines()[0] == "HELLO"
    assert "off" in trayassist(site, "plugins", "--disable", "shouting").stdout
    assert "HELLO" not in trayassist(site, "ask", "shout hello").stdout
