"""Which lanes of a job a worker takes in beside those that train: by time and memory, or by a GPU's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from cambrian.run.lanes import LaneId
from cambrian.run.packs import ROUND_SECONDS
from cambrian.training.device_bucket import LEAST_ACTIVE
from cambrian.training.device_memory import (
    MOST_LANES,
    BucketKey,
    bucket_and_bytes,
    free_bytes,
    programs_bytes,
    usable_bytes,
)
from cambrian.training.memory import predicted_pack_bytes
from cambrian.training.rows import FoldRows, TrainingRows
from cambrian.training.spec import LaneSpec

_HOST_BYTES_A_ROW = 2 * 8 + 4
"""Of a training row of a lane on a GPU: the row order, the one drawn ahead, and the copy for the device."""


@dataclass(frozen=True, slots=True)
class JobLane:
    """A lane of a job, as the worker holds it; the run has its epochs up to `written`.

    It begins with the kept weights of `parent`; None: from scratch.
    """

    id: LaneId
    spec: LaneSpec
    until: int
    final: bool
    written: int
    bytes: int
    epoch_seconds: float
    parent: LaneId | None

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> JobLane:
        """The lane that the run put into the job."""
        return cls(
            LaneId(*value["id"]),
            LaneSpec.from_json(value["spec"]),
            until=value["until"],
            final=value["final"],
            written=value["written"],
            bytes=value["bytes"],
            epoch_seconds=value["epoch_seconds"],
            parent=value["parent"] and LaneId(*value["parent"]),
        )


class Room(Protocol):
    """What a pack has room for."""

    def opens(self, held: int) -> bool:
        """Whether lanes are to be taken in now, while so many train."""
        ...

    def fits(self, lane: JobLane, others: Iterable[JobLane]) -> bool:
        """Whether the lane fits beside the others; the first always does."""
        ...

    def filled(self, held: int) -> None:
        """Take note that the pack was filled up, to so many lanes."""
        ...


class HostRoom:
    """On a CPU: the worker's share of memory, and the time of a round of epochs.

    Args:
        memory_bytes: What the lanes may be predicted to take together.
        together: Predicts that; unlike lanes take more than the sum of theirs, none take less.
    """

    def __init__(self, memory_bytes: int, together: Callable[[Sequence[JobLane]], int]) -> None:
        self._memory_bytes = memory_bytes
        self._together = together

    def opens(self, held: int) -> bool:
        """Always: there is nothing to record, and a lane more or less is composed in no time."""
        return True

    def fits(self, lane: JobLane, others: Iterable[JobLane]) -> bool:
        """Whether memory and the time of a round suffice."""
        every = [*others, lane]
        return len(every) == 1 or (
            sum(each.epoch_seconds for each in every) <= ROUND_SECONDS
            and sum(each.bytes for each in every) <= self._memory_bytes
            and self._together(every) <= self._memory_bytes
        )

    def filled(self, held: int) -> None:
        """Nothing to note."""


@dataclass(frozen=True, slots=True, eq=False)
class _Need:
    """What a lane needs on a device: its rows, and what it takes itself in a program of its bucket."""

    rows: FoldRows
    bucket: BucketKey
    bytes: int


class DeviceRoom:
    """On a GPU: its memory, the tables included; packs are as wide as that allows.

    Time is no bound: an epoch of a wide pack takes about as long as one of a few lanes, whereas the predicted
    seconds of a lane are a share of a small pack's. Of the host's memory a lane takes its row orders alone.

    A recorded step cannot take in a lane: its kernels are those of the activations, losses and normalisations
    of the lanes that it was composed of, on ranges of neighbours, and another lane in a free place would need
    the same of all of them. So every refill composes and records anew. It waits until so many places are free
    that those that train on would be composed anew in any case: a recording then serves many new lanes. Until
    then a free place idles: it is computed like the others and looked at by nobody, which costs no launch.

    Args:
        rows: Gives the lanes their rows, on the device. No lane may train there yet.
        memory_bytes: What the lanes may take of the host's memory together.
        free: What lanes and tables may take of the device; by default what is free there.
    """

    def __init__(self, rows: TrainingRows, memory_bytes: int, *, free: float | None = None) -> None:
        self._rows = rows
        self._memory_bytes = memory_bytes
        # Tables that an earlier job left are counted with those that the lanes need.
        self._free = free_bytes(rows.device) + rows.device_bytes(()) if free is None else free
        self._needs: dict[LaneId, _Need] = {}
        self._lanes = 0

    def opens(self, held: int) -> bool:
        """Whether so many places are free that what trains on would be composed anew anyway."""
        return held < LEAST_ACTIVE * self._lanes or not held

    def fits(self, lane: JobLane, others: Iterable[JobLane]) -> bool:
        """Whether the device has memory for all of them and their tables."""
        every = [*others, lane]
        self._needs = {each.id: self._needs.get(each.id) or self._need(each) for each in every}
        if len(every) == 1:
            return True
        needs = list(self._needs.values())
        host = sum(_HOST_BYTES_A_ROW * len(need.rows.train) for need in needs)
        taken = programs_bytes([(need.bucket, need.bytes) for need in needs])
        tables = self._rows.device_bytes([need.rows for need in needs])
        room = usable_bytes(self._free - tables)
        return len(every) <= MOST_LANES and host <= self._memory_bytes and taken <= room

    def filled(self, held: int) -> None:
        """The pack has so many lanes until it opens again."""
        self._lanes = held

    def _need(self, lane: JobLane) -> _Need:
        genes = lane.spec.genes
        rows = self._rows.table(lane.spec.fold, genes)
        shape = self._rows.shape
        bucket, size = bucket_and_bytes(genes, rows.x.shape[1], len(rows.train), shape)
        return _Need(rows, bucket, size)


def room_on(rows: TrainingRows, memory_bytes: int, width: Callable[[Mapping[str, Any]], int]) -> Room:
    """The room of a worker whose lanes train where the rows are for; `width` gives the inputs of genes."""
    if rows.device.type != "cpu":
        return DeviceRoom(rows, memory_bytes)

    def together(lanes: Sequence[JobLane]) -> int:
        sized = [(lane.spec.genes, width(lane.spec.genes)) for lane in lanes]
        return predicted_pack_bytes(sized, rows.shape)

    return HostRoom(memory_bytes, together)
