"""`cambrian run` and `cambrian resume`: a run from its file to a delivered model, shown while it goes."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cambrian.cli.options import (
    EXIT_DONE,
    EXIT_INTERRUPTED,
    JsonOption,
    RunArgument,
    WorkspaceOption,
    workspace_path,
)
from cambrian.cli.settings import chosen_experiment, with_settings
from cambrian.errors import DataError, SettingError

if TYPE_CHECKING:
    from cambrian.run.run import Run
    from cambrian.run.workspace import RunFolder

_PAUSE_EVENTS = ("run-started", "pausing", "paused", "resumed", "stopping")
"""The last of these says whether a run that lives was asked to pause."""


def register(app: typer.Typer) -> None:
    """Attach the commands."""
    app.command("run")(with_settings(run))
    app.command("resume")(resume)


def run(
    experiment: Annotated[
        Path | None,
        typer.Option(help="Experiment file (TOML); other options override it.", show_default=False),
    ] = None,
    run_id: Annotated[str | None, typer.Option(help="Id of the new run.", show_default=False)] = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
    settings: Any = None,
) -> int:
    """Evolve networks for a table, and score the best one beside the baselines on rows it never saw."""
    from cambrian.run.run import create_run, discard_run
    from cambrian.run.workspace import Workspace

    chosen = chosen_experiment(experiment, settings)
    place = Workspace(workspace_path(workspace))
    made = place.missing
    folder = create_run(place, chosen, run_id=run_id)
    try:
        return _execute(folder, as_json=as_json)
    except (DataError, SettingError):
        if run_id is None:
            discard_run(folder, made=made)  # refused before anything was trained: leave nothing behind
        raise


def resume(run: RunArgument, as_json: JsonOption = False, workspace: WorkspaceOption = None) -> int:
    """Go on with a run that was interrupted, killed or paused."""
    from cambrian.run.requests import write_request
    from cambrian.run.workspace import Workspace
    from cambrian.store.lock import RunLock
    from cambrian.store.reader import RunReader

    folder = Workspace(workspace_path(workspace)).find(run)
    if RunLock(folder.path).is_held():
        with RunReader(folder.database) as reader:
            said = [event.kind for event in reader.events() if event.kind in _PAUSE_EVENTS]
        if said and said[-1] in ("pausing", "paused"):
            write_request(folder.requests, "resume")
            typer.echo("asked to go on", err=as_json)
            return EXIT_DONE
    return _execute(folder, as_json=as_json)


def _execute(folder: RunFolder, *, as_json: bool) -> int:
    from cambrian.cli.display import make_display
    from cambrian.records import RunState
    from cambrian.run.clock import seconds_since_start
    from cambrian.run.run import Run

    with make_display(folder, as_json=as_json) as display:
        execution = Run(folder, listener=display.show, seconds_before=seconds_since_start())
        _handle_signals(execution)
        ended = execution.execute()
    display.result(ended)
    return EXIT_INTERRUPTED if ended.state is RunState.INTERRUPTED else EXIT_DONE


def _handle_signals(execution: Run) -> None:
    """SIGINT, SIGTERM, SIGHUP: park and end, resumable; a second ends at once. SIGCONT: tell the clock."""
    from cambrian.cli.display import restore_terminal

    seen = 0

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal seen
        seen += 1
        if seen > 1:
            # The workers see the closed pipes and end by themselves.
            restore_terminal()
            os._exit(EXIT_INTERRUPTED)
        execution.interrupt()

    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), stop)
    if hasattr(signal, "SIGCONT"):
        signal.signal(signal.SIGCONT, lambda number, frame: execution.continued())
    # A run that was started detached (nohup, setsid) is meant to outlive its terminal.
    if (
        hasattr(signal, "SIGHUP")
        and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN
        and _has_terminal()
    ):
        signal.signal(signal.SIGHUP, stop)
    elif hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)


def _has_terminal() -> bool:
    with suppress(OSError):
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
        return True
    return False
