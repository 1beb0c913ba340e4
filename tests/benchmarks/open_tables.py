"""Runs Cambrian on seven open tables, three minutes each, and tabulates its test score beside the baselines.

    python tests/benchmarks/open_tables.py            # the next cell that is missing, then the table
    python tests/benchmarks/open_tables.py --all      # every missing cell
    python tests/benchmarks/open_tables.py --table    # only the table
    python tests/benchmarks/open_tables.py --cells ames:0 spam:2
    python tests/benchmarks/open_tables.py --table --against earlier.json

One cell is one table and one split seed, run as a user would run it: a process of its own. Results are kept
in `open_tables.json` beside this script, with machine, versions and commit; a later call goes on from there.

In the mean over the split seeds measured so far it must be better than the linear model on the tables of
`BEATS_LINEAR` and not worse by more than a standard error on those of `EQUALS_LINEAR`, diamonds must reach
its R2, and no run may take 10 s longer than asked. Compared with an earlier results file, no test score may
be worse beyond noise. Exit status 1 if a bound is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import fmean
from typing import Any

from cells import add_options, measure_cells, told
from earlier_results import Gap, compared, individuals_a_minute, load_of, of_table, read_earlier
from open_data import FILES, FOLDER

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "open_tables.json"
MINUTES = 3.0
SEEDS = (0, 1, 2)
BEATS_LINEAR = ("ames", "chicago", "diamonds", "spam", "digits_table")
EQUALS_LINEAR = ("credit_data", "soybean")
LEAST_R2 = {"diamonds": 0.97}
MOST_SECONDS_OVER = 10.0
"""What a run may take beyond its minutes."""

Cells = Mapping[str, Mapping[str, Any]]


def main() -> int:
    """Run the cells asked for, print the table, and judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=FOLDER)
    add_options(parser, RESULTS, cell="table:split_seed")
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--against", type=Path, metavar="FILE", help="earlier results to compare with")
    options = parser.parse_args()
    earlier = read_earlier(options.against) if options.against else None  # before minutes are spent
    every = [f"{name}:{seed}" for seed in SEEDS for name in FILES]
    cells = measure_cells(options, every, lambda cell: run_cell(cell, options))
    print_table(cells)
    missed = list(judged(cells))
    if absent := [cell for cell in every if cell not in cells]:
        print(f"\nnot measured, not judged: {', '.join(absent)}")
    if earlier is not None:
        lines, worse = compared(cells, earlier, FILES)
        print(f"\nagainst {options.against}")
        print("\n".join(lines))
        missed += worse
    return told(missed)


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
        "minutes": options.minutes,
        "seconds": seconds,
        "search": facts["search"],
        "resolved": {key: facts["resolved"][key] for key in ("population", "epochs", "rungs", "folds")},
        "baseline_rows": facts["baselines"],
    }


def print_table(cells: Cells) -> None:
    """One line a cell, then means over the split seeds with the standard error of the mean difference."""
    columns = ("evolved", "linear", "boosting")
    print(
        f"{'cell':16} {'metric':9} "
        + " ".join(f"{name:>18}" for name in columns)
        + f" {'R2':>7} {'s':>6} {'networks':>9} {'a minute':>9} {'lanes a program':>16} {'load':>11}"
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
        lanes = facts["search"].get("lanes_per_program")
        print(
            f"{cell:16} {metric:9} {shown[0]:>18} {shown[1]:>18} {shown[2]:>18} "
            f"{'' if r2 is None else f'{r2:.4f}':>7} {facts['seconds']:6.0f} "
            f"{facts['search']['individuals']:9} {individuals_a_minute(facts):9.1f} "
            f"{'?' if lanes is None else f'{lanes:.2f}':>16} {load_of(facts):>11}"
        )
    print("\nmean over split seeds: evolved minus baseline (negative is better), ± standard error")
    for name in FILES:
        if of_table(cells, name):
            gaps = {model: gap_to(cells, name, model) for model in ("linear", "boosting")}
            print(f"{name:16} " + "   ".join(f"{model}: {gap}" for model, gap in gaps.items()))


def gap_to(cells: Cells, name: str, model: str) -> Gap:
    """How much larger the champion's loss is than a baseline's, over the split seeds of a table."""
    gaps = [facts["test"]["differences"][model] for facts in of_table(cells, name).values()]
    return Gap.of([gap["value"] for gap in gaps], [gap["error"] for gap in gaps])


def judged(cells: Cells) -> Iterator[str]:
    """A sentence for every bound that is missed."""
    for name in FILES:
        mine = of_table(cells, name)
        if not mine:
            continue
        gap = gap_to(cells, name, "linear")
        if name in BEATS_LINEAR and not gap.mean < 0.0:
            yield f"{name}: not better than the linear model in the mean: {gap}"
        if name in EQUALS_LINEAR and not gap.mean <= gap.error:
            yield f"{name}: worse than the linear model by more than a standard error: {gap}"
        if name in LEAST_R2:
            r2 = fmean(facts["test"]["scores"]["champion"]["r2"]["value"] for facts in mine.values())
            if not r2 >= LEAST_R2[name]:
                yield f"{name}: R2 is {r2:.4f} in the mean, {LEAST_R2[name]} is demanded"
    for cell, facts in sorted(cells.items()):
        most = 60.0 * facts.get("minutes", MINUTES) + MOST_SECONDS_OVER
        if not facts["seconds"] <= most:
            yield f"{cell}: the run took {facts['seconds']:.0f} s, at most {most:.0f} s are allowed"


if __name__ == "__main__":
    sys.exit(main())
