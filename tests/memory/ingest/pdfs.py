"""PDF files made for the tests."""

from __future__ import annotations

import random
from pathlib import Path

import pymupdf

WORDS = (
    *("harbour", "ledger", "willow", "copper", "invoice", "glacier", "tenant", "meadow", "quartz", "lantern"),
    *("voyage", "orchard", "furnace", "parcel", "granite", "saddle", "barrel", "thunder", "compass", "velvet"),
)


def prose(seed: int, words: int = 120) -> str:
    """Return lines of made-up prose that differ from seed to seed."""
    pick = random.Random(seed)
    text = [pick.choice(WORDS) for _ in range(words)]
    return "\n".join(" ".join(text[i : i + 10]) for i in range(0, words, 10))


def plain(path: Path, texts: list[str], **save: object) -> Path:
    """Write a PDF with one page per text."""
    with pymupdf.open() as document:
        for text in texts:
            document.new_page().insert_text((72, 100), text, fontsize=11)
        document.save(path, **save)
    return path


def write_half_titled(path: Path, text: str) -> Path:
    """Write a PDF whose title ends in half a character, as a cut one does."""
    with pymupdf.open() as document:
        document.new_page().insert_text((72, 100), text, fontsize=11)
        document.set_metadata({"title": "My"})
        info = int(document.xref_get_key(-1, "Info")[1].split()[0])
        document.xref_set_key(info, "Title", "<FEFF004D0079D83D>")
        document.save(path)
    return path


def write_scan(path: Path, pages: int = 1) -> Path:
    """Write a PDF whose pages are pictures only."""
    with pymupdf.open() as source, pymupdf.open() as document:
        page = source.new_page()
        page.insert_text((72, 200), "Words in a picture, no text layer", fontsize=20)
        picture = page.get_pixmap(dpi=100).tobytes("png")
        for _ in range(pages):
            new = document.new_page()
            new.insert_image(new.rect, stream=picture)
        document.save(path)
    return path


def write_encrypted(path: Path, user: str, owner: str, text: str = "The secret is the copper lantern.") -> Path:
    """Write an encrypted PDF; with an empty user password it opens without one."""
    return plain(path, [text], encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw=user, owner_pw=owner)
