"""How long answers are, by role, and what is said when they are longer than usual (S4-26); how fast models read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.models.fakes import PROVIDERS, Model, bench
from tests.models.running import Lines
from trayassist.models.registry.schema import Adjustment, Registry
from trayassist.models.serving.engine import Engine
from trayassist.models.serving.figures import LEAST_ANSWERS, LENGTHS_KEPT, Lengths, ReadingSpeeds
from trayassist.paths import Paths

SIZES = {"a": 1, "b": 4}  # billions of parameters
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


def test_how_fast_prompts_are_read_is_the_median_and_outlives_a_restart(tmp_path: Path) -> None:
    reading = ReadingSpeeds(tmp_path / "reading.json")
    assert reading.of("m") == 0
    assert not reading.note("m", 5, 0.01)  # too short to say anything
    for seconds in (1.0, 1.0, 10.0):  # something else ran once
        assert reading.note("m", 100, seconds)
    reading.save()
    assert ReadingSpeeds(tmp_path / "reading.json").of("m") == 100
    assert reading.work({"m": 2.0, "other": 4.0}) == 200


async def test_before_a_model_reads_here_its_speed_is_told_by_its_size_and_by_other_models(home: Paths) -> None:
    models = {name: {"file": f"{name}.gguf", "params_b": size, "provider": "llama_cpp"} for name, size in SIZES.items()}
    registry = {"models": models, "providers": PROVIDERS}
    one = Engine(home, Registry.model_validate(registry), Lines())
    assert (one.model_size("a"), one.model_size("b"), one.model_size("none")) == (1, 4, 0)
    assert one.reading_speed("a") == pytest.approx(4 * one.reading_speed("b"))
    assert one.reading_speed("a") > 1
    one.figures.reading.note("b", 100, 1.0)
    assert one.reading_speed("b") == 100
    assert one.reading_speed("a") == pytest.approx(400)
    assert one.reading_speed("none") == 0
    await one.stop()
