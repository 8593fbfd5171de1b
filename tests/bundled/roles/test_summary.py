"""Summaries: which document is meant, its own sentences, and the points of a model, part by part, each with support."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from tests.bundled.roles.fake_host import AnswerParts, FakeHost, ask, passage, quote, turn
from tests.bundled.roles.fake_host import route as routed
from trayassist.api import Chunk, Evidence, Found, Kind, Message, NotAllowed, Quote, Route, Status, TrayassistError
from trayassist_persona import points
from trayassist_persona.role import Persona
from trayassist_persona.summary import WHICH

MILL = (
    "The mill at Oster was built in 1820 by Hanne Vik.",
    "It ground rye for nine villages until 1954.",
    "The town bought it for 40,000 crowns in 1990.",
    "The wheel was renewed with oak from the Vik estate.",
    "Since then 12,000 guests have seen it each year.",
)
PAGES = [passage("/d/mill.pdf", n, text) for n, text in enumerate(MILL, 1)]
QUOTES = [quote(page, page.text, 1.0 - n / 10) for n, page in enumerate(PAGES)]
MORE = [passage("/d/mill.pdf", n, f"The {thing} was painted again in May.") for n, thing in
        enumerate(["door", "fence", "sign"], 6)]  # fmt: skip
MANY = [*QUOTES, *(quote(page, page.text, 0.1) for page in MORE)]  # too many to be read as they are
TITLE = passage("/d/mill.pdf", 1, "THE MILL AT OSTER")
HEADLINE = Quote(text="The Mill at Oster, 3 May 2004", passage=TITLE, start=100, end=117, score=1.0)


@dataclass
class ModelHost(FakeHost):
    """Its model gives one text after the other; an error among them is raised."""

    texts: list[str | Exception] = field(default_factory=list)
    prompts: list[Sequence[Message]] = field(default_factory=list)
    headline: Quote | None = None

    async def generate(
        self, route: Route, messages: Sequence[Message], *, grammar: str = "", schema: Mapping[str, Any] | None = None
    ) -> AsyncIterator[Chunk]:
        self.prompts.append(list(messages))
        text = self.texts[min(len(self.prompts), len(self.texts)) - 1]
        if isinstance(text, Exception):
            raise text
        for piece in text.splitlines(keepends=True):
            yield Chunk(piece)

    async def summary(self, path: str, sentences: int = 7) -> Evidence:
        return replace(await super().summary(path, sentences), headline=self.headline)


def summarise(host: FakeHost, text: str = "summarise mill.pdf", **routed: Any) -> AnswerParts:
    host.names = host.names or {"mill.pdf": "/d/mill.pdf"}
    return ask(Persona(), host, text, kind=Kind.SUMMARISE, **routed)


def lines(result: AnswerParts) -> list[str]:
    return [line for line in result.text.splitlines() if line.startswith("- ")]


# ---------------------------------------------------------------- without a model


def test_the_line_that_says_what_it_is_comes_first_in_bold_and_is_cited() -> None:
    result = summarise(ModelHost(quotes=QUOTES, headline=HEADLINE))
    assert result.text.startswith("**The Mill at Oster, 3 May 2004** (mill.pdf) [1]\n")
    assert result.citations[0].quote == "THE MILL AT OSTER"
    assert lines(result)[0] == f"- {MILL[0]} (page 1) [2]"
    assert [c.number for c in result.citations] == list(range(1, 2 + len(lines(result))))


def test_a_summary_has_at_most_150_words_and_seven_points() -> None:
    long = [passage("/d/mill.pdf", n, f"Room {n} " + "holds old tools of the miller " * 4 + ".") for n in range(1, 13)]
    result = summarise(ModelHost(quotes=[quote(p, p.text, 1.0 / p.page) for p in long], headline=HEADLINE))
    assert len(result.text.replace("*", "").split()) <= 150
    assert points.LEAST <= len(lines(result)) <= points.MOST


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("• The mill (see figure 3) was sold.", "The mill was sold."),
        ("(a) The wheel turns [12, 13].", "The wheel turns."),
        ("Rent is due on the first.", "Rent is due on the first."),
    ],
)
def test_a_point_is_shown_without_bullet_and_asides(sentence: str, shown: str) -> None:
    assert points.compact(sentence) == shown


def test_a_long_sentence_ends_where_a_clause_does() -> None:
    long = "The mill was sold to the town, " + "and the town has kept it open for all its guests " * 6 + "."
    shown = points.compact(long, 20)
    assert shown.endswith(" …")
    assert len(shown.split()) <= 21
    assert points.compact("one, " * 15 + "two three four five six seven eight nine", 20).endswith("one …")


# ---------------------------------------------------------------- which document


def test_the_only_document_is_meant_by_this() -> None:
    host = FakeHost(quotes=QUOTES, documents=1, names={"x": "/d/x"})
    assert len(lines(summarise(host, "What is this about?"))) == 5


def test_among_several_it_is_asked_which_with_candidates() -> None:
    host = FakeHost(quotes=QUOTES, passages=[passage("/d/dam.pdf", 1, "The dam.")], documents=2, names={"x": "/d/x"})
    text = summarise(host, "Worum geht es hier?").text
    assert text == f"{WHICH}\n\n- dam.pdf\n- mill.pdf"
    assert summarise(FakeHost(documents=0), "What is this about?").text == WHICH


def test_this_is_the_document_of_the_summary_before() -> None:
    past = [turn("summarise the mill", "**The Mill at Oster, 3 May 2004** (mill.pdf) [1]")]
    host = FakeHost(quotes=QUOTES, documents=9, past=past)
    assert host.summarised == []
    summarise(host, "And what is it about in short?")
    assert host.summarised == ["/d/mill.pdf"]


@pytest.mark.parametrize(
    "text",
    [
        "Sum up the report on the old mill",
        "What is the letter about the mill about?",
        "Worum geht es im Bericht zur Mühle?",
    ],
)
def test_a_document_can_be_described(text: str) -> None:
    host = FakeHost(quotes=QUOTES, names={"x": "/d/x"}, documents=4)
    summarise(host, text)
    assert host.summarised == ["/d/mill.pdf"]


def test_names_find_a_document_in_another_language() -> None:
    host = FakeHost(quotes=QUOTES, names={"x": "/d/x"}, documents=4, found=Found.NO)
    summarise(host, "Worum geht es im Bericht aus Oster über Hanne Vik?")
    assert host.summarised == ["/d/mill.pdf"]
    summarise(host, "Worum geht es im Bericht über die Wale bei Oster?")
    assert host.summarised == ["/d/mill.pdf"]


def test_a_description_that_fits_two_documents_alike_is_answered_as_a_question() -> None:
    others = [passage("/d/dam.pdf", n, "The report on the dam.") for n in (1, 2)]
    host = FakeHost(quotes=QUOTES[:2], passages=others, names={"x": "/d/x"}, documents=2)
    summarise(host, "Sum up the report on the water")
    assert host.summarised == []


# ---------------------------------------------------------------- with a model


def test_points_of_a_model_are_cited_by_us_and_its_own_marks_go() -> None:
    said = (
        "Here are the main points:\n1. The mill was built in 1820 by Hanne Vik [4].\n- It ground rye until 1954 [9]\n"
    )
    host = ModelHost(quotes=MANY, texts=[said + "* The town bought it for 40,000 crowns."])
    result = summarise(host, model="m")
    assert lines(result) == [
        "- The mill was built in 1820 by Hanne Vik. (page 1) [1]",
        "- It ground rye until 1954 (page 2) [2]",
        "- The town bought it for 40,000 crowns. (page 3) [3]",
    ]
    assert [c.page for c in result.citations] == [1, 2, 3]
    assert result.citations[2].quote == MILL[2]


@pytest.mark.parametrize(
    "invented",
    [
        "The town bought it for 45,000 crowns in 1990.",
        "The mill was built in 1821 by Hanne Vik.",
        "The mill was built in 1820 by Hanne Berg.",
        "Wind power is a growing market all over Europe.",
    ],
)
def test_a_point_with_a_figure_or_name_of_its_own_is_dropped(invented: str) -> None:
    assert points.find_support(f"- {invented}\n- It ground rye for nine villages.", QUOTES)[0].quote == QUOTES[1]
    assert len(points.find_support(f"- {invented}", QUOTES)) == 0


def test_a_model_whose_points_have_no_support_is_replaced_by_the_sentences() -> None:
    host = ModelHost(quotes=MANY, texts=["I cannot do that.", "I cannot do that."])
    assert lines(summarise(host, model="m"))[0] == f"- {MILL[0]} (page 1) [1]"


def test_a_model_that_fails_leaves_the_sentences_and_says_why() -> None:
    host = ModelHost(quotes=MANY, texts=[TrayassistError("The time limit is over.", "Raise it.")])
    result = summarise(host, model="m")
    assert "The time limit is over. These are sentences of the document itself." in result.text
    assert lines(result)[0] == f"- {MILL[0]} (page 1) [1]"
    with pytest.raises(NotAllowed):
        summarise(ModelHost(quotes=MANY, texts=[NotAllowed("No.", "")]), model="m")


def test_a_long_document_is_read_in_parts_and_reduced() -> None:
    words = [
        "heron",
        "otter",
        "badger",
        "marten",
        "weasel",
        "beaver",
        "lynx",
        "bison",
        "moose",
        "stoat",
        "adder",
        "viper",
    ]
    pages = [passage("/d/mill.pdf", n, f"The {word} lives in wood {n} " + "beside the pond " * 20 + f"with {n} young.")
             for n, word in enumerate(words, 1)]  # fmt: skip
    quotes = [quote(page, page.text) for page in pages]
    said = "\n".join(f"- The {word} lives in wood {n}." for n, word in enumerate(words, 1))
    kept = "".join(f"- The {word} lives in wood {n}.\n" for word, n in (("otter", 2), ("lynx", 7), ("stoat", 10)))
    host = ModelHost(quotes=quotes, texts=[said, said, said, f"{kept}- The unicorn lives in wood 2."])
    result = summarise(host, model="m")
    status = [item for item in result.items if isinstance(item, Status)]
    assert [(s.text, s.done, s.total) for s in status[:2]] == [("Part 1 of 3", 1, 3), ("Part 2 of 3", 2, 3)]
    assert status[-1].text == "Putting the parts together"
    shown = [line.split()[2] for line in lines(result)]
    assert {"otter", "lynx", "stoat"} < set(shown)
    assert len(shown) == points.ENOUGH
    assert "unicorn" not in shown
    assert [words[c.page - 1] for c in result.citations] == shown
    assert "Part 2 of 3 of “mill.pdf”, pages 5 to 8." in host.prompts[1][-1].text


def test_what_cannot_be_reduced_keeps_the_best_of_each_part() -> None:
    found = [points.Point(q.text, q, 1.0) for q in QUOTES]
    assert [p.quote for p in points._choose("nothing of this", found)] == QUOTES


def test_parts_are_in_order_whole_and_not_too_many() -> None:
    parts = points.split(QUOTES)
    assert parts == [QUOTES]
    many = [replace(QUOTES[0], text="word " * 100, start=n) for n in range(100)]
    parts = points.split(many)
    assert len(parts) == points.MOST_PARTS
    assert [q.start for part in parts for q in part] == list(range(100))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_a_small_model_gets_the_short_prompt() -> None:
    small, large = ModelHost(quotes=MANY, texts=["x"], size=1.5), ModelHost(quotes=MANY, texts=["x"], size=8.0)
    summarise(small, model="m")
    summarise(large, model="m")
    assert small.prompts[0][0].text == small.prompt("summarise-short")
    assert large.prompts[0][0].text == large.prompt("summarise")
    assert "[1]" not in small.prompts[0][-1].text


def test_evidence_first_holds_the_sentences_that_fit() -> None:
    many = [quote(p, p.text) for p in (passage("/d/mill.pdf", n, f"Stone {n} of the mill weighs a ton or more.")
                                       for n in range(1, 30))]  # fmt: skip
    result = summarise(ModelHost(quotes=many, texts=["x"]), model="m")
    first = result.items[0]
    assert isinstance(first, Evidence)
    assert len(first.quotes) <= points.MOST
    assert first.found is Found.YES


def test_a_slow_model_reads_fewer_sentences() -> None:
    slow, fast = ModelHost(quotes=MANY, texts=["x"], speed=20.0), ModelHost(quotes=MANY, texts=["x"], speed=500.0)
    route = routed("summarise mill.pdf", Kind.SUMMARISE, model="m")
    assert asyncio.run(points.count_for(route, slow)) == 20
    assert asyncio.run(points.count_for(route, fast)) == points.SENTENCES


def test_a_few_sentences_are_not_given_to_a_model() -> None:
    host = ModelHost(quotes=QUOTES, texts=["never"])
    assert len(lines(summarise(host, model="m"))) == 5
    assert host.prompts == []
