"""Loading plugins: a broken one is left out with a sentence, the others work."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import Any

import pytest

from tests.plugins import faulty
from trayassist.api import ConfigError, Setting
from trayassist.paths import Paths
from trayassist.plugins import discovery
from trayassist.plugins.host import host_for

WRONG = Setting(name="depth", title="Depth", default=9, most=3)
PLAIN = Setting(name="depth", title="Depth", default=2)
ROLE = faulty.SaysHello()


def handing(**hooks: Any) -> EntryPoint:
    """Return a plugin that hands over this one thing, or these."""
    ((hook, items),) = hooks.items()
    listed = items if isinstance(items, list) else [items]
    return faulty.entry("bad", **{hook: lambda host: listed})


def declaring(**fields: Any) -> EntryPoint:
    return faulty.entry("bad", register_settings=lambda: [Setting(**({"name": "x", "title": "X"} | fields))])


def roles(host: object) -> list[Any]:
    return [ROLE]


def load_plugins(home: Paths, *entries: EntryPoint) -> discovery.Plugins:
    result = discovery.Plugins()
    for entry in entries:
        result.take(discovery.load_one(entry, host_for(entry.name, {}, home)))
    return result


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (lambda: EntryPoint("bad", "no_such_module_xyz", "g"), "ModuleNotFoundError"),
        (lambda: faulty.entry("bad", setup=faulty.raising), "ZeroDivisionError: boom"),
        (lambda: faulty.entry("bad", setup=faulty.exiting), "SystemExit"),
        (lambda: faulty.entry("bad", setup=faulty.unavailable), "Connect it."),
        (lambda: faulty.entry("bad", register_jobs=faulty.raising), "ZeroDivisionError"),
        (lambda: faulty.entry("bad", register_jobbs=roles), "unknown hook 'register_jobbs'"),
        (lambda: faulty.entry("bad", register_roles=lambda hoost: []), "hoost"),
        (lambda: faulty.entry("bad", register_roles=lambda host: [1]), "is no Role: it lacks answer"),
        (lambda: faulty.entry("bad", register_roles=lambda host: 7), "not a list of Role"),
        (lambda: faulty.entry("bad", register_roles=lambda host: "role"), "not a list of Role"),
        (lambda: faulty.entry("bad"), "It has no hooks"),
        (lambda: faulty.entry("bad", setup=faulty.interrupting), "It did not load: KeyboardInterrupt."),
        (lambda: faulty.entry("bad", setup=faulty.waiting), "Its setup is async"),
        (lambda: faulty.entry("bad", register_roles=faulty.waiting), "Its hook is async"),
        (lambda: handing(register_roles=faulty.SaysHello), "it is a class, not an object of it"),
        (lambda: handing(register_roles=[faulty.SaysHello("a"), faulty.SaysHello("a")]), "two of the name “a”"),
        (lambda: handing(register_roles=faulty.SaysHello("two words")), "“two words” is not one word"),
        (lambda: handing(register_roles=faulty.SaysHello(42)), "its name is 42"),
        (lambda: handing(register_roles=faulty.SaysHello("")), "its name is ''"),
        (lambda: handing(register_roles=faulty.AsyncClaims("x")), "claims() is async"),
        (lambda: handing(register_roles=faulty.Returns("x")), "answer() yields nothing"),
        (lambda: handing(register_roles=faulty.Untitled("x")), "its title is no text"),
        (lambda: handing(register_ingestors=faulty.Reads(".srt")), "its suffixes are no list"),
        (lambda: handing(register_ingestors=faulty.Reads((".SRT",))), "its suffixes are no list"),
        (lambda: handing(register_inspectors=faulty.AsyncInspector()), "inspect() is async"),
        (lambda: handing(register_tools=faulty.Tool(schema=None)), "its schema is no JSON Schema"),
        (lambda: handing(register_tools=faulty.Tool(schema={"properties": {"a": "string"}})), "no JSON Schema"),
        (lambda: handing(register_tools=faulty.Tool(schema={"required": 5})), "requires what has no name"),
        (lambda: handing(register_tools=faulty.Tool(risk="low")), "its risk no Risk"),
        (lambda: handing(register_jobs=faulty.Job("at full moon")), "its trigger is 'at full moon'"),
        (lambda: faulty.entry("bad", register_settings=lambda: 7), "not a list of Setting"),
        (lambda: declaring(name="a.b", default=1), "'a.b' is not described"),
        (lambda: declaring(title=None, default=1), "is not described"),
        (lambda: declaring(default={"a": 1}), "is not described"),
        (lambda: declaring(default=1, least="one"), "is not described"),
        (lambda: declaring(default="x", choices=["x"]), "is not described"),
        (lambda: faulty.entry("bad", register_settings=lambda: [PLAIN, PLAIN]), "declares a setting twice"),
        (lambda: faulty.entry("bad", register_settings=lambda: [7]), "not described as a setting"),
        (lambda: faulty.entry("bad", register_settings=lambda: [WRONG]), "'depth' is not described as a setting"),
        (lambda: faulty.entry("bad", register_settings=lambda: [1 // 0]), "ZeroDivisionError"),
        (lambda: faulty.entry("bad", register_roles=roles), "“greeter” already comes from another plugin"),
    ],
)
def test_a_bad_plugin_is_left_out_and_the_others_work(home: Paths, bad: Any, said: str) -> None:
    """F-18: what a plugin hands over is checked when it is loaded, not when it is used."""
    result = load_plugins(
        home, faulty.entry("first", register_roles=roles), bad(), faulty.entry("last", setup=lambda host: None)
    )
    assert {name: info.state for name, info in result.infos.items()} == {"first": "on", "bad": "broken", "last": "on"}
    assert said in result.infos["bad"].reason
    assert list(result.roles) == ["greeter"]
    assert result.owner == {"greeter": "first"}


def test_a_plugin_that_is_off_is_not_even_imported() -> None:
    info = discovery.left_out(EntryPoint("off", "no_such_module_xyz", "g")).info
    assert (info.state, info.reason) == ("off", "")


def test_the_bundled_plugins_are_installed_and_come_first() -> None:
    names = [entry.name for entry in discovery.discover()]
    assert names[:5] == ["coder", "curator", "ingest", "persona", "watchdog"]


def test_a_host_lends_nothing_but_settings_and_prompts_at_load(home: Paths) -> None:
    host = host_for("mine", {"mine": {"colour": "green"}, "other": {"secret": 1}}, home)
    assert dict(host.settings) == {"colour": "green"}
    with pytest.raises(TypeError):
        host.settings["colour"] = "red"  # type: ignore[index]


def test_the_users_own_prompt_wins_over_the_shipped_one(home: Paths) -> None:
    """S3-26: prompts are files."""
    host = host_for("persona", {}, home)
    own = home.config / "prompts" / "mine.md"
    own.parent.mkdir()
    own.write_text("Be brief.\n")
    assert host.prompt("mine") == "Be brief."
    with pytest.raises(Exception, match="There is no prompt"):
        host.prompt("../../app")


@pytest.mark.parametrize(
    ("setting", "wrong", "said"),
    [
        (Setting(name="x", title="X", default=True), 1, "Give true or false."),
        (Setting(name="x", title="X", default=4, least=1, most=12), 13, "Give 12 or less."),
        (Setting(name="x", title="X", default=4, least=1), 0, "Give 1 or more."),
        (Setting(name="x", title="X", default=4), 1.5, "Give a whole number."),
        (Setting(name="x", title="X", default=0.5), "half", "Give a number."),
        (Setting(name="x", title="X", default=0.5), True, "Give a number."),
        (Setting(name="x", title="X", default="a", choices={"a": "A", "b": "B"}), "c", "Give one of: a, b."),
        (Setting(name="x", title="X", default="a"), 3, "Give a text."),
        (Setting(name="x", title="X", default=("a",)), "a", "Give a list of texts."),
    ],
)
def test_a_setting_says_what_it_should_be(setting: Setting, wrong: object, said: str) -> None:
    assert setting.problem(setting.default) == ""
    assert setting.of({}) == setting.default
    with pytest.raises(ConfigError, match="is not allowed") as error:
        setting.of({"x": wrong})
    assert error.value.todo == said


def test_a_wrong_setting_leaves_the_plugin_out_with_its_form(home: Paths) -> None:
    depth = Setting(name="depth", title="Depth", default=2, most=3)

    def info(settings: dict[str, object]) -> discovery.PluginInfo:
        entry = faulty.entry("deep", register_settings=lambda: [depth], register_roles=roles)
        return discovery.load_one(entry, host_for("deep", {"deep": settings}, home)).info

    assert info({"depth": 3}).state == "on"
    assert info({"depth": 5}).reason == "Its setting “depth” is 5, which is not allowed. Give 3 or less."
    assert info({"dept": 1}).reason == "“dept” in app.yaml is no setting of it. Did you mean “depth”?"
    assert info({"dept": 1}).settings == (depth,)
