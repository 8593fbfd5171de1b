"""Numbers, sizes, times and keys as people read them, each with its unit."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QCoreApplication, QLocale

BYTES_A_STEP = 1000  # decimal units, as file managers show them
UNITS = ("B", "kB", "MB", "GB", "TB")
MANY = 10  # pages a second; from here on tenths say nothing


def tr(text: str) -> str:
    """Return `text` in the user's language. It has no context: that is how lupdate reads calls outside of classes."""
    return QCoreApplication.translate("", text)


def number(value: int) -> str:
    """Return a whole number with its thousands marked, as the user's locale does."""
    return _locale().toString(value)


def decimal(value: float, digits: int = 1) -> str:
    """Return a number as the user's locale writes it, without digits it does not need: "2.1", "2,1", "13"."""
    text = _locale().toString(float(value), "f", digits)
    point = _locale().decimalPoint()
    return text.rstrip("0").removesuffix(point) if point in text else text


def page_rate(pages_per_s: float) -> str:
    """Return how fast pages are read: "340 pages/s", "1.5 pages/s"; "" where it is too little to be said."""
    text = decimal(pages_per_s) if pages_per_s < MANY else number(round(pages_per_s))
    return "" if text == "0" else (tr("{} page/s") if text == "1" else tr("{} pages/s")).format(text)


def percent(share: float) -> str:
    """Return a share of one as "47 %"."""
    return tr("{} %").format(round(100 * share))


def count(value: int, one: str, many: str) -> str:
    """Return "1 page" or "1,803 pages"; `one` and `many` are already translated, `{}` stands for the number."""
    return (one if value == 1 else many).format(number(value))


def size(value: float) -> str:
    """Return bytes as "812 B", "61 MB" or "1.4 GB"."""
    step = 0
    while value >= BYTES_A_STEP and step < len(UNITS) - 1:
        value /= BYTES_A_STEP
        step += 1
    digits = 1 if step and value < 10 else 0
    return f"{_locale().toString(float(value), 'f', digits)} {UNITS[step]}"


def _locale() -> QLocale:
    """Return the locale of the windows; the C locale marks no thousands, which nobody can read."""
    return QLocale() if QLocale().language() != QLocale.Language.C else QLocale(QLocale.Language.English)


def duration(seconds: float) -> str:
    """Return a length of time to come, rounded as far as it is known: "8 s", "3 min", "2 h 5 min"."""
    whole = max(0, round(seconds))
    if whole < 60:
        return tr("{} s").format(whole)
    if whole < 3600:
        return tr("{} min").format(round(whole / 60))
    hours, rest = divmod(whole // 60, 60)
    return tr("{hours} h {minutes} min").format(hours=hours, minutes=rest)


def time_taken(seconds: float) -> str:
    """Return how long something took: "38 ms", "2.1 s", "3 min"."""
    if seconds < 1:
        return tr("{} ms").format(round(1000 * seconds))
    return tr("{} s").format(decimal(seconds)) if seconds < 60 else duration(seconds)


def when(iso: str) -> str:
    """Return an ISO 8601 moment as "today 14:05", "yesterday 09:12" or "3 Nov 2026, 14:05" in local time."""
    try:
        moment = datetime.fromisoformat(iso).astimezone()
    except ValueError:
        return iso
    days = (datetime.now().astimezone().date() - moment.date()).days
    clock = moment.strftime("%H:%M")
    if days == 0:
        return tr("today {}").format(clock)
    if days == 1:
        return tr("yesterday {}").format(clock)
    month = tr("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec").split()[moment.month - 1]
    return tr("{day} {month} {year}, {clock}").format(day=moment.day, month=month, year=moment.year, clock=clock)
