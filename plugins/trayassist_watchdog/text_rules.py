"""Text judged by patterns: requests for malware, answers gone wrong, data that could leave, personal data."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address

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


# ---- personal data: what can be told by its form and checked by a sum; names and addresses cannot

IBAN_LENGTHS: dict[str, int] = {
    country: int(length)
    for country, length in re.findall(
        r"([A-Z]{2})(\d{2})",
        "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BR29BY28CH21CR22CY28CZ24DE22DK18DO28EE20EG29ES24FI18FO18FR27GB22GE22GI"
        "23GL18GR27GT28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21MC27MD24ME22MK19MR27MT31MU30"
        "NL18NO15PK24PL28PS29PT25QA29RO24RS22SA24SC31SE24SI19SK24SM27SV28TL23TN24TR26UA29VA22VG24XK20",
    )
}
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,5}[A-Za-z]{2,18}\b")
_CARD = re.compile(r"(?<![\w.-])(?:\d[ -]?){11,18}\d(?![\w-]|\.\d)")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}(?![A-Za-z0-9])")
_SSN = re.compile(r"(?<![\w-])(?!000|666|9\d\d)(?P<a>\d{3})(?P<sign>[- ])(?!00)\d{2}(?P=sign)(?!0000)\d{4}(?![\w-])")
_SSN_PLAIN = re.compile(
    r"(?i)\b(?:ssn|social security)\b[^\d\n]{0,40}(?P<n>(?!000|666|9)\d{3}(?!00)\d{2}(?!0000)\d{4})(?!\d)"
)
_IPV4 = re.compile(r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)")
_IPV6 = re.compile(r"(?<![\w:])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])")
_DOMAIN = re.compile(
    r"(?<![\w@.-])(?:https?://)?(?:[A-Za-z0-9-]{1,63}\.){1,4}(?:com|org|net|edu|gov|info|biz|io|co|us|uk|de|fr|ru|"
    r"ch|it|nl|eu|me|ca|au|es|se|no|dk|fi|pl|at|be|cz|jp|cn|in|br|int|mil)\b(?![\w@-]|\.\w)"
)
_PHONE = re.compile(
    r"(?<![\w./:-])(?:\+\d{1,3}[ .-]{0,2}|00\d{1,3}[ .-]{1,2})?(?:\(\d{1,5}\)[ .-]{0,2})?"
    r"\d{1,12}(?:[ ./-]{1,2}\d{1,9}){0,5}(?:[ ]?(?:x|ext\.?)[ ]?\d{1,6})?(?![\w/:-]|\.\d)"
)
_PHONE_WORD = re.compile(
    r"(?i)\b(?:phones?|tel(?:ephone)?|mobile|cell|call|fax|contact|dial|ring|text|whatsapp|handy|reach|answering|"
    r"registered|desk|office|hotline)\b"
)
_PHONE_AFTER = re.compile(r"(?i)[ ,(-]{0,3}(?:office|fax|mobile|cell|home|work|desk|phone|direct)\b")
_DATE = re.compile(
    r"^(?:\d{1,2}[./ -]\d{1,2}[./ -](?:\d{2}|\d{4})|\d{4}[./ -]\d{1,2}[./ -]\d{1,2}|(?:19|20)\d{2}[ /-]{1,3}(?:19|"
    r"20)?\d{2})$"
)


@dataclass(frozen=True, slots=True)
class Personal:
    """Characters [start, end) of the text, and what they are."""

    start: int
    end: int
    kind: str  # card | iban | ssn | phone | email | ip | domain


def find_personal(text: str) -> list[Personal]:
    """Return the structured personal data of a text in order; the narrower kind wins where two overlap."""
    found: list[Personal] = []
    if "@" in text:
        found += [Personal(*match.span(), "email") for match in _EMAIL.finditer(text)]
    if any(char.isdigit() for char in text):
        for kind in (_ibans, _ssns, _cards, _addresses, _phones):
            found += [one for one in kind(text) if not _overlaps(one, found)]
    found += [
        one for one in (Personal(*m.span(), "domain") for m in _DOMAIN.finditer(text)) if not _overlaps(one, found)
    ]
    return sorted(found, key=lambda one: one.start)


def _overlaps(one: Personal, found: list[Personal]) -> bool:
    return any(one.start < other.end and other.start < one.end for other in found)


def _ibans(text: str) -> Iterator[Personal]:
    for match in _IBAN.finditer(text):
        compact = re.sub(r"[ -]", "", match[0]).upper()  # people also write them in lower case
        length = IBAN_LENGTHS.get(compact[:2], 0)
        if length and len(compact) >= length and _mod97(compact[:length]):
            end, seen = match.start(), 0
            while seen < length:
                seen += text[end].isalnum()
                end += 1
            yield Personal(match.start(), end, "iban")


def _mod97(iban: str) -> bool:
    turned = iban[4:] + iban[:4]
    return turned.isalnum() and int("".join(str(int(char, 36)) for char in turned)) % 97 == 1


def _ssns(text: str) -> Iterator[Personal]:
    for match in _SSN.finditer(text):
        yield Personal(*match.span(), "ssn")
    for match in _SSN_PLAIN.finditer(text):
        yield Personal(*match.span("n"), "ssn")


def _cards(text: str) -> Iterator[Personal]:
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if _is_card(digits):
            yield Personal(*match.span(), "card")


def _is_card(digits: str) -> bool:
    """Return whether an issuer gives such numbers (first digits and length) and the Luhn sum is right."""
    issued = re.match(
        r"^(?:4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:2[2-9]|[3-6]\d|7[01])\d{13}|3[47]\d{13}|3(?:0[0-5]|"
        r"[689]\d)\d{11}|6(?:011|5\d\d|4[4-9]\d)\d{12}|35\d{14}|(?:2131|1800)\d{11}|(?:5018|5020|5038|5[6-8]\d\d|"
        r"6304|6759|676[1-3]|60\d\d)\d{8,15})$",
        digits,
    )
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return issued is not None and len(set(digits)) > 1 and (doubled + sum(map(int, digits[-1::-2]))) % 10 == 0


def _addresses(text: str) -> Iterator[Personal]:
    for pattern in (_IPV4, _IPV6):
        for match in pattern.finditer(text):
            if match[0].count(":") not in {0, 1} or "." in match[0]:
                try:
                    ip_address(match[0])
                except ValueError:
                    continue
                if len(match[0]) > 3 and not match[0].startswith(("0.", "127.", "::")):
                    yield Personal(*match.span(), "ip")


def _phones(text: str) -> Iterator[Personal]:
    """Yield phone numbers: with a plus, grouped as a nation does, or near a word such as "call". Dates are none."""
    for match in _PHONE.finditer(text):
        number = match[0].strip()
        digits = re.sub(r"\D", "", number)
        if not 7 <= len(digits) <= 17 or _DATE.match(number):
            continue
        near = text[max(0, match.start() - 40) : match.start()]
        named = _PHONE_WORD.search(near) or _PHONE_AFTER.match(text, match.start() + len(number))
        grouped = re.match(
            r"^(?:1[ .-])?\(?\d{3}\)?[ .-]{1,2}\d{3}[ .-]\d{4}(?:\s?(?:x|ext).*)?$|^\(\d{2,5}\)|^0\d{1,4}[ /-]\d{3,}",
            number,
        )
        if (
            re.match(r"\+|00[1-9]", number)
            or grouped
            or (named and not number.isdigit())
            or (named and number.isdigit() and 8 <= len(digits) <= 13)
        ):
            yield Personal(match.start(), match.start() + len(number), "phone")
