"""Headers from strangers: whatever they claim, what is read, kept and walked over of them is bounded."""

from __future__ import annotations

import io
import os
import random
import struct
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests import tiny_gguf
from trayassist.api import ModelUnavailable
from trayassist.gguf_format import MOST_READ, MOST_STRINGS, DamagedHeader, UnknownVersion, describe
from trayassist.models.gguf import header, vocabulary

TERABYTE = 2**40
MUTATIONS = int(os.environ.get("TRAYASSIST_FUZZ", "400"))  # 10,000 take some minutes


def text(value: bytes) -> bytes:
    return struct.pack("<Q", len(value)) + value


def begin(pairs: int, tensors: int = 0) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", 3, tensors, pairs)


def number(key: str, value: int) -> bytes:
    return text(key.encode()) + struct.pack("<IQ", 10, value)


def words(key: str, value: str) -> bytes:
    return text(key.encode()) + struct.pack("<I", 8) + text(value.encode())


def array(key: str, item: int, count: int) -> bytes:
    return text(key.encode()) + struct.pack("<IIQ", 9, item, count)


class CountingBytes(io.BytesIO):
    """The beginning of a sparse file of a terabyte: zeros follow. Counts the bytes that are read."""

    count = 0
    place = 0

    def seek(self, offset: int, whence: int = 0, /) -> int:
        assert whence == 0
        self.place = offset
        return offset

    def read(self, size: int | None = -1, /) -> bytes:
        assert size is not None
        assert size >= 0, "the whole file was asked for"
        data = self.getbuffer()[self.place : self.place + size].tobytes()
        self.place += size
        self.count += size
        return data + bytes(size - len(data))


CLAIMS: dict[str, bytes] = {
    "more strings than any file has": begin(1) + array("a", 8, 10_000_000),
    "as many strings as may be, all empty": begin(1) + array("a", 8, MOST_STRINGS),
    "many arrays of empty strings": begin(9) + b"".join(array(f"a{n}", 8, 0) for n in range(8)) + array("z", 8, 10**7),
    "strings far apart": begin(1) + array("a", 8, 900_000) + text(b"x" * 8) * 3 + struct.pack("<Q", 2**20) * 9,
    "a long text": begin(1) + text(b"a") + struct.pack("<IQ", 8, 2**36),
    "a long name": begin(1) + struct.pack("<Q", 2**33),
    "a long array of numbers": begin(1) + array("a", 10, 2**40),
    "more keys than any file has": begin(2**60),
    "many keys that are zeros": begin(99_999),
    "many tensors that are zeros": begin(0, tensors=99_999),
    "many dimensions": begin(0, tensors=1) + text(b"a") + struct.pack("<I", 2**31),
}


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_sparse_file_costs_a_bounded_amount_of_reading(claim: str) -> None:
    file = CountingBytes(CLAIMS[claim])
    with suppress(DamagedHeader, UnknownVersion):
        describe(file, TERABYTE, ("a",))
    assert file.count <= MOST_READ
    assert file.seek(0) == 0


def test_what_is_kept_of_a_header_is_bounded(tmp_path: Path) -> None:
    """Each of these made lists of its length, or read for as long as the file claims to be."""
    model = tmp_path / "m-00001-of-00002.gguf"
    llama = words("general.architecture", "llama")
    claims = (
        begin(3) + llama + number("split.count", 10_000_000) + number("split.no", 0),
        begin(3) + llama + number("split.count", 2**63) + number("split.no", 2**62),
        begin(3) + llama + number("llama.block_count", 2**40) + number("llama.attention.head_count", 8),
        begin(2) + words("tokenizer.ggml.model", "none") + number("llama.vocab_size", 2**62),
    )
    for claim in claims:
        model.write_bytes(claim)
        os.truncate(model, 2**34)  # sparse: it takes no room on the disk
        tracemalloc.start()
        try:
            for read in (lambda: header.read(model, "any"), lambda: vocabulary.read(model)):
                with suppress(ModelUnavailable):
                    read()
            assert tracemalloc.get_traced_memory()[1] < 64 * 2**20
        finally:
            tracemalloc.stop()


def mutations(seed: int, whole: bytes) -> bytes:
    """Return a whole header with changes that a length, a count or a type is likely to meet."""
    chance = random.Random(seed)  # the same in each run
    data = bytearray(whole)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data) - 8)
        change: Callable[[], object] = chance.choice(
            (
                lambda at=at: data.__setitem__(at, chance.randrange(256)),
                lambda at=at: data.__setitem__(slice(at, at + 8), chance.choice(EXTREMES)),
                lambda at=at: data.__delitem__(slice(at, at + chance.randint(1, 40))),
                lambda at=at: data.__setitem__(slice(at, at), data[at : at + chance.randint(1, 200)]),
            )
        )
        change()
        if len(data) < 64:
            break
    return bytes(data)


EXTREMES = tuple(
    struct.pack("<Q", value)
    for value in (0, 1, 7, 255, 4097, 10**6, 10**7, 2**31, 2**32 - 1, 2**40, 2**63 - 1, 2**63, 2**64 - 1)
)


def test_a_mutated_header_is_read_or_refused_in_words_and_never_anything_else(tmp_path: Path) -> None:
    """Any other error fails the test. TRAYASSIST_FUZZ=10000 tries as many."""
    whole = tiny_gguf.write(tmp_path / "whole.gguf").read_bytes()
    start = whole.index(b"blk.0")
    file = tmp_path / "mutated.gguf"
    refused = 0
    for seed in range(MUTATIONS):
        file.write_bytes(mutations(seed, whole[: start + 4000]) + (whole[start + 4000 :] if seed % 2 else b""))
        for read in (lambda: header.read(file, "any"), lambda: vocabulary.read(file)):
            try:
                read()
            except ModelUnavailable:
                refused += 1
    assert MUTATIONS // 2 < refused < 2 * MUTATIONS, "some are read, most are not"
