"""Makes the database of a long run through the store's own writer, as a run would have written it."""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from cambrian.experiment import make_experiment
from cambrian.records import (
    Change,
    EpochRecord,
    Evaluation,
    Individual,
    LaneStatus,
    Objective,
    Outcome,
    RunEvent,
    RunState,
    State,
)
from cambrian.run.versions import installed_versions
from cambrian.run.workspace import RunFolder, Workspace
from cambrian.space.build import SpaceFacts, build_space
from cambrian.store.rows import WorkerRow
from cambrian.store.writer import RunWriter

SPACE = build_space(SpaceFacts("regression", rows=50_000))
OBJECTIVE = Objective("rmse", "minimize")
FOLDS = 2
BASELINES = {
    name: {"validation": {"rmse": value}, "rows": 40_000, "of_rows": 40_000, "seconds": 1.0}
    for name, value in (("majority", 1.4), ("linear", 0.9), ("boosting", 0.55))
}


@dataclass
class LongRun:
    """Writes generation after generation; nothing is trained, all is stored.

    Attributes:
        population: Individuals a generation.
        epochs: Epochs of each of an individual's two lanes.
    """

    writer: RunWriter
    population: int = 64
    epochs: int = 25
    generation: int = 0
    number: int = 0
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))

    def begin(self) -> list[Individual]:
        """Ask for a generation."""
        individuals = [self._individual(place) for place in range(self.population)]
        lanes = [
            Evaluation(each.number, fold, 0, State.RUNNING) for each in individuals for fold in range(FOLDS)
        ]
        self.writer.begin_generation(self.generation, individuals, {"best": []}, lanes)
        self._tell("generation-started", individuals=len(individuals), first=individuals[0].number)
        return individuals

    def train(self, individuals: Sequence[Individual], first: int, last: int) -> None:
        """Store epochs `first` to `last` of every lane."""
        records = [
            (each.number, fold, 0, self._epoch(each.number, fold, epoch))
            for each in individuals
            for fold in range(FOLDS)
            for epoch in range(first, last + 1)
        ]
        self.writer.save_epochs(records)

    def finish(self, individuals: Sequence[Individual]) -> None:
        """Store what the generation came to."""
        values = 0.4 + self.rng.gamma(2.0, 0.1, len(individuals)) + math.exp(-self.generation / 60)
        rungs = self.rng.integers(0, 3, len(individuals))
        self.writer.save_evaluations(
            [
                Evaluation(
                    each.number,
                    fold,
                    0,
                    State.COMPLETE if rung == 2 else State.PRUNED,
                    pack=f"pack-{self.generation}-1",
                    rung=int(rung),
                    epochs=self.epochs,
                    best_epoch=self.epochs,
                    seconds=0.5,
                    predicted_bytes=2_000_000,
                    metrics={"rmse": float(value), "mae": float(value) * 0.8, "r2": 0.5},
                )
                for each, rung, value in zip(individuals, rungs, values, strict=True)
                for fold in range(FOLDS)
            ]
        )
        outcomes = [
            Outcome(each, int(rung), (float(value),))
            for each, rung, value in zip(individuals, rungs, values, strict=True)
        ]
        order = np.lexsort((values, -rungs))
        ranks = np.empty(len(order), dtype=int)
        ranks[order] = np.arange(len(order))
        self.writer.finish_generation(self.generation, outcomes, ranks.tolist(), {"best": []})
        best = {"rmse": float(values.min())}
        self._tell("generation-finished", best=best, individual=individuals[0].number, failed=0)
        self.generation += 1

    def _individual(self, place: int) -> Individual:
        genome = SPACE.draw(self.rng)
        number, self.number = self.number, self.number + 1
        parents: tuple[int, ...] = ()
        if self.generation:
            parents = tuple(self.rng.integers(0, number - place, 2).tolist())
        return Individual(
            number=number,
            generation=self.generation,
            genome=genome,
            operator="crossover" if parents else "draw",
            species=f"b{place % 4}",
            parents=parents,
            changed=(Change("lr", 0.01, float(self.rng.random())), Change("layers", 2, 3)) if parents else (),
        )

    def _epoch(self, number: int, fold: int, epoch: int) -> EpochRecord:
        loss = 0.4 + 1.0 / (epoch + number % 7 + fold)
        return EpochRecord(0, epoch, loss * 0.9, loss, 0.01, 0.02, LaneStatus.RUNNING)

    def _tell(self, kind: str, **data: object) -> None:
        message = f"generation {self.generation}"
        self.writer.add_event(RunEvent(kind, message, {"generation": self.generation, **data}))


def open_long_run(workspace: Path, run_id: str, *, population: int = 64, epochs: int = 25) -> LongRun:
    """Make the folder and database of a run that goes on, without any generation."""
    folder = Workspace(workspace).new("big", run_id)
    folder.create()
    experiment = make_experiment(
        {"data": {"file": "/data/houses.csv", "target": "price"}, "budget": {"minutes": 600.0}}
    )
    writer = RunWriter.create(
        folder.database,
        run_id=folder.id,
        seed=0,
        experiment_toml=experiment.to_toml(),
        versions=installed_versions(),
        objectives=[OBJECTIVE],
    )
    now = "2026-01-01T00:00:00.000Z"
    writer.update_run(
        state=RunState.RUNNING,
        started=now,
        used_seconds=60.0,
        baselines=BASELINES,
        resolved={"population": population, "epochs": epochs, "rungs": [2, 8, epochs], "folds": FOLDS},
    )
    writer.save_workers([WorkerRow(place, 1, "cpu", "busy", "pack-1", 30.0, now, now) for place in range(2)])
    return LongRun(writer, population, epochs)


def make_big_run(
    workspace: Path, run_id: str = "big", *, individuals: int = 20_000, epochs: int = 1_000_000
) -> RunFolder:
    """A run with so many individuals and epoch rows, whose last generation is not complete."""
    run = open_long_run(workspace, run_id, epochs=max(1, epochs // (individuals * FOLDS)))
    with run.writer:
        for size in _sizes(individuals, run.population):
            run.population = size
            members = run.begin()
            run.train(members, 1, run.epochs)
            if run.number < individuals:
                run.finish(members)
    return Workspace(workspace).find(run_id)


def _sizes(individuals: int, population: int) -> Iterator[int]:
    while individuals > 0:
        yield min(individuals, population)
        individuals -= population


def main() -> None:
    """Make one in a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--run-id", default="big")
    parser.add_argument("--individuals", type=int, default=20_000)
    parser.add_argument("--epochs", type=int, default=1_000_000)
    chosen = parser.parse_args()
    folder = make_big_run(
        chosen.workspace, chosen.run_id, individuals=chosen.individuals, epochs=chosen.epochs
    )
    print(f"{folder.database}: {folder.database.stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
