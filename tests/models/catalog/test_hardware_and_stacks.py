"""Facts of a machine become a tier, and a tier a stack that fits together (S1-13, S1-14, S1-23, S4-27)."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trayassist.models.catalog import selection, stacks
from trayassist.models.catalog.entries import FILLS
from trayassist.models.gguf import hardware
from trayassist.models.gguf.estimate import weights_bytes
from trayassist.models.gguf.hardware import GIB, TIERS, Gpu, Hardware
from trayassist.models.registry.rules import BY_RULES
from trayassist.models.registry.schema import Registry

STACKS = stacks.load()


def machine(ram: float = 16, vram: float = 0, cores: int = 8, backend: str = "cuda") -> Hardware:
    gpus = (Gpu("card", int(vram * GIB), ("cuda", "vulkan")),) if vram else ()
    size = int(ram * GIB)
    return Hardware(ram=size, available=size, cores=cores, disk_free=10**12, gpus=gpus, backend=backend if vram else "")


machines = st.builds(
    machine, ram=st.floats(1, 512), vram=st.floats(0, 200), cores=st.integers(1, 128),
    backend=st.sampled_from(["", "cuda", "hip", "metal"]),
)  # fmt: skip


# ------------------------------------------------------------ tiers


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (machine(4), "cpu-small"),
        (machine(7.7), "cpu-small"),
        (machine(11.6), "cpu"),
        (machine(64), "cpu"),
        (machine(32, 8), "cpu"),
        (machine(32, 11.99), "gpu-12"),
        (machine(32, 15.99), "gpu-16"),
        (machine(64, 23.99), "gpu-24"),
        (machine(64, 48), "gpu-24"),
        (machine(64, 48, backend=""), "cpu"),
        (machine(8, 16), "gpu-16"),
    ],
)
def test_each_machine_has_its_tier(facts: Hardware, expected: str) -> None:
    assert hardware.tier(facts) == expected


@given(machines, st.floats(0, 64), st.floats(0, 64))
def test_more_memory_never_means_a_lower_tier(facts: Hardware, more_ram: float, more_vram: float) -> None:
    gpus = tuple(Gpu(gpu.name, gpu.bytes + int(more_vram * GIB), gpu.backends) for gpu in facts.gpus)
    bigger = Hardware(
        ram=facts.ram + int(more_ram * GIB), available=0, cores=facts.cores, disk_free=0, gpus=gpus,
        backend=facts.backend,
    )  # fmt: skip
    assert TIERS.index(hardware.tier(bigger)) >= TIERS.index(hardware.tier(facts))


def test_a_card_that_llama_cpp_cannot_use_counts_as_unused() -> None:
    facts = machine(32, 24, backend="metal")
    assert (facts.vram, facts.unused_vram) == (0, 24 * GIB)
    notes = stacks.recommend(facts, STACKS).notes
    assert any("cannot use" in note for note in notes)


def test_looking_at_this_machine_never_fails(tmp_path: Path) -> None:
    facts = hardware.look(tmp_path / "not" / "there")
    assert facts.ram >= facts.available > 0
    assert facts.cores >= 1
    assert facts.disk_free > 0


def test_nvidia_smi_is_read_and_a_program_that_hangs_or_fails_counts_as_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "nvidia-smi"
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(hardware, "SYSFS", tmp_path)
    monkeypatch.setattr(hardware, "LOOK_LIMIT_S", 0.3)
    monkeypatch.setattr(hardware.sys, "platform", "linux")
    for script, found in (
        ("echo 'NVIDIA GeForce RTX 3060, 12288'; echo 'NVIDIA A2, with, commas, 15356'", [12 * GIB, 15356 * 2**20]),
        ("echo 'No devices were found'", []),
        ("echo 'card, 12288'; exit 9", []),
        ("exec sleep 5", []),
        ("printf '\\377\\376, 12288\\n'", []),
    ):
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o700)
        assert [gpu.bytes for gpu in hardware.look(tmp_path).gpus] == found, script


def test_amd_cards_are_read_from_the_driver(tmp_path: Path) -> None:
    for card, text in (("card0", "17163091968\n"), ("card1", "nonsense")):
        file = tmp_path / card / "device" / "mem_info_vram_total"
        file.parent.mkdir(parents=True)
        file.write_text(text)
    assert [gpu.bytes for gpu in hardware._amd(tmp_path)] == [17163091968]


# ------------------------------------------------------------ stacks


@given(machines)
def test_a_stack_is_proposed_for_every_machine_and_what_it_says_fits_fits(facts: Hardware) -> None:
    found = stacks.recommend(facts, STACKS)
    slots = {choice.slot: choice for choice in found.choices}
    assert {"worker", "coder"} <= slots.keys()
    small = sum(choice.memory for choice in found.choices if choice.slot not in stacks.HEAVY)
    for heavy in stacks.HEAVY:
        if slots[heavy].fit == "fits":
            assert slots[heavy].memory + small <= found.budget
    for choice in found.choices:
        assert choice.candidate.license
        assert choice.fit == "fits" or choice.why
        assert choice.roles
    assert found.fits == all(choice.fit != "won't fit" for choice in found.choices)
    assert found.fits or found.notes


@pytest.mark.parametrize(
    ("facts", "worker"),
    [
        (machine(8), "qwen2.5-1.5b"),
        (machine(16), "qwen3-4b"),
        (machine(64, cores=16), "qwen3-30b-a3b"),
        (machine(32, 12), "qwen2.5-7b"),
        (machine(32, 15.99), "qwen2.5-14b"),
        (machine(64, 48), "qwen2.5-32b"),
    ],
)
def test_each_tier_has_its_worker(facts: Hardware, worker: str) -> None:
    found = stacks.recommend(facts, STACKS)
    assert found.choices[0].name == worker
    assert found.fits


def test_a_small_worker_is_labelled_and_not_refused() -> None:
    seven, fourteen = (stacks.recommend(machine(32, vram), STACKS).choices[0] for vram in (12, 16))
    assert seven.note.startswith("small model")
    assert seven.fit == "fits"
    assert fourteen.note == ""


def test_what_the_user_picks_is_judged_too() -> None:
    found = stacks.recommend(machine(16), STACKS, {"worker": "qwen2.5-32b", "embedder": ""})
    worker = found.choices[0]
    assert (worker.name, worker.fit) == ("qwen2.5-32b", "won't fit")
    assert "are left for it" in worker.why
    assert "embedder" not in {choice.slot for choice in found.choices}
    slow = stacks.recommend(machine(64, cores=4), STACKS, {"worker": "qwen2.5-32b"}).choices[0]
    assert (slow.fit, "tokens a second" in slow.why) == ("slow", True)


def test_a_model_that_two_slots_share_is_fetched_once() -> None:
    found = stacks.recommend(machine(16), STACKS, {"worker": "qwen2.5-coder-1.5b", "coder": "qwen2.5-coder-1.5b"})
    assert len(found.choices) == 3
    names = {choice.name for choice in found.choices}
    assert found.download == sum(STACKS.models[name].file_bytes for name in names)


def test_nothing_is_proposed_for_roles_that_ask_no_model() -> None:
    """Watchdog and curator work by rules: a model for them would be fetched and loaded, and never asked."""
    for kind in STACKS.tiers:
        assert not set(BY_RULES) & {role for roles in STACKS.slots.values() for role in roles}, kind
    for memory, vram in ((8, 0), (16, 0), (32, 12), (64, 48)):
        found = stacks.recommend(machine(memory, vram), STACKS)
        assert not set(BY_RULES) & {role for choice in found.choices for role in choice.roles}
        wants = selection.of_stack(found, Registry())
        assert not [key for want in wants for key in want.settings if key.startswith(("roles.watchdog", "roles.cur"))]
    for roles in FILLS.values():
        assert not set(BY_RULES) & set(roles)


def test_what_an_estimate_rests_on_is_written_down_with_the_models() -> None:
    small, big = machine(8), machine(64, 48)
    wants = {want.name: want for want in selection.of_stack(stacks.recommend(small, STACKS), Registry())}
    assert wants["qwen2.5-1.5b"].settings["runtime_defaults.conversation_cache_mb"] == 64
    assert wants["qwen2.5-1.5b"].settings["roles.persona.context_length"] == 4096
    hot = {want.name: want.settings for want in selection.of_stack(stacks.recommend(big, STACKS), Registry())}
    assert hot["qwen2.5-32b"]["roles.persona.residency"] == "hot"
    assert "roles.coder.residency" not in hot["qwen3-coder-30b-a3b"]


def test_every_model_of_the_stacks_is_described_whole() -> None:
    for name, candidate in STACKS.models.items():
        assert candidate.repo.count("/") == 1, name
        assert candidate.file.endswith(".gguf"), name
        told = weights_bytes(candidate.params_b, candidate.quant)
        assert candidate.file_bytes == pytest.approx(told, rel=0.25 if candidate.params_b > 1 else 0.7), name
    for stack in STACKS.tiers.values():
        for slot in stacks.SLOTS:
            assert all(name in STACKS.models for name in stack.names(slot) if name)


# ------------------------------------------------------------ sizes (S4-27)


@pytest.mark.parametrize(
    ("params_b", "quant", "about_gb"),
    [(3, "Q4_K_M", 2), (7, "Q4_K_M", 4.4), (7, "Q8_0", 7.5), (13, "Q4_0", 7.5), (30, "F16", 60), (30, "Q4_K_M", 18)],
)
def test_the_table_of_sizes_is_met(params_b: float, quant: str, about_gb: float) -> None:
    assert weights_bytes(params_b, quant) / 1e9 == pytest.approx(about_gb, rel=0.12)
