"""The memory window on the real memory: a file is dropped, read, listed, found, opened at its passage, forgotten."""

from __future__ import annotations

from pathlib import Path

import pymupdf

from tests.ui.parts import PartAssistant
from tests.waiting import until
from trayassist.memory.ingest import Ingest
from trayassist.memory.store import Memory
from trayassist.ui.memory.window import MemoryWindow
from trayassist.ui.page.view import PageWindow
from trayassist.ui.widgets.window import Window


def lease(path: Path) -> Path:
    with pymupdf.open() as document:
        for number in range(1, 4):
            page = document.new_page()
            page.insert_text((72, 72), f"Lease of the Miller house, sheet {number}")
        document[2].insert_text((72, 300), "Late payments carry a fee of 5 % after the fifth day of the month.")
        document.save(path)
    return path


async def test_from_dropped_file_to_marked_passage(assistant: PartAssistant, tmp_path: Path) -> None:
    memory = Memory(assistant.paths)
    ingest = Ingest(assistant.paths, memory, assistant.config.memory, assistant.audit)
    assistant.memory, assistant.ingest = memory, ingest  # type: ignore[assignment]
    await ingest.start()
    try:
        window = MemoryWindow(assistant)  # type: ignore[arg-type]
        window.show()
        file = lease(tmp_path / "Miller-lease.pdf")
        torn = tmp_path / "torn.pdf"
        torn.write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 8)
        window.remember([file, torn])
        documents = window.documents
        await until(lambda: [Path(d.path).name for d in documents.table.rows.shown] == ["Miller-lease.pdf"], 60)
        assert documents.total.text().startswith("1 document · 3 pages · ")
        await until(lambda: [r.path for r in window.reading.failed_reports()] == [str(torn)], 30)

        window.sidebar.setCurrentRow(2)
        window.search.field.setText("fee for late payments")
        await until(lambda: window.search.table.rows.shown, 30)
        window.search.field.returnPressed.emit()
        await until(lambda: [w for w in Window.alive.values() if isinstance(w, PageWindow) and w.picture], 30)
        view = next(w for w in Window.alive.values() if isinstance(w, PageWindow))
        assert view.place.page == 3
        assert view.desk.paper.marks(), "the passage is marked"

        documents.table.select([0])
        documents.ask_to_forget()
        window.notice._yes.click()
        await until(lambda: not documents.table.rows.shown, 30)
        assert await memory.documents() == []
        assert file.exists(), "the file itself stays"
    finally:
        await ingest.stop()
        await memory.stop()
