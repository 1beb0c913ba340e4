#!/usr/bin/env bash
# Sets up an environment with the window, then opens it.
# Options are passed on to `cambrian-desktop`, e.g. `bash packaging/desktop.sh resources/samples/penguins.csv`.
set -euo pipefail
cd "$(dirname "$0")/.."
extras="[desktop]"
. packaging/setup.sh
exec .venv/bin/cambrian-desktop "$@"
