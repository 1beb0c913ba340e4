# Sourced by run.sh and test.sh: makes .venv with the pinned versions, once; a later call takes no time.
# Set `extras` before, e.g. "[dev]" or ""; the working folder must be the project's root.
python="${PYTHON:-}"
if [ -z "$python" ]; then
    for candidate in python3.11 python3.12 python3.13 python3; do
        if command -v "$candidate" >/dev/null 2>&1 &&
            "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            python="$candidate"
            break
        fi
    done
fi
if [ -z "$python" ]; then
    echo "Cambrian needs Python 3.11 or newer: install it, or name it with PYTHON=/path/to/python3." >&2
    exit 1
fi
stamp="$(cat pyproject.toml packaging/constraints.txt | cksum)"
marker=".venv/.cambrian-ready$extras"
if [ ! -x .venv/bin/python ] || [ "$(cat "$marker" 2>/dev/null)" != "$stamp" ]; then
    echo "Setting up the environment in .venv (once; some minutes) ..." >&2
    "$python" -m venv .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -c packaging/constraints.txt -e ".$extras"
    printf '%s' "$stamp" >"$marker"
fi
# The window's texts are compiled where PySide6 is installed; without them it works, and speaks English only.
texts=resources/i18n/cambrian_zh_CN.qm
if [ -x .venv/bin/pyside6-lrelease ] && [ -n "$(find resources/i18n -name '*.ts' -newer "$texts" 2>/dev/null || echo none)" ]; then
    if ! bash packaging/translations.sh release; then
        echo "The window's Chinese texts could not be compiled, so it will speak English." >&2
        echo "On Debian: apt install libglib2.0-0 libgssapi-krb5-2 libbrotli1, then bash packaging/translations.sh release" >&2
    fi
fi
