"""Slips of the hand in deciding words are put right, and words of their own are left alone."""

import pytest

from trayassist.api import Kind, Request
from trayassist.routing.router import Router
from trayassist.routing.text import correct_typos
from trayassist_persona.role import Persona


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("serach my notes", "search my notes"),
        ("a fucntion in pyhton", "a function in python"),
        ("summerise it", "summarise it"),
        ("rember this", "remember this"),
        ("remmind me", "remind me"),
        ("calcluate the averge", "calculate the average"),
        ("shoping list", "shopping list"),
    ],
)
def test_a_slip_is_put_right(typed: str, meant: str) -> None:
    assert correct_typos(typed) == meant


@pytest.mark.parametrize(
    "line",
    [
        "the remainder of the division",
        "render the scripted scene, then remembered fractions",
        "a concert, a converse shoe, a timber house, three nodes",
        "calcular la media, calculer la moyenne, probabilité",
        "searching functional reminders settings",
    ],
)
def test_words_of_their_own_stay(line: str) -> None:
    assert correct_typos(line) == line


def test_a_slip_does_not_change_what_the_role_is_asked() -> None:
    route = Router({"persona": Persona()}, lambda role: None).decide(Request(text="summerize the lease"))
    assert (route.kind, route.text) == (Kind.SUMMARISE, "summerize the lease")
