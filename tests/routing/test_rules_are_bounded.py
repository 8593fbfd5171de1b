"""Every pattern is bounded: no unlimited repeat, and no text makes one hang (RECIPES: two regexes once did)."""

import re
from collections.abc import Iterator
from re import _parser  # type: ignore[attr-defined]  # the only way to look into a pattern
from typing import Any

import pytest

from trayassist.routing import router, rules, text
from trayassist.routing.patterns import RULES
from trayassist.routing.text import HEAD, TAIL, RequestText, prepare

EVIL = [
    "a" * 10_000,
    " " * 10_000,
    "1" * 10_000,
    "1 " * 5_000,
    "1+" * 5_000,
    "(" * 10_000,
    "one " * 2_500,
    "remember " * 1_100,
    "what is the " * 830,
    "write a the some function in python " * 280,
    "find the file about the document in my files " * 220,
    "add to my list of my the list " * 330,
    "\n" * 10_000,
    "x = y\n" * 1_600,
    "/" * 10_000,
    "@a " * 3_300,
    "a." * 5_000,
    "[" + "a," * 5_000,
    "what did you do with it and how much is 3 of the 4 things? " * 170,
]


def patterns() -> Iterator[re.Pattern[str]]:
    """Every compiled pattern of the routing package."""
    for rule in RULES:
        yield from rule.patterns()
    for module in (text, rules, router):
        yield from (value for value in vars(module).values() if isinstance(value, re.Pattern))


def repeats(tree: Any) -> Iterator[int]:
    """The upper limit of each repeat in a parsed pattern."""
    for operator, argument in tree:
        if str(operator) in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            yield int(argument[1])
            yield from repeats(argument[2])
        elif str(operator) == "SUBPATTERN":
            yield from repeats(argument[3])
        elif str(operator) == "BRANCH":
            for branch in argument[1]:
                yield from repeats(branch)
        elif str(operator) in ("ASSERT", "ASSERT_NOT"):
            yield from repeats(argument[1])


def test_no_repeat_is_unlimited() -> None:
    seen = 0
    for found in patterns():
        seen += 1
        limit = max(repeats(_parser.parse(found.pattern, found.flags & ~re.UNICODE)), default=0)
        assert limit <= HEAD + TAIL, found.pattern[:120]
    assert seen > 100


def test_the_look_into_patterns_sees_an_unlimited_repeat() -> None:
    assert max(repeats(_parser.parse(r"(?:a|(b+))", 0))) > 10**6


@pytest.mark.timeout(120)  # a pattern that hangs takes minutes on one of these; all of them together take seconds
@pytest.mark.parametrize("evil", EVIL, ids=range(len(EVIL)))
def test_no_text_makes_a_rule_hang(evil: str) -> None:
    uncut = RequestText(whole=evil, raw=evil, line=evil, core=evil, asked=evil)
    for rule in RULES:
        rule.hits(uncut)


def test_what_rules_see_is_cut() -> None:
    seen = prepare("How much? " + "x" * 50_000 + " the end")
    assert len(seen.raw) <= HEAD + TAIL + 1
    assert seen.raw.startswith("How much?")
    assert seen.raw.endswith("the end")
    assert len(seen.whole) > 50_000
