"""What is told by its form and a check sum is in no log: addresses, accounts, cards. Other numbers stay."""

from __future__ import annotations

import pytest

from trayassist.safety.personal import for_log


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("ask anna.schmidt+x@mail.example.de, please", "ask [e-mail address], please"),
        ("pay to DE89 3704 0044 0532 0130 00 today", "pay to [bank account] today"),
        ("GB29NWBK60161331926819", "[bank account]"),
        ("iban: de89370400440532013000.", "iban: [bank account]."),
        ("card 4111 1111 1111 1111, 12/27", "card [card number], 12/27"),
        ("5555-5555-5555-4444", "[card number]"),
        (
            "key ghp_a1B2c3D4e5F6g7H8i9J0a1B2c3D4e5F6g7H8 of a@b.example",
            "key [secret: GitHub token] of [e-mail address]",
        ),
    ],
)
def test_it_is_masked(text: str, masked: str) -> None:
    assert for_log(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21 17:55:47,123 INFO 4711 trayassist: 1763747747123 ns",
        "run 46d05a12023f4b8a81061a6f08bd5130",
        "DE89 3704 0044 0532 0130 03",
        "4111 1111 1111 1112",
        "0000 0000 0000 0000",
        "page 12 of 340, 5,000 rows @ 3 ms",
        "file:///home/x/a-1234-5678-9012-3456.pdf",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert for_log(text) == text
