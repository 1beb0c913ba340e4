"""How much memory all processes of a run take over time: in a long run, and with a very large table.

    python tests/benchmarks/memory.py              # the next cell that is missing, then the tables
    python tests/benchmarks/memory.py --all        # both cells
    python tests/benchmarks/memory.py --table      # only the tables
    python tests/benchmarks/memory.py --cells big

`long`: 2,000 individuals on diamonds with an epoch budget of 16; no process may grow by 5% or more from the
middle of its search to the end. `big`: two minutes on diamonds repeated to 5 million rows; all processes
together must stay under 6 GB, and a result must come. Sizes are PSS, so that what processes share counts
once. Results are kept in `memory.json` beside this script, with machine, versions and commit. Exit status 1
if a bound is missed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from cells import add_options, measure_cells, told
from measured_run import measured_run
from open_data import FILES, FOLDER
from process_sizes import Series, SizeWatch

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "memory.json"
TABLE, TARGET = FILES["diamonds"]
EVALUATIONS, EPOCHS = 2000, 16
ROWS, MINUTES = 5_000_000, 2.0
MOST_GROWTH = 0.05
MOST_MB = 6000.0
EVERY = {"long": 5.0, "big": 0.5}
"""Seconds between two looks; a peak is shorter than a trend."""
RESOLVED = ("population", "epochs", "folds", "rows", "rows_per_epoch", "memory_bytes")
MARKS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Parts of the search at which a table shows the sizes."""


def main() -> int:
    """Run the cells asked for, print their tables, and judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_options(parser, RESULTS, cell="long, big")
    parser.add_argument("--data", type=Path, default=FOLDER)
    parser.add_argument("--evaluations", type=int, default=EVALUATIONS, help="individuals of the long run")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="epoch budget of the long run")
    parser.add_argument("--rows", type=int, default=ROWS, help="rows of the big table")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="minutes of the big run")
    parser.add_argument("--every", type=float, help="seconds between two looks")
    options = parser.parse_args()
    cells = measure_cells(options, list(EVERY), lambda cell: run_cell(cell, options))
    missed = [each for cell, facts in cells.items() for each in print_cell(cell, facts)]
    return told(missed)


def run_cell(cell: str, options: argparse.Namespace) -> dict[str, Any]:
    """Run Cambrian once and follow the sizes of its processes."""
    if cell not in EVERY:
        raise SystemExit(f"{cell!r} is no cell; write {' or '.join(EVERY)}")
    every = options.every or EVERY[cell]
    source = options.data / TABLE
    sizes = SizeWatch()
    with tempfile.TemporaryDirectory() as place:
        if cell == "long":
            table = source
            asked = {"evaluations": options.evaluations, "epochs": options.epochs}
        else:
            table = write_repeated(source, Path(place) / "repeated.parquet", options.rows)
            asked = {"minutes": options.minutes}
        settings = [part for key, value in asked.items() for part in (f"--{key}", value)]
        settings += ["--target", TARGET, *options.further]
        seen = measured_run(
            table, settings, Path(place) / "workspace", look=sizes.look, every=every, may_fail=True
        )
    rows = pq.read_metadata(source).num_rows if cell == "long" else options.rows
    shown = seen.shown
    return {
        "asked": {**asked, "rows": rows, "every": every, "further": options.further},
        "status": seen.status,
        "error": shown.get("error"),
        "verdict": shown.get("verdict"),
        "individuals": (shown.get("search") or {}).get("individuals", 0),
        "resolved": {key: value for key, value in (shown.get("resolved") or {}).items() if key in RESOLVED},
        "seconds": seen.seconds,
        "search": [seen.at("resolved"), seen.at("search-finished")],
        "processes": [series.to_json() for series in sizes.series()],
        "total": sizes.total.to_json(),
    }


def write_repeated(source: Path, path: Path, rows: int) -> Path:
    """The table over and over until there are so many rows."""
    table = pq.read_table(source)
    with pq.ParquetWriter(path, table.schema) as writer:
        for start in range(0, rows, table.num_rows):
            writer.write_table(table.slice(0, rows - start))
    return path


def print_cell(cell: str, facts: Mapping[str, Any]) -> list[str]:
    """The sizes of a run as a table with a line of bars each; returns a sentence for every missed bound."""
    begin, end = facts["search"]
    print(
        f"{cell}: {facts['asked']['rows']} rows, {facts['individuals']} individuals,"
        f" {facts['seconds']:.0f} s, of which the search from {begin:.0f} to {end:.0f} s; MB"
    )
    heads = ("start", "1/4", "middle", "3/4", "end", "peak", "growth")
    print(f"  {'process':20} " + " ".join(f"{head:>8}" for head in heads) + "  from the start to the end")
    middle = (begin + end) / 2
    for series in [Series.from_json(each) for each in [*facts["processes"], facts["total"]]]:
        at = [series.around(begin + part * (end - begin)) for part in MARKS]
        texts = ["" if mb is None else f"{mb:.0f}" for mb in [*at, series.peak()]]
        growth = series.growth(middle, end)
        texts.append("" if growth is None else f"{growth:+.1%}")
        print(f"  {series.name:20} " + " ".join(f"{text:>8}" for text in texts) + f"  {series.picture()}")
    return judge(cell, facts)


def judge(cell: str, facts: Mapping[str, Any]) -> list[str]:
    """Print whether a run kept its bounds; a sentence for every one that it missed."""
    processes = [Series.from_json(each) for each in facts["processes"]]
    missed = [] if facts["verdict"] else [f"{cell}: no result came ({facts['error'] or facts['status']})"]
    if cell == "big":
        peak = Series.from_json(facts["total"]).peak()
        print(f"  all processes together peak at {peak:.0f} MB; result: {facts['verdict'] or 'none'}")
        if peak >= MOST_MB:
            missed.append(f"big: {peak:.0f} MB at the peak, less than {MOST_MB:.0f} are allowed")
        return missed
    if facts["individuals"] < facts["asked"]["evaluations"]:
        missed.append(
            f"long: {facts['individuals']} individuals evaluated, not {facts['asked']['evaluations']}"
        )
    missed += too_large(processes, *facts["search"], every=facts["asked"]["every"])
    if not missed:
        print(f"  flat: no process grew by {MOST_GROWTH:.0%} from the middle of the search to its end")
    return missed


def too_large(processes: Sequence[Series], begin: float, end: float, *, every: float) -> list[str]:
    """A sentence for every process that grew in the second half of the search, or missed a part of it."""
    middle = (begin + end) / 2
    missed = []
    for series in processes:
        first, last = series.seconds[0], series.seconds[-1]
        if last < middle or first > end:
            continue
        growth = series.growth(middle, end)
        if growth is None:
            missed.append(f"long: too few looks at {series.name}; look more often or run longer")
        elif first > middle or last < end - 2 * every:
            missed.append(f"long: {series.name} was there from {first:.0f} to {last:.0f} s alone")
        elif growth >= MOST_GROWTH:
            missed.append(f"long: {series.name} grew by {growth:.1%}, less than {MOST_GROWTH:.0%} is flat")
    return missed


if __name__ == "__main__":
    sys.exit(main())
