"""Pages as pictures, with the cited words marked; with a real worker."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pymupdf
import pytest

from tests.memory.ingest import pdfs
from trayassist.api import PasswordNeeded, UnreadableFile
from trayassist.config import MemorySettings
from trayassist.memory.viewer import Viewer
from trayassist.paths import current
from trayassist.workers.reader import service

NEEDLE = "copper lantern"


@asynccontextmanager
async def viewing(*plugins: str) -> AsyncIterator[Viewer]:
    entries = (("ingest", "trayassist_ingest"), *((name, f"faulty_ingestors:{name}") for name in plugins))
    viewer = Viewer(current(), MemorySettings(ocr=False), reader_entries=entries)
    try:
        yield viewer
    finally:
        await viewer.stop()


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
async def test_the_marked_words_are_where_the_page_shows_them(tmp_path: Path, rotation: int) -> None:
    path = tmp_path / "a.pdf"
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_text((72, 100), f"{pdfs.prose(1, 30)}\nThe {NEEDLE} again\n{pdfs.prose(2, 30)}")
        page.set_rotation(rotation)
        document.save(path)
        (expected,) = (rectangle * page.rotation_matrix for rectangle in page.search_for(NEEDLE))
        size = page.rect
    async with viewing() as viewer:
        view = await viewer.render(path, 1, 800)
        start = view.text.index(NEEDLE)
        view = await viewer.render(path, 1, 800, start, start + len(NEEDLE))
    assert (view.width, view.pages) == (800, 1)
    assert len(view.rgb) == view.stride * view.height
    (quad,) = view.quads
    zoom = 800 / size.width
    assert quad == pytest.approx(tuple(value * zoom for value in expected), abs=3 * zoom)


async def test_a_mark_over_lines_has_a_rectangle_for_each(tmp_path: Path) -> None:
    path = pdfs.plain(tmp_path / "a.pdf", [pdfs.prose(1, 60)])
    async with viewing() as viewer:
        text = (await viewer.render(path, 1, 400)).text
        begin, end = text.index("\n") - 5, text.index("\n", text.index("\n") + 1) + 5
        view = await viewer.render(path, 1, 400, begin, end)
    assert len(view.quads) == 3
    tops = [quad[1] for quad in view.quads]
    assert tops == sorted(tops)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", f"first line\n\nThe {NEEDLE} again\nlast"),
        ("a.md", f"# Title\n\nThe {NEEDLE} again\n"),
        ("a.html", f"<html><body><h1>T</h1><p>The {NEEDLE} again</p></body></html>"),
        ("a.txt", f"日本語の行\nThe {NEEDLE} again\n"),
    ],
)
async def test_text_files_open_as_pages_too(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text(content)
    async with viewing() as viewer:
        text = (await viewer.render(path, 1, 700)).text
        start = text.index(NEEDLE)
        view = await viewer.render(path, 1, 700, start, start + len(NEEDLE))
    assert view.width == pytest.approx(700, abs=1)
    (quad,) = view.quads
    row = text[:start].count("\n")
    zoom = view.width / (2 * service.BORDER + service.LINE_WIDTH * 0.6 * service.FONT_SIZE)
    assert quad[1] / zoom == pytest.approx(service.BORDER + row * service.LEADING, abs=1)


async def test_what_cannot_be_shown_is_a_sentence(tmp_path: Path) -> None:
    path = pdfs.plain(tmp_path / "a.pdf", ["one page"])
    locked = pdfs.write_encrypted(tmp_path / "locked.pdf", user="secret", owner="owner")
    async with viewing("segfault", "raises") as viewer:
        with pytest.raises(UnreadableFile, match=r"gone\.pdf is gone"):
            await viewer.render(tmp_path / "gone.pdf", 1, 400)
        with pytest.raises(UnreadableFile, match="has 1 pages, not 7: it changed since it was read"):
            await viewer.render(path, 7, 400)
        with pytest.raises(PasswordNeeded):
            await viewer.render(locked, 1, 400)
        view = await viewer.render(locked, 1, 400, 0, 10, password="secret")
        assert "copper lantern" in view.text
        with pytest.raises(PasswordNeeded):  # what a password opened does not stay open
            await viewer.render(locked, 1, 400, 0, 10)
        for name, words in (("segfault", "cannot be drawn"), ("raises", "made for this test")):
            (tmp_path / f"bad.{name}").write_text("x")
            with pytest.raises(UnreadableFile, match=words):
                await viewer.render(tmp_path / f"bad.{name}", 2, 400)
        assert (await viewer.render(path, 1, 400)).pages == 1


async def test_a_changed_file_is_drawn_anew(tmp_path: Path) -> None:
    path = pdfs.plain(tmp_path / "a.pdf", ["the old words"])
    async with viewing() as viewer:
        assert "old" in (await viewer.render(path, 1, 400)).text
        path.unlink()
        pdfs.plain(path, ["the new words are longer"])
        assert "new" in (await viewer.render(path, 1, 400)).text


async def test_a_picture_is_shown_without_language_data(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    with pymupdf.open() as document:
        document.new_page(width=300, height=200).get_pixmap().save(path)
    async with viewing() as viewer:
        view = await viewer.render(path, 1, 600)
    assert (view.width, view.height, view.quads) == (600, 400, ())


def test_lines_of_a_text_page_keep_their_offsets() -> None:
    text = "short\n" + "word " * 60 + "\n\nend"
    lines = service.wrap_lines(text)
    assert all(text[begin : begin + len(line)] == line for begin, line in lines)
    assert max(len(line) for _, line in lines) <= service.LINE_WIDTH
