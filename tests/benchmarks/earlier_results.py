"""Results of the open tables beside those of an earlier file: what has become faster, what worse."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median, stdev
from typing import Any, Self

from cells import load

NOISE = 2.0
"""Standard errors that a mean may be worse by; more is worse beyond noise."""

Facts = Mapping[str, Any]
Cells = Mapping[str, Facts]


@dataclass(frozen=True, slots=True)
class Gap:
    """The mean of some differences, and its standard error."""

    mean: float
    error: float

    @classmethod
    def of(cls, values: Sequence[float], errors: Sequence[float]) -> Self:
        """Of one difference a split seed, each with the standard error of its bootstrap.

        Over several splits their spread says more than the bootstrap within each; the larger counts.
        """
        within = math.sqrt(sum(error**2 for error in errors)) / len(errors)
        between = stdev(values) / math.sqrt(len(values)) if len(values) > 1 else 0.0
        return cls(fmean(values), max(within, between))

    def __str__(self) -> str:
        return f"{self.mean:+.5g} ± {self.error:.2g}"


def read_earlier(path: Path) -> dict[str, Any]:
    """The cells of an earlier file.

    Raises:
        SystemExit: There is no such file, or it has no cells.
    """
    cells = load(path)["cells"]
    if not cells:
        raise SystemExit(f"{path} is no results file of this benchmark, or holds no cell; give another.")
    return dict(cells)


def of_table(cells: Cells, name: str) -> dict[str, Facts]:
    """The cells of one table."""
    return {cell: cells[cell] for cell in sorted(cells) if cell.split(":")[0] == name}


def individuals_a_minute(facts: Facts) -> float:
    """Individuals that the search evaluated in a minute of it."""
    return 60.0 * float(facts["search"]["individuals"]) / float(facts["search"]["seconds"])


def load_of(facts: Facts) -> str:
    """The machine's load at the start and the end of a cell; empty where it was not kept."""
    loads = [each for each in facts.get("load", ()) if each is not None]
    return "-".join(f"{each:.1f}" for each in loads)


def compared(now: Cells, earlier: Cells, tables: Iterable[str]) -> tuple[list[str], list[str]]:
    """Compare cell by cell, and over the split seeds of each table.

    Returns:
        The lines of the table, and a sentence for every table whose test score is worse beyond noise.

    Raises:
        SystemExit: A cell was scored otherwise in the two files, or they have none in common.
    """
    both = {cell: now[cell] for cell in sorted(now.keys() & earlier.keys())}
    if not both:
        raise SystemExit("The two files have no cell in common: nothing can be compared.")
    head = f"{'metric':9} {'before':>18} {'now':>18} {'a minute':>9} {'now':>9} {'load':>11} {'now':>11}"
    lines = [f"{'cell':16} {head}"]
    lines += [_cell_line(cell, earlier[cell], facts) for cell, facts in both.items()]
    if single := sorted(now.keys() ^ earlier.keys()):
        lines.append(f"in one file alone: {', '.join(single)}")
    lines.append("")
    lines.append(f"{'over the seeds':16} {'now minus before':>22} {'a minute':>9} {'now':>9} {'times':>6}")
    missed = []
    for name in tables:
        mine = of_table(both, name)
        if not mine:
            continue
        gap = _gap(mine, earlier)
        paces = [median(individuals_a_minute(cells[cell]) for cell in mine) for cells in (earlier, now)]
        worse = not gap.mean <= NOISE * gap.error
        lines.append(
            f"{name:16} {gap!s:>22} {paces[0]:9.1f} {paces[1]:9.1f} {paces[1] / paces[0]:6.2f}"
            f"{'  worse beyond noise' if worse else ''}"
        )
        if worse:
            missed.append(f"{name}: the test score is worse than before by {gap}, beyond {NOISE:g} errors")
    return lines, missed


def _gap(mine: Cells, earlier: Cells) -> Gap:
    """Now minus before, over the split seeds; larger is worse.

    The two champions of a seed answer the same test rows: adding their errors as if the rows were others
    overstates the error rather than understating it.
    """
    pairs = [(_score(earlier[cell]), _score(facts)) for cell, facts in mine.items()]
    values = [after["value"] - before["value"] for before, after in pairs]
    return Gap.of(values, [math.hypot(before["error"], after["error"]) for before, after in pairs])


def _cell_line(cell: str, before: Facts, after: Facts) -> str:
    _refuse_unlike(cell, before, after)
    scores = [f"{each['value']:.5g} ± {each['error']:.2g}" for each in map(_score, (before, after))]
    paces = [individuals_a_minute(facts) for facts in (before, after)]
    return (
        f"{cell:16} {after['test']['metric']:9} {scores[0]:>18} {scores[1]:>18}"
        f" {paces[0]:9.1f} {paces[1]:9.1f} {load_of(before):>11} {load_of(after):>11}"
    )


def _refuse_unlike(cell: str, before: Facts, after: Facts) -> None:
    metric, rows = (f"{before['test'][key]} and {after['test'][key]}" for key in ("metric", "rows"))
    minutes = [facts.get("minutes") for facts in (before, after)]  # the first files did not keep them
    if any(before["test"][key] != after["test"][key] for key in ("metric", "rows")):
        raise SystemExit(f"{cell} cannot be compared: it was scored by {metric} on {rows} rows.")
    if None not in minutes and minutes[0] != minutes[1]:
        raise SystemExit(f"{cell} cannot be compared: it ran for {minutes[0]} and {minutes[1]} minutes.")


def _score(facts: Facts) -> Mapping[str, float]:
    """The champion's score in the metric the table compares: a loss, the smaller the better."""
    test = facts["test"]
    scores: Mapping[str, float] = test["scores"]["champion"][test["metric"]]
    return scores
