"""Which lanes share a job: as few jobs as the workers need, each of one species.

What is in a job never changes a result; it decides how many networks train together and how evenly the
workers are busy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from cambrian.run.lanes import LaneTask
from cambrian.training.spec import TrainingShape

SHORTEST_JOB = 0.2
"""Seconds of predicted work below which lanes share a job: a round trip costs about a millisecond."""
ROUND_SECONDS = 2.0
"""Predicted seconds of an epoch of all lanes that train together: a worker that shall stop ends it first."""
_ROW_SECONDS = 2e-6
"""To fit quantiles to a row of about ten columns and encode it; 1.6e-6 were measured."""
_SLIVER = 0.1
"""A cut that would take less than this part of a worker's share is not made: packs stay whole."""


def cut_packs(
    tasks: Sequence[LaneTask], *, seconds_of: Callable[[LaneTask], float], workers: int
) -> list[list[LaneTask]]:
    """Cut tasks into jobs, longest first.

    The species are laid in a row and the row is cut where a worker's share ends (McNaughton's wrap-around
    rule), so at most `workers - 1` species are divided. Predictions err: the run evens out at the end.

    Args:
        tasks: Tasks in any order.
        seconds_of: Predicted seconds of a task.
        workers: Workers that have nothing else to do.
    """
    share = max(SHORTEST_JOB, sum(map(seconds_of, tasks)) / workers)
    packs: list[list[LaneTask]] = []
    room = share
    for lanes in _species(tasks, seconds_of):
        pack: list[LaneTask] = []
        left = sum(map(seconds_of, lanes))
        for lane in lanes:
            seconds = seconds_of(lane)
            # half of a lane may stand over on either side of the cut
            if pack and seconds > 2 * room and left > _SLIVER * share:
                packs.append(pack)
                pack, room = [], room + share
            pack.append(lane)
            room -= seconds
            left -= seconds
        packs.append(pack)
        while room <= _SLIVER * share:
            room += share
    load = {id(pack): sum(map(seconds_of, pack)) for pack in packs}
    return sorted(packs, key=lambda pack: (-load[id(pack)], pack[0].id))


def longest_silence(epoch_seconds: Sequence[float], shape: TrainingShape) -> float:
    """Predicted seconds for which the worker that trains a pack says nothing, at most.

    It speaks after every round of epochs, after each table that it reads and for every lane that it judges.
    A round is one epoch of all lanes that train together. Reading and judging may take all rows of a table,
    which is more than an epoch of a long table trains and validates.

    Args:
        epoch_seconds: Predicted seconds of an epoch, lane by lane.
        shape: Of the run's data.
    """
    slowest, together = max(epoch_seconds), sum(epoch_seconds)
    a_row = max(_ROW_SECONDS, slowest / (shape.rows_per_epoch + shape.validation_rows))
    return max(slowest, min(together, ROUND_SECONDS), shape.rows * a_row)


def _species(tasks: Sequence[LaneTask], seconds_of: Callable[[LaneTask], float]) -> Iterator[list[LaneTask]]:
    """The tasks of each species, longest first; species with the most work first."""
    ordered = sorted(tasks, key=lambda task: (task.species, -seconds_of(task), task.id))
    groups = [list(group) for _, group in groupby(ordered, key=lambda task: task.species)]
    yield from sorted(groups, key=lambda lanes: (-sum(map(seconds_of, lanes)), lanes[0].species))
