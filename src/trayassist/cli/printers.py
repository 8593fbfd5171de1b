"""Prints results as text. Answers go to standard output, everything about them to standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import click

from trayassist.api.words import count

Line = dict[str, Any]

# registry.yaml's own words for how long a model stays loaded, and the engine's for its state, in the user's words
RESIDENCES = {"hot": "always loaded", "warm": "loaded on demand", "cold": "loaded by hand"}
STANDINGS = {"missing": "no file", "cold": "not loaded", "warm": "loaded", "hot": "loaded", "busy": "answering"}
STANDINGS |= {"remote": "elsewhere", "resting": "paused"}
# how a file ended
ENDS = {"ingested": "remembered", "unchanged": "known already", "refused": "left out", "failed": "not read"}
ENDS |= {"needs_password": "needs password", "cancelled": "given up", "model": "model"}
MOST_QUOTES = 3  # shown before a model's answer
MARKS = {"ok": ("ok", "green"), "note": ("note", "yellow"), "no": ("no", "red")}


def _hosts(line: Line) -> list[str]:
    """Return who was asked on another machine; after a fallback another answered."""
    asked = "asked " if line["fallback"] else ""
    return [f"{asked}{line['host']}"] if line["host"] else []


def print_error(line: Line) -> bool:
    """Print an error line, if it is one; return whether it was."""
    if "error" not in line or not line["error"]:
        return False
    click.echo(f"{line['error']} {line.get('todo', '')}".strip(), err=True)
    return True


class AnswerPrinter:
    """Prints an answer as it comes, then its pages and a line on how it was made; reasoning only with `thoughts`."""

    def __init__(self, *, thoughts: bool = False) -> None:
        self._thoughts = thoughts
        self._wrote, self._thinks = "", False

    def __call__(self, line: Line) -> None:
        kind = line.get("event")
        if kind == "chunk" and line.get("thought"):
            self._think(line["text"])
        elif kind == "chunk":
            self._answer_begins()
            click.echo(line["text"], nl=False)
            self._wrote = line["text"] or self._wrote
        elif kind == "status" and sys.stderr.isatty():
            click.echo(click.style(f"{line['text']}…", dim=True), err=True)
        elif kind == "evidence" and sys.stderr.isatty():
            self._quote(line["quotes"])
        elif kind == "follow_up" and sys.stderr.isatty():
            click.echo(click.style(f"follow-up to: {line['to']}", dim=True), err=True)
            click.echo(click.style(f"asked in full: {line['asks']}", dim=True), err=True)
        elif kind == "flagged":
            verdict = line["verdict"]
            click.echo(
                click.style(f"{verdict['risk']} risk ({line['stage']}): {verdict['reason']}", fg="yellow"), err=True
            )
        elif kind == "finished":
            self._finish(line)
        else:
            print_error(line)

    def _quote(self, quotes: list[Line]) -> None:
        """Print what was found, dimmed: it can be read until the model's words come."""
        for quote in quotes[:MOST_QUOTES]:
            fact = quote["path"].startswith("fact:")
            place = "you asked to remember" if fact else f"{quote['path'].rsplit('/', 1)[-1]}, page {quote['page']}"
            click.echo(click.style(f"{place}: {' '.join(quote['text'].split())}", dim=True), err=True)
        click.echo(err=True)

    def _think(self, text: str) -> None:
        """Print reasoning where it was asked for, dimmed and beside the answer."""
        if self._thoughts:
            self._thinks = True
            click.echo(click.style(text, dim=True), nl=False, err=True)

    def _answer_begins(self) -> None:
        if self._thinks:
            self._thinks = False
            click.echo("\n", err=True)

    def _finish(self, line: Line) -> None:
        self._answer_begins()
        if self._wrote and not self._wrote.endswith("\n"):
            click.echo()
        print_error(line)
        for citation in line["citations"]:
            place = f"{citation['path']}, page {citation['page']}"
            fact = citation["path"].startswith("fact:")
            click.echo(f"[{citation['number']}] {'something you asked to remember' if fact else place}")
        if not line["found"]:
            for passage in line["nearest"]:
                click.echo(f"    nearest: {passage['path']}, page {passage['page']}")
        timings, verdict = line["timings"], line["verdict"]
        parts = [line["route"]["role"] or "no role", line["model"] or "no model"]
        parts += [*line["adapters"], *_hosts(line), f"{timings['total_ms']:.0f} ms"]
        if timings["tokens_out"]:
            parts.append(f"{count(timings['tokens_out'], 'token')}, {timings['tokens_per_s']:.1f}/s")
        parts.append(f"{verdict['risk']} risk")
        parts += [line[name] for name in ("speculation", "trimmed", "fallback") if line[name]]
        click.echo(click.style(" · ".join(parts), dim=True), err=True)


class IngestPrinter:
    """Prints a line per file, and on a terminal where the reading stands."""

    def __init__(self) -> None:
        self._last = 0.0

    def __call__(self, line: Line) -> None:
        if "progress" in line:
            self._progress(line["progress"])
        elif line.get("summary"):
            self._clear()
            click.echo(f"{count(line['files'], 'file')}, {count(line['pages'], 'page')}, {line['ms'] / 1e3:.1f} s")
        elif not print_error(line):
            self._clear()
            pages = count(line["pages"], "page") + (f" ({line['ocr_pages']} by OCR)" if line["ocr_pages"] else "")
            detail = pages if line["status"] in ("ingested", "unchanged") else ""
            click.echo(
                "  ".join(part for part in (f"{ENDS[line['status']]:14}", line["path"], detail, line["reason"]) if part)
            )

    def _progress(self, progress: Line) -> None:
        if not sys.stderr.isatty() or time.monotonic() - self._last < 0.1:
            return
        self._last = time.monotonic()
        left = f", {progress['seconds_left']:.0f} s left" if progress.get("seconds_left") else ""
        name = str(progress["path"]).rsplit("/", 1)[-1][:40]
        text = (
            f"{progress['files_done']}/{count(progress['files_total'], 'file')} · {name} · page {progress['page']}"
            f" of {progress['pages'] or '?'} · {progress['pages_per_s']:.0f} pages/s{left}"
        )
        click.echo(f"\r\x1b[K{text}", nl=False, err=True)

    def _clear(self) -> None:
        if sys.stderr.isatty():
            click.echo("\r\x1b[K", nl=False, err=True)


def without_progress(show: Callable[[Line], None]) -> Callable[[Line], None]:
    """Return `show` for all lines but progress, so that JSON has a line per file and a summary."""
    return lambda line: None if "progress" in line else show(line)


def print_results(line: Line) -> None:
    """Print search results."""
    if print_error(line):
        return
    if not line["found"]:
        click.echo(
            "Nothing in your documents seems to be about this. The nearest pages:" if line["results"] else NOTHING
        )
    if line.get("note"):
        click.echo(line["note"], err=True)
    for result in line["results"]:
        click.echo(f"{click.style(result['path'], bold=True)}, page {result['page']}  ({result['score']:.2f})")
        text = " ".join(result["text"].split())
        click.echo(f"    {text[:200]}{'…' if len(text) > 200 else ''}")


NOTHING = "Memory is empty. Add documents with `trayassist ingest PATH`, or drop them on the tray icon."


def print_route(line: Line) -> None:
    """Print a route."""
    if not print_error(line):
        click.echo(f"{line['kind']} → {line['role']} ({line['confidence']:.2f}, {line['method']}): {line['reason']}")


def print_verdict(line: Line) -> None:
    """Print what the safety check says."""
    if not print_error(line):
        tags = f"  [{', '.join(line['tags'])}]" if line["tags"] else ""
        click.echo(f"{line['risk']} risk ({line['score']:.2f}){tags} {line['reason']}".rstrip())
        for span in line["matched"]:
            click.echo(f"    {span}")


class MemoryPrinter:
    """Prints documents, then facts."""

    def __call__(self, line: Line) -> None:
        if print_error(line):
            return
        if "fact" in line:
            click.echo(f"fact  {line['fact']}  ({line['created'][:10]})")
        else:
            part = "" if line["complete"] else "  (not finished)"
            click.echo(f"{count(line['pages'], 'page'):>12}  {line['path']}{part}")


def print_passage(line: Line) -> None:
    """Print a passage under its page and its place in the page's text."""
    if not print_error(line):
        click.echo(f"page {line['page']}, characters {line['start']}-{line['end']}\n{line['text']}\n")


def print_forget_count(line: Line) -> None:
    """Print how many documents were forgotten."""
    if not print_error(line):
        click.echo(f"Forgot {count(line['forgotten'], 'document')}.")


def print_plugin(line: Line) -> None:
    """Print a plugin."""
    if print_error(line):
        return
    click.echo(
        f"{line['name']:12} {line['state']:7} {line['distribution']} {line['version']}  {', '.join(line['provides'])}"
    )
    if line["reason"]:
        click.echo(f"{'':12} {line['reason']}")


def print_part(line: Line) -> None:
    """Print a tool or a job, or what one says."""
    if print_error(line):
        return
    if "result" in line:
        click.echo(line["result"])
    elif "name" in line:
        when = line.get("risk") or (line["trigger"] if line["enabled"] else "off")
        click.echo(f"{line['name']:20} {line.get('description') or line['title']}  ({when})")


def _print_role(role: Line) -> None:
    parts = [f"{role['role']}: {role['model'] or 'no model'}"]
    if "residence" in role:
        parts += [role["quant"], f"{role['memory']} MB" if role["memory"] else "", RESIDENCES[role["residence"]]]
        standing: str = role["standing"]
        parts.append(STANDINGS.get(standing, standing))
        parts.append(f"{role['tokens_per_s']:.1f} tokens/s" if role["tokens_per_s"] else "")
        parts.append(f"process {role['pid']}" if role["pid"] else "")
    click.echo(" · ".join(part for part in parts if part) + (f"  {role['note']}" if role["note"] else ""))


def print_status(line: Line) -> None:
    """Print the status."""
    if print_error(line):
        return
    click.echo(
        f"trayassist {line['version']}, {'running in the tray' if line.get('app') else 'not running in the tray'}"
    )
    click.echo("memory: " + ", ".join(count(line[f"{noun}s"], noun) for noun in ("document", "page", "passage")))
    if line["queued"]:
        click.echo(f"to read: {count(line['queued'], 'file')}{' (paused)' if line['paused'] else ''}")
    for role in line["roles"]:
        _print_role(role)
    budget = line["budget"]
    click.echo(f"models take {budget['used'] / 1e9:.1f} GB of {budget['limit'] / 1e9:.1f} GB")
    for waiting in line["waiting"]:
        model, role = waiting["model"], waiting["role"]
        click.echo(f"{role}: {model} is at work" if waiting["running"] else f"{role} waits for {model}")
    if line["broken_plugins"]:
        click.echo(f"broken plugins: {', '.join(line['broken_plugins'])} (see `trayassist plugins`)")
    for warning in line["warnings"]:
        click.echo(f"warning: {warning}")
    for kept in ("audit", "history"):
        if line[kept] != "ok":
            click.echo(line[kept])
    click.echo(f"settings in {line['config']}, data in {line['data']}")


def print_check(line: Line) -> None:
    """Print one of doctor's checks."""
    if print_error(line):
        return
    if "verdict" in line:
        click.echo(f"\n{line['verdict']}")
        return
    mark, colour = MARKS[line["state"]]
    click.echo(f"{click.style(f'{mark:5}', fg=colour)} {line['check']}: {line['says']}")
    if line["todo"]:
        click.echo(f"{'':5} {line['todo']}")


class ReindexPrinter:
    """Prints how it ended, and on a terminal how far it is."""

    def __call__(self, line: Line) -> None:
        if "progress" in line:
            self._progress(line["progress"])
            return
        if sys.stderr.isatty():
            click.echo("\r\x1b[K", nl=False, err=True)
        if print_error(line):
            return
        if "offer" in line:
            click.echo(line["text"] or "Memory fits the model for search by meaning.")
        elif "discarded" in line:
            click.echo("What the unfinished re-index had done is removed.")
        else:
            click.echo(f"{count(line['passages'], 'passage')}, made with {line['embedder']}.")

    @staticmethod
    def _progress(progress: Line) -> None:
        if not sys.stderr.isatty():
            return
        if progress["phase"] == "indexing":
            text = "indexing"
        else:
            left = f", {progress['seconds_left']:.0f} s left" if progress["seconds_left"] else ""
            of = count(progress["passages"], "passage")
            text = f"{progress['done']:,}/{of} · {progress['passages_per_s']:.0f}/s{left}"
        click.echo(f"\r\x1b[K{text}", nl=False, err=True)
