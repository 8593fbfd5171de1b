"""LoRA adapters per call, and conversations that go on: never stale, never of other adapters (S4-15, S4-17)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workers.model import kinds
from tests.workers.model.asking import ask, options, sampling, worker
from trayassist.api import Message
from trayassist.workers.model import Adapter, AdapterUnavailable
from trayassist.workers.model.adapters import ContextAdapters
from trayassist.workers.model.context import LlamaContext
from trayassist.workers.model.generator import Conversations
from trayassist.workers.model.llama import LlamaModel

LONG = "the lease says that the rent is due " * 6
CACHE = 2**24


def put(*files: Path, scale: float = 1.0) -> list[Adapter]:
    return [{"file": str(file), "scale": scale} for file in files]


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return kinds.adapter(tmp_path_factory.mktemp("adapters") / "first.gguf", seed=1)


@pytest.fixture(scope="session")
def second(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return kinds.adapter(tmp_path_factory.mktemp("adapters") / "second.gguf", seed=2)


@pytest.mark.parametrize("cache", [0, CACHE])
async def test_each_call_answers_as_a_fresh_worker_with_its_adapters(
    tiny: Path, first: Path, second: Path, cache: int
) -> None:
    """Whatever came before: the base, one slot, two slots with scales, and the base again (S4-15, S4-17)."""
    sets = [[], put(first), put(first, second), put(second, scale=0.5), put(first), [], put(first, second)]
    fresh = {}
    for adapters in sets:
        async with worker(tiny) as one:
            fresh[str(adapters)] = (await ask(one, LONG, adapters=adapters)).text
    assert len(set(fresh.values())) == 4
    async with worker(tiny, conversation_cache_bytes=cache) as one:
        for adapters in sets * 2:
            assert (await ask(one, LONG, adapters=adapters)).text == fresh[str(adapters)]


async def test_nothing_read_under_other_adapters_is_used_again(tiny: Path, first: Path) -> None:
    """Stale keys and values of another adapter would change the answer without a word (CAPABILITIES 3.6)."""
    async with worker(tiny, conversation_cache_bytes=CACHE) as one:
        await ask(one, LONG, conversation="a")
        with_adapter = await ask(one, LONG, conversation="a", adapters=put(first))
        assert with_adapter.report["cached_tokens"] == 0
        other_scale = await ask(one, LONG, conversation="a", adapters=put(first, scale=0.9))
        assert other_scale.report["cached_tokens"] == 0
        back = await ask(one, LONG, conversation="a", adapters=put(first))
        assert back.report["cached_tokens"] == back.began["tokens_in"] - 1
        assert back.text == with_adapter.text


async def test_scale_nought_is_no_adapter(tiny: Path, first: Path) -> None:
    async with worker(tiny) as one:
        plain = await ask(one, LONG)
        off = await ask(one, LONG, adapters=put(first, scale=0.0))
    assert off.text == plain.text
    assert off.report["cached_tokens"] == off.began["tokens_in"] - 1


async def test_an_adapter_of_another_model_is_refused_in_words_and_the_model_answers_on(
    tiny: Path, first: Path, tmp_path: Path
) -> None:
    narrow = kinds.adapter(tmp_path / "narrow.gguf", width=32)
    async with worker(tiny) as one:
        plain = await ask(one, LONG)
        for file, said in (
            (narrow, r"narrow\.gguf does not fit tiny\.gguf: .*incorrect shape"),
            (tiny, "does not fit"),
            (tmp_path / "gone.gguf", "cannot be read: No such file"),
        ):
            with pytest.raises(AdapterUnavailable, match=said):
                await ask(one, LONG, adapters=put(first, file))
        assert (await ask(one, LONG)).text == plain.text


async def test_an_adapter_that_was_written_anew_is_read_anew(tiny: Path, tmp_path: Path) -> None:
    file = kinds.adapter(tmp_path / "it.gguf", seed=1)
    async with worker(tiny) as one:
        before = await ask(one, LONG, adapters=put(file))
        kinds.adapter(tmp_path / "new.gguf", seed=9).replace(file)
        after = await ask(one, LONG, adapters=put(file))
    assert before.text != after.text


# ---------------------------------------------------------------- conversations


async def test_a_conversation_goes_on_after_another_without_being_read_again(stories: Path) -> None:
    talks = {name: f"One day {name} went to the park and saw a big dog. " * 12 for name in ("Tom", "Lily", "Ben")}
    alone = {}
    for name, text in talks.items():
        async with worker(stories) as one:
            alone[name] = (await ask(one, text)).text
    async with worker(stories, conversation_cache_bytes=CACHE) as one:
        for name, text in talks.items():
            await ask(one, text, conversation=name)
        for name, text in talks.items():
            answer = await ask(one, text, conversation=name)
            assert answer.report["cached_tokens"] == answer.began["tokens_in"] - 1
            assert answer.text == alone[name]


async def test_without_memory_for_it_a_conversation_is_read_again_and_answered_the_same(stories: Path) -> None:
    talks = ["Tom had a red ball. " * 20, "Lily saw a blue bird. " * 20]
    async with worker(stories, conversation_cache_bytes=1000) as one:
        first = await ask(one, talks[0], conversation="a")
        await ask(one, talks[1], conversation="b")
        again = await ask(one, talks[0], conversation="a")
    assert again.report["cached_tokens"] < 5
    assert again.text == first.text


async def test_roles_of_one_conversation_keep_a_state_each(tiny: Path) -> None:
    """Two system prompts in turn, as two roles on one model send them."""
    roles = [[Message(speaker="system", text=f"{n} rules " * 20), Message(speaker="user", text="q" * 40)] for n in "ab"]
    async with worker(tiny, conversation_cache_bytes=CACHE) as one:
        for role in roles:
            await ask(one, role, conversation="c")
        for role in roles:
            answer = await ask(one, role, conversation="c")
            assert answer.report["cached_tokens"] == answer.began["tokens_in"] - 1


def states(tiny: Path, limit: int) -> tuple[LlamaContext, Conversations]:
    context = LlamaContext(LlamaModel(options(tiny)), options(tiny), lambda _: False)
    return context, Conversations(context, ContextAdapters(context), limit)


def read(context: LlamaContext, kept: Conversations, name: str, prompt: list[int]) -> int:
    kept.enter(name, (), prompt)
    context.read(prompt)
    return context.reused


def test_kept_states_stay_within_their_bound_and_the_oldest_goes(tiny: Path) -> None:
    prompts = {name: [1, *([number + 50] * 200)] for number, name in enumerate("abcd")}
    context, kept = states(tiny, 0)
    read(context, kept, "a", prompts["a"])
    size = context.save().data.nbytes
    context, kept = states(tiny, int(2.5 * size))
    for name, prompt in prompts.items():
        read(context, kept, name, prompt)
        assert kept.bytes <= 2.5 * size
    assert read(context, kept, "a", prompts["a"]) == 1  # it was the oldest of three that were left
    assert read(context, kept, "c", prompts["c"]) == 200


def test_what_goes_on_is_kept_once(tiny: Path) -> None:
    """A talk that is left again and again takes the memory of its last state, not of all of them."""
    context, kept = states(tiny, 2**30)
    other, talk = [1, *([90] * 200)], [1, *([60] * 200)]
    for _ in range(4):
        read(context, kept, "talk", talk)
        read(context, kept, "other", other)
        talk += [61] * 30
    assert len(kept._left) == 1


async def test_a_model_with_running_state_is_never_taken_back(tmp_path: Path) -> None:
    """S0-09, C-05: texts that share a beginning are answered as by a fresh worker."""
    file = kinds.recurrent(tmp_path / "mamba.gguf")
    texts = ["hello there " * 20, "hello there " * 18 + "you", "hello there " * 20]
    alone = []
    for text in texts:
        async with worker(file) as one:
            alone.append((await ask(one, text, sampled=sampling(temperature=1.0))).text)
    async with worker(file, conversation_cache_bytes=CACHE) as one:
        together = [(await ask(one, text, sampled=sampling(temperature=1.0))).text for text in texts]
    assert together == alone
