"""Ingest: reads PDFs, pictures, text, web pages, calendars. The libraries are imported in reader workers only."""

from __future__ import annotations

from collections.abc import Sequence

from trayassist.api import Ingestor, SetupHost, hookimpl


@hookimpl
def register_ingestors(host: SetupHost) -> Sequence[Ingestor]:
    """Return the readers of this plugin."""
    from trayassist_ingest.containers import CardIngestor, SavedPageIngestor, SubtitleIngestor
    from trayassist_ingest.html import HtmlIngestor
    from trayassist_ingest.image import ImageIngestor
    from trayassist_ingest.pdf import PdfIngestor
    from trayassist_ingest.text import MarkdownIngestor, TextIngestor

    texts = (TextIngestor(), MarkdownIngestor(), CardIngestor(), SubtitleIngestor())
    return (PdfIngestor(), ImageIngestor(), *texts, HtmlIngestor(), SavedPageIngestor())
