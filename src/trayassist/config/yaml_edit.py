"""Reads YAML, and changes one key in a text and leaves every other byte as it was: comments, order, spacing.

PyYAML tells where each node begins and ends; only that span is replaced. What was written is read again and
compared, so a file in a form that cannot be edited so (an anchor in the way) is refused and not spoilt.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from yaml import SafeLoader as _Base
else:  # a hundred times as fast, and the same but for the words of its errors
    _Base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Path = Sequence[str]
LONGEST_EXPLAINED = 100_000  # characters; it takes a tenth of a second
DEEPEST = 50  # mappings and lists within each other; libyaml's own composer crashes at some 10,000
BYTE_ORDER_MARK = "\ufeff"
NAMES = {"timestamp": "date", "int": "whole number", "float": "number", "bool": "true or false", "binary": "base64"}
_COLON = re.compile(r"\s*:")
_OTHER_LINE_ENDS = re.compile("[\x85\u2028\u2029]")


class NotEditable(Exception):
    """The text is written in a form whose key cannot be changed alone."""


class TooDeep(yaml.YAMLError):
    """The text is nested more deeply than anyone writes."""


class _Loader(_Base):
    """PyYAML's safe loader, which also names the line of a value that no Python object can be made of."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            value = super().construct_object(node, deep)
            if isinstance(value, int) and not -(2**63) <= value < 2**64:  # nor could every one be shown
                raise ValueError("it has more than 64 bits")
            return value
        except (ValueError, KeyError, IndexError, AttributeError, OverflowError, TypeError) as error:
            kind = str(node.tag).rpartition(":")[2]
            raise yaml.constructor.ConstructorError(
                None, None, f"this is no {NAMES.get(kind, 'value of that kind')} ({error})", node.start_mark
            ) from None


def compose(text: str) -> yaml.Node | None:
    """Return the text's tree of nodes, None when there is nothing in it. Raises yaml.YAMLError."""
    _check_depth(text)
    node: yaml.Node | None = yaml.compose(text, Loader=_Loader)
    return node


def load(text: str) -> Any:
    """Return what the text says: mappings, lists, texts, numbers, dates. Raises yaml.YAMLError and no other error."""
    _check_depth(text)
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506  # it is a safe loader
    except UnicodeEncodeError as error:  # half a character (a lone surrogate)
        raise yaml.YAMLError(f"the text holds {error.object[error.start]!r}, which is no character") from None


def explain(text: str, error: yaml.YAMLError) -> yaml.YAMLError:
    """Return PyYAML's own error for a text that `load` failed at: its words and lines are better than libyaml's."""
    if len(text) > LONGEST_EXPLAINED or isinstance(error, TooDeep | yaml.constructor.ConstructorError):
        return error
    try:
        yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as better:
        return better if isinstance(better, yaml.YAMLError) else error
    return error


def _check_depth(text: str) -> None:
    depth = 0
    try:
        for event in yaml.parse(text, Loader=_Loader):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > DEEPEST:
                    raise TooDeep
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
    except UnicodeEncodeError as error:
        raise yaml.YAMLError(f"the text holds {error.object[error.start]!r}, which is no character") from None


def put(text: str, path: Path, value: Any) -> str:
    """Return `text` with the value at `path`, a non-empty sequence of keys; missing mappings are made.

    Raises NotEditable, and yaml.YAMLError when `text` is no YAML.
    """
    if text.startswith(BYTE_ORDER_MARK):  # libyaml does not count it
        return BYTE_ORDER_MARK + put(text[1:], path, value)
    data = _data(text)
    if _at(data, path) == (True, value):
        return text
    root = compose(text)
    if root is None:
        new = _lines_after(text, len(text), _lines(path, value), "")
    elif isinstance(root, yaml.MappingNode):
        new = _put_in(text, root, path, value)
    else:
        raise NotEditable
    return _verify(new, _set_at(data, path, value))


def drop(text: str, path: Path) -> str:
    """Return `text` without the key at `path`, and without mappings that held nothing else. Raises as `put` does."""
    if text.startswith(BYTE_ORDER_MARK):
        return BYTE_ORDER_MARK + drop(text[1:], path)
    data = _data(text)
    if not _at(data, path)[0]:
        return text
    while len(path) > 1 and len(_at(data, path[:-1])[1]) == 1:
        path = path[:-1]
    node = compose(text)
    for part in path[:-1]:
        assert isinstance(node, yaml.MappingNode)
        node = node.value[_index(node, part)][1]
    assert isinstance(node, yaml.MappingNode)
    return _verify(_drop_from(text, node, path[-1]), _remove_at(data, path))


def _put_in(text: str, node: yaml.MappingNode, path: Path, value: Any) -> str:
    index = _index(node, path[0])
    if index < 0:
        return _add(text, node, path, value)
    key, old = node.value[index]
    if old.start_mark.index < key.end_mark.index:
        raise NotEditable  # an alias: the value is written, and used, elsewhere
    if len(path) > 1 and isinstance(old, yaml.MappingNode) and old.value:
        return _put_in(text, old, path[1:], value)
    inner = value
    for part in reversed(path[1:]):
        inner = {part: inner}
    colon = _COLON.match(text, key.end_mark.index)
    if colon is None:
        raise NotEditable
    if _is_block(old):
        return f"{text[: colon.end()]} {_flow(inner)}{text[_end(old) :]}"
    start = old.start_mark.index
    gap = "" if text[start - 1 : start].isspace() else " "
    return f"{text[:start]}{gap}{_flow(inner)}{text[_end(old, text) :]}"


def _add(text: str, node: yaml.MappingNode, path: Path, value: Any) -> str:
    """Return the text with a new entry at the end of the mapping."""
    if node.flow_style:
        inner = value
        for part in reversed(path[1:]):
            inner = {part: inner}
        entry = _flow({path[0]: inner})[1:-1]
        if not node.value:
            return f"{text[: node.start_mark.index]}{{{entry}}}{text[node.end_mark.index :]}"
        end = _end(node.value[-1][1], text)
        return f"{text[:end]}, {entry}{text[end:]}"
    if not node.value:
        raise NotEditable
    return _lines_after(text, _end(node.value[-1][1], text), _lines(path, value), " " * node.start_mark.column)


def _drop_from(text: str, node: yaml.MappingNode, name: str) -> str:
    index = _index(node, name)
    key, value = node.value[index]
    start, end = key.start_mark.index, _end(value, text)
    if node.flow_style:
        if index + 1 < len(node.value):
            end = node.value[index + 1][0].start_mark.index
        elif index:
            start = _end(node.value[index - 1][1], text)
        return text[:start] + text[end:]
    line_end = text.find("\n", end)
    return text[: text.rfind("\n", 0, start) + 1] + ("" if line_end < 0 else text[line_end + 1 :])


def _lines_after(text: str, at: int, lines: Sequence[str], indent: str) -> str:
    """Return the text with whole lines put after the line that holds position `at`."""
    newline = "\r\n" if "\r\n" in text else "\n"
    new = "".join(f"{indent}{line}{newline}" for line in lines)
    line_end = text.find("\n", at)
    if line_end < 0:
        return f"{text}{newline if text and not text.endswith('\n') else ''}{new}"
    return text[: line_end + 1] + new + text[line_end + 1 :]


def _lines(path: Path, value: Any) -> list[str]:
    """Return the entry as lines: mappings on the way as blocks, the value itself in one go."""
    lines = [f"{'  ' * depth}{_flow(part)}:" for depth, part in enumerate(path)]
    return f"{'\n'.join(lines)} {_flow(value)}".splitlines()


def _flow(value: Any) -> str:
    """Return the value as YAML on one line."""

    def dump(*, plain: bool) -> str:
        width = float("inf")
        return str(yaml.safe_dump(value, default_flow_style=True, sort_keys=False, allow_unicode=plain, width=width))

    text = dump(plain=True)
    if _OTHER_LINE_ENDS.search(text):  # PyYAML folds them, and reads U+0085 back as another text; escaped they stay
        text = dump(plain=False)
    return text.removesuffix("\n").removesuffix("\n...")


def _is_block(node: yaml.Node) -> bool:
    return isinstance(node, yaml.CollectionNode) and not node.flow_style


def _end(node: yaml.Node, text: str = "") -> int:
    """Return where the node's own text ends; a block's end mark is behind the comments that follow it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last, text)
    end: int = node.end_mark.index
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">") and text:
        return len(text[:end].rstrip())
    return end


def _index(node: yaml.MappingNode, name: str) -> int:
    return next((i for i, (key, _) in enumerate(node.value) if str(key.value) == name), -1)


def _data(text: str) -> dict[str, Any]:
    data = load(text)
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise NotEditable
    return data


def _at(data: Any, path: Path) -> tuple[bool, Any]:
    """Return whether there is a value at `path`, and the value."""
    for part in path:
        if not isinstance(data, dict) or part not in data:
            return False, None
        data = data[part]
    return True, data


def _set_at(data: Mapping[str, Any], path: Path, value: Any) -> dict[str, Any]:
    inner = data.get(path[0])
    below = inner if isinstance(inner, dict) else {}
    return {**data, path[0]: value if len(path) == 1 else _set_at(below, path[1:], value)}


def _remove_at(data: Mapping[str, Any], path: Path) -> dict[str, Any]:
    new = copy.copy(dict(data))
    if len(path) == 1:
        del new[path[0]]
    else:
        new[path[0]] = _remove_at(new[path[0]], path[1:])
    return new


def _verify(text: str, wanted: Mapping[str, Any]) -> str:
    try:
        if _data(text) == wanted:
            return text
    except yaml.YAMLError:
        pass
    raise NotEditable
