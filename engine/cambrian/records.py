"""The values that travel between the parts of a run: plain, frozen and free of torch."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, Self

from cambrian.space.genome import Genome

Direction = Literal["minimize", "maximize"]
Fitness = tuple[float, ...]
"""One value per objective, in the order of the experiment's objectives, in the objectives' own units."""


class State(StrEnum):
    """Where an evaluation stands."""

    WAITING = "waiting"
    RUNNING = "running"
    COMPLETE = "complete"
    PRUNED = "pruned"
    FAILED = "failed"
    INFEASIBLE = "infeasible"


class Reason(StrEnum):
    """Why a failed evaluation failed."""

    DIVERGED = "diverged"
    CRASHED = "crashed"
    TIMEOUT = "timeout"
    UNDEFINED = "undefined"
    """An objective has no finite value for what the network predicts, such as an R² of equal targets."""


class LaneStatus(StrEnum):
    """Where a lane stands after an epoch: only a running lane trains on."""

    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"
    DIVERGED = "diverged"


class RunState(StrEnum):
    """Where a run stands."""

    PREPARING = "preparing"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHING = "finishing"
    INTERRUPTED = "interrupted"
    COMPLETE = "complete"
    FAILED = "failed"

    @property
    def live(self) -> bool:
        """Whether a process that still lives executes the run."""
        return self not in (RunState.INTERRUPTED, RunState.COMPLETE, RunState.FAILED)


@dataclass(frozen=True, slots=True)
class Objective:
    """A named measure of an individual and the direction in which it improves."""

    name: str
    direction: Direction

    def cost(self, value: float) -> float:
        """The value turned so that smaller is better."""
        return value if self.direction == "minimize" else -value


@dataclass(frozen=True, slots=True)
class Change:
    """One gene in which a child differs from its better parent."""

    gene: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Proposal:
    """A genome that a strategy asks to have evaluated, and where it came from.

    `parents` are individual numbers, the better parent first. `species` names the bucket genes.
    """

    genome: Genome
    operator: str
    species: str = ""
    parents: tuple[int, ...] = ()
    changed: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Inheritance:
    """What the lanes of an individual begin with: the trained weights of a parent, fold by fold.

    Attributes:
        parent: The parent's number.
        epochs: Length of the lanes' schedule, a share of the genome's own.
        lanes: Key of the parent's lane of each fold; fold k inherits from fold k alone.
    """

    parent: int
    epochs: int
    lanes: tuple[str, ...]

    @property
    def key(self) -> str:
        """16 hexadecimal digits of the SHA-256 of what is inherited."""
        return hashlib.sha256(repr((self.epochs, self.lanes)).encode()).hexdigest()[:16]

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """The inheritance whose fields these are."""
        return cls(value["parent"], value["epochs"], tuple(value["lanes"]))


@dataclass(frozen=True, slots=True)
class Individual:
    """A proposal that the run has taken up; `number` counts from 0 in the order of asking.

    `inherited` is what its lanes of the search begin with; None: they begin from scratch.
    """

    number: int
    generation: int
    genome: Genome
    operator: str
    species: str = ""
    parents: tuple[int, ...] = ()
    changed: tuple[Change, ...] = ()
    inherited: Inheritance | None = None

    @property
    def key(self) -> str:
        """Key of its evaluation in the search: the genome's, with the hash of what it inherited."""
        return self.genome.key if self.inherited is None else f"{self.genome.key}+{self.inherited.key}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an individual: the rung it reached (-1: none) and its values there (None: it failed)."""

    individual: Individual
    rung: int
    values: Fitness | None


@dataclass(frozen=True, slots=True)
class EpochRecord:
    """One epoch of one lane.

    `epoch` counts from 1. `validation_loss` is the log-loss (natural logarithm) or the RMSE in the target's
    unit; `train_loss` the epoch's mean training loss as optimised. `seconds` is wall time, not reproducible.
    """

    lane: int
    epoch: int
    train_loss: float
    validation_loss: float
    learning_rate: float
    seconds: float
    status: LaneStatus


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One training of one individual on one fold with one repeat (`seed` 0 is the search's own).

    `predicted_bytes` is what scheduling goes by. `measured_bytes` is None where what this lane alone took
    cannot be told: see `run.lanes.LaneReport`.
    """

    individual: int
    fold: int
    seed: int
    state: State
    reason: Reason | None = None
    error: str | None = None
    attempt: int = 1
    pack: str | None = None
    rung: int = -1
    epochs: int = 0
    best_epoch: int = 0
    seconds: float = 0.0
    predicted_bytes: int | None = None
    measured_bytes: int | None = None
    metrics: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunEvent:
    """Something that happened to a run, for the log, the display and whoever watches; `data` is JSON."""

    kind: str
    message: str
    data: dict[str, Any] = field(default_factory=dict)


def derive_seed(*parts: object) -> int:
    """A 63-bit seed that depends on every part and nothing else (SHA-256 of their text)."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1
