"""Pasted error messages: which exception, where, and what that exception means. No model needed."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FRAME = re.compile(
    r"^[ \t]{0,12}File \"([^\"\n]{1,300})\", line (\d{1,7})(?:, in (\S{1,120}))?[^\n]{0,40}\n?([^\n]{0,300})",
    re.MULTILINE,
)
_RAISED = re.compile(
    r"^((?:[\w]{1,60}\.){0,6}[A-Z]\w{0,60}(?:Error|Exception|Warning|Interrupt|Exit"
    r"|Iteration))(?:: ([^\n]{0,500}))?$",
    re.MULTILINE,
)
_JAVA = re.compile(
    r"^(?:Exception in thread \"[^\"\n]{0,80}\" )?((?:[a-z]\w{0,40}\.){1,8}[A-Z]\w{0,60}(?:Exception"
    r"|Error))(?:: ([^\n]{0,500}))?$",
    re.MULTILINE,
)
_JAVA_FRAME = re.compile(r"^\s{0,12}at ([\w.$<>]{1,200})\(([\w.]{1,80}):(\d{1,7})\)", re.MULTILINE)
_NODE = re.compile(r"^(?:Uncaught )?([A-Z]\w{0,40}Error): ([^\n]{0,500})$", re.MULTILINE)
_NODE_FRAME = re.compile(
    r"^\s{0,12}at (?:(?:async )?([\w.<> \[\]]{1,120}) \()?((?:[A-Za-z]:)?[^\s():]{1,300}):(\d{1,7}):\d{1,7}\)?",
    re.MULTILINE,
)
_PLACED = re.compile(
    r"^([^\s:]{1,300}\.\w{1,5}):(\d{1,7})(?::\d{1,7})?: (?:fatal )?(error"
    r"|warning)(?:\[\w{1,10}\])?: ([^\n]{0,400})",
    re.MULTILINE,
)
_LIBRARY = ("site-packages", "dist-packages", "/lib/python", "\\lib\\", "<frozen", "node_modules", "node:internal")

MEANING = {
    "KeyError": "A dictionary was asked for a key that it does not hold.",
    "IndexError": "A list was asked for a position beyond its end.",
    "AttributeError": "The object has no attribute of that name; often it is None or of another type than expected.",
    "TypeError": "A value of the wrong type, or a wrong number of arguments, was given.",
    "ValueError": "The type is right, but the value is not allowed there.",
    "NameError": "A name is used that was never set; look for a typo or a missing import.",
    "UnboundLocalError": "A local variable is read before it is set.",
    "ModuleNotFoundError": "The module is not installed in the Python that ran this.",
    "ImportError": "The module is there, but not the name asked from it, or one of its own imports failed.",
    "FileNotFoundError": "The path does not exist, seen from the folder the program was started in.",
    "PermissionError": "The user who ran this may not read or write that path.",
    "ZeroDivisionError": "A number is divided by zero.",
    "RecursionError": "A function calls itself without an end.",
    "IndentationError": "The lines are not indented alike.",
    "SyntaxError": "Python cannot read this line, or the one before it.",
    "UnicodeDecodeError": "The bytes are not in the encoding they are read with.",
    "JSONDecodeError": "The text is not JSON, or it is empty.",
    "StopIteration": "next() was called on something that has no more items.",
    "TimeoutError": "The other side did not answer in time.",
    "ConnectionRefusedError": "Nothing listens at that address and port.",
    "MemoryError": "There was not enough memory.",
    "AssertionError": "A check in the code did not hold.",
    "NullPointerException": "A method or field of null was used.",
    "ArrayIndexOutOfBoundsException": "An array was asked for a position beyond its end.",
    "ClassCastException": "An object is not of the class it was cast to.",
    "ReferenceError": "A name is used that was never declared.",
    "RangeError": "A number is out of range, or a function calls itself without an end.",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """What a pasted error message says. `code` is the line at fault, "" if the paste lacks it."""

    error: str
    message: str
    file: str = ""
    line: int = 0
    function: str = ""
    code: str = ""

    @property
    def meaning(self) -> str:
        """What this kind of error means, "" when it is not a usual one."""
        return MEANING.get(self.error.rsplit(".", 1)[-1], "")


def read(text: str) -> Failure | None:
    """Return what the pasted message says failed and where, or None when there is none."""
    text = text[:20_000]
    return _python(text) or _java(text) or _node(text) or _compiler(text)


def _python(text: str) -> Failure | None:
    raised = [found for found in _RAISED.finditer(text) if "." not in found[1] or not _JAVA_FRAME.search(text)]
    frames = list(_FRAME.finditer(text))
    if not raised or not (frames or "Traceback" in text):
        return None
    last = raised[-1]
    before = [frame for frame in frames if frame.start() < last.start()]
    if not before:
        return Failure(last[1], (last[2] or "").strip())
    own = [frame for frame in before if not any(part in frame[1] for part in _LIBRARY)]
    frame = (own or before)[-1]
    return Failure(last[1], (last[2] or "").strip(), frame[1], int(frame[2]), _function(frame[3]), frame[4].strip())


def _java(text: str) -> Failure | None:
    raised, frames = list(_JAVA.finditer(text)), list(_JAVA_FRAME.finditer(text))
    if not raised or not frames:
        return None
    own = [
        f for f in frames if not f[1].startswith(("java.", "javax.", "jdk.", "sun.", "kotlin.", "org.springframework."))
    ]
    frame = (own or frames)[0]
    return Failure(raised[0][1], (raised[0][2] or "").strip(), frame[2], int(frame[3]), frame[1].rsplit(".", 1)[-1])


def _node(text: str) -> Failure | None:
    raised, frames = _NODE.search(text), list(_NODE_FRAME.finditer(text))
    if raised is None or not frames:
        return None
    own = [f for f in frames if not any(part in f[2] for part in _LIBRARY)]
    frame = (own or frames)[0]
    return Failure(raised[1], raised[2].strip(), frame[2], int(frame[3]), (frame[1] or "").strip())


def _compiler(text: str) -> Failure | None:
    found = next((f for f in _PLACED.finditer(text) if f[3] == "error"), None)
    return Failure("Compiler error", found[4].strip(), found[1], int(found[2])) if found else None


def _function(name: str | None) -> str:
    return "" if name is None or name == "<module>" else name
