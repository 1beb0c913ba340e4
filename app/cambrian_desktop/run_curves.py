"""The learning curves of the lanes that train now, followed epoch by epoch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from cambrian.records import State
from cambrian.store.reader import RunReader
from cambrian.store.rows import EpochRow, EvaluationRow
from cambrian_desktop.run_pace import done_of
from cambrian_desktop.run_picture import Curve

_CHUNK = 4000
"""Epochs that are read at once."""
_TOO_FAR_BEHIND = 40_000
"""Epochs that came since: beyond them the lanes' own curves are fewer."""
_LANES_AT_ONCE = 16


@dataclass(slots=True)
class _Lane:
    """The points of one lane as they come, and the curve made of them while it is up to date."""

    epochs: list[int] = field(default_factory=list)
    validation: list[float] = field(default_factory=list)
    curve: Curve | None = None

    def add(self, row: EpochRow) -> None:
        """Take up an epoch; one that is written again after a resume has the same values."""
        if self.epochs and row.epoch <= self.epochs[-1]:
            return
        self.epochs.append(row.epoch)
        self.validation.append(row.validation_loss)
        self.curve = None


class CurveReading:
    """Follows the lanes of one generation at a time, or the finalists' repeats.

    Args:
        pause: Called between two pieces of a long reading.

    Attributes:
        curves: Of every lane that has an epoch.
        done: Individuals that train no further.
        training: Lanes that train now.
    """

    def __init__(self, pause: Callable[[], None]) -> None:
        self.curves: tuple[Curve, ...] = ()
        self.done = 0
        self.training = 0
        self._pause = pause
        self._subject: tuple[int | None, tuple[int, ...]] | None = None
        self._rowid = 0
        self._lanes: dict[int, _Lane] = {}

    def follow(
        self, reader: RunReader, generation: int | None, repeats: tuple[int, ...], last_rowid: int
    ) -> None:
        """Read what came.

        Args:
            reader: The run's database.
            generation: The latest generation.
            repeats: Numbers of the finalists that train again; they are followed once there are any.
            last_rowid: The last epoch's row at a moment before this call.
        """
        subject = (generation, repeats)
        anew = subject != self._subject or last_rowid - self._rowid > _TOO_FAR_BEHIND
        # Epochs before evaluations: a lane is stored before its first epoch, so every epoch finds its lane.
        fresh = [] if anew else self._epochs(reader)
        rows = self._evaluations(reader, generation, repeats)
        if anew:
            self._begin(reader, rows)
            self._subject, self._rowid = subject, last_rowid
        self._add(fresh, rows)
        states = [(row.evaluation.individual, row.evaluation.state) for row in rows]
        self.done = done_of(states)
        self.training = sum(state is State.RUNNING for _, state in states)
        curves = tuple(curve for row in rows if (curve := self._curve(row)) is not None)
        if len(curves) != len(self.curves) or any(
            a is not b for a, b in zip(curves, self.curves, strict=True)
        ):
            self.curves = curves

    def _evaluations(
        self, reader: RunReader, generation: int | None, repeats: tuple[int, ...]
    ) -> list[EvaluationRow]:
        if repeats:
            lanes = [row for number in repeats for row in reader.evaluations(individual=number)]
            return [row for row in lanes if row.evaluation.seed]
        return [] if generation is None else reader.evaluations(generation=generation)

    def _epochs(self, reader: RunReader) -> list[EpochRow]:
        found: list[EpochRow] = []
        while True:
            rows = reader.epochs_after(self._rowid, limit=_CHUNK)
            found += rows
            if rows:
                self._rowid = rows[-1].rowid
            if len(rows) < _CHUNK:
                return found
            self._pause()

    def _begin(self, reader: RunReader, rows: list[EvaluationRow]) -> None:
        self._lanes = {row.id: _Lane() for row in rows}
        for count, (number, lane) in enumerate(self._lanes.items()):
            for epoch in reader.epochs(number):
                lane.add(epoch)
            if count % _LANES_AT_ONCE == _LANES_AT_ONCE - 1:
                self._pause()

    def _add(self, epochs: list[EpochRow], rows: list[EvaluationRow]) -> None:
        for row in rows:
            if row.id not in self._lanes:
                self._lanes[row.id] = _Lane()
        for epoch in epochs:
            if (lane := self._lanes.get(epoch.evaluation_id)) is not None:
                lane.add(epoch)

    def _curve(self, row: EvaluationRow) -> Curve | None:
        lane, evaluation = self._lanes[row.id], row.evaluation
        if not lane.epochs:
            return None
        state = str(evaluation.state)
        if lane.curve is None:
            lane.curve = Curve(
                evaluation.individual,
                evaluation.fold,
                evaluation.seed,
                state,
                tuple(lane.epochs),
                tuple(lane.validation),
            )
        elif lane.curve.state != state:
            lane.curve = replace(lane.curve, state=state)
        return lane.curve
