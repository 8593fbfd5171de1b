"""Collects the texts of the windows into translations/*.ts and compiles these to .qm. Run it after a change of texts.

New texts come into the .ts unfinished: write their translation there (or in Qt Linguist), and run it again. Sentences
of the core stand in core_*.json; those that the core has no more are taken out, and `--missing` lists what its errors
say and nobody translated yet.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from trayassist.config import App
from trayassist.models.registry.schema import ResidencySettings

HERE = Path(__file__).resolve().parent / "translations"
CORE = HERE.parents[1] / "src" / "trayassist"
WINDOWS, PLUGINS = CORE / "ui", HERE.parents[1] / "plugins"
LANGUAGES = ("de",)


def described() -> list[str]:
    """Return the descriptions of settings that the settings window shows as help."""
    fields = [field for _, section in App() for field in type(section).model_fields.values()]
    return sorted(
        {field.description for field in (*fields, *ResidencySettings.model_fields.values()) if field.description}
    )


def collect(ts: Path) -> None:
    """Bring the texts in a .ts file up to date; translations of texts that are still there stay."""
    with tempfile.TemporaryDirectory() as folder:
        extra = Path(folder) / "described.py"
        extra.write_text("\n".join(f"tr({text!r})" for text in described()), encoding="utf-8")
        sources = [str(path) for path in sorted(WINDOWS.rglob("*.py"))]
        options = ["-locations", "none", "-no-obsolete", "-source-language", "en", "-target-language", ts.stem[-2:]]
        _run("lupdate", *sources, str(extra), *options, "-ts", str(ts))


def core_texts(errors_only: bool = False) -> set[str]:
    """Return the texts of the core and of the bundled plugins, {0} for each part that differs.

    `errors_only` leaves those that an error is made with: what happened, and what to do.
    """
    files = [path for path in CORE.rglob("*.py") if not {"ui", "cli"} & set(path.relative_to(CORE).parts)]
    files += PLUGINS.rglob("*.py")
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in files]
    errors = {"TrayassistError"}
    while new := {name for tree in trees for name, bases in _classes(tree) if bases & errors} - errors:
        errors |= new
    found: set[str] = set()
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Call) and errors_only and _name(node.func) in errors:
            found.update(text for part in (*node.args, *(k.value for k in node.keywords)) for text in _texts(part))
        elif isinstance(node, ast.Constant | ast.JoinedStr) and not errors_only:
            found.update(_texts(node))
    return found


def _classes(tree: ast.AST) -> Iterator[tuple[str, set[str]]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield node.name, {_name(base) for base in node.bases}


def _name(node: ast.AST) -> str:
    return str(getattr(node, "id", getattr(node, "attr", "")))


def _texts(node: ast.AST) -> Iterator[str]:
    """Yield the texts that an expression may be: with a place for each value, of each branch of a condition."""
    if isinstance(node, ast.IfExp):
        yield from (*_texts(node.body), *_texts(node.orelse))
        return
    values = node.values if isinstance(node, ast.JoinedStr) else [node]
    numbers = iter(range(len(values)))
    parts = [str(v.value) if isinstance(v, ast.Constant) else f"{{{next(numbers)}}}" for v in values]
    text = "".join(parts)
    if isinstance(node, ast.JoinedStr | ast.Constant) and " " in text and any(map(str.isalpha, text)):
        yield text


def update_core(file: Path) -> None:
    """Take the sentences out of a core_*.json that the core has no more."""
    known = json.loads(file.read_text(encoding="utf-8"))
    there = core_texts()
    if gone := sorted(set(known) - there):
        print("no longer in the core:", *gone, sep="\n  ")
    kept = {text: known[text] for text in sorted(known) if text in there}
    file.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def compile_to(ts: Path, qm: Path) -> None:
    """Write what the app loads."""
    _run("lrelease", str(ts), "-qm", str(qm))


def _run(tool: str, *arguments: str) -> None:
    subprocess.run([str(Path(sys.executable).parent / f"pyside6-{tool}"), *arguments], check=True)


if __name__ == "__main__":
    for code in LANGUAGES:
        file = HERE / f"trayassist_{code}.ts"
        collect(file)
        compile_to(file, file.with_suffix(".qm"))
        core = HERE / f"core_{code}.json"
        update_core(core)
        if "--missing" in sys.argv:
            print(*sorted(core_texts(errors_only=True) - set(json.loads(core.read_text(encoding="utf-8")))), sep="\n")
