"""What people read: counted nouns agree with their number."""

from __future__ import annotations

import re

import pytest

from trayassist.api.words import count
from trayassist.cli import config, printers


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "0 pages"), (1, "1 page"), (2, "2 pages"), (1803, "1,803 pages"), (1.0, "1 page"), (2.5, "2.5 pages")],
)
def test_a_noun_agrees_with_its_number(value: float, said: str) -> None:
    assert count(value, "page") == said


def test_one_is_no_plural_anywhere(capsys: pytest.CaptureFixture[str]) -> None:
    printers.IngestPrinter()({"summary": True, "files": 1, "pages": 1, "ms": 1000.0})
    read = {"status": "ingested", "path": "/a.pdf", "pages": 1, "ocr_pages": 1, "reason": ""}
    printers.IngestPrinter()(read)
    printers.MemoryPrinter()({"path": "/a.pdf", "pages": 1, "complete": True})
    printers.print_forget_count({"forgotten": 1})
    printers.ReindexPrinter()({"passages": 1, "embedder": "words"})
    config._print_finding({"summary": True, "errors": 1, "warnings": 1, "notes": 1})
    config._print_import({"summary": True, "taken": 1, "left": 1})
    out = capsys.readouterr().out
    assert "1 file, 1 page, 1.0 s" in out
    assert "1 error, 1 warning, 1 note." in out
    assert "Forgot 1 document." in out
    assert not re.search(r"\b1 \w+s\b", out.replace("1.0 s", ""))
