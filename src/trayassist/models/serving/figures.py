"""What is noted of answers and kept: how fast models are, and how long the answers of roles are."""

from __future__ import annotations

import asyncio

from trayassist.models.serving.background import Behind
from trayassist.models.serving.calls import Call, Usage
from trayassist.models.serving.lengths import Lengths
from trayassist.models.serving.speeds import Speeds
from trayassist.paths import Paths


class Figures:
    """`speeds` of models by day, and `lengths` of the last answers by role. Written behind the scenes."""

    def __init__(self, paths: Paths, behind: Behind) -> None:
        self.speeds = Speeds(paths.data / "speeds.json")
        self.lengths = Lengths(paths.data / "lengths.json")
        self._behind = behind

    def note(self, call: Call, usage: Usage) -> None:
        """Take an answer in. Its length counts where it was asked with nothing but the role's own settings."""
        if self.speeds.note(usage.model, usage.tokens_per_s, usage.tokens_out):
            self._behind.run(asyncio.to_thread(self.speeds.save))
        if call.plain:
            self.lengths.note(call.role, usage.tokens_out)
            self._behind.run(asyncio.to_thread(self.lengths.save))
