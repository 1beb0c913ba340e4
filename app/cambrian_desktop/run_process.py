"""Starting, resuming, asking and deleting runs: small verbs that return at once.

Runs are processes of their own in a session of their own: they outlive the window, and any window finds them
by the workspace.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication

from cambrian.config import write_atomically
from cambrian.errors import RunError
from cambrian.run.requests import RequestKind, write_request
from cambrian.run.workspace import RunFolder, Workspace
from cambrian_desktop.operation import Operation
from cambrian_desktop.run_reading import lock_is_held

if TYPE_CHECKING:
    from cambrian_desktop.context import Context

translate = QCoreApplication.translate
_LOOK_EVERY = 0.05
_LONGEST_LOG = 4000
"""Bytes of the end of a start's log that are looked at."""
_UNDO_SECONDS = 60.0
"""What lies in the trash for longer cannot be undone by any window."""


@dataclass(frozen=True, slots=True)
class Trashed:
    """A deleted run: where it was, and where it lies until it is purged."""

    folder: RunFolder
    place: Path


def start_run(context: Context, experiment: str | Path, run_id: str) -> Operation:
    """Start a run in a process that outlives the window.

    Args:
        context: Has the workspace and the command.
        experiment: Its TOML, in which paths are absolute, or the path of a TOML file.
        run_id: Id of the new run.

    Returns:
        Finished with the run's id once its database is there. Refused where the process ends before that,
        with the command's own words.
    """
    workspace, command = context.workspace, context.command()
    return Operation(lambda: _start(workspace, command, experiment, run_id))


def resume_run(context: Context, folder: RunFolder) -> Operation:
    """Go on with a run: ask it where it lives and is paused, else make a process for it.

    Finished with the run's id once a process executes it, or it was asked.
    """
    workspace, command = context.workspace, context.command()
    return Operation(lambda: _resume(workspace, command, folder))


def request(folder: RunFolder, kind: RequestKind) -> Operation:
    """Ask a living run to pause, resume, stop or stop now; it answers by an event."""

    def ask() -> str:
        if not lock_is_held(folder):
            raise RunError(
                translate("RunProcess", "No process executes the run {id}.").format(id=folder.id),
                translate("RunProcess", "Resume it; what was done is kept."),
            )
        write_request(folder.requests, kind)
        return folder.id

    return Operation(ask)


def delete_run(folder: RunFolder) -> Operation:
    """Move a run that nobody executes into the workspace's trash; finished with a `Trashed`."""

    def move() -> Trashed:
        if lock_is_held(folder):
            raise RunError(
                translate("RunProcess", "The run {id} goes on: a process executes it.").format(id=folder.id),
                translate("RunProcess", "Stop it first, then delete it."),
            )
        place = _trash(Workspace(folder.path.parent.parent)) / f"{folder.id}.{secrets.token_hex(4)}"
        place.parent.mkdir(exist_ok=True)
        folder.path.rename(place)
        os.utime(place)
        return Trashed(folder, place)

    return Operation(move)


def restore(trashed: Trashed) -> Operation:
    """Undo a deletion; finished with the run's id."""

    def move() -> str:
        if trashed.folder.path.exists():
            raise RunError(
                translate("RunProcess", "There is another run {id} by now.").format(id=trashed.folder.id),
                translate("RunProcess", "The deleted one lies in {place}.").format(place=trashed.place),
            )
        trashed.place.rename(trashed.folder.path)
        return trashed.folder.id

    return Operation(move)


def purge(trashed: Trashed) -> Operation:
    """Delete a trashed run for good."""
    return Operation(lambda: _remove(trashed))


def purge_trash(workspace: Workspace) -> Operation:
    """Delete for good what windows that are gone have left in the trash, and logs of starts without a run."""

    def clear() -> None:
        for place in _entries(_trash(workspace)):
            with suppress(OSError):  # the owner of that deletion is quicker
                if time.time() - place.stat().st_mtime > _UNDO_SECONDS:
                    shutil.rmtree(place, ignore_errors=True)
        for path in _entries(_starts(workspace)):
            with suppress(OSError):
                old = time.time() - path.stat().st_mtime > _UNDO_SECONDS
                if old and not (workspace.runs / path.stem).exists():
                    path.unlink()

    return Operation(clear)


def start_log(workspace: Workspace, run_id: str) -> Path:
    """Where the process of a run writes what it prints."""
    return _starts(workspace) / f"{run_id}.log"


def _start(workspace: Workspace, command: Sequence[str], experiment: str | Path, run_id: str) -> str:
    folder = workspace.new("run", run_id)
    places = _starts(workspace)
    places.mkdir(parents=True, exist_ok=True)
    file = experiment
    if isinstance(experiment, str):
        text = experiment.encode()
        file = places / f"{run_id}.toml"
        write_atomically(file, lambda opened: opened.write(text))
    words = ["run", "--experiment", str(file), "--run-id", run_id, "--workspace", str(workspace.path)]
    try:
        _launch(workspace, [*command, *words], run_id, folder.database.exists)
    finally:
        if isinstance(experiment, str):  # the run's database has it
            Path(file).unlink(missing_ok=True)
    return run_id


def _resume(workspace: Workspace, command: Sequence[str], folder: RunFolder) -> str:
    if lock_is_held(folder):
        write_request(folder.requests, "resume")
        return folder.id
    _starts(workspace).mkdir(parents=True, exist_ok=True)
    words = ["resume", folder.id, "--workspace", str(workspace.path)]
    _launch(workspace, [*command, *words], folder.id, lambda: lock_is_held(folder))
    return folder.id


def _launch(workspace: Workspace, command: list[str], run_id: str, begun: Callable[[], bool]) -> None:
    """Start a process and wait until the run has begun.

    Raises:
        RunError: It ended before, in its own words.
    """
    log = start_log(workspace, run_id)
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=workspace.path,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
            **_detached(),
        )
    while process.poll() is None:
        if begun():
            # whoever started a process has to take note of its end, else it stays in the system's list
            threading.Thread(target=process.wait, name="reaper", daemon=True).start()
            return
        time.sleep(_LOOK_EVERY)
    if process.returncode and not begun():
        raise _last_words(log, process.returncode)


def _detached() -> dict[str, Any]:
    """What makes a process live on when the window and its terminal go."""
    if os.name == "nt":
        flags = ("CREATE_NO_WINDOW", "CREATE_NEW_PROCESS_GROUP")
        return {"creationflags": sum(getattr(subprocess, name) for name in flags)}
    return {"start_new_session": True}


def _last_words(log: Path, status: int) -> RunError:
    """The sentence with which a command ended, out of what it printed."""
    text = log.read_bytes()[-_LONGEST_LOG:].decode(errors="replace")
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    starts = [place for place, line in enumerate(lines) if line.startswith("cambrian: ")]
    if not starts:
        return RunError(
            translate("RunProcess", "The run's process ended before the run began (status {status}).").format(
                status=status
            )
            + (f" {lines[-1]}" if lines else ""),
            translate("RunProcess", "What it printed is in {file}.").format(file=log),
        )
    problem, *remedy = lines[starts[-1] :]
    return RunError(problem.removeprefix("cambrian: "), " ".join(line.strip() for line in remedy))


def _remove(trashed: Trashed) -> None:
    shutil.rmtree(trashed.place, ignore_errors=True)
    workspace = Workspace(trashed.folder.path.parent.parent)
    if not trashed.folder.path.exists():
        start_log(workspace, trashed.folder.id).unlink(missing_ok=True)
    with suppress(OSError):  # others lie there
        _trash(workspace).rmdir()


def _trash(workspace: Workspace) -> Path:
    return workspace.path / "trash"


def _starts(workspace: Workspace) -> Path:
    return workspace.path / "starts"


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []
