"""Draft depths: measured on prompts that differ, kept for a pair of files, and 0 where drafting is no gain (C-17)."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from tests import reciting, tiny_gguf
from trayassist.api import TrayassistError
from trayassist.models.registry.schema import Registry
from trayassist.models.serving import tuning
from trayassist.models.serving.tuning import PROMPTS, Row, Tuning, TuningResult
from trayassist.paths import Paths


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A slow model that recites, and a fast one that recites the same."""
    folder = tmp_path_factory.mktemp("pair")
    slow = reciting.write(folder / "slow.gguf")
    return slow, reciting.write(folder / "fast.gguf", layers=1, feed_forward=32)


def registry(slow: Path, fast: Path) -> Registry:
    return Registry.model_validate(
        {
            "runtime_defaults": {"n_threads": 1},
            "models": {"slow": {"file": str(slow)}, "fast": {"file": str(fast), "kind": "draft"}},
            "roles": {"coder": {"model": "slow", "acceleration": {"draft": {"model": "fast", "min_accept": 0.5}}}},
        }
    )


async def measure_pair(
    home: Paths, one: Registry, target: str, draft: str
) -> tuple[list[Row], TuningResult, list[str]]:
    said: list[str] = []
    *rows, found = [item async for item in Tuning(home).measure(one, target, draft, said.append)]
    assert isinstance(found, TuningResult)
    return [row for row in rows if isinstance(row, Row)], found, said


async def test_a_pair_that_pays_keeps_its_best_depth(home: Paths, pair: tuple[Path, Path]) -> None:
    one = registry(*pair)
    assert Tuning(home).depth(one, "slow", "fast") is None
    rows, found, said = await measure_pair(home, one, "slow", "fast")
    assert [row.k for row in rows] == [0, 8, 16, 24]
    assert all(row.same_text for row in rows)
    assert all(row.accepted > 0.9 for row in rows[1:])
    assert found.k == max(rows[1:], key=lambda row: row.gain).k
    assert "hardly true of other texts" in found.note  # F-08: all right is an alarm
    assert len(said) == 4 * len(PROMPTS)
    assert Tuning(home).depth(one, "slow", "fast") == found.k
    assert Tuning(home).depth(one, str(pair[0]), str(pair[1])) == found.k
    file = home.data / "speculation.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    os.utime(pair[1], ns=(1, 1))  # written anew: it was not measured
    assert Tuning(home).depth(one, "slow", "fast") is None


async def test_a_pair_that_does_not_pay_is_kept_as_none(home: Paths, pair: tuple[Path, Path]) -> None:
    one = registry(pair[1], pair[0])  # the slow one drafts for the fast one
    _, found, _ = await measure_pair(home, one, "slow", "fast")
    assert (found.k, found.note) == (0, "it is no gain on this machine")
    assert Tuning(home).depth(one, "slow", "fast") == 0


async def test_what_cannot_be_measured_is_said(home: Paths, pair: tuple[Path, Path], tmp_path: Path) -> None:
    other = tiny_gguf.write(tmp_path / "other.gguf", vocabulary=900)
    one = registry(pair[0], other)
    with pytest.raises(TrayassistError, match="fast cannot draft for slow: "):
        await measure_pair(home, one, "slow", "fast")
    with pytest.raises(TrayassistError, match="There is no model “gone”"):
        await measure_pair(home, one, "slow", "gone")
    assert Tuning(home).depth(one, "slow", "gone") is None


def test_the_prompts_have_nothing_in_common() -> None:
    """F-08: a repeated prompt measures its own copy."""
    words = [set(prompt.lower().split()) - {"a", "of", "the", "and", "then", "in", "to", "or"} for prompt in PROMPTS]
    assert not any(words[n] & words[m] for n in range(3) for m in range(n))


def row(k: int, gain: float, accepted: float = 0.7, *, same_text: bool = True) -> Row:
    return Row(k=k, tokens_per_s=10 * gain, gain=gain, accepted=accepted, same_text=same_text)


@pytest.mark.parametrize(
    ("rows", "k", "note"),
    [
        ([row(0, 1), row(8, 1.3), row(16, 1.5), row(24, 1.2)], 16, ""),
        ([row(0, 1), row(8, 1.02), row(16, 0.9), row(24, 0.7)], 0, "it is no gain on this machine"),
        ([row(0, 1), row(8, 1.3), row(16, 1.5, same_text=False)], 8, "some depths gave another text and were left out"),
        ([row(0, 1), row(8, 1.3, 0.2), row(16, 1.2, 0.4)], 16, ""),
        ([row(0, 1), row(8, 2.9, 0.99)], 8, "99% of the draft was right, which is hardly true"),
    ],
)
def test_the_best_depth_is_the_fastest_that_changes_nothing(rows: list[Row], k: int, note: str) -> None:
    found = tuning._judge("t", "d", rows, 0.35)
    assert found.k == k
    assert found.note.startswith(note)
    assert bool(found.note) == bool(note)


@pytest.mark.parametrize("damage", ["", "[]", '{"a": 1}', '{"a": {"k": "x"}}', "\xff"])
def test_a_damaged_file_is_measured_anew_and_not_an_error(home: Paths, pair: tuple[Path, Path], damage: str) -> None:
    (home.data / "speculation.json").write_bytes(damage.encode("latin-1"))
    assert Tuning(home).depth(registry(*pair), "slow", "fast") is None


def test_a_file_that_is_whole_is_kept_when_a_pair_is_added(home: Paths) -> None:
    one = Tuning(home)
    for key in ("a", "b"):
        one._keep(key, tuning._judge(key, "d", [row(0, 1), row(8, 1.3)], 0.35))
    assert set(json.loads((home.data / "speculation.json").read_text())) == {"a", "b"}
