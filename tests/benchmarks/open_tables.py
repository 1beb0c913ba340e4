"""Runs Cambrian on seven open tables, three minutes each, and tabulates its test score beside the baselines.

    python tests/benchmarks/open_tables.py            # the next cell that is missing, then the table
    python tests/benchmarks/open_tables.py --all      # every missing cell
    python tests/benchmarks/open_tables.py --table    # only the table
    python tests/benchmarks/open_tables.py --cells ames:0 spam:2

One cell is one table and one split seed, run as a user would run it: a process of its own. Results are kept
in `open_tables.json` beside this script, with machine, versions and commit; a later call goes on from there.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from cells import add_options, measure_cells
from open_data import FILES, FOLDER

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "open_tables.json"
MINUTES = 3.0
SEEDS = (0, 1, 2)


def main() -> int:
    """Run the cells asked for and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=FOLDER)
    add_options(parser, RESULTS, cell="table:split_seed")
    parser.add_argument("--minutes", type=float, default=MINUTES)
    options = parser.parse_args()
    cells = [f"{name}:{seed}" for seed in SEEDS for name in FILES]
    print_table(measure_cells(options, cells, lambda cell: run_cell(cell, options)))
    return 0


def run_cell(cell: str, options: argparse.Namespace) -> dict[str, Any]:
    """Run Cambrian once and take what `cambrian show --json` says of the result."""
    name, seed = cell.split(":")
    file, target = FILES[name]
    with tempfile.TemporaryDirectory() as workspace:
        environment = {**os.environ, "CAMBRIAN_WORKSPACE": workspace}
        command = [sys.executable, "-m", "cambrian"]
        run = ["run", str(options.data / file), "--target", target, "--minutes", str(options.minutes)]
        asked = ["--run-id", "cell", "--split-seed", seed, *options.further]
        started = time.monotonic()
        subprocess.run([*command, *run, *asked], env=environment, check=True, stdout=subprocess.DEVNULL)
        seconds = time.monotonic() - started
        shown = subprocess.run(
            [*command, "show", "cell", "--json"], env=environment, check=True, capture_output=True, text=True
        )
    facts = json.loads(shown.stdout)
    print(f"{cell}: {facts['verdict']} ({seconds:.0f} s)", flush=True)
    return {
        "test": facts["test"],
        "seconds": seconds,
        "search": facts["search"],
        "resolved": {key: facts["resolved"][key] for key in ("population", "epochs", "rungs", "folds")},
        "baseline_rows": facts["baselines"],
    }


def print_table(cells: dict[str, Any]) -> None:
    """One line a cell, then means over the split seeds with the standard error of the mean difference."""
    columns = ("evolved", "linear", "boosting")
    print(
        f"{'cell':16} {'metric':9} "
        + " ".join(f"{name:>18}" for name in columns)
        + "      R2      s  networks"
    )
    for cell in sorted(cells):
        facts = cells[cell]
        test = facts["test"]
        metric, scores = test["metric"], test["scores"]
        shown = [
            f"{scores[m][metric]['value']:.5g} ± {scores[m][metric]['error']:.2g}"
            for m in ("champion", "linear", "boosting")
        ]
        r2 = scores["champion"].get("r2", {}).get("value")
        print(
            f"{cell:16} {metric:9} {shown[0]:>18} {shown[1]:>18} {shown[2]:>18} "
            f"{'' if r2 is None else f'{r2:.4f}':>7} {facts['seconds']:6.0f} "
            f"{facts['search']['individuals']:9}"
        )
    print("\nmean over split seeds: evolved minus baseline (negative is better), ± standard error")
    for name in FILES:
        mine = [cells[cell] for cell in sorted(cells) if cell.split(":")[0] == name]
        if mine:
            print(f"{name:16} " + "   ".join(_difference(mine, model) for model in ("linear", "boosting")))


def _difference(facts: list[dict[str, Any]], model: str) -> str:
    gaps = [each["test"]["differences"][model] for each in facts]
    values = [gap["value"] for gap in gaps]
    # Each cell has its own paired bootstrap error; over several splits their spread says more.
    within = math.sqrt(sum(gap["error"] ** 2 for gap in gaps)) / len(gaps)
    between = stdev(values) / math.sqrt(len(values)) if len(values) > 1 else 0.0
    return f"{model}: {fmean(values):+.5g} ± {max(within, between):.2g}"


if __name__ == "__main__":
    sys.exit(main())
