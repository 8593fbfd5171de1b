"""What a model drafts with: a draft model that is loaded beside it, words of the prompt, or nothing, and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trayassist.api import ModelUnavailable
from trayassist.workers.model import Lookup, Options
from trayassist.workers.model.draft_gain import Payoff
from trayassist.workers.model.drafts import Drafter, DraftModel, PromptLookup, why_not
from trayassist.workers.model.generation import Speculation
from trayassist.workers.model.llama import Model


class Drafting:
    """The drafting of one worker, and how much it was found to pay."""

    def __init__(self, model: Model, options: Options, cancelled: Callable[[Any], bool]) -> None:
        self._refused = why_not(model)
        self._lookup_pays = Payoff()
        self._draft_pays = Payoff(always=bool(options.draft and options.draft.always))
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
        drafters: list[tuple[Drafter, Payoff]] = []
        off = self._no_draft
        if lookup is not None:
            if self._lookup_pays.begin():
                drafters.append((PromptLookup(lookup), self._lookup_pays))
            else:
                off = off or self._lookup_pays.off
        if self._draft is not None:
            if self._draft_pays.begin():
                drafters.append((self._draft, self._draft_pays))
            else:
                off = off or self._draft_pays.off
        return Speculation(drafters) if drafters else None, off
