"""Where a bucket's lanes live on a device: everything that training changes, stacked, a row a lane."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor

from cambrian.models.mlp_lanes import Statistics
from cambrian.training.broadcast_optimizer import BroadcastOptimizer, Stack
from cambrian.training.live import LiveLane
from cambrian.training.weights import LaneHome


class LaneStacks:
    """The stacks of some lanes, who live in them from now on.

    Args:
        lanes: The lanes, the deepest first.
        device: Where.

    Attributes:
        weights: The parameters.
        gradients: Their gradients.
        optimizer: Steps them; has the moments and averages.
        running: Of each hidden layer the running means and variances of the lanes that have it.
    """

    def __init__(self, lanes: Sequence[LiveLane], device: torch.device) -> None:
        layout = lanes[0].layout
        sizes, widths = layout.sizes, layout.widths
        self._device = device
        self.weights, self.gradients = (Stack(len(lanes), sizes, device) for _ in range(2))
        self.optimizer = BroadcastOptimizer(
            [lane.genes for lane in lanes], self.weights, self.gradients, sizes
        )
        self._best = Stack(len(lanes), sizes, device)
        self._running, self._best_running = torch.zeros(2, len(lanes), 2 * sum(widths), device=device)
        self.running = self._statistics(self._running, lanes)
        best_running = self._statistics(self._best_running, lanes)
        for place, lane in enumerate(lanes):
            lane.live_in(self._home(place, lane, best_running))

    def keep_best(self, places: Sequence[int]) -> None:
        """Copy what these lanes are judged by to where each one's best weights are kept."""
        if not places:
            return
        index = torch.tensor(places, dtype=torch.int64, device=self._device)
        with self.averaged():
            self._best.whole.index_copy_(0, index, self.weights.whole.index_select(0, index))
        self._best_running.index_copy_(0, index, self._running.index_select(0, index))

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Let the lanes with gene `ema` have their averages as weights for a while."""
        self.optimizer.swap_average()
        yield
        self.optimizer.swap_average()

    def finite(self) -> Tensor:
        """Which lanes have finite weights alone, `(lanes,)`."""
        return torch.isfinite(self.weights.whole).all(dim=1)

    def _home(self, place: int, lane: LiveLane, best_running: Sequence[Statistics]) -> LaneHome:
        sizes, depth, average = lane.layout.sizes, len(lane.layout.widths), {}
        if lane.genes["ema"]:
            average = self.optimizer.average.lane(self.optimizer.averaged.index(place), sizes)
        return LaneHome(
            weights=self.weights.lane(place, sizes),
            moments=self.optimizer.moments(place, sizes),
            average=average,
            best=self._best.lane(place, sizes),
            running=[(mean[place], variance[place]) for mean, variance in self.running[:depth]],
            best_running=[(mean[place], variance[place]) for mean, variance in best_running[:depth]],
        )

    def _statistics(self, flat: Tensor, lanes: Sequence[LiveLane]) -> list[Statistics]:
        """Views of each hidden layer's means and variances, of the lanes that have the layer."""
        views, start = [], 0
        for index, width in enumerate(lanes[0].layout.widths):
            count = sum(len(lane.layout.widths) > index for lane in lanes)
            middle, end = start + width, start + 2 * width
            views.append((flat[:count, start:middle], flat[:count, middle:end]))
            start = end
        return views


def leave(lane: LiveLane, device: torch.device) -> None:
    """Let a lane live in memory of its own again, out of its neighbours' reach."""
    LaneStacks([lane], device)
