"""How likely a model finds a text: the sum of the log-probabilities of its tokens, each after all before it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trayassist.workers.model.context import Context

TOGETHER = 64  # tokens whose scores are kept at once: each takes four bytes for every token of the vocabulary


def likelihood(context: Context, tokens: Sequence[int]) -> tuple[float, int]:
    """Return the sum in nats, and of how many tokens; the first has nothing before it and does not count.

    What is longer than the context is left out. Raises Aborted when evaluating was given up. The context holds
    these tokens afterwards.
    """
    tokens = list(tokens)[: context.length]
    total = 0.0
    context.clear()
    step = min(TOGETHER, context.batch_size)
    for start in range(0, len(tokens), step):
        part = tokens[start : start + step]
        context.add(part, all_scores=True)
        for n, token in enumerate(tokens[start + 1 : start + 1 + len(part)]):
            scores = context.scores(n).astype(np.float64)
            highest = scores.max()
            total += float(scores[token] - highest - np.log(np.exp(scores - highest).sum()))
    return total, max(0, len(tokens) - 1)
