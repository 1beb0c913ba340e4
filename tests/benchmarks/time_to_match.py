"""How long does Cambrian take to reach what Optuna found in five minutes on all cores?

    python tests/benchmarks/time_to_match.py            # the next side that is missing, then the table
    python tests/benchmarks/time_to_match.py --all      # every missing side
    python tests/benchmarks/time_to_match.py --all --side optuna    # every missing search of Optuna's
    python tests/benchmarks/time_to_match.py --table    # only the table
    python tests/benchmarks/time_to_match.py --cells spam:median:0 spam:median:0:unpacked

A cell is a table, a pruner of Optuna and a seed; a fourth part names what is switched off in Cambrian. Its
first side is Optuna's search, its second a `cambrian run` that stops when it reaches Optuna's best validation
loss; each is one step, kept in `time_to_match.json` beside this script with machine, versions and commit, and
a later call goes on from there. Both sides search the same space from the same known-good genomes, train on
the same rows and are judged on the same validation rows (those of a holdout), with one thread a core.
Cambrian has the same budget, and a side's time counts from the start of its first process; only Cambrian
reads and prepares the table in its time, fits its baselines and measures its pace.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import racing_run
from open_data import FILES, FOLDER
from racing_run import RunSettings
from recording import commit, machine

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "time_to_match.json"
SECONDS = 300.0
SEEDS = (0, 1, 2)
TABLES = {name: FILES[name] for name in ("digits_table", "spam", "diamonds")}
HYPERBAND_TABLE = ALTERED_TABLE = "spam"
ALTERATIONS = ("unpacked", "one-rung", "one-core")
BOUNDS = {"median": 1 / 10, "hyperband": 1 / 6}
"""Cambrian's time as a part of Optuna's, at most."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A race: `table:pruner:seed`, or `table:pruner:seed:alteration` where Cambrian is altered."""

    table: str
    pruner: str
    seed: int
    alteration: str = ""

    @classmethod
    def parse(cls, text: str) -> Cell:
        """The cell of this name.

        Raises:
            SystemExit: It names no race.
        """
        found = re.fullmatch(r"(\w+):(\w+):(\d+)(?::([\w-]+))?", text)
        table, pruner, seed, alteration = found.groups("") if found else ("",) * 4
        if table not in TABLES or pruner not in BOUNDS or alteration not in ("", *ALTERATIONS):
            raise SystemExit(
                f"{text!r} is no cell. Write table:pruner:seed or table:pruner:seed:alteration with "
                f"{', '.join(TABLES)}; {', '.join(BOUNDS)}; {', '.join(ALTERATIONS)}."
            )
        return cls(table, pruner, int(seed), alteration)

    @property
    def optuna(self) -> str:
        """Name of Optuna's side, which alterations of Cambrian share."""
        return f"{self.table}:{self.pruner}:{self.seed}"

    @property
    def cambrian(self) -> str:
        """Name of Cambrian's side."""
        return f"{self.optuna}:{self.alteration}" if self.alteration else self.optuna


def all_cells() -> list[Cell]:
    """Every cell of the benchmark, a seed of all before the next seed."""
    cells = []
    for seed in SEEDS:
        cells += [Cell(table, "median", seed) for table in TABLES]
        cells.append(Cell(HYPERBAND_TABLE, "hyperband", seed))
        cells += [Cell(ALTERED_TABLE, "median", seed, alteration) for alteration in ALTERATIONS]
    return cells


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the sides asked for and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=FOLDER)
    parser.add_argument("--cells", nargs="*", help="table:pruner:seed[:alteration]")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--side", choices=("optuna", "cambrian"), help="run only this one's sides")
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of Optuna's search")
    parser.add_argument("--limit", type=float, help="Cambrian's budget in seconds; as Optuna's if not given")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes of either side")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    options.limit = options.limit or options.seconds
    kept = load(options.results)
    if not options.table:
        cells = [Cell.parse(text) for text in options.cells or ()] or all_cells()
        steps = missing_steps(cells, kept, options.seconds, options.limit)
        steps = [step for step in steps if options.side in (None, step[0])]
        for side, cell in steps if options.all or options.cells else steps[:1]:
            take_step(side, cell, kept, options)
            options.results.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print_table(kept)
    return 0


def load(results: Path) -> dict[str, Any]:
    """What earlier calls have kept."""
    if results.exists():
        return json.loads(results.read_text(encoding="utf-8"))
    return {"optuna": {}, "cambrian": {}, "machine": {}}


def missing_steps(
    cells: Sequence[Cell], kept: Mapping[str, Any], seconds: float, limit: float
) -> list[tuple[str, Cell]]:
    """The sides that are not kept for these budgets, in the order in which they can be run."""
    steps: list[tuple[str, Cell]] = []
    for cell in cells:
        found = kept["optuna"].get(cell.optuna, {})
        fresh = (found.get("seconds"), found.get("limit")) != (seconds, limit)
        if fresh and all(cell.optuna != other.optuna for _, other in steps):
            steps.append(("optuna", cell))
        if fresh or kept["cambrian"].get(cell.cambrian, {}).get("limit") != limit:
            steps.append(("cambrian", cell))
    return steps


def take_step(side: str, cell: Cell, kept: dict[str, Any], options: argparse.Namespace) -> None:
    """Run one side of a race and keep what it gave."""
    print(f"{side} on {cell.cambrian if side == 'cambrian' else cell.optuna} ...", flush=True)
    load_before = os.getloadavg()[0]  # tells a race that something else disturbed
    with tempfile.TemporaryDirectory() as place:
        run = run_optuna if side == "optuna" else run_cambrian
        facts = run(cell, kept, options, Path(place))
    facts |= {
        "load_before": load_before,
        "commit": commit(),
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    keep(side, cell, facts, kept)
    kept["machine"] = machine() | {"optuna": version("optuna")}


def keep(side: str, cell: Cell, facts: dict[str, Any], kept: dict[str, Any]) -> None:
    """Keep a side; what reached another value than a new search of Optuna's is no race against it."""
    if side == "cambrian":
        kept["cambrian"][cell.cambrian] = facts
        return
    kept["optuna"][cell.optuna] = facts
    raced = kept["cambrian"].items()
    kept["cambrian"] = {name: race for name, race in raced if Cell.parse(name).optuna != cell.optuna}


def run_settings(cell: Cell, options: argparse.Namespace, epochs: int | None) -> RunSettings:
    """How Cambrian is started in this cell."""
    file, target = TABLES[cell.table]
    one_core = cell.alteration == "one-core"
    return RunSettings(
        table=options.data / file,
        target=target,
        seed=cell.seed,
        seconds=options.limit,
        workers=1 if one_core else options.workers,
        epochs=epochs,
        alteration="" if one_core else cell.alteration,
    )


def run_optuna(
    cell: Cell, kept: Mapping[str, Any], options: argparse.Namespace, place: Path
) -> dict[str, Any]:
    """Search with Optuna over what Cambrian resolves for the same budget, on the data that it prepares.

    The epoch budget is part of the space: races on one table with one budget share the first one's.
    """
    from optuna_search import search  # the table is printed without it

    epochs = next(
        (
            facts["epoch_budget"]
            for name, facts in sorted(kept["optuna"].items())
            if name.startswith(f"{cell.table}:") and facts["limit"] == options.limit
        ),
        None,
    )
    plain = Cell(cell.table, cell.pruner, cell.seed)
    data, resolved = racing_run.resolve(run_settings(plain, options, epochs), place)
    found = search(
        data,
        resolved,
        pruner=cell.pruner,
        seed=cell.seed,
        seconds=options.seconds,
        processes=options.workers,
    )
    return found | {
        "epoch_budget": resolved["epochs"],
        "limit": options.limit,
        "objective": resolved["objectives"][0]["name"],
        "rows": resolved["rows"],
    }


def run_cambrian(
    cell: Cell, kept: Mapping[str, Any], options: argparse.Namespace, place: Path
) -> dict[str, Any]:
    """Let Cambrian search the same space until it reaches Optuna's best."""
    found = kept["optuna"][cell.optuna]
    settings = run_settings(cell, options, found["epoch_budget"])
    facts = racing_run.race(settings, place, found["best"])
    return facts | {"target": found["best"], "limit": settings.seconds, "workers": settings.workers}


def print_table(kept: Mapping[str, Any]) -> None:
    """A line a race, medians over the seeds, what bounds them, and what the alterations cost."""
    print(f"{'race':32} {'Optuna best':>12} {'after s':>8} {'Cambrian s':>10} {'ratio':>7} {'of all':>7}")
    for name in sorted(kept["cambrian"]):
        optuna, cambrian = _sides(kept, name)
        print(
            f"{name:32} {optuna['best']:12.6g} {optuna['best_seconds']:8.1f} {_seconds(cambrian):>10} "
            f"{_part(ratio(optuna, cambrian)):>7} {_part(_time(cambrian) / optuna['seconds']):>7}"
        )
    print("\nmedian over seeds of Cambrian's time over Optuna's time to its best (never reached: infinite)")
    for table, pruner in _groups(kept):
        ratios = [ratio(*_sides(kept, name)) for name in _plain(kept, table, pruner)]
        middle = median(ratios)
        verdict = "kept" if middle <= BOUNDS[pruner] else "MISSED"
        print(
            f"{f'{table}:{pruner}':32} {_part(middle):>7}  "
            f"({len(ratios)} seeds; bound {BOUNDS[pruner]:.3f} {verdict})"
        )
    _print_bounds(kept)
    _print_alterations(kept)


def ratio(optuna: Mapping[str, Any], cambrian: Mapping[str, Any]) -> float:
    """Cambrian's time over the time that Optuna took to its best."""
    return _time(cambrian) / float(optuna["best_seconds"])


def _print_bounds(kept: Mapping[str, Any]) -> None:
    """Where the time goes: to start, to train a network's epoch, and to find the network."""
    print(
        "\nwhat bounds it: start = Cambrian's seconds to its first epoch; epochs of single networks a second,"
    )
    print(
        "and how many were trained until the value came; training = share of Optuna's processes in its loop"
    )
    print(
        f"{'race':32} {'start':>6} {'Cambrian/s':>11} {'Optuna/s':>9} "
        f"{'epochs':>8} {'Optuna':>8} {'training':>9}"
    )
    for name in sorted(kept["cambrian"]):
        optuna, cambrian = _sides(kept, name)
        start = cambrian["first_epoch"]
        if start is None:
            print(f"{name:32} trained no epoch")
            continue
        spent = (cambrian["reached"] or cambrian["limit"]) - start
        rate = optuna["epochs"] / optuna["seconds"]
        share = optuna["training_seconds"] / (optuna["seconds"] * optuna["processes"])
        print(
            f"{name:32} {start:6.1f} {cambrian['epochs_seen'] / max(spent, 0.1):11.1f} {rate:9.1f} "
            f"{cambrian['epochs_seen']:8} {round(rate * optuna['best_seconds']):8} {share:9.1%}"
        )
    for name in sorted(kept["cambrian"]):
        optuna, cambrian = _sides(kept, name)
        if cambrian["reached"] is not None:
            _, _, number, generation, operator, epoch = cambrian["improvements"][-1]
            print(
                f"{name}: individual {number} of generation {generation} ({operator}) at epoch {epoch}; "
                f"Optuna's was {optuna['best_trial']}"
            )


def _print_alterations(kept: Mapping[str, Any]) -> None:
    altered = sorted(name for name in kept["cambrian"] if Cell.parse(name).alteration)
    if not altered:
        return
    print(
        "\nwhat switching off one strength costs: time over the time of the race as it is, median over seeds"
    )
    for alteration in ALTERATIONS:
        factors = [
            _time(kept["cambrian"][name]) / _time(kept["cambrian"][Cell.parse(name).optuna])
            for name in altered
            if name.endswith(f":{alteration}")
            and kept["cambrian"].get(Cell.parse(name).optuna, {}).get("reached") is not None
        ]
        if factors:
            print(f"{alteration:32} {median(factors):.2f}  ({len(factors)} seeds)")


def _sides(kept: Mapping[str, Any], name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    return kept["optuna"][Cell.parse(name).optuna], kept["cambrian"][name]


def _groups(kept: Mapping[str, Any]) -> list[tuple[str, str]]:
    cells = [Cell.parse(name) for name in kept["cambrian"]]
    return sorted({(cell.table, cell.pruner) for cell in cells if not cell.alteration})


def _plain(kept: Mapping[str, Any], table: str, pruner: str) -> list[str]:
    return [
        name
        for name in sorted(kept["optuna"])
        if name.startswith(f"{table}:{pruner}:") and name in kept["cambrian"]
    ]


def _time(cambrian: Mapping[str, Any]) -> float:
    return math.inf if cambrian["reached"] is None else float(cambrian["reached"])


def _seconds(cambrian: Mapping[str, Any]) -> str:
    return f"> {cambrian['limit']:.0f}" if cambrian["reached"] is None else f"{cambrian['reached']:.1f}"


def _part(value: float) -> str:
    return f"{value:.3f}" if math.isfinite(value) else "never"


if __name__ == "__main__":
    sys.exit(main())
