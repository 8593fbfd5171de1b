"""Text that programs wrap for each other, as a person reads it: calendars, cards, subtitles, saved web pages."""

from __future__ import annotations

import email
import email.policy
import html
import quopri
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

from trayassist.api import Page, ReadOptions, UnreadableFile
from trayassist.api.normal_text import normal
from trayassist_ingest import pieces

_FOLDED = re.compile(r"\r?\n[ \t]")
_PROPERTY = re.compile(r"([A-Za-z0-9.-]{1,60})((?:;[^:;\"\n]{0,200}(?:\"[^\"\n]{0,200}\")?){0,20}):(.*)")
_MOMENT = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d)(?::?\d\d)?(Z?))?")
_DURATION = re.compile(r"([+-]?)P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


def number_texts(texts: Sequence[str], path: Path, first_page: int, title: str = "") -> Iterator[Page]:
    """Yield texts in pieces as pages. Raises UnreadableFile when there are none."""
    parts = [part for _, part in pieces.split("\n\n".join(texts))]
    if not parts:
        raise UnreadableFile(f"{path.name} has no text.", "There is nothing to read in it.")
    for number, part in enumerate(parts, 1):
        if number >= first_page:
            yield Page(number=number, text=part, total=len(parts), title=title)


def read_text(path: Path) -> str:
    """Return a text file's text in its own encoding, as people type it. Raises UnreadableFile."""
    with pieces.open_text(path) as file:
        return normal(pieces.as_shown(file.read()))


# ---- calendars and address cards: properties, a line each, folded at 75 characters (RFC 5545, RFC 6350)

EVENT = {
    "SUMMARY": "",
    "DTSTART": "Begins",
    "DTEND": "Ends",
    "DUE": "Due",
    "DURATION": "Lasts",
    "LOCATION": "Place",
    "ORGANIZER": "Organised by",
    "ATTENDEE": "With",
    "DESCRIPTION": "",
    "STATUS": "Status",
    "RRULE": "Repeats",
    "CATEGORIES": "Kind",
    "URL": "Address",
    "COMMENT": "Remark",
    "COMPLETED": "Done",
    "CONTACT": "Contact",
}
CARD = {
    "FN": "",
    "N": "Name",
    "ORG": "Organisation",
    "TITLE": "Position",
    "ROLE": "Role",
    "TEL": "Telephone",
    "EMAIL": "E-mail",
    "ADR": "Address",
    "BDAY": "Birthday",
    "NOTE": "Remark",
    "URL": "Web",
    "NICKNAME": "Nickname",
    "ANNIVERSARY": "Anniversary",
    "CATEGORIES": "Kind",
    "X-ABLABEL": "Label",
}
_EVERY = {"DAILY": "every day", "WEEKLY": "every week", "MONTHLY": "every month", "YEARLY": "every year"}
_WEEKDAYS = dict(
    zip(["MO", "TU", "WE", "TH", "FR", "SA", "SU"], ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"], strict=True)
)


class CardIngestor:
    """Reads calendars and address cards: a paragraph an event or person, dates as people write them."""

    name = "cards"
    suffixes: Sequence[str] = (".ics", ".ical", ".ifb", ".vcs", ".vcf", ".vcard")

    def read(self, path: Path, options: ReadOptions) -> Iterator[Page]:
        """Yield the entries in pages. Raises UnreadableFile when there are none."""
        yield from number_texts(list(entries(read_text(path))), path, options.first_page)


def entries(text: str) -> Iterator[str]:
    """Yield each event, task, note or person of the text as a paragraph."""
    text = re.sub(r"=\r?\n", "", text) if "QUOTED-PRINTABLE" in text.upper() else text
    lines: list[tuple[str, str]] = []
    inside = skipped = ""
    for row in _FOLDED.sub("", text).splitlines():
        found = _PROPERTY.match(row)
        if found is None:
            continue
        name, parameters, value = found[1].split(".")[-1].upper(), found[2], found[3]
        if name == "BEGIN":
            skipped = skipped or (value.upper() if value.upper() in ("VALARM", "VTIMEZONE") else "")
            inside = value.upper() if value.upper() in ("VEVENT", "VTODO", "VJOURNAL", "VCARD", "VFREEBUSY") else inside
        elif name == "END":
            if value.upper() == skipped:
                skipped = ""
            elif value.upper() == inside:
                yield _paragraph(lines)
                lines, inside = [], ""
        elif inside and not skipped and (line := _line(name, parameters, value, CARD if inside == "VCARD" else EVENT)):
            lines += [(name, line)] if (name, line) not in lines else []
    if lines:
        yield _paragraph(lines)


def _paragraph(lines: list[tuple[str, str]]) -> str:
    """Return an entry: what it is called and its short properties in one sentence, longer text below.

    So one quote says what and when, or who and which number.
    """
    title = next((text for name, text in lines if name in ("SUMMARY", "FN")), "")
    short = [text for name, text in lines if name not in ("SUMMARY", "FN", *LONG) and text != f"Name: {title}"]
    sentence = f"{title}: {'; '.join(short)}" if title and short else title or "; ".join(short)
    long = [text for name, text in lines if name in LONG]
    return "\n".join([f"{sentence}." if sentence and sentence[-1:] not in ".!?" else sentence, *long])


LONG = ("DESCRIPTION", "NOTE", "COMMENT")


def _line(name: str, parameters: str, value: str, words: dict[str, str]) -> str:
    if name not in words or "ENCODING=B" in parameters.upper():
        return ""
    if "QUOTED-PRINTABLE" in parameters.upper():
        value = quopri.decodestring(value.encode()).decode("utf-8", "replace")
    value = _plain_value(name, parameters, value)
    label = words[name]
    kind = re.search(r"(?:TYPE=|;)(HOME|WORK|CELL|MOBILE|FAX)\b", parameters.upper())
    if kind and label:
        label += f" ({kind[1].lower()})"
    return f"{label}: {value}" if label and value else value


def _plain_value(name: str, parameters: str, value: str) -> str:
    if name in ("ORGANIZER", "ATTENDEE"):
        person = re.search(r'CN="?([^";:]{1,100})', parameters)
        return person[1] if person else re.sub(r"^mailto:", "", value, flags=re.IGNORECASE)
    if name == "RRULE":
        return _rule(value)
    if name == "DURATION" and (lasts := _DURATION.fullmatch(value)):
        units = zip(lasts.groups()[1:], ("week", "day", "hour", "minute", "second"), strict=True)
        return ", ".join(f"{number} {unit}{'' if number == '1' else 's'}" for number, unit in units if number)
    if moment := _MOMENT.fullmatch(value.strip()):
        return _moment(moment)
    if name in ("N", "ADR", "ORG"):
        parts = [part.strip() for part in re.split(r"(?<!\\);", value)]
        parts = [parts[1], parts[0]] if name == "N" and len(parts) > 1 else parts
        value = (" " if name == "N" else ", ").join(part for part in parts if part)
    return re.sub(r"\\([nN,;\\])", lambda found: "\n" if found[1] in "nN" else found[1], value).strip()


def _moment(found: re.Match[str]) -> str:
    """Return a date as "Wednesday, 17 September 2031 (2031-09-17), 18:30 UTC"."""
    year, month, day, hour, minute, utc = found.groups()
    try:
        date = datetime(int(year), int(month), int(day))  # a date of a calendar, in its own zone
    except ValueError:
        return found[0]
    text = f"{date:%A}, {date.day} {date:%B %Y} ({date:%Y-%m-%d})"
    return text + (f", {hour}:{minute}{' UTC' if utc else ''}" if hour else "")


def _rule(value: str) -> str:
    parts = dict(part.split("=", 1) for part in value.split(";") if "=" in part)
    text = _EVERY.get(parts.get("FREQ", ""), value)
    if parts.get("INTERVAL", "1") != "1":
        text = text.replace("every ", f"every {parts['INTERVAL']} ") + "s"
    days = [_WEEKDAYS[day[-2:]] for day in parts.get("BYDAY", "").split(",") if day[-2:] in _WEEKDAYS]
    text += f" on {', '.join(days)}" if days else ""
    if until := _MOMENT.match(parts.get("UNTIL", "")):
        text += f" until {_moment(until)}"
    return text + (f", {parts['COUNT']} times" if "COUNT" in parts else "")


# ---- subtitles

_CUE = re.compile(r"^\s*(?:\d{1,3}:)?\d{1,2}:\d\d[.,]\d{1,3}\s*-->.*$")
_SUBTITLE_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,80}>|<\d[\d:.]{3,14}>|\{\\[^{}\n]{0,80}\}")
_SUBTITLE_END = re.compile(r"[.!?…。！？:♪][\"'”’)\]]*$")
PARAGRAPH = 600  # characters of speech that are set as one paragraph


class SubtitleIngestor:
    """Reads subtitles as running text: sentences go on from one to the next, times and numbers are left out."""

    name = "subtitles"
    suffixes: Sequence[str] = (".srt", ".vtt", ".sbv")

    def read(self, path: Path, options: ReadOptions) -> Iterator[Page]:
        """Yield the speech in pages. Raises UnreadableFile when there is none."""
        yield from number_texts(list(join_speech(read_text(path))), path, options.first_page)


def join_speech(text: str) -> Iterator[str]:
    """Yield what is said, in paragraphs that end with a sentence."""
    paragraph = ""
    for block in re.split(r"\n[ \t]*\n", text.replace("\r", "")):
        rows = block.strip().split("\n")
        if rows[0].startswith(("WEBVTT", "NOTE", "STYLE", "REGION")):
            rows = rows[1:] if rows[0].startswith("WEBVTT") and any(map(_CUE.match, rows)) else []
        at = next((at for at, row in enumerate(rows) if _CUE.match(row)), None)
        rows = rows[at + 1 :] if at is not None else [row for row in rows if not row.strip().isdigit()]
        said = " ".join(html.unescape(_SUBTITLE_TAG.sub("", row)).strip() for row in rows).strip()
        if not said or paragraph.endswith(said):
            continue  # captions that roll repeat the line before
        new_speaker = said.startswith(("-", "–", "—", "♪"))
        if paragraph and _SUBTITLE_END.search(paragraph) and (new_speaker or len(paragraph) > PARAGRAPH):
            yield paragraph
            paragraph = ""
        paragraph = f"{paragraph} {said}".strip()
    if paragraph:
        yield paragraph


# ---- saved web pages: MIME parts in one file


class SavedPageIngestor:
    """Reads the web page inside an MHTML file."""

    name = "saved page"
    suffixes: Sequence[str] = (".mhtml", ".mht")

    def read(self, path: Path, options: ReadOptions) -> Iterator[Page]:
        """Yield the page's text in pieces. Raises UnreadableFile when there is none."""
        from selectolax.lexbor import LexborHTMLParser

        from trayassist_ingest.html import pages_of

        try:
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        except OSError as error:
            raise UnreadableFile(
                f"{path.name} cannot be opened: {error.strerror}.", "Check its permissions."
            ) from error
        parts = [part for part in message.walk() if isinstance(part, EmailMessage) and not part.is_multipart()]
        pages = [part for part in parts if part.get_content_type() in ("text/html", "application/xhtml+xml")]
        if not pages:
            texts = [_content(part) for part in parts if part.get_content_type() == "text/plain"]
            yield from number_texts([normal(text) for text in texts if text.strip()], path, options.first_page)
            return
        yield from pages_of(LexborHTMLParser(_content(pages[0])), path, options.first_page)


def _content(part: EmailMessage) -> str:
    raw = part.get_payload(decode=True)
    if not isinstance(raw, bytes):
        return ""
    try:
        return raw.decode(part.get_content_charset() or pieces.encoding_of(raw) or "utf-8", "replace")
    except LookupError:
        return raw.decode("utf-8", pieces.WESTERN_BYTES)
