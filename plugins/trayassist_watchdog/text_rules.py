"""Prose judged by patterns: requests for malware, answers gone wrong, data that could leave through a text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

# ---- requests and answers

_POLICY = re.compile(
    r"(?i)\b(?:write|create|build|make|code|develop|generate|give me|design|"
    r"program)\b[^.?\n]{0,40}?\b(?:ransomware|keylogger|computer virus|malware|trojan|botnet|rootkit|spyware|"
    r"credential stealer|phishing (?:e-?mail|page|site|kit|message)|fake (?:id|passport|invoice)s?|ddos (?:tool|"
    r"script|attack))\b(?![^.?\n]{0,30}\b(?:awareness|detect\w{0,4}|training|prevention|protection|scanner|removal|"
    r"defen[cs]e|policy|simulation)\b)|\bhow (?:to|do i|can i|would i) (?:make|build|synthesi[sz]e|cook|assemble|"
    r"construct)\b[^.?\n]{0,20}?\b(?:a (?:pipe |nail |dirty )?bomb|explosives?|napalm|meth(?:amphetamine)?|nerve "
    r"(?:gas|agent)|sarin|ricin|molotov|silencer|ghost gun|bioweapon|chemical weapon)\b"
)
_SWITCH_OFF = re.compile(
    r"(?i)\b(?:disable|turn off|switch off|bypass|skip|deactivate|ignore|kill|silence|"
    r"stop)\b[^.\n]{0,30}?\b(?:watchdog|audit (?:log|trail)s?|approvals?|approval (?:step|prompt|check)s?|"
    r"confirmation (?:step|prompt|dialog)s?|safety (?:check|rule|filter)s?|inspectors?|guardrails?|content "
    r"filters?)\b|\b(?:remove|delete|wipe|clear|erase|truncate)\b[^.\n]{0,30}?\b(?:watchdog|audit (?:log|trail)s?|"
    r"guardrails?)\b|\bwithout (?:asking|approval|confirmation|telling) (?:me|the user|anyone|for (?:approval|"
    r"confirmation))\b"
)
_CONTROL = re.compile(
    r"<\|[a-z_]{2,24}\|>|\[/?INST\]|<</?SYS>>|</?s>(?=\s*\[INST\])|<(?:start|end)_of_turn>|<tool_call>|"
    r"<function_calls?>"
)
REPEATED_LINES = 15  # this often the same line is a loop, not a style


def out_of_policy(request: str) -> str:
    """Return the words of a request that policy refuses, or ""."""
    match = _POLICY.search(request)
    return match[0] if match else ""


def switches_off(text: str) -> str:
    """Return the words that would switch the app's own safety off, or ""."""
    match = _SWITCH_OFF.search(text)
    return match[0] if match else ""


def anomaly(answer: str) -> tuple[str, str]:
    """Return a span and a reason when an answer leaks a model's control marks or runs in circles; else two ""."""
    outside = re.sub(r"```[\s\S]{0,20000}?```|`[^`\n]{0,400}`", " ", answer)
    if match := _CONTROL.search(outside):
        return match[0], "The answer holds control marks of a model, which nobody should see."
    lines = Counter(line.strip() for line in answer.splitlines() if len(line.strip()) > 20)
    line, times = lines.most_common(1)[0] if lines else ("", 0)
    if times >= REPEATED_LINES:
        return line, "The answer repeats itself over and over."
    words = re.findall(r"\w+", answer[-4_000:])
    if len(words) > 200 and len(set(words)) < len(words) / 25:
        return " ".join(words[-8:]), "The answer repeats itself over and over."
    return "", ""


# ---- data that could leave: pictures and links that carry it, orders to send it

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
    r"publish|append|attach|encode|include|put|embed|add|disclose|pass)\b(?!-)[^.\n]{0,40}?\b(?:this|the|all|any|every|"
    r"your|their|his|her|its|users?|everything|whatever|these|those|conversation|contents?|data|files?|documents?|"
    r"history|passwords?|keys?|secrets?|credentials?|tokens?|emails?|contacts?|messages?|memory|chat|summary|"
    r"information|answer)\b"
)
_ADDRESS = re.compile(
    r"(?i)https?://\S{3,200}|\bwww\.\S{3,200}|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,60}\.[\w.-]{2,60}|\b(?:webhook|my "
    r"server|this (?:url|address|link|endpoint|server|number)|the (?:attacker|url|endpoint|query string|following "
    r"(?:address|url|e-?mail))|pastebin|telegram|discord)\b|(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])"
)
_TELLS = re.compile(  # what stands before a verb that gives an order
    r"(?i)(?:^|[\n.!?:;,\"“”'‘’(){}\[\]*#>|-]\s{0,3}|\b(?:please|kindly|then|and|now|also|just|must|should|always|"
    r"immediately|silently|secretly|quietly|first|next|finally|afterwards|instead|you (?:will|shall|may|can)|"
    r"(?:can|could|will|would) you|let'?s|(?:you|me|it|assistant|ai|model|agent|sure|remember|need|want|task is|"
    r"goal is|job is|instructed|ordered|asked) to|bitte)\s{1,3}(?:\w{2,12}ly\s)?)$"
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


def orders(text: str) -> Iterator[str]:
    """Yield sentences that tell their reader to send private things to an address.

    "forward-looking", "a report on the database" and "the Company shares customer data" tell nobody to do anything:
    the verb must begin a sentence or clause, or follow a word such as "please", "must" or "you need to".
    """
    for count, address in enumerate(_ADDRESS.finditer(text)):
        if count >= _ADDRESSES:
            return
        begin = max(0, address.start() - _BEFORE)
        for verb in _VERB.finditer(text, begin, address.start()):
            order = text[verb.start() : address.start()]
            if (
                "\n\n" not in order
                and _PRIVATE.search(order)
                and _TELLS.search(text[max(0, verb.start() - 40) : verb.start()])
            ):
                yield order + address[0]
                break
