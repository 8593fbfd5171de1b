"""The rules by kind. All patterns have bounded repeats; docs/routing.md says how to add one."""

from __future__ import annotations

from trayassist.routing.patterns import (
    chat,
    code,
    curate,
    documents,
    languages,
    maths,
    shapes,
    task,
    tool,
)
from trayassist.routing.stages import Rule

RULES: tuple[Rule, ...] = (
    *code.RULES,
    *maths.RULES,
    *curate.RULES,
    *task.RULES,
    *tool.RULES,
    *documents.RULES,
    *chat.RULES,
    *languages.RULES,
    *shapes.RULES,
)
