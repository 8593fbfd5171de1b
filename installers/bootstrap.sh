#!/usr/bin/env bash
# Makes .venv ready: finds or installs uv and a Python 3.12 or 3.13, the system libraries Qt needs, and
# what requirements.lock names. A second run, with nothing changed, does nothing and takes under a second.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }

stamp=.bootstrap/done
wanted=$(cat requirements.lock pyproject.toml installers/bootstrap.sh | cksum)
if [ -x .venv/bin/python ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && .venv/bin/python -c '' 2>/dev/null; then
    exit 0
fi
mkdir -p .bootstrap

# ---- system packages (Debian and its kin; elsewhere Qt's libraries usually are there)
libraries="libegl1 libgl1 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libdbus-1-3 fonts-dejavu-core"
tools="tesseract-ocr-eng fonts-noto-core adwaita-icon-theme gvfs xvfb openbox trayer tint2 xdotool wmctrl scrot pcmanfm dbus-x11 x11-utils strace"
compiler="gcc g++ make"
uv=$(command -v uv || true)
if [ -n "$uv" ] && ! "$uv" --version >/dev/null 2>&1; then uv=""; fi  # a shim of an inactive version
[ -n "$uv" ] || [ -x .bootstrap/uv/bin/uv ] || compiler="$compiler python3-venv"  # to install uv with
if command -v dpkg-query >/dev/null; then
    missing=""
    for package in $libraries $tools $compiler; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
    done
    if [ -n "$missing" ]; then
        sudo=""
        [ "$(id -u)" = 0 ] || sudo="sudo -n"
        say "Installing system packages:$missing"
        if ! { $sudo env DEBIAN_FRONTEND=noninteractive apt-get update -qq &&
            $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; } >.bootstrap/apt.log 2>&1
        then
            say "They could not be installed (see .bootstrap/apt.log). Run this line, then make again:"
            say "    sudo apt-get install -y$missing"
            for package in $libraries $compiler; do
                case "$missing" in *" $package"*) exit 1 ;; esac
            done
            say "Only packages for the tests are missing: going on without them."
        fi
    fi
fi

# ---- uv: the one on PATH, else one in a folder of our own; it trusts what the system trusts
export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-1}"
if [ -z "$uv" ]; then
    uv=.bootstrap/uv/bin/uv
    if [ ! -x "$uv" ]; then
        say "Installing uv into .bootstrap/uv"
        if ! { python3 -m venv .bootstrap/uv && .bootstrap/uv/bin/python -m pip install -q uv; } >.bootstrap/uv.log 2>&1; then
            rm -rf .bootstrap/uv
            say "uv could not be installed (see .bootstrap/uv.log)."
            say "Install it as https://docs.astral.sh/uv tells, then make again."
            exit 1
        fi
    fi
fi

# ---- Python 3.12 or 3.13: on PATH, under pyenv, else fetched by uv
right() { "$1" -c 'import sys; sys.exit(not (3, 12) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; }
python=""
for candidate in python3.13 python3.12 python3 "$HOME"/.pyenv/versions/3.1[23]*/bin/python3; do
    path=$(command -v "$candidate" 2>/dev/null || true)
    if [ -n "$path" ] && right "$path"; then python=$path; break; fi
done
if ! { [ -x .venv/bin/python ] && right .venv/bin/python; }; then
    rm -rf .venv
    if ! "$uv" venv -q --python "${python:-3.12}" .venv; then
        say "No Python 3.12 or 3.13 was found, and uv could not fetch one. Install one, then make again."
        exit 1
    fi
fi

# ---- packages: exactly those of the lock, checked by their hashes
say "Installing packages (the first time, llama.cpp is compiled: some four minutes)"
if ! "$uv" pip sync -q --compile-bytecode --require-hashes --python .venv/bin/python requirements.lock; then
    say "The packages could not be installed. Check the connection and the free disk space, then make again."
    exit 1
fi
"$uv" pip install -q --no-deps --no-build-isolation --python .venv/bin/python -e .
# our own files, too: every worker process imports some, and where Python may not write bytecode each compiles anew
.venv/bin/python -m compileall -q src plugins
printf '%s' "$wanted" >"$stamp"
