"""What a verb is, and how it may end."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from typing import Any

Verb = Callable[..., AsyncGenerator[dict[str, Any], None]]

EXIT_OK, EXIT_NO, EXIT_USAGE, EXIT_UNREADABLE, EXIT_FAILED = 0, 1, 2, 3, 4
