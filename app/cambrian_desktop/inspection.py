"""Looking at a table: `cambrian inspect FILE --json` as a process, so that no file can block the window.

One question at a time: a new one ends the one before. What the process prints is taken apart a few columns at
a time between events, because the profile of 5,000 columns is many megabytes of JSON.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

from cambrian.errors import UserFacingError
from cambrian_desktop.context import Context

_SLICE = 0.008
"""Seconds of reading JSON between two looks at the event loop."""
_TICK_MS = 1000
_SAID = "cambrian: "


class Inspection(QObject):
    """Asks `cambrian inspect` one question at a time.

    Signals: `read(profile)` with the profile as `inspect --json` prints it; `refused(problem, remedy)`;
    `progress(sentence)` once a second while it works; `busy_changed(bool)`.
    """

    read = Signal(dict)
    refused = Signal(str, str)
    progress = Signal(str)
    busy_changed = Signal(bool)

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._process: QProcess | None = None
        self._parts: Iterator[dict[str, Any] | None] | None = None
        self._name = ""
        self._began = 0.0
        self._clock = QTimer(self, interval=_TICK_MS)
        self._clock.timeout.connect(self._tell_progress)
        self._slices = QTimer(self, interval=0)
        self._slices.timeout.connect(self._read_on)

    @property
    def busy(self) -> bool:
        """Whether a question is open."""
        return self._process is not None or self._parts is not None

    def ask(self, arguments: Sequence[str], name: str) -> None:
        """Start `cambrian` with these arguments of `inspect`; `name` is the file's, for the progress.

        The question before is dropped: it emits nothing any more.
        """
        self._drop()
        program, *first = self._context.command()
        process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("PYTHONUTF8", "1")  # its messages and names, whatever the locale
        process.setProcessEnvironment(environment)
        # Methods, not lambdas: a connection holds a lambda, the lambda this object, and it its process.
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._failed)
        self._process, self._name, self._began = process, name, time.monotonic()
        self._clock.start()
        self.busy_changed.emit(True)
        process.start(program, [*first, *arguments])
        process.closeWriteChannel()

    def cancel(self) -> None:
        """End the open question without an answer."""
        if self.busy:
            self._drop()
            self.busy_changed.emit(False)

    def _drop(self) -> None:
        self._clock.stop()
        self._slices.stop()
        self._parts = None
        process, self._process = self._process, None
        if process is not None:
            process.finished.disconnect(self._finished)
            process.errorOccurred.disconnect(self._failed)
            process.finished.connect(process.deleteLater)
            process.kill()

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.deleteLater()
        out = bytes(process.readAllStandardOutput().data())
        err = bytes(process.readAllStandardError().data()).decode("utf-8", "replace")
        if status is QProcess.ExitStatus.CrashExit:
            self._refuse(
                self.tr("Reading {name} ended unexpectedly.").format(name=self._name),
                self.tr("Memory may have run out: close other programs, or give a smaller file."),
            )
        elif code in (0, 2) and out.lstrip()[:1] == b"{":
            self._parts = parse_slowly(out.decode("utf-8", "replace"))
            self._slices.start()
        else:
            self._refuse(*said(err) or self._silent(code))

    def _failed(self, error: QProcess.ProcessError) -> None:
        process = self._process
        if process is None or error is not QProcess.ProcessError.FailedToStart:
            return
        self._process = None
        process.deleteLater()
        program = Path(self._context.command()[0]).name
        self._refuse(
            self.tr("{program} cannot be started: {reason}.").format(
                program=program, reason=process.errorString()
            ),
            self.tr("Install Cambrian again."),
        )

    def _silent(self, code: int) -> tuple[str, str]:
        return (
            self.tr("Reading {name} ended with status {code} and said nothing.").format(
                name=self._name, code=code
            ),
            self.tr("Try again; if it stays so, read the file with `cambrian inspect` in a terminal."),
        )

    def _refuse(self, problem: str, remedy: str) -> None:
        self._clock.stop()
        self.busy_changed.emit(False)
        self.refused.emit(problem, remedy)

    def _read_on(self) -> None:
        """Take the JSON apart for some milliseconds."""
        until = time.monotonic() + _SLICE
        parts = self._parts
        while parts is not None and time.monotonic() < until:
            try:
                done = next(parts)
            except (ValueError, StopIteration) as error:
                self._end_reading()
                self._refuse(
                    self.tr("The profile of {name} cannot be read: {reason}.").format(
                        name=self._name, reason=error
                    ),
                    self.tr("Try again; if it stays so, install Cambrian again."),
                )
                return
            if done is not None:
                self._end_reading()
                self._clock.stop()
                self.busy_changed.emit(False)
                self.read.emit(done)
                return

    def _end_reading(self) -> None:
        self._slices.stop()
        self._parts = None

    def _tell_progress(self) -> None:
        seconds = int(time.monotonic() - self._began)
        self.progress.emit(self.tr("Reading {name}: %n s", "", seconds).format(name=self._name))


def said(text: str) -> tuple[str, str] | None:
    """The problem and the remedy that the command line printed; None where there are none."""
    _, found, rest = f"\n{text}".rpartition(f"\n{_SAID}")
    if found:
        problem, *more = rest.strip().split("\n  ", 1)
        return problem.strip(), " ".join(more).strip()
    _, found, rest = text.rpartition("Error: ")  # wrong usage, told by the library that parses options
    return (rest.strip(), "") if found and rest.strip() else None


def refusal_of(error: UserFacingError) -> tuple[str, str]:
    """The problem and the remedy of an error, as `refused` has them."""
    return error.problem, error.remedy


def parse_slowly(text: str) -> Iterator[dict[str, Any] | None]:
    """Parse a JSON object; yields None after every part of it, and at last the object.

    A part is one value, or one element of a list that is a value.

    Raises:
        ValueError: It is not a JSON object.
    """
    decode = json.JSONDecoder().raw_decode
    skip = json.decoder.WHITESPACE.match  # type: ignore[attr-defined]
    value: dict[str, Any] = {}
    at = _after(text, "{", skip(text, 0).end())
    at = skip(text, at).end()
    while text[at : at + 1] != "}":
        key, at = decode(text, at)
        at = skip(text, _after(text, ":", skip(text, at).end())).end()
        if text[at : at + 1] == "[":
            items: list[Any] = []
            at = skip(text, at + 1).end()
            while text[at : at + 1] != "]":
                item, at = decode(text, at)
                items.append(item)
                yield None
                at = _next(text, at, skip, "]")
            value[key], at = items, at + 1
        else:
            value[key], at = decode(text, at)
            yield None
        at = _next(text, at, skip, "}")
    yield value


def _after(text: str, mark: str, at: int) -> int:
    if text[at : at + 1] != mark:
        raise ValueError(f"expected {mark!r} at {at}")
    return at + 1


def _next(text: str, at: int, skip: Any, end: str) -> int:
    """Past the comma behind a value, or to the end mark."""
    at = skip(text, at).end()
    if text[at : at + 1] == end:
        return at
    return int(skip(text, _after(text, ",", at)).end())
