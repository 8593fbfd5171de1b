"""From a prompt to tokens, one by one or, with drafts, several in one evaluation, each as the model would pick it.

With a draft, the model evaluates the last token and the drafted ones in one batch, and the sampler picks after each
of them in turn, as it would without. Where the pick is the drafted token the next place is already evaluated; at the
first that is not, the rest of the draft is dropped (speculative sampling of a deterministic draft, Leviathan et al.
2023). A quantized model rounds otherwise in a batch than alone, so where two tokens are equally likely the text may be
another one.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

from trayassist.workers.model.context import LlamaContext
from trayassist.workers.model.drafts import Drafter, DraftGain
from trayassist.workers.model.llama import native
from trayassist.workers.model.sampling import Sampler


@dataclass(slots=True)
class Speculation:
    """What one answer drafts with, the first that has something to offer, and how it went."""

    drafters: Sequence[tuple[Drafter, DraftGain]]
    drafted: int = 0
    accepted: int = 0

    def draft(self, tokens: Sequence[int], most: int) -> tuple[list[int], DraftGain | None]:
        """Return drafted tokens and the measure of the drafter; none when a plain step is wanted instead."""
        for drafter, payoff in self.drafters:
            if payoff.off or payoff.wants_plain():
                continue
            if drafted := drafter.draft(tokens, most):
                return drafted, payoff
        return [], None

    @property
    def over(self) -> bool:
        """Whether all drafting was switched off."""
        return all(payoff.off for _, payoff in self.drafters)

    @property
    def off(self) -> str:
        """Why drafting was switched off, or "" while some goes on."""
        return self.drafters[0][1].off if self.over else ""


def tokens(
    context: LlamaContext, sampler: Sampler, prompt: Sequence[int], speculation: Speculation | None
) -> Generator[int]:
    """Yield the answer's tokens until the model ends it, or its context is full.

    Raises Aborted when evaluating was given up.
    """
    ends, vocab, last = native.llama_vocab_is_eog, context.model.vocab, context.length - 1
    context.read(prompt)
    token = sampler.pick(context)
    if speculation is not None:
        for drafted in _with_drafts(context, sampler, token, speculation):
            if ends(vocab, token := drafted):
                return
            yield token
        if len(context.tokens) > last:
            return
        # drafting was switched off: go on plainly from the token that was yielded last
        context.add((token,))
        token = sampler.pick(context)
    while not ends(vocab, token):
        yield token
        if len(context.tokens) > last:
            return
        context.add((token,))
        token = sampler.pick(context)


def _with_drafts(context: LlamaContext, sampler: Sampler, token: int, speculation: Speculation) -> Iterator[int]:
    """Yield the token and those after it until the context is full or drafting is switched off."""
    yield token
    while len(context.tokens) < context.length and not speculation.over:
        began = time.perf_counter()
        most = min(context.length - len(context.tokens), context.batch_size) - 1
        draft, payoff = speculation.draft([*context.tokens, token], most)
        picked = _round(context, sampler, token, draft)
        took = time.perf_counter() - began
        if payoff is None:
            for _, one in speculation.drafters:
                one.note_plain(took)
        else:
            speculation.drafted += len(draft)
            speculation.accepted += len(picked) - 1
            payoff.note_draft(len(picked), took)
        yield from picked
        token = picked[-1]


def _round(context: LlamaContext, sampler: Sampler, token: int, draft: Sequence[int]) -> list[int]:
    """Evaluate the token and the draft; return what the sampler picks: at least one, as many as agree and one more."""
    stood = len(context.tokens)
    context.add((token, *draft), all_scores=True)
    picked = [sampler.pick(context, 0)]
    for place, guess in enumerate(draft, 1):
        if picked[-1] != guess or native.llama_vocab_is_eog(context.model.vocab, guess):
            break
        picked.append(sampler.pick(context, place))
    if len(picked) <= len(draft):
        right = context.tokens[: stood + len(picked)]
        context.cut(len(right))
        if not context.tokens:  # the model could not step back after all
            context.read(right)
    return picked
