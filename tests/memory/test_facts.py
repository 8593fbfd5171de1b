"""Facts: what the user asked to remember."""

from __future__ import annotations

import pytest

from tests.memory.writing import open_memory, pages_of, write
from trayassist.api import Found, TrayassistError
from trayassist.paths import Paths


async def test_facts_are_kept_found_and_listed_newest_first(home: Paths) -> None:
    async with open_memory(home) as memory:
        code = await memory.remember("The alarm code of the office is 4711.")
        dentist = await memory.remember("My dentist is Dr. Petra Lang in Mill Street.")
        assert [f.id for f in await memory.facts()] == [dentist.id, code.id]
        assert [f.id for f in await memory.facts("what is the alarm code?")] == [code.id]
        assert (await memory.facts("who is my dentist"))[0].id == dentist.id
        assert await memory.facts("volcanoes in Iceland") == []
        assert [f.id for f in await memory.facts(limit=1)] == [dentist.id]
        assert code.created.endswith("+00:00")
    async with open_memory(home) as memory:
        assert [f.text for f in await memory.facts()] == [dentist.text, code.text]


async def test_the_same_words_are_one_fact(home: Paths) -> None:
    async with open_memory(home) as memory:
        one = await memory.remember("The key is under the mat.")
        assert (await memory.remember("  the KEY is under\nthe mat ")).id == one.id
        assert (await memory.remember("The key is under the flowerpot.")).id != one.id
        assert len(await memory.facts()) == 2


async def test_a_fact_answers_a_question(home: Paths) -> None:
    async with open_memory(home) as memory:
        await write(memory, "/d/plants.txt", pages_of("Ferns grow in the shade. They need moist soil all year."))
        fact = await memory.remember("Grandma's birthday is on 3 May.")
        evidence = await memory.quote("When is Grandma's birthday?")
        assert evidence.found is not Found.NO
        best = evidence.quotes[0]
        assert (best.passage.path, best.text) == (f"fact:{fact.id}", "Grandma's birthday is on 3 May.")
        assert best.passage.text[best.start : best.end] == best.text


async def test_facts_alone_answer_too(home: Paths) -> None:
    async with open_memory(home) as memory:
        await memory.remember("The wifi password of the cabin is bluebird.")
        evidence = await memory.quote("what is the wifi password of the cabin")
        assert (evidence.documents, evidence.found) == (0, Found.YES)
        assert "bluebird" in evidence.quotes[0].text
        assert (await memory.quote("how tall is the Eiffel tower")).found is Found.NO


async def test_a_forgotten_fact_is_gone_from_disk(home: Paths) -> None:
    async with open_memory(home) as memory:
        kept = await memory.remember("The blue bin is emptied on Mondays.")
        fact = await memory.remember("My locker has the number quatrevingt.")
        await memory.forget_fact(fact.id)
        assert [f.id for f in await memory.facts()] == [kept.id]
        files = [file for file in home.memory.rglob("*") if file.is_file()]
        assert not [file for file in files if b"quatrevingt" in file.read_bytes().lower()]
        assert [file for file in files if b"blue bin" in file.read_bytes().lower()]
        with pytest.raises(TrayassistError, match="no fact"):
            await memory.forget_fact(fact.id)
        with pytest.raises(TrayassistError, match="no fact"):
            await memory.forget_fact("x' OR '1'='1")
    async with open_memory(home) as memory:
        assert [f.id for f in await memory.facts()] == [kept.id]


async def test_nothing_and_too_much_are_refused_in_words(home: Paths) -> None:
    async with open_memory(home) as memory:
        for text in ("", "  \n", "word " * 1000):
            with pytest.raises(TrayassistError, match="remember"):
                await memory.remember(text)
        assert await memory.facts() == []
