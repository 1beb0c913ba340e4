"""What travels between a run and its workers: jobs out, messages back, plain JSON on the wire.

A cluster transport hands out the same jobs and returns the same messages.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

FailureKind = Literal["memory", "error"]
LossReason = Literal["crashed", "timeout", "killed"]
Activity = Literal["starting", "idle", "busy", "failed"]

_PIECE_BYTES = 16_000
_MORE, _LAST = b"+", b"."


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work.

    Attributes:
        id: Unique among the jobs that a pool holds at one time.
        kind: Key in the worker's table of handlers.
        payload: JSON for the handler; large things travel as files.
        limit_seconds: Running time without a word after which the worker is killed: every progress that
            arrives begins it anew, so it bounds all of a handler that emits nothing.
        attempt: Counts from 1; a lost job comes back under the same id with the next attempt.
    """

    id: str
    kind: str
    payload: dict[str, Any]
    limit_seconds: float
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Started:
    """The job was handed to a worker."""

    job: Job
    worker: int


@dataclass(frozen=True, slots=True)
class Progress:
    """One `WorkContext.emit` of the job's handler, in order."""

    job: Job
    worker: int
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Finished:
    """The handler returned.

    Attributes:
        result: What it returned.
        seconds: Wall time of the handler, as the worker measured it (a suspended machine's sleep included).
        busy_seconds: Processor time of the worker for it, all threads.
    """

    job: Job
    worker: int
    result: dict[str, Any]
    seconds: float
    busy_seconds: float


@dataclass(frozen=True, slots=True)
class Failed:
    """The handler raised; `error` is one line, the traceback stands in the log.

    `kind` is "memory" when an allocation failed, on the processor or a GPU.
    """

    job: Job
    worker: int
    error: str
    kind: FailureKind


@dataclass(frozen=True, slots=True)
class Lost:
    """The worker died with the job: by itself, silent past the job's limit, or because the caller said so.

    `error` names the exit status or the signal. `worker` is -1 for a job killed before it started.
    """

    job: Job
    worker: int
    reason: LossReason
    error: str


Message = Started | Progress | Finished | Failed | Lost
"""What `Pool.wait` returns. Every started job ends in exactly one of Finished, Failed and Lost."""


@dataclass(frozen=True, slots=True)
class WorkerState:
    """One worker as it stands.

    Attributes:
        worker: Its number, from 0; a replacement keeps it.
        pid: Process id; None when no process is running.
        device: "cpu", "mps" or "cuda:N".
        state: "failed" means that it could not be started and is left out.
        job: Id of the job it works on.
        busy_seconds: Running time spent on jobs under this number, the present one included.
        started: Start of the process, seconds since 1970 (UTC).
        error: Why it is left out.
    """

    worker: int
    pid: int | None
    device: str
    state: Activity
    job: str | None
    busy_seconds: float
    started: float
    error: str = ""


def encode(message: dict[str, Any]) -> bytes:
    """A message as JSON bytes; NaN and infinities travel as Python's json writes them.

    Raises:
        TypeError: A value is not JSON.
    """
    return json.dumps(message, separators=(",", ":")).encode()


def decode(data: bytes) -> dict[str, Any]:
    """The message that `encode` wrote."""
    message: dict[str, Any] = json.loads(data)
    return message


def pieces(data: bytes) -> Iterator[bytes]:
    """Cut an encoded message into pieces that a pipe takes whole.

    A writer that is stopped (SIGSTOP) in the middle of a long message must not leave half of it in the pipe:
    the pool would block in reading the rest. Up to 16 KiB are one `write`, which Linux does not divide.
    """
    for start in range(0, max(len(data), 1), _PIECE_BYTES):
        end = start + _PIECE_BYTES
        yield (_LAST if end >= len(data) else _MORE) + data[start:end]


class Assembler:
    """Puts the pieces of one pipe together again."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def add(self, piece: bytes) -> dict[str, Any] | None:
        """Take the next piece; the message when this was its last."""
        self._parts.append(piece[1:])
        if piece[:1] == _MORE:
            return None
        data = b"".join(self._parts)
        self._parts.clear()
        return decode(data)
