#!/usr/bin/env bash
# Sets up an environment, then runs linters, type checker, import contracts and every test.
# Options are passed on to pytest, e.g. `bash packaging/test.sh tests/engine/space`.
set -euo pipefail
cd "$(dirname "$0")/.."
extras="[dev]"
. packaging/setup.sh
.venv/bin/ruff check .
.venv/bin/ruff format --check .
.venv/bin/mypy
.venv/bin/lint-imports
exec .venv/bin/python -m pytest "$@"
