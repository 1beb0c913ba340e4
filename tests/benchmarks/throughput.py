"""How many networks an hour: packs and real generations beside a usual PyTorch loop and the tightest one.

    python tests/benchmarks/throughput.py                      # the next cell that is missing, and the table
    python tests/benchmarks/throughput.py --all                # every missing cell (25 s each, runs minutes)
    python tests/benchmarks/throughput.py --cells packs:64:128 run:spam
    python tests/benchmarks/throughput.py --device cuda:0 --all
    python tests/benchmarks/throughput.py --table

A cell `packs:WIDTH:BATCH[:LANES]` trains equal genomes (three ReLU layers, AdamW) for the same epochs through
(a) a DataLoader and torch.optim, with a process a core and one thread each, and as one process with torch's
default threads; (b) the tightest loops for one network at a time, by autograd and with the way back written
out; (c) a pack. A cell `run:TABLE` takes generations 0 and 5 of a real run over the standard space (d) and
trains the same genomes through (a). On a GPU one process works. Results are kept in `throughput.json` beside
this script, with machine, versions and commit; a later call goes on from there. Exit status 1 if a bound is
missed.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cells import load, told
from open_data import FILES, FOLDER
from recording import commit, load_average, machine
from throughput_crew import cores
from throughput_packs import LOOPS, Effort, Work
from throughput_packs import measure as measure_packs
from throughput_runs import UNKNOWN, RealRun
from throughput_runs import measure as measure_run

RESULTS = Path(__file__).resolve().parent / "throughput.json"
WIDTHS = (32, 64, 128, 256)
BATCHES = (128, 32, 512)
LANES = {"cpu": 8, "cuda": 64}
TABLES = {"spam": (5, 0), "credit_data": (5, 0), "diamonds": (1, 16)}
"""Folds (1: a holdout), and the epoch budget where Cambrian's own (64) would take too long."""

LEAST_OVER_USUAL = {32: 8.0, 64: 4.0, 128: 2.5, 256: 2.0}
"""Demanded of packs at batches of 128, by width."""
LEAST_OVER_USUAL_GPU = 25.0
"""Demanded of 64 lanes of width 128 at batches of 128."""
LEAST_OVER_TIGHT = 0.95
LEAST_RUN_OVER_USUAL = 2.0
LEAST_LANES = {"folds": 4.0, "holdout": 3.0}
"""Mean lanes a pack, weighted by epochs."""

Bound = tuple[str, float | None, float | None]
"""What was measured, its value (None: unknown), and the least that is demanded (None: nothing is)."""


def main(arguments: list[str] | None = None) -> int:
    """Run the cells asked for, print the table, and judge."""
    options = parser().parse_args(arguments)
    kept = load(options.output)
    kind = options.device.partition(":")[0]
    if kind != "cpu" and not gpu_is_there():
        print("not run on a GPU: torch sees none")
        return 0
    if not options.table:
        for cell in asked(options, kept["cells"], kind):
            at_start = load_average()
            facts = run_cell(cell, options)
            kept["cells"][f"{cell} on {kind}"] = facts | {
                "commit": commit(),
                "load": [at_start, load_average()],
                "time": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            }
            kept["machine"] = machine() | ({"gpu": gpu_name()} if kind != "cpu" else {})
            options.output.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")
            print(f"{cell} on {kind}: done", flush=True)
    for line in table(kept["cells"]):
        print(line)
    return told(list(judged(kept["cells"])))


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    made.add_argument("--cells", nargs="*", help="packs:WIDTH:BATCH[:LANES] or run:TABLE")
    made.add_argument("--all", action="store_true", help="every cell that is missing")
    made.add_argument("--table", action="store_true", help="measure nothing, print what there is")
    made.add_argument("--device", default="cpu", help="cpu or cuda:N")
    made.add_argument("--processes", type=int, default=0, help="0: one a core; on a GPU one")
    made.add_argument("--repeats", type=int, default=0, help="0: 7 of packs, 1 of runs")
    made.add_argument("--seconds", type=float, default=20.0, help="of a packs cell, about")
    made.add_argument("--epoch-seconds", type=float, default=1.0, help="of the usual loop in a repeat")
    made.add_argument("--rows", type=int, default=5120, help="of the packs' table; a fifth validates")
    made.add_argument("--features", type=int, default=32, help="of the packs' table")
    made.add_argument("--data", type=Path, default=FOLDER)
    made.add_argument("--population", type=int, default=0, help="of a run; 0: Cambrian's own")
    made.add_argument("--epochs", type=int, default=0, help="epoch budget of a run; 0: the table's")
    made.add_argument("--generation-seconds", type=float, default=12.0, help="of the usual loop in a run")
    made.add_argument("--output", type=Path, default=RESULTS)
    return made


def asked(options: argparse.Namespace, kept: dict[str, Any], kind: str) -> list[str]:
    """The cells to measure now: those named, or every missing one, or the first of them."""
    if options.cells:
        return list(options.cells)
    every = [f"packs:{width}:{batch}:{LANES[kind]}" for batch in BATCHES for width in WIDTHS]
    every += [f"run:{name}" for name in TABLES]
    missing = [cell for cell in every if f"{cell} on {kind}" not in kept]
    return missing if options.all else missing[:1]


def run_cell(cell: str, options: argparse.Namespace) -> dict[str, Any]:
    """Measure one cell.

    Raises:
        SystemExit: There is no such cell.
    """
    what, *parts = cell.split(":")
    gpu = options.device != "cpu"
    processes = options.processes or (1 if gpu else cores())
    if what == "packs" and len(parts) in (2, 3):
        width, batch, *rest = map(int, parts)
        lanes = rest[0] if rest else LANES["cuda" if gpu else "cpu"]
        work = Work(width, batch, lanes, options.rows, options.features, options.device)
        effort = Effort(processes, options.epoch_seconds, options.repeats or 7, options.seconds)
        facts = {"width": width, "batch": batch, "lanes": lanes, "rows": options.rows}
        return facts | measure_packs(work, effort)
    if what == "run" and parts and parts[0] in TABLES:
        (file, target), (folds, epochs) = FILES[parts[0]], TABLES[parts[0]]
        run = real_run(options.data / file, target, folds, options.epochs or epochs, options)
        with tempfile.TemporaryDirectory(prefix="cambrian-throughput-") as workspace:
            return measure_run(run, Path(workspace))
    raise SystemExit(f"There is no cell {cell!r}: use packs:WIDTH:BATCH[:LANES] or run:{'|'.join(TABLES)}.")


def real_run(file: Path, target: str, folds: int, epochs: int, options: argparse.Namespace) -> RealRun:
    """The run of a table with these options."""
    gpu = options.device != "cpu"
    settings: tuple[str, ...] = ()
    if epochs:
        settings += ("--epochs", str(epochs))
    if options.population:
        settings += ("--population", str(options.population))
    return RealRun(
        file=file,
        target=target,
        folds=folds,
        settings=settings,
        processes=options.processes or (1 if gpu else cores()),
        device=options.device,
        lane_seconds=0.4,
        seconds=options.generation_seconds,
        repeats=options.repeats or 1,
    )


def table(cells: dict[str, Any]) -> list[str]:
    """The results beside what is demanded, as lines."""
    lines = ["(c) a pack of equal genomes: lane-epochs a second of all processes, and the pack's ratios"]
    lines.append(
        f"{'cell':24} {'(a)':>8} {'threads':>8} {'(b)':>8} {'(b) out':>8} {'(c)':>8}"
        f"  {'c/a':>6} {'demand':>6}  {'c/b':>5} {'demand':>6}"
    )
    packs = {name: facts for name, facts in cells.items() if name.startswith("packs")}
    lines += [_packs_line(name, packs[name]) for name in sorted(packs, key=lambda each: _order(packs[each]))]
    lines.append("")
    lines.append("(d) generations of real runs: wall seconds, usual loop's seconds on as many cores")
    lines.append(
        f"{'cell':24} {'gen':>3} {'lanes':>6} {'(d) s':>8} {'(a) s':>8}  {'d/a':>6} {'demand':>6}"
        f"  {'a lane':>6}  {'lanes a pack':>12} {'demand':>6}"
    )
    runs = {name: facts for name, facts in cells.items() if name.startswith("run")}
    for name, facts in sorted(runs.items()):
        lines += [_run_line(name, facts, each) for each in facts["generations"].values()]
    if any(each["lanes_a_pack"] is None for facts in runs.values() for each in facts["generations"].values()):
        lines.append(f"?: {UNKNOWN}")
    if not any(name.endswith("on cuda") for name in cells):
        lines.append("not run on a GPU")
    return lines


def _order(facts: dict[str, Any]) -> tuple[int, int, int]:
    return facts["lanes"], facts["batch"], facts["width"]


def judged(cells: dict[str, Any]) -> Iterator[str]:
    """A sentence for every bound that is missed."""
    for name, facts in sorted(cells.items()):
        if name.startswith("packs"):
            yield from _missed(name, _packs_bounds(name, facts))
        else:
            for each in facts["generations"].values():
                yield from _missed(f"{name}, generation {each['generation']}", _run_bounds(facts, each))


def _missed(name: str, bounds: Sequence[Bound]) -> Iterator[str]:
    for what, value, least in bounds:
        if value is not None and least is not None and not value >= least:
            yield f"{name}: {value:.2f} {what}, at least {least:g} are demanded"


def _packs_bounds(name: str, facts: dict[str, Any]) -> tuple[Bound, Bound]:
    ratios = {loop: ratio["median"] for loop, ratio in facts["ratios"].items()}
    return (
        ("times the usual loop", ratios["usual"], demanded_over_usual(name, facts)),
        ("times the tightest loop", min(ratios["tight"], ratios["written out"]), LEAST_OVER_TIGHT),
    )


def _run_bounds(facts: dict[str, Any], each: dict[str, Any]) -> tuple[Bound, Bound]:
    least = LEAST_LANES["holdout" if facts["folds"] == 1 else "folds"]
    return (
        ("times the usual loop", each["ratio"], LEAST_RUN_OVER_USUAL),
        ("lanes a pack", each["lanes_a_pack"], least),
    )


def _packs_line(name: str, facts: dict[str, Any]) -> str:
    rates = "".join(f" {facts['rates'][loop]:8.1f}" for loop in LOOPS)
    usual, tight = _packs_bounds(name, facts)
    return f"{name:24}{rates}  {_shown(usual, 6)}  {_shown(tight, 5)}"


def demanded_over_usual(name: str, facts: dict[str, Any]) -> float | None:
    """What a pack must be over the usual loop; None where nothing is demanded."""
    if facts["batch"] != 128:
        return None
    if name.endswith("on cuda"):
        return LEAST_OVER_USUAL_GPU if (facts["width"], facts["lanes"]) == (128, 64) else None
    return LEAST_OVER_USUAL.get(facts["width"])


def _run_line(name: str, facts: dict[str, Any], each: dict[str, Any]) -> str:
    usual = each["usual_lane_seconds"] / facts["processes"]
    ratio, lanes = _run_bounds(facts, each)
    return (
        f"{name:24} {each['generation']:3} {each['lanes']:6} {each['seconds']:8.2f} {usual:8.2f}"
        f"  {_shown(ratio, 6)}  {each['ratio_of_lane_seconds']:6.2f}  {_shown(lanes, 12)}"
    )


def _shown(bound: Bound, width: int) -> str:
    """The value and what is demanded, marked where it is missed."""
    _, value, least = bound
    text = "?" if value is None else f"{value:.2f}"
    if least is None:
        return f"{text:>{width}} {'':6}"
    return f"{text:>{width}} {least:5.2f}{'!' if value is not None and not value >= least else ' '}"


def gpu_is_there() -> bool:
    """Whether torch can work on a GPU."""
    import torch

    return bool(torch.cuda.is_available())


def gpu_name() -> str:
    """The GPU's name."""
    import torch

    return str(torch.cuda.get_device_name())


if __name__ == "__main__":
    sys.exit(main())
