"""`cambrian pause` and `cambrian stop`: requests to a run that another process executes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cambrian.cli.options import RunArgument, WorkspaceOption, workspace_path
from cambrian.errors import RunError
from cambrian.records import RunState
from cambrian.run.requests import RequestKind, write_request
from cambrian.run.workspace import Workspace


def register(app: typer.Typer) -> None:
    """Attach the commands."""
    app.command("pause")(pause)
    app.command("stop")(stop)


def pause(run: RunArgument, workspace: WorkspaceOption = None) -> None:
    """Pause a run: its networks are parked after their epoch; `cambrian resume` goes on."""
    _request(run, workspace, "pause")
    typer.echo("asked to pause; `cambrian resume` goes on")


def stop(
    run: RunArgument,
    now: Annotated[
        bool, typer.Option("--now", help="End the search at once, not after this generation.")
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """End a run's search after its generation; finalists, test score and model still come."""
    _request(run, workspace, "stop-now" if now else "stop")
    typer.echo("asked to stop" + (" now" if now else " after this generation"))


def _request(run: str, workspace: Path | None, kind: RequestKind) -> None:
    from cambrian.store.lock import RunLock
    from cambrian.store.reader import RunReader

    folder = Workspace(workspace_path(workspace)).find(run)
    if not RunLock(folder.path).is_held():
        with RunReader(folder.database) as reader:
            complete = reader.run().state is RunState.COMPLETE
        if complete:
            raise RunError(
                f"Run {folder.id} is complete.", f"`cambrian show {folder.id}` shows its result.", exit_code=1
            )
        raise RunError(
            f"No process executes run {folder.id}.",
            f"`cambrian resume {folder.id}` goes on with it.",
            exit_code=1,
        )
    write_request(folder.requests, kind)
