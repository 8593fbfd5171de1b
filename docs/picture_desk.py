"""What the makers of pictures share: a desktop with the real program on it, its menu, and taking a picture.

The makers put the root of the project on the path before they import this.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageGrab
from tests.e2e.desk import Desk, wait_until

from trayassist.paths import Paths

BACKGROUND = 0x8FA3B8
MARGIN = 24  # around a window, in pixels
TITLE = 22  # of a window, as openbox draws it
Box = tuple[int, int, int, int]


def home(folder: Path, theme: str) -> Paths:
    """Return the paths of a new home below `folder`, in this theme."""
    paths = Paths(config=folder / "home" / "config", data=folder / "home" / "data")
    paths.make()
    paths.app_config.write_text(f"look:\n  theme: {theme}\n")
    return paths


@contextmanager
def desktop(folder: Path, *, width: int = 1280, height: int = 800, scale: int = 1) -> Iterator[Desk]:
    """Yield a desktop of this size in logical pixels, with a panel; it ends with the block."""
    desk = Desk(folder, f"{width * scale}x{height * scale}x24")
    desk.env["QT_SCALE_FACTOR"] = str(scale)
    try:
        root = desk.x.screen().root
        root.change_attributes(background_pixel=BACKGROUND)
        root.clear_area()
        desk.x.flush()
        desk.tray("tint2")
        yield desk
    finally:
        desk.close()


def open_menu(desk: Desk) -> tuple[int, int]:
    """Open the menu of the tray icon; return where the icon is."""
    x, y, width, height = wait_until(desk.icon, "the icon")
    desk.do("mousemove", x + width // 2, y + height // 2)
    time.sleep(0.3)
    desk.do("click", 3)
    time.sleep(1.5)
    return x, y


def around(desk: Desk, window: str) -> Box:
    """Return a window's box with its frame and the margin around it: left, top, right, bottom."""
    found = desk.x.create_resource_object("window", int(window))
    at, size = found.translate_coords(desk.x.screen().root, 0, 0), found.get_geometry()
    x, y = -at.x, -at.y
    return x - MARGIN, y - TITLE - MARGIN, x + size.width + MARGIN, y + size.height + MARGIN


def shoot(desk: Desk, file: Path, box: Box, *, few_colors: bool = False) -> None:
    """Write what is on the screen in a box. `few_colors` makes a small file, but turns amber words red."""
    screen: Image.Image = ImageGrab.grab(xdisplay=desk.display)
    left, top, right, bottom = box
    picture = screen.crop((max(0, left), max(0, top), min(screen.width, right), min(screen.height, bottom)))
    if few_colors:
        picture = picture.convert("P", palette=Image.Palette.ADAPTIVE, colors=256)
    picture.save(file, optimize=True)
    print(f"{file.name} {file.stat().st_size // 1024} KB")
