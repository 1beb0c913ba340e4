"""Runs a training step again and again: on CUDA recorded once as a graph and replayed, elsewhere plainly.

A step of a few hundred small kernels takes longer to launch than to compute; a replayed graph launches all of
them at once. What is recorded may neither wait for the device nor read anything that moves: every tensor that
it reads from outside must keep its place.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import torch

from cambrian.log import LOGGER

_WARM_UPS = 2
"""Steps before the recording, which load kernels and make workspaces; they count like any other."""


@lru_cache(maxsize=16)
def side_stream(device: torch.device, purpose: str) -> torch.cuda.Stream | None:
    """A further stream of a CUDA device, one for each purpose; other devices have none.

    cuBLAS keeps a workspace of up to 32 MB for every stream that ever called it: new ones must not pile up.
    """
    return torch.cuda.Stream(device) if device.type == "cuda" else None  # type: ignore[no-untyped-call]


def set_product_precision(device: torch.device, *, tf32: bool) -> None:
    """Whether CUDA may round the inputs of products to 10 bits of mantissa (TF32); for the whole process.

    Without it a lane alone and in company agree within 1e-5 relative over five epochs; with it no such figure
    is promised.
    """
    if device.type == "cuda":
        torch.set_float32_matmul_precision("high" if tf32 else "highest")


class DeviceStep:
    """One step as a call.

    Args:
        body: The step: launches work on the current stream, waits for nothing.
        device: Where.
        beside: Another step that never runs at the same time: they share memory.

    Attributes:
        refusal: Why it is not recorded, though it runs on CUDA; empty if it is, or may still be.
    """

    def __init__(
        self, body: Callable[[], None], device: torch.device, beside: DeviceStep | None = None
    ) -> None:
        self._body = body
        self._device = device
        self._beside = beside
        self._runs = 0
        self._graph: torch.cuda.CUDAGraph | None = None
        self._stream = side_stream(device, "recording")
        self.refusal = ""

    @property
    def recorded(self) -> bool:
        """Whether it replays a graph."""
        return self._graph is not None

    def run(self) -> None:
        """Take one step."""
        if self._graph is not None:
            self._graph.replay()
            return
        if self._stream is None or self.refusal:
            self._body()
            return
        if self._runs < _WARM_UPS:
            self._runs += 1
            self._warm_up(self._stream)
        elif self._record():
            self.run()
        else:
            self._body()

    def _warm_up(self, stream: torch.cuda.Stream) -> None:
        """A step on the stream of the recording: what libraries keep a stream then exists already."""
        stream.wait_stream(torch.cuda.current_stream(self._device))
        with torch.cuda.stream(stream):
            self._body()
        torch.cuda.current_stream(self._device).wait_stream(stream)

    def _record(self) -> bool:
        """Record the step without taking it."""
        torch.cuda.synchronize(self._device)
        graph = torch.cuda.CUDAGraph()
        beside = self._beside._graph if self._beside is not None else None
        pool = None if beside is None else beside.pool()
        current = torch.cuda.current_stream(self._device)
        try:
            with torch.cuda.graph(graph, pool=pool, stream=self._stream, capture_error_mode="thread_local"):
                self._body()
        except RuntimeError as error:  # torch has no narrower class for a call that cannot be recorded
            torch.cuda.set_stream(current)  # a recording that breaks off leaves its own stream behind
            if isinstance(error, torch.OutOfMemoryError):
                raise
            torch.cuda.synchronize(self._device)  # raises if the device is lost: then nothing is left to run
            self.refusal = str(error).partition("\n")[0]
            LOGGER.warning("a training step is not recorded as a CUDA graph: %s", self.refusal)
            return False
        self._graph = graph
        return True
