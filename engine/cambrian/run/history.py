"""What earlier executions of a run left in its database, for a resume to go on from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cambrian.records import Individual, LaneStatus, Outcome, Reason, State
from cambrian.run.lanes import LaneId, LaneReport
from cambrian.run.packed import Packed
from cambrian.run.resolve import Resolved
from cambrian.space.space import SearchSpace
from cambrian.store.reader import RunReader
from cambrian.store.rows import EvaluationRow, IndividualRow, RungRow


@dataclass(frozen=True)
class History:
    """The past of a run.

    Attributes:
        keys: Keys of every genome asked, whatever it inherited.
        individuals: How many individuals were asked.
        next_generation: Number of the generation to train next: the unfinished one, or a new one.
        strategy_state: The strategy's state after its last ask or tell; None before the first.
        unfinished: Individuals of a generation that was asked and not finished; None without one.
        known: What its lanes reported before the run ended.
        told: What was told of it: kinds of events, each with the rung it is about or None.
        outcomes: Outcomes of finished generations, in the order of the individuals.
        packed: How well the lanes of finished generations trained together.
        packed_open: Likewise of the unfinished one, as far as it came.
    """

    keys: frozenset[str] = frozenset()
    individuals: int = 0
    next_generation: int = 0
    strategy_state: dict[str, Any] | None = None
    unfinished: list[Individual] | None = None
    known: dict[tuple[LaneId, int], LaneReport] = field(default_factory=dict)
    told: frozenset[tuple[str, int | None]] = frozenset()
    outcomes: tuple[Outcome, ...] = ()
    packed: Packed = field(default_factory=Packed)
    packed_open: Packed = field(default_factory=Packed)


def read_history(database: Path, resolved: Resolved) -> History:
    """Read the past of a run; an empty one for a run that has not asked yet."""
    with RunReader(database) as reader:
        last = reader.last_generation()
        if last is None:
            return History()
        space = SearchSpace.from_json(resolved.space)
        rows = reader.individuals()
        finished = last.complete
        individuals = [to_individual(row, space) for row in rows]
        open_ones = None if finished else [each for each in individuals if each.generation == last.number]
        outcomes = tuple(
            Outcome(each, -1 if row.rung is None else row.rung, row.values)
            for each, row in zip(individuals, rows, strict=True)
            if finished or each.generation != last.number
        )
        packed, packed_open = _packed(reader)
        return History(
            packed=packed,
            packed_open=packed_open,
            keys=frozenset(each.genome.key for each in individuals),
            individuals=len(rows),
            next_generation=last.number + 1 if finished else last.number,
            strategy_state=last.strategy,
            unfinished=open_ones,
            known={} if finished else known_reports(reader, last.number, resolved),
            told=frozenset() if finished else _told(reader, last.number),
            outcomes=outcomes,
        )


def _packed(reader: RunReader) -> tuple[Packed, Packed]:
    """Lane and program epochs that finished generations told of, and what the search took beyond them."""
    told = Packed()
    for event in reader.events():
        if event.kind == "generation-finished" and "lane_epochs" in event.data:
            told = told.plus(event.data)
    search = reader.run().search or {}
    beyond = (search.get(name, 0) - of_told for name, of_told in asdict(told).items())
    return told, Packed(*(max(0, epochs) for epochs in beyond))


def _told(reader: RunReader, generation: int) -> frozenset[tuple[str, int | None]]:
    return frozenset(
        (event.kind, event.data.get("rung"))
        for event in reader.events()
        if event.kind in ("generation-started", "rung") and event.data["generation"] == generation
    )


def known_reports(
    reader: RunReader, generation: int, resolved: Resolved
) -> dict[tuple[LaneId, int], LaneReport]:
    """What lanes of a generation had at each rung they reached, failures at every rung."""
    evaluations = {
        LaneId(row.evaluation.individual, row.evaluation.fold, row.evaluation.seed): row
        for row in reader.evaluations(generation=generation)
    }
    known = {}
    for rung in reader.rungs(generation=generation):
        lane = LaneId(rung.individual, rung.fold, rung.seed)
        known[lane, rung.rung] = _report(evaluations[lane], rung)
    for lane, row in evaluations.items():
        if row.evaluation.state in (State.FAILED, State.INFEASIBLE):
            for rung_number in range(len(resolved.rungs)):
                known.setdefault((lane, rung_number), _report(row, None))
    return known


def ended_lanes(database: Path, individuals: Iterable[int], *, top: int) -> dict[LaneId, LaneReport]:
    """What the lanes of these individuals came to that ended at the top rung, or failed."""
    ended = {}
    with RunReader(database) as reader:
        for number in individuals:
            rungs = {
                LaneId(row.individual, row.fold, row.seed): row
                for row in reader.rungs(individual=number)
                if row.rung == top
            }
            for row in reader.evaluations(individual=number):
                each = row.evaluation
                lane = LaneId(each.individual, each.fold, each.seed)
                if each.state in (State.FAILED, State.INFEASIBLE):
                    ended[lane] = _report(row, None)
                elif each.state is State.COMPLETE and lane in rungs:
                    ended[lane] = _report(row, rungs[lane])
    return ended


def _report(row: EvaluationRow, rung: RungRow | None) -> LaneReport:
    evaluation = row.evaluation
    status: LaneStatus | None = None
    if rung is not None:
        status = LaneStatus.FINISHED if rung.ended else LaneStatus.RUNNING
    elif evaluation.reason is Reason.DIVERGED:
        status = LaneStatus.DIVERGED
    return LaneReport(
        id=LaneId(evaluation.individual, evaluation.fold, evaluation.seed),
        status=status,
        epochs=rung.epochs if rung else evaluation.epochs,
        best_epoch=evaluation.best_epoch,
        values=rung.values if rung else None,
        metrics=evaluation.metrics,
        seconds=evaluation.seconds,
        measured_bytes=evaluation.measured_bytes,
        state=evaluation.state,
        reason=evaluation.reason,
        error=evaluation.error,
        attempt=evaluation.attempt,
        pack=evaluation.pack,
    )


def to_individual(row: IndividualRow, space: SearchSpace) -> Individual:
    """The individual that a row of the database describes."""
    return Individual(
        number=row.number,
        generation=row.generation,
        genome=space.genome(row.genome),
        operator=row.operator,
        species=row.species,
        parents=row.parents,
        changed=row.changed,
        inherited=row.inherited,
    )
