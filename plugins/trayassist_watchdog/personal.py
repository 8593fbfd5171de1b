"""Structured personal data: what can be told by its form and checked by a sum. Names and addresses cannot."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address

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


def find(text: str) -> list[Personal]:
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
