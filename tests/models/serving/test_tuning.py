"""Draft depths: measured on prompts that differ, kept for a pair of files, and 0 where drafting is no gain (C-17)."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from tests import reciting, tiny_gguf
from tests.workers.model.asking import ask, sampling, worker
from trayassist.api import Message, TrayassistError
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
    assert [row.k for row in rows] == [0, 4, 8, 16, 24]
    assert all(row.same_text for row in rows)
    assert all(row.accepted > 0.9 for row in rows[1:])
    assert found.k == max(rows[1:], key=lambda row: row.gain).k
    assert "hardly true of other texts" in found.note  # F-08: all right is an alarm
    assert len(said) == 5 * len(PROMPTS)
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
    usual = {"a", "of", "the", "and", "then", "in", "to", "or", "is", "are", "each"}
    words = [set(prompt.lower().split()) - usual for prompt in PROMPTS]
    assert not any(words[n] & words[m] for n in range(len(words)) for m in range(n))


def row(k: int, gain: float, accepted: float = 0.7, *, gap: float = 0.0, gains: tuple[float, ...] = ()) -> Row:
    return Row(
        k=k, tokens_per_s=10 * gain, gain=gain, accepted=accepted, same_text=not gap, gap=gap, gains=gains or (gain,)
    )


@pytest.mark.parametrize(
    ("rows", "k", "note"),
    [
        ([row(0, 1), row(8, 1.3), row(16, 1.5), row(24, 1.2)], 16, ""),
        ([row(0, 1), row(8, 1.02), row(16, 0.9), row(24, 0.7)], 0, "it is no gain on this machine"),
        ([row(0, 1), row(8, 1.3), row(16, 1.5, gap=3.0)], 8, "some depths gave another text where the model was sure"),
        ([row(0, 1), row(8, 1.3), row(16, 1.5, gap=0.05)], 16, "texts part where the model is in two minds"),
        ([row(0, 1), row(8, 1.2, gains=(0.7, 0.8, 0.9, 1.8))], 8, "it pays on 1 of 4 prompts"),
        ([row(0, 1), row(8, 1.3, 0.2), row(16, 1.2, 0.4)], 16, ""),
        ([row(0, 1), row(8, 2.9, 0.99)], 8, "99% of the draft was right, which is hardly true"),
    ],
)
def test_the_best_depth_is_the_fastest_that_parts_from_the_models_text_in_ties_only(
    rows: list[Row], k: int, note: str
) -> None:
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


def test_a_prompt_on_which_drafts_do_not_pay_does_not_hide_one_on_which_they_do() -> None:
    """A worker leaves drafts off by itself where they do not pay, so such a prompt costs nothing."""

    def answer(cost_s: float, right: int) -> tuning._Answer:
        return tuning._Answer("text", 100, 0.0, 100 * cost_s, 100, right)

    alone = [answer(1.0, 0)] * 4
    found = tuning._row(8, [answer(1.5, 10), answer(1.4, 12), answer(1.2, 20), answer(0.5, 96)], alone, 0.0)
    assert found.gains == (0.667, 0.714, 0.833, 2.0)
    assert (found.gain, found.accepted) == (1.25, 0.96)
    assert tuning._judge("t", "d", [tuning._row(0, alone, alone, 0.0), found], 0.35).k == 8


async def test_how_sure_a_model_is_where_two_answers_part(tiny: Path) -> None:
    """The gap between the two tokens, from the model's own scores; 0 for the same answer."""
    async with worker(tiny) as one:
        said = await ask(one, "Hello", sampled=sampling(max_tokens=12))
        asked = [Message(speaker="user", text="Hello")]
        assert await one.call("preference", messages=asked, answers=(said.text, said.text)) == 0
        other = said.text[:4] + "\x01\x01"
        gap = await one.call("preference", messages=asked, answers=(said.text, other))
        assert gap > 0
        assert gap == await one.call("preference", messages=asked, answers=(other, said.text))
