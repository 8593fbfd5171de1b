"""Loading plugins: a broken one is left out with a sentence, the others work."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import Any

import pytest

from tests.faulty import plugins as faulty
from trayassist import plugins
from trayassist.host import host_for
from trayassist.paths import Paths

ROLE = faulty.SaysHello()


def roles(host: object) -> list[Any]:
    return [ROLE]


def loaded(home: Paths, *entries: EntryPoint) -> plugins.Plugins:
    result = plugins.Plugins()
    for entry in entries:
        result.take(plugins.load_one(entry, host_for(entry.name, {}, home)))
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
        (lambda: faulty.entry("bad", register_roles=roles), "“greeter” already comes from another plugin"),
    ],
)
def test_a_bad_plugin_is_left_out_and_the_others_work(home: Paths, bad: Any, said: str) -> None:
    """F-18: what a plugin hands over is checked when it is loaded, not when it is used."""
    result = loaded(home, faulty.entry("first", register_roles=roles), bad(), faulty.entry("last"))
    assert {name: info.state for name, info in result.infos.items()} == {"first": "on", "bad": "broken", "last": "on"}
    assert said in result.infos["bad"].reason
    assert list(result.roles) == ["greeter"]
    assert result.owner == {"greeter": "first"}


def test_a_plugin_that_is_off_is_not_even_imported() -> None:
    info = plugins.left_out(EntryPoint("off", "no_such_module_xyz", "g")).info
    assert (info.state, info.reason) == ("off", "")


def test_the_bundled_plugins_are_installed_and_come_first() -> None:
    names = [entry.name for entry in plugins.discover()]
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
