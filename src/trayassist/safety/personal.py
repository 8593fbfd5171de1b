"""Text as logs may hold it: without secrets, and without the personal data that a form and a check sum tell."""

from __future__ import annotations

import re

from trayassist.safety.redaction import redact

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,5}[A-Za-z]{2,18}\b")
_ACCOUNT = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}(?![A-Za-z0-9])", re.IGNORECASE)
_CARD = re.compile(r"(?<![\w.-])[3-6]\d{3}(?:[ -]?\d){9,15}(?![\w-]|\.\d)")
SHORTEST_ACCOUNT = 15


def for_log(text: str) -> str:
    """Return the text without secrets, e-mail addresses, bank accounts and card numbers."""
    text = redact(text)
    if "@" in text:
        text = _EMAIL.sub("[e-mail address]", text)
    if any(character.isdigit() for character in text):
        text = _CARD.sub(_card, _ACCOUNT.sub(_account, text))
    return text


def _account(match: re.Match[str]) -> str:
    """Replace the account that the match begins with; words may follow it."""
    for word in re.finditer(r"[A-Za-z0-9]+", match[0]):
        account = re.sub(r"[ -]", "", match[0][: word.end()])
        if len(account) >= SHORTEST_ACCOUNT and _mod_97(account) == 1:
            return f"[bank account]{match[0][word.end() :]}"
    return match[0]


def _mod_97(account: str) -> int:
    return int("".join(str(int(character, 36)) for character in account[4:] + account[:4])) % 97


def _card(match: re.Match[str]) -> str:
    digits = [int(digit) for digit in match[0] if digit.isdigit()]
    luhn = sum(digits[-1::-2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return "[card number]" if luhn % 10 == 0 and len(set(digits)) > 1 else match[0]
