"""A widget that makes its content when it is first used, or when the window has time for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib import import_module

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget


class LazyWidget[W: QWidget](QWidget):
    """Holds what `build` makes, once; until then `part` is None and the widget is empty.

    `module` is where the code of the part is, for `grow` to import. `step` does a piece of what the part leaves for
    later and says whether there was one.
    """

    def __init__(self, build: Callable[[], W], module: str = "", step: Callable[[W], bool] | None = None) -> None:
        super().__init__()
        self._build, self._module, self._step = build, module, step
        self.part: W | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)

    def get(self) -> W:
        """Return the whole part, building at once what is missing."""
        part = self._show()
        while self._step is not None and self._step(part):
            pass
        return part

    async def grow(self) -> None:
        """Build the part in steps that the window does not feel: imports in a thread, the rest a turn at a time."""
        if self.part is None and self._module:
            await asyncio.to_thread(import_module, self._module)
        self._make()
        await asyncio.sleep(0)
        part = self._show()
        await asyncio.sleep(0)
        for _ in iter(lambda: self._step is not None and self._step(part), False):
            await asyncio.sleep(0)

    def _make(self) -> W:
        if self.part is None:
            self.part = self._build()
        return self.part

    def _show(self) -> W:
        part = self._make()
        if not self._layout.count():
            self._layout.addWidget(part)
            if not part.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide):
                part.show()  # now: a layout shows what it is given a turn later
        return part
