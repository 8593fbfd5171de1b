"""docs/capabilities.md explains each requirement ID that is used, and the files it names exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "capabilities.md"
ID = re.compile(r"\b(?:S[0-4]|[CF])-\d{2}\b")
ROW = re.compile(r"^\| ((?:S[0-4]|[CF])-\d{2}) \| (.{10,}?) \| `([^`]+)` \| (?:`([^`]+)`|–) \|$", re.MULTILINE)


def uses() -> dict[str, set[Path]]:
    """Return the files that name each ID, the page itself left out."""
    found: dict[str, set[Path]] = {}
    for folder in ("src", "plugins", "tests", "benchmarks", "docs"):
        for file in sorted((ROOT / folder).rglob("*")):
            if file.suffix in {".py", ".md"} and file not in (PAGE, Path(__file__)):
                for name in ID.findall(file.read_text(encoding="utf-8")):
                    found.setdefault(name, set()).add(file)
    return found


def test_each_id_is_explained_once_and_none_is_stale() -> None:
    rows = [row[0] for row in ROW.findall(PAGE.read_text(encoding="utf-8"))]
    assert len(rows) == len(set(rows)) > 50
    assert set(uses()) == set(rows)


def test_the_named_modules_exist_and_the_named_tests_name_the_id() -> None:
    where = uses()
    for name, _, module, test in ROW.findall(PAGE.read_text(encoding="utf-8")):
        assert any((root / module).is_file() for root in (ROOT / "src/trayassist", ROOT / "plugins")), (name, module)
        assert not test or ROOT / test in where[name], (name, test)
