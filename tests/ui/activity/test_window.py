"""The audit log read from its end, its filters (S1-04, F-25), and the history."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton

from tests.ui.parts import PartAssistant
from tests.waiting import until
from trayassist.api import Citation, Finish, Finished, Kind, Request, Risk, Route, Timings, Verdict
from trayassist.models.registry.schema import Model
from trayassist.safety import audit_log
from trayassist.safety.audit_log import Filter, destructive_commands, high_risk_this_week, read
from trayassist.ui.activity.detail import fields_in_words, sentence
from trayassist.ui.activity.window import ALL, DESTRUCTIVE, HIGH_RISK, ActivityWindow

TODAY = date.today()


def write(folder: Path, day: date, *records: dict[str, object]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{day}.ndjson").open("a", encoding="utf-8") as file:
        for number, record in enumerate(records):
            at = f"{day}T10:00:{number % 60:02}+00:00"
            file.write(json.dumps({"ts": at, **record}, ensure_ascii=False) + "\n")


def numbers(found: audit_log.LogPage) -> list[object]:
    return [record.fields.get("n") for record in found.records]


# ---------------------------------------------------------------- reading the log


@pytest.mark.parametrize("block", [7, 64, 256 * 1024])
def test_lines_come_newest_first_whatever_the_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(audit_log, "BLOCK_BYTES", block)
    write(tmp_path, TODAY - timedelta(days=1), *({"event": "answer", "n": n} for n in range(5)))
    write(tmp_path, TODAY, *({"event": "answer", "n": n, "text": "ä" * n} for n in range(5, 30)))
    found = read(tmp_path, Filter(), limit=1000)
    assert numbers(found) == list(range(29, -1, -1))
    assert found.older is None
    assert found.reached == str(TODAY - timedelta(days=1))


def test_reading_goes_on_where_it_ended(tmp_path: Path) -> None:
    for back in range(3):
        write(tmp_path, TODAY - timedelta(days=back), *({"event": "x", "n": (back, n)} for n in range(4)))
    first = read(tmp_path, Filter(), limit=5)
    write(tmp_path, TODAY, {"event": "x", "n": "new"})  # the log grows meanwhile
    seen, older = list(numbers(first)), first.older
    while older is not None:
        more = read(tmp_path, Filter(), older, limit=5)
        seen += numbers(more)
        older = more.older
    assert seen == [[back, n] for back in range(3) for n in (3, 2, 1, 0)], "none lost, none twice"


def test_a_rare_filter_ends_after_a_bounded_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F-25: a log of any size costs what is looked at."""
    monkeypatch.setattr(audit_log, "MOST_BYTES", 2_000)
    write(tmp_path, TODAY, {"event": "rare", "n": 1}, *({"event": "common", "n": n} for n in range(100)))
    found = read(tmp_path, Filter(event="rare"))
    assert found.records == ()
    assert found.older is not None
    rounds, older = 0, found.older
    while older is not None:
        found = read(tmp_path, Filter(event="rare"), older)
        older, rounds = found.older, rounds + 1
    assert numbers(found) == [1]
    assert rounds > 1


def test_an_unfinished_last_line_and_rubbish_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, TODAY, {"event": "a", "n": 1})
    with (tmp_path / f"{TODAY}.ndjson").open("ab") as file:
        file.write(b"not json\n[1, 2]\n\xff\xfe\n\n" + b'{"event": "half')
    assert numbers(read(tmp_path, Filter())) == [1]


def test_no_log_yet_is_no_error(tmp_path: Path) -> None:
    assert read(tmp_path / "nowhere", Filter()).records == ()


def test_s1_04_high_risk_this_week_returns_exactly_the_seeded_records(tmp_path: Path) -> None:
    for back in (0, 3, 6, 7, 20):
        day = TODAY - timedelta(days=back)
        write(tmp_path, day, *({"event": "verdict", "risk_level": level, "n": f"{level} {back}"}
                               for level in ("low", "medium", "unchecked", "high")))  # fmt: skip
    assert numbers(read(tmp_path, high_risk_this_week())) == ["high 0", "high 3", "high 6"]


def test_s1_04_destructive_commands_returns_exactly_the_seeded_records(tmp_path: Path) -> None:
    write(
        tmp_path,
        TODAY,
        {"event": "verdict", "tags": ["destructive_command"], "n": 1},
        {"event": "verdict", "tags": ["jailbreak_probe"], "n": 2},
        {"event": "verdict", "tags": ["jailbreak_probe", "destructive_command"], "n": 3},
        {"event": "answer", "notes": "destructive_command", "n": 4},
    )
    assert numbers(read(tmp_path, destructive_commands())) == [3, 1]


def test_filters_narrow_together(tmp_path: Path) -> None:
    write(
        tmp_path,
        TODAY,
        {"event": "answer", "risk_level": "high", "role": "coder", "run_id": "r1", "n": 1},
        {"event": "answer", "risk_level": "medium", "role": "coder", "run_id": "r2", "n": 2},
        {"event": "verdict", "risk_level": "high", "role": "coder", "run_id": "r1", "n": 3},
    )
    assert numbers(read(tmp_path, Filter(event="answer", risk="medium"))) == [2, 1]
    assert numbers(read(tmp_path, Filter(text="CODER answer"))) == [2, 1]
    assert numbers(read(tmp_path, Filter(run="r1"))) == [3, 1]
    yesterday = str(TODAY - timedelta(days=1))
    assert numbers(read(tmp_path, Filter(until=yesterday))) == []


# ---------------------------------------------------------------- the window


async def open_window(assistant: PartAssistant) -> ActivityWindow:
    window = ActivityWindow(assistant)  # type: ignore[arg-type]
    window.show()
    window.show_activity()
    await until(lambda: window.records.line.text())
    return window


def shown_numbers(window: ActivityWindow) -> list[object]:
    return [row.record.fields.get("n") for row in window.records.table.rows.shown]


async def test_an_empty_log_says_what_will_stand_there(assistant: PartAssistant) -> None:
    window = await open_window(assistant)
    assert window.records._stack.currentIndex() == 1


async def test_saved_filters_and_fields(assistant: PartAssistant) -> None:
    write(
        assistant.paths.audit,
        TODAY,
        {"event": "verdict", "risk_level": "high", "tags": ["destructive_command"], "n": 1},
        {"event": "verdict", "risk_level": "low", "n": 2},
        {"event": "refused", "risk_level": "high", "reason": "It asks for keys.", "n": 3},
    )
    window = await open_window(assistant)
    assert shown_numbers(window) == [3, 2, 1]
    window.sidebar.setCurrentRow(HIGH_RISK)
    await until(lambda: shown_numbers(window) == [3, 1])
    window.sidebar.setCurrentRow(DESTRUCTIVE)
    await until(lambda: shown_numbers(window) == [1])
    window.records.clear.click()
    await until(lambda: shown_numbers(window) == [3, 2, 1])
    window.records.kind.setCurrentIndex(window.records.kind.findData("refused"))
    await until(lambda: shown_numbers(window) == [3])
    window.records.kind.setCurrentIndex(0)
    window.records.text.setText("keys")
    await until(lambda: shown_numbers(window) == [3])


async def test_a_filter_that_answers_late_is_dropped(assistant: PartAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    write(assistant.paths.audit, TODAY, {"event": "answer", "n": 1}, {"event": "refused", "n": 2})
    window = await open_window(assistant)
    gate, plain = threading.Event(), read

    def slow(folder: Path, wanted: Filter, *rest: object) -> audit_log.LogPage:
        found = plain(folder, wanted, *rest)  # type: ignore[arg-type]
        if wanted.event == "answer":
            gate.wait(10)
        return found

    monkeypatch.setattr(audit_log, "read", slow)
    for event in ("answer", "refused"):
        window.records.kind.setCurrentIndex(window.records.kind.findData(event))
        await asyncio.sleep(0.05)
    await until(lambda: shown_numbers(window) == [2])
    gate.set()
    await asyncio.sleep(0.2)
    assert shown_numbers(window) == [2]


async def test_more_records_are_read_as_the_list_is_scrolled(assistant: PartAssistant) -> None:
    write(assistant.paths.audit, TODAY, *({"event": "answer", "n": n} for n in range(500)))
    window = await open_window(assistant)
    assert len(shown_numbers(window)) == 200
    assert "scroll for more" in window.records.line.text()
    bar = window.records.table.verticalScrollBar()

    def scroll_until(count: int) -> bool:
        bar.setValue(bar.maximum())  # which grows some time after the rows came
        return len(shown_numbers(window)) >= count

    await until(lambda: scroll_until(201))
    await until(lambda: scroll_until(500))
    assert shown_numbers(window) == list(range(499, -1, -1))
    assert window.records.line.text() == "500 records"


async def test_new_records_appear_while_the_window_is_open(assistant: PartAssistant) -> None:
    write(assistant.paths.audit, TODAY, {"event": "answer", "n": 1})
    window = await open_window(assistant)
    assistant.audit.write("answer", n=2)
    await until(lambda: shown_numbers(window) == [2, 1])


async def test_a_record_shows_its_fields_and_its_exchange(assistant: PartAssistant) -> None:
    write(
        assistant.paths.audit,
        TODAY,
        {"event": "route_decision", "run_id": "r1", "role": "coder", "signals": ["code words"], "n": 1},
        {"event": "answer", "run_id": "r1", "latencyMs": 38.2, "citations": 2, "n": 2},
        {"event": "answer", "run_id": "r2", "n": 3},
    )
    window = await open_window(assistant)
    assert shown_numbers(window) == [3, 2]
    window.records.table.select([1])
    assert window.records.detail._title.text() == "Answer"
    texts = [one.text() for one in window.records.detail.findChildren(QLabel) if one.isVisible()]
    assert ("Took" in texts, "38 ms" in texts) == (True, True)
    assert not {"latencyMs", "ts", "run_id"} & set(texts), "keys of the log are for those who ask for them"
    (fold,) = (one for one in window.records.detail.findChildren(QPushButton) if one.isCheckable())
    fold.click()
    assert "latencyMs" in [one.text() for one in window.records.detail.findChildren(QLabel) if one.isVisible()]
    window.records.detail._copy.click()
    assert json.loads(QGuiApplication.clipboard().text())["latencyMs"] == 38.2
    window.records.detail._whole.click()
    await until(lambda: shown_numbers(window) == [2, 1])


async def test_a_log_that_cannot_be_written_is_said(assistant: PartAssistant, german: None) -> None:
    assistant.audit.problem = "The audit log cannot be written (No space left on device). Free some space or check /d."
    window = await open_window(assistant)
    assert window.records.line.text().startswith("Das Protokoll der Aktivität lässt sich nicht schreiben (")


async def ask(assistant: PartAssistant, question: str, answer: str, *, mode: str = "", **more: Any) -> None:
    route = Route(kind=Kind.CHAT, role="persona", text="", confidence=1, method="rules", reason="")
    values = {"finish": Finish.STOP, "answer": answer, "route": route, "timings": Timings()}
    finished = Finished(**(values | {"verdict": Verdict(risk=Risk.LOW)} | more))
    await assistant.history.add(Request(text=question), finished, mode=mode)


async def test_f_17_an_old_answer_says_model_adapters_mode_and_host(
    assistant: PartAssistant,
) -> None:
    cited = Citation(number=1, path="/d/lease.pdf", title="", page=4, quote="5 %", start=0, end=3)
    await ask(assistant, "Hello?", "Hello.")
    await ask(assistant, "From memory?", "Yes [1].", citations=(cited,))
    await ask(assistant, "And locally?", "Yes.", model="small")
    await ask(assistant, "Who?", "I.", mode="dual", model="gpt-5", host="api.openai.com", adapters=("mine", "newest"))
    assistant.registry.models["small"] = Model(file="/models/Qwen-3B-Q4_K_M.gguf")
    window = await open_window(assistant)
    window.show_history()
    answers = window.history
    await until(lambda: answers.question.text() == "Who?")
    how = "Assistant · gpt-5 · mine · newest · mode Inventive · sent to api.openai.com · "
    assert answers.how.text().startswith(how)
    for at, source in enumerate(("Qwen-3B-Q4_K_M", "From your documents", "Without a model"), 1):
        answers.table.select([at])
        assert answers.how.text().startswith(f"Assistant · {source} · "), answers.how.text()


def test_a_record_names_models_as_windows_do_and_says_when_there_was_none(qapp: object) -> None:
    models = {"small": Model(file="/models/Qwen-3B-Q4_K_M.gguf")}

    def say(**fields: object) -> str:
        return sentence(audit_log.AuditRecord(str(TODAY), 0, fields), models)

    assert say(event="answer", actual_model="small", latencyMs=38.2) == "Qwen-3B-Q4_K_M · 38 ms"
    assert say(event="answer", latencyMs=38.2, finish="stop") == "Without a model · 38 ms"
    assert say(event="answer", latencyMs=38.2, finish="failed", error="No.") == "No answer · 38 ms · No."
    assert say(event="llm_call", actual_model="small") == "Qwen-3B-Q4_K_M"
    assert say(event="model_loaded", actual_model="small") == "Qwen-3B-Q4_K_M"
    record = audit_log.AuditRecord(str(TODAY), 0, {"event": "answer", "actual_model": "small", "provider": "mock"})
    assert fields_in_words(record, models) == [("Model", "Qwen-3B-Q4_K_M"), ("Provider", "Made-up answers")]


@pytest.mark.parametrize(
    "answer",
    ["Use std::vector<int> here; if a<b, so be it.\n\nThe last line.", "---\nfirst\n\nlast", "<b>all</b> & more"],
)
async def test_an_old_answer_is_whole(assistant: PartAssistant, answer: str) -> None:
    await ask(assistant, "What?", answer)
    window = await open_window(assistant)
    window.show_history()
    await until(lambda: window.history.answer.is_complete and window.history.answer.toPlainText())
    words = "".join(re.findall(r"\w+|[<>&]", answer))
    assert "".join(re.findall(r"\w+|[<>&]", window.history.answer.toPlainText())) == words


async def test_past_answers_are_found_read_and_asked_again(assistant: PartAssistant) -> None:
    cited = Citation(number=1, path="/d/lease.pdf", title="", page=4, quote="5 %", start=0, end=3)
    await ask(assistant, "What are the late fees?", "A fee of **5 %** [1].", citations=(cited,))
    await ask(assistant, "When do the bins go out?", "On Tuesday.")
    window = await open_window(assistant)
    window.show_history()
    answers = window.history
    await until(lambda: len(answers.table.rows.shown) == 2)
    assert answers.question.text() == "When do the bins go out?"
    answers.field.setText("fee")
    await until(lambda: answers.question.text() == "What are the late fees?")
    await until(lambda: answers.answer.toPlainText() == "A fee of 5 % [1].")
    assert answers.citations.item(0).text() == "[1] lease.pdf, p. 4"
    again: list[str] = []
    window.asked.connect(again.append)
    answers._ask_again()
    assert again == ["What are the late fees?"]


async def test_the_history_is_the_first_page_with_the_newest_question_open(assistant: PartAssistant) -> None:
    await ask(assistant, "When do the bins go out?", "On Tuesday.")
    window = ActivityWindow(assistant)  # type: ignore[arg-type]
    window.show()
    await until(lambda: window.history.question.text() == "When do the bins go out?")
    assert window.sidebar.currentRow() == 0


async def test_a_question_is_pinned_to_the_top_and_let_go(assistant: PartAssistant) -> None:
    for question in ("one", "two"):
        await ask(assistant, question, "x")
    window = await open_window(assistant)
    window.show_history()
    page = window.history
    await until(lambda: [e.question for e in page.table.rows.shown] == ["two", "one"])
    page.table.select([1])
    page.pin_button.click()
    await until(lambda: [e.question for e in page.table.rows.shown] == ["one", "two"])
    assert page.question.text() == "one"
    await until(lambda: page.pin_button.text() == "Un&pin")
    page.pin_button.click()
    await until(lambda: [e.question for e in page.table.rows.shown] == ["two", "one"])


async def test_a_question_is_deleted_once_that_is_confirmed(assistant: PartAssistant) -> None:
    for question in ("one", "two"):
        await ask(assistant, question, "x")
    window = await open_window(assistant)
    window.show_history()
    page = window.history
    await until(lambda: len(page.table.rows.shown) == 2)
    page.delete_button.click()
    assert "“two”" in window.notice.text
    assert len(await assistant.history.recent()) == 2
    window.notice._yes.click()
    await until(lambda: [e.question for e in page.table.rows.shown] == ["one"])
    assert [entry.question for entry in await assistant.history.recent()] == ["one"]


async def test_what_is_forgotten_elsewhere_leaves_every_list(assistant: PartAssistant) -> None:
    await ask(assistant, "What are the late fees?", "A fee.")
    (entry,) = await assistant.history.recent()
    write(
        assistant.paths.audit,
        TODAY,
        {"event": "route_decision", "run_id": entry.request_id},
        {"event": "answer", "run_id": entry.request_id},
    )
    window = await open_window(assistant)
    window.show_history()
    await until(lambda: window.history.question.text() == "What are the late fees?")
    assert [row.question for row in window.records.table.rows.shown] == ["What are the late fees?"]
    await assistant.history.forget_all()
    await until(lambda: not window.history.table.rows.shown)
    await until(lambda: [row.question for row in window.records.table.rows.shown] == [""])
    window.close()
    assert assistant.history.on_forget == []


async def test_history_is_exported_as_markdown_or_json_for_its_owner_only(
    assistant: PartAssistant, tmp_path: Path
) -> None:
    cited = Citation(number=1, path="/d/lease.pdf", title="", page=4, quote="5 %", start=0, end=3)
    await ask(assistant, "What are the late fees?", "A fee of **5 %** [1].", citations=(cited,))
    await ask(assistant, "When do the bins go out?", "On Tuesday.")
    window = await open_window(assistant)
    window.show_history()
    page = window.history
    await until(lambda: len(page.table.rows.shown) == 2)
    await page.export(tmp_path / "out.md")
    text = (tmp_path / "out.md").read_text()
    assert text.startswith("## When do the bins go out?\n")
    assert "A fee of **5 %** [1].\n\n- [1] lease.pdf, p. 4\n" in text
    assert (tmp_path / "out.md").stat().st_mode & 0o777 == 0o600
    await page.export(tmp_path / "out.json")
    assert [one["question"] for one in json.loads((tmp_path / "out.json").read_text())] == [
        "When do the bins go out?",
        "What are the late fees?",
    ]
    window.run(page.export(tmp_path / "no such folder" / "out.md"))
    await until(lambda: "could not be written" in window.notice.text)


async def test_a_question_is_one_line_that_unfolds_into_its_events(assistant: PartAssistant) -> None:
    await ask(assistant, "What are the late fees?", "A fee.")
    (entry,) = await assistant.history.recent()
    run = entry.request_id
    write(
        assistant.paths.audit,
        TODAY,
        {"event": "ingest", "n": 0},
        {"event": "route_decision", "run_id": run, "n": 1},
        {"event": "verdict", "run_id": run, "risk_level": "medium", "tags": ["personal_data"], "n": 2},
        {"event": "answer", "run_id": run, "risk_level": "low", "n": 3},
    )
    window = await open_window(assistant)
    assert shown_numbers(window) == [3, 0]
    head = window.records.table.rows.shown[0]
    assert (head.question, head.events, head.risk) == ("What are the late fees?", 3, "medium")
    window.records.table.opened.emit(head)
    assert shown_numbers(window) == [3, 3, 2, 1, 0]
    window.records.table.opened.emit(window.records.table.rows.shown[0])
    assert shown_numbers(window) == [3, 0]
    window.records.tag.setCurrentIndex(window.records.tag.findData("personal_data"))
    await until(lambda: shown_numbers(window) == [2])
    window.sidebar.setCurrentRow(ALL)
