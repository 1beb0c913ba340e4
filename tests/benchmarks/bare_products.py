"""The products of a lane-epoch and nothing else, into memory set aside: what no loop around them can beat."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import torch
from roofline_parts import FLOAT, Sizes
from throughput_packs import Work, equal_lanes, rows_of
from torch import Tensor

from cambrian.padding import padded
from cambrian.training.cost import VALIDATION_CHUNK
from cambrian.training.pack import PackTrainer

KINDS = ("forward", "weight gradient", "input gradient")
COPIES = ("a lane", "a program", "memory")
_REPEATED_SECONDS = 0.05
_LARGE = 256 * 2**20
"""Bytes that no cache holds."""

Call = Callable[[], Any]


def prepare(work: Work, member: int) -> Callable[[], dict[str, Any]]:
    """A process's measurement, ready to be started; `Crew` asks for the member, they are alike."""
    return partial(measure, work, lanes_a_program(work))


def lanes_a_program(work: Work) -> float:
    """Lanes that a pack's tensor programs train at once."""
    trainer = PackTrainer(equal_lanes(work, 0), rows_of(work, "cpu"), torch.device("cpu"))
    trainer.advance(1)
    return trainer.lane_epochs / trainer.program_epochs


@torch.no_grad()
def measure(work: Work, lanes_together: float) -> dict[str, Any]:
    """Time the products.

    Returns:
        Seconds of a lane-epoch's products `stacked`, as a pack's program has them (padded), and `alone`, one
        network after another; `reached`: operations a second of each kind of product of two hidden layers,
        one again and again; `copied`: bytes a second read and written by copies of the working set of a lane,
        of a program, and of more than any cache holds.
    """
    sizes = Sizes.of(work)
    lanes = max(1, round(lanes_together))
    wide = [padded(width) for width in sizes.widths]
    validation = seconds_of(list(_validation(sizes)))
    stacked = seconds_of(list(_stacked(lanes, sizes.batch, wide))) / lanes
    alone = seconds_of(list(_alone(sizes.batch, sizes.widths)))
    forward, weight, x = _alone_layer(sizes.batch, work.width, work.width)
    operations = 2.0 * sizes.batch * work.width**2
    of_a_lane = FLOAT * (4 * sizes.parameters + 2 * sizes.batch * sum(sizes.widths))
    copied = (of_a_lane, lanes * of_a_lane, _LARGE)
    return {
        "lanes_a_program": lanes_together,
        "stacked": sizes.steps * stacked + validation,
        "alone": sizes.steps * alone + validation,
        "reached": {
            kind: operations / seconds_of([call])
            for kind, call in zip(KINDS, (forward, weight, x), strict=True)
        },
        "copied": {name: size / seconds_of([_copy(size)]) for name, size in zip(COPIES, copied, strict=True)},
    }


def seconds_of(calls: Sequence[Call]) -> float:
    """Seconds that the core works on all calls once, in the mean of many times."""
    for call in calls:
        call()
    started, times = time.process_time(), 0
    while True:
        for call in calls:
            call()
        times += 1
        if (seconds := time.process_time() - started) >= _REPEATED_SECONDS:
            return seconds / times


def _stacked(lanes: int, rows: int, widths: Sequence[int]) -> Iterator[Call]:
    """A step's products of a program: all layers forward, then back."""
    values = [torch.rand(lanes, rows, width) for width in widths]
    backs = [torch.rand(lanes, rows, width) for width in widths]
    back: list[Call] = []
    for layer, (before, width) in enumerate(pairwise(widths)):
        weight, bias = _weights(lanes, width, before), torch.rand(lanes, 1, width)
        x, gradient = values[layer], backs[layer + 1]
        yield partial(torch.baddbmm, bias, x, weight.transpose(1, 2), out=values[layer + 1])
        of_weight = torch.empty_like(weight)
        mine: list[Call] = [partial(torch.bmm, gradient.transpose(1, 2), x, out=of_weight)]
        if layer:
            mine.append(partial(torch.bmm, gradient, weight, out=backs[layer]))
        back[:0] = mine
    yield from back


def _alone(rows: int, widths: Sequence[int]) -> Iterator[Call]:
    """A step's products of one network: all layers forward, then back."""
    back: list[Call] = []
    for layer, (before, width) in enumerate(pairwise(widths)):
        forward, *mine = _alone_layer(rows, before, width)
        yield forward
        back[:0] = mine if layer else mine[:1]
    yield from back


def _alone_layer(rows: int, before: int, width: int) -> tuple[Call, Call, Call]:
    """A layer's products, one of each kind."""
    x, gradient, bias = torch.rand(rows, before), torch.rand(rows, width), torch.rand(width)
    weight = _weights(width, before)
    return (
        partial(torch.addmm, bias, x, weight.t(), out=torch.empty(rows, width)),
        partial(torch.mm, gradient.t(), x, out=torch.empty_like(weight)),
        partial(torch.mm, gradient, weight, out=torch.empty(rows, before)),
    )


def _validation(sizes: Sizes) -> Iterator[Call]:
    """The products of judging one network."""
    for start in range(0, sizes.validated, VALIDATION_CHUNK):
        rows = min(VALIDATION_CHUNK, sizes.validated - start)
        for before, width in pairwise(sizes.widths):
            yield _alone_layer(rows, before, width)[0]


def _weights(*shape: int) -> Tensor:
    """Small enough for products of products to stay finite."""
    return torch.rand(shape) / shape[-1]


def _copy(size: int) -> Call:
    """Copies half of so many bytes onto the other half."""
    source = torch.rand(max(1, size // (2 * FLOAT)))
    return partial(torch.empty_like(source).copy_, source)
