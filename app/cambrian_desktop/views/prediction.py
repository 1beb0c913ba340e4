"""Predicting a table with a run's model: `cambrian predict` in a process of its own."""

from __future__ import annotations

import csv
import os
import shutil
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Signal

from cambrian.config import write_atomically
from cambrian.run.workspace import RunFolder
from cambrian_desktop.context import Context

SHOWN_ROWS = 50
"""Rows of the preview."""
SUFFIXES = (".csv", ".parquet")
_PATIENCE = 3000
"""Milliseconds until a process that was killed is given up."""


@dataclass(frozen=True, slots=True)
class Predicted:
    """A table that was predicted.

    Attributes:
        source: The table.
        rows: Its rows.
        header: Names of the columns of the predictions.
        first: The first rows of the predictions, as text.
        notes: What was odd about the table, as sentences of the engine.
    """

    source: Path
    rows: int
    header: tuple[str, ...]
    first: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]


class Prediction(QObject):
    """Predicts one table at a time and saves what came out.

    Signals:
        done(Predicted): It is predicted.
        saved(str): The predictions stand in that file.
        refused(problem, remedy): It could not be done; what was predicted before stays.
        busy(bool): A process is at work, or has just ended.
    """

    done = Signal(object)
    saved = Signal(str)
    refused = Signal(str, str)
    busy = Signal(bool)
    _copied = Signal(str, str)

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._room = tempfile.TemporaryDirectory(prefix="cambrian-predictions-", ignore_cleanup_errors=True)
        self._process: QProcess | None = None
        self._then: Callable[[str, str], None] = self._take
        self._folder: RunFolder | None = None
        self._source = Path()
        self._copied.connect(self._tell_copied)

    @property
    def running(self) -> bool:
        """Whether a process is at work."""
        return self._process is not None

    @property
    def output(self) -> Path:
        """Where the predictions of the last table are kept until they are saved or the window goes."""
        return Path(self._room.name) / "predictions.csv"

    def predict(self, folder: RunFolder, source: Path) -> None:
        """Predict a table with the model of a run; one that is at work is ended first."""
        self.cancel()
        self._folder, self._source = folder, source
        self._start(self.output.with_suffix(".new.csv"), self._take)

    def save(self, target: Path) -> None:
        """Write the predictions of the last table into a file whose suffix says the format."""
        if self._folder is None:
            return
        if target.exists() and self._source.exists() and os.path.samefile(target, self._source):
            self.refused.emit(
                self.tr("{file} is the table that was predicted.").format(file=target),
                self.tr("Save under another name."),
            )
        elif target.suffix.lower() == ".csv":
            threading.Thread(target=self._copy, args=(target,), daemon=True).start()
        else:  # only the engine writes Parquet, and says what is wrong with any other suffix
            self._start(target, partial(self._tell_saved, target))

    def cancel(self) -> None:
        """End the process that is at work, if there is one; nothing is told of it any more."""
        process, self._process = self._process, None
        if process is None:
            return
        process.finished.disconnect(self._ended)
        process.errorOccurred.disconnect(self._failed_to_start)
        process.kill()
        process.waitForFinished(_PATIENCE)
        process.deleteLater()
        self.busy.emit(False)

    def close(self) -> None:
        """End what is at work and remove what was not saved."""
        self.cancel()
        self._room.cleanup()

    def _start(self, target: Path, then: Callable[[str, str], None]) -> None:
        assert self._folder is not None
        process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("PYTHONUTF8", "1")  # names come back as they are, whatever the console's encoding
        process.setProcessEnvironment(environment)
        program, *first = self._context.command()
        workspace = self._folder.path.parent.parent
        process.setProgram(program)
        files = [os.path.abspath(self._source), "--output", os.path.abspath(target)]
        process.setArguments([*first, "predict", self._folder.id, *files, "--workspace", str(workspace)])
        process.finished.connect(self._ended)
        process.errorOccurred.connect(self._failed_to_start)
        self._process, self._then = process, then
        self.busy.emit(True)
        process.start()

    def _ended(self, status: int, how: QProcess.ExitStatus) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        out, err = (
            bytes(read().data()).decode("utf-8", errors="replace")
            for read in (process.readAllStandardOutput, process.readAllStandardError)
        )
        process.deleteLater()
        self.busy.emit(False)
        if how == QProcess.ExitStatus.NormalExit and status == 0:
            self._then(out, err)
        else:
            self.refused.emit(*self._refusal(err))

    def _failed_to_start(self, error: QProcess.ProcessError) -> None:
        if error != QProcess.ProcessError.FailedToStart or self._process is None:
            return
        process, self._process = self._process, None
        reason = process.errorString()
        process.deleteLater()
        self.busy.emit(False)
        self.refused.emit(
            self.tr("The engine could not be started: {reason}.").format(reason=reason),
            self.tr("Install Cambrian again; the engine belongs beside the window's program."),
        )

    def _refusal(self, err: str) -> tuple[str, str]:
        """Problem and remedy as the command line prints them; our own sentence where it said nothing."""
        lines = err.splitlines()
        for number, line in enumerate(lines):
            if line.startswith("cambrian: "):
                remedy = " ".join(each.strip() for each in lines[number + 1 :])
                return line.removeprefix("cambrian: "), remedy
        return (
            self.tr("The prediction ended unexpectedly."),
            self.tr("Try again; if the table is very large, try a part of it."),
        )

    def _take(self, out: str, err: str) -> None:
        fresh = self.output.with_suffix(".new.csv")
        try:
            fresh.replace(self.output)
            header, first = preview(self.output)
        except OSError as error:
            self.refused.emit(*self._no_room(str(self.output), error))
            return
        notes = tuple(line.removeprefix("note: ") for line in err.splitlines() if line.startswith("note: "))
        said = out.split(maxsplit=1)
        rows = int(said[0]) if said and said[0].isdecimal() else len(first)
        self.done.emit(Predicted(self._source, rows, header, first, notes))

    def _tell_saved(self, target: Path, out: str, err: str) -> None:
        self.saved.emit(str(target))

    def _copy(self, target: Path) -> None:
        """Copy the predictions, whole or not at all; runs in a thread of its own."""
        try:
            with self.output.open("rb") as source:
                write_atomically(target, partial(shutil.copyfileobj, source))
        except OSError as error:
            self._copied.emit(str(target), error.strerror or str(error))
        else:
            self._copied.emit(str(target), "")

    def _tell_copied(self, target: str, reason: str) -> None:
        if reason:
            self.refused.emit(*self._no_room(target, reason))
        else:
            self.saved.emit(target)

    def _no_room(self, target: str, reason: object) -> tuple[str, str]:
        return (
            self.tr("{file} cannot be written: {reason}.").format(file=target, reason=reason),
            self.tr("Make room there, or save in a folder that you may write to."),
        )


def preview(path: Path) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Header and first rows of a file of predictions.

    Raises:
        OSError: It cannot be read.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        header = tuple(next(rows, ()))
        return header, tuple(tuple(row) for row in islice(rows, SHOWN_ROWS))
