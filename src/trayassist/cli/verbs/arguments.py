"""What a verb takes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from typing import Any

Verb = Callable[..., AsyncGenerator[dict[str, Any], None]]
