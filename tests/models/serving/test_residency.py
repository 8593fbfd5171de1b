"""What is loaded, what goes for it, and what is said when it cannot be: on models whose sizes are numbers."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import pytest

from tests.models.fakes import GB, Bench, Machine, Model, bench, registry, until
from trayassist.api import ModelUnavailable, WorkerDied
from trayassist.models.serving import residency
from trayassist.models.serving.budget import OutOfBudget
from trayassist.paths import Paths


async def test_after_start_only_hot_models_are_loaded(home: Paths) -> None:
    """S0-03, S0-04: warm ones come with their first use, cold ones never by themselves."""
    models = {"a": Model(), "b": Model(), "c": Model()}
    roles = {"front": {"model": "a", "residency": "hot"}, "w": {"model": "b"}, "c": {"model": "c", "residency": "cold"}}
    async with bench(home, models, roles) as one:
        await one.engine.start()
        assert one.loaded() == {"a"}
        assert [state.standing for state in one.engine.models()] == ["hot", "cold", "cold"]
        await one.ask("w")
        assert one.loaded() == {"a", "b"}
        with pytest.raises(ModelUnavailable, match=r"c is loaded only by hand"):
            await one.ask("c")
        await one.engine.load("c")
        assert await one.ask("c")
        assert one.loaded() == {"a", "b", "c"}


async def test_a_cold_model_that_is_not_loaded_has_its_fallback_answer(home: Paths) -> None:
    roles = {"deep": {"model": "big", "residency": "cold", "fallback": ["small"]}}
    async with bench(home, {"big": Model(), "small": Model()}, roles) as one:
        assert await one.ask("deep")
        usage = one.engine.usage("r")
        assert usage is not None
        assert usage.model == "small"
        assert "big is loaded only by hand" in usage.fallback
        assert "trayassist models load big" in str(_error(one.audit.lines, "big")) or one.loaded() == {"small"}


def _error(lines: list[dict[str, Any]], model: str) -> Any:
    return next(line["error"] for line in lines if line.get("actual_model") == model)


async def test_a_loaded_model_whose_file_is_gone_leaves_memory_and_its_fallback_answers(home: Paths) -> None:
    """F-27: it would hold its memory, a hot one for good, and never be asked."""
    models = {"m": Model(), "small": Model()}
    async with bench(home, models, {"r": {"model": "m", "residency": "hot", "fallback": ["small"]}}) as one:
        await one.engine.start()
        assert one.loaded() == {"m"}
        models["m"].gone = True
        assert await one.ask("r")
        usage = one.engine.usage("r")
        assert usage is not None
        assert (usage.model, "is missing" in usage.fallback) == ("small", True)
        await until(lambda: one.loaded() == {"small"})
        assert one.events("model_unloaded")[0]["reason"] == "its file is gone, or another one now"
        models["m"].gone = False
        await one.ask("r")
        assert one.audit.calls()[-1]["actual_model"] == "m"


async def test_a_model_is_as_hot_as_the_hottest_of_its_roles_and_loaded_once(home: Paths) -> None:
    """S3-02: roles that name one model share one worker."""
    roles = {
        "a": {"model": "m", "residency": "cold"},
        "b": {"model": "m", "residency": "hot"},
        "c": {"share_with": "a", "residency": "warm"},
    }
    async with bench(home, {"m": Model()}, roles) as one:
        await one.engine.start()
        for role in roles:
            assert await one.ask(role)
        assert one.planner.log == ["load m"]
        assert one.engine.models()[0].residence == "hot"
        assert set(one.engine.models()[0].roles) == {"a", "b", "c"}


async def test_the_least_recently_used_goes_and_several_if_needed(home: Paths) -> None:
    """S3-13: nothing more than needed goes, and the audit log says what, why and how much came back."""
    models = {"a": Model(3 * GB), "b": Model(3 * GB), "c": Model(3 * GB), "big": Model(7 * GB)}
    async with bench(home, models, {"r": {"model": "a"}}) as one:
        for name in ("a", "b", "c", "a"):
            await one.ask("r", name)
        await one.ask("r", "big")
        assert one.loaded() == {"a", "big"}
        evicted = one.events("model_evicted")
        assert [(line["actual_model"], line["reason"], line["mb"]) for line in evicted] == [
            ("b", "room for big", 3000.0),
            ("c", "room for big", 3000.0),
        ]


async def test_hot_and_busy_models_stay_and_the_refusal_names_them(home: Paths, monkeypatch: Any) -> None:
    """S1-15."""
    monkeypatch.setattr(residency, "BUSY_WAIT_S", 0.05)
    hold = asyncio.Event()
    models = {"hot": Model(4 * GB), "busy": Model(4 * GB, hold=hold), "big": Model(8 * GB)}
    roles = {"a": {"model": "hot", "residency": "hot"}, "b": {"model": "busy"}, "c": {"model": "big", "lane": "light"}}
    async with bench(home, models, roles) as one:
        await one.engine.start()
        asking = asyncio.create_task(one.ask("b"))
        await until(lambda: one.loaded() == {"hot", "busy"})
        with pytest.raises(OutOfBudget, match=r"no room for the model big.*8\.0 GB") as refused:
            await one.engine.load("big")
        assert refused.value.unload == ("hot", "busy")
        assert "hot (always loaded)" in refused.value.todo
        assert "busy (at work)" in refused.value.todo
        hold.set()
        await asking
        await one.engine.unload("hot")
        await one.engine.unload("busy")
        await one.engine.load("big")
        assert one.loaded() == {"big"}


async def test_a_model_that_is_about_to_end_its_answer_is_waited_for(home: Paths) -> None:
    hold = asyncio.Event()
    models = {"busy": Model(6 * GB, hold=hold), "next": Model(6 * GB)}
    async with bench(home, models, {"b": {"model": "busy"}, "c": {"model": "next", "lane": "light"}}) as one:
        asking = asyncio.create_task(one.ask("b", request_id="b"))
        await until(lambda: one.loaded() == {"busy"})
        coming = asyncio.create_task(one.ask("c", request_id="c"))
        await asyncio.sleep(0.05)
        assert one.loaded() == {"busy"}
        hold.set()
        assert await asking
        assert await coming
        assert one.loaded() == {"next"}


async def test_one_that_can_never_fit_is_refused_and_nothing_goes_for_it(home: Paths) -> None:
    models = {"a": Model(3 * GB), "giant": Model(40 * GB)}
    async with bench(home, models, {"r": {"model": "a"}}) as one:
        await one.ask("r")
        with pytest.raises(OutOfBudget, match=r"giant needs 40\.0 GB, and models may take 10\.7 GB together"):
            await one.engine.load("giant")
        assert one.loaded() == {"a"}
        assert one.engine.models()[1].problem.startswith("The model giant needs 40.0 GB")


async def test_memory_that_other_programs_take_counts_too(home: Paths) -> None:
    machine = Machine(memory=12 * GB, others=9 * GB)
    async with bench(home, {"a": Model(4 * GB)}, {"r": {"model": "a"}}, machine=machine) as one:
        with pytest.raises(OutOfBudget, match=r"the machine has 3\.0 GB.*Close other programs"):
            await one.ask("r")
        machine.others = 2 * GB
        assert await one.ask("r")


async def test_graphics_memory_has_a_budget_of_its_own(home: Paths) -> None:
    machine = Machine(vram=10 * GB)
    models = {"a": Model(GB, gpu=6 * GB), "b": Model(GB, gpu=6 * GB), "cpu": Model(GB)}
    async with bench(home, models, {"r": {"model": "a"}}, machine=machine) as one:
        for name in ("cpu", "a", "b"):
            await one.ask("r", name)
        assert one.loaded() == {"cpu", "b"}
        budget = one.engine.budget()
        assert (budget.gpu_used, budget.gpu_limit) == (6 * GB, 9 * GB)
        assert (budget.used, budget.free) == (2 * GB, 98 * GB)


async def test_a_likely_model_is_loaded_ahead_only_where_there_is_room(home: Paths) -> None:
    """S3-12: never evict for it."""
    async with bench(home, {"a": Model(6 * GB), "b": Model(6 * GB), "s": Model(2 * GB)}, {"r": {"model": "a"}}) as one:
        await one.ask("r")
        assert not await one.engine.preload("b")
        assert await one.engine.preload("s")
        assert one.loaded() == {"a", "s"}
        assert one.events("model_evicted") == []


async def test_a_question_that_finds_its_model_being_loaded_ahead_may_evict_after_all(home: Paths) -> None:
    async with bench(home, {"a": Model(6 * GB), "b": Model(6 * GB)}, {"r": {"model": "a"}}) as one:
        await one.ask("r")
        ahead = asyncio.create_task(one.engine.preload("b"))
        assert await one.ask("r", "b")
        await ahead
        assert one.loaded() == {"b"}


async def test_a_model_is_unloaded_after_the_answer_where_its_role_says_so(home: Paths) -> None:
    roles = {"curator": {"model": "m", "unload_after": True}, "persona": {"model": "m"}}
    async with bench(home, {"m": Model()}, roles) as one:
        await one.ask("persona")
        assert one.loaded() == {"m"}
        await one.ask("curator")
        await until(lambda: one.planner.log[-1] == "end m")
        assert one.events("model_unloaded")[0]["reason"] == "its role unloads it after the answer"


async def test_idle_models_go_and_hot_ones_and_those_loaded_by_hand_stay(home: Paths) -> None:
    models = {"hot": Model(), "warm": Model(), "cold": Model()}
    roles = {name: {"model": name, "residency": name} for name in models}
    async with bench(home, models, roles, residency={"idle_unload_s": 0.05}) as one:
        await one.engine.start()
        await one.engine.load("cold")
        await one.ask("warm")
        await until(lambda: "end warm" in one.planner.log)
        assert one.loaded() == {"hot", "cold"}
        assert one.events("model_unloaded")[0]["reason"] == "idle"


async def test_unloading_a_busy_model_waits_for_its_answer(home: Paths) -> None:
    hold = asyncio.Event()
    async with bench(home, {"m": Model(hold=hold)}, {"r": {"model": "m"}}) as one:
        asking = asyncio.create_task(one.ask("r"))
        await until(lambda: one.loaded() == {"m"})
        unloading = asyncio.create_task(one.engine.unload("m"))
        await asyncio.sleep(0.01)
        assert not unloading.done()
        hold.set()
        assert await asking == "0 1 2 "
        await unloading
        assert one.machine.held == {}


async def test_a_changed_registry_takes_over_and_what_is_as_before_stays_loaded(home: Paths) -> None:
    """S0-01: one line changes the model of a role, with no restart."""
    models = {"a": Model(), "b": Model(), "c": Model(), "d": Model()}
    roles = {"x": {"model": "a"}, "y": {"model": "b"}, "z": {"model": "c"}}
    async with bench(home, models, roles) as one:
        for role in roles:
            await one.ask(role)
        await one.engine.start()
        models["b"].version = 1
        del models["c"]
        hot = {"model": "d", "residency": "hot"}
        one.engine.reload(registry(models, {"x": {"model": "d"}, "y": {"model": "b"}, "h": hot}))
        await until(lambda: one.loaded() == {"a", "d"} and "load d" in one.planner.log)
        assert {"end b", "end c", "load d"} <= set(one.planner.log)
        assert "end a" not in one.planner.log
        await one.ask("x")
        assert one.audit.calls()[-1]["actual_model"] == "d"
        assert one.planner.log.count("load d") == 1


async def test_a_model_that_changed_while_it_answers_leaves_after_its_answer(home: Paths) -> None:
    hold = asyncio.Event()
    async with bench(home, {"m": Model(hold=hold)}, {"r": {"model": "m"}}) as one:
        asking = asyncio.create_task(one.ask("r"))
        await until(lambda: one.loaded() == {"m"})
        one.models["m"].version = 1
        one.engine.reload(registry(one.models, {"r": {"model": "m"}}))
        await asyncio.sleep(0.01)
        hold.set()
        assert await asking == "0 1 2 "
        assert await one.ask("r")
        assert one.planner.log == ["load m", "end m", "load m"]


async def test_a_model_of_a_role_that_works_by_rules_is_never_loaded(home: Paths) -> None:
    """The watchdog and the curator ask no model: one that is named for them must not take memory."""
    models = {"m": Model(), "guard": Model()}
    roles = {"r": {"model": "m"}, "watchdog": {"model": "guard", "residency": "hot"}, "curator": {"model": "guard"}}
    async with bench(home, models, roles) as one:
        await one.engine.start()
        assert one.loaded() == set()
        assert await one.ask("r")
        assert one.loaded() == {"m"}
        assert one.engine.model_for("watchdog") is None
        assert one.engine.why_not("watchdog") == "The role watchdog works by its rules and asks no model."
        models["guard"].gone = True
        assert one.engine.trouble() == ()
        forecast = await one.engine.forecast(registry(models, roles))
        assert [share.name for share in forecast.shares] == ["m"]


async def test_a_model_that_rests_is_asked_again_when_its_setting_changed(home: Paths) -> None:
    models = {"bad": Model(loads=False), "good": Model()}
    roles: dict[str, Any] = {"r": {"model": "bad", "fallback": ["good"]}, "other": {"model": "good"}}

    def standing(one: Bench) -> str:
        return one.engine.models()[0].standing

    async with bench(home, models, roles) as one:
        before = one.planner.registry
        for change in ("unrelated", "role", "model", "how models run", "file"):
            for _ in range(3):
                await one.ask("r")
            assert standing(one) == "resting", change
            changed = before.model_copy(deep=True)
            match change:
                case "unrelated":
                    changed.roles["other"] = changed.role("other").model_copy(update={"temperature": 0.9})
                case "role":
                    changed.roles["r"] = changed.role("r").model_copy(update={"context_length": 512})
                case "model":
                    changed.models["bad"] = changed.models["bad"].model_copy(update={"context_length": 512})
                case "how models run":
                    runs = changed.runtime_defaults.model_copy(update={"n_gpu_layers": 0})
                    changed = changed.model_copy(update={"runtime_defaults": runs})
            if change == "file":
                await one.engine.look()
                (home.models / "bad.gguf").write_bytes(b"another file")
                await one.engine.look()
            else:
                one.engine.reload(changed)
                await one.engine.settle()
            assert (standing(one) == "resting") == (change == "unrelated"), change
            one.engine.reload(before)
            await one.engine.settle()
            one.engine.wake("bad")
        models["bad"].loads = True
        await one.ask("r", request_id="again")
        assert one.audit.calls()[-1]["actual_model"] == "bad"


async def test_loading_ends_when_the_model_is_loaded_and_not_with_its_answer(home: Paths) -> None:
    hold = asyncio.Event()
    async with bench(home, {"m": Model(hold=hold)}, {"r": {"model": "m"}}) as one:
        seen: list[str] = []
        one.engine.changed.append(lambda: seen.append(one.engine.models()[0].standing))
        said: list[str] = []
        asking = asyncio.ensure_future(one.ask("r", on_status=said.append))
        await until(lambda: seen and seen[-1] == "busy")
        assert "loading" in seen
        await until(lambda: said[-1] == "m is loaded and reads the question")
        assert not asking.done()
        hold.set()
        await asking


async def test_a_lack_of_memory_is_said_until_there_is_enough_and_no_longer(home: Paths) -> None:
    hold = asyncio.Event()
    models = {"small": Model(ram=6 * GB, hold=hold), "big": Model(ram=6 * GB)}
    roles = {"r": {"model": "big"}, "other": {"model": "small"}}
    async with bench(home, models, roles, budget_gb=8) as one:
        await one.engine.look()
        busy = asyncio.ensure_future(one.ask("other"))
        await until(lambda: one.loaded() == {"small"})
        assert not await one.engine.preload("big")
        problem = one.engine.models()[1].problem
        assert problem.count("big") == 1, problem
        assert problem.startswith("There is no room for the model big")
        hold.set()
        await busy
        await one.engine.unload("small")
        assert one.engine.models()[1].problem == ""
        assert one.engine.trouble() == ()


async def test_a_model_that_keeps_failing_rests_and_the_fallback_is_shown(home: Paths) -> None:
    """Three failures within five minutes: it is not asked for a minute, and nobody waits for the same failure."""
    models = {"bad": Model(loads=False), "good": Model()}
    async with bench(home, models, {"r": {"model": "bad", "fallback": ["good"]}}) as one:
        for _ in range(3):
            assert await one.ask("r")
        state = one.engine.models()[0]
        assert state.standing == "resting"
        assert "rests for" in state.problem
        models["bad"].loads = True
        await one.ask("r", request_id="resting")
        usage = one.engine.usage("resting")
        assert usage is not None
        assert "failed three times in five minutes" in usage.fallback
        assert "load bad" not in one.planner.log
        await one.engine.load("bad")  # by hand it is tried at once
        await one.ask("r", request_id="awake")
        assert one.audit.calls()[-1]["actual_model"] == "bad"


async def test_a_refusal_for_want_of_room_is_no_failure_of_the_model(home: Paths) -> None:
    async with bench(home, {"giant": Model(40 * GB)}, {"r": {"model": "giant"}}) as one:
        for _ in range(4):
            with pytest.raises(OutOfBudget):
                await one.ask("r")
        assert one.engine.models()[0].standing == "cold"


async def test_a_lent_worker_is_busy_and_is_not_taken_away(home: Paths, monkeypatch: Any) -> None:
    monkeypatch.setattr(residency, "BUSY_WAIT_S", 0.02)
    async with bench(home, {"e": Model(6 * GB), "b": Model(6 * GB)}, {"r": {"model": "b"}}) as one:
        async with one.engine.worker_for("e", role="embedder", request_id="job") as worker:
            assert worker is one.planner.workers["e"]
            (waiting,) = one.engine.queue()
            assert (waiting.lane, waiting.model, waiting.running) == ("light", "e", True)
            assert one.engine.models()[0].standing == "busy"
            with pytest.raises(OutOfBudget):
                await one.ask("r")
        assert await one.ask("r")
        assert one.loaded() == {"b"}


async def test_a_change_is_told_once_for_all_that_changed(home: Paths) -> None:
    told: list[int] = []
    async with bench(home, {"m": Model()}, {"r": {"model": "m"}}) as one:
        one.engine.changed.append(lambda: told.append(1))
        await one.ask("r")
        await asyncio.sleep(0)
        assert 3 <= len(told) <= 8
        count = len(told)
        await asyncio.sleep(0.02)
        assert len(told) == count, "nothing polls"


async def test_a_worker_that_died_idle_is_replaced(home: Paths) -> None:
    async with bench(home, {"m": Model()}, {"r": {"model": "m"}}) as one:
        await one.ask("r")
        one.planner.workers["m"].die()
        assert await one.ask("r")
        assert one.planner.log == ["load m", "load m"]


async def test_a_worker_that_dies_in_mid_answer_frees_its_place(home: Paths) -> None:
    async with bench(home, {"m": Model(6 * GB, dies=True)}, {"r": {"model": "m"}}) as one:
        with pytest.raises(WorkerDied):
            await one.ask("r")
        assert one.engine.budget().used == 0


async def test_loading_is_recorded_with_memory_before_and_after(home: Paths) -> None:
    """S3-15."""
    async with bench(home, {"m": Model(2 * GB)}, {"r": {"model": "m"}}) as one:
        await one.ask("r")
        (line,) = one.events("model_loaded")
        assert (line["rss_before"], line["rss_after"], line["estimated"]) == (0, 2 * GB, 2 * GB)
        assert line["loadMs"] > 0


async def test_stopping_while_a_hot_model_loads_leaves_nothing(home: Paths) -> None:
    roles = {"a": {"model": "a", "residency": "hot"}, "b": {"model": "b", "residency": "hot"}}
    async with bench(home, {"a": Model(), "b": Model()}, roles) as one:
        starting = asyncio.create_task(one.engine.start())
        await until(lambda: one.engine.budget().used)
        await one.engine.stop()
        await starting
        assert one.loaded() == set()


async def test_an_answer_that_is_left_frees_its_model(home: Paths) -> None:
    async with bench(home, {"m": Model()}, {"r": {"model": "m"}}) as one:
        async with aclosing(one.engine.generate("r", None, [])) as chunks:
            await anext(chunks)
            assert one.engine.models()[0].standing == "busy"
        assert one.engine.models()[0].standing == "warm"
        assert one.engine.queue() == []
