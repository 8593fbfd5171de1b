"""Collects the texts of the windows into translations/*.ts and compiles these to .qm. Run it after a change of texts.

New texts come into the .ts unfinished: write their translation there (or in Qt Linguist), and run it again. Sentences
of the core stand in core_*.json; those that the core has no more are taken out, and `--missing` lists those that a
window may show and nobody translated yet.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from trayassist.config import App
from trayassist.models.registry.schema import ResidencySettings

HERE = Path(__file__).resolve().parent / "translations"
CORE = HERE.parents[1] / "src" / "trayassist"
WINDOWS, PLUGINS = CORE / "ui", HERE.parents[1] / "plugins"
LANGUAGES = ("de",)

# Files whose texts no window shows: what only the command line calls, what models are told, what only logs hold.
NEVER_SHOWN = (
    "trayassist/__main__.py",
    "trayassist/models/adapters/training.py",
    "trayassist/models/catalog/models_json.py",
    "trayassist/models/checks/advice.py",
    "trayassist/models/checks/check.py",
    "trayassist/models/checks/files.py",
    "trayassist/models/checks/inventory.py",
    "trayassist/models/serving/figures.py",
    "trayassist/models/serving/measuring.py",
    "trayassist/models/serving/smoke.py",
    "trayassist/models/serving/tuning.py",
    "trayassist/ui/app/single.py",
    "trayassist/ui/app/start.py",
    "trayassist/workers/mock.py",
)
NOT_SHOWN = ("debug", "info", "warning", "exception", "compile", "Field", "tr")  # calls whose texts stay inside
# what the router learns from, a model is asked, or is said in the language of the question
TOLD = ("examples", "SENTENCE", "LEFT_OUT", "NOT_SAID")
SENTENCE = re.compile(r"[A-Z“{].* .* .*[a-z\d}”)][.!]|[A-Z“{].*\}\S*\?")
SYSTEM = (  # errors of the system that stand in sentences
    "Connection refused",
    "Connection reset by peer",
    "Connection timed out",
    "Device or resource busy",
    "Directory not empty",
    "File exists",
    "File name too long",
    "Input/output error",
    "Is a directory",
    "Network is unreachable",
    "No route to host",
    "No space left on device",
    "No such file or directory",
    "Not a directory",
    "Operation not permitted",
    "Permission denied",
    "Read-only file system",
    "Too many levels of symbolic links",
    "Too many open files",
)
GAP = "\0"  # where a value stands
BESIDE = re.compile(r"^\0 (?=[A-Z][a-z]|\0 )|(?<=[.!?]) \0$")  # a sentence of its own before or behind this one
COMMANDS = "trayassist_watchdog/commands/"
DOES = re.compile(r"(?!aws|iptables|rails|gsettings|torsocks)([a-z]+s|may) [a-z' ,]+[a-z]")  # what a command does


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


def core_texts() -> set[str]:
    """Return every text of the core and of the bundled plugins, {0} for each part that differs."""
    nodes = [node for tree in _trees().values() for node in ast.walk(tree)]
    texts = (text for node in nodes if isinstance(node, ast.Constant | ast.JoinedStr) for text in _texts(node))
    return {*texts, *SYSTEM, *_counted(nodes)}


def visible_texts() -> set[str]:
    """Return those that a window may show: errors, settings of plugins, sentences, what a dangerous command does."""
    trees = _trees(left_out=NEVER_SHOWN)
    errors = {"TrayassistError"}
    while new := {name for tree in trees.values() for name, bases in _classes(tree) if bases & errors} - errors:
        errors |= new
    found = set(SYSTEM)
    for path, tree in trees.items():
        found.update(_visible(tree, errors))
        found.update(_counted(ast.walk(tree)))
        if COMMANDS in path:
            constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
            found.update(text for text in constants if isinstance(text, str) and DOES.fullmatch(text))
    return found


def _trees(left_out: tuple[str, ...] = ()) -> dict[str, ast.AST]:
    """Return what stands in each file of the core and the plugins, by its path from the root."""
    root = HERE.parents[1]
    files = [path for path in CORE.rglob("*.py") if "cli" not in path.relative_to(CORE).parts]
    names = {path.relative_to(root).as_posix(): path for path in (*files, *PLUGINS.rglob("*.py"))}
    return {
        name: ast.parse(path.read_text(encoding="utf-8"))
        for name, path in names.items()
        if not any(part in name for part in left_out)
    }


def _visible(node: ast.AST, errors: set[str]) -> Iterator[str]:
    """Yield the texts below a node that are given to an error or a plugin's setting, or are a sentence."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue  # a docstring
        if isinstance(child, ast.Constant) and isinstance(node, ast.JoinedStr):
            continue  # a piece of a text
        if isinstance(child, ast.Assign) and _name(child.targets[0]) in TOLD:
            continue
        if isinstance(child, ast.Call):
            if _name(child.func) in NOT_SHOWN:
                continue
            if _name(child.func) in errors | {"Setting"}:
                yield from (text for part in _arguments(child) for text in _texts(part) if " " in text)
        if isinstance(child, ast.Constant | ast.JoinedStr):
            yield from filter(SENTENCE.fullmatch, _texts(child))
        yield from _visible(child, errors)


def _counted(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Yield what `count` of the core makes of a noun, for one and for many."""
    for node in nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "count":
            for noun in (part.value for part in node.args[1:2] if isinstance(part, ast.Constant)):
                yield from (f"1 {noun}", f"{{0}} {noun}s")


def _arguments(call: ast.Call) -> tuple[ast.expr, ...]:
    return (*call.args, *(keyword.value for keyword in call.keywords))


def _classes(tree: ast.AST) -> Iterator[tuple[str, set[str]]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield node.name, {_name(base) for base in node.bases}


def _name(node: ast.AST) -> str:
    return str(getattr(node, "id", getattr(node, "attr", "")))


def _texts(node: ast.AST) -> Iterator[str]:
    """Yield the texts that an expression may be: with a place for each value, of each branch of a condition.

    Whole sentences that a value stands for, before or behind, are left out: they are translated by themselves.
    """
    if isinstance(node, ast.IfExp):
        yield from (*_texts(node.body), *_texts(node.orelse))
        return
    if isinstance(node, ast.JoinedStr):
        text = "".join(str(value.value) if isinstance(value, ast.Constant) else GAP for value in node.values)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        text = re.sub(r"\{\w*\}", GAP, node.value)
    else:
        return
    if any(map(str.isalpha, text)):
        numbers = iter(range(text.count(GAP)))
        yield re.sub(GAP, lambda _: f"{{{next(numbers)}}}", BESIDE.sub("", text).strip())


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
            print(*sorted(visible_texts() - set(json.loads(core.read_text(encoding="utf-8")))), sep="\n")
