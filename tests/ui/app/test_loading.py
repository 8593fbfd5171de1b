"""Settings that cannot be read: told with file and line, the shipped ones in force for that file only."""

from __future__ import annotations

import pytest

from tests import tiny_gguf
from trayassist import config
from trayassist.api import ConfigError, TrayassistError
from trayassist.assistant import Assistant
from trayassist.config import snapshots
from trayassist.models.registry import file as registry_file
from trayassist.paths import Paths
from trayassist.ui.app import loading


def test_good_settings_are_taken_as_they_are(home: Paths) -> None:
    home.app_config.write_text("hotkey:\n  ask: ctrl+alt+j\n")
    usable, settings, problems = loading.readable_settings(home)
    assert (usable, settings.hotkey.ask, problems) == (home, "ctrl+alt+j", [])


def test_a_wrong_app_yaml_leaves_the_registry_in_force(home: Paths) -> None:
    home.app_config.write_text("hotkey:\n  aks: ctrl+alt+j\n")
    home.registry.write_text("{}\n")
    usable, settings, problems = loading.readable_settings(home)
    assert settings.hotkey.ask == "ctrl+alt+space"
    assert len(problems) == 1
    assert "app.yaml, line 2" in problems[0]
    assert "“ask”" in problems[0]
    assert usable.app_config != home.app_config
    assert (usable.registry, usable.data) == (home.registry, home.data)
    assert config.load(usable).hotkey.ask == "ctrl+alt+space"
    with pytest.raises(ConfigError):
        config.save_setting(home, "hotkey.ask", "ctrl+alt+k")  # the wrong file is never written over


def test_a_wrong_registry_leaves_app_yaml_in_force(home: Paths) -> None:
    home.app_config.write_text("hotkey:\n  ask: ctrl+alt+j\n")
    home.registry.write_text("modles: {}\n")
    usable, settings, problems = loading.readable_settings(home)
    assert settings.hotkey.ask == "ctrl+alt+j"
    assert "registry.yaml, line 1" in problems[0]
    assert (usable.app_config, usable.registry == home.registry) == (home.app_config, False)


def test_a_folder_that_cannot_be_made_is_told(home: Paths) -> None:
    (home.data / "file").write_text("")
    blocked = Paths(config=home.config, data=home.data / "file" / "data")
    with pytest.raises(TrayassistError, match="cannot be made"):
        loading.load_hotkey(blocked, x11=False)


MINE = """
mode: emulation
providers: {openai: {enabled: true, auth: 'keyring:trayassist/openai'}}
models: {a: {file: a.gguf}}
"""


@pytest.mark.parametrize(
    ("before", "broken", "mode"),
    [
        ("", "mode: emulation\nmodles: {}\n", "emulation"),  # no snapshot: the shipped file, but its mode
        ("", "modles: {}\n", "agent"),  # it said nothing of a mode
        ("", "mode emulation\nroles: [\n", "emulation"),  # nobody can tell which mode
        ("", "{mode: dual, roles: [", "dual"),
        ("mode: dual\n", "modles: {}\n", "dual"),
        ("mode: dual\n", "mode: emulation\nroles: [\n", "emulation"),
        ("mode: emulation\n", "mode: agent\nmodles: {}\n", "agent"),  # as it was chosen
        ("mode: agent\n", "\udcff\udcfe", "agent"),
        ("mode: agent\n", None, "emulation"),  # a folder: nothing of it can be read
        (MINE, "modles: {}\n", "emulation"),
    ],
)
def test_what_stands_in_for_a_wrong_registry_is_never_more_powerful(
    home: Paths, before: str, broken: str | None, mode: str
) -> None:
    if before:
        home.registry.write_text(before)
        snapshots.make(home, "as it was right")
        home.registry.unlink()
    if broken is None:
        home.registry.mkdir()
    else:
        home.registry.write_bytes(broken.encode("utf-8", "surrogateescape"))
    usable, _, (problem,) = loading.readable_settings(home)
    registry = registry_file.load(usable)
    assert registry.mode == mode
    assert f"in mode {mode}" in problem
    assert not registry.providers["openai"].enabled
    if before == MINE:
        assert registry.models["a"].file == "a.gguf"
        assert "your settings of" in problem
    if isinstance(broken, str):
        with pytest.raises(ConfigError):
            registry_file.save(home, "mode", "agent")


def test_what_stands_in_for_a_wrong_app_yaml_locks_what_the_wrong_one_may_have_locked(home: Paths) -> None:
    home.app_config.write_text("look: {theme: dark}\nhistory: {keep: true}\n")
    snapshots.make(home, "as it was right")
    home.app_config.write_text("history: {keep: false}\nplugins: {disabled: [coder]}\nlok: 1\n")
    usable, settings, (problem,) = loading.readable_settings(home)
    assert settings.look.theme == "dark"
    assert settings.network.offline
    assert not settings.history.keep
    assert "coder" in settings.plugins.disabled
    assert "nothing is fetched" in problem
    assert config.load(usable) == settings


async def test_a_broken_emulation_does_not_run_as_agent(home: Paths) -> None:
    home.registry.write_text("mode: emulation\nroles: {curator: {model: }}\n")
    state = loading.load(home)
    assistant = Assistant(home, readable=state.paths)
    assert assistant.registry.mode == "emulation"
    assert assistant.engine.model_for("curator") is None
    home.registry.write_text("mode: dual\n")
    await assistant.reload_registry()
    added = await assistant.entries.add(tiny_gguf.write(home.models / "m.gguf"))
    assert added.name in registry_file.load(home).models
    await assistant.stop()
