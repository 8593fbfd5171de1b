"""The two sets of colours, and the arithmetic that keeps text readable on them (WCAG 2.2)."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor

READABLE = 4.5  # WCAG 2.2 AA for text


@dataclass(frozen=True, slots=True)
class Colors:
    """What each colour is for; `on_x` is text on `x`. All are `#rrggbb`."""

    surface: str
    raised: str
    hover: str
    border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    selection: str
    code: str
    amber: str
    amber_dot: str
    amber_soft: str
    danger: str
    danger_soft: str
    good: str
    keyword: str
    string: str
    number: str
    name: str
    comment: str


LIGHT = Colors(
    surface="#ffffff",
    raised="#f4f5f7",
    hover="#e9ebef",
    border="#cfd3da",
    text="#1c1f24",
    muted="#565c67",
    accent="#2456c7",
    on_accent="#ffffff",
    selection="#cfdcf7",
    code="#f4f5f7",
    amber="#7d5100",
    amber_dot="#c47a00",
    amber_soft="#fdf1d6",
    danger="#a8201a",
    danger_soft="#fbe9e7",
    good="#1f6b3a",
    keyword="#8b2273",
    string="#1f6b3a",
    number="#8a4600",
    name="#1b55b8",
    comment="#5d6470",
)
DARK = Colors(
    surface="#1e2025",
    raised="#292c33",
    hover="#343841",
    border="#444954",
    text="#e9ebef",
    muted="#adb3bf",
    accent="#8fb2ff",
    on_accent="#12141a",
    selection="#31416a",
    code="#17191d",
    amber="#f2bd5c",
    amber_dot="#f2bd5c",
    amber_soft="#3a2f1a",
    danger="#ff9d94",
    danger_soft="#402524",
    good="#86d6a0",
    keyword="#e29bd1",
    string="#9ad3a5",
    number="#f0b27a",
    name="#8fb8ff",
    comment="#9aa1ad",
)


def contrast(one: str, other: str) -> float:
    """Return the WCAG contrast ratio of two colours, 1..21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def readable(color: str, *backgrounds: str) -> str:
    """Return `color`, made darker or lighter until it can be read as text on all the backgrounds."""
    darker = luminance(backgrounds[0]) > 0.5
    result = QColor(color)
    for _ in range(60):
        if all(contrast(result.name(), background) >= READABLE for background in backgrounds):
            return result.name()
        hsl, step = result.toHsl(), -0.02 if darker else 0.02
        lightness = min(1.0, max(0.0, hsl.lightnessF() + step))
        result = QColor.fromHslF(max(0.0, hsl.hslHueF()), hsl.hslSaturationF(), lightness)
    return "#000000" if darker else "#ffffff"


def luminance(color: str) -> float:
    """Return the relative luminance of a colour, 0..1."""

    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    rgb = QColor(color)
    return 0.2126 * linear(rgb.redF()) + 0.7152 * linear(rgb.greenF()) + 0.0722 * linear(rgb.blueF())
