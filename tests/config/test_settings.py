"""Settings: defaults, overrides key by key, and errors that name file, line, key and the nearest right one (F-07)."""

from __future__ import annotations

import stat
import sys

import pytest

from trayassist import config
from trayassist.api import ConfigError
from trayassist.config import snapshots
from trayassist.paths import Paths, shipped_file


def test_the_shipped_file_and_the_models_agree() -> None:
    """Every default is in the shipped file, so that a person can see it."""
    assert config.App.model_validate(config.read_yaml(shipped_file("config/app.yaml")).data) == config.App()
    file = config.read_yaml(shipped_file("config/app.yaml")).data
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


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe\x00bad", "line 1: the text is not in UTF-8. Save the file as UTF-8"),
        (b"# one\n# two\nlook: {theme: d\xe4rk}\n", "line 3: the text is not in UTF-8"),
        (
            b"look:\n\ttheme: dark\n",
            "line 2 is not valid YAML: found character '\\t' that cannot start any token. Indent with",
        ),
        (
            b"look: {theme: dark}\nhotkey: {}\nlook: {theme: light}\n",
            "line 3: “look” stands there twice, and first in line 1",
        ),
        (b"look:\n  theme: dark\n  theme: light\n", "line 3: “look.theme” stands there twice, and first in line 2"),
        (b"look: &a\n  theme: *a\n", "refers to itself, or is nested too deeply"),
        (b"[" * 2000, "refers to itself, or is nested too deeply"),
        (
            b"a: &a [1,1,1,1,1,1,1,1,1,1]\n"
            + b"".join(b"%c: &%c [%s]\n" % (n + 1, n + 1, b",".join([b"*%c" % n] * 10)) for n in range(97, 105)),
            "more than 100,000 keys",
        ),
        (b"look:\n", "line 1: “look” has nothing after it. Write its value"),
        (b"look: 5\n", "“look” is 5, which is not allowed. Give keys and values there"),
        (
            b"memory: {page_time_limit_s: .inf}\n",
            "“memory.page_time_limit_s” is inf, which is not allowed. Give a number that ends",
        ),
        (b"memory: {readers: yes}\n", "“memory.readers” is true, which is not allowed. Give a number"),
        (b"memory: {readers: 2.5}\n", "“memory.readers” is 2.5, which is not allowed. Give a whole number"),
        (b"memory: {readers: 99}\n", "“memory.readers” is 99, which is not allowed. Give 16 or less."),
        (
            b"look: {keep_answer_s: 99999999999}\n",
            "“look.keep_answer_s” is 99999999999, which is not allowed. Give 86400 or less",
        ),
        (b"audit: {retention_days: 9999999999}\n", "which is not allowed. Give 36500 or less"),
        (b"memory: {file_time_limit_s: 1.0e+300}\n", "which is not allowed. Give 86400 or less"),
        (b"hotkey: {ask: 2026-01-02}\n", "“hotkey.ask” is 2026-01-02, which is not allowed. Put it in quotes"),
        (b"plugins: {disabled: persona}\n", "“plugins.disabled” is 'persona', which is not allowed. Give a list"),
        (
            b"plugins: {settings: {7: {}}}\n",
            "Under “plugins.settings” stands 7 where a name must be a text. Put the name in quotes.",
        ),
        (b"look: {theme: Dark}\n", "“look.theme” is 'Dark', which is not allowed. Did you mean “dark”?"),
        (
            b"look: {theme: pink, them: 1}\nhotkey: {ask: 5}\n",
            "“look.them” is not a setting. Did you mean “theme”? 2 more: see trayassist config check.",
        ),
    ],
)
def test_a_mistake_is_said_in_words(home: Paths, content: bytes, said: str) -> None:
    """F-07: no mistake is passed over, and none is a traceback or a word of the library's."""
    home.app_config.write_bytes(content)
    with pytest.raises(ConfigError) as error:
        config.load(home)
    assert said in str(error.value)


@pytest.mark.parametrize(
    "content", [b"", b"\n \n", b"# nothing yet\n", b"\xef\xbb\xbflook: {theme: dark}\n", b"look:\r\n  theme: dark\r\n"]
)
def test_an_empty_file_a_mark_and_other_line_ends_are_fine(home: Paths, content: bytes) -> None:
    home.app_config.write_bytes(content)
    assert config.load(home).look.theme == ("dark" if b"dark" in content else "system")


def test_saving_keeps_other_keys_and_a_snapshot(home: Paths) -> None:
    """S4-29: a snapshot before every save, 20 are kept."""
    home.app_config.write_text("look:\n  theme: dark\n")
    for number in range(25):
        config.save_setting(home, "memory.readers", number % 4 + 1)
    assert config.load(home).look.theme == "dark"
    assert home.app_config.read_text() == "look:\n  theme: dark\nmemory:\n  readers: 1\n"
    kept = snapshots.load_all(home)
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
