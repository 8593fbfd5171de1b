"""What the memory tests share: documents made of words, written the way ingestion writes them."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from trayassist.api import Page
from trayassist.memory.store import DocumentWrite, Memory
from trayassist.paths import Paths


def pages_of(*texts: str, title: str = "") -> list[Page]:
    return [Page(number=number, text=text, title=title, total=len(texts)) for number, text in enumerate(texts, 1)]


def content_of(pages: Sequence[Page]) -> str:
    return hashlib.sha256("\f".join(page.text for page in pages).encode()).hexdigest()


async def begin(memory: Memory, path: str, pages: Sequence[Page], mtime: float = 1.0) -> DocumentWrite:
    return await memory.begin(path, content_of(pages), sum(len(page.text) for page in pages), mtime)


async def write(
    memory: Memory, path: str, pages: Sequence[Page], *, batch: int = 8, title: str = "", mtime: float = 1.0
) -> DocumentWrite:
    """Write a whole document, from the page on that memory wants."""
    begun = await begin(memory, path, pages, mtime)
    if begun.known is None:
        wanted = [page for page in pages if page.number >= begun.first_page]
        for at in range(0, len(wanted), batch):
            await memory.add_pages(begun.token, pickle.dumps(wanted[at : at + batch]))
        await memory.finish(begun.token, title)
    return begun


@asynccontextmanager
async def open_memory(paths: Paths) -> AsyncIterator[Memory]:
    """A memory with its real worker process; ended at the end."""
    memory = Memory(paths)
    try:
        yield memory
    finally:
        await memory.stop()
