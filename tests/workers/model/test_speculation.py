"""Drafts change the time of an answer and nothing else; where they do not pay, or could not be right, they are off."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import tiny_gguf
from tests.workers.model import kinds
from tests.workers.model.asking import ask, options, sampling, worker
from trayassist.api import Message
from trayassist.workers.model import DraftOptions
from trayassist.workers.model.context import LlamaContext
from trayassist.workers.model.drafts import PLAIN_EVERY, PLAIN_FIRST, RETRY, ROUNDS, DraftGain, LookupDrafter
from trayassist.workers.model.generation import Speculation, tokens
from trayassist.workers.model.llama import LlamaModel
from trayassist.workers.model.sampling import Sampler

REPEATS = "Once upon a time there was a little girl named Lily. She loved to play outside in the park. " * 14
PROMPTS = (REPEATS, "Tom saw a cat.", "a b c d " * 90)  # longer and shorter than n_batch


@pytest.mark.parametrize("lookup", [{"k": 10, "ngram": 1}, {"k": 3, "ngram": 2}, {"k": 64, "ngram": 3}])
async def test_greedy_text_is_the_same_with_prompt_lookup(stories: Path, tiny: Path, lookup: dict[str, int]) -> None:
    """S0-07; the prompt is longer than n_batch, where the library's own drafting fails (CAPABILITIES 3.6)."""
    drafted = 0
    for file in (stories, tiny):
        for prompt in PROMPTS:
            sampled = sampling(max_tokens=100)
            if file is tiny:
                prompt = prompt[:600]  # a token a letter
            async with worker(file, context_length=2048) as one:
                plain = await ask(one, prompt, sampled=sampled)
                answer = await ask(one, prompt, sampled=sampled, lookup=lookup)
            assert answer.text == plain.text
            assert answer.report["tokens_out"] == plain.report["tokens_out"]
            assert answer.report["accepted"] <= answer.report["drafted"]
            drafted += answer.report["drafted"]
    assert drafted > 0


@pytest.mark.parametrize("k", [1, 5, 24])
async def test_greedy_text_is_the_same_with_a_draft_model(stories: Path, k: int) -> None:
    async with worker(stories) as one:
        plain = [await ask(one, prompt, sampled=sampling(max_tokens=100)) for prompt in PROMPTS]
    async with worker(stories, draft=DraftOptions(file=str(stories), k=k, always=True)) as one:
        for prompt, without in zip(PROMPTS, plain, strict=True):
            answer = await ask(one, prompt, sampled=sampling(max_tokens=100))
            assert answer.text == without.text
            assert answer.report["accepted"] > 0.9 * answer.report["drafted"] > 0  # it drafts for itself


async def test_a_draft_model_that_is_mostly_wrong_changes_nothing(tiny: Path, tmp_path: Path) -> None:
    other = tiny_gguf.write(tmp_path / "other.gguf", seed=5)
    async with worker(tiny) as one:
        plain = await ask(one, "q" * 200, sampled=sampling(max_tokens=100))
    async with worker(tiny, draft=DraftOptions(file=str(other), k=8, always=True)) as one:
        for _ in range(2):
            answer = await ask(one, "q" * 200, sampled=sampling(max_tokens=100))
            assert answer.text == plain.text
            assert answer.report["accepted"] < answer.report["drafted"]


@pytest.mark.parametrize("temperature", [0.3, 0.9])
async def test_what_chance_picks_is_the_same_too(stories: Path, temperature: float) -> None:
    """The sampler picks each token from the model's own scores, so one seed gives one text."""
    sampled = sampling(max_tokens=60, temperature=temperature, seed=11)
    async with worker(stories) as one:
        plain = await ask(one, "Tom saw a cat.", sampled=sampled)
    async with worker(stories, draft=DraftOptions(file=str(stories), k=4, always=True)) as one:
        answer = await ask(one, "Tom saw a cat.", sampled=sampled)
    assert answer.text == plain.text
    assert 0 < answer.report["accepted"] < answer.report["drafted"]


async def test_drafting_stops_at_the_last_token_and_at_the_end_of_the_context(stories: Path) -> None:
    for most, context in ((7, 512), (400, 256)):
        drafting = {"context_length": context, "draft": DraftOptions(file=str(stories), k=24, always=True)}
        async with worker(stories, context_length=context) as one:
            plain = await ask(one, "Once upon a time", sampled=sampling(max_tokens=most))
        async with worker(stories, **drafting) as one:
            answer = await ask(one, "Once upon a time", sampled=sampling(max_tokens=most))
        assert answer.text == plain.text
        assert answer.report["tokens_out"] == plain.report["tokens_out"]
        assert answer.report["finish"] == plain.report["finish"] == "length"


async def test_after_a_drafted_answer_the_conversation_goes_on_rightly(stories: Path) -> None:
    """What was drafted and refused leaves no trace in the keys and values that are used again."""
    async with worker(stories, draft=DraftOptions(file=str(stories), k=8, always=True)) as one:
        first = await ask(one, "Once upon a time", sampled=sampling(max_tokens=40))
        second = await ask(one, f"Once upon a time{first.text}", sampled=sampling(max_tokens=40))
        assert second.report["cached_tokens"] > 30
    async with worker(stories) as one:
        assert (await ask(one, f"Once upon a time{first.text}", sampled=sampling(max_tokens=40))).text == second.text


async def test_a_model_with_running_state_is_refused_with_the_reason(tmp_path: Path) -> None:
    """S0-09, C-05: drafted tokens could not be taken out of its state."""
    file = kinds.recurrent(tmp_path / "mamba.gguf")
    async with worker(file) as one:
        plain = await ask(one, "a b " * 40)
        answer = await ask(one, "a b " * 40, lookup={"k": 8, "ngram": 1})
    assert answer.text == plain.text
    assert answer.report["drafted"] == 0
    assert answer.report["speculation_off"].startswith("mamba keeps a running state")
    assert plain.report["speculation_off"] == ""


async def test_a_draft_model_of_another_vocabulary_is_left_out_and_that_is_said(
    stories: Path, tiny: Path, tmp_path: Path
) -> None:
    """S0-11."""
    large = tiny_gguf.write(tmp_path / "large.gguf", vocabulary=700)
    mamba = kinds.recurrent(tmp_path / "mamba.gguf")
    for draft, said in (
        (stories, "vocabulary differs at token 259"),
        (large, "its vocabulary has 700 tokens instead of 512"),
        (mamba, "mamba keeps a running state"),
        (tmp_path / "gone.gguf", "gone.gguf does not load"),
    ):
        async with worker(tiny, draft=DraftOptions(file=str(draft), k=4)) as one:
            answer = await ask(one, "a")
            assert said in answer.report["speculation_off"]
            assert answer.report["tokens_out"] > 0


async def test_a_cancel_is_heard_while_a_draft_model_drafts(slow: Path) -> None:
    async with worker(slow, context_length=2048, draft=DraftOptions(file=str(slow), k=32, always=True)) as one:
        await one.call("load")
        pid = one.pid
        messages = [Message(speaker="user", text="q" * 300)]
        stream = one.stream("generate", messages=messages, sampling=sampling(max_tokens=1000))
        async with aclosing(stream) as items:
            for _ in range(3):
                await anext(items)
            waiting = asyncio.ensure_future(anext(items))
            await asyncio.sleep(0.05)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
        assert one.pid == pid, "one that does not hear is killed"
        assert (await ask(one, "w", sampled=sampling(max_tokens=3))).report["tokens_out"] == 3


# ---------------------------------------------------------------- what is drafted


@given(st.lists(st.integers(0, 3), max_size=60), st.integers(1, 8), st.integers(1, 3), st.integers(0, 10))
def test_lookup_gives_what_came_after_the_same_words(said: list[int], k: int, ngram: int, most: int) -> None:
    lookup = LookupDrafter({"k": k, "ngram": ngram})
    for end in range(len(said) + 1):  # as the text grows
        text = said[:end]
        draft = lookup.draft(text, most)
        assert len(draft) <= min(k, most)
        places = [n for n in range(ngram, end) if text[n - ngram : n] == text[end - ngram :]]
        assert bool(draft) == bool(places and most)
        assert not draft or any(text[n : n + len(draft)] == draft for n in places)


def test_lookup_takes_the_place_that_agrees_furthest_back() -> None:
    lookup = LookupDrafter({"k": 2, "ngram": 1})
    assert lookup.draft([7, 1, 2, 50, 51, 9, 2, 60, 61, 7, 1, 2], 9) == [50, 51]


class Wrong:
    """Drafts what never comes."""

    def draft(self, text: list[int], most: int) -> list[int]:
        return [(text[-1] + 1) % 250 + 3] * min(4, most)


def test_a_draft_that_is_always_wrong_is_dropped_token_by_token(tiny: Path) -> None:
    model = LlamaModel(options(tiny))
    texts = []
    for speculation in (None, Speculation([(Wrong(), DraftGain(always=True))])):
        context = LlamaContext(model, options(tiny), lambda _: False)
        stream = tokens(context, Sampler(model, sampling()), model.tokenize("abc" * 50), speculation)
        texts.append([token for token, _ in zip(stream, range(60), strict=False)])
        stream.close()
    assert texts[0] == texts[1]
    assert speculation is not None
    assert speculation.drafted >= 200 > speculation.accepted


# ---------------------------------------------------------------- whether it pays (F-09)


def feed_rounds(payoff: DraftGain, *, plain: float, tokens: int, round_s: float, rounds: int = ROUNDS) -> bool:
    while payoff.wants_plain():
        payoff.note_plain(plain)
    return all(payoff.note_draft(tokens, round_s) for _ in range(rounds))


def test_drafting_that_pays_stays_on() -> None:
    payoff = DraftGain()
    assert feed_rounds(payoff, plain=0.1, tokens=3, round_s=0.2, rounds=PLAIN_EVERY - 1)
    assert payoff.off == ""
    assert payoff.begin()


def test_drafting_that_does_not_pay_is_switched_off_in_words_and_tried_again_later() -> None:
    payoff = DraftGain()
    assert not feed_rounds(payoff, plain=0.1, tokens=2, round_s=0.25)
    assert payoff.off == "it did not pay here: 8.0 tokens/s with drafts, 10.0 without"
    assert [payoff.begin() for _ in range(RETRY)] == [False] * (RETRY - 1) + [True]
    assert payoff.off == ""
    assert not feed_rounds(payoff, plain=0.1, tokens=1, round_s=0.2)
    assert [payoff.begin() for _ in range(2 * RETRY)] == [False] * (2 * RETRY - 1) + [True]


def test_a_plain_step_comes_first_and_now_and_then() -> None:
    payoff = DraftGain()
    assert payoff.wants_plain()
    for _ in range(PLAIN_FIRST):
        payoff.note_plain(0.1)
    assert not payoff.wants_plain()
    for _ in range(PLAIN_EVERY):
        payoff.note_draft(5, 0.1)
    assert payoff.wants_plain()


def test_what_is_measured_is_never_switched_off() -> None:
    payoff = DraftGain(always=True)
    assert feed_rounds(payoff, plain=0.1, tokens=1, round_s=9.0)
    assert not payoff.wants_plain()


async def test_the_report_says_that_drafting_did_not_pay(tiny: Path, slow: Path) -> None:
    """A draft model slower than its target cannot pay."""
    slow_draft = DraftOptions(file=str(slow), k=4)
    async with worker(tiny, draft=slow_draft) as one:
        plain = await ask(one, "q" * 50, sampled=sampling(max_tokens=120))
        later = await ask(one, "q" * 50, sampled=sampling(max_tokens=20))
    assert plain.report["speculation_off"].startswith("it did not pay here: ")
    assert plain.report["drafted"] > 0
    assert later.report["speculation_off"] == plain.report["speculation_off"]
    assert later.report["drafted"] == 0
