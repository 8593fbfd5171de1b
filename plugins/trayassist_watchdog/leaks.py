"""Data that could leave through a text: pictures and links that carry it, and orders to send it somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

_PICTURE = re.compile(r"!\[[^\]\n]{0,200}\]\(\s{0,3}<?(?:https?:)?//([^\s)>]{3,2000})")
_HTML_PICTURE = re.compile(
    r"(?i)<(?:img|iframe|script|object|embed|link|video|audio|source)\b[^>]{0,300}?\b(?:src|href|"
    r"data)\s{0,3}=\s{0,3}['\"]?(?:https?:)?//([^\s'\">]{3,2000})"
)
_LINK = re.compile(r"(?<!!)\[[^\]\n]{0,200}\]\(\s{0,3}<?https?://([^\s)>]{3,2000})")
_REFERENCE = re.compile(r"(?m)^\s{0,3}\[[^\]\n]{1,100}\]:\s{0,5}<?https?://([^\s>]{3,2000})")
_CARRIES = re.compile(
    r"[?&#](?:[\w.-]{1,40}=)?(?:[A-Za-z0-9+/_%~.-]{24,}|\{|\[|<|%7B|\$)|[?&](?:data|d|q|s|secret|token|key|payload|"
    r"content|msg|message|text|info|leak|exfil|c|p|password|email|user|history|context|prompt|chat|conversation|"
    r"summary|log|body|x)=[^&\s)]{1}|\{\{?[\w .]{1,40}\}\}?|(?:^|/)[A-Za-z0-9+_-]{60,}"
)
_LONG = re.compile(r"[?&#/][^?&#/]{0,40}=?[A-Za-z0-9+/_%-]{80,}")
_VERB = re.compile(
    r"(?i)\b(?:send|forward|e-?mail|post|upload|transmit|exfiltrat\w{1,4}|leak|submit|deliver|copy|share|report|"
    r"publish|append|attach|encode|include|put|embed|add|disclose|pass)\b[^.\n]{0,40}?\b(?:this|the|all|any|every|"
    r"your|their|his|her|its|users?|everything|whatever|these|those|conversation|contents?|data|files?|documents?|"
    r"history|passwords?|keys?|secrets?|credentials?|tokens?|emails?|contacts?|messages?|memory|chat|summary|"
    r"information|answer)\b"
)
_ADDRESS = re.compile(
    r"(?i)https?://\S{3,200}|\bwww\.\S{3,200}|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,60}\.[\w.-]{2,60}|\b(?:webhook|my "
    r"server|this (?:url|address|link|endpoint|server|number)|the (?:attacker|url|endpoint|query string|following "
    r"(?:address|url|e-?mail))|pastebin|telegram|discord)\b|(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])"
)
_BEFORE = 160  # characters before an address in which the order to send must stand
_ADDRESSES = 200
_PRIVATE = re.compile(
    r"(?i)\b(?:passwords?|secrets?|credentials?|api keys?|private keys?|tokens?|conversation|chat history|system "
    r"prompt|user(?:'s)? (?:data|files?|documents?|emails?|memory)|all (?:files|documents|data|emails|contacts|"
    r"messages)|personal data|customer data|contacts|\.env|ssh keys?|cookies|database)\b"
)


def carriers(answer: str) -> Iterator[str]:
    """Yield the pictures and links of an answer that could carry data to whoever serves them."""
    for pattern in (_PICTURE, _HTML_PICTURE):
        for match in pattern.finditer(answer):
            if _CARRIES.search(match[1]):
                yield match[0]
    for pattern in (_LINK, _REFERENCE):
        for match in pattern.finditer(answer):
            if _LONG.search(match[1]) or re.search(r"\{\{?[\w .]{1,40}\}\}?", match[1]):
                yield match[0]


def orders(text: str, *, private_only: bool = False) -> Iterator[str]:
    """Yield sentences that tell someone to send something to an address; with `private_only`, private things."""
    for count, address in enumerate(_ADDRESS.finditer(text)):
        if count >= _ADDRESSES:
            return
        before = text[max(0, address.start() - _BEFORE) : address.start()]
        verb = _VERB.search(before)
        said = before[verb.start() :] if verb else ""
        if verb and "\n\n" not in said and (not private_only or _PRIVATE.search(said)):
            yield said + address[0]
