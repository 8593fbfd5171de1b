#!/usr/bin/env bash
# Starts trayassist in the tray; where there is no display, runs the demo instead.
cd "$(dirname "$0")/.."
if [ "$(uname)" = Linux ] && [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    echo "There is no display here, so there is no tray: this is the demo instead." >&2
    exec .venv/bin/python -P -m trayassist demo
fi
exec .venv/bin/python -P -m trayassist
