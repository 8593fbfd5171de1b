"""The one path of a model call: through how many modules a question goes, through how many generators a chunk.

Counted in the tray process while a role asks the mock provider; the worker's own process does not count.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
import yaml

from trayassist.api import Chunk, Finished, Request
from trayassist.assistant import Assistant
from trayassist.paths import Paths

MODULES = 41  # with the one that tells a small model, which gets the short prompt
GENERATORS = 8
WORDS = 12  # of the answer, each a chunk of its own
ROOT = Path(__file__).resolve().parents[2]


class CallPath:
    """What ran: the project's modules, and how often each of its async generators yielded."""

    def __init__(self) -> None:
        self.modules: set[str] = set()
        self.yields: Counter[CodeType] = Counter()

    def note_start(self, code: CodeType, _offset: int) -> Any:
        if ours := _module(code):
            self.modules.add(ours)
        return sys.monitoring.DISABLE

    def note_yield(self, code: CodeType, _offset: int, value: object) -> Any:
        if not _module(code):
            return sys.monitoring.DISABLE
        if type(value).__name__ == "async_generator_wrapped_value":  # a value, not an await inside the generator
            self.yields[code] += 1
        return None


def _module(code: CodeType) -> str:
    """Return the module of a function of the project; "" for others and for what a module runs when it is imported."""
    for folder in (ROOT / "src", ROOT / "plugins"):
        if code.co_name != "<module>" and code.co_filename.startswith(f"{folder}/"):
            return Path(code.co_filename).relative_to(folder).with_suffix("").as_posix().replace("/", ".")
    return ""


@contextmanager
def record_calls() -> Iterator[CallPath]:
    """Note what runs in all threads meanwhile."""
    watch, tool = sys.monitoring, 4
    found = CallPath()
    watch.use_tool_id(tool, "call path")
    watch.register_callback(tool, watch.events.PY_START, found.note_start)
    watch.register_callback(tool, watch.events.PY_RESUME, found.note_start)
    watch.register_callback(tool, watch.events.PY_YIELD, found.note_yield)
    watch.set_events(tool, watch.events.PY_START | watch.events.PY_RESUME | watch.events.PY_YIELD)
    watch.restart_events()
    try:
        yield found
    finally:
        watch.set_events(tool, watch.events.NO_EVENTS)
        watch.free_tool_id(tool)


@pytest.mark.parametrize(
    ("question", "role"), [("hello there, how are you?", "persona"), ("write a sort in Python", "coder")]
)
async def test_a_question_passes_few_modules_and_a_chunk_few_generators(home: Paths, question: str, role: str) -> None:
    text = " ".join(f"word{number}" for number in range(WORDS))
    told = {
        "models": {"mock": {"provider": "mock", "kind": "instruct", "responses": {"default": text}}},
        "roles": {"persona": {"model": "mock"}, "coder": {"model": "mock"}},
    }
    home.registry.write_text(yaml.safe_dump(told))
    assistant = Assistant(home)
    try:
        await assistant.start()
        first = [event async for event in assistant.ask(Request(text=question))]  # what is made once is made
        with record_calls() as found:
            events = [event async for event in assistant.ask(Request(text=question))]
    finally:
        await assistant.stop()
    for done in (first[-1], events[-1]):
        assert isinstance(done, Finished)
        assert (done.model, done.answer) == ("mock", text)
    chunks = sum(isinstance(event, Chunk) for event in events)
    assert chunks > WORDS // 2
    passed = [code.co_qualname for code, count in found.yields.items() if count >= chunks]
    assert 2 < len(passed) <= GENERATORS, passed
    assert "trayassist.workers.pool" in found.modules
    assert 20 < len(found.modules) <= MODULES, sorted(found.modules)
