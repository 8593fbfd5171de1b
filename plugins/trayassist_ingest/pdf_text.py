"""The text and the headings of a PDF page, from one parse of the page."""

from __future__ import annotations

import html
import re
from collections import Counter
from typing import Any

from trayassist_ingest import mupdf
from trayassist_ingest.pdf_rows import joined

HEADING_SIZE = 1.15  # times the size of most characters of the page
HEADING_WORDS = 14
HAS_WORD = re.compile(r"[^\W\d_]{3}")

# MuPDF writes a line as <p ...>, a stretch of one font as <span style="font-family:...;font-size:9.5pt;...">,
# inside <b> where it is bold. Writing and scanning this costs a third of what `get_text("dict")` costs.
SPAN = re.compile(r";font-size:([\d.]+)pt;[^>]*>([^<]*)")
BOLD_SPAN = re.compile(r"(<b>)?(?:<i>)?<span[^>]*>([^<]*)")


def parsed(page: Any) -> Any:
    """Return the page parsed as `page.get_text()` parses it, but for ligatures, which become their letters.

    Nobody searches for “oﬃce” with a ligature. Positions are those of the unrotated page.
    """
    pymupdf = mupdf.load()
    return page.get_textpage(flags=pymupdf.TEXTFLAGS_TEXT & ~pymupdf.TEXT_PRESERVE_LIGATURES)


def text_of(page: Any, parsed_page: Any, markup: str) -> str:
    """Return the page's text, rows of tables whole, then the readers' comments.

    Filled-in form fields are part of the text.
    """
    text = joined(str(parsed_page.extractText()), markup)
    return "".join([text, *(f"{comment}\n" for comment, _ in comments(page, text))])


def comments(page: Any, text: str) -> list[tuple[str, Any]]:
    """Return the comments that no get_text() gives (sticky notes, remarks on highlights) and their rectangles."""
    if not page.annot_xrefs():
        return []
    found = []
    for annotation in page.annots() or ():
        content = str(annotation.info.get("content") or "").strip()
        if content and content not in text:
            found.append((" ".join(content.split()), annotation.rect))
    return found


def markup_of(parsed_page: Any) -> str:
    """Return the page as MuPDF's HTML: a `<p>` per line of its text, with place, sizes and weights."""
    return str(parsed_page.extractHTML())


def headings(markup: str) -> tuple[str, ...]:
    """Return the lines of 1 to 14 words that are larger than the page's body text, or all bold."""
    weight: Counter[str] = Counter()
    for size, text in SPAN.findall(markup):
        weight[size] += len(text.strip())
    if not weight:
        return ()
    body = float(weight.most_common(1)[0][0])
    large = [f"font-size:{size}pt" for size in weight if float(size) > HEADING_SIZE * body]
    found = []
    for line in markup.split("<p style")[1:]:
        is_large = any(size in line for size in large)
        if not is_large and "<b>" not in line:
            continue
        spans = BOLD_SPAN.findall(line)
        if not is_large and not all(bold for bold, text in spans if text.strip()):
            continue
        words = html.unescape("".join(text for _, text in spans)).split()
        heading = " ".join(words)
        if 1 <= len(words) <= HEADING_WORDS and HAS_WORD.search(heading):
            found.append(heading)
    return tuple(found)
