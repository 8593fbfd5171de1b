"""Who goes when: limits of lanes and roles, questions before jobs, and jobs that give way and begin again."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.models.fakes import Model, bench, until
from trayassist.api import NotAllowed, TrayassistError
from trayassist.models.registry.schema import Adjustment, Lanes
from trayassist.paths import Paths


def order(one: Any) -> list[str]:
    return [line["run_id"] for line in one.audit.calls()]


async def test_calls_of_a_role_with_a_limit_of_one_never_overlap(home: Paths) -> None:
    """S3-01, F-14: enforced also where the lane has room for more."""
    hold = asyncio.Event()
    roles = {"r": {"model": "m"}, "two": {"model": "n", "max_concurrent": 2}}
    lanes = {"heavy": 4, "light": 2, "io": 1}
    async with bench(home, {"m": Model(hold=hold), "n": Model(hold=hold)}, roles, lanes=lanes) as one:
        asked = [asyncio.create_task(one.ask("r", request_id=f"r{n}")) for n in range(3)]
        asked += [asyncio.create_task(one.ask("two", request_id=f"t{n}")) for n in range(3)]
        await until(lambda: len(one.engine.queue()) == 6)
        running = [(waiting.role, waiting.running) for waiting in one.engine.queue()]
        assert running.count(("r", True)) == 1
        assert running.count(("two", True)) == 2
        hold.set()
        await asyncio.gather(*asked)
        assert [name for name in order(one) if name.startswith("r")] == ["r0", "r1", "r2"]


async def test_lanes_do_not_wait_for_each_other(home: Paths) -> None:
    hold = asyncio.Event()
    roles = {"talk": {"model": "m"}, "watch": {"model": "n", "lane": "light"}, "read": {"model": "o", "lane": "io"}}
    async with bench(home, {"m": Model(hold=hold), "n": Model(), "o": Model()}, roles) as one:
        talking = asyncio.create_task(one.ask("talk"))
        await until(lambda: one.loaded() == {"m"})
        assert await one.ask("watch") == "0 1 2 "
        assert await one.ask("read") == "0 1 2 "
        assert not talking.done()
        hold.set()
        await talking


async def test_the_queue_is_visible_in_the_order_it_will_run(home: Paths) -> None:
    hold = asyncio.Event()
    async with bench(home, {"m": Model(hold=hold)}, {"r": {"model": "m"}, "s": {"model": "m"}}) as one:
        asked = [asyncio.create_task(one.ask("r", request_id="first"))]
        await until(lambda: one.loaded() == {"m"})
        asked.append(asyncio.create_task(one.ask("s", request_id="job", job=True)))
        asked.append(asyncio.create_task(one.ask("s", request_id="question")))
        await until(lambda: len(one.engine.queue()) == 3)
        seen = [(waiting.request_id, waiting.running, waiting.job) for waiting in one.engine.queue()]
        assert seen == [("first", True, False), ("question", False, False), ("job", False, True)]
        assert all(waiting.since_s >= 0 for waiting in one.engine.queue())
        hold.set()
        await asyncio.gather(*asked)
        assert order(one) == ["first", "question", "job"]


async def test_a_question_has_a_running_job_give_way_and_begin_again(home: Paths) -> None:
    """The job's answer comes whole and once, though it was cut off in the middle."""
    hold = asyncio.Event()
    said: list[str] = []
    models = {"m": Model(hold=hold)}
    async with bench(home, models, {"r": {"model": "m"}, "j": {"model": "m"}}) as one:
        job = asyncio.create_task(one.ask("j", request_id="job", job=True, on_status=said.append))
        await until(lambda: bool(one.planner.workers) and one.planner.workers["m"].busy)
        question = asyncio.create_task(one.ask("r", request_id="question"))
        await until(lambda: bool(one.audit.calls()))
        hold.set()
        assert await question == "0 1 2 "
        assert await job == "0 1 2 "
        assert [(line["run_id"], line["error"]) for line in one.audit.calls()] == [
            ("job", "cancelled"),
            ("question", None),
            ("job", None),
        ]
        assert "made way for a question, and begins again" in said
        assert one.planner.log == ["load m"], "the model stays loaded"


async def test_one_question_has_one_job_give_way(home: Paths) -> None:
    hold = asyncio.Event()
    models = {name: Model(hold=hold) for name in "abc"}
    roles = {name: {"model": name} for name in "abc"}
    async with bench(home, models, roles, lanes={"heavy": 2, "light": 1, "io": 1}) as one:
        jobs = [asyncio.create_task(one.ask(name, request_id=name, job=True)) for name in "ab"]
        await until(lambda: sum(w.busy for w in one.planner.workers.values()) == 2)
        question = asyncio.create_task(one.ask("c", request_id="question"))
        await until(lambda: len(one.audit.calls()) == 1)
        assert order(one) == ["b"], "the one that came last gives way"
        hold.set()
        await asyncio.gather(question, *jobs)
        assert sorted(order(one)) == ["a", "b", "b", "question"]


async def test_a_job_that_is_cancelled_ends_and_does_not_begin_again(home: Paths) -> None:
    hold = asyncio.Event()
    async with bench(home, {"m": Model(hold=hold)}, {"r": {"model": "m"}}) as one:
        job = asyncio.create_task(one.ask("r", job=True))
        await until(lambda: bool(one.planner.workers) and one.planner.workers["m"].busy)
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)
        assert job.cancelled()
        assert one.engine.queue() == []
        assert not one.planner.workers["m"].busy


async def test_a_wait_that_is_given_up_leaves_the_queue(home: Paths) -> None:
    hold = asyncio.Event()
    async with bench(home, {"m": Model(hold=hold)}, {"r": {"model": "m"}}) as one:
        first, second = (asyncio.create_task(one.ask("r", request_id=name)) for name in "12")
        await until(lambda: len(one.engine.queue()) == 2)
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
        assert [waiting.request_id for waiting in one.engine.queue()] == ["1"]
        hold.set()
        assert await first


async def test_lanes_grow_while_requests_wait(home: Paths) -> None:
    hold = asyncio.Event()
    async with bench(home, {"m": Model(hold=hold), "n": Model()}, {"r": {"model": "m"}, "s": {"model": "n"}}) as one:
        first = asyncio.create_task(one.ask("r"))
        second = asyncio.create_task(one.ask("s"))
        await until(lambda: len(one.engine.queue()) == 2)
        one.engine._queue.resize(Lanes(heavy=2))
        assert await second
        hold.set()
        await first


async def test_the_clock_of_a_role_starts_when_the_worker_is_its_own(home: Paths) -> None:
    """S3-01: waiting for another role's answer of the same model is not counted."""
    hold = asyncio.Event()
    roles = {"talk": {"model": "m"}, "watch": {"share_with": "talk", "lane": "light", "timeout_s": 0.1}}
    async with bench(home, {"m": Model(hold=hold)}, roles) as one:
        talking = asyncio.create_task(one.ask("talk"))
        await until(lambda: one.loaded() == {"m"} and one.planner.workers["m"].busy)
        watching = asyncio.create_task(one.ask("watch"))
        await asyncio.sleep(0.3)
        hold.set()
        assert await watching
        await talking
        hold.clear()
        with pytest.raises(TrayassistError, match=r"did not finish within 0\.1 seconds"):
            await one.ask("watch")


async def test_a_call_changes_the_role_for_itself(home: Paths) -> None:
    """S4-07: a call's options go before the role's (coder 0.1 and 8192); grammar, schema and stop reach the worker."""
    roles = {"coder": {"model": "m", "temperature": 0.2, "max_tokens": 4096, "stop": ["END"]}}
    async with bench(home, {"m": Model()}, roles) as one:
        await one.ask("coder", schema={"type": "object"})
        await one.ask("coder", adjustment=Adjustment(temperature=0.1, max_tokens=8192), grammar='root ::= "a"')
        first, second = (asked["sampling"] for asked in one.planner.workers["m"].asked)
        assert (first["temperature"], first["max_tokens"], first["stop"]) == (0.2, 4096, ("END",))
        assert (first["grammar"], first["schema"]) == ("", {"type": "object"})
        assert (second["temperature"], second["max_tokens"], second["grammar"]) == (0.1, 8192, 'root ::= "a"')


async def test_a_role_that_is_off_in_the_mode_is_refused_and_nothing_answers_for_it(home: Paths) -> None:
    """S4-08; every record says the mode (F-17)."""
    modes = {"agent": {"roles": {"curator": None}}, "dual": {}}
    roles = {"curator": {"model": "m"}, "persona": {"model": "m"}}
    async with bench(home, {"m": Model()}, roles, modes=modes) as one:
        with pytest.raises(NotAllowed, match="'curator' is disabled in mode 'agent'"):
            await one.ask("curator")
        assert one.engine.model_for("curator") is None
        await one.ask("persona")
        assert one.audit.calls()[-1]["mode"] == "agent"


async def test_a_premium_model_outside_the_allowlist_is_refused_and_said(home: Paths) -> None:
    """F-04: at the call, whatever the route says; never swapped without a word."""
    providers = {
        "llama_cpp": {"api": "llama_cpp", "kind": "local", "enabled": True},
        "there": {"api": "openai", "kind": "premium", "base_url": "https://there.example/v1", "enabled": True},
    }
    models = {"m": Model(), "dear": Model(provider="there")}
    async with bench(home, models, {"persona": {"model": "m"}}, providers=providers) as one:
        with pytest.raises(NotAllowed, match="'dear' costs money, and the role 'persona' may not use it"):
            await one.ask("persona", "dear")
        (line,) = one.events("premium_denied")
        assert (line["role"], line["configured_model"]) == ("persona", "dear")
