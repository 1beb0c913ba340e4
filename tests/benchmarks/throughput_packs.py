"""Equal genomes through four loops: how many epochs of how many networks a second each of them trains.

The loops train the same lanes for the same epochs from the same weights; each repeat measures all of them one
after another, so that what else the machine does meets all alike.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import median
from typing import Any

import torch
from bench_table import BenchTable, bench_rows, bench_spec, starts
from reference_loops import UsualLoop
from throughput_crew import Crew
from tight_loops import TightLoop, WrittenOutLoop

from cambrian.training.lanes import LaneState
from cambrian.training.pack import PackTrainer
from cambrian.training.rows import TrainingRows
from cambrian.training.spec import LaneSpec

LOOPS = ("usual", "usual, default threads", "tight", "written out", "pack")
LEAST_REPEATS = 3
_CPU = torch.device("cpu")


@dataclass(frozen=True, slots=True)
class Work:
    """What is trained.

    Attributes:
        lanes: Networks of each process.
        rows: Rows of the table, of which four fifths train.
    """

    width: int
    batch: int
    lanes: int
    rows: int
    features: int
    device: str


@dataclass(frozen=True, slots=True)
class Effort:
    """How long it is measured.

    Attributes:
        processes: Processes that train at the same time.
        epoch_seconds: Seconds of a repeat's epochs in the usual loop, about; a repeat has at least one epoch.
        repeats: Most repeats.
        seconds: After these no further repeat begins, but for the first three.
    """

    processes: int
    epoch_seconds: float
    repeats: int
    seconds: float


def measure(work: Work, effort: Effort) -> dict[str, Any]:
    """Lane-epochs a second of every loop, and the pack's ratio to each in the same repeat; medians."""
    team = list(range(effort.processes))
    # The last process has torch's default threads and works alone.
    members = {loop: [effort.processes] if loop == LOOPS[1] else team for loop in LOOPS}
    with Crew("throughput_packs:prepare", [1] * effort.processes + [0]) as crew:

        def rate(loop: str, epochs: int) -> float:
            seconds, _ = crew.together({"work": work, "loop": loop, "epochs": epochs}, members[loop])
            return len(members[loop]) * work.lanes * epochs / seconds

        for loop in LOOPS:  # the first step of an optimizer imports more of torch
            rate(loop, 1)
        of_an_epoch = effort.processes * work.lanes / rate("usual", 1)
        epochs = max(1, round(effort.epoch_seconds / of_an_epoch))
        rates: dict[str, list[float]] = {loop: [] for loop in LOOPS}
        deadline = time.monotonic() + effort.seconds
        while len(rates["pack"]) < effort.repeats and (
            len(rates["pack"]) < LEAST_REPEATS or time.monotonic() < deadline
        ):
            for loop in LOOPS:
                rates[loop].append(rate(loop, epochs))
    return {
        "epochs": epochs,
        "repeats": len(rates["pack"]),
        "processes": effort.processes,
        "rates": {loop: median(values) for loop, values in rates.items()},
        "ratios": {loop: _ratio(rates["pack"], rates[loop]) for loop in LOOPS if loop != "pack"},
    }


def _ratio(packs: Sequence[float], others: Sequence[float]) -> dict[str, float]:
    ratios = [pack / other for pack, other in zip(packs, others, strict=True)]
    return {"median": median(ratios), "least": min(ratios), "most": max(ratios)}


def prepare(work: Work, loop: str, epochs: int, member: int) -> Callable[[], None]:
    """A process's lanes, ready to be trained by a loop for some epochs."""
    device = torch.device(work.device)
    train = _pack(work, member, device) if loop == "pack" else _one_by_one(work, member, loop, device)

    def task() -> None:
        train(epochs)
        if device.type == "cuda":
            torch.cuda.synchronize(device)

    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return task


def _pack(work: Work, member: int, device: torch.device) -> Callable[[int], None]:
    # Their seeds give the weights and orders from which the other loops start.
    trainer = PackTrainer(equal_lanes(work, member), rows_of(work, work.device), device)

    def train(epochs: int) -> None:
        done = len(trainer.advance(epochs))
        if done != epochs * work.lanes:  # a lane that diverged or stopped would make the pack look fast
            raise ValueError(f"{done} of {epochs * work.lanes} epochs were trained")

    return train


def _one_by_one(work: Work, member: int, loop: str, device: torch.device) -> Callable[[int], None]:
    make: dict[str, Callable[[LaneState], Any]] = {
        LOOPS[0]: lambda lane: UsualLoop(lane, rows_of(work, "cpu"), device),
        LOOPS[1]: lambda lane: UsualLoop(lane, rows_of(work, "cpu"), device),
        LOOPS[2]: lambda lane: TightLoop(lane, rows_of(work, work.device)),
        LOOPS[3]: lambda lane: WrittenOutLoop(lane, rows_of(work, work.device)),
    }
    trainers = [make[loop](lane) for lane in _starts(work, member)]

    def train(epochs: int) -> None:
        for trainer in trainers:
            for _ in range(epochs):
                trainer.epoch()

    return train


@lru_cache
def rows_of(work: Work, device: str) -> TrainingRows:
    """The table's rows; one copy a process and device."""
    return bench_rows(BenchTable("binary", work.rows, work.features), torch.device(device))


@lru_cache
def _starts(work: Work, member: int) -> list[LaneState]:
    return starts(equal_lanes(work, member), rows_of(work, "cpu"))


def equal_lanes(work: Work, member: int) -> list[LaneSpec]:
    """The lanes of a process, alike but for their seeds."""
    genes = {"width_1": work.width, "batch_size": work.batch}
    return [bench_spec("binary", seed=1000 * member + lane, **genes) for lane in range(work.lanes)]
