"""Trained models, where their files are: what random weights cannot show."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.workers.model.asking import ask, sampling, worker

pytestmark = pytest.mark.models


async def test_a_small_trained_model_answers_in_words(trained: Callable[[str], Path]) -> None:
    async with worker(trained("smollm2"), context_length=512) as one:
        answer = await ask(one, "Repeat after me: the boat is blue.", sampled=sampling(max_tokens=16))
    assert "boat is blue" in answer.text
    assert answer.report["tokens_out"] > 1


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("temperature", [0.0, 0.3])
async def test_a_trained_model_that_goes_round_in_circles_is_ended_long_before_its_limit(
    trained: Callable[[str], Path], temperature: float
) -> None:
    sampled = sampling(max_tokens=1500, temperature=temperature, seed=3)
    async with worker(trained("smollm2"), context_length=2048, n_threads=2) as one:
        answer = await ask(one, "Say hello to me, please.", sampled=sampled)
    assert answer.report["finish"] in ("loop", "stop")
    assert answer.report["finish"] == "loop" or temperature
    assert answer.report["tokens_out"] < 500
