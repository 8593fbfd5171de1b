"""Collects the texts of the windows into translations/*.ts and compiles these to .qm. Run it after a change of texts.

New texts come into the .ts unfinished: write their translation there (or in Qt Linguist), and run it again.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from trayassist.config import App
from trayassist.models.registry.schema import ResidencySettings

HERE = Path(__file__).resolve().parent / "translations"
WINDOWS = HERE.parents[1] / "src" / "trayassist" / "ui"
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
