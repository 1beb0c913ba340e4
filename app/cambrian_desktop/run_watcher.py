"""What runs do, told to the window as it happens: each watcher reads in a thread of its own.

The window's thread only ever receives finished values. A watcher opens its database in its thread, closes it
there, and keeps neither a cursor nor a transaction open between two looks.
"""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from PySide6.QtCore import QObject, Qt, Signal, Slot

from cambrian.errors import RunError
from cambrian.run.workspace import RunFolder, Workspace
from cambrian.store.connection import StoreBlockedError
from cambrian_desktop.run_picture import IndividualPicture, RunPicture
from cambrian_desktop.run_reading import Abandoned, RunReading
from cambrian_desktop.workspace_reading import RunEntry, WorkspaceReading

__all__ = ["RunEntry", "RunWatcher", "WorkspaceWatcher"]

_LOOK_EVERY = 0.25
"""Seconds between two looks at the database; what another process commits is seen after so many."""
_TELL_EVERY = 0.5
"""Seconds between two pictures at least."""
_TURN = 0.001
"""Seconds after which a thread that computes lets the window's own go on; Python's own 5 ms are felt."""
_PATIENCE = 3.0
"""Seconds to wait for the end of a thread; a stranger's program that locks the file may hold it longer."""
_SCAN_EVERY = 1.0
"""Seconds between two looks at the workspace."""


@cache
def _shorten_turns() -> None:
    """Let no thread keep the window's own waiting for long, for as long as the process lives.

    A full collection of garbage holds every thread: on two busy cores 0.3 s for the half million objects that
    libraries and widgets are. What is there now is there to stay, so the collector need not visit it again.
    """
    sys.setswitchinterval(_TURN)
    gc.collect()
    gc.freeze()


class _Reader(QObject):
    """A thread that looks again and again, and hands what it finds to the thread of this object.

    A finding that was not fetched yet is replaced by the next of its kind: a window that is busy gets the
    newest, and nothing piles up.
    """

    _found = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wake = threading.Event()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._resting = False
        self._box: dict[type, object] = {}
        self._found.connect(self._fetch, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        """Begin to look; does nothing if it looks already."""
        if self._thread is None:
            _shorten_turns()
            self._ending = threading.Event()  # one that still ends keeps its own
            self._thread = threading.Thread(target=self._look, name=type(self).__name__, daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the looking and wait until the thread has closed what it opened; nothing is told any more."""
        if self._thread is not None:
            self._ending.set()
            self._wake.set()
            self._thread.join(_PATIENCE)
            self._thread = None
        self._box.clear()

    def rest(self, resting: bool) -> None:
        """Look no more for a while, or go on: nobody sees what it would find."""
        self._resting = resting
        self._wake.set()

    def _going(self) -> bool:
        return not self._ending.is_set()

    def _rest(self, seconds: float) -> None:
        self._wake.wait(seconds)
        self._wake.clear()

    def _put(self, finding: object) -> None:
        """Leave a finding for the window's thread."""
        if self._going():
            self._box[type(finding)] = finding
            self._found.emit()

    @Slot()
    def _fetch(self) -> None:
        for kind in tuple(self._box):
            if (finding := self._box.pop(kind, None)) is not None:
                self._tell(finding)

    def _look(self) -> None:
        raise NotImplementedError

    def _tell(self, finding: object) -> None:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why an individual cannot be read."""

    problem: str
    remedy: str


class RunWatcher(_Reader):
    """Follows one run.

    Signals:
        changed(RunPicture): Something is different; at most twice a second.
        individual_read(IndividualPicture): The answer to `individual`.
        individual_refused(problem, remedy): That individual cannot be read.

    Attributes:
        picture: The last picture; None before the first.
    """

    changed = Signal(object)
    individual_read = Signal(object)
    individual_refused = Signal(str, str)

    def __init__(self, folder: RunFolder, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder = folder
        self.picture: RunPicture | None = None
        self._wanted: deque[int] = deque(maxlen=1)

    def individual(self, number: int) -> None:
        """Ask for an individual; of several that wait, the last is answered."""
        self._wanted.append(number)
        self._wake.set()

    def _look(self) -> None:
        reading = RunReading(self.folder, self._going)
        told = -_TELL_EVERY
        try:
            while self._going():
                rest = _LOOK_EVERY
                now = time.monotonic()
                if now - told >= _TELL_EVERY and (picture := reading.poll()) is not None:
                    told = now
                    self._put(picture)
                    rest = _LOOK_EVERY if picture.loaded else 0.0
                self._answer(reading)
                self._rest(rest)
        except Abandoned:
            return
        finally:
            reading.close()

    def _answer(self, reading: RunReading) -> None:
        with suppress(IndexError):
            number = self._wanted.popleft()
            try:
                self._put(reading.individual(number))
            except RunError as error:
                self._put(_Refusal(error.problem, error.remedy))
            except StoreBlockedError as error:
                self._put(_Refusal(str(error), self.tr("Close the program that holds the file.")))
            except Exception as error:  # noqa: BLE001  # whatever a file holds, its user gets a sentence
                problem = self.tr("Individual {number} cannot be read: {error}.")
                self._put(_Refusal(problem.format(number=number, error=error), ""))

    def _tell(self, finding: object) -> None:
        if isinstance(finding, RunPicture):
            self.picture = finding
            self.changed.emit(finding)
        elif isinstance(finding, IndividualPicture):
            self.individual_read.emit(finding)
        elif isinstance(finding, _Refusal):
            self.individual_refused.emit(finding.problem, finding.remedy)


class WorkspaceWatcher(_Reader):
    """Follows the runs of a workspace.

    Signals:
        changed(list[RunEntry]): The runs, the latest first, whenever one of them is different.

    Attributes:
        entries: The last list; None before the first.
    """

    changed = Signal(object)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self.entries: list[RunEntry] | None = None

    def look(self) -> None:
        """Look now: a run was begun or deleted."""
        self._wake.set()

    def _look(self) -> None:
        reading = WorkspaceReading(self.workspace, self._going)
        with suppress(Abandoned):
            while self._going():
                for entries in () if self._resting else reading.poll():
                    self._put(entries)
                self._rest(_SCAN_EVERY)

    def _tell(self, finding: object) -> None:
        if isinstance(finding, list):
            self.entries = finding
            self.changed.emit(finding)
