"""The keys of the page view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QKeySequence, QShortcut

if TYPE_CHECKING:
    from trayassist.ui.page.view import PageView


def connect(view: PageView) -> None:
    """Let the keys of paging, citations, zoom and copying work in `view`."""
    for keys, action in (
        ("N", lambda: view.step_citation(1)),
        ("P", lambda: view.step_citation(-1)),
        ("Right", lambda: view.arrow(1)),
        ("Left", lambda: view.arrow(-1)),
        ("Down", lambda: view.desk.step(0, 1)),
        ("Up", lambda: view.desk.step(0, -1)),
        ("PgDown", lambda: view.to_page(view.place.page + 1)),
        ("PgUp", lambda: view.to_page(view.place.page - 1)),
        ("Ctrl+Home", lambda: view.to_page(1)),
        ("Ctrl+End", lambda: view.to_page(view.last_page)),
        ("Ctrl++", lambda: view.zoom(1)),
        ("Ctrl+=", lambda: view.zoom(1)),
        ("Ctrl+-", lambda: view.zoom(-1)),
        ("Ctrl+0", lambda: view.zoom(0)),
        ("Ctrl+C", view.copy_passage),
        ("Ctrl+Shift+C", view.copy_page),
        ("Ctrl+O", view.open_in_viewer),
    ):
        QShortcut(QKeySequence(keys), view, action)
