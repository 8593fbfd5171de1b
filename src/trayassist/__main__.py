"""The entry point. Starting the app, and talking to the running one, must not wait for imports they do not need."""

from __future__ import annotations

import sys

APP_OPTIONS = ("--hidden", "--hot-only", "--preload-warm")  # cli/commands.py says what they do
OLDEST, TOO_NEW = (3, 12), (3, 14)


def main() -> int:
    """Start the app, or run a verb; return the exit code."""
    if getattr(sys, "frozen", False):
        import multiprocessing  # 20 ms, and only a frozen program needs it here

        multiprocessing.freeze_support()
    if not OLDEST <= sys.version_info[:2] < TOO_NEW:
        have = ".".join(map(str, sys.version_info[:2]))
        print(
            f"trayassist needs Python 3.12 or 3.13, and this is Python {have}. "
            "Start it with `make run`, which finds or fetches a right one.",
            file=sys.stderr,
        )
        return 2
    from trayassist import paths

    paths.private_files()
    arguments = sys.argv[1:]
    if arguments == ["toggle"] or all(argument in APP_OPTIONS for argument in arguments):
        return _app(arguments)
    from trayassist.cli.main import cli

    return cli()


def _app(arguments: list[str]) -> int:
    """Show the popup of the running app, or become the app."""
    from trayassist import paths
    from trayassist.ipc import client

    if "--hot-only" in arguments and "--preload-warm" in arguments:
        print("--hot-only and --preload-warm exclude each other. Give one of them.", file=sys.stderr)
        return 2
    where = paths.current()
    verb = "toggle" if arguments == ["toggle"] else "show"
    if client.tell(where, verb):
        return 0
    if arguments == ["toggle"]:
        print("trayassist is not running. Start it with `trayassist`.", file=sys.stderr)
        return 4
    from trayassist.ui.app.start import run

    prewarm = "--preload-warm" in arguments if {"--hot-only", "--preload-warm"} & set(arguments) else None
    by_hand = "--hidden" not in arguments  # and not at log-in, when nobody asked for a window
    show = by_hand and sys.stdin is not None and sys.stdin.isatty()
    return run(where, show=show, prewarm=prewarm, first_steps=by_hand)


if __name__ == "__main__":
    sys.exit(main())
