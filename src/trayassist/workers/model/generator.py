"""A model that answers: its prompts, adapters, kept conversations and drafts, and one answer from first to last."""

from __future__ import annotations

import codecs
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np

from trayassist.api import Message, ModelUnavailable
from trayassist.workers.model.adapters import ContextAdapters, Key
from trayassist.workers.model.context import LlamaContext, SavedState, common
from trayassist.workers.model.drafts import Drafter, DraftGain, DraftModel, LookupDrafter, why_not
from trayassist.workers.model.generation import Speculation, tokens
from trayassist.workers.model.llama import LlamaModel, native
from trayassist.workers.model.loops import LATE, LoopGuard
from trayassist.workers.model.prompt import PLAIN_STOP, FittedPrompt, Prompts
from trayassist.workers.model.protocol import Adapter, Began, LoadOptions, Lookup, Piece, Report, Sampling
from trayassist.workers.model.reasoning import CONTROL, ReasoningSplitter
from trayassist.workers.model.sampling import Sampler
from trayassist.workers.model.stop_filter import StopFilter

PIECE_EVERY_S = 0.02  # windows paint less often, and each piece wakes the tray process, which shares the model's cores


@dataclass(slots=True)
class _Count:
    """What is counted while an answer grows; `first` is when its first token came (time.perf_counter)."""

    tokens: int = 0
    first: float = 0.0
    finish: str = "stop"


class AnswerGenerator:
    """One model with one context. It keeps what it read, and reads of the next prompt only what differs."""

    def __init__(self, model: LlamaModel, options: LoadOptions, cancelled: Callable[[Any], bool]) -> None:
        self.model = model
        self.context = LlamaContext(model, options, cancelled)
        self.context_length = self.context.length
        self._adapters = ContextAdapters(self.context)
        self._conversations = Conversations(self.context, self._adapters, options.conversation_cache_bytes)
        self._prompts = Prompts(self, model.render, model.special_texts(), model.template)
        self._drafting = Drafting(model, options, cancelled)
        self._marks = marks(model)

    def tokenize(self, *parts: str) -> list[int]:
        """Return the parts' tokens, as a prompt has them."""
        return self.model.tokenize(*parts)

    def answer(
        self,
        messages: Sequence[Message],
        sampling: Sampling,
        adapters: Sequence[Adapter],
        conversation: str,
        lookup: Lookup | None,
    ) -> Generator[Began | Piece | Report, None, None]:
        """Yield Began, the pieces of the answer, then the Report. Raises TrayassistError when nothing fits.

        Raises Aborted when evaluating was given up; what is evaluated by then is of use to the next answer.
        """
        began = time.perf_counter()
        constrained = bool(sampling["grammar"]) or sampling["schema"] is not None
        prompt = self._prompts.fit(messages, sampling["max_tokens"], think=not constrained)
        wanted = self._adapters.resolve(adapters)
        with closing(Sampler(self.model, sampling)) as sampler:
            yield _began(prompt)
            self._conversations.enter(conversation, wanted, prompt.tokens)
            speculation, off = self._drafting.begin(lookup)
            stop = (*sampling["stop"], *(PLAIN_STOP if self.model.base else ()))
            written = Detokenizer(self.model, self._marks, stop, opened=prompt.opened, split=not constrained)
            room, count = min(sampling["max_tokens"], self.context_length - len(prompt.tokens)), _Count()
            guard = LoopGuard(bound=constrained)
            with closing(tokens(self.context, sampler, prompt.tokens, speculation)) as stream:
                yield from _pieces(stream, written, guard, room, count)
        yield self._report(count, began, speculation, off)

    def read_ahead(self, messages: Sequence[Message], adapters: Sequence[Adapter]) -> int:
        """Read the beginning of prompts that begin with these messages; return its tokens. Raises Aborted."""
        beginning = self._prompts.beginning(messages)[: self.context_length // 2]
        self._conversations.enter("", self._adapters.resolve(adapters), beginning)
        if beginning:
            self.context.read(beginning)
        return len(beginning)

    def preference(self, messages: Sequence[Message], answers: tuple[str, str]) -> float:
        """Return by how many nats the model prefers one of two answers over the other at the token where they part.

        0 where they do not. Raises Aborted, and TrayassistError when nothing fits.
        """
        first, second = (self.model.tokens(one, ends=False, special=False) for one in answers)
        alike, end = common(first, second), native.llama_vocab_eos(self.model.vocab)
        if first == second:
            return 0.0
        prompt = self._prompts.fit(messages, len(first)).tokens
        self._conversations.enter("", (), prompt)
        self.context.read([*prompt, *first[:alike]])
        one, other = ((tokens[alike] if alike < len(tokens) else end) for tokens in (first, second))
        scores = self.context.scores()
        return abs(float(scores[one] - scores[other]))

    def likelihood(self, texts: Sequence[str], adapters: Sequence[Adapter]) -> tuple[float, int]:
        """Return the sum of the log-probabilities of the texts' tokens in nats, and how many. Raises Aborted."""
        self._conversations.enter("", self._adapters.resolve(adapters), ())
        each = [likelihood(self.context, self.model.tokenize(text)) for text in texts]
        return sum(total for total, _ in each), sum(count for _, count in each)

    def _report(self, count: _Count, began: float, speculation: Speculation | None, off: str) -> Report:
        now = time.perf_counter()
        return {
            "tokens_out": count.tokens,
            "cached_tokens": self.context.reused,
            "first_ms": ((count.first or now) - began) * 1e3,
            "tokens_per_s": (count.tokens - 1) / (now - count.first) if count.tokens > 1 else 0.0,
            "finish": count.finish,
            "drafted": speculation.drafted if speculation else 0,
            "accepted": speculation.accepted if speculation else 0,
            "speculation_off": off or (speculation.off if speculation else ""),
        }


def _began(prompt: FittedPrompt) -> Began:
    began: Began = {"tokens_in": len(prompt.tokens), "trimmed": prompt.trimmed}
    if prompt.left_out:
        began["left_out"] = prompt.left_out
    return began


def _pieces(stream: Iterator[int], written: Detokenizer, guard: LoopGuard, room: int, count: _Count) -> Iterator[Piece]:
    """Yield the pieces of an answer of at most `room` tokens; note in `count` how it went."""
    sent, late = 0.0, room - min(LATE, room // 4)
    ready: list[tuple[str, bool]] = []
    for token in stream:
        now = time.perf_counter()
        if not count.tokens:
            count.first = now
        count.tokens += 1
        if written.feed(token):  # the guard looks at each token, however they are sent: the same text ends alike
            _guard(written.take(), guard, ready)
        if written.stopped:
            break
        if guard.looping:
            count.finish = "loop"
            break
        if count.tokens >= room:
            count.finish = "length"
            break
        guard.late = count.tokens >= late
        if ready and now - sent >= PIECE_EVERY_S:
            for text, thought in ready:
                yield {"text": text, "tokens_out": count.tokens, "thought": thought}
            ready.clear()
            sent = now
    _guard(written.end(), guard, ready)
    if rest := guard.end(count.finish):
        _append(ready, rest, thought=False)
    for text, thought in ready:
        yield {"text": text, "tokens_out": count.tokens, "thought": thought}


def _guard(pieces: Iterable[tuple[str, bool]], guard: LoopGuard, ready: list[tuple[str, bool]]) -> None:
    """Add to `ready` what of the pieces can be shown."""
    for text, thought in pieces:
        if shown := guard.feed(text, thought):
            _append(ready, shown, thought=thought)


def _append(pieces: list[tuple[str, bool]], text: str, *, thought: bool) -> None:
    """Add a text to the pieces, to the last one where that is of the same kind."""
    if pieces and pieces[-1][1] == thought:
        text = pieces.pop()[0] + text
    pieces.append((text, thought))


class Drafting:
    """The drafting of one worker, and how much it was found to pay."""

    def __init__(self, model: LlamaModel, options: LoadOptions, cancelled: Callable[[Any], bool]) -> None:
        self._refused = why_not(model)
        self._lookup_pays = DraftGain()
        self._draft_pays = DraftGain(always=bool(options.draft and options.draft.always))
        self._draft: DraftModel | None = None
        self._no_draft = ""
        if options.draft is not None and not self._refused:
            try:
                self._draft = DraftModel(options, model, cancelled)
            except ModelUnavailable as error:
                self._no_draft = error.what.rstrip(".")
        self._wanted = options.draft is not None

    def begin(self, lookup: Lookup | None) -> tuple[Speculation | None, str]:
        """Return what the next answer drafts with, words of the prompt first, and why something wanted is left off."""
        if self._refused:
            return None, self._refused if self._wanted or lookup else ""
        drafters: list[tuple[Drafter, DraftGain]] = []
        off = self._no_draft
        if lookup is not None:
            if self._lookup_pays.begin():
                drafters.append((LookupDrafter(lookup), self._lookup_pays))
            else:
                off = off or self._lookup_pays.off
        if self._draft is not None:
            if self._draft_pays.begin():
                drafters.append((self._draft, self._draft_pays))
            else:
                off = off or self._draft_pays.off
        return Speculation(drafters) if drafters else None, off


TOGETHER = 64  # tokens whose scores are kept at once: each takes four bytes for every token of the vocabulary


def likelihood(context: LlamaContext, tokens: Sequence[int]) -> tuple[float, int]:
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


class Detokenizer:
    """The text of one answer as it grows. `stopped` is set when a stop string is complete; thoughts have none.

    `marks` are the model's (`marks`); `split` False takes everything for the answer: a grammar leaves no thoughts.
    """

    def __init__(
        self,
        model: LlamaModel,
        marks: Mapping[int, bytes],
        stop: Sequence[str],
        *,
        opened: str = "",
        split: bool = True,
    ) -> None:
        self._model, self._marks, self._text = model, marks, StopFilter(stop)
        self._thoughts = ReasoningSplitter(opened) if split else None
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held: list[tuple[str, bool]] = []

    @property
    def stopped(self) -> bool:
        """Whether a stop string ended the answer."""
        return self._text.stopped

    def feed(self, token: int) -> bool:
        """Take a token; return whether there is something to show."""
        thoughts = self._thoughts
        if thoughts is None or thoughts.answering:
            self._hold(self._text.take(self._decoder.decode(self._model.piece(token))), thought=False)
        else:
            data = self._marks.get(token) or self._model.piece(token)
            self._split(thoughts.feed(self._decoder.decode(data)))
        return bool(self._held)

    def take(self) -> list[tuple[str, bool]]:
        """Return the pieces to show now, and whether each is a thought."""
        held, self._held = self._held, []
        return held

    def end(self) -> list[tuple[str, bool]]:
        """Return the last pieces, when no more tokens come."""
        last = self._decoder.decode(b"", final=True)
        if self._thoughts is None or self._thoughts.answering:
            self._hold(self._text.take(last), thought=False)
        else:
            self._split(self._thoughts.feed(last))
            self._split(self._thoughts.rest())
        self._hold(self._text.rest(), thought=False)
        return self.take()

    def _split(self, pieces: Iterable[tuple[str, bool]]) -> None:
        for text, thought in pieces:
            self._hold(text if thought else self._text.take(text), thought=thought)

    def _hold(self, text: str, *, thought: bool) -> None:
        if text:
            _append(self._held, text, thought=thought)


def marks(model: LlamaModel) -> dict[int, bytes]:
    """Return the tokens of this vocabulary that are marks of thoughts, and their texts."""
    found = ((model.tokens(mark, ends=False, special=True), mark) for mark in CONTROL)
    return {tokens[0]: mark.encode() for tokens, mark in found if len(tokens) == 1}


WORTH = 64  # tokens that must be gained before a state is copied: fewer are read as fast


@dataclass(slots=True)
class _KeptState:
    conversation: str
    adapters: Key
    saved: SavedState


class Conversations:
    """Keeps states within `limit` bytes, those used last. `bytes` is what they take now."""

    def __init__(self, context: LlamaContext, adapters: ContextAdapters, limit: int) -> None:
        self._context, self._adapters, self._limit = context, adapters, limit
        self._steps_back = context.model.steps_back
        self._left: list[_KeptState] = []  # the one used last is the last
        self._now = ""

    @property
    def bytes(self) -> int:
        """Return the memory that kept states take."""
        return sum(left.saved.data.nbytes for left in self._left)

    def enter(self, conversation: str, adapters: Key, prompt: Sequence[int]) -> None:
        """Make the context ready for the prompt: with the best state there is, and the adapters in force."""
        same_adapters = adapters == self._adapters.key
        useful = self._useful(self._context.tokens, prompt) if same_adapters else 0
        best = max(self._left, key=lambda left: self._gain(left, adapters, prompt), default=None)
        gain = self._gain(best, adapters, prompt) if best else 0
        if gain < useful + WORTH:
            best = None
        if self._worth_keeping(conversation, same_adapters, useful, replaced=best is not None):
            self._keep()
        if not same_adapters:
            self._context.clear()
            self._adapters.put(adapters)
        if best is not None:
            self._context.restore(best.saved)
            self._left = [left for left in self._left if left is not best]
        self._now = conversation

    def forget(self) -> None:
        """Drop all that is kept."""
        self._left.clear()

    def _gain(self, left: _KeptState, adapters: Key, prompt: Sequence[int]) -> int:
        return self._useful(left.saved.tokens, prompt) if left.adapters == adapters else 0

    def _useful(self, tokens: Sequence[int], prompt: Sequence[int]) -> int:
        """Return how many of the tokens serve the prompt; all or none where the model cannot step back."""
        alike = common(tokens, prompt)
        return alike if self._steps_back or alike == len(tokens) < len(prompt) else 0

    def _worth_keeping(self, conversation: str, same_adapters: bool, useful: int, *, replaced: bool) -> bool:
        held = len(self._context.tokens)
        lost = held if replaced or not same_adapters else held - useful
        left = conversation != self._now or not same_adapters or replaced or lost > held // 2
        return left and lost >= WORTH

    def _is_superseded(self, left: _KeptState) -> bool:
        """Return whether the context holds all of a state, or goes on with the same talk: then one copy is enough."""
        alike = common(left.saved.tokens, self._context.tokens)
        enough = len(left.saved.tokens) // 2 if left.conversation == self._now else len(left.saved.tokens) - 1
        return alike > enough

    def _keep(self) -> None:
        size = self._context.bytes
        if size > self._limit:
            return
        key = self._adapters.key
        self._left = [left for left in self._left if left.adapters != key or not self._is_superseded(left)]
        while self._left and self.bytes + size > self._limit:
            del self._left[0]
        self._left.append(_KeptState(self._now, key, self._context.save()))
