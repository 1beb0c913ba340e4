"""A run's database with two generations, and the makers of what stands in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cambrian.records import (
    Change,
    EpochRecord,
    Evaluation,
    Individual,
    LaneStatus,
    Objective,
    Outcome,
    State,
)
from cambrian.space.genome import Genome
from cambrian.store.writer import RunWriter

OBJECTIVES = (Objective("log_loss", "minimize"), Objective("parameters", "minimize"))


class Make:
    """Makers of records, for the tests of this folder."""

    objectives = OBJECTIVES

    @staticmethod
    def genome(number: int) -> Genome:
        values = {"layers": number % 3, "lr": 0.1 / (number + 3), "name": f"层 {number}", "residual": True}
        key = hashlib.sha256(json.dumps(values).encode()).hexdigest()[:16]
        return Genome(values, frozenset(values), key)

    @classmethod
    def individual(cls, number: int, generation: int = 0, parents: tuple[int, ...] = ()) -> Individual:
        changed = tuple(Change("lr", 0.1, 0.2 / (number + 1)) for _ in parents[:1])
        return Individual(number, generation, cls.genome(number), "mate", "b256 128-128", parents, changed)

    @staticmethod
    def waiting(number: int, folds: int = 2) -> list[Evaluation]:
        return [Evaluation(number, fold, 0, State.WAITING) for fold in range(folds)]

    @staticmethod
    def epoch(epoch: int, validation_loss: float = 0.5) -> EpochRecord:
        return EpochRecord(0, epoch, 0.1 + 1 / epoch, validation_loss, 1e-3 / 3, 0.25, LaneStatus.RUNNING)

    @staticmethod
    def create(path: Path) -> RunWriter:
        return RunWriter.create(
            path,
            run_id="amber-fox",
            seed=7,
            experiment_toml='version = 1\n[data]\nfile = "表.csv"\n',
            versions={"cambrian": "0.1.0", "torch": "2.10"},
            objectives=OBJECTIVES,
        )

    @classmethod
    def fill(cls, writer: RunWriter) -> None:
        """Two complete generations of four; individual 2 failed, 5 is the best (the champion is 4)."""
        losses = {0: 0.9, 1: 0.4, 2: None, 3: 0.8, 4: 0.35, 5: 0.3, 6: 0.95, 7: 0.6}
        parents = {4: (1, 3), 5: (1, 0), 6: (3,), 7: (1,)}
        for generation in range(2):
            numbers = range(generation * 4, generation * 4 + 4)
            individuals = [cls.individual(n, generation, parents.get(n, ())) for n in numbers]
            asked = [evaluation for n in numbers for evaluation in cls.waiting(n)]
            writer.begin_generation(generation, individuals, {"asked": generation}, asked)
            writer.save_epochs([(n, 0, 0, cls.epoch(e, 1 / e)) for n in numbers for e in (1, 2, 3)])
            outcomes = []
            for individual in individuals:
                loss = losses[individual.number]
                values = None if loss is None else (loss, 1000.0 + individual.number)
                outcomes.append(Outcome(individual, -1 if loss is None else 1, values))
            writer.finish_generation(generation, outcomes, [0, 1, 2, 3], {"told": generation})
        writer.update_run(champion=4)


@pytest.fixture
def make() -> type[Make]:
    return Make


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.db"


@pytest.fixture
def writer(path: Path) -> Iterator[RunWriter]:
    with Make.create(path) as writer:
        yield writer


@pytest.fixture
def filled(path: Path, writer: RunWriter) -> Path:
    Make.fill(writer)
    return path
