"""What an individual costs as rows, columns, the population and the workers grow, one of them at a time.

    python tests/benchmarks/scaling.py            # the next cell that is missing, then the table
    python tests/benchmarks/scaling.py --all      # every missing cell
    python tests/benchmarks/scaling.py --table    # only the table
    python tests/benchmarks/scaling.py --cells 10000:10:64:2 100000:100:64:2

One cell is one run of two generations with fixed epochs on a made-up table, a process of its own. A cell is
written rows:columns:population:workers; any may be asked for, also one that is not in the table's series.
An epoch has at most 2^18 rows, so that beyond them an individual costs no more. Results are kept in
`scaling.json` beside this script, with machine, versions and commit; a later call goes on from there.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from cells import add_options, measure_cells
from measured_run import lanes_a_pack, measured_run

RESULTS = Path(__file__).resolve().parent / "scaling.json"
GENERATIONS, EPOCHS = 2, 8
CHUNK = 10_000_000
"""Numbers made at a time."""


@dataclass(frozen=True)
class Cell:
    """The sizes of a run."""

    rows: int = 10_000
    columns: int = 10
    population: int = 64
    workers: int = 2

    @classmethod
    def parse(cls, text: str) -> Self:
        """The cell that is written so."""
        sizes = text.split(":")
        if len(sizes) != 4 or not all(size.isdigit() for size in sizes):
            raise SystemExit(f"{text!r} is no cell; write rows:columns:population:workers")
        return cls(*map(int, sizes))

    def __str__(self) -> str:
        """The cell as it is written."""
        return f"{self.rows}:{self.columns}:{self.population}:{self.workers}"


BASE = Cell()
SERIES = {
    "rows": (1_000, 10_000, 100_000, 1_000_000),
    "columns": (10, 100, 1_000),
    "population": (16, 64, 256),
    "workers": (1, 2),
}


def main() -> int:
    """Run the cells asked for and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_options(parser, RESULTS, cell="rows:columns:population:workers")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    options = parser.parse_args()
    all_cells = dict.fromkeys(str(cell) for size in SERIES for cell in series(size))
    print_table(measure_cells(options, list(all_cells), lambda cell: run_cell(cell, options)))
    return 0


def series(size: str) -> list[Cell]:
    """The cells in which one size grows and the others are those of `BASE`."""
    return [replace(BASE, **{size: value}) for value in SERIES[size]]


def run_cell(text: str, options: argparse.Namespace) -> dict[str, Any]:
    """Make the table, run Cambrian on it and divide what the search took by the individuals it evaluated."""
    cell = Cell.parse(text)
    with tempfile.TemporaryDirectory() as place:
        table = write_table(Path(place) / "table.parquet", cell.rows, cell.columns)
        workspace = Path(place) / "workspace"
        seen = measured_run(table, [*settings(cell, options.epochs), *options.further], workspace)
        facts = {
            "lanes_a_pack": lanes_a_pack(seen.shown),
            "bytes_on_disk": seen.shown["bytes"],
            "epochs": options.epochs,
            "further": options.further,
            "individuals": seen.shown["search"]["individuals"],
            "search_seconds": seen.shown["search"]["seconds"],
            "busy": seen.shown["search"]["busy"],
            "seconds": seen.seconds,
            "seconds_before_search": seen.at("resolved"),
        }
    worker_seconds = facts["busy"] * facts["search_seconds"] * cell.workers
    facts["worker_seconds_an_individual"] = worker_seconds / facts["individuals"]
    print(f"{text}: {facts['worker_seconds_an_individual']:.3g} worker seconds an individual", flush=True)
    return facts


def settings(cell: Cell, epochs: int) -> list[object]:
    """The options of the run; with one fold for every size, else small tables would train five times."""
    options = {
        "target": "target",
        "generations": GENERATIONS,
        "population": cell.population,
        "epochs": epochs,
        "folds": 1,
        "workers": cell.workers,
    }
    return [part for name, value in options.items() for part in (f"--{name}", value)]


def write_table(path: Path, rows: int, columns: int) -> Path:
    """A table of numbers whose target five of them decide, but for some noise."""
    rng = np.random.default_rng(0)
    names = [*(f"number_{column}" for column in range(columns)), "target"]
    schema = pa.schema([(name, pa.float32()) for name in names])
    chunk = max(1, CHUNK // columns)
    with pq.ParquetWriter(path, schema) as writer:
        for start in range(0, rows, chunk):
            x = rng.standard_normal((min(chunk, rows - start), columns), dtype=np.float32)
            five = [x[:, column % columns] for column in range(5)]
            signal = five[0] + np.sin(2 * five[1]) + five[2] * five[3] + (five[4] > 0.5)
            noise = 0.3 * rng.standard_normal(len(x), dtype=np.float32)
            values = [*x.T, (signal + noise).astype(np.float32)]
            writer.write_table(pa.table([pa.array(each) for each in values], schema=schema))
    return path


def print_table(cells: dict[str, Any]) -> None:
    """A line a cell in four series, each with how much more it costs than the one above; then the rest."""
    heads = ("worker s/ind.", "times", "wall s/ind.", "times", "run s", "before s", "lanes a pack", "busy")
    print(f"{'cell (rows:columns:population:workers)':40} " + " ".join(f"{head:>13}" for head in heads))
    shown = set()
    for size in SERIES:
        print(f"{size} grow" if size != "population" else "the population grows")
        above: dict[str, Any] | None = None
        for cell in map(str, series(size)):
            shown.add(cell)
            above = print_line(cell, cells.get(cell), above)
    others = [cell for cell in cells if cell not in shown]
    if others:
        print("others")
    for cell in others:
        print_line(cell, cells[cell], None)


def print_line(
    cell: str, facts: dict[str, Any] | None, above: dict[str, Any] | None
) -> dict[str, Any] | None:
    """Print a cell; its facts are what the next line is compared with."""
    if facts is None:
        print(f"  {cell:38} {'not run':>13}")
        return None
    costs = [(each["worker_seconds_an_individual"], wall(each)) for each in (facts, above or facts)]
    texts = [f"{costs[0][0]:.4g}", "", f"{costs[0][1]:.4g}", ""]
    if above:
        texts[1], texts[3] = (f"x{mine / other:.2f}" for mine, other in zip(*costs, strict=True))
    texts += [f"{facts['seconds']:.1f}", f"{facts['seconds_before_search']:.1f}"]
    texts += [f"{facts['lanes_a_pack']:.2f}", f"{facts['busy']:.0%}"]
    print(f"  {cell:38} " + " ".join(f"{text:>13}" for text in texts))
    return facts


def wall(facts: dict[str, Any]) -> float:
    """Seconds of the search that an individual took."""
    return float(facts["search_seconds"] / facts["individuals"])


if __name__ == "__main__":
    sys.exit(main())
