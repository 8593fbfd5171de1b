"""S4-14: one key changes, every other byte stays."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from trayassist.config import yaml_edit

FILE = """\
# my models
models:
  local-fast: {file: fast.gguf, kind: instruct}   # the small one
  "local code":
    file: code.gguf      # two
    kind: code

roles:
  # talks
  persona:
    model: local-fast    # for now
    fallback:
      - local code
  coder: {model: "local code"}

mode: agent
"""


@pytest.mark.parametrize(
    ("path", "value", "old", "new"),
    [
        (["roles", "persona", "model"], "x", "model: local-fast    # for now", "model: x    # for now"),
        (["roles", "coder", "model"], "x", 'coder: {model: "local code"}', "coder: {model: x}"),
        (["roles", "coder", "temperature"], 0.5, '"local code"}', '"local code", temperature: 0.5}'),
        (["roles", "persona", "seed"], 1, "- local code\n", "- local code\n    seed: 1\n"),
        (["roles", "persona", "fallback"], ["a"], "fallback:\n      - local code\n", "fallback: [a]\n"),
        (["roles", "curator"], {"model": "a"}, '"local code"}\n', '"local code"}\n  curator: {model: a}\n'),
        (["models", "qwen2.5"], {"file": "q"}, "kind: code\n\n", "kind: code\n  qwen2.5: {file: q}\n\n"),
        (["mode"], "dual", "mode: agent", "mode: dual"),
        (["lanes", "light"], 3, "mode: agent\n", "mode: agent\nlanes:\n  light: 3\n"),
        (["roles", "persona"], {}, "persona:\n    model: local-fast    # for now\n    fallback:\n      - local code",
         "persona: {}"),
        (["models", "local code", "kind"], "on", "kind: code\n", "kind: 'on'\n"),
    ],
)  # fmt: skip
def test_a_value_is_put_and_nothing_else_moves(path: list[str], value: Any, old: str, new: str) -> None:
    assert old in FILE
    assert yaml_edit.put(FILE, path, value) == FILE.replace(old, new)


@pytest.mark.parametrize(
    ("path", "old"),
    [
        (["models", "local-fast"], "  local-fast: {file: fast.gguf, kind: instruct}   # the small one\n"),
        (["models", "local-fast", "kind"], ", kind: instruct"),
        (["models", "local-fast", "file"], "file: fast.gguf, "),
        (["roles", "persona", "fallback"], "    fallback:\n      - local code\n"),
        (["roles", "coder", "model"], '  coder: {model: "local code"}\n'),
        (["mode"], "mode: agent\n"),
        (["nothing", "like", "it"], ""),
    ],
)
def test_a_key_is_dropped_and_nothing_else_moves(path: list[str], old: str) -> None:
    assert yaml_edit.drop(FILE, path) == (FILE.replace(old, "") if old else FILE)


def test_dropping_the_last_key_drops_what_held_it() -> None:
    assert yaml_edit.drop("# mine\na:\n  b:\n    c: 1\n", ["a", "b", "c"]) == "# mine\n"
    assert yaml_edit.drop("a: {b: {c: 1}}\nd: 2\n", ["a", "b", "c"]) == "d: 2\n"


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("", "roles:\n  persona:\n    model: a\n"),
        ("# nothing yet", "# nothing yet\nroles:\n  persona:\n    model: a\n"),
        ("roles:\n", "roles: {persona: {model: a}}\n"),
        ("roles: {}\n", "roles: {persona: {model: a}}\n"),
        ("roles: {persona: }\n", "roles: {persona: {model: a}}\n"),
        ("roles:\n  persona: ~\n", "roles:\n  persona: {model: a}\n"),
        ("roles:\r\n  coder: {}\r\n", "roles:\r\n  coder: {}\r\n  persona:\r\n    model: a\r\n"),
        ("mode: agent", "mode: agent\nroles:\n  persona:\n    model: a\n"),
        ("{mode: agent}", "{mode: agent, roles: {persona: {model: a}}}"),
        ("note: |\n  two\n  lines\n", "note: |\n  two\n  lines\nroles:\n  persona:\n    model: a\n"),
    ],
)
def test_missing_mappings_are_made(text: str, new: str) -> None:
    assert yaml_edit.put(text, ["roles", "persona", "model"], "a") == new


@pytest.mark.parametrize("text", ["a: &x {b: 1}\nc: *x\n", "- a\n", "just words\n"])
def test_what_cannot_be_changed_alone_is_refused(text: str) -> None:
    with pytest.raises(yaml_edit.NotEditable):
        yaml_edit.put(text, ["c", "b"], 2)


@pytest.mark.parametrize("end", ["\x85", "\u2028", "\u2029"])
def test_other_line_ends_stay_in_a_value(end: str) -> None:
    put = yaml_edit.put("# kept\na: 1\n", ["b"], [f"one{end}two"])
    assert yaml.safe_load(put) == {"a": 1, "b": [f"one{end}two"]}
    assert put.startswith("# kept\na: 1\n")


names = st.text("abc:#' é-0", min_size=1, max_size=6)
leaves = st.one_of(
    st.integers(-(2**63), 2**64 - 1),
    st.booleans(),
    st.none(),
    st.text(max_size=8),
    st.lists(st.text(max_size=4), max_size=3),
)
trees = st.recursive(leaves, lambda inner: st.dictionaries(names, inner, max_size=3), max_leaves=8)


@given(
    data=st.dictionaries(names, trees, max_size=4),
    path=st.lists(names, min_size=1, max_size=3),
    value=leaves,
    flow=st.sampled_from([None, True, False]),
)
def test_whatever_is_put_is_read_back_and_can_be_dropped(
    data: dict[str, Any], path: list[str], value: Any, flow: bool | None
) -> None:
    text = yaml.safe_dump(data, default_flow_style=flow, allow_unicode=True)
    put = yaml_edit.put(text, path, value)
    inner = yaml.safe_load(put)
    for part in path:
        inner = inner[part]
    assert inner == value
    again = yaml.safe_load(yaml_edit.drop(put, path)) or {}
    for part in path[:-1]:
        again = again.get(part, {})
    assert path[-1] not in again
