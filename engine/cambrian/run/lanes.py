"""What the run asks of its workers and what comes back: tasks and reports about single lanes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from cambrian.records import Evaluation, Individual, Inheritance, LaneStatus, Reason, State, derive_seed
from cambrian.training.spec import LaneSpec


class LaneId(NamedTuple):
    """One training of one individual: `seed` 0 is the search's own, 1 and up are repeats of a finalist."""

    individual: int
    fold: int
    seed: int

    @property
    def name(self) -> str:
        """The stem of the lane's files."""
        return f"i{self.individual}-f{self.fold}-s{self.seed}"


@dataclass(frozen=True, slots=True)
class LaneTask:
    """Train a lane until an epoch.

    Attributes:
        until: Epoch at which it stops for now.
        rung: Number of the rung that `until` is.
        final: The lane ends here: its weights and validation predictions are kept, every metric is computed.
        predicted_bytes: Predicted peak memory.
        predicted_work: Predicted seconds of the whole lane on a nominal core.
        parent: The lane whose kept weights it begins with; None: it begins from scratch.
    """

    id: LaneId
    spec: LaneSpec
    species: str
    until: int
    rung: int
    final: bool
    predicted_bytes: int
    predicted_work: float
    parent: LaneId | None = None

    def to_json(self) -> dict[str, Any]:
        """What a worker needs to know."""
        return {
            "id": list(self.id),
            "spec": self.spec.to_json(),
            "until": self.until,
            "final": self.final,
            "parent": self.parent,
        }


@dataclass(frozen=True, slots=True)
class LaneReport:
    """Where a lane stands after a task.

    Attributes:
        status: None when the lane failed before it could say anything.
        parked: Whether the lane was parked before the task's epoch because the run asked its workers to stop.
        values: One value an objective at the best epoch so far; None when it failed.
        measured_bytes: Memory that the lane took, None where that cannot be told from what its neighbours and
            earlier jobs took. On a GPU the peak of the allocated, of a lane alone in its job. On a CPU only
            where memory ran out on a lane alone in its job: by how much the worker had grown.
    """

    id: LaneId
    status: LaneStatus | None
    epochs: int = 0
    best_epoch: int = 0
    values: tuple[float, ...] | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    measured_bytes: int | None = None
    state: State = State.RUNNING
    reason: Reason | None = None
    error: str | None = None
    attempt: int = 1
    pack: str | None = None
    parked: bool = False

    @property
    def failed(self) -> bool:
        """Whether the lane has no value that could rank it, and never will."""
        return self.values is None and not self.parked

    @property
    def ended(self) -> bool:
        """Whether the lane trains no further."""
        return self.failed or self.status is not LaneStatus.RUNNING

    def evaluation(self, task: LaneTask, state: State | None = None) -> Evaluation:
        """The row that the store keeps of this report."""
        return Evaluation(
            individual=self.id.individual,
            fold=self.id.fold,
            seed=self.id.seed,
            state=state or self.state,
            reason=self.reason,
            error=self.error,
            attempt=self.attempt,
            pack=self.pack,
            rung=task.rung,
            epochs=self.epochs,
            best_epoch=self.best_epoch,
            seconds=self.seconds,
            predicted_bytes=task.predicted_bytes,
            measured_bytes=self.measured_bytes,
            metrics=dict(self.metrics),
        )

    @classmethod
    def from_json(cls, value: Mapping[str, Any], *, attempt: int, pack: str) -> LaneReport:
        """The report that a worker sent."""
        status = LaneStatus(value["status"])
        values = None if value["values"] is None else tuple(value["values"])
        failed = values is None and not value["parked"]
        return cls(
            id=LaneId(*value["id"]),
            status=status,
            epochs=value["epochs"],
            best_epoch=value["best_epoch"],
            values=values,
            metrics=value["metrics"],
            seconds=value["seconds"],
            measured_bytes=value["measured_bytes"],
            state=State.FAILED if failed else State.COMPLETE if value["final"] else State.RUNNING,
            reason=None if value["reason"] is None else Reason(value["reason"]),
            error=value["error"],
            attempt=attempt,
            pack=pack,
            parked=value["parked"],
        )


def inheritance_of(individual: Individual, seed: int) -> Inheritance | None:
    """What the individual's lanes with this seed begin with: those of the search alone inherit."""
    return individual.inherited if seed == 0 else None


def lane_spec(individual: Individual, *, fold: int, seed: int, run_seed: int) -> LaneSpec:
    """The lane of an individual; its seed follows from the run's, the evaluation's key and the repeat."""
    genome, inherited = individual.genome, inheritance_of(individual, seed)
    return LaneSpec(
        genes=genome.to_json(),
        fold=fold,
        seed=derive_seed(run_seed, individual.key if inherited else genome.key, seed),
        epochs=inherited.epochs if inherited else int(genome["epochs"]),
        inherited=inherited.lanes[fold] if inherited else None,
    )
