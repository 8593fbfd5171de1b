"""Who answers in place of another: fallbacks that passed the smoke tasks (F-05), and the next of a chain (S0-23)."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.models.fakes import Model, bench
from tests.models.running import Lines, answer, engine, user
from trayassist.api import ModelUnavailable, TrayassistError
from trayassist.models.checks.advice import stand_ins
from trayassist.models.serving.smoke import TASKS, Smoke
from trayassist.paths import Paths

RIGHT = {
    "math": "42",
    "JSON": '{"city": "Porto", "year": 1886}',
    "length": "It shows ships at night where the coast is.",
}
ANSWERS = {task.prompt: RIGHT[task.name] for task in TASKS}
ROLE = {"persona": {"model": "big", "fallback": ["weak", "small"]}}
FORM = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


def sound(prompt: str) -> str:
    return ANSWERS.get(prompt, "an answer")


def chatty(prompt: str) -> str:
    return f"Sure, I can help. {ANSWERS.get(prompt, 'an answer')} Anything else?"


def three() -> dict[str, Model]:
    return {"big": Model(loads=False), "weak": Model(says=chatty), "small": Model(says=sound)}


async def test_a_fallback_that_fails_the_tasks_is_passed_over_and_that_is_said(home: Paths) -> None:
    said: list[str] = []
    async with bench(home, three(), ROLE, fit=()) as one:
        assert await one.ask(on_status=said.append) == "an answer"
        usage = one.engine.usage("r")
        assert usage is not None
        assert usage.model == "small"
        assert "weak was not asked: it failed 2 of 3 smoke tasks (math, JSON)." in usage.fallback
        assert usage.fallback.endswith("small answered instead.")
        (refused,) = one.events("fallback_refused")
        assert (refused["model"], refused["role"], refused["run_id"]) == ("weak", "persona", "r")
        tasks = [line for line in one.audit.calls() if line["job"] == "smoke tasks"]
        assert [line["actual_model"] for line in tasks] == ["weak"] * 3 + ["small"] * 3
    assert "weak is given three small tasks before it answers instead" in said
    assert any(text.startswith("weak is not asked: it failed 2 of 3") for text in said)


async def test_the_tasks_are_given_once_for_a_file_also_after_a_restart(home: Paths) -> None:
    async with bench(home, three(), ROLE, fit=()) as one:
        await one.ask()
        await one.ask()
        assert len([line for line in one.audit.calls() if line["job"]]) == 6
    async with bench(home, three(), ROLE, fit=()) as again:
        await again.ask()
        assert not [line for line in again.audit.calls() if line["job"]]
        (home.models / "small.gguf").write_bytes(b"another file")
        await again.ask()
        assert {line["actual_model"] for line in again.audit.calls() if line["job"]} == {"small"}


async def test_with_unfit_fallbacks_only_the_refusal_says_so_and_the_role_has_no_model(home: Paths) -> None:
    models = {"big": Model(loads=False), "weak": Model(says=chatty)}
    async with bench(home, models, {"persona": {"model": "big", "fallback": ["weak"]}}, fit=()) as one:
        assert one.engine.model_for("persona") == "big"
        with pytest.raises(ModelUnavailable, match=r"big does not load\. weak was not asked: it failed 2 of 3"):
            await one.ask()
        assert one.engine.usage("r").model == "big"  # type: ignore[union-attr]  # it was kept
        found = list(stand_ins(one.planner.registry, one.engine.smoke))
        assert [(problem.level, problem.key) for problem in found] == [("warning", ("roles", "persona", "fallback", 0))]
        assert (
            "it failed 2 of 3 smoke tasks: math (said “Sure, I can help. 42 Anything else?” for 42);" in found[0].what
        )


async def test_a_model_that_is_too_slow_for_the_tasks_is_asked_again_another_time(home: Paths) -> None:
    """That says something of now, not of the model: nothing is kept of it."""
    hold = asyncio.Event()
    models = {"big": Model(loads=False), "slow": Model(says=sound, hold=hold)}
    roles = {"persona": {"model": "big", "fallback": ["slow"], "timeout_s": 0.2}}
    async with bench(home, models, roles, fit=()) as one:
        with pytest.raises(ModelUnavailable, match=r"did not finish within 0\.2 seconds\.$|seconds\. ") as error:
            await one.ask()
        assert "slow was not asked: it did not get through the smoke tasks" in error.value.what
        assert ".." not in error.value.what
        assert one.engine.smoke.find("slow") is None
        hold.set()
        assert await one.ask() == "an answer"


@pytest.mark.parametrize(
    ("task", "said", "wrong"),
    [
        ("math", "42", ""),
        ("math", " **42.**\n", ""),
        ("math", "The answer is 42.", "said “The answer is 42.” for 42"),
        ("math", "", "said nothing for 42"),
        ("JSON", '{"year": 1886, "city": "porto"}', ""),
        ("JSON", '```json\n{"city": "Porto", "year": 1886}\n```', "which is not JSON"),
        ("JSON", '{"city": "Porto", "year": "1886"}', "which has wrong values"),
        ("JSON", '{"city": "Porto"}', "which has other keys"),
        ("JSON", "[]", "which has other keys"),
        ("length", "A lighthouse warns ships of rocks.", ""),
        ("length", "Light.", "1 words"),
        ("length", "ship " * 26, "26 words"),
    ],
)
def test_what_passes_a_task(task: str, said: str, wrong: str) -> None:
    (found,) = [one for one in TASKS if one.name == task]
    problem = found.wrong(said.strip())
    assert (problem == "") if not wrong else (wrong in problem)


async def test_random_weights_may_not_stand_in(home: Paths, tiny: Any, audit: Lines) -> None:
    """The real worker: an answer that goes on is cut, and the refusal names all three tasks."""
    models = {"gone": {"file": "gone.gguf"}, "tiny": {"file": str(tiny)}}
    async with engine(home, audit, models, {"model": "gone", "fallback": ["tiny"], "max_tokens": 4}) as one:
        assert one.model_for("persona") == "gone"
        with pytest.raises(ModelUnavailable, match="tiny was not asked: it failed 3 of 3 smoke tasks"):
            await answer(one, user("a"), model="gone")
        assert one.model_for("persona") is None, "neither it nor its fallback can answer"
        assert one.smoke.unfit("tiny")


def test_a_damaged_file_of_results_means_that_models_are_asked_anew(home: Paths) -> None:
    home.data.mkdir(parents=True, exist_ok=True)
    for text in ("", "[]", '{"a": 5}', '{"a": {"failed": 5, "at": ""}}', "\x00"):
        (home.data / "smoke.json").write_text(text)
        assert Smoke(home, lambda: pytest.fail("not needed"))._results == {}


# ---------------------------------------------------------------- S0-23


def chain(**more: Any) -> dict[str, Any]:
    return {"routing": {"escalation": {"chains": {"chat": ["small", "large"]}, **more}}}


async def test_an_answer_that_breaks_its_form_twice_goes_to_the_next_of_the_chain(home: Paths) -> None:
    models = {"small": Model(says=lambda _: "no JSON"), "large": Model(says=lambda _: '{"n": 5}')}
    said: list[str] = []
    async with bench(home, models, {"persona": {"model": "small"}}, **chain()) as one:
        text = await one.ask(on_status=said.append, schema=FORM, kind="chat")
        assert json.loads(text) == {"n": 5}, "nothing of the first answers is left in it"
        usage = one.engine.usage("r")
        assert usage is not None
        assert usage.fallback == "small failed the format check twice. large answered instead."
        assert [line["actual_model"] for line in one.audit.calls()] == ["small", "small", "large"]
        first, second = (asked["sampling"]["temperature"] for asked in one.planner.workers["small"].asked)
        assert second > first, "asked the same way it would say the same"
    assert "asked large because small failed the format check twice" in said


async def test_an_empty_answer_goes_up_the_chain_and_other_kinds_of_question_do_not(home: Paths) -> None:
    models = {"small": Model(says=lambda _: " "), "large": Model(says=lambda _: "words")}
    async with bench(home, models, {"persona": {"model": "small"}}, **chain(tries=1)) as one:
        assert (await one.ask(kind="chat")).strip() == "words"
        assert (await one.ask(kind="code")).strip() == ""
        assert (await one.ask()).strip() == ""
        assert [line["actual_model"] for line in one.audit.calls()] == ["small", "large", "small", "small"]


async def test_a_chain_ends_and_says_which_check_failed(home: Paths) -> None:
    models = {"small": Model(says=lambda _: "x"), "large": Model(says=lambda _: '{"m": 5}')}
    async with bench(home, models, {"persona": {"model": "small"}}, **chain()) as one:
        with pytest.raises(TrayassistError, match=r"large failed the format check twice\."):
            await one.ask(schema=FORM, kind="chat")
        assert len(one.audit.calls()) == 4


async def test_the_next_of_a_chain_passed_the_tasks_too(home: Paths) -> None:
    models = {"small": Model(says=lambda _: "x"), "large": Model(says=chatty)}
    async with bench(home, models, {"persona": {"model": "small"}}, fit=(), **chain()) as one:
        with pytest.raises(TrayassistError, match=r"small failed the format check twice\."):
            await one.ask(schema=FORM, kind="chat")
        assert [event["model"] for event in one.events("fallback_refused")] == ["large"]
