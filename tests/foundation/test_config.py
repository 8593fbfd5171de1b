"""Settings: defaults, overrides key by key, and errors that name file, line, key and the nearest right one (F-07)."""

from __future__ import annotations

import stat
import sys

import pytest

from trayassist import config, snapshots
from trayassist.api import ConfigError
from trayassist.paths import Paths, shipped


def test_the_shipped_file_and_the_models_agree() -> None:
    """Every default is in the shipped file, so that a person can see it."""
    assert config.App.model_validate(config.read_yaml(shipped("config/app.yaml")).data) == config.App()
    file = config.read_yaml(shipped("config/app.yaml")).data
    for name, section in config.App().model_dump().items():
        assert set(file[name]) == set(section), name


def test_the_users_file_overrides_key_by_key(home: Paths) -> None:
    home.app_config.write_text("hotkey:\n  ask: super+space\n")
    settings = config.load(home)
    assert settings.hotkey.ask == "super+space"
    assert settings.hotkey.enabled
    assert settings.memory.readers == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hotkey:\n  enabled: true\n  aks: x\n", "line 3: “hotkey.aks” is not a setting. Did you mean “ask”?"),
        ("hotkeys: {}\n", "line 1: “hotkeys” is not a setting. Did you mean “hotkey”?"),
        ("look:\n  theme: pink\n", "line 2: “look.theme” is 'pink'"),
        ("memory:\n\n  readers: 0\n", "line 3: “memory.readers” is 0"),
        ("hotkey: [\n", "is not valid YAML"),
        ("- a\n", "must hold keys and values"),
        ("plugins:\n  disabled:\n    - 3\n", "line 3: “plugins.disabled.0” is 3"),
    ],
)
def test_a_wrong_setting_is_named(home: Paths, text: str, said: str) -> None:
    home.app_config.write_text(text)
    with pytest.raises(ConfigError) as error:
        config.load(home)
    assert said in str(error.value)
    assert str(home.app_config) in str(error.value)


def test_a_file_that_is_no_text_is_named(home: Paths) -> None:
    home.app_config.write_bytes(b"\xff\xfe\x00bad")
    with pytest.raises(ConfigError, match=r"cannot be read|not valid YAML"):
        config.load(home)


def test_saving_keeps_other_keys_and_a_snapshot(home: Paths) -> None:
    """S4-29: a snapshot before every save, 20 are kept."""
    home.app_config.write_text("look:\n  theme: dark\n")
    for number in range(25):
        config.save_setting(home, "memory.readers", number % 4 + 1)
    assert config.load(home).look.theme == "dark"
    assert home.app_config.read_text() == "look:\n  theme: dark\nmemory:\n  readers: 1\n"
    kept = snapshots.known(home)
    assert [one.number for one in kept] == list(range(25, 25 - snapshots.KEPT, -1))
    assert kept[0].why == "before memory.readers was changed"


def test_a_value_that_is_not_allowed_is_not_written(home: Paths) -> None:
    with pytest.raises(ConfigError):
        config.save_setting(home, "look.theme", "pink")
    assert not home.app_config.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")
def test_the_users_file_is_private(home: Paths) -> None:
    """F-13."""
    config.save_setting(home, "look.theme", "dark")
    assert stat.S_IMODE(home.app_config.stat().st_mode) == 0o600
