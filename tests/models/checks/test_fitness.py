"""S0-15, S1-09, S1-14, S1-18, S1-23, C-14: how a model is marked for a role."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests import tiny_gguf
from trayassist.models.checks.fitness import ModelFacts, facts, fitness
from trayassist.models.gguf import header as gguf
from trayassist.models.registry.schema import Model, Needs

CHAT = Needs(kinds=("instruct",))
GOOD: dict[str, Any] = {
    "kind": "instruct",
    "params_b": 14,
    "context": 32768,
    "quant": "Q4_K_M",
    "license": "apache-2.0",
    "templated": True,
}


def test_a_model_that_fits_is_green_and_says_nothing() -> None:
    found = fitness(ModelFacts(**GOOD), CHAT, role="persona")
    assert (found.colour, found.reasons, found.label) == ("green", (), "")


@pytest.mark.parametrize(
    ("change", "needs", "colour", "said"),
    [
        ({"kind": "math"}, CHAT, "red", "It is a mathematics model, and the role persona chats."),
        ({"kind": "embedding"}, CHAT, "red", "It is an embedding model; the role wants an instruct model."),
        ({"kind": "draft"}, Needs(), "red", "It is a draft model."),
        ({}, Needs(kinds=("embedding",)), "red", "It is an instruct model; the role wants an embedding model."),
        ({"kind": "code"}, CHAT, "amber", "It is a code model; the role wants an instruct model."),
        ({"templated": False}, CHAT, "amber", "It has no chat template"),
        ({"kind": "base"}, Needs(), "amber", "It has no chat template"),
        ({"license": ""}, CHAT, "amber", "Its licence is not known"),
        ({"params_b": 3}, Needs(min_params_b=7), "amber", "It has 3B parameters; the role wants 7B or more."),
        ({"params_b": 0}, Needs(min_params_b=7), "amber", "Its size is not known."),
        ({"context": 4096}, Needs(min_context=8192), "amber", "Its context is 4,096 tokens; the role wants 8,192."),
        ({"context": 0}, Needs(min_context=8192), "amber", "Its context length is not known."),
        ({"quant": "Q5_K_M"}, CHAT, "green", "5-bit quantization: not yet evaluated here."),
        ({"templated": None}, CHAT, "green", ""),
    ],
)
def test_colours_and_reasons(change: dict[str, Any], needs: Needs, colour: str, said: str) -> None:
    found = fitness(ModelFacts(**{**GOOD, **change}), needs, role="persona")
    assert found.colour == colour
    assert said in " ".join(found.reasons)


def test_less_than_13b_is_entry_tier_and_never_refused() -> None:
    """S1-14; a light role needs no big model."""
    small = ModelFacts(**{**GOOD, "params_b": 7})
    assert fitness(small, CHAT, role="persona").label == "small model (7B)"
    assert fitness(small, CHAT, role="persona").colour == "green"
    assert fitness(small, Needs(kinds=("guard", "instruct")), role="watchdog", heavy=False).label == ""
    assert fitness(ModelFacts(**{**GOOD, "params_b": 0.5}), CHAT).label == "small model (0.5B)"


def test_the_file_says_what_the_registry_does_not(tmp_path: Path) -> None:
    header = gguf.read(tiny_gguf.write(tmp_path / "m.gguf", template="", context=777, width=256, layers=6))
    found = facts(Model(file="m.gguf", quant="Q4_0"), header)
    assert (found.context, found.quant, found.templated) == (777, "F32", False)
    assert found.params_b == round((2 * 512 * 256 + 13 * 256 + 6 * (4 * 256 * 256 + 3 * 256 * 128)) / 1e9, 2)
    assert facts(Model(file="m.gguf", params_b=7, context_length=128), header).params_b == 7
    assert facts(Model(file="m.gguf", quant="Q4_0")).quant == "Q4_0"
