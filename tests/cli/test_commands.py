"""The command line as a person or a script uses it: the real program, real workers, real PDFs (shapes of the verbs)."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from trayassist.cli.runner import absolute_path
from trayassist.memory.queue import FileQueue
from trayassist.paths import Paths, shipped_file

SAMPLES = shipped_file("resources/samples")


def trayassist(*arguments: str, given: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "trayassist", *arguments],
        input=given if given is not None else "",
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def objects(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert done.stderr == "" or done.returncode, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def samples_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that remembers the three sample documents."""
    folder = tmp_path_factory.mktemp("samples-home")
    done = trayassist("ingest", str(SAMPLES), "--json", TRAYASSIST_HOME=str(folder))
    assert done.returncode == 0, done
    return folder


@pytest.fixture
def home_with_samples(samples_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRAYASSIST_HOME", str(samples_home))
    return samples_home


def test_ingest_prints_a_line_per_file_and_a_summary(tmp_path: Path) -> None:
    files = sorted(SAMPLES.glob("*.pdf"))
    *lines, summary = objects(trayassist("ingest", *map(str, files), "--json"))
    assert [set(line) for line in lines] == [
        {"path", "status", "pages", "ocr_pages", "passages", "ms", "reason"} for _ in files
    ]
    assert {line["path"]: line["status"] for line in lines} == {str(file): "ingested" for file in files}
    assert summary["summary"] is True
    assert (summary["files"], summary["ingested"], summary["pages"]) == (3, 3, 9)
    again = objects(trayassist("ingest", str(SAMPLES), "--json"))
    assert {line["status"] for line in again[:-1]} == {"unchanged"}


def test_a_file_that_cannot_be_read_has_a_reason_and_an_exit_code(tmp_path: Path) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.4 nothing else")
    program = tmp_path / "program.exe"
    program.write_bytes(b"MZ\x00\x01")
    done = trayassist("ingest", str(broken), str(program), str(tmp_path / "missing.pdf"), "--json")
    *lines, _summary = objects(done)
    assert done.returncode == 3
    assert {Path(line["path"]).name: line["status"] for line in lines} == {
        "broken.pdf": "failed",
        "program.exe": "refused",
        "missing.pdf": "failed",
    }
    assert all(line["reason"].endswith(".") and "Traceback" not in line["reason"] for line in lines)


def test_an_encrypted_pdf_asks_for_its_password(tmp_path: Path) -> None:
    path = tmp_path / "secret.pdf"
    with pymupdf.open() as document:
        document.new_page().insert_text((72, 72), "The vault code is 7391.")
        document.save(path, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="sesame", owner_pw="owner")
    assert objects(trayassist("ingest", str(path), "--json"))[0]["status"] == "needs_password"
    wrong = objects(trayassist("ingest", str(path), "--password", "nope", "--json"))[0]
    assert wrong["status"] == "needs_password"
    right = objects(trayassist("ingest", str(path), "--password", "sesame", "--json"))[0]
    assert (right["status"], right["pages"]) == ("ingested", 1)


def test_ask_streams_events_and_ends_with_the_answer(home_with_samples: Path) -> None:
    events = objects(trayassist("ask", "What is the late fee in the Miller lease?", "--json"))
    assert events[0]["event"] == "routed"
    last = events[-1]
    assert last["event"] == "finished"
    assert {"answer", "found", "citations", "route", "verdict", "timings"} <= set(last)
    assert last["found"] is True
    assert "5 percent" in last["answer"]
    assert {"path", "page", "quote"} <= set(last["citations"][0])
    cited = {(Path(c["path"]).name, c["page"]) for c in last["citations"]}
    assert ("Miller-lease.pdf", 2) in cited
    assert last["verdict"]["risk"] == "low"
    assert last["route"]["role"] == "persona"
    assert "".join(e["text"] for e in events if e["event"] == "chunk") == last["answer"]


def test_ask_says_so_when_nothing_is_about_it(home_with_samples: Path) -> None:
    last = objects(trayassist("ask", "Who painted the ceiling of the Sistine Chapel?", "--json"))[-1]
    assert last["found"] is False
    assert "Nothing in your documents seems to be about this" in last["answer"]
    assert last["nearest"]
    assert last["citations"] == []


def test_ask_for_people_prints_the_answer_and_its_pages(home_with_samples: Path) -> None:
    done = trayassist("ask", "How often should the espresso machine be descaled?")
    assert done.returncode == 0
    assert "every two months" in done.stdout
    assert "Aurora-E3-manual.pdf, page 2" in done.stdout
    assert "low risk" in done.stderr


def test_ask_with_an_empty_memory_says_how_to_fill_it() -> None:
    last = objects(trayassist("ask", "What is the late fee?", "--json"))[-1]
    assert last["found"] is False
    assert "ingest" in last["answer"]


def test_search_and_its_batch(home_with_samples: Path) -> None:
    (found,) = objects(trayassist("search", "warranty of the espresso machine", "--limit", "2", "--json"))
    assert len(found["results"]) == 2
    assert ("Aurora-E3-manual.pdf", 3) in {(Path(r["path"]).name, r["page"]) for r in found["results"]}
    batch = "\n".join(json.dumps({"id": n, "query": q}) for n, q in enumerate(["deposit", "net income 2025"]))
    first, second = objects(trayassist("search", "--batch", "-", given=batch))
    assert [set(line) >= {"id", "results", "ms"} for line in (first, second)] == [True, True]
    assert set(first["results"][0]) == {"path", "page", "score", "text"}
    assert Path(second["results"][0]["path"]).name == "Harbor-Robotics-annual-report-2025.pdf"


def test_route_and_its_batch(tmp_path: Path) -> None:
    (route,) = objects(trayassist("route", "Write a function to parse JSON", "--json"))
    assert {"kind", "role", "confidence", "method", "reason", "model_calls", "ms"} <= set(route)
    assert (route["kind"], route["role"], route["model_calls"]) == ("code", "coder", 0)
    batch = tmp_path / "batch.ndjson"
    batch.write_text('{"id": "a", "text": "/code hi"}\n\n{"id": "b", "text": "How are you feeling today?"}\n')
    lines = objects(trayassist("route", "--batch", str(batch)))
    assert [(line["id"], line["kind"]) for line in lines] == [("a", "code"), ("b", "chat")]


def test_inspect_and_its_batch() -> None:
    (verdict,) = objects(trayassist("inspect", "rm -rf / --no-preserve-root", "--as", "command", "--json"))
    assert (verdict["risk"], "destructive_command" in verdict["tags"]) == ("high", True)
    batch = "\n".join(
        json.dumps({"id": n, "text": text, "as": part})
        for n, (text, part) in enumerate([("ls -la", "command"), ("What is the capital of France?", "prompt")])
    )
    lines = objects(trayassist("inspect", "--batch", "-", given=batch))
    assert [(line["risk"], set(line) >= {"score", "tags", "matched", "ms"}) for line in lines] == [("low", True)] * 2


@pytest.mark.parametrize("verb", ["ask", "search", "route"])
def test_nothing_asked_is_a_usage_error(verb: str) -> None:
    done = trayassist(verb, "  ")
    assert (done.returncode, done.stdout) == (2, "")
    assert "is empty" in done.stderr


def test_a_batch_that_cannot_be_read_is_said_in_words(tmp_path: Path) -> None:
    done = trayassist("search", "--batch", str(tmp_path / "gone.ndjson"))
    assert done.returncode == 3
    assert done.stderr.strip().endswith(
        "gone.ndjson cannot be read: No such file or directory. Check the path and try again."
    )


@pytest.mark.parametrize("verb", ["search", "route", "inspect"])
def test_a_bad_batch_line_is_named_and_costs_only_itself(verb: str) -> None:
    """Two outcomes a script needs: every line has its answer in order, and the exit code tells that one had none."""
    field = "query" if verb == "search" else "text"
    good = json.dumps({"id": "good", field: "a\u2028b\x85c"}, ensure_ascii=False)
    half = json.dumps({"id": "half", field: "\ud800 x"})
    given = "\n".join(
        ['{"id": 1}', "{oops", good, "[1]", json.dumps({"id": 2, field: 7}), half, '{"id": "\\udc00"}', good]
    )
    done = trayassist(verb, "--batch", "-", given=given)
    assert done.returncode == 3
    lines = [json.loads(line) for line in done.stdout.split("\n") if line]
    assert [line["id"] for line in lines] == [1, None, "good", None, 2, "half", "\udc00", "good"]
    assert ["error" in line for line in lines] == [True, True, False, True, True, False, True, False]
    assert "Line 2" in lines[1]["error"]


@pytest.mark.parametrize(("verb", "more"), [("route", ()), ("inspect", ("--as", "answer")), ("search", ())])
def test_bad_bytes_in_an_argument_are_no_crash(verb: str, more: tuple[str, ...]) -> None:
    done = trayassist(verb, "caf\udce9 \x01\x1b[31m", *more, "--json")
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)


def test_an_empty_request_is_an_error_of_the_exit_code_too() -> None:
    done = trayassist("route", "  ", "--json")
    assert done.returncode != 0
    assert "empty" in done.stdout + done.stderr


def test_memory_lists_and_forgets(tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("The boat is moored at pier nine.\n")
    trayassist("ingest", str(note))
    trayassist("ask", "remember that the boat key hangs behind the door")
    document, fact = objects(trayassist("memory", "list", "--json"))
    assert (document["path"], document["complete"]) == (str(note), True)
    assert "boat key hangs behind the door" in fact["fact"]
    shown = objects(trayassist("memory", "show", str(note), "--json"))
    assert shown == [{"page": 1, "start": 0, "end": 32, "text": "The boat is moored at pier nine."}]
    assert "page 1, characters 0-32\nThe boat is moored" in trayassist("memory", "show", str(note)).stdout
    unknown = trayassist("memory", "show", str(tmp_path / "other.txt"))
    assert unknown.returncode != 0
    assert "is not in memory" in unknown.stderr
    assert objects(trayassist("memory", "forget", str(note), "--json")) == [{"forgotten": 1}]
    assert trayassist("memory", "forget", str(note)).returncode == 1
    without_terminal = trayassist("memory", "forget", "--all")
    assert without_terminal.returncode == 1
    assert "Not done" in without_terminal.stderr
    assert trayassist("memory", "forget", "--all", "--yes").returncode == 0
    assert trayassist("memory", "list", "--json").stdout == ""


def test_a_path_that_goes_up_names_the_same_file_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "note.txt").write_text("The boat is moored at pier nine.\n")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    trayassist("ingest", "../docs/note.txt")
    asked = trayassist("ask", "What is this about?", "--file", "../docs/note.txt")
    assert "not in memory" not in asked.stdout + asked.stderr
    assert objects(trayassist("memory", "forget", "../docs", "--json")) == [{"forgotten": 1}]


@pytest.mark.skipif(sys.platform == "win32", reason="makes a symbolic link")
def test_a_link_keeps_its_name_and_is_followed_before_it_goes_up(tmp_path: Path) -> None:
    (tmp_path / "far" / "inner").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "far" / "inner")
    assert absolute_path(f"{tmp_path}/link/a.txt") == f"{tmp_path}/link/a.txt"
    assert absolute_path(f"{tmp_path}/far/../link/a.txt") == f"{tmp_path}/link/a.txt"
    assert absolute_path(f"{tmp_path}/link/../a.txt") == f"{tmp_path.resolve()}/far/a.txt"


def test_facts_are_answered_from(tmp_path: Path) -> None:
    trayassist("ask", "Remember that my locker number is 4417.")
    last = objects(trayassist("ask", "What is my locker number?", "--json"))[-1]
    assert "4417" in last["answer"]


def test_follow_up_questions_keep_their_context(home_with_samples: Path) -> None:
    trayassist("ask", "What was the revenue of Harbor Robotics in 2025?", "--conversation", "talk")
    last = objects(trayassist("ask", "And the operating margin?", "--conversation", "talk", "--json"))[-1]
    assert "12.4 percent" in last["answer"]


def test_status_counts_what_waits_without_the_app(home: Paths) -> None:
    queue = FileQueue(home.queue)
    queue.add([("/d/one.pdf", 5, "/d/one.pdf"), ("/d/two.pdf", 5, "/d/two.pdf")])
    queue.close()
    (status,) = objects(trayassist("status", "--json"))
    assert status["queued"] == 2
    home.queue.write_bytes(b"no database at all, but long enough for one " * 100)
    (status,) = objects(trayassist("status", "--json"))
    assert status["queued"] == 0
    assert any("list of files to read was damaged" in warning for warning in status["warnings"])


def test_status_tells_the_rest_of_a_home_whose_memory_is_damaged(home: Paths, tmp_path: Path) -> None:
    (tmp_path / "fee.txt").write_text("The late fee is five percent.")
    trayassist("ingest", str(tmp_path / "fee.txt"))
    for file in [*home.memory.rglob("*.manifest"), *home.memory.rglob("*.lance")]:
        if file.is_file():
            file.write_text("garbage\n")
    done = trayassist("status", "--json")
    (status,) = objects(done)
    (warning,) = status["warnings"]
    assert (status["documents"], status["plugins"]) == (0, 5)
    assert f"The memory in {home.memory} is damaged and cannot be read (" in warning
    assert "memory forget --all" in warning
    assert ".rs" not in warning, "the folders of whoever built the library are of no use here"
    assert done.stderr == ""


def test_status_config_and_plugins() -> None:
    (status,) = objects(trayassist("status", "--json"))
    assert (status["documents"], status["broken_plugins"], status["audit"]) == (0, [], "ok")
    assert status["history"] == "ok"
    (config,) = objects(trayassist("config", "--json"))
    assert config["settings"]["hotkey"]["ask"] == "ctrl+alt+space"
    listed = {line["name"]: line["state"] for line in objects(trayassist("plugins", "--json"))}
    assert listed == dict.fromkeys(("coder", "curator", "ingest", "persona", "watchdog"), "on")


def test_a_wrong_setting_is_said_and_nothing_else(home: Paths) -> None:
    home.app_config.write_text("hotkey:\n  aks: x\n")
    done = trayassist("status")
    assert done.returncode == 3
    assert "line 2" in done.stderr
    assert "Did you mean “ask”?" in done.stderr
    assert "Traceback" not in done.stderr


def test_usage_errors_are_exit_code_2() -> None:
    assert trayassist("search").returncode == 2
    assert trayassist("nonsense").returncode == 2
    assert trayassist("memory", "forget").returncode == 2


def test_toggle_without_an_app_says_so() -> None:
    done = trayassist("toggle")
    assert done.returncode == 4
    assert "not running" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")
def test_every_file_is_private(home_with_samples: Path) -> None:
    """F-13: files 0600, folders 0700."""
    trayassist("ask", "What is the deposit?")
    loose = [
        path
        for path in home_with_samples.rglob("*")
        if stat.S_IMODE(path.stat().st_mode) & 0o077 and not path.is_symlink()
    ]
    assert loose == []
    assert [path.name for path in home_with_samples.rglob("*.ndjson")]


def test_what_cannot_be_written_down_is_said_and_the_answer_comes(home: Paths) -> None:
    """A disk that is full or read-only for history and audit costs no answer."""
    home.history.mkdir()
    (home.audit / f"{date.today().isoformat()}.ndjson").mkdir()
    done = trayassist("ask", "What is 12 * 12?")
    assert (done.returncode, "144" in done.stdout) == (0, True), done
    assert "The last answer was not kept." in done.stderr
    assert "The audit log cannot be written" in done.stderr
    checks = {line["check"]: line for line in objects(trayassist("doctor", "--json")) if "check" in line}
    assert checks["history"]["state"] == "no"


@pytest.mark.parametrize("verb", ["status", "config check", "config show"])
def test_a_folder_that_cannot_be_made_is_said(home: Paths, monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    home.config.with_name("file").write_text("")
    monkeypatch.setenv("TRAYASSIST_HOME", str(home.config.with_name("file")))
    done = trayassist(*verb.split())
    assert (done.returncode, "Traceback" in done.stderr) == (4, False)
    assert "cannot be made: Not a directory. Check its permissions" in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere arguments are text")
def test_a_question_with_bytes_that_are_no_text_is_answered_and_kept(home: Paths) -> None:
    done = trayassist("ask", os.fsdecode(b"12 * 12 caf\xe9"), "--json")
    assert done.returncode == 0, done
    assert not done.stderr
    database = sqlite3.connect(home.history)
    assert database.execute("SELECT question FROM turns").fetchall() == [("12 * 12 caf\ufffd",)]
    database.close()


def test_the_audit_log_has_a_line_for_each_step_and_no_secret(home: Paths) -> None:
    """S4-25 and section 3.5."""
    secret = "sk-ant-api03-" + "A1b2C3d4E5f6G7h8I9j0" * 3
    trayassist("ask", f"Is {secret} a good key?")
    lines = [json.loads(line) for file in home.audit.glob("*.ndjson") for line in file.read_text().splitlines()]
    events = [line["event"] for line in lines]
    assert {"route_decision", "verdict", "answer"} <= set(events)
    assert all(line["ts"] for line in lines)
    run_ids = {line["run_id"] for line in lines if line["event"] in ("route_decision", "answer")}
    assert len(run_ids) == 1
    assert secret not in json.dumps(lines)
    logs = "".join(path.read_text() for path in home.app_log.parent.glob("*.log"))
    assert secret not in logs


def test_the_demo_answers_three_questions() -> None:
    done = trayassist("demo")
    assert done.returncode == 0, done
    for fact in ("5 percent", "every two months", "84.2 million"):
        assert fact in done.stdout
    assert done.stdout.count("safety check: low risk") == 3
