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
import platform
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
RESULTS = HERE / "open_tables.json"
MINUTES = 3.0
SEEDS = (0, 1, 2)
TABLES = {
    "ames": ("ames.parquet", "Sale_Price"),
    "credit_data": ("credit_data.parquet", "Status"),
    "spam": ("spam.parquet", "type"),
    "soybean": ("soybean.csv", "class"),
    "digits_table": ("digits_table.parquet", "target"),
    "chicago": ("chicago.parquet", "ridership"),
    "diamonds": ("diamonds.parquet", "price"),
}


def main() -> int:
    """Run the cells asked for and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "open")
    parser.add_argument("--cells", nargs="*", help="table:split_seed")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--minutes", type=float, default=MINUTES)
    options = parser.parse_args()
    kept = load()
    cells = options.cells or [f"{name}:{seed}" for seed in SEEDS for name in TABLES]
    missing = [cell for cell in cells if options.cells or cell not in kept["cells"]]
    if not options.table:
        for cell in missing if options.all or options.cells else missing[:1]:
            kept["cells"][cell] = run_cell(cell, options.data, options.minutes)
            kept["machine"] = machine()
            RESULTS.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print_table(kept["cells"])
    return 0


def load() -> dict[str, Any]:
    """What earlier calls have kept."""
    if RESULTS.exists():
        return json.loads(RESULTS.read_text(encoding="utf-8"))
    return {"cells": {}, "machine": {}}


def run_cell(cell: str, data: Path, minutes: float) -> dict[str, Any]:
    """Run Cambrian once and take what `cambrian show --json` says of the result."""
    name, seed = cell.split(":")
    file, target = TABLES[name]
    with tempfile.TemporaryDirectory() as workspace:
        environment = {**os.environ, "CAMBRIAN_WORKSPACE": workspace}
        command = [sys.executable, "-m", "cambrian"]
        run = ["run", str(data / file), "--target", target, "--minutes", str(minutes), "--run-id", "cell"]
        started = time.monotonic()
        subprocess.run(
            [*command, *run, "--split-seed", seed], env=environment, check=True, stdout=subprocess.DEVNULL
        )
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
        "commit": commit(),
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def machine() -> dict[str, Any]:
    """The processor, its cores and the versions that decide speed and result."""
    model = platform.processor()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        model = names[0].split(":")[1].strip() if names else model
    packages = ("torch", "numpy", "scikit-learn", "deap")
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        **{name: version(name) for name in packages},
    }


def commit() -> str:
    """The commit measured, with a plus if the tree has changes besides the results."""
    sha = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    dirty = subprocess.run(
        ["git", "status", "--porcelain", "--", "engine"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    return sha + ("+" if dirty else "")


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
    for name in TABLES:
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
