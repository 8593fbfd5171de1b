"""The lines of a PDF page as people read them, where the page holds them otherwise.

Raised figures (exponents, marks of footnotes), words with spaced letters, large first letters, columns that run from
top to bottom, text that nobody sees. What a page does not have is told by a cheap look at its text and markup; only
pages that have something of it are taken apart.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Box = tuple[float, float, float, float]
Key = tuple[int, int]  # (block, line), as MuPDF numbers them

_SEEN_IN_MARKUP = re.compile(r"<sup>|color:#[d-f][0-9a-f][d-f][0-9a-f][d-f]|font-size:[01]\.\d")
_SEEN_IN_TEXT = re.compile(
    r"(?<!\S)[^\W\d_](?: [^\W\d_]){3}(?!\S)"  # letters with spaces between
    r"|(?:^|\n)(?:\S(?: \S)?\n){3}"  # lines of a letter each: spaced letters, or a column
    r"|(?:^|\n)[\"“„«]?[^\W\d_]{1,2}\n"  # a first letter
)
TINY = 2.0  # points; nobody reads such letters
CONTRAST = 24  # of 255, between a letter and its ground; with less it is not seen
NEAR_WHITE = 0xD0  # of each colour


@dataclass
class Line:
    """A line of a page; `keys` are the lines of MuPDF that it is made of, `markup` is what MuPDF's HTML has for it."""

    text: str
    markup: str
    box: Box
    size: float
    keys: list[Key]
    spans: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Reading:
    """The page's text and markup, a line each; `places` are the lines that words stand in, `hidden` what is unseen.

    `places` is empty where the lines are as MuPDF has them: a word's (block, line) then says where it stands.
    """

    text: str
    markup: str
    places: dict[Key, int] = field(default_factory=dict)
    hidden: tuple[Box, ...] = ()


def looks_odd(page: Any, text: str, markup: str) -> bool:
    """Return whether the page may have lines that are not as people read them; told without taking it apart."""
    return bool(_SEEN_IN_MARKUP.search(markup) or _SEEN_IN_TEXT.search(text) or _may_be_unseen(page))


def mend(page: Any, lines: list[Line]) -> tuple[list[Line], tuple[Box, ...]]:
    """Return the lines as they are read, and the boxes of what nobody sees."""
    lines, unseen = _drop_unseen(page, lines)
    for line in lines:
        _write_raised(line)
    return _join_columns(_join_letters(_join_first_letters(lines))), unseen


def take_apart(parsed: Any, text: str, markup: str) -> Iterator[Line]:
    """Yield the page's lines with their spans; none where text and markup do not have the same lines."""
    texts, pieces = text.split("\n")[:-1], markup.split("<p style")[1:]
    spans = [
        ((block["number"], at), line)
        for block in parsed.extractDICT()["blocks"]
        for at, line in enumerate(block.get("lines", ()))
    ]
    if not len(texts) == len(pieces) == len(spans):
        return
    for one, piece, (key, line) in zip(texts, pieces, spans, strict=True):
        sizes = [span["size"] for span in line["spans"] if span["text"].strip()]
        yield Line(one, piece, tuple(line["bbox"]), max(sizes, default=0.0), [key], line["spans"])


def put_together(lines: Sequence[Line], markup: str, hidden: tuple[Box, ...] = ()) -> Reading:
    """Return the text and the markup that these lines are."""
    text = "".join(f"{line.text}\n" for line in lines)
    head = markup.split("<p style", 1)[0]
    whole = head + "".join(f"<p style{line.markup}" for line in lines)
    places = {key: at for at, line in enumerate(lines) for key in line.keys}
    return Reading(text, whole, places, hidden)


def seen_words(parsed: Any, reading: Reading) -> list[Any]:
    """Return the words of the parsed page that stand in the reading's text, in the order of its lines."""
    words: list[Any] = parsed.extractWORDS()
    if reading.hidden:
        words = [word for word in words if not any(_lies_in(word[:4], box) for box in reading.hidden)]
    if reading.places:
        words = [word for word in words if (word[5], word[6]) in reading.places]
        words.sort(key=lambda word: reading.places[word[5], word[6]])
    return words


# ---- what nobody sees


def _may_be_unseen(page: Any) -> bool:
    """Return whether the page writes letters that leave no trace: in rendering mode 3, or without any opacity."""
    contents = page.read_contents()
    if b" 3 Tr" in contents or b"\n3 Tr" in contents:
        return True
    if b" gs" not in contents:
        return False
    document = page.parent
    kind, states = document.xref_get_key(page.xref, "Resources/ExtGState")
    if kind == "xref":
        states = document.xref_object(int(states.split()[0]), compressed=True)
    numbers = re.findall(r"(\d+) 0 R", states) if kind != "null" else []
    return any(document.xref_get_key(int(number), "ca")[1] in ("0", "0.0", "0.") for number in numbers[:40])


def _drop_unseen(page: Any, lines: list[Line]) -> tuple[list[Line], tuple[Box, ...]]:
    """Return the lines without letters in the colour of their ground, tiny or without ink, and where those are.

    Letters without ink over a picture stay: they are the text of a scan.
    """
    kept, hidden = list[Line](), list[Box]()
    pictures: list[Any] | None = None
    for line in lines:
        unseen = []
        for span in line.spans:
            if not span["text"].strip():
                continue
            if span.get("alpha", 255) == 0:
                pictures = page.get_image_info() if pictures is None else pictures
                if not any(_lies_in(span["bbox"], picture["bbox"]) for picture in pictures):
                    unseen.append(span)
            elif span["size"] < TINY or (_is_white(span["color"]) and not _is_seen(page, span["bbox"])):
                unseen.append(span)
        if not unseen:
            kept.append(line)
            continue
        hidden += [tuple(span["bbox"]) for span in unseen]
        line.spans = [span for span in line.spans if span not in unseen]
        line.text = "".join(span["text"] for span in line.spans).strip()
        if line.text:
            kept.append(line)
    return kept, tuple(hidden)


def _is_white(color: int) -> bool:
    return min(color >> 16 & 255, color >> 8 & 255, color & 255) >= NEAR_WHITE


def _is_seen(page: Any, box: Box) -> bool:
    """Return whether the letters in the box differ from their ground; the page is drawn there to see."""
    import pymupdf

    place = pymupdf.Rect(box) * page.rotation_matrix
    picture = page.get_pixmap(clip=place, colorspace=pymupdf.csGRAY, dpi=100, alpha=False)
    samples = picture.samples
    return not samples or max(samples) - min(samples) >= CONTRAST


def _lies_in(inner: Box, outer: Box) -> bool:
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return bool(outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3])


# ---- raised figures

_RAISED = str.maketrans("0123456789+-−–=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ⁿ")
_RAISABLE = re.compile(r"[0-9+\-−–=()n]+")
_MARK = re.compile(r"(?:\d{1,3}|[a-h*†‡§¶#])(?:\s?[,;–-]\s?(?:\d{1,3}|[a-h*†‡§¶#])){0,5}")
_MARK_LETTERS = re.compile(r"[a-h](?:\s?[,;]\s?[a-h\d*]){0,5}")
_POWER = re.compile(r"(?:^|[^\d.,])(?:10|2)$")  # the number that is raised to something
_UNIT = re.compile(  # what an exponent may stand on: units, single letters, functions
    r"(?<![^\W\d_])(?:[^\W\d_]|[kcdmnµμh]m|ft|in|yd|mi|sec|mol|Hz|mc|kg|ha|cos|sin|tan|log|ln)$"
)


def _write_raised(line: Line) -> None:
    """Write the line's raised spans so that no exponent and no mark of a footnote becomes part of a number or word."""
    if not any(span["flags"] & 1 and span["text"].strip() for span in line.spans):
        return
    written = ""
    for span in line.spans:
        raised = span["flags"] & 1 and span["text"].strip() and written.strip()
        written = add_raised(written, span["text"]) if raised else written + span["text"]
    if _letters(written) == _letters(line.text):
        line.text = written


def add_raised(before: str, raised: str) -> str:
    """Return `before` with `raised` written above it: an exponent as 10⁶ or m², a mark apart: "4,812 ³".

    Exponents stand on 10 and 2, on units and on single letters; the mark of a footnote belongs to the word, and
    stands before the full stop.
    """
    mark = raised.strip()
    rest = raised[len(raised.rstrip()) :]
    if before[-1:].isspace() or not before:
        return before + raised
    if _RAISABLE.fullmatch(mark):
        power = _POWER.search(before) or mark[0] in "-−–+" or mark[-1] in "+-−–"
        if power or (_UNIT.search(before) and len(mark) <= 2 and mark not in ("0", "1")):
            return before + mark.translate(_RAISED) + rest
    if not _MARK.fullmatch(mark):
        return before + raised
    bare = before.rstrip(".,;:!?")
    shown = f"({mark})" if _MARK_LETTERS.fullmatch(mark) else mark.translate(_RAISED)
    return f"{bare} {shown}{before[len(bare) :]}{rest}"


def _letters(text: str) -> str:
    return "".join(sign for sign in text if sign.isalpha() and sign.isascii())


# ---- letters with spaces between

_SPACED = re.compile(r"(?<!\S)[^\W\d_](?: [^\W\d_]){3,60}(?!\S)")
_LETTER = re.compile(r"[^\W\d_](?: [^\W\d_])?")
SAME_HEIGHT = 3.0  # points
WORD_GAP = 1.6  # times the usual step from letter to letter


def _join_letters(lines: list[Line]) -> list[Line]:
    """Return the lines with "W A R R A N T Y" as one word, also where each letter is a line of its own."""
    joined: list[Line] = []
    run: list[Line] = []

    def end() -> None:
        if sum(len(line.text.split()) for line in run) > MANY_LETTERS:
            joined.append(_spaced_word(run))
        else:
            joined.extend(run)
        run.clear()

    for line in lines:
        if run and not (_LETTER.fullmatch(line.text.strip()) and _follows(run[-1], line)):
            end()
        if _LETTER.fullmatch(line.text.strip()) and not _is_wide(line.text.strip()[0]):
            run.append(line)
            continue
        line.text = _SPACED.sub(_close_letters, line.text)
        joined.append(line)
    end()
    return joined


MANY_LETTERS = 3


def _close_letters(found: re.Match[str]) -> str:
    letters = found[0].split(" ")
    alike = all(letter.isupper() for letter in letters) or all(letter.islower() for letter in letters[1:])
    return "".join(letters) if alike else found[0]


def _follows(before: Line, line: Line) -> bool:
    near = line.box[0] - before.box[2] < 4 * max(before.size, 1.0)
    return abs(before.box[1] - line.box[1]) <= SAME_HEIGHT and line.box[0] > before.box[0] and near


def _spaced_word(run: list[Line]) -> Line:
    """Return the letters of a row as one line, in words where the steps between them are wider."""
    steps = sorted(b.box[0] - a.box[0] for a, b in itertools.pairwise(run))
    usual = steps[len(steps) // 2] if steps else 0.0
    text = run[0].text.replace(" ", "")
    for before, line in itertools.pairwise(run):
        wide = line.box[0] - before.box[0] > WORD_GAP * usual and len(before.text.strip()) == 1
        text += (" " if wide else "") + line.text.strip().replace(" ", "")
    return _merge(run, text)


def _merge(lines: Sequence[Line], text: str) -> Line:
    """Return one line of several; its markup is the first one's, with the letters of all."""
    boxes = [line.box for line in lines]
    box = (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )
    first = lines[0]
    markup = re.sub(r">[^<>]+</span>", f">{_escape(text)}</span>", first.markup, count=1)
    return Line(text, markup, box, first.size, [key for line in lines for key in line.keys])


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\\", "&#92;")


# ---- large first letters

LARGE = 1.7  # times the size of the line that goes on
_FIRST = re.compile(r"[\"“„«]?[^\W\d_]{1,2}")
_WITH_A = """fter ll lthough mong nd nother ny re round s t n go bove bout cross gain gainst long lready lso lways mid
    part pril ugust way m ls uf uch ber lle u vec près ux sí"""
_WITH_I = "n t f s ts nto nstead nside ndeed magine ch m hr st l ls"
_WITH_O = "n f r ur ut ver nce ne nly ld ften ther h der hne b"
_WORDS_WITH_FIRST = {  # these letters are words themselves: what makes them the beginning of another one
    letter: frozenset(rest.split()) for letter, rest in (("A", _WITH_A), ("I", _WITH_I), ("O", _WITH_O))
}


def _join_first_letters(lines: list[Line]) -> list[Line]:
    """Return the lines with a large first letter as part of the word that it begins."""
    at = 0
    while at < len(lines):
        cap = lines[at]
        if _FIRST.fullmatch(cap.text.strip()) and cap.text.strip()[-1:].isupper():
            target = next((line for line in _beside(lines, at) if cap.size >= LARGE * line.size > 0), None)
            if target is not None:
                _begin_with(cap, target)
                lines.remove(cap)
                continue
        at += 1
    return lines


def _beside(lines: list[Line], at: int) -> list[Line]:
    """Return the lines that begin right of the letter and at its upper half, the highest first."""
    _, top, right, bottom = lines[at].box
    height = bottom - top
    found = [
        line
        for line in lines
        if line is not lines[at]
        and right - 0.3 * height <= line.box[0] <= right + height
        and top - 0.2 * height <= line.box[1] <= top + 0.5 * height
    ]
    return sorted(found, key=lambda line: line.box[1])


def _begin_with(cap: Line, target: Line) -> None:
    letter, text = cap.text.strip(), target.text.lstrip()
    first = re.split(r"[\s.,;:!?]", text, maxsplit=1)[0]
    own_word = letter in _WORDS_WITH_FIRST and first.lower() not in _WORDS_WITH_FIRST[letter]
    target.text = letter + (" " if own_word or not first[:1].isalpha() else "") + text
    target.keys = [*cap.keys, *target.keys]


# ---- columns from top to bottom

_WIDE = re.compile("[\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef\uac00-\ud7af\ufe30-\ufe4f]")
_COLUMN_END = ("。", "！", "？", "」", "』")
COLUMN_SHARE = 0.5  # of the page's signs: then the page is read from right to left
MANY_SIGNS = 3


def _is_wide(sign: str) -> bool:
    return bool(_WIDE.match(sign))


def _join_columns(lines: list[Line]) -> list[Line]:
    """Return the lines with columns of single signs as lines; on a page of columns the right one comes first."""
    found: list[tuple[Line, bool]] = []
    run: list[Line] = []

    def end() -> None:
        if len(run) >= MANY_SIGNS:
            found.append((_merge(run, "".join(line.text.strip() for line in run)), True))
        else:
            found.extend((line, False) for line in run)
        run.clear()

    for line in lines:
        sign = line.text.strip()
        part = len(sign) <= 2 and (_is_wide(sign[:1]) or (run and sign.isascii() and sign.isalnum()))
        if run and not (part and _stands_below(run[-1], line)):
            end()
        if part:
            run.append(line)
        else:
            found.append((line, False))
    end()
    columns = [line for line, upright in found if upright]
    signs = sum(len(line.text) for line, _ in found)
    if not columns or sum(len(line.text) for line in columns) < COLUMN_SHARE * signs:
        return [line for line, _ in found]
    rest = [line for line, upright in found if not upright]
    return _whole_columns(_from_right(columns)) + rest


def _stands_below(above: Line, line: Line) -> bool:
    middle, other = (above.box[0] + above.box[2]) / 2, (line.box[0] + line.box[2]) / 2
    gap = line.box[1] - above.box[3]
    return abs(middle - other) <= 0.4 * max(above.size, 1.0) and -0.6 * above.size <= gap <= 1.2 * above.size


def _from_right(columns: list[Line]) -> list[Line]:
    """Return columns tier by tier from the top, in each from right to left, pieces of one column from the top."""
    tiers: list[list[Line]] = []
    for column in sorted(columns, key=lambda line: line.box[1]):
        tier = next((tier for tier in tiers if column.box[1] < min(line.box[3] for line in tier)), None)
        if tier is None:
            tiers.append([column])
        else:
            tier.append(column)
    return [line for tier in tiers for line in sorted(tier, key=lambda line: (-round(line.box[0]), line.box[1]))]


def _whole_columns(columns: list[Line]) -> list[Line]:
    """Return columns joined where a sentence goes on from the foot of one to the head of the next."""
    foot = max(line.box[3] for line in columns)
    whole: list[Line] = []
    for column in columns:
        before = whole[-1] if whole else None
        full = before is not None and before.box[3] >= foot - 3 * before.size
        same = before is not None and abs(before.size - column.size) < 1
        if before is not None and full and same and not before.text.endswith(_COLUMN_END):
            merged = _merge([before, column], before.text + column.text)
            whole[-1] = merged
            merged.box = column.box
        else:
            whole.append(column)
    return whole


# ---- lines that head or foot the pages: running titles and page numbers, which belong to no page's text

TOP, BOTTOM = 0.1, 0.9  # of the page's height: what lies above and below may be a margin
MOST_LINES = 4  # of a margin that are looked at
NEIGHBOURS = 2  # pages before and after that are compared
SAME = 2  # of them that must have the line
LONGEST = 160  # characters
_PLACE = re.compile(r'<p style="top:([-\d.]+)pt')
_COUNTED = re.compile(r"\d+|\b[ivxlc]+\b", re.IGNORECASE)
_WORDS = re.compile(r"[^\W\d_]{3}")


def margin_lines(page: Any, text: str, markup: str) -> dict[str, int]:
    """Return the lines in the page's margins, figures masked, with their numbers among the lines of `text`."""
    if page.rotation:
        return {}
    lines = text.split("\n")
    tops = _PLACE.findall(markup)
    if len(tops) != len(lines) - 1 or len(lines) < 3:  # a page of one line is that line
        return {}
    height = page.rect.height
    top, bottom = TOP * height, BOTTOM * height
    above = [at for at, place in enumerate(tops) if float(place) < top][:MOST_LINES]
    below = [at for at, place in enumerate(tops) if float(place) > bottom][-MOST_LINES:]
    if len(above) + len(below) == len(tops):
        return {}
    found = {}
    for side, numbers in (("above", above), ("below", below)):
        for at in numbers:
            line = lines[at].strip()
            if line and len(line) <= LONGEST:
                found[f"{side} {_COUNTED.sub('#', line)}"] = at
    return found


def find_repeats(own: Mapping[str, int], others: Iterable[Mapping[str, int]], first: bool) -> set[int]:
    """Return the numbers of those margin lines that the pages around have, too.

    On the `first` page of a document the lines with words stay: there they are found, and may be its title.
    """
    seen = Counter(line for other in others for line in other)
    return {at for line, at in own.items() if seen[line] >= SAME and not (first and _WORDS.search(line[6:]))}
