"""How a model is loaded, and what embedders and rerankers give."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import tiny_gguf
from tests.workers.model import kinds
from tests.workers.model.asking import ask, worker
from trayassist.api import ModelUnavailable, TrayassistError

TEXTS = ["lease rent", "lease rent fee", "boat sea", "late"]


def vectors(found: list[bytes]) -> np.ndarray:
    return np.stack([np.frombuffer(one, np.float32) for one in found])


@pytest.mark.parametrize("pooling", [1, 2, None])
async def test_an_embedder_gives_vectors_of_length_one_whatever_stands_beside(
    tmp_path: Path, pooling: int | None
) -> None:
    file = kinds.encoder(tmp_path / "e.gguf", pooling=pooling)
    async with worker(file, purpose="embed") as one:
        together = vectors(await one.call("embed", texts=TEXTS * 20))
        alone = np.concatenate([vectors(await one.call("embed", texts=[text])) for text in TEXTS])
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    assert np.allclose(together[:4], alone, atol=1e-5)
    assert np.allclose(together[:4], together[-4:], atol=1e-5)
    assert alone[0] @ alone[1] > alone[0] @ alone[2]


async def test_pooling_is_what_the_file_says(tmp_path: Path) -> None:
    found = []
    for pooling in (1, 2, None):
        file = kinds.encoder(tmp_path / f"{pooling}.gguf", pooling=pooling)
        async with worker(file, purpose="embed") as one:
            found.append(vectors(await one.call("embed", texts=TEXTS)))
    assert not np.allclose(found[0], found[1], atol=1e-2)
    assert np.allclose(found[0], found[2], atol=1e-5)  # where it says nothing: the mean


async def test_a_text_that_is_too_long_is_cut_off_and_not_refused(tmp_path: Path) -> None:
    file = kinds.encoder(tmp_path / "e.gguf", pooling=1)
    async with worker(file, purpose="embed", context_length=4096) as one:
        assert (await one.call("load"))["context_length"] == 512  # the model knows no further places
        found = vectors(await one.call("embed", texts=["boat " * 2000, "boat " * 3000, "sea"]))
    assert np.allclose(found[0], found[1], atol=1e-5)


async def test_a_model_that_writes_gives_vectors_too(tiny: Path) -> None:
    async with worker(tiny, purpose="embed") as one:
        assert vectors(await one.call("embed", texts=["a", "b"])).shape == (2, 64)


async def test_a_reranker_scores_pairs_alike_alone_and_together(tmp_path: Path) -> None:
    file = kinds.encoder(tmp_path / "r.gguf", pooling=4)
    async with worker(file, purpose="rerank") as one:
        together = await one.call("rerank", query="late fee", texts=TEXTS * 12)
        alone = [(await one.call("rerank", query="late fee", texts=[text]))[0] for text in TEXTS]
        other = await one.call("rerank", query="boat", texts=TEXTS)
        long = await one.call("rerank", query="fee " * 900, texts=["rent " * 900])
    assert all(math.isclose(a, b, abs_tol=1e-4) for a, b in zip(together[:4], alone, strict=True))
    assert len(set(alone)) == 4
    assert other != together[:4]
    assert math.isfinite(long[0])


async def test_each_operation_needs_its_kind_of_model_and_says_so(tiny: Path, tmp_path: Path) -> None:
    reranker = kinds.encoder(tmp_path / "r.gguf", pooling=4)
    for file, purpose, said in (
        (reranker, "embed", r"r\.gguf is a model for the order of results"),
        (tiny, "rerank", r"tiny\.gguf is no model for the order of results"),
    ):
        async with worker(file, purpose=purpose) as one:
            with pytest.raises(ModelUnavailable, match=said):
                await one.call("load")
    async with worker(tiny) as one:
        with pytest.raises(TrayassistError, match="makes no vectors"):
            await one.call("embed", texts=["a"])
        with pytest.raises(TrayassistError, match="judges no passages"):
            await one.call("rerank", query="a", texts=["b"])
    async with worker(tiny, purpose="embed") as one:
        with pytest.raises(TrayassistError, match="writes no answers"):
            await ask(one, "a")


# ---------------------------------------------------------------- settings


async def test_tokens_are_counted_by_the_model(tiny: Path) -> None:
    async with worker(tiny) as one:
        assert await one.call("tokens", text="abc") == 6  # a token a byte, and a blank of three bytes before
        assert await one.call("tokens", text="") == 0


async def test_quantised_keys_and_values_need_flash_attention(tmp_path: Path) -> None:
    wide = tiny_gguf.write(tmp_path / "wide.gguf", width=64, heads=2)
    async with worker(wide, kv_type="q8_0", flash_attention="off") as one:
        with pytest.raises(ModelUnavailable, match="kv_type q8_0 needs flash attention, and that is off"):
            await one.call("load")
    async with worker(wide) as one:
        plain = await ask(one, "hello")
    for more in ({"kv_type": "q8_0"}, {"kv_type": "q4_0", "flash_attention": "on"}, {"flash_attention": "on"}):
        async with worker(wide, **more) as one:
            answer = await ask(one, "hello")
            assert answer.report["tokens_out"] == plain.report["tokens_out"]


async def test_a_shape_that_cannot_be_quantised_is_said_in_llama_cpps_words(tiny: Path) -> None:
    async with worker(tiny, kv_type="q8_0") as one:
        with pytest.raises(ModelUnavailable, match=r"cannot be run as it is set: K cache type q8_0 .* does not divide"):
            await one.call("load")


async def test_overrides_of_header_values_reach_llama_cpp(tiny: Path) -> None:
    """S0-10: as the number of experts is set; here a value whose change is heard at once."""
    async with worker(tiny, kv_overrides={"llama.attention.head_count": 3}) as one:
        with pytest.raises(ModelUnavailable, match="does not load"):
            await one.call("load")
    async with worker(tiny) as one:
        plain = await ask(one, "hello")
    async with worker(tiny, kv_overrides={"llama.rope.dimension_count": 16, "llama.attention.head_count": 4}) as one:
        assert (await ask(one, "hello")).text == plain.text


async def test_a_build_without_a_gpu_says_so_and_loads_all_the_same(tiny: Path) -> None:
    more: dict[str, Any] = {"n_gpu_layers": -1, "split_mode": "row", "main_gpu": 0, "tensor_split": (0.5, 0.5)}
    async with worker(tiny, **more) as one:
        info = await one.call("load")
    assert info["gpu"] == (info["gpu_layers"] > 0)


async def test_too_many_shares_are_said(tiny: Path) -> None:
    async with worker(tiny, tensor_split=tuple([1.0] * 100)) as one:
        with pytest.raises(ModelUnavailable, match="tensor_split has 100 shares"):
            await one.call("load")


async def test_likelihood_is_that_of_the_models_own_scores(stories: Path) -> None:
    async with worker(stories) as one:
        known, count = await one.call("likelihood", texts=["Once upon a time, there was a little girl named Lily."])
        odd, odd_count = await one.call("likelihood", texts=["Lily girl a named, time little there upon was once."])
        both, both_count = await one.call("likelihood", texts=["Once upon", "a time"])
        parts = [await one.call("likelihood", texts=[text]) for text in ("Once upon", "a time")]
    assert known / count > odd / odd_count + 1
    assert known < 0
    assert (both, both_count) == (pytest.approx(sum(p[0] for p in parts), abs=1e-3), sum(p[1] for p in parts))
