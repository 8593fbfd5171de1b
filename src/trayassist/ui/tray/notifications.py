"""What the tray icon shows and says of answers, files being read, downloads and models that are missing."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from trayassist.api import Approval, Event, Finish, Finished, Request
from trayassist.assistant import Assistant
from trayassist.memory.ingest import FileReport, Ingest, Progress
from trayassist.models.catalog.download import DownloadProgress as DownloadProgress
from trayassist.models.catalog.download import Downloads
from trayassist.models.serving.engine import Engine
from trayassist.paths import Paths
from trayassist.ui.tray.tray import Tray
from trayassist.ui.widgets import formats
from trayassist.ui.widgets.local import local

END_WAIT_MS = 700  # a folder is walked while its first files are read: more may come
NAMED = 3  # files that failed, in the sentence at the end
UNWELL = ("failed", "refused", "needs_password")


class IndexingNews(QObject):
    """Follows the ingest queue and tells the tray. `updated` follows each progress and report."""

    updated = Signal()

    def __init__(self, ingest: Ingest, tray: Tray, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ingest, self._tray = ingest, tray
        self._reports: list[FileReport] = []
        self._rate = 0.0
        self._part = 0.0
        self._total = 1
        self._end = QTimer(self, singleShot=True, interval=END_WAIT_MS)
        self._end.timeout.connect(self._on_end)
        self._unsubscribe = ingest.subscribe(self._on_news)

    def close(self) -> None:
        """Follow no more."""
        self._unsubscribe()
        self._end.stop()

    def begin(self) -> None:
        """Files were handed over: show at once that they were taken."""
        self._show()
        self._end.start()

    def _on_news(self, news: Progress | FileReport) -> None:
        if isinstance(news, Progress):
            self._rate = news.pages_per_s
            self._total = max(1, news.files_total)
            inside = news.page / news.pages if news.pages else 0.0
            self._part = (news.files_done + inside) / self._total
        else:
            self._reports.append(news)
        if self._ingest.waiting():
            self._end.stop()
        elif not self._end.isActive():
            self._end.start()
        self._show()
        self.updated.emit()

    def _show(self) -> None:
        self._tray.set_paused(self._ingest.paused)
        line = progress_line(self._ingest.waiting(), self._rate, paused=self._ingest.paused)
        self._tray.set_indexing(min(1.0, self._part), line)

    def _on_end(self) -> None:
        if self._ingest.waiting():
            return
        reports, self._reports = self._reports, []
        self._rate = self._part = 0.0
        line, unwell = end_line(reports)
        self._tray.set_indexing(None, line)
        if line:
            self._tray.say(line, warning=unwell)


def progress_line(waiting: int, rate: float, *, paused: bool) -> str:
    """Return "3 files to go · 340 pages/s"."""
    left = tr("%Ln file(s) to go", None, waiting) if waiting else tr("looking for files")
    if paused:
        return tr("paused") + f" · {left}"
    return " · ".join(part for part in (left, formats.page_rate(rate)) if part)


def end_line(reports: Sequence[FileReport]) -> tuple[str, bool]:
    """Return the sentence about these files and whether some of them were not remembered."""
    good = sum(report.status == "ingested" for report in reports)
    known = sum(report.status == "unchanged" for report in reports)
    bad = [report for report in reports if report.status in UNWELL]
    models = [report for report in reports if report.status == "model"][:NAMED]
    parts = [f"{Path(report.path).name}: {local(report.reason)}" for report in models]
    if good:
        parts.append(tr("%Ln file(s) remembered", None, good))
    if known:
        parts.append(tr("%Ln already known", None, known))
    if bad:
        whys = "; ".join(_why(report) for report in bad[:NAMED])
        more = tr(", and %Ln more", None, len(bad) - NAMED) if len(bad) > NAMED else ""
        begins = tr("%Ln not: ", None, len(bad)) if parts else tr("%Ln file(s) not remembered: ", None, len(bad))
        parts.append(begins + whys + more)
    return ", ".join(parts), bool(bad)


def _why(report: FileReport) -> str:
    """Return "name — reason" without the name twice and without the full stop, as part of a longer sentence."""
    name = Path(report.path).name
    reason = local(report.reason).removeprefix(name).lstrip(" :").removesuffix(".")
    return f"{name} — {reason}" if reason else name


def tr(text: str, comment: str | None = None, number: int = -1) -> str:
    """Return `text` in the user's language; the arguments are those that lupdate looks for."""
    result = QCoreApplication.translate("", text, comment, number)
    return result.replace("(s)", "" if number == 1 else "s")  # without a translation the plural is ours to form


UNDER_WAY = ("waiting", "checking", "fetching")


class DownloadNews(QObject):
    """Follows the downloads of one assistant until `close`."""

    def __init__(self, downloads: Downloads, tray: Tray, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._downloads, self._tray = downloads, tray
        self._unsubscribe = downloads.subscribe(self._on_progress)

    def close(self) -> None:
        """Follow no more."""
        self._unsubscribe()

    def _on_progress(self, news: DownloadProgress) -> None:
        topic = f"download {news.model}"
        if news.state == "done":
            self._tray.say(tr("{} is fetched, and ready.").format(news.model))
        self._tray.set_problem(topic, f"{news.model}: {news.problem}" if news.state == "failed" else "")
        open_ = [one for one in self._downloads.list() if one.state in UNDER_WAY]
        if not open_:
            self._tray.set_fetching(None, "")
            return
        total = sum(one.total for one in open_) or 1
        now = next((one for one in open_ if one.state != "waiting"), open_[0])
        self._tray.set_fetching(sum(one.bytes for one in open_) / total, download_line(now, len(open_)))


def download_line(now: DownloadProgress, count: int = 1) -> str:
    """Return “fetching qwen 4B · 1.2 GB of 2.5 GB · 3 min left”."""
    says = {"checking": tr("checking {}"), "paused": tr("paused: {}")}.get(now.state, tr("fetching {}"))
    parts = [says.format(now.model), tr("{0} of {1}").format(formats.size(now.bytes), formats.size(now.total))]
    if now.rate:
        parts.append(tr("{}/s").format(formats.size(now.rate)))
    if now.seconds_left is not None:
        parts.append(tr("{} left").format(formats.duration(now.seconds_left)))
    if count > 1:
        parts.append(tr("{} to go").format(formats.number(count)))
    return " · ".join(parts)


class ModelNews(QObject):
    """Follows the models of one engine until `close`; what is right again is not told any more."""

    def __init__(self, engine: Engine, tray: Tray, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine, self._tray = engine, tray
        self._shown: set[str] = set()
        engine.changed.append(self.look)

    def close(self) -> None:
        """Follow no more."""
        if self.look in self._engine.changed:
            self._engine.changed.remove(self.look)

    def look(self) -> None:
        """Tell of each model that is missed, once, until it is there."""
        found = self._engine.trouble()
        for gone in self._shown - set(found):
            self._tray.set_problem(f"model {gone}", "")
        for sentence in found:
            self._tray.set_problem(f"model {sentence}", sentence)
        self._shown = set(found)


class AnswerNews(QObject):
    """Follows all answers, whoever asked. `is_seen` tells whether the popup is open."""

    def __init__(self, tray: Tray, is_seen: Callable[[], bool], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tray, self._is_seen = tray, is_seen
        self._running = 0

    def begin(self) -> None:
        """An answer is being made."""
        self._running += 1
        self._tray.set_thinking(True)

    def end(self) -> None:
        """An answer came to its end, good or bad."""
        self._running -= 1
        self._tray.set_thinking(self._running > 0)

    def report_unsaved(self, problem: str) -> None:
        """Tell why answers, or what is done, are not written down; "" when they are."""
        self._tray.set_problem("kept", problem)

    def take(self, request: Request, event: Event) -> None:
        """Call the user back when something waits behind the closed popup."""
        if request.actor != "user" or self._is_seen():
            return
        if isinstance(event, Approval):
            self._tray.set_attention(self.tr("an answer waits for your yes or no"))
        elif isinstance(event, Finished) and event.finish is not Finish.CANCELLED:
            self._tray.set_attention(self.tr("your answer is ready"))


class ReportingAssistant(Assistant):
    """An assistant that tells the tray of each answer's begin and end."""

    def __init__(
        self, paths: Paths, news: AnswerNews, *, readable: Paths | None = None, prewarm: bool | None = None
    ) -> None:
        super().__init__(paths, readable=readable, prewarm=prewarm, in_app=True)
        self._news = news

    async def ask(self, request: Request) -> AsyncGenerator[Event, None]:
        """Yield the events of the answer, as Assistant does."""
        self._news.begin()
        try:
            async with aclosing(super().ask(request)) as events:
                async for event in events:
                    self._news.take(request, event)
                    yield event
        finally:
            self._news.end()
            self._news.report_unsaved(self.audit.problem or self.history.problem or self.history.notice)
