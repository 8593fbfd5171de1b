#!/usr/bin/env bash
# Writes requirements.lock from pyproject.toml: for all platforms, with hashes, naming no index host.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=$(command -v uv || echo .bootstrap/uv/bin/uv)
"$uv" pip compile pyproject.toml --group dev --universal --generate-hashes --no-annotate --no-emit-index-url --no-header \
    -q --upgrade --python-version 3.12 -o requirements.lock
