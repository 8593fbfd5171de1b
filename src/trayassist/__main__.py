"""The entry point. Starting the app, and talking to the running one, must not wait for imports they do not need."""

from __future__ import annotations

import multiprocessing
import sys

OLDEST, TOO_NEW = (3, 12), (3, 14)


def main() -> int:
    """Start the app, or run a verb; return the exit code."""
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
    if arguments in ([], ["toggle"], ["--hidden"]):
        return _app(arguments)
    from trayassist.cli import cli

    return cli()


def _app(arguments: list[str]) -> int:
    """Show the popup of the running app, or become the app."""
    from trayassist import paths, remote

    where = paths.current()
    verb = "toggle" if arguments == ["toggle"] else "show"
    if remote.tell(where, verb):
        return 0
    if arguments == ["toggle"]:
        print("trayassist is not running. Start it with `trayassist`.", file=sys.stderr)
        return 4
    from trayassist.ui.app import run

    return run(where, show=arguments != ["--hidden"] and sys.stdin is not None and sys.stdin.isatty())


if __name__ == "__main__":
    sys.exit(main())
