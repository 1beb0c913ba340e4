"""A run: one experiment from its file to a delivered model, resumable at every point."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from cambrian.errors import CambrianError, RunError
from cambrian.experiment import Experiment
from cambrian.log import LOGGER, log_to_file
from cambrian.records import RunState
from cambrian.run.asked_space import check_asked_space
from cambrian.run.calls import CallInterruptedError
from cambrian.run.clock import RunClock
from cambrian.run.control import RunControl
from cambrian.run.execution import Ended, Execution, Listener
from cambrian.run.requests import forget_pauses
from cambrian.run.rewriting import ModelRewriter, fault_of_model
from cambrian.run.versions import installed_versions
from cambrian.run.workspace import RunFolder, Workspace
from cambrian.search.strategy import strategy_named
from cambrian.store.lock import RunLock
from cambrian.store.reader import RunReader
from cambrian.store.rows import RunRow
from cambrian.store.writer import RunWriter
from cambrian.training.metrics import check_objectives

__all__ = ["DEFAULT_MINUTES", "HANDLERS", "Ended", "Run", "create_run", "discard_run"]

HANDLERS = "cambrian.run.job_table:HANDLERS"
DEFAULT_MINUTES = 10.0


def create_run(workspace: Workspace, experiment: Experiment, *, run_id: str | None = None) -> RunFolder:
    """Make the folder and database of a new run; nothing is read or trained yet.

    Without any budget the experiment gets one of 10 minutes.

    Raises:
        RunError: The workspace cannot be written to, or the run exists.
        SettingError: There is no such strategy, preset, gene or objective, or a gene cannot be so.
    """
    strategy_named(experiment.search.strategy)
    check_asked_space(experiment)
    check_objectives(experiment.search.objectives)
    budget = experiment.budget
    if budget.minutes is None and budget.generations is None and budget.evaluations is None:
        experiment = experiment.changed(budget={"minutes": DEFAULT_MINUTES})
    folder = workspace.new(Path(experiment.data.file).stem, run_id)
    made, fresh = workspace.missing, not os.path.exists(folder.path)
    folder.create()
    with RunLock(folder.path):  # of two that make the same run at once, one is refused
        try:
            RunWriter.create(
                folder.database,
                run_id=folder.id,
                seed=experiment.seed,
                experiment_toml=experiment.to_toml(),
                versions=installed_versions(),
            ).close()
        except BaseException:  # Ctrl-C too must leave no folder that is no run
            if fresh and not folder.database.exists():
                discard_run(folder, made=made)
            raise
    return folder


def discard_run(folder: RunFolder, *, made: Iterable[Path] = ()) -> None:
    """Remove a run that was refused before it began, and those folders `made` for it that nobody uses."""
    shutil.rmtree(folder.path, ignore_errors=True)
    for each in made:
        with suppress(OSError):  # another run began in it
            each.rmdir()


class Run:
    """Executes a run from wherever it stands; one process at a time, held by a lock.

    Args:
        folder: The run's folder, made by `create_run`.
        listener: Receives every event, in the run's own thread.
        handlers: Table of the workers' job handlers, `module:NAME`.
        seconds_before: Seconds since the user's command; they count in a budget in minutes.
    """

    def __init__(
        self,
        folder: RunFolder,
        *,
        listener: Listener,
        handlers: str = HANDLERS,
        seconds_before: float = 0.0,
    ) -> None:
        self.folder = folder
        self._listener = listener
        self._handlers = handlers
        self._seconds_before = seconds_before
        self._control: RunControl | None = None
        self._interrupted = False

    def interrupt(self) -> None:
        """Ask the run to park everything and end, resumable; safe in a signal handler."""
        self._interrupted = True
        if self._control is not None:
            self._control.interrupt()

    def continued(self) -> None:
        """The process had been stopped and goes on: that costs no minutes; safe in a signal handler."""
        if self._control is not None:
            self._control.continued()

    def execute(self) -> Ended:
        """Run to the end, or until interrupted; of a complete run, see that its model is there.

        Raises:
            RunError: Another process executes it, or it cannot go on; names the remedy.
            DataError: The data cannot be used.
        """
        with RunLock(self.folder.path):
            self.folder.remove_leftovers()
            forget_pauses(self.folder.requests)
            handler = log_to_file(self.folder.log)
            writer = RunWriter.open(self.folder.database)
            try:
                return self._execute(writer)
            except CambrianError as error:
                LOGGER.error("%s", error)
                raise
            finally:
                writer.close()
                self.folder.remove_leftovers()  # of workers that an interrupt did not wait for
                LOGGER.removeHandler(handler)
                handler.close()

    def _execute(self, writer: RunWriter) -> Ended:
        row = self._row()
        if row.state is RunState.COMPLETE:
            return self._with_model(writer, row)
        try:
            execution = Execution(
                self.folder,
                writer,
                experiment=self._experiment(row),
                row=row,
                listener=self._listener,
                handlers=self._handlers,
                seconds_before=self._seconds_before,
            )
            self._obey(execution.control)
            return execution.run()
        except CambrianError as error:
            with suppress(CambrianError):  # the database may be what failed
                writer.update_run(state=RunState.FAILED, error=str(error))
            raise

    def _with_model(self, writer: RunWriter, row: RunRow) -> Ended:
        """A complete run: nothing is done again, but its model is written where it is damaged or missing."""
        fault = fault_of_model(self.folder)
        if fault is None or row.result is None:
            return Ended(row.state, row.result)
        rewriter = ModelRewriter(self.folder, writer, listener=self._listener, handlers=self._handlers)
        clock = RunClock(used=row.used_seconds, minutes=None)
        control = RunControl(self.folder.requests, clock, beat=lambda: None, tell=rewriter.tell)
        self._obey(control)
        LOGGER.warning("the model of the run has to be written again: %s", fault)
        try:
            rewriter.run(self._experiment(row), row.result, control)
        except CallInterruptedError:
            return Ended(RunState.INTERRUPTED, None)
        return Ended(row.state, row.result)

    def _obey(self, control: RunControl) -> None:
        """Let interruptions reach the control, one that came before it included."""
        self._control = control
        if self._interrupted:
            control.interrupt()

    def _experiment(self, row: RunRow) -> Experiment:
        return Experiment.from_toml(row.experiment, source=f"the experiment of run {self.folder.id}")

    def _row(self) -> RunRow:
        with RunReader(self.folder.database) as reader:
            row = reader.run()
        if row.id != self.folder.id:
            raise RunError(
                f"The database in {self.folder.path} belongs to run {row.id}.",
                "Give the folder its old name.",
            )
        return row
