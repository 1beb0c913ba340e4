"""What species cost or gain: the final validation score with few, more and unlimited species a generation.

    python tests/benchmarks/species.py            # the next cell that is missing, then the table
    python tests/benchmarks/species.py --all      # every missing cell
    python tests/benchmarks/species.py --table    # only the table
    python tests/benchmarks/species.py --cells spam:eighth:0 diamonds:unlimited:2

One cell is one table, one setting of `buckets` and one seed (of split and search), run for two minutes as a
process of its own. Population and epoch budget are given: what the engine would choose by its probes differs
from run to run, and with a population under 64 the settings would hardly differ. Unlimited is `buckets` =
population: an individual may be of a species of its own. Results are kept in `species.json` beside this
script, with machine, versions and commit; a later call goes on from there.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from cells import add_options, measure_cells
from measured_run import SeenRun, lanes_a_pack, measured_run, query
from open_data import FILES, FOLDER

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "species.json"
MINUTES = 2.0
POPULATION = 64
SEEDS = (0, 1, 2)
TABLES = {"credit_data": 32, "spam": 32, "diamonds": 8}
"""The epoch budget with which two minutes have several generations."""
BUCKETS: dict[str, Callable[[int], int]] = {
    "two": lambda population: 2,
    "sixteenth": lambda population: max(2, population // 16),
    "eighth": lambda population: max(2, population // 8),
    "unlimited": lambda population: population,
}
DEFAULT = "sixteenth"
CERTAIN = 2.0
"""Standard errors by which another setting must be better to become the default."""


def main() -> int:
    """Run the cells asked for and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_options(parser, RESULTS, cell="table:buckets:seed")
    parser.add_argument("--data", type=Path, default=FOLDER)
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--population", type=int, default=POPULATION)
    options = parser.parse_args()
    cells = [f"{name}:{buckets}:{seed}" for seed in SEEDS for name in TABLES for buckets in BUCKETS]
    print_table(measure_cells(options, cells, lambda cell: run_cell(cell, options)))
    return 0


def run_cell(cell: str, options: argparse.Namespace) -> dict[str, Any]:
    """Run Cambrian once and take the champion's validation score and the pace of the search."""
    name, buckets, seed = parse(cell)
    file, target = FILES[name]
    asked = {
        "target": target,
        "minutes": options.minutes,
        "population": options.population,
        "epochs": TABLES[name],
        "buckets": BUCKETS[buckets](options.population),
        "seed": seed,
        "split-seed": seed,
    }
    settings = [part for key, value in asked.items() for part in (f"--{key}", value)] + options.further
    with tempfile.TemporaryDirectory() as place:
        seen = measured_run(options.data / file, settings, Path(place))
        facts = facts_of(seen) | {"asked": asked | {"further": options.further}}
    print(
        f"{cell}: {facts['metric']} {facts['validation']:.6g}, {facts['individuals']} individuals", flush=True
    )
    return facts


def parse(cell: str) -> tuple[str, str, int]:
    """Table, buckets and seed of a cell."""
    name, buckets, seed = [*cell.split(":"), "", ""][:3]
    if name not in TABLES or buckets not in BUCKETS or not seed.isdigit():
        raise SystemExit(f"{cell!r} is no cell; write {'|'.join(TABLES)}:{'|'.join(BUCKETS)}:SEED")
    return name, buckets, int(seed)


def facts_of(seen: SeenRun) -> dict[str, Any]:
    """The champion's validation score, and how much was searched."""
    shown = seen.shown
    objective = shown["objectives"][0]
    if objective["direction"] != "minimize":
        raise SystemExit(f"{objective['name']} is maximised; the table compares losses")
    search = shown["search"]
    generations = [event["data"] for _, event in seen.events if event["event"] == "generation-started"]
    operators = dict(query(seen.database, "SELECT operator, count(*) FROM individuals GROUP BY 1"))
    metric = objective["name"]
    return {
        "metric": metric,
        "validation": shown["champion"]["validation"][metric],
        "test": shown["test"]["scores"]["champion"][metric]["value"],
        "individuals": search["individuals"],
        "individuals_a_minute": 60.0 * search["individuals"] / search["seconds"],
        "busy": search["busy"],
        "lanes_a_pack": lanes_a_pack(shown),
        "generations": len(generations),
        "species": [len(each["species"]) for each in generations],
        "immigrants": operators.get("immigrant", 0) / sum(operators.values()),
        "rows_per_epoch": shown["resolved"]["rows_per_epoch"],
        "seconds": seen.seconds,
    }


def print_table(cells: Mapping[str, Mapping[str, Any]]) -> None:
    """Means by table and setting, then by setting over the blocks (table and seed) that are complete."""
    heads = ("metric", "validation", "test", "ind./min", "lanes a pack", "generations", "immigrants")
    print(f"{'table':12} {'buckets':12} {'seeds':>5} " + " ".join(f"{head:>16}" for head in heads))
    for name in TABLES:
        for buckets in BUCKETS:
            mine = [facts for cell, facts in cells.items() if parse(cell)[:2] == (name, buckets)]
            if mine:
                print(
                    f"{name:12} {buckets:12} {len(mine):5} " + " ".join(f"{each:>16}" for each in line(mine))
                )
    blocks = complete_blocks(cells)
    print(f"\nover {len(blocks)} complete blocks (a table and a seed with every setting)")
    if blocks:
        print_means(blocks)
        print(verdict(blocks))


def line(mine: Sequence[Mapping[str, Any]]) -> list[str]:
    """The cells of a line: means over the seeds, the scores with the spread from seed to seed."""
    scores = []
    for key in ("validation", "test"):
        values = [facts[key] for facts in mine]
        spread = f" ± {stdev(values):.2g}" if len(values) > 1 else ""
        scores.append(f"{fmean(values):.5g}{spread}")
    return [
        mine[0]["metric"],
        *scores,
        f"{mean_of(mine, 'individuals_a_minute'):.1f}",
        f"{mean_of(mine, 'lanes_a_pack'):.2f}",
        f"{mean_of(mine, 'generations'):.1f}",
        f"{mean_of(mine, 'immigrants'):.0%}",
    ]


def mean_of(facts: Sequence[Mapping[str, Any]], key: str) -> float:
    """The mean of one number."""
    return fmean(each[key] for each in facts)


Block = Mapping[str, Mapping[str, Any]]
"""The facts of one table and seed, by setting."""


def complete_blocks(cells: Mapping[str, Mapping[str, Any]]) -> list[Block]:
    """Blocks in which every setting was measured."""
    blocks: dict[tuple[str, int], dict[str, Mapping[str, Any]]] = {}
    for cell, facts in cells.items():
        name, buckets, seed = parse(cell)
        blocks.setdefault((name, seed), {})[buckets] = facts
    return [block for block in blocks.values() if len(block) == len(BUCKETS)]


def print_means(blocks: Sequence[Block]) -> None:
    """A line a setting: mean rank, mean loss beside the default's, pace."""
    heads = ("mean rank", "loss to default", "ind./min", "lanes a pack")
    print(f"{'buckets':12} " + " ".join(f"{head:>18}" for head in heads))
    for buckets in BUCKETS:
        mine = [block[buckets] for block in blocks]
        rank = fmean(rank_in(block, buckets) for block in blocks)
        mean, error = loss_ratio(blocks, buckets)
        texts = [f"{rank:.2f}", f"{mean:+.2%} ± {error:.2%}"]
        texts += [f"{mean_of(mine, key):.2f}" for key in ("individuals_a_minute", "lanes_a_pack")]
        print(f"{buckets:12} " + " ".join(f"{text:>18}" for text in texts))


def rank_in(block: Block, buckets: str) -> float:
    """The place of a setting in its block, 1 the best; equals share the mean of their places."""
    mine = float(block[buckets]["validation"])
    losses = [float(facts["validation"]) for facts in block.values()]
    return 1 + sum(loss < mine for loss in losses) + (losses.count(mine) - 1) / 2


def loss_ratio(blocks: Sequence[Block], buckets: str) -> tuple[float, float]:
    """How much larger the loss is than the default's, paired by block: mean and standard error of the logs.

    The error is infinite with one block alone.
    """
    logs = [math.log(block[buckets]["validation"] / block[DEFAULT]["validation"]) for block in blocks]
    error = stdev(logs) / math.sqrt(len(logs)) if len(logs) > 1 else math.inf
    return fmean(logs), 0.0 if buckets == DEFAULT else error


def verdict(blocks: Sequence[Block]) -> str:
    """Which default follows: the present one, unless another's loss is certainly lower."""
    ratios = {buckets: loss_ratio(blocks, buckets) for buckets in BUCKETS if buckets != DEFAULT}
    better = {buckets: mean for buckets, (mean, error) in ratios.items() if mean + CERTAIN * error < 0}
    if better:
        best = min(better, key=lambda buckets: better[buckets])
        return f"The default should be {best!r}: its loss is lower by more than {CERTAIN:g} standard errors."
    return f"The default stays {DEFAULT!r}: no other loss is lower by more than {CERTAIN:g} standard errors."


if __name__ == "__main__":
    sys.exit(main())
