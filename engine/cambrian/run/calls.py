"""Single jobs for the workers whose results the run waits for: probes, baselines, the delivery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cambrian.errors import RunError
from cambrian.log import LOGGER
from cambrian.run.dispatch import Control
from cambrian.workers.pool import Pool
from cambrian.workers.protocol import Failed, Finished, Job, Lost, Progress, Started


class CallInterruptedError(Exception):
    """The control ended the stage before every job had a result."""


def call(
    pool: Pool, jobs: Sequence[Job], control: Control, *, optional: str = ""
) -> dict[str, Mapping[str, Any]]:
    """Run the jobs and return their results by job id; a job that fails is tried once more.

    Args:
        pool: The workers.
        jobs: The jobs; nothing else may be on the pool.
        control: Polled while they run.
        optional: Kind of job that may fail twice: it has no result then.

    Raises:
        CallInterruptedError: The control ended the stage.
        RunError: A job failed twice; names it and the error.
    """
    waiting = {job.id: job for job in jobs}
    results: dict[str, Mapping[str, Any]] = {}
    for job in jobs:
        pool.submit(job)
    while waiting:
        for message in pool.wait(0.1):
            job = message.job
            if job.id not in waiting or isinstance(message, Started | Progress):
                continue
            if isinstance(message, Finished):
                results[job.id] = message.result
                del waiting[job.id]
            elif isinstance(message, Failed | Lost):
                if job.attempt > 1 and job.kind == optional:
                    LOGGER.warning("job %s failed twice and is left out: %s", job.id, message.error)
                    del waiting[job.id]
                else:
                    _again(pool, job, message.error)
        if control.poll():
            pool.cancel_waiting()
            for job_id in waiting:
                pool.kill(job_id)
            raise CallInterruptedError
    return results


def _again(pool: Pool, job: Job, error: str) -> None:
    LOGGER.warning("job %s failed: %s", job.id, error)
    if job.attempt > 1:
        raise RunError(
            f"The job '{job.kind}' failed twice: {error}.", "The run's log has the details.", exit_code=1
        )
    pool.submit(Job(job.id, job.kind, job.payload, limit_seconds=job.limit_seconds, attempt=job.attempt + 1))
