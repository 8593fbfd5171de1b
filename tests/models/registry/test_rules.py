"""What registry.yaml must not say: every error names file, line, key, the nearest right name and what to do."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from trayassist.api import ConfigError
from trayassist.models.checks.advice import advice
from trayassist.models.registry import file as registry_file
from trayassist.models.registry import rules
from trayassist.models.registry.schema import Registry
from trayassist.paths import Paths

MODELS = """\
models:
  local-fast: {file: f.gguf, license: mit}
  local-code: {file: c.gguf, kind: code, license: mit}
  sums: {file: s.gguf, kind: math, license: mit}
  dear: {provider: openai, remote_id: d}
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "roles:\n  coder:\n    model: local-fats\n",
            ("line 8: Model 'local-fats' not found in registry (“roles.coder.model”). Did you mean “local-fast”?"),
        ),
        (
            "roles:\n  coder:\n    fallback:\n      - local-fast\n      - zzz\n",
            (
                "line 10: Model 'zzz' not found in "
                "registry (“roles.coder.fallback”). Describe it under “models:”. Described: dear, local-code"
            ),
        ),
        (
            "roles:\n  coder:\n    model: local-code\n    acceleration:\n      draft: {model: local-fat}\n",
            "line 10: Model 'local-fat' not found in registry (“roles.coder.acceleration.draft.model”). Did you mean",
        ),
        (
            "modes:\n  agent:\n    roles:\n      persona: {model: local-fst}\n",
            (
                "line 9: Model 'local-fst' not found in "
                "registry (“modes.agent.roles.persona.model”). Did you mean “local-fast”?"
            ),
        ),
        ("jobs:\n  digest: {model: x1}\n", "line 7: Model 'x1' not found in registry (“jobs.digest.model”)"),
        (
            "policy:\n  premium_allowlist: {deer: [persona]}\n",
            ("line 7: Model 'deer' not found in registry (“policy.premium_allowlist.deer”). Did you mean “dear”?"),
        ),
        ("mode: agnet\n", "line 6: There is no mode 'agnet' (“mode”). Did you mean “agent”?"),
        (
            "roles:\n  planner:\n    share_with: persna\n",
            ("line 8: “roles.planner.share_with” is 'persna', which is no role here. Did you mean “persona”?"),
        ),
        (
            "roles:\n  a: {share_with: b}\n  b:\n    share_with: c\n  c: {share_with: a}\n",
            "line 7: “roles.a.share_with” goes in a circle: a → b → c → a.",
        ),
        # S0-23: chains
        (
            "routing:\n  escalation:\n    chains: {chat: [local-fast, local-cod]}\n",
            "line 8: Model 'local-cod' not found in registry (“routing.escalation.chains.chat”). Did you mean",
        ),
        (
            "routing:\n  escalation:\n    chains:\n      caht: [local-fast, local-code]\n",
            "line 9: “routing.escalation.chains.caht” is no kind of question. Did you mean “chat”?",
        ),
        (
            "routing: {escalation: {chains: {chat: [local-fast, local-fast]}}}\n",
            "line 6: “routing.escalation.chains.chat” names a model twice.",
        ),
        (
            "routing: {escalation: {chains: {chat: [local-fast]}}}\n",
            "line 6: “routing.escalation.chains.chat” has one model only.",
        ),
        (
            "routing: {escalation: {chains: {chat: [local-fast, dear]}}}\n",
            (
                "line 6: Model 'dear' costs money, and never answers in place of another "
                "(“routing.escalation.chains.chat”)."
            ),
        ),
        # S2-04: premium
        (
            "roles:\n  coder: {model: local-code, fallback: [dear]}\n",
            ("line 7: Model 'dear' costs money, and never answers in place of another (“roles.coder.fallback”)."),
        ),
        (
            "roles:\n  persona: {model: dear}\n",
            (
                "line 7: Model 'dear' costs money, and the role 'persona' may not use it "
                "(“roles.persona.model”). Name a local model, or add persona to “policy.premium_allowlist.dear”."
            ),
        ),
        ("jobs: {plan: {model: dear}}\n", "Model 'dear' costs money, and the job 'plan' may not use it"),
        (
            "modes:\n  dual:\n    roles:\n      persona: [{model: local-fast}, {model: dear, priority: 2}]\n",
            (
                "line 9: Model 'dear' costs money, and never answers in place of another "
                "(“modes.dual.roles.persona.model”)."
            ),
        ),
        ("modes:\n  dual:\n    roles:\n      persona: dear\n", "the role 'persona' may not use it"),
        # S1-09
        ("roles:\n  persona: {model: sums}\n", "line 7: Model 'sums' is for mathematics, and the role 'persona' chats"),
        ("roles:\n  curator: {model: local-fast, fallback: [sums]}\n", "the role 'curator' chats (“roles.curator.fall"),
        ("modes: {dual: {roles: {persona: sums}}}\n", "the role 'persona' chats (“modes.dual.roles.persona.model”)"),
        (
            "roles:\n  deep: {model: sums}\n  persona: {share_with: deep}\n",
            "line 8: Model 'sums' is for mathematics, and the role 'persona' chats (“roles.persona.share_with”).",
        ),
        (
            (
                "policy: {premium_allowlist: {dear: [persona]}}\nroles:\n  persona: {model: dear}\n"
                "  narrator: {share_with: persona}\n"
            ),
            "line 9: Model 'dear' costs money, and the role 'narrator' may not use it (“roles.narrator.share_with”).",
        ),
        (
            "roles: {coder: {residency: hott}}\n",
            "“roles.coder.residency” is 'hott', which is not allowed. Did you mean “hot”?",
        ),
        # S0-08
        (
            "roles:\n  deep:\n    full_experts: true\n    acceleration:\n      moe: {experts: 2}\n",
            "line 10: The role 'deep' says full_experts, and “roles.deep.acceleration.moe.experts” would",
        ),
        (
            "roles: {coder: {model: local-code, acceleration: {draft: {model: dear}}}}\n",
            "costs money, and never drafts",
        ),
        ("roles: {coder: {model: local-code, acceleration: {draft: {model: local-code}}}}\n", "would draft for itself"),
        ("modes: {dual: {roles: {persona: [{model: local-fast}, {temperature: 1}]}}}\n", "one names no model"),
        # the models themselves
        (
            "  x: {provider: olama, remote_id: q}\n",
            ("line 6: “models.x.provider” is 'olama', which is not described. Did you mean “ollama”?"),
        ),
        ("  x: {provider: ollama}\n", "line 6: “models.x.remote_id” is missing. Write the model's name at its prov"),
        ("  x: {kind: code}\n", "line 6: “models.x.file” is missing. Write the name of its GGUF file there."),
        ("providers:\n  mine: {enabled: true}\n", "line 7: “providers.mine.base_url” is missing."),
        # shape, in lists and optional parts too (F-07)
        (
            "modes:\n  agent:\n    roles:\n      persona:\n        temprature: 1\n",
            ("line 10: “modes.agent.roles.persona.temprature” is not a setting. Did you mean “temperature”?"),
        ),
        (
            "modes: {dual: {roles: {persona: [{model: sums, prio: 1}]}}}\n",
            ("“modes.dual.roles.persona.0.prio” is not a setting. Did you mean “priority”?"),
        ),
        (
            "roles: {coder: {acceleration: {draft: {modle: x}}}}\n",
            ("“roles.coder.acceleration.draft.modle” is not a setting. Did you mean “model”?"),
        ),
        (
            "draft_rules: [{target: qwen3, draft: [qwen3]}]\n",
            ("“draft_rules.0.draft” is not a setting. Did you mean “drafts”?"),
        ),
        ("providers: {openai: {auth: sk-abc}}\n", "A key is never written into this file; write keyring:"),
    ],
)
def test_what_is_wrong_is_named(home: Paths, text: str, said: str) -> None:
    """F-07, F-27, S1-09, S2-04, S2-05, S0-08, S4-09, S4-24."""
    home.registry.write_text(MODELS + text)
    with pytest.raises(ConfigError) as error:
        registry_file.load(home)
    assert str(error.value).startswith(str(home.registry))
    assert said in str(error.value)


def test_the_first_error_says_how_many_more_there_are(home: Paths) -> None:
    home.registry.write_text("roles: {persona: {model: a}, coder: {model: b}, curator: {model: c}}\n")
    with pytest.raises(ConfigError, match=r"2 more: see trayassist config check\."):
        registry_file.load(home)


def test_an_allowlisted_premium_model_may_be_named(home: Paths) -> None:
    """S2-05."""
    text = "policy: {premium_allowlist: {dear: [persona, plan]}}\nroles: {persona: {model: dear}}\n"
    home.registry.write_text(f"{MODELS}{text}jobs: {{plan: {{model: dear}}}}\n")
    assert registry_file.load(home).role("persona").model == "dear"


def registry(text: str) -> Registry:
    base: dict[str, Any] = yaml.safe_load(MODELS + text)
    base["providers"] = {
        "llama_cpp": {"api": "llama_cpp", "enabled": True},
        "openai": {"kind": "premium", "base_url": "https://e.example"},
    }
    base.setdefault("modes", {"agent": {}})
    return Registry.model_validate(base)


def test_unknown_roles_and_jobs_get_the_nearest_name() -> None:
    """C-08; a plugin that is off may be the one that has it: then it is a warning."""
    one = registry(
        "roles: {persna: {}, coder: {}, watchdog: {}}\nmodes: {agent: {roles: {codr: null}}}\njobs: {digst: {}}\n"
        "policy: {premium_allowlist: {dear: [persona, nobody]}}\n"
    )
    args = (one, ["persona", "coder"], ["digest"], Registry())
    found = rules.unknown_roles(*args, some_off=False)
    assert [(problem.level, rules.dotted_key(problem.key), problem.todo) for problem in found] == [
        ("error", "roles.persna", "Did you mean “persona”?"),
        ("error", "modes.agent.roles.codr", "Did you mean “coder”?"),
        ("error", "jobs.digst", "Did you mean “digest”?"),
        ("error", "policy.premium_allowlist.dear", "Known: coder, digest, embedder, persona, reranker, watchdog."),
    ]
    assert {problem.level for problem in rules.unknown_roles(*args, some_off=True)} == {"warning"}


def test_the_shipped_roles_are_known_though_their_plugin_is_off() -> None:
    assert (
        rules.unknown_roles(registry("roles: {coder: {}}\n"), [], [], registry("roles: {coder: {}}\n"), some_off=False)
        == []
    )


def advise(text: str, **options: Any) -> list[tuple[str, str]]:
    return [(one.level, f"{one.what} {one.todo}".strip()) for one in advice(registry(text), **options)]


@pytest.mark.parametrize(
    ("text", "level", "said"),
    [
        # S0-18
        (
            (
                "  m: {file: m, license: mit, forbid: [draft], quirks: [{issue: it crashes}]}\n"
                "roles: {coder: {model: m, acceleration: {draft: {model: local-fast}}}}\n"
            ),
            "warning",
            "“roles.coder.acceleration.draft” has no effect: “models.m.forbid” names draft (it crashes).",
        ),
        (
            (
                "  m: {file: m, license: mit, forbid: [prompt_lookup, adapters]}\n"
                "roles: {coder: {model: m, acceleration: {prompt_lookup: {enabled: true}}}}\n"
            ),
            "warning",
            "“models.m.forbid” names prompt_lookup.",
        ),
        # S1-23, C-14, S1-14
        ("  m: {file: m}\nroles: {coder: {model: m}}\n", "warning", "The licence of model 'm' is not known"),
        ("  m: {file: m, license: mit, quant: Q5_K_M}\nroles: {coder: {model: m}}\n", "note", "not yet evaluated here"),
        (
            "  m: {file: m, license: mit, params_b: 7}\nroles: {coder: {model: m}}\n",
            "note",
            "Model 'm' in the role 'coder': small model (7B).",
        ),
        # S4-28
        (
            "roles: {persona: {model: local-fast}, orchestrator: {model: local-fast, lane: light}}\n",
            "warning",
            "The role 'orchestrator' judges with the assistant's model",
        ),
        (
            "roles: {persona: {model: local-fast}, router: {share_with: persona}}\n",
            "warning",
            "The role 'router' judges with the assistant's model",
        ),
        ("roles: {orchestrator: {max_tokens: 4096}}\n", "warning", "judges, and may answer 4096 tokens"),
        (
            "  m: {file: m, license: mit, params_b: 30}\nroles: {router: {model: m, lane: light}}\n",
            "warning",
            "Model 'm' has 30B parameters, and the role 'router' is a light one. Name the smallest model",
        ),
        (
            "roles: {watchdog: {model: local-fast}}\n",
            "warning",
            "“roles.watchdog.model” has no effect: the watchdog works by its rules and asks no model. Take it out",
        ),
        (
            "roles: {persona: {model: local-fast}, curator: {share_with: persona}}\n",
            "warning",
            "“roles.curator.share_with” has no effect: the curator works by its rules and asks no model. Take it out",
        ),
        (
            "roles: {coder: {model: local-fast, fallback: [local-code, local-fast]}}\n",
            "warning",
            "“roles.coder.fallback” names 'local-fast', which is the role's own model. Take it out",
        ),
        (
            "roles: {coder: {model: local-fast, fallback: [local-code, local-code]}}\n",
            "warning",
            "“roles.coder.fallback” names 'local-code' twice.",
        ),
        (
            "roles: {persona: {model: local-fast}, n: {model: local-code, share_with: persona}}\n",
            "warning",
            "“roles.n.share_with” has no effect",
        ),
        (
            "policy: {premium_allowlist: {local-fast: [persona], dear: [persona]}}\nroles: {persona: {model: dear}}\n",
            "warning",
            "“policy.premium_allowlist.local-fast” has no effect: model 'local-fast' is not premium.",
        ),
        (
            "policy: {premium_allowlist: {dear: [persona]}}\nroles: {persona: {model: dear}}\n",
            "warning",
            "Model 'dear' is never asked: its provider 'openai' is not enabled.",
        ),
    ],
)
def test_what_is_worth_a_word(text: str, level: str, said: str) -> None:
    found = advise(text)
    assert any(one == level and said in sentence for one, sentence in found), found


def test_a_plain_registry_is_left_in_peace() -> None:
    assert advise("roles: {persona: {model: local-fast}, coder: {model: local-code}}\n") == []


def test_a_number_over_a_measured_one_is_said() -> None:
    """F-06: only one that is written by hand."""
    text = "roles: {coder: {model: local-code, acceleration: {draft: {model: local-fast%s}}}}\n"
    assert advise(text % ", k: 24", tuned=lambda *_: 8) == [
        (
            "warning",
            (
                "“roles.coder.acceleration.draft.k” is 24, and for this pair 8 was measured best. Take the key out "
                "to use what was measured."
            ),
        )
    ]
    assert "measured not to pay" in advise(text % ", k: 24", tuned=lambda *_: 0)[0][1]
    for fine, best in ((", k: 8", 8), ("", 8), (", k: 24", None)):
        assert advise(text % fine, tuned=lambda *_, best=best: best) == []
