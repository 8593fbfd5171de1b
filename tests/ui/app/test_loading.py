"""Settings that cannot be read: told with file and line, the shipped ones in force for that file only."""

from __future__ import annotations

import pytest

from trayassist import config
from trayassist.api import ConfigError, TrayassistError
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
    assert settings == config.App() or settings.hotkey.ask == "ctrl+alt+space"
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
        loading.load(blocked, x11=False)
