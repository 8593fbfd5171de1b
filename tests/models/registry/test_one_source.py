"""F-01: models are named in config only; no code repeats one, so that no two places can give different answers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from trayassist import config
from trayassist.paths import shipped_file

ROOT = Path(__file__).resolve().parents[3]
FILES = sorted(path for folder in ("src", "plugins") for path in (ROOT / folder).rglob("*.py"))
# a family and a size, as in "qwen2.5:7b" or "Llama-3-8B"; architectures and tokenizers have no size
MODEL = re.compile(
    r"\b(qwen|llama|mistral|mixtral|deepseek|kimi|gpt|phi|gemma|smollm|granite|bge|nomic|claude|gemini)"
    r"[\w.]*(-[a-z0-9.]+)*[-:]\d+(\.\d+)?[bm]\b|\b(gpt|claude|gemini|kimi)-[a-z]*-?\d",
    re.IGNORECASE,
)


def texts(source: str) -> Iterator[str]:
    """Yield the texts that a program works with; what is only said of it is left out."""
    tree = ast.parse(source)
    said = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value


OTHERS = {"kimi-k3", "granite-embed-multi-311m"}  # an architecture and a way to split words, of llama.cpp's
KNOWN = {
    word
    for name, one in config.read_yaml(shipped_file("config/stacks.yaml")).data["models"].items()
    for word in (name, one["repo"], one["file"])
}


def names_model(text: str) -> bool:
    return text in KNOWN or MODEL.search(text) is not None


@pytest.mark.parametrize("text", ["qwen2.5:7b", "Llama-3.2-3B", "ask gpt-4 first", "deepseek-coder:1.3b", "qwen3-4b"])
def test_a_model_is_known_by_its_look(text: str) -> None:
    assert names_model(text)


def test_no_code_names_a_model() -> None:
    assert len(FILES) > 200
    found = [
        f"{path.relative_to(ROOT)}: {text[:60]}"
        for path in FILES
        for text in texts(path.read_text(encoding="utf-8"))
        if len(text) < 10_000 and text not in OTHERS and names_model(text)
    ]
    assert found == []
