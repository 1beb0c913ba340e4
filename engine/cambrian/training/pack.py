"""A pack: lanes that train together, epoch by epoch, each as if it were alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import torch

from cambrian.models.mlp_layout import Layout
from cambrian.records import EpochRecord, LaneStatus
from cambrian.training.bucket import BucketTrainer
from cambrian.training.device_bucket import DeviceBucketTrainer
from cambrian.training.device_memory import MOST_LANES
from cambrian.training.device_step import set_product_precision
from cambrian.training.lanes import LaneState
from cambrian.training.live import LiveLane
from cambrian.training.rows import TrainingRows
from cambrian.training.spec import LaneSpec

_CACHED_VALUES = 2**20
"""Numbers of a program's working set: activations and their gradients; weights, gradients and two moments.

Measured at widths 32 to 256 and batches 32 to 512: this lies within 5% of the fastest division of 8 lanes,
all eight in one program lose up to 25%.
"""
_MOST_LANES = 16

_Trainer = BucketTrainer | DeviceBucketTrainer


class PackTrainer:
    """Trains lanes together; rungs, refilling, resuming, copying and inheriting are made of its three verbs.

    A lane's weights and records depend neither on its neighbours nor on how often it was removed and added:
    on a CPU not in a bit. On other devices losses, predictions and weights (as a share of their lane's
    largest) differ by at most 1e-5 over five epochs without TF32. Not promised there are the optimizer's
    moments, and lanes whose training makes rounding grow (`cambrian.training.selfcheck.grows_rounding`):
    large learning rates, and batch normalisation of few rows under an optimizer that divides by the
    gradient's size.

    Args:
        lanes: Lanes to begin with, numbered from 0 in this order.
        rows: Gives each (fold, preprocessing) its rows, on `device`.
        device: Where the lanes live.
        tf32: Whether an NVIDIA GPU may round the inputs of products to 10 bits of mantissa; faster.
        broadcast: Whether every call of a step is for all lanes at once; by default everywhere but on a CPU.

    Attributes:
        lane_epochs: Epochs of all lanes so far.
        program_epochs: Epochs of the tensor programs that trained them: the ratio tells how well lanes pack.

    Raises:
        ValueError: The rows lie on another device.
    """

    def __init__(
        self,
        lanes: Sequence[LaneSpec | LaneState],
        rows: TrainingRows,
        device: torch.device,
        *,
        tf32: bool = False,
        broadcast: bool | None = None,
    ) -> None:
        if rows.device != device:
            raise ValueError(f"the rows lie on {rows.device}, not on {device}")
        set_product_precision(device, tf32=tf32)
        self._rows = rows
        self._device = device
        self._broadcast = device.type != "cpu" if broadcast is None else broadcast
        self._lanes: dict[int, LiveLane] = {}
        self._buckets: dict[tuple[object, ...], list[_Trainer]] = {}
        self._next = 0
        self.lane_epochs = 0
        self.program_epochs = 0
        for lane in lanes:
            self.add(lane)

    @property
    def live(self) -> tuple[int, ...]:
        """The lanes that train on; an ended one idles until it is removed."""
        return tuple(handle for handle, lane in self._lanes.items() if lane.status is LaneStatus.RUNNING)

    def add(self, lane: LaneSpec | LaneState) -> int:
        """Take in a lane from its first epoch or from where it stood; its number is never used again."""
        handle = self._next
        self._next += 1
        self._lanes[handle] = live = LiveLane(handle, lane, self._rows)
        self._buckets.pop(live.bucket, None)
        return handle

    def advance(self, epochs: int = 1) -> list[EpochRecord]:
        """Train every live lane for `epochs` epochs; records come epoch by epoch, lanes in order.

        A lane that diverges gets its record like any other (a loss may be NaN or infinite there) and idles.
        """
        records = []
        for _ in range(epochs):
            trainers = self._composed()
            epoch = [record for trainer in trainers for record in trainer.epoch()]
            self.lane_epochs += len(epoch)
            self.program_epochs += len(trainers)
            del trainers  # their successors need the memory
            records.extend(sorted(epoch, key=lambda record: record.lane))
        return records

    def _composed(self) -> list[_Trainer]:
        """The live lanes in tensor programs; a bucket's are composed anew when lanes have come or ended."""
        live = set(self.live)
        buckets: dict[tuple[object, ...], list[LiveLane]] = {}
        for handle in sorted(live):
            lane = self._lanes[handle]
            buckets.setdefault(lane.bucket, []).append(lane)
        composed = {}
        for key, lanes in buckets.items():
            trainers = self._buckets.get(key, [])
            if not trainers or not all(trainer.goes_on_with(live) for trainer in trainers):
                trainers.clear()  # before their successors take memory
                trainer = DeviceBucketTrainer if self._broadcast else BucketTrainer
                shape, device = self._rows.shape, self._device
                trainers = [trainer(part, shape, device) for part in _parts(lanes, self._most_lanes)]
            composed[key] = trainers
        self._buckets = composed
        return [trainer for trainers in composed.values() for trainer in trainers]

    def _most_lanes(self, lane: LiveLane) -> int:
        """Lanes of this shape in one program.

        On a device memory has no say: all programs keep theirs at the same time, so several narrow ones take
        as much as a wide one. Whoever adds lanes sees to it that all of them fit (`run.room`); where they do
        not, the device's error tells the run to divide the job.
        """
        return MOST_LANES if self._broadcast else most_lanes(lane.sizes[0], lane.layout)

    def remove(self, handle: int) -> LaneState:
        """Take a lane out; the state continues it bit for bit, here or in another process.

        Raises:
            KeyError: There is no such lane, or it was removed before.
        """
        return self._lanes.pop(handle).state()


def most_lanes(batch: int, layout: Layout) -> int:
    """Lanes that train in one tensor program on a CPU; more would only push each other out of the cache.

    Args:
        batch: Rows of a full batch.
        layout: The padded sizes of such a lane.
    """
    activations = 2 * batch * (layout.inputs + sum(layout.widths))
    parameters = 4 * sum(layout.sizes.values())
    return max(1, min(_MOST_LANES, round(_CACHED_VALUES / (activations + parameters))))


def _parts(lanes: Sequence[LiveLane], most_lanes: Callable[[LiveLane], int]) -> Iterator[Sequence[LiveLane]]:
    """The lanes in parts that have room in one program each, deep with deep: the deepest decides how many."""
    left = sorted(lanes, key=lambda lane: lane.packed.order)
    while left:
        most = most_lanes(left[0])
        count = -(-len(left) // most)  # parts, if all were like the deepest: nearly equal ones
        size = -(-len(left) // count)
        yield left[:size]
        left = left[size:]
