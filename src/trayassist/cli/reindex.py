"""`trayassist memory reindex`: memory gets the vectors of the embedder that is set now."""

from __future__ import annotations

import sys

import click

from trayassist.cli.commands import _finish, json_option, memory
from trayassist.cli.printers import Line, problem, without_progress
from trayassist.cli.runner import as_json


@memory.command()
@click.option("--check", "action", flag_value="check", help="Only tell what it would do. Ends with 1 when it is due.")
@click.option("--again", "action", flag_value="again", help="Also when memory fits its embedder.")
@click.option("--discard", "action", flag_value="discard", help="Remove what an unfinished one has done.")
@json_option
def reindex(action: str | None, json_: bool) -> None:
    """Give memory the vectors of the embedder that is set now. Searches go on; Ctrl+C keeps what is done."""
    _finish("reindex", {"action": action or "run"}, without_progress(as_json) if json_ else _Reindexing())


class _Reindexing:
    """Prints how it ended, and on a terminal how far it is."""

    def __call__(self, line: Line) -> None:
        if "progress" in line:
            self._progress(line["progress"])
            return
        if sys.stderr.isatty():
            click.echo("\r\x1b[K", nl=False, err=True)
        if problem(line):
            return
        if "offer" in line:
            click.echo(line["text"] or "Memory fits its embedder.")
        elif "discarded" in line:
            click.echo("What the unfinished re-index had done is removed.")
        else:
            click.echo(f"{line['passages']:,} passages, made with {line['embedder']}.")

    @staticmethod
    def _progress(progress: Line) -> None:
        if not sys.stderr.isatty():
            return
        if progress["phase"] == "indexing":
            text = "indexing"
        else:
            left = f", {progress['seconds_left']:.0f} s left" if progress["seconds_left"] else ""
            text = f"{progress['done']:,}/{progress['passages']:,} passages · {progress['passages_per_s']:.0f}/s{left}"
        click.echo(f"\r\x1b[K{text}", nl=False, err=True)
