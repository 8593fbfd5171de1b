"""A page that was found, as something that can be opened."""

from __future__ import annotations

from trayassist.api import Citation, Passage


def as_citation(passage: Passage, number: int = 1) -> Citation:
    """Return a citation that opens the page of a passage."""
    return Citation(
        number=number,
        path=passage.path,
        title=passage.title,
        page=passage.page,
        quote=passage.text,
        start=passage.start,
        end=passage.end,
    )
