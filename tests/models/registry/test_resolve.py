"""S4-08, S4-09, C-08: which model answers for a role, and the words when none does."""

from __future__ import annotations

from typing import Any

import pytest

from trayassist.api import ConfigError, ModelUnavailable, NotAllowed
from trayassist.models.registry.resolve import resolve
from trayassist.models.registry.schema import Adjustment, Registry

LOCAL = {name: {"file": f"{name}.gguf"} for name in "abcdef"}
PROVIDERS = {
    "llama_cpp": {"api": "llama_cpp", "enabled": True},
    "cloud": {"kind": "premium", "base_url": "https://cloud.example/v1", "enabled": True},
}


def registry(**parts: Any) -> Registry:
    """Return a registry with six local models and a premium one; persona has model a."""
    models = LOCAL | {"dear": {"provider": "cloud", "remote_id": "d-1"}}
    base = {"providers": PROVIDERS, "models": models, "modes": {"agent": {}, "dual": {}}}
    base["roles"] = {"persona": {"model": "a", "temperature": 0.7}}
    return Registry.model_validate(base | parts)


def test_precedence_is_call_then_pin_then_job_then_mode_then_role() -> None:
    """S4-08."""
    one = registry(
        modes={"agent": {"roles": {"persona": {"model": "b"}}}},
        jobs={"digest": {"model": "c"}},
    )
    everything = resolve(one, "persona", Adjustment(model="e"), "d", job="digest")
    assert (everything.model, everything.reason) == ("e", "this call asks for it")
    assert resolve(one, "persona", pin="d", job="digest").model == "d"
    assert resolve(one, "persona", job="digest").model == "c"
    assert resolve(one, "persona").model == "b"
    assert resolve(registry(), "persona").model == "a"


def test_the_lowest_priority_number_of_a_mode_wins_and_the_others_follow_as_fallbacks() -> None:
    """S4-05, S4-08."""
    choices = [{"model": "c", "priority": 3}, {"model": "b", "priority": 1}, {"model": "d", "priority": 2}]
    one = registry(
        modes={"agent": {"roles": {"persona": choices}}, "dual": {}},
        roles={"persona": {"model": "a", "fallback": ["f", "d"]}},
    )
    found = resolve(one, "persona")
    assert (found.model, found.fallbacks) == ("b", ("d", "c", "f"))
    assert resolve(one, "persona", mode="dual").model == "a"


def test_a_role_that_is_null_in_a_mode_is_off_whatever_else_is_named() -> None:
    """C-08: no fallback, no pin, no override."""
    one = registry(modes={"agent": {"roles": {"persona": None}}}, roles={"persona": {"model": "a", "fallback": ["b"]}})
    with pytest.raises(NotAllowed, match=r"^The role 'persona' is disabled in mode 'agent'\."):
        resolve(one, "persona", Adjustment(model="b"), "b")


def test_the_exact_words_when_nothing_is_found() -> None:
    """S4-09."""
    with pytest.raises(ModelUnavailable, match=r"^Model 'x' not found in registry\. "):
        resolve(registry(), "persona", Adjustment(model="x"))
    with pytest.raises(ModelUnavailable, match=r"^No model found for role 'persona'\. "):
        resolve(registry(roles={}), "persona")
    with pytest.raises(ConfigError, match=r"^There is no mode 'dream'\. Described under “modes:”: agent, dual"):
        resolve(registry(), "persona", mode="dream")


def test_shared_roles_follow_to_the_model_of_the_mode_and_a_circle_ends() -> None:
    roles = {
        "persona": {"model": "a"},
        "narrator": {"share_with": "reader"},
        "reader": {"share_with": "persona"},
        "x": {"share_with": "y"},
        "y": {"share_with": "x"},
    }
    one = registry(roles=roles, modes={"agent": {}, "dual": {"roles": {"persona": "b"}}})
    assert resolve(one, "narrator").model == "a"
    found = resolve(one, "narrator", mode="dual")
    assert (found.model, found.reason) == ("b", "it is shared with the role persona")
    with pytest.raises(ModelUnavailable, match="No model found for role 'x'"):
        resolve(one, "x")


def test_a_shared_role_that_is_off_still_lends_its_model() -> None:
    roles = {"persona": {"model": "a"}, "narrator": {"share_with": "persona"}}
    one = registry(roles=roles, modes={"agent": {"roles": {"persona": None}}})
    assert resolve(one, "narrator").model == "a"


def test_settings_are_merged_part_by_part() -> None:
    """S4-07, S4-22: the call over the mode over the role over the defaults."""
    one = registry(
        modes={"agent": {"roles": {"persona": {"temperature": 0.5, "stop": ["mode"]}}}},
        roles={"persona": {"model": "a", "temperature": 0.7, "max_tokens": 99, "stop": ["role"], "seed": 3}},
    )
    plain = resolve(one, "persona").settings
    assert (plain.temperature, plain.max_tokens, plain.stop, plain.seed) == (0.5, 99, ("mode",), 3)
    assert plain.timeout_s == one.runtime_defaults.timeout_s
    called = resolve(one, "persona", Adjustment(temperature=0.1, max_tokens=8192, stop=())).settings
    assert (called.temperature, called.max_tokens, called.stop) == (0.1, 8192, ())


def test_premium_needs_the_allowlist_and_is_never_a_fallback() -> None:
    """S2-04, S2-05: checked at the call too, wherever the name comes from."""
    one = registry(roles={"persona": {"model": "a", "fallback": ["dear", "b"]}})
    assert resolve(one, "persona").fallbacks == ("b",)
    for options in ({"override": Adjustment(model="dear")}, {"pin": "dear"}):
        with pytest.raises(NotAllowed, match=r"Model 'dear' costs money, and the role 'persona' may not use it\."):
            resolve(one, "persona", **options)
    granted = registry(
        policy={"premium_allowlist": {"dear": ["persona", "digest"]}}, jobs={"digest": {"model": "dear"}}
    )
    assert resolve(granted, "persona", pin="dear").model == "dear"
    assert resolve(granted, "curator", job="digest").model == "dear"
    with pytest.raises(NotAllowed, match="the job 'weekly' may not use it"):
        resolve(registry(jobs={"weekly": {"model": "dear"}}), "curator", job="weekly")
