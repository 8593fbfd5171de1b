"""Plugins of other distributions, installed as an installer would, and the command line beside them."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

from trayassist.plugins import discovery


def distribution(folder: Path, code: str, *, name: str = "shouting", version: str = "1.2", entry: str = "") -> Path:
    """Put a distribution `thirdparty-NAME` with the plugin `name` into `folder`, and return the folder.

    `entry` is what its entry point names instead of the module with the `code`.
    """
    module = f"thirdparty_{name}"
    info = folder / f"{module}-{version}.dist-info"
    info.mkdir(parents=True)
    (folder / f"{module}.py").write_text(code)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: thirdparty-{name}\nVersion: {version}\n")
    (info / "entry_points.txt").write_text(f"[{discovery.GROUP}]\n{name} = {entry or module}\n")
    return folder


def trayassist(site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line with the distributions in `site`."""
    environment = os.environ | {"PYTHONPATH": str(site)}
    command = [sys.executable, "-m", "trayassist", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)


def build_plugin(folder: Path, code: str, *, name: str = "shouting", version: str = "1.2") -> Path:
    """Build a wheel of a project like the one in docs/plugins/index.md, and unpack it as an installer does."""
    project = folder / "project"
    project.mkdir(parents=True)
    (project / f"thirdparty_{name}.py").write_text(code)
    (project / "pyproject.toml").write_text(
        f"""[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "thirdparty-{name}"
version = "{version}"

[project.entry-points."{discovery.GROUP}"]
{name} = "thirdparty_{name}"

[tool.hatch.build.targets.wheel]
only-include = ["thirdparty_{name}.py"]
"""
    )
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=project, check=True, capture_output=True, timeout=240)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"
