"""What the window knows of a run at one moment: plain values, read through `RunReader` alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cambrian.records import Objective, RunState
from cambrian.store.rows import (
    Counts,
    EpochRow,
    EvaluationRow,
    EventRow,
    GenerationRow,
    IndividualRow,
    LeaderboardRow,
    RungRow,
    RunRow,
    WorkerRow,
)

_LIVE = frozenset(str(state) for state in RunState if state.live)


@dataclass(frozen=True, slots=True)
class Curve:
    """The learning curve of one lane that trains now or trained in the current generation.

    Attributes:
        individual: Its number; `fold` and `seed` tell its lanes apart.
        state: Of `cambrian.records.State`.
        epochs: Epoch numbers from 1, rising.
        validation: Validation losses, one per epoch; NaN where it diverged.
    """

    individual: int
    fold: int
    seed: int
    state: str
    epochs: tuple[int, ...]
    validation: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a run goes and when it ends.

    Attributes:
        evaluated: Individuals with a result.
        per_minute: Individuals a minute over the last minutes; None before the first.
        culled: Evaluations that ended at a rung.
        failed: Evaluations that failed or are infeasible.
        used_seconds: Running time so far, over all executions.
        left_seconds: Until the run's end by its budget in minutes, or estimated by pace from its budget in
            generations or evaluations; None where nothing is known.
        ends: Local time of that end; None likewise.
        generations_left: Expected further generations; None where nothing is known.
        busy: Part of their time that workers train, 0 to 1; None before the first.
        training: Lanes that train now.
    """

    evaluated: int
    per_minute: float | None
    culled: int
    failed: int
    used_seconds: float
    left_seconds: float | None
    ends: datetime | None
    generations_left: int | None
    busy: float | None
    training: int


@dataclass(frozen=True, slots=True)
class RunPicture:
    """A run at one moment.

    Attributes:
        state: What is true, of `cambrian.records.RunState`, or `cambrian.run.facts.ENDED_UNEXPECTEDLY`, or
            `UNREADABLE` (then `problem` and `remedy` say why, and all else is as it was last read).
        asked: The experiment, nested as in its TOML.
        individuals: All, in their order; the same tuple from picture to picture while nothing in it changed.
        settled: So many of them, from the first, belong to complete generations: those rows stay the same
            objects in all later pictures.
        loaded: False while a long run is opened: later individuals are still to be read, and with them
            leaders and best ones; all else is complete.
        leaders: The first 20 of the leaderboard.
        best: Best individual of each complete generation.
        baseline: Name (a key of `run.baselines`) and validation value, in the first objective's unit, of the
            best baseline.
        curves: Lanes of the generation that trains or trained last, or of the finalists' repeats once there
            are any; one that got no new epoch stays the same object.
        rung_epochs: Epochs of the rungs, rising.
        events: All, in their order; the same tuple while none came.
    """

    folder: Path
    state: str
    problem: str = ""
    remedy: str = ""
    run: RunRow | None = None
    asked: dict[str, Any] | None = None
    objectives: tuple[Objective, ...] = ()
    counts: Counts | None = None
    generations: tuple[GenerationRow, ...] = ()
    individuals: tuple[IndividualRow, ...] = ()
    settled: int = 0
    loaded: bool = True
    leaders: tuple[LeaderboardRow, ...] = ()
    best: tuple[LeaderboardRow, ...] = ()
    baseline: tuple[str, float] | None = None
    workers: tuple[WorkerRow, ...] = ()
    curves: tuple[Curve, ...] = ()
    rung_epochs: tuple[int, ...] = ()
    events: tuple[EventRow, ...] = ()
    pace: Pace | None = None

    @property
    def lives(self) -> bool:
        """Whether a process executes the run now."""
        return self.state in _LIVE


@dataclass(frozen=True, slots=True)
class IndividualPicture:
    """One individual with its evaluations, its place, its rungs and its parents.

    Attributes:
        epochs: The learning curve of each evaluation, by the evaluation's id.
    """

    individual: IndividualRow
    place: LeaderboardRow | None
    evaluations: tuple[EvaluationRow, ...]
    epochs: dict[int, tuple[EpochRow, ...]]
    rungs: tuple[RungRow, ...]
    parents: tuple[IndividualRow, ...]
