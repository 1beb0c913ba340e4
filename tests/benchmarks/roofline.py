"""What bounds a pack: its products alone beside the parts of a whole epoch, in packs and in the loops.

    python tests/benchmarks/roofline.py                    # the next cell that is missing, and the tables
    python tests/benchmarks/roofline.py --all              # every missing cell (about a minute each)
    python tests/benchmarks/roofline.py --cells 256:128 64:128:4
    python tests/benchmarks/roofline.py --table

A cell `WIDTH:BATCH[:LANES]` takes the equal genomes of `throughput` and measures, in every round and with a
process a core of one thread each, what a lane-epoch costs: its products alone (stacked as in a pack, and one
network after another), the best of the core for one such product, and each loop: as it runs, and in parts by
torch's profiler (which notes its starts on stderr). Then it says how much faster a pack could be if all but
its products took no time. Seconds are those that the cores worked, on a CPU. Results are kept in
`roofline.json` beside this script, with machine, versions, commit and load.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bare_products import COPIES, KINDS
from cells import add_cell_options, measure_cells
from roofline_parts import PARTS, Sizes
from throughput_crew import Crew, cores
from throughput_packs import Work

RESULTS = Path(__file__).resolve().parent / "roofline.json"
CELLS = ("256:128:8", "128:128:8", "64:128:8", "32:128:8")
LANES = 8
LOOPS = ("pack", "written out", "tight", "usual")
TIGHT = ("written out", "tight")
LEAST_ROUNDS = 3

Facts = Mapping[str, Any]


def main(arguments: list[str] | None = None) -> int:
    """Measure the cells asked for and print what bounds them."""
    made = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_cell_options(made, RESULTS, cell="WIDTH:BATCH[:LANES]")
    made.add_argument("--processes", type=int, default=0, help="0: one a core")
    made.add_argument("--rounds", type=int, default=15, help="at most")
    made.add_argument("--seconds", type=float, default=25.0, help="of a cell, about")
    made.add_argument("--rows", type=int, default=5120, help="of the table; a fifth validates")
    made.add_argument("--features", type=int, default=32, help="of the table")
    options = made.parse_args(arguments)
    cells = measure_cells(options, CELLS, lambda cell: run_cell(cell, options))
    for cell in sorted(cells, key=lambda each: (cells[each]["batch"], cells[each]["width"])):
        print("\n".join([*table(cell, cells[cell]), *answer(cells[cell]), ""]))
    return 0


def run_cell(cell: str, options: argparse.Namespace) -> dict[str, Any]:
    """Measure one cell: medians over rounds and processes.

    Raises:
        SystemExit: There is no such cell.
    """
    sizes = cell.split(":")
    if len(sizes) not in (2, 3) or not all(size.isdecimal() and int(size) for size in sizes):
        raise SystemExit(f"There is no cell {cell!r}: use WIDTH:BATCH[:LANES].")
    width, batch, lanes = [*map(int, sizes), LANES][:3]
    work = Work(width, batch, lanes, options.rows, options.features, "cpu")
    processes = options.processes or cores()
    team = list(range(processes))
    bare: list[dict[str, Any]] = []
    loops: dict[str, list[dict[str, float]]] = {loop: [] for loop in LOOPS}
    with (
        Crew("bare_products:prepare", [1] * processes) as bare_crew,
        Crew("roofline_parts:prepare", [1] * processes) as crew,
    ):
        deadline = time.monotonic() + options.seconds
        while len(bare) < options.rounds * processes and (
            len(bare) < LEAST_ROUNDS * processes or time.monotonic() < deadline
        ):
            bare += bare_crew.together({"work": work}, team)[1]
            for loop in LOOPS:
                first = not loops[loop]
                loops[loop] += crew.together({"work": work, "loop": loop, "profiled": False}, team)[1]
                if first or loop != "usual":  # its profile takes seconds to read
                    loops[loop] += crew.together({"work": work, "loop": loop, "profiled": True}, team)[1]
    needed = Sizes.of(work)
    return {
        "width": width,
        "batch": batch,
        "lanes": lanes,
        "rows": options.rows,
        "processes": processes,
        "rounds": len(bare) // processes,
        "operations": needed.operations(),
        "bytes": needed.least_bytes(),
        "bare": {
            key: medians([each[key] for each in bare])
            for key in ("lanes_a_program", "stacked", "alone", "reached", "copied")
        },
        "loops": {loop: parts_of(measured) for loop, measured in loops.items()},
    }


def medians(values: Sequence[Any]) -> Any:
    """The median, in a dictionary that of each entry."""
    if isinstance(values[0], Mapping):
        return {key: median(each[key] for each in values) for key in values[0]}
    return median(values)


def parts_of(measured: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Medians of a loop's whole time and of its parts; the rest is what they leave of the whole."""
    seconds = {key: median(each[key] for each in measured if key in each) for key in ("total", *PARTS)}
    return seconds | {"rest": seconds["total"] - sum(seconds[part] for part in PARTS)}


def table(cell: str, facts: Facts) -> list[str]:
    """The parts of a lane-epoch in milliseconds, with the bytes that they must move, as lines."""
    bare, loops = facts["bare"], facts["loops"]
    lines = [
        f"{cell}: ms of a core for a lane-epoch, {facts['processes']} processes of one thread,"
        f" {facts['lanes']} lanes each, {bare['lanes_a_program']:.1f} a program;"
        f" medians of {facts['rounds']} rounds",
        f"  {'part':12} {'MB':>8} {'GB/s':>8} " + " ".join(f"{loop:>12}" for loop in LOOPS),
    ]
    for part in (*PARTS, "rest", "total"):
        moved = facts["bytes"].get(part)
        of_pack = loops["pack"][part]
        texts = (
            ["", ""] if moved is None else [f"{moved / 1e6:.1f}", f"{moved / 1e9 / max(of_pack, 1e-9):.1f}"]
        )
        texts = [f"{text:>8}" for text in texts] + [f"{1e3 * loops[loop][part]:12.3f}" for loop in LOOPS]
        lines.append(f"  {part:12} " + " ".join(texts))
    lines.append(
        f"  products alone: stacked {1e3 * bare['stacked']:.3f} ms, one network after another"
        f" {1e3 * bare['alone']:.3f} ms, for {facts['operations'] / 1e6:.0f} million operations"
    )
    reached = ", ".join(f"{kind} {bare['reached'][kind] / 1e9:.1f}" for kind in KINDS)
    copied = ", ".join(f"{name} {bare['copied'][name] / 1e9:.1f}" for name in COPIES)
    lines.append(f"  one product again and again, GFLOP/s: {reached}")
    lines.append(f"  copies as large as the working set of, GB/s: {copied}")
    return lines


def answer(facts: Facts) -> Iterator[str]:
    """What bounds the pack, in sentences."""
    bare, loops, operations = facts["bare"], facts["loops"], facts["operations"]
    pack = loops["pack"]
    best = max(bare["reached"].values())
    if bare["lanes_a_program"] == 1.0:
        yield "  The cache has room for one lane a program: the pack trains them in turn, as the loops do."
    yield (
        f"  Products are {pack['products'] / pack['total']:.0%} of the pack's time, at"
        f" {operations / pack['products'] / 1e9:.1f} GFLOP/s; bare, stacked,"
        f" {operations / bare['stacked'] / 1e9:.1f}; the best single product reaches {best / 1e9:.1f}."
    )
    tight = min(TIGHT, key=lambda loop: loops[loop]["total"])
    for name, loop in (("the usual loop", "usual"), (f"the tightest loop ({tight})", tight)):
        now, most = (loops[loop]["total"] / seconds for seconds in (pack["total"], bare["stacked"]))
        at_best = loops[loop]["total"] / (operations / best)
        yield (
            f"  The pack is {now:.2f} times {name}; it would be {most:.2f} times if all but its bare products"
            f" took no time, {at_best:.2f} times if these also ran at the best rate."
        )
    gaps = {part: 1e3 * (pack[part] - loops[tight][part]) for part in (*PARTS, "rest")}
    ordered = sorted(gaps, key=lambda part: -abs(gaps[part]))
    yield (
        f"  Pack minus {tight}, ms a lane-epoch: "
        + ", ".join(f"{part} {gaps[part]:+.3f}" for part in ordered)
        + "."
    )


if __name__ == "__main__":
    sys.exit(main())
