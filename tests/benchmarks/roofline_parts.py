"""What a lane-epoch consists of: the operations and bytes it needs, and where the time of a loop goes.

The network is that of `throughput`: three hidden layers of one width, ReLU, one output, AdamW. A lane-epoch
is an epoch of one network: its steps, and the judgement on the validation rows. All seconds are those that
the core worked, so that other programs on the machine add nothing but what they take of caches and memory.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import pairwise
from typing import Any

import throughput_packs
from throughput_packs import Work, rows_of
from torch.profiler import ProfilerActivity, profile

LAYERS = 3
FLOAT = 4
PARTS = ("products", "activation", "sums", "loss", "gather", "optimizer")
"""What is told apart in a profile; `rest` is all other time: Python, dispatch, autograd, a DataLoader."""
_OPERATIONS = {
    "products": ("mm", "addmm", "bmm", "baddbmm"),
    "activation": ("relu", "clamp_min", "threshold_backward"),
    "sums": ("sum",),
    "loss": ("sigmoid", "softplus", "binary_cross_entropy_with_logits", "sub", "sub_", "mul", "mul_"),
    "gather": ("index_select",),
}
_PART_OF = {f"aten::{name}": part for part, names in _OPERATIONS.items() for name in names}
_PREFIXES = {
    "Optimizer.": "optimizer",
    "aten::_fused_": "optimizer",
    "aten::_foreach_mul_": "optimizer",
    # Thousands of tiny calls, of which a profile measures itself rather than them.
    "enumerate(DataLoader)": "rest",
}


@dataclass(frozen=True, slots=True)
class Sizes:
    """Sizes of a lane-epoch.

    Attributes:
        widths: Of the features, the hidden layers and the output.
        steps: Batches of an epoch; a short last one counts as its part.
        validated: Validation rows.
    """

    widths: tuple[int, ...]
    batch: int
    steps: float
    validated: int

    @classmethod
    def of(cls, work: Work) -> Sizes:
        """The sizes without padding: the work that has to be done."""
        shape = rows_of(work, "cpu").shape
        batch = min(work.batch, shape.rows)
        widths = (work.features, *[work.width] * LAYERS, 1)
        return cls(widths, batch, shape.rows / batch, shape.validation_rows)

    @property
    def parameters(self) -> int:
        """Weights and biases."""
        return sum((before + 1) * width for before, width in pairwise(self.widths))

    def operations(self) -> float:
        """Floating point operations of a lane-epoch's products; the first layer needs no input gradient."""
        a_row = sum(before * width for before, width in pairwise(self.widths))
        back = 2 * a_row - self.widths[0] * self.widths[1]
        return 2.0 * (self.steps * self.batch * (a_row + back) + self.validated * a_row)

    def least_bytes(self) -> dict[str, float]:
        """Bytes that each part reads and writes in a lane-epoch, if every call touches its tensors once."""
        hidden, outputs = sum(self.widths[1:-1]), self.widths[-1]
        trained = self.batch * self.steps
        of_a_step = _touched(self.batch, self.widths)
        products = 3 * of_a_step - _touched(self.batch, self.widths[:2])
        values = {
            "products": self.steps * products + _touched(self.validated, self.widths),
            "activation": hidden * (5 * trained + 2 * self.validated),  # forward 2, on the way back 3
            "sums": trained * (hidden + outputs),
            "loss": 3 * trained * outputs,
            "gather": 2 * trained * self.widths[0],
            "optimizer": 7 * self.steps * self.parameters,  # reads 4 numbers of each, writes 3
        }
        return {part: FLOAT * count for part, count in values.items()}


def _touched(rows: int, widths: Sequence[int]) -> int:
    """Numbers that the forward products read and write: input, output, weights."""
    return sum(rows * before + rows * width + before * width for before, width in pairwise(widths))


def prepare(work: Work, loop: str, profiled: bool, member: int) -> Callable[[], dict[str, float]]:
    """A process's lanes, ready for an epoch in a loop of `throughput` that is timed as it is, or profiled."""
    if loop == "usual":
        work = replace(work, lanes=1)  # its lanes are alike; the time and the profile of one are long enough
    return partial(_profiled if profiled else _timed, _training(work, loop, member), work.lanes)


@lru_cache
def _training(work: Work, loop: str, member: int) -> Callable[[], None]:
    """An epoch of the lanes, one after its first: that composes the pack and imports more of torch."""
    train = throughput_packs.prepare(work, loop, 1, member)
    train()
    return train


def _timed(train: Callable[[], None], lanes: int) -> dict[str, float]:
    started = time.process_time()
    train()
    return {"total": (time.process_time() - started) / lanes}


def _profiled(train: Callable[[], None], lanes: int) -> dict[str, float]:
    """Seconds of a lane-epoch in each part."""
    with profile(activities=[ProfilerActivity.CPU]) as seen:
        clocks = time.process_time(), time.perf_counter()
        train()
        busy, passed = time.process_time() - clocks[0], time.perf_counter() - clocks[1]
    seconds: dict[str, float] = defaultdict(float)
    for event in seen.events() or ():
        # A profile sees the clock on the wall: all parts alike are shortened to what the core worked.
        seconds[part_of(event)] += event.self_cpu_time_total * 1e-6 * min(1.0, busy / passed) / lanes
    return {part: seconds[part] for part in PARTS}


def part_of(event: Any) -> str:
    """The part that the outermost known call around an event, or the event itself, belongs to."""
    part = "rest"
    while event is not None:
        name = event.name
        prefixed = (known for start, known in _PREFIXES.items() if name.startswith(start))
        part = _PART_OF.get(name) or next(prefixed, None) or part
        event = event.cpu_parent
    return part
