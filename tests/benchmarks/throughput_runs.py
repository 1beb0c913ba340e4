"""Generations of real runs: what Cambrian took for them, and what the usual loop takes for the same lanes.

A run is started as a user starts it. From its database come the genomes of a generation, the epochs that each
of their lanes was trained for (all rungs, all folds) and the time it took. The usual loop then trains the
same genomes, one a core at a time. Its time for an epoch does not depend on which, so a genome is measured
for a few, and counts for all of its lanes' epochs.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from statistics import median
from typing import Any

import torch
from bench_table import starts
from reference_loops import UsualLoop
from throughput_crew import Crew

from cambrian.data.prepared import Prepared
from cambrian.records import State
from cambrian.store.reader import RunReader
from cambrian.training.rows import TrainingRows
from cambrian.training.spec import LaneSpec, TrainingShape

GENERATIONS = 6
MEASURED = (0, GENERATIONS - 1)
UNKNOWN = "the run's events have no lane_epochs and program_epochs: this Cambrian does not record them"
RUN_ID = "throughput"


@dataclass(frozen=True, slots=True)
class RealRun:
    """A run and how long the usual loop is measured.

    Attributes:
        folds: As `--folds`; 1 is a holdout.
        settings: Further options of `cambrian run`.
        processes: Workers of the run, and processes of the usual loop.
        device: "cpu" or "cuda:N".
        lane_seconds: Seconds after which a genome is not trained for a further epoch.
        seconds: Seconds for each generation; genomes that were not reached count as those that were.
        repeats: How often the run and then the usual loop are measured; a run repeats itself exactly.
    """

    file: Path
    target: str
    folds: int
    settings: tuple[str, ...]
    processes: int
    device: str
    lane_seconds: float
    seconds: float
    repeats: int


@dataclass(frozen=True, slots=True)
class Genome:
    """A genome of a generation: the epochs of all its lanes, and the seconds that Cambrian gave them."""

    genes: dict[str, Any]
    epochs: int
    lanes: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Generation:
    """What a run's database says of a generation.

    Attributes:
        seconds: Wall seconds from its start to its end.
        lanes_a_pack: Mean lanes of a tensor program, weighted by epochs; None if the run does not say.
    """

    number: int
    genomes: tuple[Genome, ...]
    seconds: float
    lanes_a_pack: float | None

    @property
    def lane_seconds(self) -> float:
        """Seconds of its lanes as their workers counted them."""
        return sum(genome.seconds for genome in self.genomes)


def measure(run: RealRun, workspace: Path) -> dict[str, Any]:
    """Run in the workspace, which is empty, and compare; each generation's medians over the repeats."""
    repeats = []
    for repeat in range(run.repeats):
        folder = execute(run, workspace / str(repeat))
        repeats.append(
            [compared(run, folder, generation) for generation in generations_of(folder / "run.db")]
        )
    return {
        "folds": run.folds,
        "processes": run.processes,
        "repeats": run.repeats,
        "settings": list(run.settings),
        "generations": {
            str(of_one[0]["generation"]): of_one[0]
            | {name: median(each[name] for each in of_one) for name in _MEASURED_FIELDS}
            for of_one in zip(*repeats, strict=True)
        },
    }


_MEASURED_FIELDS = ("seconds", "lane_seconds", "usual_lane_seconds", "ratio", "ratio_of_lane_seconds")


def execute(run: RealRun, workspace: Path) -> Path:
    """Run Cambrian in a process of its own; gives the run's folder.

    Raises:
        SystemExit: It failed; with what it said.
    """
    command = [sys.executable, "-m", "cambrian", "run", str(run.file), "--target", run.target]
    command += ["--generations", str(GENERATIONS), "--folds", str(run.folds), "--run-id", RUN_ID, "--json"]
    command += ["--workers", str(run.processes), "--devices", run.device, *run.settings]
    environment = {**os.environ, "CAMBRIAN_WORKSPACE": str(workspace)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"the run ended with status {done.returncode}: {done.stderr[-2000:]}")
    return workspace / "runs" / RUN_ID


def generations_of(database: Path) -> list[Generation]:
    """The generations to be measured."""
    with RunReader(database) as reader:
        times = {row.number: (row.started, row.finished) for row in reader.generations()}
        packed = _lanes_a_pack(event.data for event in reader.events())
        found = []
        for number in MEASURED:
            started, finished = times[number]
            if finished is None:
                raise SystemExit(f"generation {number} of the run was not finished")
            seconds = (datetime.fromisoformat(finished) - datetime.fromisoformat(started)).total_seconds()
            found.append(Generation(number, _genomes(reader, number), seconds, packed.get(number)))
    return found


def _lanes_a_pack(events: Any) -> dict[int, float]:
    """By generation: epochs of lanes over epochs of the tensor programs that trained them."""
    asked = {"generation", "lane_epochs", "program_epochs"}
    return {
        data["generation"]: data["lane_epochs"] / data["program_epochs"]
        for data in events
        if asked <= data.keys() and data["program_epochs"]
    }


def _genomes(reader: RunReader, generation: int) -> tuple[Genome, ...]:
    """Its genomes that were trained in the search, with all epochs of all folds; no finalists' repeats."""
    genes = {row.number: row.genome for row in reader.individuals(generation=generation)}
    lanes: dict[int, list[Any]] = {}
    for row in reader.evaluations(generation=generation):
        lane = row.evaluation
        if lane.seed == 0 and lane.epochs and lane.state is not State.INFEASIBLE:
            lanes.setdefault(lane.individual, []).append(lane)
    return tuple(
        Genome(genes[number], sum(e.epochs for e in mine), len(mine), sum(e.seconds for e in mine))
        for number, mine in lanes.items()
    )


def compared(run: RealRun, folder: Path, generation: Generation) -> dict[str, Any]:
    """The generation's time in the run beside that of the usual loop."""
    epoch_seconds = usual_epoch_seconds(run, folder, [genome.genes for genome in generation.genomes])
    reached = [(generation.genomes[place], seconds) for place, seconds in epoch_seconds.items()]
    # Those not reached: as many times Cambrian's seconds as those that were.
    measured = sum(seconds * genome.epochs for genome, seconds in reached)
    usual = measured * generation.lane_seconds / sum(genome.seconds for genome, _ in reached)
    return {
        "generation": generation.number,
        "genomes": len(generation.genomes),
        "genomes_measured": len(reached),
        "lanes": sum(genome.lanes for genome in generation.genomes),
        "lane_epochs": sum(genome.epochs for genome in generation.genomes),
        "seconds": generation.seconds,
        "lane_seconds": generation.lane_seconds,
        "usual_lane_seconds": usual,
        # The usual loop's cores are taken to be busy all the time.
        "ratio": usual / run.processes / generation.seconds,
        "ratio_of_lane_seconds": usual / generation.lane_seconds,
        "lanes_a_pack": generation.lanes_a_pack,
    }


def usual_epoch_seconds(run: RealRun, folder: Path, genomes: Sequence[dict[str, Any]]) -> dict[int, float]:
    """Seconds of an epoch in the usual loop, by place of the genome, all processes busy."""
    with RunReader(folder / "run.db") as reader:
        resolved = reader.run().resolved
    if resolved is None:
        raise SystemExit("the run resolved nothing")
    names = ("task", "outputs", "rows", "validation_rows", "rows_per_epoch", "inputs")
    shape = TrainingShape(**{name: resolved[name] for name in names})
    common = {
        "data": str(folder / "data"),
        "shape": shape,
        "device": run.device,
        "seconds": run.lane_seconds,
    }
    orders = [{**common, "place": place, "genes": genes} for place, genes in enumerate(genomes)]
    random.Random(0).shuffle(orders)  # what is not reached shall be like what is
    with Crew("throughput_runs:prepare", [1] * run.processes) as crew:
        warm = {**orders[0], "seconds": 0.0}  # the first step of an optimizer imports more of torch
        crew.together(warm, range(run.processes))
        return dict(crew.work_off(orders, seconds=run.seconds))


def prepare(
    data: str,
    shape: TrainingShape,
    device: str,
    seconds: float,
    place: int,
    genes: dict[str, Any],
    member: int = 0,
) -> Callable[[], tuple[int, float]]:
    """A genome, ready to be trained by the usual loop; the task gives its place and seconds of an epoch."""
    rows = _rows(data, shape)
    epochs = int(genes["epochs"])
    start = starts([LaneSpec(genes, 0, place, epochs)], rows)[0]
    loop = UsualLoop(start, rows, torch.device(device))

    def task() -> tuple[int, float]:
        started = time.perf_counter()
        done, elapsed = 0, 0.0
        while done == 0 or (elapsed < seconds and done < epochs):
            loop.epoch()  # ends with a number on the CPU: nothing is left in a GPU's queue
            done += 1
            elapsed = time.perf_counter() - started
        return place, elapsed / done

    return task


@lru_cache(maxsize=1)
def _rows(data: str, shape: TrainingShape) -> TrainingRows:
    return TrainingRows(Prepared.open(Path(data)), shape, torch.device("cpu"))
