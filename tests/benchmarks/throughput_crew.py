"""Processes that work at the same time, one a core: a benchmark of throughput keeps all cores busy."""

from __future__ import annotations

import multiprocessing
import os
import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from importlib import import_module
from multiprocessing import connection
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Self

Task = Callable[[], Any]
Prepare = Callable[..., Task]
"""`prepare(**order)` makes everything ready and returns what is to be timed."""

_LEAVE_SECONDS = 5.0


class CrewError(Exception):
    """A process of the crew failed; the text is its traceback."""


class Crew:
    """Processes with a fixed number of threads each, which take orders through pipes.

    Args:
        prepare: "module:function", a `Prepare`; the processes import it.
        threads: Of each process; 0 leaves torch's default.
    """

    def __init__(self, prepare: str, threads: Sequence[int]) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipes: list[Connection] = []
        self._processes = []
        for count in threads:
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs, prepare, count), daemon=True)
            process.start()
            theirs.close()
            self._pipes.append(ours)
            self._processes.append(process)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pipe in self._pipes:
            pipe.close()  # they end when nobody listens any more
        for process in self._processes:
            process.join(_LEAVE_SECONDS if kind is None else 0)
            if process.is_alive():
                process.kill()

    def together(self, order: dict[str, Any], members: Sequence[int]) -> tuple[float, list[Any]]:
        """Give these members the same order (and their number), start them at once, and wait for all.

        Returns:
            Seconds from the start to the end of the last, and their results.
        """
        pipes = [self._pipes[member] for member in members]
        for member, pipe in zip(members, pipes, strict=True):
            pipe.send({**order, "member": member})
        for pipe in pipes:
            _received(pipe, "ready")
        started = time.perf_counter()
        for pipe in pipes:
            pipe.send("go")
        results = [_received(pipe, "done") for pipe in pipes]
        return time.perf_counter() - started, results

    def work_off(self, orders: Iterable[dict[str, Any]], *, seconds: float) -> list[Any]:
        """Give every order to whoever is free; after `seconds` no further one is begun.

        Returns:
            The results of the orders that were begun, in no particular order.
        """
        waiting, results = iter(orders), []
        free, busy = list(self._pipes), set[Connection]()
        deadline = time.monotonic() + seconds
        while True:
            while free and time.monotonic() < deadline and (order := next(waiting, None)) is not None:
                pipe = free.pop()
                pipe.send(order)
                pipe.send("go")  # it starts as soon as it is ready
                busy.add(pipe)
            if not busy:
                return results
            for pipe in connection.wait(list(busy)):
                assert isinstance(pipe, Connection)
                word, value = _message(pipe)
                if word == "done":
                    results.append(value)
                    busy.remove(pipe)
                    free.append(pipe)


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _received(pipe: Connection, expected: str) -> Any:
    word, value = _message(pipe)
    if word != expected:
        raise CrewError(f"{word!r} came instead of {expected!r}")
    return value


def _message(pipe: Connection) -> tuple[str, Any]:
    try:
        word, value = pipe.recv()
    except EOFError as error:
        raise CrewError("a process of the crew died") from error
    if word == "failed":
        raise CrewError(str(value))
    return word, value


def _serve(pipe: Connection, prepare: str, threads: int) -> None:
    import torch

    if threads:
        torch.set_num_threads(threads)
    with suppress(EOFError, OSError):  # the parent has gone, or closed its end
        try:
            module, _, name = prepare.partition(":")
            make: Prepare = getattr(import_module(module), name)
        except Exception:  # noqa: BLE001 - told to the parent, which stops
            pipe.send(("failed", traceback.format_exc()))
            return
        while True:
            _obey(pipe, make, pipe.recv())


def _obey(pipe: Connection, make: Prepare, order: dict[str, Any]) -> None:
    try:
        task = make(**order)
    except Exception:  # noqa: BLE001 - told to the parent, which stops
        pipe.send(("failed", traceback.format_exc()))
        return
    pipe.send(("ready", None))
    pipe.recv()
    try:
        result = task()
    except Exception:  # noqa: BLE001 - told to the parent, which stops
        pipe.send(("failed", traceback.format_exc()))
        return
    pipe.send(("done", result))
