"""What `trayassist models` and `trayassist doctor` print for people."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import click

from trayassist.cli.printers import problem

Line = dict[str, Any]

EVERY_S = 0.2
COLUMNS = "{:28} {:14} {:22} {:8} {:>9} {:>6} {:>12}  {}"
HEADS = ("role", "endpoint", "model", "quant", "memory", "tier", "speed", "licence")
MARKS = {"ok": ("ok", "green"), "note": ("note", "yellow"), "no": ("no", "red")}


def recommended(line: Line) -> None:
    """Print a line of the recommendation."""
    if problem(line):
        return
    if "machine" in line:
        machine = line["machine"]
        vram = f", {_gb(machine['vram'])} of graphics memory" if machine["vram"] else ""
        click.echo(
            f"This machine: {_gb(machine['ram'])} of memory{vram}, {machine['cores']} cores. Tier {line['tier']}."
        )
        click.echo(f"Models may take {_gb(line['budget'])}.\n")
    elif "slot" in line:
        colour = {"fits": "green", "slow": "yellow"}.get(line["fit"], "red")
        fit = click.style(f"{line['fit']:10}", fg=colour)
        size = f"{_gb(line['bytes'])} to fetch, {_gb(line['memory'])} of memory"
        click.echo(f"{line['slot']:9} {line['model']:20} {fit} about {size}, {line['quant']}, {line['license']}")
        for more in (line["why"], line["note"]):
            if more:
                click.echo(f"{'':30} {more}")
    else:
        click.echo(f"\nTo fetch: about {_gb(line['download'])}; the disk has {_gb(line['disk_free'])} free.")
        for note in line["notes"]:
            click.echo(note)
        click.echo("Nothing was fetched. `trayassist models fetch --recommended` shows the files and asks.")


class Listed:
    """Prints described models under a head, and downloads that are not done."""

    def __init__(self) -> None:
        self._head = click.style(COLUMNS.format(*HEADS), bold=True)

    def __call__(self, line: Line) -> None:
        if "name" in line and self._head:
            click.echo(self._head)
            self._head = ""
        _listed(line)


def _listed(line: Line) -> None:
    if problem(line):
        return
    if "says" in line:
        click.echo(line["says"])
        return
    if "download" in line:
        progress = line["download"]
        click.echo(f"{progress['model']}: {progress['state']}, {_share(progress)} {progress['problem']}".rstrip())
        return
    speed = f"{line['tokens_per_s']:.1f} tok/s" if line["tokens_per_s"] else "–"
    memory = _gb(line["measured"] or line["estimated"]) if line["measured"] or line["estimated"] else "–"
    roles = ", ".join(line["roles"]) or "no role"
    licence = line["license"] or click.style("licence not known", fg="yellow")
    click.echo(
        COLUMNS.format(
            roles if len(roles) <= 28 else f"{roles[:27]}…",
            line["endpoint"],
            line["name"],
            line["quant"] or "–",
            memory,
            line["residence"],
            speed,
            licence,
        )
    )
    if line["problem"]:
        click.echo(f"{'':28} {click.style(line['problem'], fg='yellow')}")


def planned(line: Line) -> None:
    """Print a line of a download's plan."""
    if problem(line):
        return
    if "file" in line:
        file = line["file"]
        rest = "is there already" if not line["left"] else f"{_gb(line['left'])} to fetch"
        licence = file["license"] or click.style("licence not known", fg="yellow")
        click.echo(f"{file['model']:20} {file['repo']}/{file['file']}  {_gb(file['bytes'])}, {rest}, {licence}")
        click.echo(f"{'':20} to {file['target']}")
    elif "by_hand" in line or line.get("says"):
        click.echo(line["says"])
    elif line.get("plan") and line["plan"]["files"]:  # without any, why not was said above
        plan = line["plan"]
        click.echo(f"In all {_gb(plan['left'])} to fetch; the disk has {_gb(plan['disk_free'])} free.")
        if line["refusal"]:
            click.echo(line["refusal"], err=True)


def added(line: Line) -> None:
    """Print what was added or removed."""
    if problem(line):
        return
    if "removed" in line:
        roles = f" It is gone from {', '.join(line['roles'])}." if line["roles"] else ""
        click.echo(f"{line['removed']} is taken out.{roles}")
    elif "cancelled" in line:
        click.echo(f"{line['cancelled']} is not fetched any more.")
    else:
        click.echo(line["says"])


def measured(line: Line) -> None:
    """Print what was measured of a model."""
    if problem(line):
        return
    head = f"{line['model']}: loaded in {line['load_ms'] / 1e3:.1f} s, {_gb(line['memory'])} of memory"
    if line["passages_per_s"]:
        click.echo(f"{head}, {line['passages_per_s']:.1f} passages/s")
        return
    was = f" (before: {line['before']:.1f})" if line["before"] else ""
    click.echo(
        f"{head}, reads {line['prompt_tokens_per_s']:.0f} tokens/s, writes {line['tokens_per_s']:.1f} tokens/s{was}"
        + (f", {line['gpu_layers']} layers on the GPU" if line["gpu_layers"] else "")
    )
    click.echo(
        f"It may not answer instead of another model: {line['unfit']}."
        if line["unfit"]
        else "It may answer instead of another model: it passed the smoke tasks."
    )


def checked(line: Line) -> None:
    """Print one of doctor's checks."""
    if problem(line):
        return
    if "verdict" in line:
        click.echo(f"\n{line['verdict']}")
        return
    mark, colour = MARKS[line["state"]]
    click.echo(f"{click.style(f'{mark:5}', fg=colour)} {line['check']}: {line['says']}")
    if line["todo"]:
        click.echo(f"{'':5} {line['todo']}")


class Work:
    """Shows on a terminal what is going on, then hands the result to `show`."""

    def __init__(self, show: Callable[[Line], None]) -> None:
        self._show, self._last = show, 0.0

    def __call__(self, line: Line) -> None:
        if "status" in line:
            self._say(f"{line['status']}…")
        elif "progress" in line:
            step = line["progress"]
            if step["total"] and time.monotonic() - self._last > EVERY_S:
                self._last = time.monotonic()
                self._say(f"{_gb(step['done'])} of {_gb(step['total'])}")
        else:
            self._say("")
            self._show(line)

    @staticmethod
    def _say(text: str) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r\x1b[K{text}", nl=False, err=True)


class Fetching:
    """Shows how far a download is, then a line per model."""

    def __init__(self) -> None:
        self._last = 0.0

    def __call__(self, line: Line) -> None:
        if "progress" in line:
            self._progress(line["progress"])
        elif "state" in line:
            self._clear()
            words = {"done": "fetched and checked", "paused": "paused; the same command goes on"}
            click.echo(f"{line['model']}: {words.get(line['state'], line['state'])}")
            problem(line)
        elif "fetched" not in line:
            self._clear()
            problem(line)

    def _progress(self, step: Line) -> None:
        if not sys.stderr.isatty() or time.monotonic() - self._last < EVERY_S:
            return
        self._last = time.monotonic()
        left = f", {step['seconds_left']:.0f} s left" if step["seconds_left"] is not None else ""
        rate = f" · {_gb(step['rate'])}/s{left}" if step["rate"] else ""
        click.echo(f"\r\x1b[K{step['model']} · {step['state']} · {_share(step)}{rate}", nl=False, err=True)

    @staticmethod
    def _clear() -> None:
        if sys.stderr.isatty():
            click.echo("\r\x1b[K", nl=False, err=True)


def _share(progress: Line) -> str:
    return f"{_gb(progress['bytes'])} of {_gb(progress['total'])}"


def _gb(value: float) -> str:
    if value < 1e6:
        return f"{value / 1e3:.0f} kB"
    return f"{value / 1e9:.1f} GB" if value >= 995_000_000 else f"{value / 1e6:.0f} MB"
