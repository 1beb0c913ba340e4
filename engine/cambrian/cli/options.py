"""What the commands share: exit statuses, common options, the workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cambrian.config import default_workspace, is_utf8
from cambrian.errors import SettingError, UserFacingError

EXIT_DONE, EXIT_FAILED, EXIT_USAGE, EXIT_INTERRUPTED = 0, 1, 2, 130

WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace", help="Folder that holds the runs.", envvar="CAMBRIAN_WORKSPACE", show_default=False
    ),
]


def run_ids(context: typer.Context, incomplete: str) -> list[str]:
    """What the shell offers where a run's id is typed: the runs of the workspace, the latest first."""
    from cambrian.run.workspace import Workspace

    try:
        given = context.params.get("workspace")  # unconverted where the line is not complete
        place = workspace_path(None if given is None else Path(given))
        found = [folder.id for folder in reversed(Workspace(place).folders())]
    except (UserFacingError, OSError):
        return []  # the command itself will say what is wrong
    return [each for each in (*found, *(["last"] if found else [])) if each.startswith(incomplete)]


RunArgument = Annotated[
    str, typer.Argument(help="The run's id, the beginning of it, or 'last'.", autocompletion=run_ids)
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def workspace_path(workspace: Path | None) -> Path:
    """The folder of the option, or the platform's user data folder.

    Raises:
        SettingError: Its path has bytes that are no UTF-8: nothing that a run stores could name it.
    """
    path = (workspace or default_workspace()).expanduser().absolute()
    if not is_utf8(str(path)):
        raise SettingError(f"The path of the workspace {path} is not UTF-8 text.", "Choose another folder.")
    return path
