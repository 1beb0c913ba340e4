#!/usr/bin/env bash
# Sets up an environment, then evolves networks for a sample that ships with Cambrian.
# Options are passed on to `cambrian run`, e.g. `bash packaging/run.sh --minutes 5`.
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/setup.sh
if [ "$#" -eq 0 ]; then
    set -- --minutes 1
fi
exec .venv/bin/cambrian run resources/samples/penguins.csv --target species "$@"
