"""Reading a run bit by bit into pictures: what is known stays, only what came is asked for.

Nothing here knows Qt: `run_watcher` calls it in a thread of its own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from cambrian.errors import RunError
from cambrian.records import RunState
from cambrian.run.facts import ENDED_UNEXPECTEDLY, UNREADABLE, asked, busy_share, moment, true_state
from cambrian.run.workspace import RunFolder
from cambrian.store.connection import StoreBlockedError
from cambrian.store.lock import RunLock
from cambrian.store.reader import RunReader
from cambrian.store.rows import EventRow, GenerationRow, IndividualRow, RunRow
from cambrian_desktop.run_curves import CurveReading
from cambrian_desktop.run_pace import PaceFacts, pace_of
from cambrian_desktop.run_picture import IndividualPicture, RunPicture
from cambrian_desktop.run_ranking import Ranking
from cambrian_desktop.shared_values import SharedValues

_FIRST_GO, _FURTHER_GO = 0.5, 2.0
"""Seconds for which the individuals of a long run are read before what is known so far is shown.

Later ones are longer: every picture is drawn as a whole.
"""
_LOCK_EVERY = 0.5
"""Seconds between two questions whether a process holds the run."""
_SILENT = 3.0
"""A living run writes its heartbeat every second; after so many seconds without, its lock is asked twice."""
_ASKING = threading.Lock()
"""Who asks a lock takes it for an instant: two that ask at once would each think that a process holds it."""


def state_now(folder: RunFolder, row: RunRow) -> str:
    """`true_state`, whoever else asks at the same time."""
    with _ASKING:
        said = true_state(folder, row)
        silent = (datetime.now(UTC) - moment(row.heartbeat)).total_seconds() > _SILENT
        if row.state.live and said != ENDED_UNEXPECTEDLY and silent:
            time.sleep(0.02)  # another window may have asked at that very moment
            said = true_state(folder, row)
    return said


def lock_is_held(folder: RunFolder) -> bool:
    """Whether a process holds the run now, whoever else asks at the same time."""
    with _ASKING:
        return RunLock(folder.path).is_held()


def breathe() -> None:
    """Let the window's thread run between two pieces of work: the interpreter serves one at a time."""
    time.sleep(0.001)


class RunReading:
    """Follows one run; belongs to one thread.

    Args:
        folder: The run's folder.
        going: Asked between pieces of a long reading; False ends it with `Abandoned`.
    """

    def __init__(self, folder: RunFolder, going: Callable[[], bool] = lambda: True) -> None:
        self._folder = folder
        self._going = going
        self._reader: RunReader | None = None
        self._file: tuple[int, int] | None = None
        self._picture: RunPicture | None = None
        self._forget()

    def close(self) -> None:
        """Close the database."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def poll(self) -> RunPicture | None:
        """The run now; None where nothing changed since the last picture.

        Raises:
            Abandoned: `going` said so.
        """
        try:
            found = self._poll()
        except StoreBlockedError as error:
            found = self._unreadable(
                str(error), "Close the program that holds the file; reading goes on by itself."
            )
        except RunError as error:
            self.close()
            found = self._unreadable(error.problem, error.remedy)
        except Abandoned:
            raise
        except Exception as error:  # noqa: BLE001  # whatever a file holds, its user gets a sentence
            self.close()
            found = self._unreadable(
                f"The run {self._folder.id} cannot be read: {error}.", "Check its folder and its rights."
            )
        if found is not None:
            self._picture = found
        return found

    def individual(self, number: int) -> IndividualPicture:
        """One individual with all that is known of it.

        Raises:
            RunError: There is none of that number, or the run cannot be read.
            StoreBlockedError: Another program holds the database.
        """
        with RunReader(self._folder.database) as reader:
            row = reader.individual(number)
            evaluations = tuple(reader.evaluations(individual=number))
            return IndividualPicture(
                individual=row,
                place=self._ranking.placed(number),
                evaluations=evaluations,
                epochs={each.id: tuple(reader.epochs(each.id)) for each in evaluations},
                rungs=tuple(reader.rungs(individual=number)),
                parents=tuple(reader.individual(parent) for parent in row.parents),
            )

    def _forget(self) -> None:
        """Begin anew: nothing is known of the run."""
        self._version = -1
        self._state = ""
        self._next_lock = 0.0
        self._row: RunRow | None = None
        self._experiment: tuple[str, dict[str, Any]] = ("", {})
        self._values = SharedValues()
        self._settled: list[IndividualRow] = []
        self._settled_generations = 0
        self._open: tuple[int, list[IndividualRow]] | None = None
        self._individuals: tuple[IndividualRow, ...] = ()
        self._sizes: dict[int, int] = {}
        self._ranking = Ranking()
        self._events: tuple[EventRow, ...] = ()
        self._curves = CurveReading(self._pause)

    def _unreadable(self, problem: str, remedy: str) -> RunPicture | None:
        self._version = -1  # what was read is read again when it can be
        last = self._picture or RunPicture(self._folder.path, UNREADABLE)
        found = replace(last, state=UNREADABLE, problem=problem, remedy=remedy)
        return None if found == self._picture else found

    def _poll(self) -> RunPicture | None:
        reader = self._opened()
        version = reader.data_version()
        if version == self._version and self._row is not None:
            if not self._state_changed(self._row):
                return None
        else:
            self._row = reader.run()
            self._next_lock = 0.0
            self._state_changed(self._row)
        picture = self._read(reader, self._row)
        self._version = version if picture.loaded else -1
        return picture

    def _opened(self) -> RunReader:
        """The reader; a file that was put in the place of the old one is opened anew."""
        try:
            facts = self._folder.database.stat()
            file = (facts.st_dev, facts.st_ino)
        except OSError:
            file = None
        if self._reader is None or file != self._file:
            self.close()
            self._reader = RunReader(self._folder.database)
            self._file = file
            self._forget()
        return self._reader

    def _state_changed(self, row: RunRow) -> bool:
        """Whether the true state is another than before; the lock is asked now and then."""
        now = time.monotonic()
        if now < self._next_lock:
            return False
        self._next_lock = now + _LOCK_EVERY
        before, self._state = self._state, state_now(self._folder, row)
        return before != self._state

    def _asked(self, row: RunRow) -> dict[str, Any]:
        """The experiment; its text is read again only when it is another, for that takes some 10 ms."""
        if row.experiment != self._experiment[0]:
            self._experiment = (row.experiment, asked(row))
        return self._experiment[1]

    def _pause(self) -> None:
        if not self._going():
            raise Abandoned
        breathe()

    def _read(self, reader: RunReader, row: RunRow) -> RunPicture:
        generations = tuple(reader.generations())
        objectives = reader.objectives()
        loaded = self._read_individuals(reader, generations)
        self._ranking.take(self._settled, objectives[0] if objectives else None)
        if fresh := reader.events(self._events[-1].id if self._events else 0):
            self._events += tuple(fresh)
        last = generations[-1].number if generations else None
        counts = reader.counts()
        self._curves.follow(reader, last, tuple(row.repeats or ()), counts.epochs)
        experiment = self._asked(row)
        budget = experiment.get("budget", {})
        population = (row.resolved or {}).get("population", 0)
        open_generation = bool(generations) and not generations[-1].complete
        return RunPicture(
            folder=self._folder.path,
            state=self._state,
            run=row,
            asked=experiment,
            objectives=objectives,
            counts=counts,
            generations=generations,
            individuals=self._individuals,
            settled=len(self._settled),
            loaded=loaded,
            leaders=self._ranking.leaders,
            best=self._ranking.best,
            baseline=_baseline(row, objectives),
            workers=tuple(reader.workers()),
            curves=self._curves.curves,
            rung_epochs=tuple((row.resolved or {}).get("rungs", ())),
            events=self._events,
            pace=pace_of(
                PaceFacts(
                    run=row,
                    counts=counts,
                    generations=generations,
                    sizes=[self._sizes.get(each.number, population) for each in generations],
                    events=self._events,
                    open_done=self._curves.done if open_generation else 0,
                    training=self._curves.training if self._state in _WORKS else 0,
                    busy=busy_share(row, reader),
                    runs=self._state in _WORKS,
                    budget=budget if isinstance(budget, dict) else {},
                ),
                datetime.now(UTC),
            ),
        )

    def _read_individuals(self, reader: RunReader, generations: Sequence[GenerationRow]) -> bool:
        """Take up what came: a complete generation once, the one that trains when it begins.

        Returns:
            Whether all were read; a long run is read in several goes, so that something is shown at once.
        """
        changed, loaded = False, True
        until = time.monotonic() + (_FURTHER_GO if self._settled else _FIRST_GO)
        for each in generations:
            if each.number in self._sizes and (not each.complete or each.number < self._settled_generations):
                continue
            rows = self._values.of(reader.individuals(generation=each.number))
            self._sizes[each.number] = len(rows)
            changed = True
            if each.complete:
                self._settled += rows
                self._settled_generations = each.number + 1
                self._open = None
            else:
                self._open = (each.number, rows)
            self._pause()
            if time.monotonic() > until:
                loaded = each.number == generations[-1].number
                break
        if changed:
            self._individuals = (*self._settled, *(self._open[1] if self._open else ()))
        return loaded


_WORKS = frozenset({str(RunState.PREPARING), str(RunState.RUNNING), str(RunState.FINISHING)})


class Abandoned(Exception):  # noqa: N818 - no error: nobody waits for the rest of the reading
    """A reading that nobody waits for was left."""


def _baseline(row: RunRow, objectives: tuple[Any, ...]) -> tuple[str, float] | None:
    if not objectives or not isinstance(row.baselines, dict):
        return None
    first = objectives[0]
    values = {
        name: each["validation"].get(first.name)
        for name, each in row.baselines.items()
        if isinstance(each, dict) and isinstance(each.get("validation"), dict)
    }
    known = {name: float(value) for name, value in values.items() if value is not None}
    if not known:
        return None
    best = min(known, key=lambda name: first.cost(known[name]))
    return best, known[best]
