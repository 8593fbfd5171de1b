"""Whatever stands in a settings file, or in its place, is a ConfigError in words, or settings: never a crash."""

from __future__ import annotations

import os
import random
import sys
from contextlib import suppress

import pytest
import yaml

from trayassist import config
from trayassist.api import ConfigError
from trayassist.config import yaml_edit
from trayassist.models.checks import check as registry_check
from trayassist.models.checks.check import KnownNames
from trayassist.models.registry import file as registry_file
from trayassist.paths import Paths, shipped_file

WRONG = [
    ("look:\n  theme: 2024-02-30", "line 2 is not valid YAML: this is no date (day is out of range for month)"),
    ("audit: {retention_days: 2024-99-01 00:00:00}", "line 1 is not valid YAML: this is no date"),
    ("a: 2024-01-01T25:00:00Z", "this is no date"),
    ("a: !!timestamp x", "this is no date"),
    ("2024-02-30: 1", "this is no date"),
    ("\n\naudit: {retention_days: " + "9" * 10_000 + "}", "line 3 is not valid YAML: this is no whole number"),
    ("look: {text_percent: 0x" + "f" * 5_000 + "}", "line 1 is not valid YAML: this is no whole number (it has more"),
    ("a: 0b" + "1" * 70, "this is no whole number"),
    ("a: " + "59:" * 3_000 + "59", "this is no whole number"),
    ("0x" + "f" * 17 + ": 1", "this is no whole number"),
    ("look: {text_percent: 18446744073709551615}", "“look.text_percent” is 18446744073709551615"),
    ("a: !!int x", "this is no whole number"),
    ('a: !!int ""', "this is no whole number"),
    ("a: 0b_", "this is no whole number"),
    ("a: !!float x", "this is no number"),
    ("a: !!bool perhaps", "this is no true or false"),
    ("a: !!binary '=x'", "is not valid YAML: failed to decode base64 data"),
    ("a: !!set {b, c}", "“a” is not a setting"),
    ("look: !!set {theme}", "“look” is"),
    ("look: !!binary aGVsbG8=", "“look” is"),
    ("look: !!omap [theme: dark]", "“look” is"),
    ("a: !!pairs [b]", "is not valid YAML"),
    ("a: !!python/object/apply:os.system [id]", "could not determine a constructor"),
    ("a: !mine b", "could not determine a constructor"),
    ("<<: [1]\na: 1", "is not valid YAML"),
    ("look: {<<: {theme: pink}}", "“look.theme” is 'pink'"),
    ("memory: {readers: 1:30}", "“memory.readers” is 90, which is not allowed. Give 16 or less."),
    ("memory: {readers: 1e999}", "“memory.readers” is"),
    ("memory: {page_time_limit_s: .inf}", "“memory.page_time_limit_s” is inf"),
    ("? [a]\n: 1", "is not valid YAML"),
    ("--- {}\n--- {}", "is not valid YAML"),
    ("%YAML 9.9\n---\na: 1", "is not valid YAML"),
    ("a: *b", "found undefined alias"),
    ("a: =", "is not valid YAML"),
    ("look:\n\ttheme: dark", "line 2 is not valid YAML"),
    ("- a", "must hold keys and values"),
    ("[" * 100_000, "nested too deeply"),
    ("- " * 100_000, "nested too deeply"),
    ("{a: " * 100_000, "nested too deeply"),
    ("a: &a {b: *a}", "refers to itself"),
    ("#" + "x" * 5_000_000, "is 5.0 MB large; a settings file has at most 1 MB"),
    ("# x\n" * 1_250_000, "is 5.0 MB large"),
]


@pytest.mark.parametrize(("text", "told"), WRONG, ids=[text[:30] for text, _ in WRONG])
def test_what_cannot_be_settings_is_an_error_in_words(home: Paths, text: str, told: str) -> None:
    for file, load in ((home.app_config, config.load), (home.registry, registry_file.load)):
        file.write_text(text)
        with pytest.raises(ConfigError) as error:
            load(home)
        assert str(file) in str(error.value)
        if load is config.load:
            assert told in str(error.value)
    assert [one for one in registry_check.check(home, KnownNames((), ())) if one.level == "error"]
    with pytest.raises(ConfigError):
        config.save_setting(home, "network.offline", True)


@pytest.mark.parametrize("content", [b"look: {theme: d\xe4rk}", b"\xff\xfel\x00", b"a: \x00", b"a: \x7f", b"\x00" * 99])
def test_other_bytes_are_an_error_in_words(home: Paths, content: bytes) -> None:
    home.app_config.write_bytes(content)
    with pytest.raises(ConfigError, match=r"not in UTF-8|not valid YAML"):
        config.load(home)


@pytest.mark.skipif(sys.platform == "win32", reason="pipes in the file system are POSIX's")
def test_what_is_no_file_is_said(home: Paths) -> None:
    home.app_config.mkdir()
    with pytest.raises(ConfigError, match=r"app\.yaml is no file\. Move away what is there\."):
        config.load(home)
    home.app_config.rmdir()
    os.mkfifo(home.app_config)
    with pytest.raises(ConfigError, match="is no file"):  # and nobody waits for one who writes into it
        config.load(home)
    with pytest.raises(ConfigError, match="is no file"):
        config.save_setting(home, "network.offline", True)
    home.app_config.unlink()
    home.app_config.symlink_to(home.app_config)
    with pytest.raises(ConfigError, match="cannot be read"):
        config.load(home)


def test_a_byte_order_mark_is_kept_and_counts_for_nothing(home: Paths) -> None:
    home.app_config.write_text("\ufefflook: {theme: dark}\nmemory:\n  readers: 2\n", encoding="utf-8")
    config.save_setting(home, "memory.readers", 4)
    assert home.app_config.read_text("utf-8") == "\ufefflook: {theme: dark}\nmemory:\n  readers: 4\n"
    config.remove_setting(home, "look.theme")
    assert home.app_config.read_text("utf-8") == "\ufeffmemory:\n  readers: 4\n"


def test_no_damage_to_the_shipped_files_crashes(home: Paths) -> None:
    """Bytes are changed, taken out and put in: each result loads, or is a ConfigError."""
    dice = random.Random(77)
    whole = shipped_file("config/registry.yaml").read_bytes()
    alphabet = b"{}[]:,-#&*!|>'\"%@` \n\t0129.\xc3\xffax<?="
    for _ in range(400):
        text = bytearray(whole[: dice.randrange(200, 2000)])
        for _ in range(dice.randrange(1, 6)):
            at = dice.randrange(len(text))
            text[at : at + dice.randrange(3)] = bytes(dice.choice(alphabet) for _ in range(dice.randrange(1, 4)))
        home.registry.write_bytes(text)
        with suppress(ConfigError):
            registry_file.load(home)


def test_an_editable_text_is_still_read_the_same_by_both_parsers() -> None:
    for name in ("app", "registry", "stacks"):
        text = shipped_file(f"config/{name}.yaml").read_text("utf-8")
        assert yaml_edit.load(text) == yaml.safe_load(text)
