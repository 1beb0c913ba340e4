"""What the commands share: exit statuses, common options, the workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cambrian.config import default_workspace, is_utf8
from cambrian.errors import SettingError

EXIT_DONE, EXIT_FAILED, EXIT_USAGE, EXIT_INTERRUPTED = 0, 1, 2, 130

WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace", help="Folder that holds the runs.", envvar="CAMBRIAN_WORKSPACE", show_default=False
    ),
]
RunArgument = Annotated[str, typer.Argument(help="The run's id, the beginning of it, or 'last'.")]
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
