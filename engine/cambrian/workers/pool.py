"""A pool of worker processes that outlives crashes, hangs and kills of any of them.

`ProcessPoolExecutor` declares the whole pool broken when one process dies; here a dead worker is replaced,
its job is reported as lost and the others never notice. The pool knows jobs and never imports torch.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from multiprocessing import connection
from types import TracebackType
from typing import Any, Self

from cambrian.errors import CambrianError
from cambrian.log import LOGGER
from cambrian.workers.clock import RunningClock
from cambrian.workers.limits import WorkerSettings
from cambrian.workers.process import WorkerProcess
from cambrian.workers.protocol import (
    Failed,
    Finished,
    Job,
    LossReason,
    Lost,
    Message,
    Progress,
    Started,
    WorkerState,
    encode,
)
from cambrian.workers.slot import Slot
from cambrian.workers.worker import WorkerConfig

START_LIMIT_SECONDS = 300.0
"""Running time a worker may take to import its handlers; a cold disk and 64 workers at once are slow."""

_FAILURES_ALLOWED = 3
_LONGEST_WAIT = 0.5
_TERMINATION_SECONDS = 0.5


class Pool:
    """Worker processes that work off jobs in the order of submission. For use by one thread.

    The processes start importing at once. Call `wait` often, at least once a second while jobs run: it does
    all the work, and the time limits count running time, of which a longer gap counts one second. A job's
    limit counts from its last progress.

    Args:
        handlers: "package.module:NAME" of a dict from kind of job to handler, or to "module:function"; the
            workers import it. If the module has a function `start`, it is called with a `WorkContext` first.
        workers: How many processes.
        devices: Worker i gets `devices[i % len(devices)]`, see `resolve_devices`.
        settings: Log, priority and threads of the workers.
    """

    def __init__(
        self, handlers: str, *, workers: int, devices: Sequence[str], settings: WorkerSettings
    ) -> None:
        self._handlers = handlers
        self._settings = settings
        self._clock = RunningClock()
        self._waiting: deque[tuple[Job, bytes]] = deque()
        self._messages: list[Message] = []
        self._apart: dict[str, Callable[[Message], object]] = {}
        self._dying: list[WorkerProcess] = []
        self._ever_ready = False
        self._closed = False
        self._slots = [Slot(number, devices[number % len(devices)]) for number in range(workers)]
        try:
            for slot in self._slots:
                self._start(slot)
        except BaseException:  # Ctrl-C too: nobody would end those that were started
            self.close(grace=0)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.close(grace=0)

    @property
    def idle(self) -> int:
        """Workers without a job; those that are still starting count, they will take one."""
        return sum(slot.process is not None and slot.job is None for slot in self._slots)

    @property
    def outstanding(self) -> int:
        """Jobs submitted and not yet ended, running and waiting; those apart do not count."""
        return sum(held.id not in self._apart for held in self._held())

    def states(self) -> list[WorkerState]:
        """Every worker as it stands."""
        return [
            WorkerState(
                worker=slot.worker,
                pid=slot.process.pid if slot.process else None,
                device=slot.device,
                state=slot.activity,
                job=slot.job.id if slot.job else None,
                busy_seconds=slot.busy_seconds + (self._clock.seconds - slot.since if slot.job else 0.0),
                started=slot.process.started if slot.process else 0.0,
                error=slot.error,
            )
            for slot in self._slots
        ]

    def submit(self, job: Job, *, apart: Callable[[Message], object] | None = None) -> None:
        """Hand the job to a free worker, or let it wait for one.

        Args:
            job: The job.
            apart: Receives the job's messages in place of the caller of `wait`, from within it. Such a job
                goes on beside whatever else the pool is used for: only `kill` and `close` end it early.

        Raises:
            CambrianError: The pool is closed, or it already holds a job of this id.
            TypeError: The payload is not JSON.
        """
        if self._closed:
            raise CambrianError("The pool of workers is closed.")
        if any(held.id == job.id for held in self._held()):
            raise CambrianError(f"The pool already holds a job {job.id!r}.")
        order = {"do": "job", "job": job.id, "attempt": job.attempt, "kind": job.kind, "payload": job.payload}
        self._waiting.append((job, encode(order)))
        if apart is not None:
            self._apart[job.id] = apart
        self._clock.tick()
        self._hand_out()

    def wait(self, timeout: float) -> list[Message]:
        """Everything that happened since the last call; blocks up to `timeout` seconds if nothing did.

        Raises:
            CambrianError: The workers cannot be started; has the error of the last one.
        """
        deadline = time.monotonic() + timeout
        while True:
            left = deadline - time.monotonic()
            self._collect(0.0 if self._messages else min(max(left, 0.0), self._next_limit(), _LONGEST_WAIT))
            self._clock.tick()
            self._enforce_limits()
            self._hand_out()
            messages = self._told_apart()
            if messages or left <= 0:
                return messages

    def stop(self, job_id: str | None = None) -> None:
        """Ask a running job, or all of them, to return at the next good point; waiting jobs stay."""
        for slot in self._slots:
            asked = slot.job and (slot.job.id not in self._apart if job_id is None else slot.job.id == job_id)
            if slot.process and asked:
                slot.process.send(encode({"do": "stop"}))

    def cancel_waiting(self) -> list[Job]:
        """Take back the jobs that no worker has taken up."""
        cancelled = [entry for entry in self._waiting if entry[0].id not in self._apart]
        for entry in cancelled:
            self._waiting.remove(entry)
        return [job for job, _ in cancelled]

    def kill(self, job_id: str) -> None:
        """End a job by killing its worker; it is reported as lost. An unknown id is ignored."""
        for slot in self._slots:
            if slot.job and slot.job.id == job_id:
                self._kill(slot, slot.job, "killed", "killed on request")
                return
        for entry in [entry for entry in self._waiting if entry[0].id == job_id]:
            self._waiting.remove(entry)
            self._messages.append(Lost(entry[0], -1, "killed", "killed on request before it started"))

    def close(self, grace: float = 5.0) -> None:
        """End all workers; nothing that they still say is reported.

        Idle workers leave at once, running jobs are asked to stop. After `grace` seconds the rest gets
        SIGTERM, half a second later SIGKILL. To keep results, `stop` and `wait` before.
        """
        if self._closed:
            return
        self._closed = True
        self._waiting.clear()
        processes = [slot.process for slot in self._slots if slot.process] + self._dying
        try:
            if grace > 0:
                for process in processes:
                    process.send(encode({"do": "leave"}))
                _await_end(processes, grace)
            for process in processes:
                process.terminate()
            _await_end(processes, _TERMINATION_SECONDS)
        finally:
            for process in processes:
                process.kill()
            for process in processes:
                process.reap()
            for slot in self._slots:
                slot.process = slot.job = None

    def _told_apart(self) -> list[Message]:
        """The messages for the caller of `wait`, after each job apart has had its own."""
        messages, self._messages = self._messages, []
        mine = []
        for message in messages:
            listener = self._apart.get(message.job.id)
            if listener is None:
                mine.append(message)
                continue
            if isinstance(message, Finished | Failed | Lost):
                del self._apart[message.job.id]  # before it is told: it may submit the job again
            listener(message)
        return mine

    def _held(self) -> Iterable[Job]:
        yield from (job for job, _ in self._waiting)
        yield from (slot.job for slot in self._slots if slot.job)

    def _start(self, slot: Slot) -> None:
        slot.job = None
        slot.since = slot.heard = self._clock.seconds
        in_main_thread = threading.current_thread() is threading.main_thread()
        slot.process = WorkerProcess(
            WorkerConfig(slot.worker, slot.device, self._handlers, self._settings, in_main_thread)
        )

    def _collect(self, timeout: float) -> None:
        """Wait for pipes and deaths; turn what came into messages."""
        sources: dict[Any, Slot] = {}
        for slot in self._slots:
            if slot.process:
                sources[slot.process.connection] = slot
                sources[slot.process.sentinel] = slot
        ready = {sources[source].worker for source in connection.wait(list(sources), timeout)}
        for worker in sorted(ready):
            self._read(self._slots[worker])
        for process in [process for process in self._dying if not process.alive]:
            process.reap()
            self._dying.remove(process)

    def _read(self, slot: Slot) -> None:
        process = slot.process
        if process is None:
            return
        dead = not process.alive
        for answer in process.answers():
            self._take(slot, process, answer)
        if slot.process is process and (dead or process.ended):
            self._bury(slot, process)

    def _take(self, slot: Slot, process: WorkerProcess, answer: dict[str, Any]) -> None:
        match answer["is"]:
            case "ready":
                process.ready = self._ever_ready = True
                slot.failed_starts = 0
            case "broken":
                process.error = answer["error"]
            case "progress":
                for item in answer["items"]:
                    if slot.job and _is_of(item, slot.job):
                        slot.heard = self._clock.tick()
                        self._messages.append(Progress(slot.job, slot.worker, item["data"]))
            case _:
                if slot.job and _is_of(answer, slot.job):
                    self._end_job(slot, slot.job, answer)

    def _end_job(self, slot: Slot, job: Job, answer: dict[str, Any]) -> None:
        if answer["is"] == "finished":
            slot.device_failures = 0
            times = answer["seconds"], answer["busy_seconds"]
            self._messages.append(Finished(job, slot.worker, answer["result"], *times))
            self._release(slot)
            return
        self._messages.append(Failed(job, slot.worker, answer["error"], answer["kind"]))
        self._release(slot)
        if answer["device_lost"]:  # a CUDA context cannot be revived, a new process gets a new one
            slot.device_failures += 1
            slot.error = answer["error"]
            self._abandon(slot)

    def _release(self, slot: Slot) -> None:
        slot.busy_seconds += self._clock.tick() - slot.since
        slot.job = None

    def _bury(self, slot: Slot, process: WorkerProcess) -> None:
        """A worker ended by itself: report its job, and put another in its place."""
        ending = process.reap()
        LOGGER.warning("worker %d on %s: %s", slot.worker, slot.device, ending)
        if slot.job:
            self._messages.append(Lost(slot.job, slot.worker, "crashed", ending))
            self._release(slot)
        elif not process.ready:
            slot.failed_starts += 1
            slot.error = process.error or ending
        self._replace(slot)

    def _kill(self, slot: Slot, job: Job, reason: LossReason, error: str) -> None:
        LOGGER.warning("worker %d on %s: job %s %s", slot.worker, slot.device, job.id, error)
        self._messages.append(Lost(job, slot.worker, reason, f"{error} (SIGKILL)"))
        self._release(slot)
        self._abandon(slot)

    def _abandon(self, slot: Slot) -> None:
        """Kill a slot's process and go on with the next one, without waiting for its end."""
        if slot.process:
            slot.process.kill()
            self._dying.append(slot.process)
        self._replace(slot)

    def _replace(self, slot: Slot) -> None:
        """Start the slot's next process, unless its device has failed too often."""
        slot.process = None
        failed = [other.failed_starts for other in self._slots]
        if not self._ever_ready and min(failed) > 0 and sum(failed) >= _FAILURES_ALLOWED:
            raise CambrianError(f"The worker processes cannot be started: {slot.error}")
        if max(slot.failed_starts, slot.device_failures) < _FAILURES_ALLOWED:
            self._start(slot)
            return
        LOGGER.error("worker %d on %s is left out: %s", slot.worker, slot.device, slot.error)
        if not any(other.process for other in self._slots):
            raise CambrianError(f"No worker process is left: {slot.error}")

    def _limit(self, slot: Slot) -> float | None:
        if slot.job:
            return slot.heard + slot.job.limit_seconds
        starting = slot.process is not None and not slot.process.ready
        return slot.since + START_LIMIT_SECONDS if starting else None

    def _next_limit(self) -> float:
        """Seconds until the next worker is due to be killed."""
        limits = [limit for slot in self._slots if (limit := self._limit(slot)) is not None]
        return max(min(limits, default=_LONGEST_WAIT) - self._clock.seconds, 0.0)

    def _enforce_limits(self) -> None:
        for slot in self._slots:
            limit = self._limit(slot)
            if limit is None or self._clock.seconds < limit:
                continue
            if slot.job:
                silence = f"gave no sign of life for {slot.job.limit_seconds:g} s"
                self._kill(slot, slot.job, "timeout", silence)
            else:
                slot.failed_starts += 1
                slot.error = f"it did not start within {START_LIMIT_SECONDS:g} s"
                self._abandon(slot)

    def _hand_out(self) -> None:
        for slot in self._slots:
            if not self._waiting:
                return
            if slot.free and slot.process:
                job, order = self._waiting.popleft()
                slot.process.send(order)
                slot.job = job
                slot.since = slot.heard = self._clock.seconds
                self._messages.append(Started(job, slot.worker))


def _is_of(answer: dict[str, Any], job: Job) -> bool:
    return bool(answer["job"] == job.id and answer["attempt"] == job.attempt)


def _await_end(processes: Sequence[WorkerProcess], seconds: float) -> None:
    """Wait until all have ended; reads on, so that none blocks on a full pipe."""
    deadline = time.monotonic() + seconds
    while living := [process for process in processes if process.alive]:
        left = deadline - time.monotonic()
        if left <= 0:
            return
        sources = [process.sentinel for process in living]
        pipes = [process.connection for process in living if not process.ended]
        connection.wait([*sources, *pipes], left)
        for process in living:
            if not process.ended:
                process.answers()
