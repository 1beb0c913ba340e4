#!/usr/bin/env bash
# The window's texts: collects them from the sources, or compiles them.
#   bash packaging/translations.sh            # both
#   bash packaging/translations.sh update     # sources -> resources/i18n/*.ts (then write what is missing)
#   bash packaging/translations.sh release    # resources/i18n/*.ts -> cambrian_zh_CN.qm, cambrian_en.qm
#   bash packaging/translations.sh files AREA # the sources of one of the areas frame, home, new, live, result, plots
# `update` writes to the folder that CAMBRIAN_TEXTS names, if it is set.
# Each area of the window has a file of its own. English has one too, for singulars: '1 network', '2 networks'.
set -euo pipefail
cd "$(dirname "$0")/.."
bin="${CAMBRIAN_BIN:-.venv/bin}"
app=app/cambrian_desktop
areas="frame home new live result plots"
i18n="${CAMBRIAN_TEXTS:-resources/i18n}"

files_of() {
    case "$1" in
        frame) ls $app/__main__.py $app/context.py $app/faults.py $app/figures.py $app/languages.py $app/resources.py \
            $app/theme.py $app/window.py $app/screenshots.py $app/widgets/*.py $app/views/page.py $app/views/settings.py ;;
        home) ls $app/run_*.py $app/operation.py $app/workspace_*.py $app/shared_values.py $app/models/*.py \
            $app/views/home*.py ;;
        new) ls $app/inspection.py $app/earlier_runs.py $app/views/new_*.py ;;
        live) ls $app/views/live*.py ;;
        result) ls $app/views/*.py | grep -Ev '/(__init__|page|settings|home[a-z_]*|new_[a-z_]*|live[a-z_]*)\.py$' ;;
        plots) ls $app/plots/*.py ;;
    esac
}

update() {
    for area in $areas; do
        mapfile -t files < <(files_of "$area" 2>/dev/null || true)
        [ "${#files[@]}" -gt 0 ] || continue
        "$bin/pyside6-lupdate" "${files[@]}" -no-obsolete -locations none \
            -source-language en_US -target-language zh_CN -ts "$i18n/cambrian_zh_CN.$area.ts"
        "$bin/pyside6-lupdate" "${files[@]}" -no-obsolete -locations none -pluralonly \
            -source-language en_US -target-language en_US -ts "$i18n/cambrian_en.$area.ts"
        grep -q "<message" "$i18n/cambrian_en.$area.ts" || rm "$i18n/cambrian_en.$area.ts"
    done
}

release() {
    for language in zh_CN en; do
        "$bin/pyside6-lrelease" -silent -fail-on-unfinished "$i18n"/cambrian_$language.*.ts -qm "$i18n/cambrian_$language.qm"
    done
}

case "${1:-both}" in
    update) update ;;
    release) release ;;
    files) files_of "${2:?an area}" ;;
    both) update && release ;;
    *) echo "Usage: bash packaging/translations.sh [update|release|files AREA]" >&2; exit 2 ;;
esac
