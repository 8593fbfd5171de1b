"""The life of an adapter: approve, judge, switch on and off, go back; and what a role answers with (S4-15..S4-18)."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.models.adapters import tiny_models as tiny
from tests.models.adapters.conftest import Room
from trayassist.api import ConfigError, NotAllowed, TrayassistError
from trayassist.models.adapters.evaluation import Check, EvaluationProgress
from trayassist.models.adapters.record import AdapterRecord
from trayassist.models.adapters.record import write as write_record


def golden(room: Room, **content: Any) -> None:
    (room.paths.config / "golden" / "persona.yaml").write_text(yaml.safe_dump(content))


async def evaluate(room: Room, record: AdapterRecord, **more: Any) -> AdapterRecord:
    async for item in room.adapters.evaluate(record.id, **more):
        last = item
    assert isinstance(last, AdapterRecord)
    return last


async def approve_new(room: Room) -> AdapterRecord:
    return await room.adapters.approve((await room.take()).id)


# ---------------------------------------------------------------- judged (F-20)


async def test_both_answers_are_judged_by_the_same_checks_and_kept(room: Room) -> None:
    record = await approve_new(room)
    steps = [item async for item in room.adapters.evaluate(record.id, scale=0.8)]
    assert [(one.done, one.with_adapter) for one in steps if isinstance(one, EvaluationProgress)] == [
        (0, False),
        (1, True),
    ]
    record = room.adapters.store.get(record.id)
    found = record.evaluation
    assert record.state == "evaluated"
    assert found is not None
    assert (found.score_base, found.score_adapter, found.passed, found.scale) == (0.0, 1.0, True, 0.8)
    assert found.base_sha256 == record.base_sha256
    (judged,) = found.prompts
    assert (judged.text_base, judged.text_adapter) == ("I am a model. ", "I am Ada. ")
    assert judged.failed_base == ("does not hold “Ada”",)
    assert judged.failed_adapter == ()
    plain, adapted = room.engine.asked
    assert plain["adapters"] == ()
    assert adapted["adapters"] == ({"file": str(record.file), "scale": 0.8, "id": "mine"},)
    assert plain["adjustment"] == adapted["adjustment"]
    assert plain["adjustment"].temperature == 0
    assert plain["job"], "interactive work goes before an evaluation"
    assert plain["messages"][-1].text == "Who are you?"
    assert plain["messages"][0].speaker == "system"
    assert room.audit.of("adapter_evaluated")[0]["score_adapter"] == 1.0
    on_disk = json.loads((record.folder / "adapter.json").read_text())
    assert on_disk["evaluation"]["prompts"][0]["text_adapter"] == "I am Ada. "


async def test_an_adapter_below_the_threshold_is_rejected(room: Room) -> None:
    room.engine.with_adapter = "I am Bob."
    record = await evaluate(room, await approve_new(room))
    assert record.state == "rejected"
    assert record.evaluation is not None
    assert "70% are needed" in record.evaluation.why
    with pytest.raises(NotAllowed, match="rejected"):
        await room.adapters.activate(record.id, "recent")


async def test_an_adapter_behind_its_base_is_rejected_whatever_the_threshold(room: Room) -> None:
    golden(
        room,
        threshold=0.3,
        prompts=[{"prompt": "Who?", "checks": [{"contains": "Ada"}, {"contains": "model"}, {"absent": "no"}]}],
    )
    room.engine.plain, room.engine.with_adapter = "Ada, a model", "Ada"
    record = await evaluate(room, await approve_new(room))
    assert record.evaluation is not None
    assert not record.evaluation.passed
    assert "100% pass without it" in record.evaluation.why


async def test_an_adapter_that_changes_nothing_is_rejected(room: Room) -> None:
    room.engine.plain = room.engine.with_adapter
    record = await evaluate(room, await approve_new(room))
    assert record.evaluation is not None
    assert record.evaluation.score_adapter == 1.0
    assert not record.evaluation.passed
    assert "does nothing" in record.evaluation.why


async def test_held_out_texts_that_become_less_likely_reject(room: Room) -> None:
    prompts = [{"prompt": "Who are you?", "checks": [{"contains": "Ada"}]}]
    golden(room, prompts=prompts, held_out=["I write letters.", "By hand."])
    record = await evaluate(room, await approve_new(room))
    assert record.evaluation is not None
    assert (record.evaluation.held_out_base, record.evaluation.held_out_adapter) == (-2.0, -1.0)
    assert record.evaluation.passed
    room.engine.likely = {False: -1.0, True: -1.5}
    record = await evaluate(room, record)
    assert record.state == "rejected"
    assert record.evaluation is not None
    assert "-0.50 nats" in record.evaluation.why


async def test_size_and_name_do_not_count(room: Room) -> None:
    """F-20: a huge adapter with good metadata is judged by its answers alone."""
    room.engine.with_adapter = "hm"
    ranks = {f"model.layers.{n}.{name}": 32 for n in range(2) for name in tiny.LINEAR}
    big = tiny.write_lora(room.sources / "best-ever.gguf", room.shape, tiny.lora(room.shape, ranks))
    record = await evaluate(room, await room.adapters.approve((await room.take(big)).id))
    assert record.state == "rejected"


async def test_an_evaluation_needs_approval_and_golden_prompts(room: Room) -> None:
    record = await room.take()
    with pytest.raises(NotAllowed, match="not approved"):
        await evaluate(room, record)
    await room.adapters.approve(record.id)
    golden(room, prompts=[{"prompt": "Hello"}])
    with pytest.raises(ConfigError, match="no golden prompts"):
        await evaluate(room, record)
    golden(room, prompts=[{"prompt": "Hello", "checks": [{"contains": "a", "absent": "b"}]}])
    with pytest.raises(ConfigError, match="line 3: a check has exactly one key"):
        await evaluate(room, record)
    golden(room, prompts=[{"prompt": "Hello", "checks": [{"matches": "("}]}])
    with pytest.raises(ConfigError, match="no pattern"):
        await evaluate(room, record)
    golden(room, prompts=[{"prompt": "Hello", "checks": [{"contain": "a"}]}])
    with pytest.raises(ConfigError, match="contain"):
        await evaluate(room, record)
    assert room.adapters.store.get(record.id).evaluation is None


async def test_without_a_file_of_ones_own_the_shipped_prompts_judge(room: Room) -> None:
    (room.paths.config / "golden" / "persona.yaml").unlink()
    record = await evaluate(room, await approve_new(room))
    assert record.evaluation is not None
    assert len(record.evaluation.prompts) >= 5
    assert record.evaluation.golden.endswith("config/golden/persona.yaml")


async def test_a_cancelled_or_failed_evaluation_keeps_nothing(room: Room) -> None:
    record = await approve_new(room)
    stream = room.adapters.evaluate(record.id)
    await anext(stream)
    await stream.aclose()
    room.engine.broken = TrayassistError("The model is gone.", "Load it.")
    with pytest.raises(TrayassistError, match="gone"):
        await evaluate(room, record)
    assert room.adapters.store.get(record.id).state == "approved"


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        ({"contains": "Paris"}, "paris it is", "Rome"),
        ({"absent": "sorry"}, "Fine.", "Sorry, no"),
        ({"matches": r"\b42\b"}, "It is 42.", "142"),
        ({"json_keys": ["a"]}, 'Here:\n```json\n{"a": 1, "b": 2}\n```', "a"),
        ({"json_keys": []}, "{}", "[1]"),
        ({"min_words": 3}, "one two three", "one two"),
        ({"max_words": 2}, "one two", "one two three"),
    ],
)
def test_checks(check: dict[str, Any], good: str, bad: str) -> None:
    assert Check(**check).failure(good) == ""
    assert Check(**check).failure(bad)


# ---------------------------------------------------------------- on, off, back


async def test_nothing_is_switched_on_without_a_passed_evaluation(room: Room) -> None:
    record = await room.take()
    with pytest.raises(NotAllowed, match="not approved"):
        await room.adapters.activate(record.id, "recent")
    with pytest.raises(NotAllowed, match="not approved"):
        await room.adapters.activate(record.id, "recent", override="I know it")
    await room.adapters.approve(record.id)
    with pytest.raises(NotAllowed, match="not evaluated"):
        await room.adapters.activate(record.id, "recent")
    with pytest.raises(NotAllowed, match="not evaluated"):
        await room.adapters.activate(record.id, "recent", override="  ")
    assert room.adapters.applied_to("persona", "base").adapters == ()


async def test_an_override_is_explicit_and_logged(room: Room) -> None:
    record = await approve_new(room)
    await room.adapters.activate(record.id, "recent", override="my own training", actor="command line")
    (line,) = room.audit.of("adapter_activated")
    assert (line["override"], line["actor"], line["adapter"]) == ("my own training", "command line", record.id)
    (active,) = room.adapters.slots()
    assert active.override == "my own training"
    assert active.evalScore is None


async def test_what_did_not_pass_is_rejected_again_when_an_override_ends(room: Room) -> None:
    record = await approve_new(room)
    golden(room, prompts=[{"prompt": "Who are you?", "checks": [{"contains": "nobody says this"}]}])
    assert (await evaluate(room, record)).state == "rejected"
    await room.adapters.activate(record.id, "recent", override="my own training")
    assert (await room.adapters.switch_off(record.id)).state == "rejected"


async def test_two_slots_with_scales_and_the_record_of_s4_16(room: Room) -> None:
    old, new = await room.evaluate_new("old", 1), await room.evaluate_new("new", 2)
    await room.adapters.activate(new.id, "recent", scale=0.5)
    await room.adapters.activate(old.id, "history")
    assert room.adapters.applied_to("persona", "base").adapters == (
        {"file": str(old.file), "scale": 1.0, "id": "old", "slot": "history"},
        {"file": str(new.file), "scale": 0.5, "id": "new", "slot": "recent"},
    )
    slots = json.loads((room.paths.adapters / "active.json").read_text())["roles"]["persona"]["slots"]
    assert [one["slot"] for one in slots] == ["history", "recent"]
    assert all(one["isDualAdapter"] for one in slots)
    assert slots[1] == {
        "modelName": "new",
        "slot": "recent",
        "scale": 0.5,
        "baseModel": "base",
        "baseSha256": new.base_sha256,
        "adapterPath": str(new.folder),
        "ggufAdapterPath": str(new.file),
        "evalScore": 1.0,
        "isDualAdapter": True,
        "activatedAt": slots[1]["activatedAt"],
        "activatedBy": "user",
        "override": "",
    }
    assert room.adapters.store.get("new").state == "active"


async def test_other_roles_are_untouched_on_the_same_model(room: Room) -> None:
    """S4-17, S4-14: persona answers adapted, coder on the base, and their settings stay byte for byte."""
    before = room.paths.registry.read_bytes()
    record = await room.evaluate_new()
    await room.adapters.activate(record.id, "recent")
    assert room.adapters.applied_to("persona", "base").adapters
    assert room.adapters.applied_to("coder", "base").adapters == ()
    assert room.adapters.applied_to("coder", "base").problem == ""
    assert room.paths.registry.read_bytes() == before


async def test_scale_switch_off_and_revert(room: Room) -> None:
    old, new = await room.evaluate_new("old", 1), await room.evaluate_new("new", 2)
    await room.adapters.activate(old.id, "recent")
    await room.adapters.scale(old.id, 0.25)
    await room.adapters.activate(new.id, "recent")
    assert [one.modelName for one in room.adapters.slots()] == ["new"]
    assert room.adapters.store.get("old").state == "evaluated"
    back = await room.adapters.revert()
    assert [(one.modelName, one.scale) for one in back] == [("old", 0.25)]
    assert (room.adapters.store.get("old").state, room.adapters.store.get("new").state) == ("active", "reverted")
    await room.adapters.switch_off("old")
    assert room.adapters.applied_to("persona", "base").adapters == ()
    await room.adapters.revert()
    assert [(one.modelName, one.scale) for one in room.adapters.slots()] == [("old", 0.25)]
    await room.adapters.revert()
    assert [(one.modelName, one.scale) for one in room.adapters.slots()] == [("old", 1.0)]
    await room.adapters.revert()
    assert room.adapters.slots() == ()
    with pytest.raises(TrayassistError, match="no earlier state"):
        await room.adapters.revert()
    assert len(room.audit.of("adapter_reverted")) == 4


async def test_scale_zero_counts_as_none_and_limits_are_told(room: Room) -> None:
    record = await room.evaluate_new()
    await room.adapters.activate(record.id, "history")
    await room.adapters.scale(record.id, 0.0)
    assert room.adapters.applied_to("persona", "base").adapters == ()
    for scale in (-0.1, 2.5, float("nan")):
        with pytest.raises(NotAllowed, match="between 0 and 2"):
            await room.adapters.scale(record.id, scale)
    other = await room.evaluate_new("other", 9)
    with pytest.raises(NotAllowed, match="not active"):
        await room.adapters.scale(other.id, 1)


async def test_one_adapter_in_both_slots_moves(room: Room) -> None:
    record = await room.evaluate_new()
    await room.adapters.activate(record.id, "history")
    await room.adapters.activate(record.id, "recent")
    assert [one.slot for one in room.adapters.slots()] == ["recent"]


async def test_an_active_adapter_is_not_removed_and_a_removed_one_does_not_come_back(room: Room) -> None:
    record = await room.evaluate_new()
    await room.adapters.activate(record.id, "recent")
    with pytest.raises(NotAllowed, match="is active"):
        await room.adapters.remove(record.id)
    await room.adapters.switch_off(record.id)
    await room.adapters.remove(record.id)
    assert not record.folder.exists()
    await room.adapters.revert()
    assert room.adapters.slots() == ()


async def test_what_was_rejected_is_not_brought_back(room: Room) -> None:
    record = await room.evaluate_new()
    await room.adapters.activate(record.id, "recent")
    await room.adapters.switch_off(record.id)
    await room.adapters.reject(record.id)
    await room.adapters.revert()
    assert room.adapters.slots() == ()
    assert room.adapters.store.get(record.id).state == "rejected"


async def test_what_no_longer_passes_is_not_brought_back(room: Room) -> None:
    record = await room.evaluate_new()
    await room.adapters.activate(record.id, "recent")
    await room.adapters.switch_off(record.id)
    golden(room, prompts=[{"prompt": "Who are you?", "checks": [{"contains": "nobody says this"}]}])
    assert (await evaluate(room, record)).state == "rejected"
    await room.adapters.revert()
    assert room.adapters.slots() == ()


async def test_a_crash_between_active_json_and_the_record_changes_nothing(room: Room) -> None:
    """active.json alone decides: an adapter that it names is active, whatever its own record says, and the reverse."""
    record = await room.evaluate_new()
    await room.adapters.activate(record.id, "recent")
    write_record(replace(room.adapters.store.get(record.id), state="evaluated"))
    assert [one.state for one in (await room.adapters.list())[0]] == ["active"]
    with pytest.raises(NotAllowed, match="is active already"):
        await room.adapters.reject(record.id)
    await room.adapters.switch_off(record.id)
    write_record(replace(room.adapters.store.get(record.id), state="active"))
    assert [one.state for one in (await room.adapters.list())[0]] == ["evaluated"]
    assert (await room.adapters.reject(record.id)).state == "rejected"


async def test_a_record_that_the_disk_does_not_take_changes_nothing(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What active.json says is so, and stands in the audit log, though the disk became full right after it."""
    record = await room.evaluate_new()

    def full(_: AdapterRecord) -> None:
        raise TrayassistError("adapter.json cannot be written: No space left on device.")

    monkeypatch.setattr("trayassist.models.adapters.manager.records.write", full)
    assert (await room.adapters.activate(record.id, "recent")).state == "active"
    assert len(room.audit.of("adapter_activated")) == 1
    assert (await room.adapters.switch_off(record.id)).state == "evaluated"


# ---------------------------------------------------------------- what is used, and why not


async def active(room: Room) -> AdapterRecord:
    record = await room.evaluate_new()
    return await room.adapters.activate(record.id, "recent")


async def test_a_missing_file_is_said_and_the_base_answers(room: Room) -> None:
    record = await active(room)
    record.file.unlink()
    assert room.adapters.applied_to("persona", "base").adapters == ()
    assert "mine is missing" in room.adapters.applied_to("persona", "base").problem
    assert "missing" in (await room.adapters.list())[0][0].problem


async def test_a_changed_file_is_said_and_a_restored_one_is_found_whole(room: Room) -> None:
    record = await active(room)
    whole = record.file.read_bytes()
    record.file.write_bytes(whole[:-1] + b"x")
    assert room.adapters.applied_to("persona", "base").adapters == ()
    assert "was changed" in room.adapters.applied_to("persona", "base").problem
    await room.adapters._applied.settle()
    assert room.adapters.applied_to("persona", "base").adapters == (), "its content is another"
    record.file.write_bytes(whole)  # from a backup: the same content with another date
    assert room.adapters.applied_to("persona", "base").adapters == ()
    await room.adapters._applied.settle()
    assert room.adapters.applied_to("persona", "base").adapters


async def test_another_base_is_never_used_under_it(room: Room) -> None:
    """F-21: not another model, and not another file under the same name."""
    record = await active(room)
    assert room.adapters.applied_to("persona", "other").adapters == ()
    assert "belongs to base; other answered" in room.adapters.applied_to("persona", "other").problem
    tiny.write(room.paths.models / "base.gguf", tiny.shape("qwen2", seed=99))
    assert room.adapters.applied_to("persona", "base").adapters == ()
    assert "not the one that mine was made for" in room.adapters.applied_to("persona", "base").problem
    await room.adapters._applied.settle()
    assert room.adapters.applied_to("persona", "base").adapters == ()
    with pytest.raises(NotAllowed, match="made for another file of base"):
        await room.adapters.activate(record.id, "history")
    with pytest.raises(NotAllowed, match="made for another file of base"):
        await evaluate(room, record)


async def test_a_base_that_was_only_touched_is_used_again(room: Room) -> None:
    await active(room)
    os.utime(room.paths.models / "base.gguf", (1, 1))
    assert room.adapters.applied_to("persona", "base").adapters == ()
    await room.adapters._applied.settle()
    assert room.adapters.applied_to("persona", "base").adapters


async def test_a_damaged_state_file_is_said(room: Room) -> None:
    await active(room)
    for text in ("{", '{"roles": {"persona": {"slots": [{"slot": "attic"}], "before": []}}}', "[]"):
        (room.paths.adapters / "active.json").write_text(text)
        assert room.adapters.applied_to("persona", "base").adapters == ()
        assert "active.json is damaged" in room.adapters.applied_to("persona", "base").problem


async def test_another_process_may_change_what_is_active(room: Room) -> None:
    await active(room)
    file = room.paths.adapters / "active.json"
    state = json.loads(file.read_text())
    state["roles"]["persona"]["slots"][0]["scale"] = 0.125
    await asyncio.sleep(0.01)
    file.write_text(json.dumps(state))
    assert room.adapters.applied_to("persona", "base").adapters[0]["scale"] == 0.125


async def test_who_follows_is_told_of_every_change(room: Room) -> None:
    told: list[int] = []
    room.adapters.changed.append(lambda: told.append(1))
    record = await room.evaluate_new()
    assert len(told) == 3
    await room.adapters.activate(record.id, "recent")
    await room.adapters.scale(record.id, 0.5)
    await room.adapters.revert()
    assert [one.scale for one in room.adapters.slots()] == [1.0]  # as before it was changed
    await room.adapters.switch_off(record.id)
    await room.adapters.remove(record.id)
    assert len(told) == 8


# ---------------------------------------------------------------- out of here


async def test_an_adapter_is_exported_as_its_folder(room: Room, tmp_path: Path) -> None:
    record = await room.evaluate_new()
    copy = await room.adapters.export(record.id, tmp_path / "out")
    assert (copy / "adapter.gguf").read_bytes() == record.file.read_bytes()
    assert json.loads((copy / "adapter.json").read_text())["evaluation"]["passed"]
    with pytest.raises(NotAllowed, match="there already"):
        await room.adapters.export(record.id, tmp_path / "out")


COUNTS = """
import sys
from dataclasses import replace
from pathlib import Path
from trayassist.models.adapters.store import Store
for _ in range(10):
    Store(Path(sys.argv[1])).change(sys.argv[2], lambda record: replace(record, rank=record.rank + 1))
"""


async def test_processes_that_change_a_record_at_once_lose_nothing(room: Room) -> None:
    record = await room.take()
    command = [sys.executable, "-c", COUNTS, str(room.paths.adapters), record.id]
    writers = [await asyncio.create_subprocess_exec(*command) for _ in range(4)]
    assert [await writer.wait() for writer in writers] == [0] * 4
    assert room.adapters.store.get(record.id).rank == record.rank + 40
