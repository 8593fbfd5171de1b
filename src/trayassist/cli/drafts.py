"""`trayassist draft-compat`: reads two headers; needs no running app and no loaded model."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from trayassist.cli.commands import group, json_option
from trayassist.cli.printers import problem
from trayassist.cli.runner import as_json

if TYPE_CHECKING:
    from trayassist.models.gguf.drafts import Compatibility

EXIT_FITS, EXIT_DOES_NOT, EXIT_FITS_WITH_WARNINGS, EXIT_UNREADABLE = 0, 1, 2, 3


class _Verdict(click.Command):
    """A command of whose exit codes 2 is a verdict: wrong usage must not look like it."""

    def make_context(self, *given: Any, **more: Any) -> click.Context:
        try:
            return super().make_context(*given, **more)
        except click.UsageError as error:
            error.show()
            sys.exit(EXIT_UNREADABLE)


@group.command("draft-compat", cls=_Verdict)
@click.argument("target")
@click.argument("draft")
@json_option
def draft_compat(target: str, draft: str, json_: bool) -> None:
    """Say whether the model DRAFT can draft for the model TARGET.

    Both are GGUF files, or names of the registry. Ends with 0 when they fit, 1 when they do not, 2 when they fit
    with warnings, 3 when one cannot be read or is not named.
    """
    from trayassist import paths
    from trayassist.api import TrayassistError
    from trayassist.models.gguf import drafts

    try:
        found = drafts.compare_named(paths.current(), target, draft)
    except TrayassistError as error:
        line: dict[str, Any] = {"error": error.what, "todo": error.todo}
        as_json(line) if json_ else problem(line)
        sys.exit(EXIT_UNREADABLE)
    if json_:
        as_json(as_line(found))
    else:
        _show(found, drafts.visible)
    sys.exit(EXIT_DOES_NOT if found.reasons else EXIT_FITS_WITH_WARNINGS if found.warnings else EXIT_FITS)


def as_line(found: Compatibility) -> dict[str, Any]:
    """Return the verdict as a JSON object."""
    line = dataclasses.asdict(found) | {"target": str(found.target), "draft": str(found.draft)}
    return {"compatible": found.compatible} | line


def _show(found: Compatibility, visible: Callable[[str], str]) -> None:
    pair = f"{found.draft.name} {'can' if found.compatible else 'cannot'} draft for {found.target.name}"
    click.echo(f"{pair}{'' if found.compatible else ':'}")
    for reason in found.reasons:
        click.echo(f"  {reason}")
    if found.first_difference is not None:
        difference = found.first_difference
        click.echo(f"  token {difference.token}: “{visible(difference.target)}” and “{visible(difference.draft)}”")
    for warning in found.warnings:
        click.echo(f"  warning: {warning}")
