"""From token bytes to text that may be shown: never half a character, and nothing of a stop string."""

from __future__ import annotations

import codecs
from collections.abc import Sequence


class StopFilter:
    """The text of one answer as it grows. White space before its first word is left out."""

    def __init__(self, stop: Sequence[str]) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._stop = [word for word in stop if word]
        self._held = ""
        self._began = False
        self.stopped = False

    def feed(self, data: bytes) -> str:
        """Return what can be shown now; sets `stopped` when a stop string is complete."""
        return self.take(self._decoder.decode(data))

    def rest(self) -> str:
        """Return what was held back, when no more bytes come."""
        if self.stopped:
            return ""
        shown = self.take(self._decoder.decode(b"", final=True))
        held, self._held = self._held, ""
        return shown + held

    def take(self, new: str) -> str:
        """Do what `feed` does with text that is decoded already."""
        self._held += new
        if not self._began:
            self._held = self._held.lstrip()
            self._began = bool(self._held)
        cut = min((at for word in self._stop if (at := self._held.find(word)) >= 0), default=-1)
        if cut >= 0:
            self.stopped, shown, self._held = True, self._held[:cut], ""
            return shown
        safe = len(self._held) - self._beginning_of_a_stop()
        shown, self._held = self._held[:safe], self._held[safe:]
        return shown

    def _beginning_of_a_stop(self) -> int:
        """Return how many characters at the end may be the beginning of a stop string."""
        lengths = (n for word in self._stop for n in range(1, len(word)) if self._held.endswith(word[:n]))
        return max(lengths, default=0)
