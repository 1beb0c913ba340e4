"""The baselines: fitted by a worker while the others search, and awaited before anything is compared."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cambrian.log import LOGGER
from cambrian.results.baselines import labels
from cambrian.run.calls import CallInterruptedError
from cambrian.run.clock import RunClock
from cambrian.run.control import RunControl
from cambrian.run.resolution import BASELINE_SHARE
from cambrian.run.store import Store
from cambrian.training.spec import Task
from cambrian.workers.pool import Pool
from cambrian.workers.protocol import Failed, Finished, Job, Lost, Message, Progress

_NAME = "baselines"
_MOST_ATTEMPTS = 2
_SILENT_SECONDS = 3600.0

Facts = Mapping[str, Mapping[str, Any]]


class BaselineStage:
    """Fits what the run's database does not have yet; each baseline is stored as soon as it is there.

    A worker that is lost is replaced and goes on with those that are missing, once; what then still lacks
    gets the error in place of its facts.

    Args:
        pool: The workers.
        store: The run's database.
        folder: The run's folder.
        clock: The run's.
        control: The run's; a worker that is lost while the run is interrupted was ended with it.
        task: The task, which says which baselines there are.
        known: What an earlier execution has stored.
        ended: Called once with all facts when the last one is there.
    """

    def __init__(
        self,
        pool: Pool,
        store: Store,
        folder: Path,
        clock: RunClock,
        control: RunControl,
        *,
        task: Task,
        known: Facts | None,
        ended: Callable[[Facts], object],
    ) -> None:
        self._pool = pool
        self._store = store
        self._folder = folder
        self._clock = clock
        self._control = control
        self._names = tuple(labels(task))
        self._facts: dict[str, Mapping[str, Any]] = dict(known or {})
        self._ended = ended
        self._seconds: float | None = None
        self._until = math.inf
        self._open = False
        self._lost: int | None = None

    @property
    def complete(self) -> bool:
        """Whether every baseline is there, or why it is not."""
        return all(name in self._facts for name in self._names)

    @property
    def facts(self) -> Facts:
        """By baseline what `fit_baselines` says of it, or `error`."""
        return {name: self._facts[name] for name in self._names if name in self._facts}

    def start(self, *, until: float) -> None:
        """Begin to fit those that are missing, if any.

        Args:
            until: Running time in seconds at which they are ended; what can end by itself is asked to at the
                share of the budget.
        """
        if self.complete or self._open:
            return
        if self._clock.limit is not None:
            self._until = until
            self._seconds = min(BASELINE_SHARE * self._clock.limit, max(0.0, until - self._clock.tick()))
        self._submit(1)

    def check(self) -> None:
        """Begin again if they were lost; end them if their time is over."""
        if self._control.interrupted:
            return
        if self._lost is not None:
            lost, self._lost = self._lost, None
            self._submit(lost + 1)
        if self._open and self._clock.seconds >= self._until:
            LOGGER.warning("the baselines have not ended when their time was over")
            self._pool.kill(_NAME)

    def wait(self) -> Facts:
        """All facts, once they are there.

        Raises:
            CallInterruptedError: The run was interrupted.
        """
        while self._open:
            self._pool.wait(0.1)
            if self._control.poll():
                self._pool.kill(_NAME)
                raise CallInterruptedError
            self.check()
        return self.facts

    def _submit(self, attempt: int) -> None:
        missing = [name for name in self._names if name not in self._facts]
        payload = {"folder": str(self._folder), "seconds": self._seconds, "names": missing}
        self._open = True
        job = Job(_NAME, _NAME, payload, limit_seconds=_SILENT_SECONDS, attempt=attempt)
        self._pool.submit(job, apart=self._take)

    def _take(self, message: Message) -> None:
        if isinstance(message, Progress):
            self._facts |= message.data
            self._store.write(lambda writer: writer.update_run(baselines=self.facts))
        elif isinstance(message, Finished):
            self._end("its worker never told of it")
        elif self._control.interrupted:
            return  # what is missing is fitted when the run goes on
        elif isinstance(message, Lost) and message.reason in ("timeout", "killed"):
            self._end("not done within its share of the time")
        elif isinstance(message, Failed | Lost):
            LOGGER.warning("the baselines failed: %s", message.error)
            if message.job.attempt < _MOST_ATTEMPTS:
                # Not at once: what ends the run may have ended a worker first.
                self._lost = message.job.attempt
            else:
                self._end(message.error)

    def _end(self, error: str) -> None:
        self._open = False
        missing = [name for name in self._names if name not in self._facts]
        self._facts |= {name: {"error": error} for name in missing}
        self._store.write(lambda writer: writer.update_run(baselines=self.facts))
        self._ended(self.facts)
