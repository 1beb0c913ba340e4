#!/usr/bin/env bash
# Sets up an environment, then evolves networks for a sample that ships with Cambrian.
# Options are passed on to `cambrian run`, e.g. `bash packaging/run.sh --minutes 5`.
set -euo pipefail
cd "$(dirname "$0")/.."
extras=""
. packaging/setup.sh
if [ "$#" -eq 0 ]; then
    set -- --minutes 1
fi
# No exec: the budget in minutes counts from the start of the process, which this shell has long passed.
.venv/bin/cambrian run resources/samples/penguins.csv --target species "$@"
