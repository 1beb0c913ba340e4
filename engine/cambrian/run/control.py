"""Between two messages of the workers: signals, requests, the clock and the heartbeat."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from cambrian.records import RunEvent
from cambrian.run.clock import RunClock
from cambrian.run.requests import NoRequest, Request, waiting_requests

HEARTBEAT_SECONDS = 1.0


class Halt(StrEnum):
    """Why a stage ended early."""

    INTERRUPTED = "interrupted"
    STOPPED = "stopped"
    TIME = "time"


class RunControl:
    """Decides whether a run goes on; polled about ten times a second by whoever waits for the workers.

    Args:
        requests: The run's request folder.
        clock: The run's clock.
        beat: Called about once a second, to write the heartbeat.
        tell: Commits an event that answers a request, and where the run stands with it.
    """

    def __init__(
        self,
        requests: Path,
        clock: RunClock,
        *,
        beat: Callable[[], None],
        tell: Callable[[RunEvent], None],
    ) -> None:
        self._requests = requests
        self._clock = clock
        self._beat = beat
        self._tell = tell
        self._next_beat = 0.0
        self._interrupted = False
        self.stop_now = False
        self.stop_after_generation = False
        self._until: float | None = None
        self._stoppable = False
        self.halt: Halt | None = None
        self.pausing = False
        self._waiting = False

    @property
    def paused(self) -> bool:
        """Whether the run waits because the user asked it to pause; stages that cannot wait go on."""
        return self.pausing and self._waiting

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Inside the block everything is parked: the clock stands, the heartbeat goes on."""
        self._waiting = True
        try:
            with self._clock.standing():
                self._tell(RunEvent("paused", "paused: what trained is parked"))
                yield
        finally:
            self._waiting = False

    def interrupt(self) -> None:
        """Ask the run to park everything and end, resumable; safe in a signal handler."""
        self._interrupted = True

    def continued(self) -> None:
        """The process had been stopped and goes on: that costs no minutes; safe in a signal handler."""
        self._clock.continued()

    @property
    def interrupted(self) -> bool:
        """Whether the run was asked to park everything and end."""
        return self._interrupted

    @property
    def stopping(self) -> bool:
        """Whether the search should not begin another generation."""
        return self._interrupted or self.stop_now or self.stop_after_generation

    def poll(self) -> bool:
        """Look at signals, requests and the clock; True: the current stage must end now, `halt` says why."""
        now = time.monotonic()
        seconds = self._clock.tick()
        if now >= self._next_beat:
            self._next_beat = now + HEARTBEAT_SECONDS
            self._answer()
            self._beat()
        self.halt = None
        if self._interrupted:
            self.halt = Halt.INTERRUPTED
        elif self.stop_now and self._stoppable:
            self.halt = Halt.STOPPED
        elif self._until is not None and seconds >= self._until:
            self.halt = Halt.TIME
        return self.halt is not None

    def stage(self, until: float | None, *, stoppable: bool = False) -> None:
        """Begin a stage.

        Args:
            until: Running time in seconds at which it ends; None: no limit.
            stoppable: Whether a request to stop now ends it.
        """
        self._until = until
        self._stoppable = stoppable
        self.halt = None

    def _answer(self) -> None:
        for request in waiting_requests(self._requests):
            self._tell(self._apply(request))

    def _apply(self, request: Request | NoRequest) -> RunEvent:
        if isinstance(request, NoRequest):
            return RunEvent("request-ignored", request.why)
        if request.kind == "pause":
            self.pausing = True
            return RunEvent("pausing", "asked to pause: what trains is parked after its epoch")
        self.pausing = False
        if request.kind == "resume":
            return RunEvent("resumed", "goes on")
        self.stop_after_generation = True
        if request.kind == "stop":
            return RunEvent("stopping", "the search ends after this generation")
        self.stop_now = True
        return RunEvent("stopping", "the search ends now, with the best found so far")
