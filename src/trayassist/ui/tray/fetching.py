"""What the tray tells of downloads: a ring and a line while they run, a sentence at their end."""

from __future__ import annotations

from PySide6.QtCore import QObject

from trayassist.models.catalog.download import Downloads
from trayassist.models.catalog.fetching import Progress
from trayassist.ui.tray.tray import Tray
from trayassist.ui.widgets import formats
from trayassist.ui.widgets.formats import tr

UNDER_WAY = ("waiting", "checking", "fetching")


class DownloadNews(QObject):
    """Follows the downloads of one assistant until `close`."""

    def __init__(self, downloads: Downloads, tray: Tray, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._downloads, self._tray = downloads, tray
        self._unsubscribe = downloads.subscribe(self._heard)

    def close(self) -> None:
        """Follow no more."""
        self._unsubscribe()

    def _heard(self, news: Progress) -> None:
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
        self._tray.set_fetching(sum(one.bytes for one in open_) / total, line(now, len(open_)))


def line(now: Progress, count: int = 1) -> str:
    """Return “fetching qwen 4B · 1.2 GB of 2.5 GB · 3 min left”."""
    says = {"checking": tr("checking {}"), "paused": tr("paused: {}")}.get(now.state, tr("fetching {}"))
    parts = [says.format(now.model), tr("{0} of {1}").format(formats.size(now.bytes), formats.size(now.total))]
    if now.rate:
        parts.append(tr("{}/s").format(formats.size(now.rate)))
    if now.seconds_left is not None:
        parts.append(tr("{} left").format(formats.duration(now.seconds_left)))
    if count > 1:
        parts.append(tr("{} to go").format(count))
    return " · ".join(parts)
