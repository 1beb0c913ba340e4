"""Single jobs for the workers whose results the run waits for: the data, probes, the delivery."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from cambrian.data.prepared import Prepared
from cambrian.errors import CambrianError, DataError, RunError, SettingError, UserFacingError
from cambrian.experiment import Experiment
from cambrian.log import LOGGER
from cambrian.records import RunEvent
from cambrian.run.dispatch import Control
from cambrian.run.workspace import RunFolder
from cambrian.workers.pool import Pool
from cambrian.workers.protocol import Failed, Finished, Job, Lost, Message, Progress

_REFUSALS: dict[str, type[UserFacingError]] = {
    kind.__name__: kind for kind in (DataError, SettingError, RunError)
}


class CallInterruptedError(CambrianError):
    """The run was interrupted before what it waited for was there."""


def call(
    pool: Pool,
    jobs: Sequence[Job],
    control: Control,
    *,
    optional: Collection[str] = (),
    over: Callable[[], bool] = lambda: False,
    heard: Callable[[dict[str, Any]], object] = lambda data: None,
    trying: Callable[[], object] = lambda: None,
) -> dict[str, Mapping[str, Any]]:
    """Run the jobs and return their results by job id; a job that fails is tried once more.

    Args:
        pool: The workers.
        jobs: The jobs; nothing else may be on the pool but jobs apart.
        control: Polled while they run.
        optional: Kinds of jobs that may fail: the result is `{"error": why, "late": whether}` then. Who was
            silent past its limit is late, and not tried again.
        over: Whether the time for optional jobs is over; those that have not ended are killed then.
        heard: Receives the jobs' progress.
        trying: Called before each attempt at a job.

    Raises:
        CallInterruptedError: The control ended the stage.
        RunError: A job failed twice; names it and the error.
    """
    calls = _Calls(optional, heard)
    for job in jobs:
        trying()
        calls.waiting[job.id] = job
        pool.submit(job)
    while calls.waiting:
        lost = calls.take(pool.wait(0.1))
        if control.poll():
            pool.cancel_waiting()
            for job_id in calls.waiting:
                pool.kill(job_id)
            raise CallInterruptedError
        if over():
            late = sorted(job.id for job in calls.waiting.values() if job.kind in optional)
            calls.results |= _killed(pool, late)
            for job_id in late:
                del calls.waiting[job_id]
        # After the look at the control: what ends the run may have ended a worker first.
        for job, error in lost:
            if job.id in calls.waiting:
                _again(pool, job, error, trying)
    return calls.results


class _Calls:
    """The jobs that have not ended, and the results of those that have.

    Args:
        optional: Kinds of jobs that may fail.
        heard: Receives the jobs' progress.
    """

    def __init__(self, optional: Collection[str], heard: Callable[[dict[str, Any]], object]) -> None:
        self._optional = optional
        self._heard = heard
        self.waiting: dict[str, Job] = {}
        self.results: dict[str, Mapping[str, Any]] = {}

    def take(self, messages: Iterable[Message]) -> list[tuple[Job, str]]:
        """Take in what the pool says; the jobs to try once more, each with its error."""
        lost: list[tuple[Job, str]] = []
        for message in messages:
            job = message.job
            if job.id not in self.waiting:
                continue
            if isinstance(message, Progress):
                self._heard(message.data)
            elif isinstance(message, Finished):
                self._end(job, message.result)
            elif isinstance(message, Failed | Lost):
                LOGGER.warning("job %s failed: %s", job.id, message.error)
                timeout = isinstance(message, Lost) and message.reason == "timeout"
                if job.kind in self._optional and (timeout or job.attempt > 1):
                    self._end(job, {"error": message.error, "late": timeout})
                else:
                    lost.append((job, message.error))
        return lost

    def _end(self, job: Job, result: Mapping[str, Any]) -> None:
        self.results[job.id] = result
        del self.waiting[job.id]


def _killed(pool: Pool, job_ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """End jobs whose time is over; their results."""
    for job_id in job_ids:
        LOGGER.warning("job %s has not ended when its time was over", job_id)
        pool.kill(job_id)
    return {job_id: {"error": "not done within its share of the time", "late": True} for job_id in job_ids}


def prepare_in_worker(
    pool: Pool, folder: RunFolder, experiment: Experiment, control: Control, tell: Callable[[RunEvent], None]
) -> Prepared:
    """The run's prepared data, read, checked and written by a worker: the run stays able to answer.

    Raises:
        CallInterruptedError: The run was interrupted.
        DataError: The data cannot be used.
    """
    payload = {"folder": str(folder.path), "experiment": experiment.to_toml()}
    job = Job("prepare", "prepare", payload, limit_seconds=math.inf)
    result = call(pool, [job], control, heard=lambda event: tell(RunEvent(**event)))["prepare"]
    if "refusal" in result:
        facts = dict(result["refusal"])
        raise _REFUSALS[facts.pop("kind")](**facts)
    return Prepared.open(folder.data)


def _again(pool: Pool, job: Job, error: str, trying: Callable[[], object]) -> None:
    if job.attempt > 1:
        raise RunError(
            f"The job '{job.kind}' failed twice: {error}.", "The run's log has the details.", exit_code=1
        )
    trying()
    pool.submit(Job(job.id, job.kind, job.payload, limit_seconds=job.limit_seconds, attempt=job.attempt + 1))
