"""Training data from the history: only answers of persona's model, redacted, with role and mode (S4-11)."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from trayassist.api import Finish, Finished, Kind, NotAllowed, Request, Risk, Route, Timings, TrayassistError, Verdict
from trayassist.memory.history import History
from trayassist.models.adapters import training
from trayassist.paths import Paths


async def keep(
    history: History,
    question: str,
    answer: str,
    *,
    role: str = "persona",
    model: str | None = "base",
    finish: Finish = Finish.STOP,
) -> None:
    route = Route(kind=Kind.CHAT, role=role, text=question, confidence=1, method="rules", reason="", model=model)
    finished = Finished(
        finish=finish, answer=answer, route=route, verdict=Verdict(risk=Risk.LOW), timings=Timings(), model=model
    )
    await history.add(Request(text=question), finished, mode="dual")


async def test_only_finished_answers_of_personas_model_are_written(home: Paths, tmp_path: Path) -> None:
    history = History(home)
    try:
        await keep(history, "Who are you?", "I am your own assistant.")
        await keep(history, "Who are you?", "I am your own assistant.")
        await keep(history, "Write a loop", "for i in range(3): pass", role="coder")
        await keep(history, "What is the fee?", "The fee is 5 %, it says.", model=None)
        await keep(history, "Tell me more", "I was going to", finish=Finish.CANCELLED)
        await keep(history, "Yes?", "Yes.")
        await keep(history, "My key is sk-abcdefghijklmnopqrstuvwx1234567890", "I will not repeat that key.")
        target = tmp_path / "out" / "training.jsonl"
        found = training.export(reversed(await history.recent(100)), target)
    finally:
        await history.close()
    assert (found.pairs, dict(found.left_out)) == (
        2,
        {
            "there twice": 1,
            "of another role than persona": 1,
            "answered without a model": 1,
            "not finished": 1,
            "too short": 1,
        },
    )
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    rows = [json.loads(line) for line in target.read_text().splitlines()]
    assert rows[0]["messages"] == [
        {"role": "user", "content": "Who are you?"},
        {"role": "assistant", "content": "I am your own assistant."},
    ]
    assert {row["metadata"]["role"] for row in rows} == {"persona"}
    assert rows[0]["metadata"]["cognitiveMode"] == "dual"
    assert rows[0]["metadata"]["model"] == "base"
    assert "sk-abc" not in target.read_text()


async def test_nothing_is_overwritten_and_nothing_to_train_on_is_said(home: Paths, tmp_path: Path) -> None:
    history = History(home)
    try:
        with pytest.raises(NotAllowed, match="nothing to train on"):
            training.export(await history.recent(100), tmp_path / "a.jsonl")
        assert not (tmp_path / "a.jsonl").exists()
        await keep(history, "Who are you?", "I am your own assistant.")
        turns = await history.recent(100)
    finally:
        await history.close()
    (tmp_path / "there").write_text("mine")
    with pytest.raises(NotAllowed, match="there already"):
        training.export(turns, tmp_path / "there")
    assert (tmp_path / "there").read_text() == "mine"
    (tmp_path / "file").write_text("")
    with pytest.raises(TrayassistError, match="cannot be written"):
        training.export(turns, tmp_path / "file" / "below")
