"""All lanes' batches at once: gathered on the device, or copied there from the host while it computes.

Lanes read different tables (a fold and preprocessing each); those of one table are gathered together. The
row numbers of an epoch lie on the device, and a step is told by its number there which of them are its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from cambrian.training.device_step import side_stream
from cambrian.training.live import LiveLane
from cambrian.training.rows import gather


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Some lanes of a pack, as an index; writing to neighbours needs no scattering.

    Attributes:
        lanes: Their places, rising.
        index: The same on the device, int64.
    """

    lanes: tuple[int, ...]
    index: Tensor

    @classmethod
    def of(cls, lanes: Sequence[int], device: torch.device) -> Places:
        """The places on a device."""
        return cls(tuple(lanes), torch.tensor(lanes, dtype=torch.int64, device=device))

    def put(self, target: Tensor, values: Tensor) -> None:
        """Write `values` `(these lanes, ...)` into `target` `(all lanes, ...)`."""
        first, last = self.lanes[0], self.lanes[-1]
        if last - first + 1 == len(self.lanes):
            target[first : last + 1].copy_(values)
        else:
            target.index_copy_(0, self.index, values)


def by_tensor(tensors: Sequence[Tensor], device: torch.device) -> list[tuple[Tensor, Places]]:
    """The different tensors among those of the lanes, and whose they are."""
    lanes: dict[int, list[int]] = {}
    for place, tensor in enumerate(tensors):
        lanes.setdefault(id(tensor), []).append(place)
    return [(tensors[places[0]], Places.of(places, device)) for places in lanes.values()]


class DeviceBatches:
    """Loads the batches of a bucket's lanes.

    Args:
        lanes: All of one plan.
        device: Where they train.
    """

    def __init__(self, lanes: Sequence[LiveLane], device: torch.device) -> None:
        self._lanes = lanes
        plan = lanes[0].plan
        self._batch = plan.batch
        pinned = device.type == "cuda"
        shape = len(lanes), plan.rows
        self._host = torch.zeros(shape, dtype=torch.int32, pin_memory=pinned)
        self._order = torch.zeros(shape, dtype=torch.int32, device=device)
        kind = torch.float32 if lanes[0].loss_tables is None else torch.int32
        self._targets = torch.zeros(shape, dtype=kind, device=device)
        self._sources = by_tensor([lane.rows.target for lane in lanes], device)
        weights = [lane.rows.weights for lane in lanes if lane.rows.weights is not None]
        self._weights = torch.zeros(shape, device=device) if weights else None
        self._weight_sources = by_tensor(weights, device)
        self._tables: list[_Resident | _Streamed] = []
        first = 0
        for x, places in by_tensor([lane.rows.padded for lane in lanes], device):
            span = slice(first, first + len(places.lanes))
            first = span.stop
            if lanes[places.lanes[0]].rows.resident:
                self._tables.append(_Resident(x, places, span))
            else:
                self._tables.append(_Streamed(x, places, span, self._host, plan.batch, device))
        grouped = [place for table in self._tables for place in table.places.lanes]
        self._slots = {place: slot for slot, place in enumerate(grouped)}
        self._grouped = torch.tensor([self._slots[place] for place in range(len(lanes))], device=device)

    def begin_epoch(self, active: Sequence[int]) -> None:
        """Take the row orders of the active lanes; the others see their last ones again."""
        for place in active:
            self._host[self._slots[place]].copy_(self._lanes[place].take_rows())
        self._order.copy_(self._host, non_blocking=True)
        order = self._order.index_select(0, self._grouped)
        for source, places in self._sources:
            rows = order.index_select(0, places.index)
            values = source.index_select(0, rows.view(-1)).view(rows.shape)
            places.put(self._targets, values.to(self._targets.dtype))
        if self._weights is not None:
            for source, places in self._weight_sources:
                rows = order.index_select(0, places.index)
                places.put(self._weights, source.index_select(0, rows.view(-1)).view(rows.shape))
        for table in self._tables:
            if isinstance(table, _Streamed):
                table.begin_epoch()

    def stage(self, step: int, real: int) -> None:
        """Have the step's rows that lie in the host's memory on the device; to be called before the step."""
        for table in self._tables:
            if isinstance(table, _Streamed):
                table.stage(step, real)

    def load(self, columns: Tensor, x: Tensor) -> Tensor:
        """Write the features of a step and return its targets `(lanes, real rows)`.

        Args:
            columns: `(real rows,)`: which of the epoch's rows are the step's.
            x: `(lanes, padded rows, padded inputs)`; rows of padding are zeroed, tables have zeros beyond.
        """
        real = len(columns)
        if real < x.shape[1]:
            x[:, real:].zero_()
        rows = self._order.index_select(1, columns)
        for table in self._tables:
            table.places.put(x[:, :real], table.rows_of(rows[table.span]))
        return self._targets.index_select(1, columns)

    def sample_weights(self, columns: Tensor) -> Tensor | None:
        """The weights of a step's rows `(lanes, real rows)`; None: all rows count alike."""
        return None if self._weights is None else self._weights.index_select(1, columns)


@dataclass(frozen=True, slots=True, eq=False)
class _Resident:
    """A table on the device."""

    x: Tensor
    places: Places
    span: slice

    def rows_of(self, rows: Tensor) -> Tensor:
        """`(lanes, rows, padded features)` of row numbers `(lanes, rows)`."""
        return self.x.index_select(0, rows.reshape(-1)).view(*rows.shape, self.x.shape[1])


@dataclass(slots=True, eq=False)
class _Buffer:
    """Room for one batch of some lanes in both memories, `(lanes * batch, padded features)`."""

    host: Tensor
    device: Tensor
    copied: torch.cuda.Event | None = None
    used: torch.cuda.Event | None = None


@dataclass(slots=True, eq=False)
class _Streamed:
    """A table in the host's memory: while a step computes, a second stream copies the next one's rows."""

    x: Tensor
    places: Places
    span: slice
    order: Tensor
    batch: int
    device: torch.device
    _buffers: list[_Buffer] = field(init=False)
    _current: Tensor = field(init=False)
    _stream: torch.cuda.Stream | None = field(init=False)

    def __post_init__(self) -> None:
        lanes, width = len(self.places.lanes), self.x.shape[1]
        shape, cuda = (lanes * self.batch, width), self.device.type == "cuda"
        self._stream = side_stream(self.device, "copying")
        self._buffers = [
            _Buffer(torch.zeros(shape, pin_memory=cuda), torch.zeros(shape, device=self.device))
            for _ in range(2)
        ]
        self._current = torch.zeros(lanes, self.batch, width, device=self.device)

    def begin_epoch(self) -> None:
        """Start copying the first batch of the new order."""
        self._prefetch(0)

    def stage(self, step: int, real: int) -> None:
        """Put the step's batch where `rows_of` finds it, and start copying the next."""
        buffer = self._buffers[step % 2]
        if buffer.copied is not None:
            torch.cuda.current_stream(self.device).wait_event(buffer.copied)
        lanes, width = len(self.places.lanes), self.x.shape[1]
        self._current[:, :real].copy_(buffer.device[: lanes * real].view(lanes, real, width))
        if self._stream is not None:
            buffer.used = torch.cuda.current_stream(self.device).record_event()
        self._prefetch(step + 1)

    def rows_of(self, rows: Tensor) -> Tensor:
        """The staged batch; its rows were chosen when it was."""
        return self._current[:, : rows.shape[1]]

    def _prefetch(self, step: int) -> None:
        columns = self.order[self.span, step * self.batch : (step + 1) * self.batch]
        if not columns.shape[1]:
            return
        buffer, count = self._buffers[step % 2], columns.numel()
        if buffer.copied is not None:
            buffer.copied.synchronize()  # the host's half is free once its last copy is done
        gather(self.x, columns.reshape(-1), buffer.host[:count])
        if self._stream is None:
            buffer.device[:count].copy_(buffer.host[:count])
            return
        if buffer.used is not None:
            self._stream.wait_event(buffer.used)
        with torch.cuda.stream(self._stream):
            buffer.device[:count].copy_(buffer.host[:count], non_blocking=True)
            buffer.copied = self._stream.record_event()
