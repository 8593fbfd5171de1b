"""Makes the pictures of the settings in docs/pictures: every page, of the real program on an X server of its own.

    python docs/make_settings_pictures.py [--scale 2] [--to FOLDER]

Look at them before you commit them. The models are tiny files with random weights: they load, and say nonsense.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from docs import picture_desk  # noqa: E402  # found through the line above
from tests import tiny_gguf  # noqa: E402
from tests.e2e.desk import App, Desk, wait_until  # noqa: E402
from tests.models.adapters import tiny_models  # noqa: E402

from trayassist.paths import Paths  # noqa: E402

IN_DARK = ("models",)  # in the guide, as are most pages in the light; --all takes every page in both
NOT_IN_GUIDE = ("memory", "privacy")
PAGES = ("general", "models", "adapters", "providers", "memory", "plugins", "privacy", "about")
REGISTRY = """models:
  small-chat: {file: small-chat.gguf, license: apache-2.0, family: qwen2.5, params_b: 3.1}
  small-code:
    file: small-code.gguf
    kind: code
    params_b: 14.7
    quirks:
      - {issue: It repeats its last line., workaround: Ask for one function at a time., found: "2026-11-02"}
  tiny-draft: {file: tiny-draft.gguf, kind: draft, license: apache-2.0, params_b: 0.5}
  large-chat: {file: large-chat.gguf, license: apache-2.0, params_b: 32}
roles:
  persona: {model: small-chat, residency: hot, fallback: [small-code]}
  coder: {model: small-code, fallback: [small-chat], acceleration: {draft: {model: tiny-draft}}}
residency: {budget_gb: 1, headroom_gb: 0.2}
"""


GOLDEN = """max_tokens: 12
prompts: [{prompt: "Who are you?", system: "", checks: [{absent: as an ai language model}]}]
"""


def main() -> None:
    """Take all pictures, light and dark; without a model the page of models only."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=int, default=1)
    parser.add_argument("--all", action="store_true", help="every page in the dark, too")
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "pictures")
    chosen = parser.parse_args()
    chosen.to.mkdir(parents=True, exist_ok=True)
    for theme in ("light", "dark"):
        for full in (True, False):
            with tempfile.TemporaryDirectory() as folder:
                _take(Path(folder), theme, full, chosen)


def _take(folder: Path, theme: str, full: bool, chosen: argparse.Namespace) -> None:
    scale, to, all_pages = chosen.scale, chosen.to, chosen.all
    paths = picture_desk.home(folder, theme)
    if full:
        _models(paths)
    with (
        picture_desk.desktop(folder, height=880, scale=scale) as desk,
        App(desk, paths, folder / "home", "--hidden") as app,
    ):
        app.ready()
        if full and (theme == "light" or all_pages):
            _adapters(app, paths, folder)
        window = _settings(desk)
        suffix = ("" if theme == "light" else "-dark") + ("" if scale == 1 else f"-{scale}00")
        for number, page in enumerate(PAGES, start=1):
            if not all_pages and (page in NOT_IN_GUIDE or (theme == "dark" and not (full and page in IN_DARK))):
                continue
            if full or page == "models":
                desk.do("windowactivate", "--sync", window, "key", f"alt+{number}")
                time.sleep(2.5)
                file = to / f"settings-{page}{'' if full else '-empty'}{suffix}.png"
                picture_desk.shoot(desk, file, picture_desk.around(desk, window))
        if full and (theme == "light" or all_pages):
            _role(desk, window, to / f"settings-role{suffix}.png")


def _models(paths: Paths) -> None:
    for name, width in (("small-chat", 512), ("small-code", 768), ("tiny-draft", 128)):
        tiny_gguf.write(paths.models / f"{name}.gguf", width=width, layers=8, heads=8, feed_forward=1536, context=32768)
    paths.registry.write_text(REGISTRY)


def _adapters(app: App, paths: Paths, folder: Path) -> None:
    """Two adapters in use that passed, and one that waits."""
    (paths.config / "golden").mkdir()
    (paths.config / "golden" / "persona.yaml").write_text(GOLDEN)
    shape = tiny_models.shape("llama", width=512, layers=8, heads=8, kv_heads=8, feed_forward=1536, vocabulary=512)
    names = (("lifetime-2026", "history"), ("last-two-weeks", "recent"), ("experiment", ""))
    for seed, (name, slot) in enumerate(names):
        file = tiny_models.write_lora(folder / f"{name}.gguf", shape, tiny_models.lora(shape, size=0.1, seed=seed))
        app.command("adapters", "import", str(file))
        if slot:
            app.command("adapters", "approve", name)
            app.command("adapters", "eval", name)
            app.command("adapters", "activate", name, "--slot", slot)
    app.command("adapters", "scale", "last-two-weeks", "0.6")


def _settings(desk: Desk) -> str:
    picture_desk.open_menu(desk)
    desk.do("key", "s")
    window = wait_until(lambda: desk.window("Settings.*"), "the settings")
    time.sleep(1.5)
    return str(window)


def _role(desk: Desk, window: str, file: Path) -> None:
    """The first role unfolded: found by its name, so that it stands on top."""
    desk.do("windowactivate", "--sync", window, "key", "ctrl+f")
    desk.do("type", "--delay", "15", "residency persona")
    time.sleep(1.5)
    desk.do("key", "Tab", "Tab", "Tab", "space")  # past the sidebar and the picker to "More"
    time.sleep(1.5)
    picture_desk.shoot(desk, file, picture_desk.around(desk, window))


if __name__ == "__main__":
    if shutil.which("Xvfb") is None:
        sys.exit("Xvfb is not installed: apt-get install xvfb openbox tint2 xdotool")
    main()
