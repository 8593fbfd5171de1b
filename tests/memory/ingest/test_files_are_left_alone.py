"""What is read is the user's own file and no other, and it stays as it is."""

from __future__ import annotations

import asyncio
import hashlib
import os
from pathlib import Path

import pymupdf
import pytest

from tests.memory.ingest import pdfs
from tests.memory.ingest.conftest import Desk, desk, until
from trayassist.config import MemorySettings
from trayassist.memory.viewer import Viewer
from trayassist.paths import current


async def _waits(d: Desk, files: int) -> bool:
    return d.ingest.waiting() == files


@pytest.mark.parametrize("replaced", ["file", "folder", "while it is read"])
async def test_a_file_that_is_replaced_by_a_link_after_it_was_found_is_not_read(tmp_path: Path, replaced: str) -> None:
    folder, outside = tmp_path / "dropped", tmp_path / "outside"
    for one in (folder / "sub", outside):
        one.mkdir(parents=True)
        (one / "a.waits").write_text("what there is to read")
    (outside / "a.waits").write_text("a secret of somebody else")
    async with desk("waits", readers=1) as d:
        if replaced != "while it is read":
            d.ingest.pause()
        reading = asyncio.create_task(d.read(folder))
        await until(lambda: _waits(d, 1) if replaced != "while it is read" else _has_a_page(d))
        if replaced == "folder":
            (folder / "sub").rename(tmp_path / "moved")
            (folder / "sub").symlink_to(outside)
        else:
            (folder / "sub" / "a.waits").unlink()
            (folder / "sub" / "a.waits").symlink_to(outside / "a.waits")
        (tmp_path / "go").touch()
        d.ingest.resume()
        (report,) = await reading
        assert (report.status, report.reason[:43]) == ("failed", "a.waits was replaced by a link after it was")
        assert not await d.memory.documents()
        (report,) = await d.read(folder / "sub" / "a.waits")  # that link is the user's own choice
        assert report.status == "ingested"


async def _has_a_page(d: Desk) -> bool:
    return any(document.pages for document in await d.memory.documents())


def _kinds(folder: Path) -> list[Path]:
    """Return a file of every kind that is read, one of them encrypted and one broken."""
    pdfs.plain(folder / "a.pdf", [pdfs.prose(1), pdfs.prose(2)])
    pdfs.write_encrypted(folder / "locked.pdf", user="secret", owner="owner")
    (folder / "broken.pdf").write_bytes((folder / "a.pdf").read_bytes()[:900])
    with pymupdf.open() as document:
        page = document.new_page(width=300, height=200)
        page.insert_text((20, 50), "copper lantern")
        page.get_pixmap().save(folder / "a.png")
        page.get_pixmap().pil_save(folder / "a.tiff")
        page.get_pixmap().save(folder / "a.jpg")
    for name, text in (
        ("a.txt", "plain words"),
        ("a.md", "# Title\n\nwords"),
        ("a.html", "<html><body><h1>T</h1><p>words</p></body></html>"),
        ("a.csv", "name,fee\nMiller,40\n"),
        ("a.py", "print('words')\n"),
        ("a.docx", "not read yet"),
    ):
        (folder / name).write_text(text)
    return sorted(folder.iterdir())


def _state(file: Path) -> tuple[object, ...]:
    found = file.lstat()
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return file.name, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_mode, digest


async def test_files_are_never_written_moved_or_locked(tmp_path: Path) -> None:
    """Nor is anything left beside them: read once, read again, drawn, forgotten."""
    folder = tmp_path / "papers"
    folder.mkdir()
    files = _kinds(folder)
    for file in files[::2]:
        file.chmod(0o444)  # and not only because they could not be
    before = [_state(file) for file in files]
    async with desk() as d:
        reports = {Path(report.path).name: report.status for report in await d.read(folder)}
        assert {name for name, status in reports.items() if status == "ingested"} >= {
            "a.pdf",
            "a.txt",
            "a.md",
            "a.html",
        }
        await d.read(folder)
        await d.read(folder / "locked.pdf", password="secret")
        viewer = Viewer(current(), MemorySettings())
        try:
            for name in ("a.pdf", "a.txt", "a.html", "a.png"):
                await viewer.render(folder / name, 1, 300)
                assert _not_locked(folder / name)
        finally:
            await viewer.stop()
        await d.memory.forget_all()
    assert [_state(file) for file in sorted(folder.iterdir())] == before


def _not_locked(file: Path) -> bool:
    """Return whether another program may take the file for itself, and replace it."""
    if os.name == "nt":
        return file.replace(file).exists()
    import fcntl

    with file.open("rb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return True
