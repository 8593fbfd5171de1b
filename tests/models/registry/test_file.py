"""registry.yaml is changed key by key; all other text stays (S4-14), and nothing wrong is written (S4-29)."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from trayassist import config
from trayassist.api import ConfigError, NotAllowed
from trayassist.config import snapshots
from trayassist.models.registry import file as registry_file
from trayassist.models.registry.schema import Registry
from trayassist.paths import Paths
from trayassist.ui.app.loading import readable_settings

FILE = """\
# mine, in my own order
roles:
  coder:   {model: b,  temperature: 0.1}   # careful
  persona:
    model: a        # talks
    fallback: [ b ]

models:
  a: {file: a.gguf}
  'b': {file: "b.gguf"}
"""


def test_saving_one_role_leaves_every_other_byte(home: Paths) -> None:
    """S4-14, S0-01."""
    home.registry.write_text(FILE)
    registry = registry_file.save(home, "roles.persona.model", "b")
    assert registry.role("persona").model == "b"
    assert home.registry.read_text() == FILE.replace("model: a        # talks", "model: b        # talks")
    registry_file.save(home, "roles.persona.model", "a")
    assert home.registry.read_text() == FILE


def test_a_key_that_is_removed_falls_back_to_the_shipped_value(home: Paths) -> None:
    home.registry.write_text(FILE)
    registry = registry_file.remove(home, "roles.coder.temperature")
    assert registry.role("coder").temperature == 0.2
    assert home.registry.read_text() == FILE.replace(",  temperature: 0.1", "")
    registry_file.remove(home, "roles.coder.seed")
    assert home.registry.read_text() == FILE.replace(",  temperature: 0.1", "")


def test_names_with_dots_are_given_in_parts(home: Paths) -> None:
    registry_file.save(home, ("models", "qwen2.5-7b"), {"file": "q.gguf", "kind": "instruct"})
    assert home.registry.read_text() == "models:\n  qwen2.5-7b: {file: q.gguf, kind: instruct}\n"
    registry_file.remove(home, ("models", "qwen2.5-7b"))
    assert home.registry.read_text() == ""


def test_what_the_user_says_of_a_role_goes_before_a_shipped_mode(home: Paths) -> None:
    """S4-08, S4-22: the shipped mode agent sets persona's temperature; a person's own value is not lost to it."""

    def in_agent(registry: Registry) -> float | None:
        (change,) = registry.modes["agent"].roles["persona"] or ()
        return change.temperature

    assert in_agent(registry_file.load(home)) == 0.5
    assert in_agent(registry_file.save(home, "roles.persona.max_tokens", 100)) == 0.5
    assert in_agent(registry_file.save(home, "roles.persona.temperature", 0.0)) is None
    assert in_agent(registry_file.save(home, "modes.agent.roles.persona.temperature", 0.9)) == 0.9


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("roles.persona.model", "c", r"line 5: Model 'c' not found in registry \(“roles\.persona\.model”\)"),
        ("roles.persona.modle", "a", r"line 7: “roles\.persona\.modle” is not a setting. Did you mean “model”"),
        ("roles.persona.temperature", 9, r"“roles\.persona\.temperature” is 9"),
        ("providers.openai.auth", "sk-123", "A key is never written into this file"),
    ],
)
def test_what_would_be_wrong_is_not_written(home: Paths, key: str, value: object, said: str) -> None:
    home.registry.write_text(FILE)
    with pytest.raises(ConfigError, match=said):
        registry_file.save(home, key, value)
    assert home.registry.read_text() == FILE
    assert snapshots.load_all(home) == []


def test_one_of_two_wrong_things_may_be_mended(home: Paths) -> None:
    home.registry.write_text(FILE.replace("model: a ", "model: x ").replace("{model: b,", "{model: y,"))
    registry_file.save(home, "roles.coder.model", "b")
    with pytest.raises(ConfigError, match="Model 'x' not found"):
        registry_file.load(home)
    registry_file.save(home, "roles.persona.model", "a")
    assert registry_file.load(home).role("coder").model == "b"


def test_a_snapshot_is_made_before_each_change_and_can_be_put_back(home: Paths) -> None:
    """S4-29."""
    home.registry.write_text(FILE)
    for number in range(25):
        registry_file.save(home, "roles.persona.seed", number)
    kept = snapshots.load_all(home)
    assert [one.number for one in kept] == list(range(25, 5, -1))
    assert kept[0].why == "before roles.persona.seed was changed"
    assert snapshots.restore(home).number == 25
    assert registry_file.load(home).role("persona").seed == 23
    assert snapshots.restore(home, 20).number == 20
    assert registry_file.load(home).role("persona").seed == 18
    assert snapshots.load_all(home)[0].why == "before snapshot 20 was put back"
    with pytest.raises(NotAllowed, match=r"There is no snapshot 3\. Known: 27, 26,"):
        snapshots.restore(home, 3)


def test_putting_back_a_snapshot_without_a_file_removes_it(home: Paths) -> None:
    registry_file.save(home, "mode", "dual")
    assert snapshots.restore(home).files == {}
    assert not home.registry.exists()
    snapshots.restore(home)
    assert home.registry.read_text() == "mode: dual\n"


def test_a_damaged_snapshot_is_left_out(home: Paths) -> None:
    for mode in ("dual", "agent", "dual"):
        registry_file.save(home, "mode", mode)
    (home.config / "snapshots" / "000002" / "about.json").write_text("{")
    assert [one.number for one in snapshots.load_all(home)] == [3, 1]


def test_a_file_that_cannot_be_written_stays(home: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    home.registry.write_text(FILE)

    def full(path: Path, content: str | bytes, *, left_over_s: float = 0) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(snapshots, "write_atomically", full)
    with pytest.raises(ConfigError, match="No space left on device"):
        registry_file.save(home, "mode", "dual")
    assert home.registry.read_text() == FILE


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")
def test_snapshots_are_private(home: Paths) -> None:
    """F-13."""
    registry_file.save(home, "mode", "dual")
    registry_file.save(home, "mode", "agent")
    for path in (home.config / "snapshots").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_a_file_that_was_damaged_by_hand_is_not_written_over(home: Paths) -> None:
    home.registry.write_text("roles: [")
    with pytest.raises(ConfigError, match=r"registry\.yaml, line 1 is not valid YAML"):
        registry_file.save(home, "mode", "dual")
    home.registry.write_text("roles: &r {persona: {seed: 1}}\nmodes: {dual: {roles: *r}}\n")
    with pytest.raises(ConfigError, match="written in a form that cannot be changed from here"):
        registry_file.save(home, "modes.dual.roles.persona", None)


def test_snapshots_hold_the_users_files_also_while_shipped_ones_stand_in(home: Paths) -> None:
    """A wrong registry.yaml is left aside by the app; what is kept and put back is the user's own."""
    home.registry.write_text("roles: [")
    home.app_config.write_text("look: {theme: dark}\n")
    usable, _, wrong = readable_settings(home)
    assert len(wrong) == 1
    with pytest.raises(ConfigError, match=r"Your settings file is wrong.*trayassist config restore"):
        registry_file.save(usable, "mode", "dual")
    config.save_setting(usable, "look.theme", "light")
    assert snapshots.load_all(home)[0].files == {"app.yaml": b"look: {theme: dark}\n", "registry.yaml": b"roles: ["}
    snapshots.restore(usable)
    assert home.app_config.read_text() == "look: {theme: dark}\n"
    assert home.registry.read_text() == "roles: ["
