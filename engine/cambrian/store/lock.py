"""One process at a time is a run: an open file lock, and beside it the facts about who holds it."""

from __future__ import annotations

import json
import os
import socket
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import psutil
from filelock import FileLock, Timeout

from cambrian.config import write_json_atomically
from cambrian.errors import RunError
from cambrian.store.columns import utc_now
from cambrian.store.connection import remove_leftovers

_PATIENCE = 1.0  # seconds; outlasts another process's `is_held()`, which takes the lock for an instant
_INTRODUCTION = 1.0  # seconds that a new holder may take to say who it is


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a run: process, host, and since when (UTC)."""

    pid: int
    host: str
    since: str


class RunLock:
    """The lock of the run in `folder`. Not reentrant; any thread may release it.

    The lock itself belongs to the open file: the operating system frees it when the process ends, however
    it ends. `run.holder.json` only says who it was, and never decides.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = FileLock(folder / "run.lock", thread_local=False)
        self._facts = folder / "run.holder.json"

    def acquire(self) -> Self:
        """Take the lock; what a dead holder left behind is taken over.

        Raises:
            RunError: It is held: by whom and since when; or the folder cannot be written to.
        """
        if not self._folder.is_dir():  # filelock would make it
            raise RunError(
                f"There is no run folder {self._folder}.", "`cambrian runs` lists the runs there are."
            )
        try:
            free = not self._lock.is_locked and self._try(_PATIENCE)
        except OSError as error:
            raise RunError(
                f"The run's folder {self._folder} cannot be used: {error}.",
                "Check the folder and its rights.",
            ) from error
        if not free:
            raise self._held()
        try:
            self._say_who()
        except BaseException:  # Ctrl-C too: who does not go on with the run must not hold it
            self._lock.release()
            raise
        return self

    def release(self) -> None:
        """Let go; does nothing if the lock is not held by this object."""
        if self._lock.is_locked:
            self._facts.unlink(missing_ok=True)
            self._lock.release()

    def __enter__(self) -> Self:
        """Take the lock."""
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        """Let go."""
        self.release()

    def holder(self) -> Holder | None:
        """Who holds the run, or held it when killed; None if nobody, or if the facts cannot be read."""
        try:
            facts = json.loads(self._facts.read_bytes())
            return Holder(int(facts["pid"]), str(facts["host"]), str(facts["since"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def is_held(self) -> bool:
        """Whether a living process holds the run now, this one included."""
        if self._lock.is_locked or not (self._folder / "run.lock").exists():
            return self._lock.is_locked
        if self._try(0):
            self._lock.release()
            return False
        return True

    def _try(self, seconds: float) -> bool:
        try:
            self._lock.acquire(timeout=seconds, poll_interval=0.05)
        except Timeout:
            return False
        return True

    def _say_who(self) -> None:
        try:
            remove_leftovers(self._facts)
            write_json_atomically(self._facts, asdict(Holder(os.getpid(), socket.gethostname(), utc_now())))
        except OSError as error:
            raise RunError(
                f"The run's folder {self._folder} cannot be written to: {error}.",
                "Make room there, or check its rights.",
            ) from error

    def _living_holder(self) -> Holder | None:
        """Who holds the run; the facts may still be those of one that was killed, and then nobody knows."""
        deadline = time.monotonic() + _INTRODUCTION
        while True:
            holder = self.holder()
            if holder and (holder.host != socket.gethostname() or psutil.pid_exists(holder.pid)):
                return holder
            if time.monotonic() >= deadline:
                return None
            time.sleep(0.05)

    def _held(self) -> RunError:
        holder = self._living_holder()
        whom = (
            "another process"
            if holder is None
            else f"process {holder.pid} on host {holder.host} since {holder.since}"
        )
        name = self._folder.name
        return RunError(
            f"Run {name} is held by {whom}.", f"Wait for it, or ask it to stop: `cambrian stop {name}`."
        )
