"""The entry point. Starting the app, and talking to the running one, must not wait for imports they do not need.

At module level only modules that are built into the interpreter are imported: `python -m trayassist` puts the current
folder first in sys.path, and a file `socket.py` there is not ours. `main` removes it before anything else is imported.
"""

import os
import sys

APP_OPTIONS = ("--hidden", "--hot-only", "--preload-warm")  # cli/main.py says what they do
OLDEST, TOO_NEW = (3, 12), (3, 14)


def main() -> int:
    """Start the app, or run a verb; return the exit code."""
    _import_nothing_from_current_folder()
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


def _import_nothing_from_current_folder() -> None:
    """Remove what `python -m` put first in sys.path; folders that PYTHONPATH names are asked for and stay."""
    try:
        here = os.getcwd()  # noqa: PTH109  # pathlib is not imported yet
    except OSError:  # the folder was removed: nothing can be imported from it
        here = ""
    if not sys.flags.safe_path and sys.path and sys.path[0] in ("", here):
        del sys.path[0]


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

    paths.leave_current_folder(where)
    prewarm = "--preload-warm" in arguments if {"--hot-only", "--preload-warm"} & set(arguments) else None
    by_hand = "--hidden" not in arguments  # and not at log-in, when nobody asked for a window
    show = by_hand and sys.stdin is not None and sys.stdin.isatty()
    return run(where, show=show, prewarm=prewarm, first_steps=by_hand)


if __name__ == "__main__":
    sys.exit(main())
