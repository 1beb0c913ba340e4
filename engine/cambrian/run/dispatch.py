"""Sends lanes to the workers and brings back one report each, whatever happens to a worker."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from cambrian.experiment import Limits
from cambrian.log import LOGGER
from cambrian.records import EpochRecord, Evaluation, LaneStatus, Reason, State
from cambrian.run.lanes import LaneId, LaneReport, LaneTask
from cambrian.run.packed import Packed
from cambrian.run.packs import cut_packs, longest_silence
from cambrian.run.resolve import Resolved, room_bytes
from cambrian.run.store import Store
from cambrian.run.workspace import RunFolder
from cambrian.store.reader import RunReader
from cambrian.store.rows import RungRow
from cambrian.store.writer import RunWriter
from cambrian.workers.pool import Pool
from cambrian.workers.protocol import Failed, Finished, Job, Lost, Message, Progress, Started

MOST_ATTEMPTS = 2
STOP_GRACE = 8.0
"""Seconds that running jobs get to end their epoch before their workers are killed."""
PATIENCE = 3.0
"""Predicted epochs of the slowest lane that a pause waits longer."""
LEAST_GAIN = 0.3
"""Predicted seconds that dividing a job must win: its lanes are parked and another process takes up half."""


class Control(Protocol):
    """Says, between two messages, whether to go on."""

    def poll(self) -> bool:
        """Look at signals, requests and the clock; True: this stage must end now."""
        ...

    @property
    def pausing(self) -> bool:
        """Whether the user asked the run to pause."""
        ...

    def waiting(self) -> AbstractContextManager[None]:
        """Say that everything is parked and the run waits, as long as the block lasts."""
        ...


@dataclass(frozen=True, slots=True)
class DispatchSettings:
    """What every job of a run has in common."""

    folder: Path
    resolved: Resolved
    limits: Limits
    workers: int
    tf32: bool = False


class Dispatcher:
    """Trains tasks on the pool and writes what comes back; the only caller of the pool during a search.

    Args:
        pool: The workers.
        store: The run's database.
        control: Polled about ten times a second.
        settings: What the jobs have in common.
        failed: Called once for each lane that failed, with its task and report.
    """

    def __init__(
        self,
        pool: Pool,
        store: Store,
        *,
        control: Control,
        settings: DispatchSettings,
        failed: Callable[[LaneTask, LaneReport], None],
    ) -> None:
        self._pool = pool
        self._store = store
        self._control = control
        self._settings = settings
        self._failed = failed
        self._execution = _executions(settings.folder)
        self._jobs_cut = 0
        self._halting = False
        self._tasks: dict[LaneId, LaneTask] = {}
        self._reports: dict[LaneId, LaneReport] = {}
        self._jobs: dict[str, list[LaneId]] = {}
        self._attempts: dict[LaneId, int] = {}
        self._measured: dict[str, int] = {}
        self._epochs: list[tuple[int, int, int, EpochRecord]] = []
        self._fresh: list[LaneReport] = []
        self._started: list[LaneId] = []
        self._written: dict[LaneId, int] = {}
        self._parked: dict[LaneId, int] = {}
        self._running: set[str] = set()
        self._divided: set[str] = set()
        self._again: list[LaneTask] = []
        self._halves: list[list[LaneTask]] = []
        self.packed = Packed()
        self.seconds_per_work = settings.resolved.seconds_per_work

    def run(self, tasks: Sequence[LaneTask]) -> tuple[dict[LaneId, LaneReport], bool]:
        """Train the tasks.

        Returns:
            One report for every task that ended, and whether the stage was ended early by the control:
            then the lanes without a report are parked where they stood.
        """
        self._tasks = {task.id: task for task in tasks}
        self._reports, self._attempts = {}, {}
        self._written = {lane: epoch for lane, epoch in self._written.items() if lane in self._tasks}
        waiting = [_waiting(task) for task in tasks if task.rung == 0 or task.id.fold or task.id.seed]
        self._store.write(lambda writer: writer.save_evaluations(waiting))
        self._parked = {lane: epoch for lane, epoch in self._parked.items() if lane in self._tasks}
        self._submit(list(self._tasks.values()), workers=self._settings.workers)
        while self._open():
            self._receive(0.1)
            if self._control.poll():
                self._halt()
                return self._reports, True
            if self._control.pausing and not self._wait_out_pause():
                return self._reports, True
            self._submit_again()
            self._even_out()
        return self._reports, False

    def _open(self) -> bool:
        """Whether lanes are without a report, or a job that has told everything has not ended yet."""
        return len(self._reports) < len(self._tasks) or bool(self._jobs)

    def _submit(self, tasks: Sequence[LaneTask], *, workers: int) -> None:
        """Hand the tasks to the pool, cut for so many workers; suspects alone."""
        suspects = [task for task in tasks if task.id in self._attempts]
        others = [task for task in tasks if task.id not in self._attempts]
        packs = cut_packs(others, seconds_of=self._seconds_to_train, workers=workers)
        for pack in [*packs, *([task] for task in suspects)]:
            self._hand_out(pack)

    def _hand_out(self, pack: Sequence[LaneTask]) -> None:
        """Make a job of a pack."""
        self._jobs_cut += 1
        job_id = f"pack-{self._execution}-{self._jobs_cut}"
        attempt = max(self._attempts.get(task.id, 1) for task in pack)
        payload = {
            "folder": str(self._settings.folder),
            "shape": self._settings.resolved.shape.to_json(),
            "objectives": [objective.name for objective in self._settings.resolved.objectives],
            "lanes": [self._lane_payload(task) for task in pack],
            "memory_bytes": self._settings.resolved.memory_bytes,
            "room_bytes": room_bytes(self._settings.resolved, self._settings.workers),
            "tf32": self._settings.tf32,
        }
        self._jobs[job_id] = [task.id for task in pack]
        self._pool.submit(Job(job_id, "train", payload, self._silence_limit(pack), attempt))

    def _silence_limit(self, pack: Sequence[LaneTask]) -> float:
        limits, resolved = self._settings.limits, self._settings.resolved
        seconds = longest_silence(list(map(self._epoch_seconds, pack)), resolved.shape)
        return max(limits.timeout_seconds, limits.timeout_factor * seconds)

    def _lane_payload(self, task: LaneTask) -> dict[str, Any]:
        return task.to_json() | {
            "written": self._written.get(task.id, 0),
            "bytes": task.predicted_bytes,
            "epoch_seconds": self._epoch_seconds(task),
        }

    def _epoch_seconds(self, task: LaneTask) -> float:
        return task.predicted_work / max(1, task.spec.epochs) * self.seconds_per_work

    def _seconds_to_train(self, task: LaneTask) -> float:
        """Predicted seconds of a lane that waits: from where it was parked, whatever was written since."""
        return self._seconds_from(self._parked.get(task.id, 0), task)

    def _seconds_left(self, task: LaneTask) -> float:
        """Predicted seconds of a lane that trains: from the last epoch that was written."""
        return self._seconds_from(self._written.get(task.id, 0), task)

    def _seconds_from(self, epoch: int, task: LaneTask) -> float:
        until = min(task.until, max(1, task.spec.epochs))
        return max(0, until - epoch) * self._epoch_seconds(task)

    def _even_out(self) -> None:
        """Divide the job with the most work left when a worker has nothing to do: it parks, both go on."""
        idle = self._pool.idle
        if not idle or self._divided or self._pool.outstanding != len(self._running):
            return
        most, longest = 0.0, ""
        for job_id in sorted(self._running):
            lanes = [lane for lane in self._jobs[job_id] if lane not in (*self._reports, *self._attempts)]
            left = [self._tasks[lane] for lane in lanes]
            packs = cut_packs(left, seconds_of=self._seconds_left, workers=1 + idle)
            seconds = [sum(map(self._seconds_left, pack)) for pack in packs]
            gain = sum(seconds) - max(seconds, default=0.0)
            if gain > most:
                most, longest = gain, job_id
        if most >= LEAST_GAIN:
            self._divided.add(longest)
            self._pool.stop(longest)

    def _receive(self, timeout: float) -> None:
        for message in self._pool.wait(timeout):
            self._take(message)
        self._commit()

    def _submit_again(self) -> None:
        """Hand out what came back: after the commit, since a lane goes on behind the epochs that are written.

        Also after a look at the control: a signal that ends the run may have ended a worker first, and the
        next one is about to follow.
        """
        again, self._again = self._again, []
        halves, self._halves = self._halves, []
        self._submit(again, workers=max(1, self._pool.idle))
        for half in halves:
            self._hand_out(half)

    def _take(self, message: Message) -> None:
        job: Job = message.job
        if job.id not in self._jobs:
            return
        if isinstance(message, Started):
            self._running.add(job.id)
            self._started += self._jobs[job.id]
        elif isinstance(message, Progress):
            self._take_progress(job, message.data)
        elif isinstance(message, Finished):
            self.packed = self.packed.plus(message.result)
            self._again += [self._tasks[lane] for lane in self._ended(job) if lane not in self._reports]
        elif isinstance(message, Lost):
            reason = Reason.TIMEOUT if message.reason == "timeout" else Reason.CRASHED
            self._lost(job, State.FAILED, reason, message.error)
        elif isinstance(message, Failed):
            memory = message.kind == "memory"
            state, reason_ = (State.INFEASIBLE, None) if memory else (State.FAILED, Reason.CRASHED)
            self._lost(job, state, reason_, message.error)

    def _take_progress(self, job: Job, data: Mapping[str, Any]) -> None:
        for row in data.get("epochs", ()):
            individual, fold, seed, epoch, train, validation, rate, seconds, status = row
            record = EpochRecord(0, epoch, train, validation, rate, seconds, LaneStatus(status))
            self._epochs.append((individual, fold, seed, record))
        if "ran_out_at" in data:
            self._measured[job.id] = data["ran_out_at"]
        if "report" in data:
            report = LaneReport.from_json(data["report"], attempt=job.attempt, pack=job.id)
            self._parked[report.id] = report.epochs
            if not report.parked:
                self._settle(report)

    def _settle(self, report: LaneReport) -> None:
        self._reports[report.id] = report
        self._fresh.append(report)
        if report.failed:
            self._failed(self._tasks[report.id], report)

    def _lost(self, job: Job, state: State, reason: Reason | None, error: str) -> None:
        """Try the lanes of a lost job once more, each alone; a lane that was the suspect twice has failed.

        If memory ran out, nobody is suspected: each half tries again, until a lane is alone in its job.
        """
        lanes = [lane for lane in self._ended(job) if lane not in self._reports]
        LOGGER.warning("%s (%s) was lost: %s", job.id, ", ".join(lane.name for lane in lanes), error)
        alone = len(job.payload["lanes"]) == 1
        if state is State.INFEASIBLE and not alone:
            middle = len(lanes) // 2
            halves = [[self._tasks[lane] for lane in half] for half in (lanes[:middle], lanes[middle:])]
            self._halves += [half for half in halves if half]
            return
        for lane in lanes:
            # A worker that is lost while all must end may have been ended with the run: no fault of the lane.
            if state is State.INFEASIBLE or (job.attempt >= MOST_ATTEMPTS and not self._halting):
                report = LaneReport(
                    lane,
                    None,
                    measured_bytes=self._measured.get(job.id),
                    state=state,
                    reason=reason,
                    error=self._memory_text(lane, job, error) if state is State.INFEASIBLE else error,
                    attempt=job.attempt,
                    pack=job.id,
                )
                self._settle(report)
            else:
                self._attempts[lane] = min(job.attempt + 1, MOST_ATTEMPTS)
                self._again.append(self._tasks[lane])

    def _ended(self, job: Job) -> list[LaneId]:
        """The job has ended; its lanes."""
        self._running.discard(job.id)
        self._divided.discard(job.id)
        return self._jobs.pop(job.id)

    def _memory_text(self, lane: LaneId, job: Job, error: str) -> str:
        measured = self._measured.get(job.id)
        return (
            f"memory ran out: {self._tasks[lane].predicted_bytes} bytes were predicted, "
            + (f"{measured} taken so far, " if measured is not None else "")
            + f"the limit is {self._settings.resolved.memory_bytes} ({error})"
        )

    def _commit(self) -> None:
        """Write what one look at the workers brought, in one transaction."""
        if not self._started and not self._epochs and not self._fresh:
            return
        started, epochs, fresh = self._started, self._epochs, self._fresh
        self._started, self._epochs, self._fresh = [], [], []
        tasks = [self._tasks[report.id] for report in fresh]
        evaluations = [report.evaluation(task) for report, task in zip(fresh, tasks, strict=True)]
        rungs = [
            RungRow(*report.id, task.rung, report.values, report.epochs, report.ended)
            for report, task in zip(fresh, tasks, strict=True)
            if report.values is not None
        ]

        def write(writer: RunWriter) -> None:
            writer.start_evaluations(started)
            writer.save_evaluations(evaluations)
            writer.save_epochs(epochs)
            writer.save_rungs(rungs)

        self._store.write(write)
        for individual, fold, seed, record in epochs:
            self._written[LaneId(individual, fold, seed)] = record.epoch

    def _halt(self, *, patient: bool = False) -> None:
        """Let running jobs park at their epoch; kill what does not within the grace.

        Args:
            patient: Wait a few times as long as an epoch should take, until the control says that the stage
                ends: nobody waits for a pause as for an end.
        """
        self._halting = True
        self._pool.cancel_waiting()
        self._pool.stop(None)
        running = [self._tasks[lane] for job_id in self._running for lane in self._jobs[job_id]]
        epoch = max(map(self._epoch_seconds, running), default=0.0)
        deadline = time.monotonic() + (STOP_GRACE + PATIENCE * epoch if patient else STOP_GRACE)
        while self._pool.outstanding and time.monotonic() < deadline:
            self._receive(0.1)
            if self._control.poll() and patient:  # the heartbeat and the clock go on
                patient, deadline = False, min(deadline, time.monotonic() + STOP_GRACE)
        for job_id in list(self._jobs):
            self._pool.kill(job_id)
        self._jobs.clear()
        self._running.clear()
        self._divided.clear()
        self._again.clear()
        self._halves.clear()
        self._halting = False

    def _wait_out_pause(self) -> bool:
        """Park everything, wait for the request to go on, submit again; False: the stage ended instead."""
        self._halt(patient=True)
        with self._control.waiting():
            while self._control.pausing:
                self._pool.wait(0.2)
                if self._control.poll():
                    return False
        left = [task for lane, task in self._tasks.items() if lane not in self._reports]
        self._submit(left, workers=self._settings.workers)
        return True


def _executions(folder: Path) -> int:
    """How often the run was executed, this time included: packs of two executions have two names."""
    with RunReader(RunFolder(folder).database) as reader:
        return sum(event.kind == "run-started" for event in reader.events())


def _waiting(task: LaneTask) -> Evaluation:
    lane = task.id
    return Evaluation(
        lane.individual, lane.fold, lane.seed, State.WAITING, predicted_bytes=task.predicted_bytes
    )
