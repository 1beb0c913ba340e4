"""Cells of a benchmark: one measurement each, kept in a json file so that a later call goes on from there."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from recording import commit, load_average, machine

_NUMBERS = re.compile(r"\[\s+(-?\d[-+.\deE,\s]*?)\s+\]")


def add_options(parser: argparse.ArgumentParser, results: Path, *, cell: str) -> None:
    """The options of a benchmark in cells that are runs; `cell` says how one is written."""
    parser.add_argument(
        "further", nargs="*", help="after --: options of `cambrian run` that are given to it besides"
    )
    add_cell_options(parser, results, cell=cell)


def add_cell_options(parser: argparse.ArgumentParser, results: Path, *, cell: str) -> None:
    """The options of any benchmark in cells."""
    parser.add_argument("--cells", nargs="*", help=cell)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--output", type=Path, default=results, help="where the results are kept")


def measure_cells(
    options: argparse.Namespace, cells: Sequence[str], measure: Callable[[str], dict[str, Any]]
) -> dict[str, Any]:
    """Measure the cells asked for, by default the first that is missing, and return all that are known.

    Beside its facts a cell keeps the commit, the time, and the machine's load at its start and end.

    Args:
        options: Those of `add_cell_options`.
        cells: Every cell of the benchmark, in the order of measuring.
        measure: Gives the facts of a cell as JSON values.
    """
    kept = load(options.output)
    chosen = options.cells or [cell for cell in cells if cell not in kept["cells"]]
    if not options.table:
        for cell in chosen if options.all or options.cells else chosen[:1]:
            at_start = load_average()
            facts = measure(cell)
            kept["cells"][cell] = facts | {
                "commit": commit(),
                "load": [at_start, load_average()],
                "time": datetime.now(UTC).isoformat(timespec="seconds"),
            }
            kept["machine"] = machine()
            options.output.write_text(json_of(kept), encoding="utf-8")
    return dict(kept["cells"])


def load(results: Path) -> dict[str, Any]:
    """What earlier calls have kept."""
    if results.exists():
        return dict(json.loads(results.read_text(encoding="utf-8")))
    return {"cells": {}, "machine": {}}


def told(missed: Sequence[str]) -> int:
    """Print the bounds that were missed, a sentence each; the exit status."""
    for sentence in missed:
        print(f"MISSED: {sentence}")
    return 1 if missed else 0


def json_of(kept: dict[str, Any]) -> str:
    """The results as JSON to be read in a diff; a list of numbers stands on one line."""
    text = json.dumps(kept, indent=1, sort_keys=True)
    return _NUMBERS.sub(lambda found: "[" + " ".join(found[1].split()) + "]", text) + "\n"
