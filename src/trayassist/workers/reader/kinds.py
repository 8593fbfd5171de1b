"""Which ingestor reads a file: by its name, checked against its content; and in words why none does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from trayassist.api import Ingestor, UnreadableFile

HEAD_BYTES = 4096
PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".gif")

# content that gives itself away: the first bytes, and what it is
MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF87a", "picture"),
    (b"GIF89a", "picture"),
    (b"II*\x00", "picture"),
    (b"MM\x00*", "picture"),
    (b"{\\rtf", "rtf"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "office"),
    (b"\x1f\x8b", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"Rar!\x1a\x07", "archive"),
    (b"BZh", "archive"),
    (b"\xfd7zXZ\x00", "archive"),
    (b"\x28\xb5\x2f\xfd", "archive"),
    (b"\x7fELF", "program"),
    (b"MZ", "program"),
    (b"SQLite format 3\x00", "database"),
    (b"ID3", "sound"),
    (b"OggS", "sound"),
    (b"fLaC", "sound"),
    (b"GGUF", "model"),
)
EXPECTED = {".pdf": "pdf", ".html": "html", ".htm": "html", ".xhtml": "html"} | dict.fromkeys(PICTURES, "picture")
BINARY = (".pdf", *PICTURES, ".webp", ".avif", ".jp2")  # text under such a name is no damaged file, but text
READ_AS = {"pdf": ".pdf", "picture": ".png", "webpicture": ".webp", "html": ".html"}

# what is not read, by kind of content or suffix: what it is, and what to do instead
# formats that are no text: text under such a name is read as what it is
_NEVER = "word sheet slides opendocument book newpicture sound film archive program database model"
NEVER_TEXT = frozenset(_NEVER.split())
TEXT_FORMATS = (".fb2", ".fodt")  # of these kinds, but text
NAMES = {  # what a file is in truth, in a sentence about it
    "pdf": "a PDF",
    "picture": "a picture",
    "webpicture": "a picture",
    "html": "a web page (HTML)",
    "text": "plain text",
    "json": "text (JSON)",
    "xml": "text (XML)",
}
SAME_KIND = (".xhtml", ".shtml", ".html", ".htm", ".mhtml", ".mht")

WORDS: dict[str, tuple[str, str]] = {
    "word": ("Word files are not read yet.", "Save it as PDF and drop that."),
    "sheet": ("Spreadsheets are not read yet.", "Save it as PDF or CSV and drop that."),
    "slides": ("Presentations are not read yet.", "Save it as PDF and drop that."),
    "office": ("Office files are not read yet.", "Save it as PDF and drop that."),
    "opendocument": ("OpenDocument files are not read yet.", "Save it as PDF and drop that."),
    "rtf": ("Rich text files are not read yet.", "Save it as PDF and drop that."),
    "book": ("E-books are not read yet.", "Convert it to PDF and drop that."),
    "mail": ("Mail files are not read yet.", "Print the message to a PDF and drop that."),
    "notebook": ("Notebooks are not read yet.", "Export it as HTML or PDF and drop that."),
    "newpicture": ("Pictures of this kind are not read yet.", "Save it as PNG or JPEG and drop that."),
    "drawing": ("Drawings are not read yet.", "Save it as PDF and drop that."),
    "sound": ("Sound is not read yet.", "Drop a transcript as text or PDF."),
    "film": ("Films are not read.", "Drop a transcript as text or PDF."),
    "archive": ("Archives are not opened.", "Unpack it and drop the folder."),
    "zip": ("Archives and Office files are not read yet.", "Unpack it, or save it as PDF, and drop that."),
    "program": ("Programs are not read.", "Drop documents, pictures or text."),
    "database": ("Databases are not read.", "Export what you need as CSV or PDF and drop that."),
    "model": ("This is a model, not a document.", "Add it in Settings, Models to use it."),
    "pdf": ("The reader of PDF files is switched off.", "Switch “Reading files” on in Settings, Plugins."),
    "webpicture": (
        "The reader of pictures is switched off.",
        "Switch “Reading files” on in Settings, Plugins.",
    ),
    "picture": ("The reader of pictures is switched off.", "Switch “Reading files” on in Settings, Plugins."),
    "html": ("The reader of HTML files is switched off.", "Switch “Reading files” on in Settings, Plugins."),
}
SUFFIXES: dict[str, str] = {
    suffix: kind
    for kind, suffixes in {
        "word": ".doc .docx .docm .dot .dotx .pages .wpd .wps",
        "sheet": ".xls .xlsx .xlsm .xlsb .numbers",
        "slides": ".ppt .pptx .pptm .pps .ppsx .key",
        "opendocument": ".odt .ods .odp .odg .ott .fodt",
        "rtf": ".rtf",
        "book": ".epub .mobi .azw .azw3 .fb2 .djvu .chm",
        "mail": ".eml .msg .mbox .pst",
        "notebook": ".ipynb .one",
        "newpicture": ".heic .heif .psd .xcf .raw .cr2 .nef .arw .dng .ico .jxl .icns",
        "drawing": ".svg .ai .eps .ps .dwg .dxf .vsd .vsdx .xps",
        "sound": ".mp3 .wav .ogg .oga .flac .m4a .aac .opus .wma .mid",
        "film": ".mp4 .mkv .mov .avi .webm .m4v .wmv .mpg .mpeg",
        "archive": ".zip .gz .tgz .tar .7z .rar .bz2 .xz .zst .iso .dmg .jar .whl .deb .rpm .apk",
        "program": ".exe .dll .so .dylib .bin .msi .app .o .a .class .pyc .wasm",
        "database": ".db .sqlite .sqlite3 .mdb .accdb .parquet .feather .lance",
        "model": ".gguf .safetensors .pt .onnx",
    }.items()
    for suffix in suffixes.split()
}


class FileRefused(UnreadableFile):
    """Files of this kind are not read, or this one is too large: nothing is wrong with the file."""

    code: ClassVar[str] = "refused"


def choose(path: Path, ingestors: Sequence[Ingestor]) -> Ingestor:
    """Return the ingestor for the file. Raises FileRefused in words, or UnreadableFile when it cannot be opened.

    The last ingestor that claims a suffix has it, so that an added plugin can replace one of ours. Content that
    contradicts one of our own suffixes wins: a PDF named .txt is read as PDF, a program named .pdf is refused.
    """
    head = _head(path)
    suffix = path.suffix.lower()
    own = _by_suffix(suffix, ingestors)
    content = sniff(head)
    if own is not None and not _contradicts(content, suffix, own, head):
        return own
    if content in READ_AS and (fitting := _by_suffix(READ_AS[content], ingestors)) is not None:
        return fitting
    kind = SUFFIXES.get(suffix) if own is None else None
    text_inside = kind is None or (kind in NEVER_TEXT and suffix not in TEXT_FORMATS)
    if text_inside and not content and looks_like_text(head) and (plain := _by_suffix(".txt", ingestors)) is not None:
        return plain
    what, todo = WORDS.get(kind or content, (f"Files of this kind ({suffix or 'no suffix'}) are not read.", ""))
    raise FileRefused(f"{path.name}: {what}", todo or "Save it as PDF or text and drop that.")


def tell_misnamed(path: Path) -> str:
    """Return what a file is in truth whose name says otherwise, for its line; "" when the name is right."""
    suffix = path.suffix.lower()
    expected = "pdf" if suffix == ".pdf" else EXPECTED.get(suffix) or SUFFIXES.get(suffix, "")
    try:
        head = _head(path)
    except UnreadableFile:
        return ""
    content = sniff(head)
    if not expected or content == expected or suffix in SAME_KIND or (suffix == ".pdf" and b"%PDF-" in head):
        return ""
    if not content:
        if expected not in NEVER_TEXT and suffix not in BINARY:
            return ""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
        content = "json" if start in (b"{", b"[") else "xml" if start == b"<" else "text"
    if content not in NAMES or NAMES[content] == NAMES.get(expected):
        return ""
    return f"this is {NAMES[content]} in truth, not what the name ending {suffix} says"


def sniff(head: bytes) -> str:
    """Return what the content gives itself away as: pdf, picture, html, zip, ...; "" when it does not."""
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"%PDF-"):
        return "pdf"
    for magic, kind in MAGIC:
        if head.startswith(magic) and not (len(magic) <= 4 and magic.isalnum() and looks_like_text(head)):
            return kind
    if head[:4] == b"RIFF":
        return {b"WEBP": "webpicture", b"WAVE": "sound", b"AVI ": "film"}.get(head[8:12], "")
    if head[4:8] == b"ftyp":
        if head[8:12] in (b"avif", b"avis"):
            return "webpicture"
        return "newpicture" if head[8:12] in (b"heic", b"heix", b"mif1") else "film"
    if head[:2] == b"BM" and head[6:10] == b"\x00\x00\x00\x00":
        return "picture"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:200].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head>", b"<body", b"<table", b"<meta ", b"<title>")):
        return "html"
    return "html" if start.startswith((b"<!--", b"<?xml")) and b"<html" in head.lower() else ""


def looks_like_text(head: bytes) -> bool:
    """Return whether a file that begins like this is text."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    if b"\x00" in head:  # UTF-16 without a mark has a zero in every other place, a broken log a run of them
        high = max(head[0::2].count(0), head[1::2].count(0))
        head = head.replace(b"\x00", b"") if high >= head.count(0) or b"\x00" * 64 in head else b""
    if not head:
        return False
    return sum(code < 32 and code not in b"\t\n\r\f\x1b" for code in head) <= len(head) // 50


def _by_suffix(suffix: str, ingestors: Sequence[Ingestor]) -> Ingestor | None:
    return next((ingestor for ingestor in reversed(ingestors) if suffix in ingestor.suffixes), None)


def _contradicts(content: str, suffix: str, own: Ingestor, head: bytes) -> bool:
    """Return whether the content cannot be what a name like this stands for; others' formats are not judged."""
    if suffix == ".pdf" and b"%PDF-" in head:  # rubbish before a PDF's first line is common
        return False
    if not content:
        return suffix in BINARY and looks_like_text(head)
    if suffix in EXPECTED:
        return content != EXPECTED[suffix]
    return ".txt" in own.suffixes and content != "html"


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except FileNotFoundError as error:
        raise UnreadableFile(f"{path.name} is gone.", "Drop it again from where it is now.") from error
    except OSError as error:
        raise UnreadableFile(f"{path.name} cannot be opened: {error.strerror}.", "Check its permissions.") from error
    if not head:
        raise FileRefused(f"{path.name} is empty.", "There is nothing to read in it.")
    return head
