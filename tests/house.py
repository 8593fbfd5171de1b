"""What the source says about its own shape, read with `ast`: modules, who imports them, class and function names.

`python -m tests.house` prints what stands against the rules that tests/test_house.py holds.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SMALL = 100  # lines
# What may lie beside the packages of src/trayassist.
LOOSE = frozenset(("__init__", "__main__", "autostart", "gguf_format", "logs", "paths"))
# A participle says what has been done, not what the function does: no function is called by one alone. Names that
# end in -ed count, but for these words; of the others, the participles that were met.
NO_PARTICIPLE = frozenset(("bed", "embed", "feed", "need", "red", "sed", "seed", "shed", "shred", "speed"))
STANDARD = frozenset(("cancelled",))  # asyncio's own word for a request that was given up
_IRREGULAR = (
    "begun bound broken built caught chosen done drawn fallen forbidden forgotten found frozen given gone grown heard "
    "held hidden kept known left lost made meant met misshapen ran rebuilt said seen sent shown shrunk sought spelt "
    "spent spoken stolen stuck sung taken taught thrown told torn undone understood woken won worn written"
)
IRREGULAR = frozenset(_IRREGULAR.split())


@dataclass(frozen=True)
class SourceFile:
    """One module of the program: its dotted name, where it lies, and its syntax tree."""

    name: str
    path: Path
    tree: ast.Module
    lines: int
    is_package: bool


@cache
def source_files() -> tuple[SourceFile, ...]:
    """Return all modules of src and plugins, in order of their names."""
    found = []
    for root in (ROOT / "src", ROOT / "plugins"):
        for path in sorted(root.rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            is_package = parts[-1] == "__init__"
            text = path.read_text(encoding="utf-8")
            name = ".".join(parts[:-1] if is_package else parts)
            found.append(SourceFile(name, path, ast.parse(text), len(text.splitlines()), is_package))
    return tuple(sorted(found, key=lambda file: file.name))


@cache
def importers() -> dict[str, frozenset[str]]:
    """Return for each module the modules that import it, also inside functions and for types only."""
    names = {file.name for file in source_files()}
    found: defaultdict[str, set[str]] = defaultdict(set)
    for file in source_files():
        for target in _imports(file, names):
            if target != file.name:
                found[target].add(file.name)
    return {name: frozenset(found[name]) for name in names}


def _imports(file: SourceFile, names: set[str]) -> Iterator[str]:
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in names)
        elif isinstance(node, ast.ImportFrom):
            base = file.name.split(".")
            base = base[: len(base) - node.level + file.is_package] if node.level else []
            module = ".".join([*base, *(node.module or "").split(".")]).strip(".")
            for alias in node.names:
                whole = f"{module}.{alias.name}"
                if whole in names:
                    yield whole
                elif module in names:
                    yield module


def small_modules_of_one_importer() -> list[tuple[str, int, str]]:
    """Return (module, its lines, its only importer) for modules under 100 lines that one other module imports."""
    found = []
    for file in source_files():
        who = importers()[file.name]
        if len(who) == 1 and file.lines < SMALL and not file.is_package:
            found.append((file.name, file.lines, next(iter(who))))
    return found


def class_names_in_many_files() -> dict[str, list[str]]:
    """Return the class names that stand in two or more files, with the modules."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for file in source_files():
        for node in ast.walk(file.tree):
            if isinstance(node, ast.ClassDef):
                found[node.name].add(file.name)
    return {name: sorted(where) for name, where in sorted(found.items()) if len(where) > 1}


def functions() -> Iterator[tuple[str, str, int, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Yield (name, module, line, definition) of all functions and methods."""
    for file in source_files():
        for node in ast.walk(file.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node.name, file.name, node.lineno, node


def participle_functions() -> list[tuple[str, str, int]]:
    """Return (name, module, line) of functions whose whole name is a participle; properties are no functions."""
    return [
        (name, module, line)
        for name, module, line, node in functions()
        if _is_participle(name.strip("_")) and not _is_property(node)
    ]


def _is_participle(word: str) -> bool:
    return word in IRREGULAR or (word.isalpha() and word.endswith("ed") and word not in NO_PARTICIPLE | STANDARD)


def _is_property(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    marks = {part.attr if isinstance(part, ast.Attribute) else getattr(part, "id", "") for part in node.decorator_list}
    return bool(marks & {"property", "cached_property", "setter", "getter"})


def loose_files() -> list[str]:
    """Return the modules that lie beside the packages of src/trayassist and should not."""
    return sorted(path.stem for path in (ROOT / "src/trayassist").glob("*.py") if path.stem not in LOOSE)


def top_rooms() -> list[str]:
    """Return what a newcomer sees at the top: packages and modules of trayassist, and the folders beside src."""
    inside = {path.stem for path in (ROOT / "src/trayassist").glob("*.py") if path.stem != "__init__"}
    inside |= {path.parent.name for path in (ROOT / "src/trayassist").glob("*/__init__.py")}
    beside = {name for name in ("plugins", "benchmarks", "resources", "installers", "config") if (ROOT / name).is_dir()}
    return sorted(f"trayassist.{name}" for name in inside) + sorted(beside)


def report() -> str:
    """Return today's figures and what stands against each rule."""
    small, classes, names = small_modules_of_one_importer(), class_names_in_many_files(), participle_functions()
    parts = [
        f"# Modules of src and plugins: {len(source_files())}",
        f"# Top-level rooms: {len(top_rooms())}; loose: {', '.join(loose_files()) or 'none'}",
        f"# Modules under {SMALL} lines with one importer: {len(small)}",
        *(f"{name} ({lines}) <- {who}" for name, lines, who in small),
        f"# Class names in two or more files: {len(classes)}",
        *(f"{name}: {', '.join(where)}" for name, where in classes.items()),
        f"# Functions whose name is a participle: {len(names)}",
        *(f"{name}: {module}:{line}" for name, module, line in names),
    ]
    return "\n".join(parts)


if __name__ == "__main__":
    print(report())
