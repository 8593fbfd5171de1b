"""How long answers are, by role, and what is said when they are longer than usual (S4-26)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.models.fakes import Model, bench
from trayassist.models.registry.schema import Adjustment, Registry
from trayassist.models.serving.figures import LEAST_ANSWERS, LENGTHS_KEPT, Lengths
from trayassist.paths import Paths

USUAL = Registry.model_validate({"roles": {"persona": {"usual_tokens": 100}, "coder": {}}})


def note_lengths(file: Path, *tokens: int, role: str = "persona") -> Lengths:
    lengths = Lengths(file)
    for one in tokens:
        lengths.note(role, one)
    return lengths


def test_one_long_answer_in_twenty_is_told_and_one_in_forty_is_not(tmp_path: Path) -> None:
    found = note_lengths(tmp_path / "x", *[50] * 18, 400, 400)
    assert found.p95("persona") == 400
    ((what, todo),) = found.alerts(USUAL)
    assert what == "One in twenty answers of the role persona has 400 tokens or more; usual are 100 at most."
    assert "roles.persona.usual_tokens" in todo
    assert list(note_lengths(tmp_path / "y", *[50] * 39, 400).alerts(USUAL)) == []


def test_few_answers_and_roles_without_a_usual_length_say_nothing(tmp_path: Path) -> None:
    assert list(note_lengths(tmp_path / "x", *[400] * (LEAST_ANSWERS - 1)).alerts(USUAL)) == []
    assert list(note_lengths(tmp_path / "x", *[400] * 50, role="coder").alerts(USUAL)) == []


def test_the_last_answers_count_and_outlive_a_restart(tmp_path: Path) -> None:
    note_lengths(tmp_path / "x", *[400] * LENGTHS_KEPT, *[50] * LENGTHS_KEPT).save()
    assert Lengths(tmp_path / "x").p95("persona") == 50


@pytest.mark.parametrize("text", ["", "[]", '{"persona": 5}', '{"persona": ["a"]}', "\x00"])
def test_a_damaged_file_begins_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / "x").write_text(text)
    assert Lengths(tmp_path / "x").p95("persona") == 0


async def test_only_answers_with_the_roles_own_settings_count(home: Paths) -> None:
    async with bench(home, {"m": Model(pieces=7)}, {"persona": {"model": "m"}}) as one:
        for number in range(LEAST_ANSWERS):
            await one.ask(adjustment=Adjustment(max_tokens=5))
            await one.ask(job=f"job {number}")
        assert one.engine.figures.lengths.p95("persona") == 0
        for _ in range(LEAST_ANSWERS):
            await one.ask()
        assert one.engine.figures.lengths.p95("persona") == 7
