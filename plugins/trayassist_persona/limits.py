"""The settings of persona: how much of memory an answer uses."""

from __future__ import annotations

from trayassist.api import Setting

PASSAGES = Setting(
    name="passages",
    title="Passages for the model",
    default=4,
    least=1,
    most=12,
    help="How many passages of your documents a model reads with a question. More of them take longer to read.",
)
QUOTES = Setting(
    name="quotes",
    title="Sentences quoted",
    default=4,
    least=1,
    most=12,
    help="The most sentences an answer quotes when no model writes it.",
)
