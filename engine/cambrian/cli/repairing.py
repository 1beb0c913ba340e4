"""`cambrian repair`: what can be read of a run's damaged database, in a new file beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from cambrian.cli.display import write_line
from cambrian.cli.options import RunArgument, WorkspaceOption, workspace_path
from cambrian.cli.printing import write_lines, write_table
from cambrian.cli.text import visible

if TYPE_CHECKING:
    from cambrian.store.repair import Recovery


def register(app: typer.Typer) -> None:
    """Attach the command."""
    app.command("repair")(repair)


def repair(run: RunArgument, workspace: WorkspaceOption = None) -> None:
    """Recover what can be read of a run's damaged database into a new file; the old one stays as it is."""
    from cambrian.run.workspace import Workspace
    from cambrian.store.lock import RunLock
    from cambrian.store.repair import recover

    folder = Workspace(workspace_path(workspace)).find(run)
    with RunLock(folder.path):
        recovery = recover(folder.database, folder.path / "run.recovered.db")
    if recovery is None:
        write_line(visible(f"{folder.database} is sound: there is nothing to repair."))
        return
    cells = [["table", "rows", "lost"]]
    cells += [[table, str(count), _lost(table, recovery)] for table, count in recovery.rows.items()]
    write_table(cells)
    write_line("")
    write_lines(_advice(folder.id, str(recovery.path), whole=not recovery.incomplete))


def _lost(table: str, recovery: Recovery) -> str:
    if broken := recovery.left_out.get(table):
        return f"{broken} left out because a value in them is not allowed, perhaps others that were not read"
    return "some could not be read" if table in recovery.incomplete else "none"


def _advice(run_id: str, path: str, *, whole: bool) -> list[str]:
    use = "To use it, keep run.db and its run.db-wal elsewhere and name this file run.db."
    after = f"`cambrian resume {run_id}` then goes on."
    if not whole:
        after = "It is for reading (`cambrian show`, any SQLite tool): run the experiment again for a result."
    return [f"written: {path}", use, after]
