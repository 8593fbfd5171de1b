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
