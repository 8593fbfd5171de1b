"""The page view: a cited page drawn in a worker, the passage marked, one key from the next citation."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QWidget

from trayassist import api
from trayassist.api import Citation, TrayassistError
from trayassist.ui.answer import open_outside
from trayassist.ui.page.bar import PageBar
from trayassist.ui.page.canvas import Desk, image_of
from trayassist.ui.page.problem import PageProblem
from trayassist.ui.page.source import PageSource, PageTarget
from trayassist.ui.page.thumbs import WIDTH as THUMB_WIDTH
from trayassist.ui.page.thumbs import Thumbs
from trayassist.ui.widgets.theme import Theme
from trayassist.ui.widgets.window import Window, column, label, row

if TYPE_CHECKING:
    from trayassist.assistant import Assistant

SIZE = QSize(940, 860)
REST_MS = 120  # a size or zoom that changes on is drawn sharply after this rest
WORDS_AFTER_MS = 150  # a page that takes longer says that it is on its way


class PageWindow(Window):
    """Shows the pages behind citations. `open` may be called again; the window deletes itself when closed."""

    def __init__(self, assistant: Assistant, theme: Theme | None = None) -> None:
        super().__init__(assistant, "page_view", "", SIZE, theme)
        self._citations: Sequence[Citation] = ()
        self._index = -1
        self._place = PageTarget("", 1)
        self.picture: api.PageView | None = None  # of the page shown
        self._source = PageSource(assistant)
        self._asked = 0  # grows with every picture asked for; an older one that comes late is dropped
        self._drawn = asyncio.Event()
        self.bar, self.desk, self.thumbs = PageBar(self.theme), Desk(self.theme), Thumbs()
        self.problem = PageProblem(self._source, self._go)
        self.loading = label("", "muted")
        self._stack = QStackedWidget()
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._slow = QTimer(self, singleShot=True, interval=WORDS_AFTER_MS)
        self._lay_out()
        self._connect()

    # ------------------------------------------------------------ what others call

    async def open(self, citations: Sequence[Citation], index: int) -> None:
        """Show the page of `citations[index]`, its passage marked; returns when it is drawn (or said why not)."""
        self._citations = tuple(citations)
        listed = self.thumbs.fill(self._citations)
        self.show()
        self.raise_()
        self.activateWindow()
        self.desk.setFocus()
        task = self.to_citation(index)
        self.run(self._draw_thumbs([key for key in listed if not key[0].startswith("fact:")], self._citations))
        if task is not None:
            await asyncio.wait([task])

    @property
    def place(self) -> PageTarget:
        """The page shown, or on its way."""
        return self._place

    @property
    def citation(self) -> Citation | None:
        """The citation whose page is shown, if it is one's."""
        if not 0 <= self._index < len(self._citations):
            return None
        citation = self._citations[self._index]
        return citation if (citation.path, citation.page) == (self._place.path, self._place.page) else None

    @property
    def shows_page(self) -> bool:
        """Whether a page is shown, and not why there is none."""
        return self._stack.currentWidget() is self.desk

    def to_citation(self, index: int) -> asyncio.Task[None] | None:
        """Go to a citation by its place in the list; one that is not there is ignored."""
        if not 0 <= index < len(self._citations):
            return None
        self._index = index
        citation = self._citations[index]
        self.bar.say_citation(index, len(self._citations))
        return self._go(PageTarget(citation.path, citation.page, citation.start, citation.end))

    def step_citation(self, step: int) -> None:
        """Show the citation `step` further on."""
        self.to_citation(self._index + step)

    @property
    def last_page(self) -> int:
        """The number of pages of the document shown; 0 while it is not known."""
        return self.picture.pages if self.picture else 0

    def to_page(self, page: int) -> None:
        """Go to another page of the same document; a cited one is marked again."""
        pages = self.picture.pages if self.picture else 0
        if page < 1 or (pages and page > pages) or page == self._place.page:
            return
        here = [i for i, c in enumerate(self._citations) if (c.path, c.page) == (self._place.path, page)]
        if self._index in here or here:
            self.to_citation(self._index if self._index in here else here[0])
        else:
            self._go(PageTarget(self._place.path, page))

    def copy_passage(self) -> None:
        """Copy the cited passage, or the page where nothing is cited."""
        if self.citation is None:
            self.copy_page()
            return
        QGuiApplication.clipboard().setText(self._passage())
        self.notice.say(self.tr("The passage is copied."))

    def copy_page(self) -> None:
        """Copy the text of the page."""
        if self.picture is not None:
            QGuiApplication.clipboard().setText(self.picture.text)
            self.notice.say(self.tr("The text of the page is copied."))

    # ------------------------------------------------------------ drawing

    def _go(self, place: PageTarget) -> asyncio.Task[None]:
        if place.path != self._place.path:
            self.picture = None
            self.desk.show_picture(None)
        self._place = place
        self._name_place()
        self.thumbs.follow(place.path, place.page)
        return self.run(self._draw(place, scroll=True))

    async def _draw(self, place: PageTarget, *, scroll: bool) -> None:
        self._asked += 1
        ticket = self._asked
        if place.is_fact:
            self._show_fact()
            return
        self._slow.start()
        try:
            picture = await self._source.picture(place, self.desk.wanted_pixels())
        except TrayassistError as error:
            if ticket == self._asked:
                self._end_drawing()
                self._explain(error)
            return
        if ticket != self._asked:
            return
        self._end_drawing()
        self.picture = picture
        self._show_desk(True)
        self.desk.show_picture(picture)
        self._name_place()
        if scroll:
            self.desk.to_mark()
            self._say_when_unmarked(place, picture)

    def _end_drawing(self) -> None:
        self._slow.stop()
        self.loading.hide()
        self._drawn.set()

    async def _draw_thumbs(self, keys: Sequence[tuple[str, int]], citations: Sequence[Citation]) -> None:
        """Draw the small pictures one by one, after the page itself; what cannot be drawn stays empty paper."""
        if len(keys) < 2:
            return
        await self._drawn.wait()
        for path, page in keys:
            if citations is not self._citations:
                return
            try:
                picture = await self._source.picture(
                    PageTarget(path, page), round(THUMB_WIDTH * self.devicePixelRatioF())
                )
            except TrayassistError:
                continue
            self.thumbs.show_picture((path, page), image_of(picture))

    def _sharper(self) -> None:
        if self.picture is None or not self.shows_page:
            return
        if self.picture.width != self.desk.wanted_pixels():
            self.run(self._draw(self._place, scroll=False))

    # ------------------------------------------------------------ words

    def _name_place(self) -> None:
        place, fact = self._place, self._place.is_fact
        name = self.tr("Something you asked to remember") if fact else Path(place.path).name
        title = name if fact else self.tr("{name}, page {page}").format(name=name, page=place.page)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.desk.setAccessibleName(title)
        self.desk.setAccessibleDescription(self._passage() if self.citation else "")
        self.bar.say_page(place.page, self.last_page)

    def _say_loading(self) -> None:
        name = Path(self._place.path).name
        self.loading.setText(self.tr("Opening page {page} of {name}…").format(page=self._place.page, name=name))
        self.loading.show()

    def _say_when_unmarked(self, place: PageTarget, picture: api.PageView) -> None:
        if place.end > place.start and not picture.quads:
            self.notice.say(
                self.tr("The passage was not found on this page; the file may have changed since it was remembered."),
                look="amber",
            )
        elif not self.notice.asking:
            self.notice.clear()

    def _explain(self, error: TrayassistError) -> None:
        self._show_desk(False)
        self.problem.explain(self._place, error)

    def _show_desk(self, there: bool) -> None:
        self._stack.setCurrentWidget(self.desk if there else self.problem)
        self.bar.use_page(there)

    def _show_fact(self) -> None:
        self._end_drawing()
        self._show_desk(False)
        self.problem.say(self.tr("You asked to remember this"), self._passage())

    def _passage(self) -> str:
        citation, picture = self.citation, self.picture
        if citation is None:
            return ""
        whole = picture.text[citation.start : citation.end].strip() if picture else ""
        return whole or citation.quote

    # ------------------------------------------------------------ actions

    def open_in_viewer(self) -> None:
        """Open the document at this page in the user's own viewer."""
        self.run(self._start_viewer(self._source.file(self._place), self._place.page))

    async def _start_viewer(self, path: Path, page: int) -> None:
        command = await asyncio.to_thread(open_outside.page_command, path, page)
        if not open_outside.open_file(path, command):
            self.notice.say(
                self.tr("No program is set up here to open {}.").format(path.name),
                look="amber",
                button=self.tr("Show folder"),
                action=lambda: open_outside.open_folder(path.parent),
            )

    def arrow(self, step: int) -> None:
        """Move a page that is wider than the window; else go to the next or earlier citation."""
        if self.desk.wider_than_window:
            self.desk.step(step, 0)
        else:
            self.step_citation(step)

    def zoom(self, step: int) -> None:
        """Zoom in (1), out (-1) or back to the window's width (0)."""
        if step:
            self.desk.step_zoom(step)
        else:
            self.desk.set_zoom(1.0)

    # ------------------------------------------------------------ building

    def _connect(self) -> None:
        self.thumbs.chosen.connect(self.to_citation)
        self._rest.timeout.connect(self._sharper)
        self._slow.timeout.connect(self._say_loading)
        self.desk.needs_picture.connect(self._rest.start)
        self.desk.zoomed.connect(lambda: self.bar.say_zoom(self.desk.zoom))
        self.bar.cited.connect(self.step_citation)
        self.bar.turned.connect(self.to_page)
        self.bar.zoomed.connect(self.zoom)
        self.bar.copied.connect(self.copy_passage)
        self.bar.outside.connect(self.open_in_viewer)
        self._connect_keys()

    def _connect_keys(self) -> None:
        for keys, action in (
            ("N", lambda: self.step_citation(1)),
            ("P", lambda: self.step_citation(-1)),
            ("Right", lambda: self.arrow(1)),
            ("Left", lambda: self.arrow(-1)),
            ("Down", lambda: self.desk.step(0, 1)),
            ("Up", lambda: self.desk.step(0, -1)),
            ("PgDown", lambda: self.to_page(self.place.page + 1)),
            ("PgUp", lambda: self.to_page(self.place.page - 1)),
            ("Ctrl+Home", lambda: self.to_page(1)),
            ("Ctrl+End", lambda: self.to_page(self.last_page)),
            ("Ctrl++", lambda: self.zoom(1)),
            ("Ctrl+=", lambda: self.zoom(1)),
            ("Ctrl+-", lambda: self.zoom(-1)),
            ("Ctrl+0", lambda: self.zoom(0)),
            ("Ctrl+C", self.copy_passage),
            ("Ctrl+Shift+C", self.copy_page),
            ("Ctrl+O", self.open_in_viewer),
        ):
            QShortcut(QKeySequence(keys), self, action)

    def _lay_out(self) -> None:
        self.loading.hide()
        self._stack.addWidget(self.desk)
        self._stack.addWidget(self.problem)
        middle = QWidget()
        middle.setLayout(column(self.notice, self.loading, self._stack, spacing=0))
        self.loading.setContentsMargins(16, 8, 16, 8)
        body = row(self.thumbs, middle, spacing=0)
        layout = column(self.bar, spacing=0)
        layout.addLayout(body, 1)
        self.setLayout(layout)
        self.bar.say_zoom(1.0)
        self.bar.say_citation(0, 0)


async def show_pages(
    assistant: Assistant, citations: Sequence[Citation], index: int, theme: Theme | None = None
) -> None:
    """Show a cited page in the page view that is open, else in a new one."""
    views = [window for window in Window.alive.values() if isinstance(window, PageWindow)]
    view = next((view for view in views if view.assistant is assistant and view.isVisible()), None)
    await (view or PageWindow(assistant, theme)).open(citations, index)
