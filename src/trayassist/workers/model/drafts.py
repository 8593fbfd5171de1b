"""Where drafted tokens come from: words of the prompt itself, or a small model of the same vocabulary."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import fmean, median
from typing import Any, Protocol

import numpy as np

from trayassist.api import ModelUnavailable
from trayassist.workers.model.context import LlamaContext
from trayassist.workers.model.llama import LlamaModel, native
from trayassist.workers.model.protocol import LoadOptions, Lookup

ROUNDS = 12  # drafted rounds before a judgement
PLAIN_FIRST = 4  # steps without a draft at the beginning, to have something to compare with
PLAIN_EVERY = 48  # rounds after which one step without a draft renews the comparison
RETRY, MOST_RETRY = 8, 64  # answers after which it is tried again, doubled each time it fails
WINDOW = 48  # what was measured last counts


class DraftGain:
    """The speed with drafts and without, of one way to draft. With `always` it is measured and never switched off."""

    def __init__(self, *, always: bool = False) -> None:
        self._always = always
        self._plain: deque[float] = deque(maxlen=WINDOW)  # seconds a token
        self._rounds: deque[tuple[int, float]] = deque(maxlen=WINDOW)  # tokens, seconds
        self._since_plain = 0
        self._resting, self._rest = 0, RETRY
        self.off = ""

    def begin(self) -> bool:
        """Note that an answer begins; return whether it may draft."""
        if not self.off:
            return True
        self._resting -= 1
        if self._resting > 0:
            return False
        self.off = ""
        self._plain.clear()
        self._rounds.clear()
        return True

    def wants_plain(self) -> bool:
        """Return whether the next step should be one without a draft, to compare with."""
        return not self._always and (len(self._plain) < PLAIN_FIRST or self._since_plain >= PLAIN_EVERY)

    def note_plain(self, seconds: float) -> None:
        """Note a step without a draft: one token."""
        self._plain.append(seconds)
        self._since_plain = 0

    def note_draft(self, tokens: int, seconds: float) -> bool:
        """Note a round with a draft, drafting included, and what it gave; return whether to go on drafting."""
        self._rounds.append((tokens, seconds))
        self._since_plain += 1
        if self._always or len(self._rounds) < ROUNDS or len(self._plain) < PLAIN_FIRST:
            return True
        speed, without = self.speeds()
        if speed > without:
            self._rest = RETRY
            return True
        self.off = f"it did not pay here: {speed:.1f} tokens/s with drafts, {without:.1f} without"
        self._resting, self._rest = self._rest, min(self._rest * 2, MOST_RETRY)
        return False

    def speeds(self) -> tuple[float, float]:
        """Return tokens a second with drafts, and without; 0 where nothing was measured.

        Both by the median time of a step: what else the machine did in between must not decide.
        """
        if not self._rounds or not self._plain:
            return 0.0, 0.0
        tokens = fmean(count for count, _ in self._rounds)
        return tokens / median(took for _, took in self._rounds), 1 / median(self._plain)


LOOKED_AT = 16  # earlier places that are compared, the latest first
LONGEST = 16  # tokens before a place that are compared
SURE = 0.4  # a draft ends with the first token that is less likely than this in the small model's eyes
SIZES_MAY_DIFFER = 128  # tokens; this and the next are llama.cpp's own (common_speculative_are_compatible)
TEXTS_FROM = 5


class Drafter(Protocol):
    """Guesses how a text goes on."""

    def draft(self, tokens: Sequence[int], most: int) -> list[int]:
        """Return at most `most` tokens that may come after these."""
        ...


class LookupDrafter:
    """Drafts what came after the same words before (prompt lookup decoding, A. Saxena 2023).

    Of the earlier places that end in the same `ngram` tokens, the one that agrees furthest back is taken, the
    latest among equals. Each token is looked at once: what was read stays in an index.
    """

    def __init__(self, lookup: Lookup) -> None:
        self._k, self._ngram = lookup["k"], lookup["ngram"]
        self._places: dict[tuple[int, ...], list[int]] = {}  # where what came after these tokens begins
        self._read = self._ngram  # tokens whose place is in the index

    def draft(self, tokens: Sequence[int], most: int) -> list[int]:
        for place in range(self._read, len(tokens)):
            self._places.setdefault(tuple(tokens[place - self._ngram : place]), []).append(place)
        self._read = max(self._read, len(tokens))
        if len(tokens) < self._ngram:
            return []
        places = self._places.get(tuple(tokens[-self._ngram :]), ())[-LOOKED_AT:]
        best = max(reversed(places), key=lambda place: self._agreement(tokens, place), default=None)
        return list(tokens[best : best + min(self._k, most)]) if best is not None else []

    def _agreement(self, tokens: Sequence[int], place: int) -> int:
        alike = self._ngram
        while alike < min(place, LONGEST) and tokens[place - alike - 1] == tokens[-alike - 1]:
            alike += 1
        return alike


class DraftModel:
    """Drafts with a small model, greedily, with a context of its own beside the model's.

    A draft ends after the first token whose probability is below SURE (dynamic speculation lookahead, Mamou et al.
    2024): what the small model is not sure of is mostly wrong, and costs as much to check.
    """

    def __init__(self, options: LoadOptions, target: LlamaModel, cancelled: Callable[[Any], bool]) -> None:
        """Load it. Raises ModelUnavailable, in words, when it does not load or cannot draft for `target`."""
        assert options.draft is not None
        own = replace(options, file=options.draft.file, kv_overrides={}, kv_type="f16", draft=None)
        model = LlamaModel(own)
        if why := why_not(target) or why_not(model) or difference(target, model):
            native.llama_model_free(model.pointer)
            raise ModelUnavailable(f"the draft model {model.name} is not used: {why}")
        self._context = LlamaContext(model, own, cancelled)
        self._k, self._most = options.draft.k, min(target.vocabulary, model.vocabulary)

    def draft(self, tokens: Sequence[int], most: int) -> list[int]:
        most = min(most, self._k, self._context.length - len(tokens))
        if most <= 0 or any(token >= self._most for token in tokens[len(self._context.tokens) :]):
            return []
        self._context.read(tokens)
        drafted: list[int] = []
        while True:
            token, probability = _likeliest(self._context.scores())
            if token >= self._most or native.llama_vocab_is_eog(self._context.model.vocab, token):
                return drafted
            drafted.append(token)
            if probability < SURE or len(drafted) >= most:
                return drafted
            self._context.add((token,))


def why_not(model: LlamaModel) -> str:
    """Return why nothing can be drafted for or by a model, or "": refused tokens must be taken out of its state."""
    if not model.steps_back:
        return f"{model.architecture} keeps a running state, out of which refused tokens cannot be taken"
    if native.llama_model_is_diffusion(model.pointer):
        return f"{model.architecture} does not write from left to right"
    if native.llama_model_has_encoder(model.pointer):
        return f"{model.architecture} reads with an encoder"
    return ""


def difference(target: LlamaModel, draft: LlamaModel) -> str:
    """Return in what the vocabularies differ so that one cannot draft for the other, or "" (llama.cpp's own rules)."""
    if native.llama_vocab_type(target.vocab) != native.llama_vocab_type(draft.vocab):
        return "its vocabulary is of another type"
    for name, added, token in (
        ("BOS", native.llama_vocab_get_add_bos, native.llama_vocab_bos),
        ("EOS", native.llama_vocab_get_add_eos, native.llama_vocab_eos),
    ):
        if added(target.vocab) != added(draft.vocab):
            return f"only one of the two adds {name}"
        if added(target.vocab) and token(target.vocab) != token(draft.vocab):
            return f"{name} is token {token(target.vocab)} there and {token(draft.vocab)} here"
    if abs(target.vocabulary - draft.vocabulary) > SIZES_MAY_DIFFER:
        return f"its vocabulary has {draft.vocabulary} tokens instead of {target.vocabulary}"
    text = native.llama_vocab_get_text
    for token in range(TEXTS_FROM, min(target.vocabulary, draft.vocabulary)):
        if text(target.vocab, token) != text(draft.vocab, token):
            return f"vocabulary differs at token {token}"
    return ""


def _likeliest(scores: np.ndarray[Any, Any]) -> tuple[int, float]:
    """Return the token with the highest score and its probability."""
    best = int(scores.argmax())
    return best, 1.0 / float(np.exp(scores - scores[best]).sum())
