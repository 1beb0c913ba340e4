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
if ! .venv/bin/python -c "import PySide6.QtWidgets" 2>/dev/null; then
    # Without the system's libraries pytest-qt cannot even be loaded; the window's tests say that they did not run.
    set -- -p no:pytest-qt "$@"
fi
# Two at a time: a test of real processes waits more than it computes. A file's tests stay together.
exec .venv/bin/python -m pytest --numprocesses=2 --dist=loadfile --durations=40 "$@"
