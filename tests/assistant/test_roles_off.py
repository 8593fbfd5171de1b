"""A role that is null in the mode in force does nothing, and the answer says so and what to do."""

from __future__ import annotations

from tests.cli.test_hostile_names import trayassist
from trayassist.api import Finish, Finished, Request
from trayassist.assistant import Assistant
from trayassist.paths import Paths


async def answer(home: Paths, *texts: str, roles: str) -> tuple[list[Finished], int]:
    """Return how the texts were answered with these roles of the mode in force, and how many facts there are then."""
    home.registry.write_text(f"modes: {{emulation: {{roles: {roles}}}}}\nmode: emulation\n")
    assistant, done = Assistant(home), []
    try:
        await assistant.start()
        for text in texts:
            events = [event async for event in assistant.ask(Request(text=text))]
            assert isinstance(events[-1], Finished)
            done.append(events[-1])
        return done, len(await assistant.memory.facts())
    finally:
        await assistant.stop()


async def test_with_the_curator_off_nothing_is_remembered(home: Paths) -> None:
    done, facts = await answer(
        home, "remember that the code is 4711", "/remember tea", "hello", roles="{curator: null}"
    )
    for refused in done[:2]:
        assert refused.finish is Finish.FAILED
        assert refused.error.startswith("The role curator is switched off in the mode emulation. Nothing is remembered")
        assert "Choose another mode" in refused.todo
    assert (done[2].finish, facts) == (Finish.STOP, 0)


async def test_with_persona_off_memory_is_not_said_to_be_empty(home: Paths) -> None:
    done, _ = await answer(home, "What is the late fee?", "find the lease", roles="{persona: null}")
    for refused in done:
        assert (refused.finish, refused.answer) == (Finish.FAILED, "")
        assert refused.error == "The role persona is switched off in the mode emulation."


def test_status_says_which_role_is_off(home: Paths) -> None:
    home.registry.write_text("mode: emulation\n")
    done = trayassist("status")
    assert "curator: no model  The role curator is switched off in the mode emulation." in done.stdout, done
