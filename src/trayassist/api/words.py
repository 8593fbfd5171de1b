"""Counted nouns in English sentences of the core and of plugins; windows have their own, which are translated."""

from __future__ import annotations


def count(value: float, noun: str, many: str = "") -> str:
    """Return "1 page", "1,803 pages", "2.5 seconds"; `many` is the plural where it is not the noun with an s."""
    number = f"{value:,}" if isinstance(value, int) else f"{value:,.15g}"
    return f"{number} {noun if value == 1 else many or noun + 's'}"
