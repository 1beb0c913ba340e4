"""What the store gives back: plain frozen values, floats bit for bit as they were written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cambrian.records import Change, Evaluation, Fitness, Inheritance, RunState


@dataclass(frozen=True, slots=True)
class RunRow:
    """The run itself; times are UTC ISO text, `champion` the number of the individual that was chosen.

    Attributes:
        used_seconds: Running time over all executions, without suspensions and the time in between.
        stop: What the user asked for: 'stop' (after the generation), 'stop-now' or None.
        search: Figures of the search over all executions; `ended` in it says why it ended, None while it
            goes on. None before it begins.
        repeats: Numbers of the finalists that train again; None until they are chosen.
        choice: The champion's lanes and values; None until it is chosen.
        test_looks: How often the test part was scored, or was about to be.
    """

    id: str
    state: RunState
    heartbeat: str
    created: str
    started: str | None
    finished: str | None
    seed: int
    champion: int | None
    error: str | None
    used_seconds: float
    experiment: str
    versions: dict[str, Any]
    resolved: dict[str, Any] | None
    baselines: Any
    result: dict[str, Any] | None
    stop: str | None
    search: dict[str, Any] | None
    repeats: list[int] | None
    choice: dict[str, Any] | None
    test_looks: int


@dataclass(frozen=True, slots=True)
class GenerationRow:
    """A generation; `strategy` is there in `last_generation()` only."""

    number: int
    complete: bool
    started: str
    finished: str | None
    strategy: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class IndividualRow:
    """An individual with its parents' numbers; `rung`, `rank` are None until its generation is complete.

    `key` is that of its evaluation: the genome's, with '+' and a hash where it inherited weights.

    `values` has one number per objective, NaN where it was not finite; None if it failed or is not done.
    """

    number: int
    generation: int
    genome: Mapping[str, Any]
    key: str
    species: str
    operator: str
    changed: tuple[Change, ...]
    parents: tuple[int, ...]
    rung: int | None
    rank: int | None
    values: Fitness | None
    inherited: Inheritance | None = None


@dataclass(frozen=True, slots=True)
class EvaluationRow:
    """An evaluation and the id under which its epochs stand."""

    id: int
    evaluation: Evaluation


@dataclass(frozen=True, slots=True)
class EpochRow:
    """One point of a learning curve; losses are NaN where the training diverged.

    `rowid` grows as rows come.
    """

    rowid: int
    evaluation_id: int
    epoch: int
    train_loss: float
    validation_loss: float
    learning_rate: float
    seconds: float


@dataclass(frozen=True, slots=True)
class RungRow:
    """What a lane had when it reached a rung; `ended` says that it trains no further (finished or stopped).

    `values` must be finite: a diverged lane reaches no rung.
    """

    individual: int
    fold: int
    seed: int
    rung: int
    values: tuple[float, ...]
    epochs: int
    ended: bool


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event of the run as it was stored; `id` grows."""

    id: int
    time: str
    kind: str
    message: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """A worker's place (counted from 0) and who fills it now.

    Attributes:
        state: Of `workers.protocol.Activity`, or 'ended' where the run is not executed.
    """

    worker: int
    pid: int | None
    device: str
    state: str
    job: str | None
    busy_seconds: float
    started: str
    updated: str


@dataclass(frozen=True, slots=True)
class LeaderboardRow:
    """A line of the leaderboard: by rung, then by the first objective, then by number.

    `key` is that of the evaluation, as in `IndividualRow`.
    """

    place: int
    individual: int
    generation: int
    rung: int
    objective: str
    value: float
    species: str
    operator: str
    key: str
    genome: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Counts:
    """How much a run holds; `evaluations` counts by state."""

    generations: int
    individuals: int
    evaluations: dict[str, int]
    epochs: int
    events: int
