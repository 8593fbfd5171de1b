"""Forms in PDF files: what is filled in or ticked stands after its label; the values of XFA forms."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree  # expat refuses entities that grow
from collections.abc import Iterator, Sequence
from typing import Any

from trayassist_ingest import mupdf
from trayassist_ingest.pdf_lines import Box, Line

LEFT_OF = 260.0  # points that a label may stand left of its field ...
RIGHT_OF = 40.0  # ... or right of its box to tick
ABOVE = 30.0
MOST_FIELDS = 2000  # of a page
OFF = (None, "", "Off", False, "False")
XFA_UNREAD = "the content of this XFA form cannot be read; print it to a PDF in Adobe Reader and drop that"
XFA_READ = "an XFA form: what is filled in was read, not the form around it"
PLACEHOLDER = 800  # characters: a page that only says "please wait" has fewer


def fill_in(page: Any, lines: list[Line]) -> tuple[list[Line], tuple[Box, ...]]:
    """Return the lines with each value after its label ("Boat class: Double scull", "Parking: no").

    Also returns the boxes to tick: the sign in one is no text.
    """
    ticks: list[Box] = []
    for count, widget in enumerate(page.widgets() or ()):
        if count >= MOST_FIELDS:
            break
        kind = widget.field_type_string
        box = tuple(widget.rect)
        if kind in ("CheckBox", "RadioButton"):
            ticks.append(box)
            lines = [line for line in lines if not (len(line.text.strip()) <= 1 and _middle_in(line.box, box))]
            label = _beside_tick(lines, box)
            _write(lines, label, widget, "yes" if _is_ticked(widget) else "no")
        elif kind in ("Text", "ComboBox", "ListBox") and (value := _value(widget)):
            lines = _without_value(lines, box, value)
            _write(lines, _before_field(lines, box), widget, value)
    return lines, tuple(ticks)


def _is_ticked(widget: Any) -> bool:
    value = widget.field_value
    if widget.field_type_string == "RadioButton":
        state = widget.on_state()
        return value not in OFF and (state in (None, True) or str(value) == str(state))
    return value not in OFF


def _value(widget: Any) -> str:
    value = widget.field_value
    if widget.field_flags & 1 << 13 and widget.field_type_string == "Text":
        return ""  # a password
    chosen = [str(one) for one in value] if isinstance(value, list | tuple) else [str(value or "")]
    shown = {str(one[0]): str(one[1]) for one in widget.choice_values or () if isinstance(one, list | tuple)}
    return ", ".join(" ".join(shown.get(one, one).split()) for one in chosen if one)


def _without_value(lines: list[Line], box: Box, value: str) -> list[Line]:
    """Return the lines without what the field itself shows."""
    bare = "".join(value.split())
    return [line for line in lines if not (_middle_in(line.box, box) and "".join(line.text.split()) in bare)]


def _beside_tick(lines: Sequence[Line], box: Box) -> Line | None:
    """Return the label of a box to tick: the nearest of the texts right and left of it."""
    right = _nearest(lines, box, lambda line: line.box[0] - box[2], RIGHT_OF)
    left = _nearest(lines, box, lambda line: box[0] - line.box[2], LEFT_OF)
    if right is None or left is None:
        return right or left
    return right if right.box[0] - box[2] <= box[0] - left.box[2] + 4 else left


def _before_field(lines: Sequence[Line], box: Box) -> Line | None:
    left = _nearest(lines, box, lambda line: box[0] - line.box[2], LEFT_OF)
    if left is not None:
        return left
    above = [
        line for line in lines if -3 <= box[1] - line.box[3] <= ABOVE and line.box[0] < box[2] and line.box[2] > box[0]
    ]
    return max(above, key=lambda line: line.box[3], default=None)


def _nearest(lines: Sequence[Line], box: Box, gap: Any, most: float) -> Line | None:
    beside = [
        line
        for line in lines
        if line.text.strip()
        and -4 <= gap(line) <= most
        and min(line.box[3], box[3]) - max(line.box[1], box[1]) >= 0.3 * min(line.box[3] - line.box[1], box[3] - box[1])
    ]
    return min(beside, key=gap, default=None)


def _write(lines: list[Line], label: Line | None, widget: Any, value: str) -> None:
    """Write the value after its label, or as a line of its own with the field's name."""
    if label is not None:
        text = label.text.rstrip(" :_.…\t")
        filled = any(key[0] < 0 for key in label.keys)  # a label with two fields: a date in parts, two answers
        label.text = f"{text}, {value}" if filled else f"{text}: {value}" if text[-1:] != "," else f"{text} {value}"
        label.keys.append((-1, len(label.keys)))
        return
    name = str(widget.field_label or widget.field_name or "").split(".")[-1]
    name = re.sub(r"[_\[\]]+", " ", name).strip()
    box = tuple(widget.rect)
    at = next((at for at, line in enumerate(lines) if line.box[1] > box[3]), len(lines))
    text = f"{name}: {value}" if re.search(r"[^\W\d_]{3}", name) else value
    markup = f' style="top:{box[1]:.1f}pt;left:{box[0]:.1f}pt;line-height:10.0pt"><span>{len(text)}</span></p>\n'
    lines.insert(at, Line(text, markup, box, 10.0, [(-1, at)]))


def _middle_in(inner: Box, outer: Box) -> bool:
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return outer[0] - 1 <= x <= outer[2] + 1 and outer[1] - 1 <= y <= outer[3] + 1


# ---- forms whose content is XML (XFA): the page only asks to wait


def xfa_values(document: Any) -> list[str] | None:
    """Return what is filled into a dynamic XFA form, a line a field; None when this is no such form."""
    catalog = document.pdf_catalog()
    if not catalog or document.xref_get_key(catalog, "AcroForm/XFA")[0] == "null":
        return None
    fields = document.xref_get_key(catalog, "AcroForm/Fields")[1]
    renders = document.xref_get_key(catalog, "NeedsRendering")[1] == "true"
    if not renders and re.search(r"\d+ 0 R", fields):
        return None  # a form of the usual kind beside it
    captions: dict[str, str] = {}
    found: list[tuple[str, str]] = []
    for packet in _packets(document, catalog):
        captions |= _captions(packet)
        found += _find_values(packet)
    return [f"{captions.get(name, _as_words(name))}: {value}" for name, value in dict.fromkeys(found)]


def _packets(document: Any, catalog: int) -> Iterator[ElementTree.Element]:
    kind, value = document.xref_get_key(catalog, "AcroForm/XFA")
    numbers = [int(number) for number in re.findall(r"(\d+) 0 R", value)]
    streams = []
    for number in numbers[:20]:
        try:
            if document.xref_is_stream(number):
                streams.append(document.xref_stream(number))
            elif kind == "xref":  # an array that is an object of its own
                more = re.findall(r"(\d+) 0 R", document.xref_object(number))
                streams += [document.xref_stream(int(one)) for one in more[:20]]
        except mupdf.errors():
            continue
    for data in (*streams, b"".join(streams)):
        try:
            yield ElementTree.fromstring(data)  # noqa: S314
        except ElementTree.ParseError:
            continue
        else:
            if data is not streams[0] and len(streams) == 1:
                return


def _bare(tag: Any) -> str:
    return str(tag).rsplit("}", 1)[-1]


def _captions(packet: ElementTree.Element) -> dict[str, str]:
    """Return the captions of fields by name."""
    found = {}
    for field in packet.iter():
        if _bare(field.tag) != "field" or not field.get("name"):
            continue
        for caption in field:
            if _bare(caption.tag) == "caption" and (text := " ".join("".join(caption.itertext()).split())):
                found[str(field.get("name"))] = text.rstrip(": ")
    return found


def _find_values(packet: ElementTree.Element) -> list[tuple[str, str]]:
    """Return (name, value) of the leaves below `data`."""
    data = next((one for one in packet.iter() if _bare(one.tag) == "data"), None)
    if data is None:
        return []
    leaves = [one for one in data.iter() if not len(one) and one is not data]
    pairs = [(_bare(one.tag), " ".join((one.text or "").split())) for one in leaves]
    return [(name, value) for name, value in dict.fromkeys(pairs) if value][:MOST_FIELDS]


def _as_words(name: str) -> str:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", name)
    return spaced[:1].upper() + spaced[1:].lower()
