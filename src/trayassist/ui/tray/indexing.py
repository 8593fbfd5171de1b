"""What the tray says about files on their way into memory: a ring and a line, and a sentence at the end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from trayassist.memory.ingest import FileReport, Ingest, Progress
from trayassist.ui.tray.tray import Tray

END_WAIT_MS = 700  # a folder is walked while its first files are read: more may come
NAMED = 3  # files that failed, in the sentence at the end
UNWELL = ("failed", "refused", "needs_password")


class IndexingNews(QObject):
    """Follows the ingest queue and tells the tray. `told` follows each progress and report."""

    told = Signal()

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

    def pause_or_resume(self) -> None:
        """Do what the menu entry was switched to."""
        if self._tray.actions["pause"].isChecked():
            self._ingest.pause()
        else:
            self._ingest.resume()
        if self._ingest.waiting():
            self._show()

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
        self.told.emit()

    def _show(self) -> None:
        if "pause" in self._tray.actions:
            self._tray.actions["pause"].setChecked(self._ingest.paused)
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
    left = tr("%n file(s) to go", None, waiting) if waiting else tr("looking for files")
    if paused:
        return tr("paused") + f" · {left}"
    return left + (tr(" · {} pages/s").format(f"{rate:.0f}") if rate >= 1 else "")


def end_line(reports: Sequence[FileReport]) -> tuple[str, bool]:
    """Return the sentence about these files and whether some of them were not remembered."""
    good = sum(report.status == "ingested" for report in reports)
    known = sum(report.status == "unchanged" for report in reports)
    bad = [report for report in reports if report.status in UNWELL]
    parts = [f"{Path(report.path).name}: {report.reason}" for report in reports if report.status == "model"][:NAMED]
    if good:
        parts.append(tr("%n file(s) remembered", None, good))
    if known:
        parts.append(tr("%n already known", None, known))
    if bad:
        whys = "; ".join(_why(report) for report in bad[:NAMED])
        more = tr(", and %n more", None, len(bad) - NAMED) if len(bad) > NAMED else ""
        begins = tr("%n not: ", None, len(bad)) if parts else tr("%n file(s) not remembered: ", None, len(bad))
        parts.append(begins + whys + more)
    return ", ".join(parts), bool(bad)


def _why(report: FileReport) -> str:
    """Return "name — reason" without the name twice and without the full stop, as part of a longer sentence."""
    name = Path(report.path).name
    reason = report.reason.removeprefix(name).lstrip(" :").removesuffix(".")
    return f"{name} — {reason}" if reason else name


def tr(text: str, comment: str | None = None, number: int = -1) -> str:
    """Return `text` in the user's language; the arguments are those that lupdate looks for."""
    result = QCoreApplication.translate("", text, comment, number)
    return result.replace("(s)", "" if number == 1 else "s")  # without a translation the plural is ours to form
