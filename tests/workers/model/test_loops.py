"""Answers that go round in circles are ended, and what repeats itself rightly is not."""

from __future__ import annotations

import itertools
import re

import pytest

from trayassist.workers.model.loops import LoopGuard

BEGINNING = "The old harbour was closed in spring. Boats now land at the northern pier.\n\n"
VERSES = (
    "The tide came in with silver hands\nand took the lanterns from the sands\nwhile all the bells of winter rang",
    "A captain wrote upon the glass\nthe names of everyone who pass\nand no one knew the song he sang",
    "We counted gulls above the bay\nuntil the light had gone astray\nand every mast was gold and grey",
)
CHORUS = (
    "Oh carry me, oh carry me,\nover the hills and over the sea,\nwhere the wind is kind and the water is free,\n"
    "and the lamp in the window is burning for me.\nOh carry me, oh carry me,\nhome to the house by the apple tree"
)
NAMES = ("Berta", "Anton", "Clara", "Emil", "Frieda", "Gustav", "Hanna", "Igor", "Jonas", "Klara", "Ludwig", "Mona")


def show(text: str, *, limit: int = 10**6, finish: str = "", size: int = 5) -> tuple[str, str, int]:
    """Feed a text in pieces as tokens come; return what was shown, how it ended, and characters that were read."""
    guard, shown, read = LoopGuard(), "", 0
    for n, start in enumerate(range(0, len(text), size)):
        guard.late = n > limit
        shown += guard.feed(text[start : start + size], False)
        read = start + size
        if guard.looping:
            return shown + guard.end("loop"), "loop", read
    return shown + guard.end(finish or "stop"), finish or "stop", read


LOOPS = {
    "a sentence": "The answer is given in the second passage of the report. " * 60,
    "two sentences in turn": "It is the blue boat that he meant. No, it is the red boat that she meant. " * 40,
    "a list with a counter": "".join(f"{n}. The lease ends when the tenant leaves the house.\n" for n in range(1, 90)),
    "a counter in words": "".join(
        f"The {word} reason is that the ship was late again. "
        for word in itertools.islice(itertools.cycle(("first", "second", "third", "fourth")), 80)
    ),
    "bullets": "- Check that the valve is closed before you begin.\n" * 60,
    "a sentence without an end": "and the cat sat on the mat and the dog sat on the log " * 40,
    "few words": "very " * 400,
    "pictures": "🌟" * 400,
    "Chinese": "合同在租户离开房屋时结束。" * 60,
    "German": "Der Vertrag endet, wenn der Mieter das Haus verlässt. " * 60,
    "code": "```python\n" + "    print('the boat is ready to leave')\n" * 120,
    "functions that count": "```python\n"
    + "".join(
        f"def test_case_{n}():\n    assert solve(make_input({n})) == expected_result({n})\n\n" for n in range(1, 120)
    ),
    "JSON": '{"items": [\n' + '  {"name": "boat", "colour": "blue", "owner": "harbour office"},\n' * 120,
    "dots": ".\n" * 2000,
    "one of few words changes": "".join(
        f"The {colour} boat belongs to the harbour office in town. "
        for colour in itertools.islice(itertools.cycle(("red", "blue", "green")), 90)
    ),
}


@pytest.mark.parametrize("name", LOOPS)
@pytest.mark.parametrize("size", [1, 4, 60])
def test_a_loop_is_ended_soon_and_cut_where_it_began(name: str, size: int) -> None:
    shown, finish, read = show(BEGINNING + LOOPS[name], size=size)
    assert finish == "loop"
    assert read < 0.8 * len(BEGINNING + LOOPS[name])
    assert shown.startswith(BEGINNING.strip())


@pytest.mark.parametrize("name", ["a sentence", "two sentences in turn", "a list with a counter", "bullets", "German"])
def test_of_a_loop_in_prose_two_rounds_are_shown_and_the_last_sentence_is_whole(name: str) -> None:
    shown, _, _ = show(BEGINNING + LOOPS[name])
    rest = shown.removeprefix(BEGINNING)
    assert len(rest) < 190
    assert rest.rstrip().endswith(".")
    assert rest in LOOPS[name]


def _table() -> str:
    rows = "".join(f"| {name} | {1200 + 7 * n} | yes | no |\n" for n, name in enumerate(NAMES * 3))
    return f"| Name | Amount | Paid | Late |\n|---|---|---|---|\n{rows}"


RIGHT = {
    "a table": _table(),
    "a table of years": "| Year | Paid | Late |\n|---|---|---|\n"
    + "".join(f"| {year} | yes | no |\n" for year in range(1950, 2020)),
    "JSON of like items": "[\n"
    + "".join(f'  {{"id": {n}, "name": "{NAMES[n % 12]}", "active": true}},\n' for n in range(50))
    + "]",
    "JSON of numbers": "[" + ", ".join("0" for _ in range(200)) + "]",
    "a multiplication table": "\n".join(f"{a} x {b} = {a * b}" for a in range(1, 11) for b in range(1, 11)),
    "counting": ", ".join(map(str, range(1, 300))),
    "a matrix": "```\n" + "[0, 0, 0, 0, 0, 0, 0, 0, 0, 0],\n" * 10 + "```",
    "a song": "\n\n".join([VERSES[0], CHORUS, VERSES[1], CHORUS, VERSES[2], CHORUS, CHORUS]),
    "code": "```python\n"
    + "".join(
        f"    if name == '{name}':\n        return load_file('{name.lower()}.txt', encoding='utf-8')\n"
        for name in NAMES
    )
    + "```\n",
    "a form with like lines": "".join(
        f"- {name}: paid on the first of the month, nothing is open.\n" for name in NAMES
    ),
    "a rule": "-" * 300 + "\nThe end of the list is reached.\n" + "=" * 300,
    "a box": "┌" + "─" * 60 + "┐\n" + ("│" + " " * 60 + "│\n") * 8 + "└" + "─" * 60 + "┘",
}


@pytest.mark.parametrize("name", RIGHT)
@pytest.mark.parametrize("size", [1, 4, 60])
def test_what_repeats_itself_rightly_is_shown_to_its_end(name: str, size: int) -> None:
    text = BEGINNING + RIGHT[name]
    assert show(text, size=size) == (text, "stop", pytest.approx(len(text), abs=size))


def test_ordinary_prose_is_shown_as_it_comes() -> None:
    guard, text = LoopGuard(), BEGINNING * 1 + "The pier is new. The pier is long. It has lamps on both sides."
    assert all(guard.feed(piece, False) == piece for piece in re.findall(r"\S+\s*", text))


def test_an_answer_at_its_limit_ends_with_its_last_whole_sentence() -> None:
    text = BEGINNING + "Since May the ferry goes twice a day. In winter, when the ice comes down from the"
    assert show(text, limit=20, finish="length")[0] == text[: text.index(" In winter")]
    whole = BEGINNING + "Since May the ferry goes twice a day."
    assert show(whole, limit=20, finish="length")[0] == whole


@pytest.mark.parametrize(
    "text",
    [
        "no sentence ends here and the limit comes before",
        "See this:\n\n```python\nfor boat in boats:\n    boat.load(",
        "Here it is.\n\n| Name | Year |\n|---|---|\n| Berta | 19",
    ],
)
def test_code_tables_and_what_has_no_whole_sentence_are_left_as_they_are(text: str) -> None:
    assert show(text, limit=3, finish="length")[0] == text


def test_abbreviations_and_the_numbers_of_a_list_end_no_sentence() -> None:
    text = BEGINNING + "It was bought by Dr. Hanna Berg and 3. Mai is the day that"
    assert show(text, limit=5, finish="length")[0] == BEGINNING


def test_a_thought_that_goes_round_in_circles_ends_the_answer() -> None:
    guard = LoopGuard()
    for _ in range(60):
        guard.feed("Wait, I have to read the second passage again. ", True)
    assert guard.looping
