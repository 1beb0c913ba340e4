"""A place for a worker in the pool."""

from __future__ import annotations

from dataclasses import dataclass

from cambrian.workers.process import WorkerProcess
from cambrian.workers.protocol import Activity, Job


@dataclass(slots=True)
class Slot:
    """A worker's number and device; processes come and go in it.

    Attributes:
        since: Start of the process or of the job, running time.
        heard: When the worker gave its last sign of life, running time; the start counts as one.
    """

    worker: int
    device: str
    process: WorkerProcess | None = None
    job: Job | None = None
    since: float = 0.0
    heard: float = 0.0
    busy_seconds: float = 0.0
    failed_starts: int = 0
    device_failures: int = 0
    error: str = ""

    @property
    def free(self) -> bool:
        """Whether it can take a job."""
        return self.process is not None and self.process.ready and self.job is None

    @property
    def activity(self) -> Activity:
        """What its process does."""
        if self.process is None:
            return "failed"
        if not self.process.ready:
            return "starting"
        return "busy" if self.job else "idle"
