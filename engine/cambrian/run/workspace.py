"""The workspace: one folder that holds every run in a folder of its own."""

from __future__ import annotations

import os
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cambrian.errors import RunError

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The files of one run; its properties touch no disk."""

    path: Path

    @property
    def id(self) -> str:
        """The run's id: the name of its folder."""
        return self.path.name

    @property
    def database(self) -> Path:
        """The run's SQLite database."""
        return self.path / "run.db"

    @property
    def birth(self) -> Path:
        """When the run was made, as UTC ISO text: what tells the latest run, whoever touches its files."""
        return self.path / "created"

    @property
    def data(self) -> Path:
        """The prepared data."""
        return self.path / "data"

    @property
    def lanes(self) -> Path:
        """Parked lane states of the current generation: a cache."""
        return self.path / "lanes"

    @property
    def weights(self) -> Path:
        """Weights and out-of-fold predictions of kept individuals."""
        return self.path / "weights"

    @property
    def champion(self) -> Path:
        """The delivered model."""
        return self.path / "champion"

    @property
    def baselines(self) -> Path:
        """Predictions of the baselines for the test rows."""
        return self.path / "baselines"

    @property
    def requests(self) -> Path:
        """Where others ask the run to pause, go on or stop."""
        return self.path / "requests"

    @property
    def log(self) -> Path:
        """The run's log, its workers' output included."""
        return self.path / "run.log"

    def remove_leftovers(self) -> None:
        """Remove the temporary files of killed processes; only who holds the run may."""
        for folder in (self.path, self.lanes, self.weights, self.data, self.baselines, self.champion):
            for leftover in folder.glob(".*.tmp"):
                leftover.unlink(missing_ok=True)

    def clear_lanes(self) -> None:
        """Remove the parked lanes."""
        for path in self.lanes.iterdir():
            path.unlink(missing_ok=True)

    def create(self) -> None:
        """Make the run's folders.

        Raises:
            RunError: The workspace cannot be written to.
        """
        try:
            for folder in (self.path, self.lanes, self.weights, self.requests):
                folder.mkdir(parents=True, exist_ok=True)
            with suppress(FileExistsError), self.birth.open("x", encoding="ascii") as file:
                file.write(datetime.now(UTC).isoformat(timespec="microseconds"))
        except OSError as error:
            raise RunError(
                f"The workspace {self.path.parent.parent} cannot be written to: {error.strerror or error}.",
                "Make it writable or choose another folder with --workspace.",
            ) from error


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folder whose `runs/` holds the runs."""

    path: Path

    @property
    def runs(self) -> Path:
        """The folder of the runs."""
        return self.path / "runs"

    @property
    def missing(self) -> list[Path]:
        """The folders that the first run in it makes, the inner ones first."""
        return [path for path in (self.runs, *self.runs.parents) if not os.path.exists(path)]

    def folders(self) -> list[RunFolder]:
        """Every run that has a database, oldest first."""
        if not self.runs.is_dir():
            return []
        found = [RunFolder(path.parent) for path in self.runs.glob("*/run.db")]
        dated = [(born, folder.id, folder) for folder in found if (born := _born(folder)) is not None]
        return [folder for *_, folder in sorted(dated, key=lambda each: each[:2])]

    def new(self, name: str, run_id: str | None = None) -> RunFolder:
        """The folder of a new run, not yet made; `name` (a data file's) leads a generated id.

        Raises:
            RunError: `run_id` has characters that a folder cannot have everywhere, or the run exists.
        """
        if run_id is None:
            stem = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower()[:32].strip("-") or "run"
            run_id = f"{stem}-{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        if not _ID.fullmatch(run_id):
            raise RunError(
                f"'{run_id}' cannot be a run's id.", "Use letters, digits, '.', '_' and '-', at most 80."
            )
        folder = RunFolder(self.runs / run_id)
        if os.path.exists(folder.database):  # a folder that may not be looked into is refused later
            raise RunError(f"The run {run_id} exists already in {self.path}.", "Choose another --run-id.")
        return folder

    def find(self, run_id: str) -> RunFolder:
        """The run with this id, an unambiguous beginning of it, or `last`.

        Raises:
            RunError: No such run, or several; names them.
        """
        folders = self.folders()
        if run_id == "last" and folders:
            return folders[-1]
        exact = [folder for folder in folders if folder.id == run_id]
        matches = exact or [folder for folder in folders if folder.id.startswith(run_id)]
        if len(matches) == 1:
            return matches[0]
        if not matches:
            raise self._no_run(run_id, any_there=bool(folders))
        names = ", ".join(folder.id for folder in matches[:5])
        raise RunError(f"'{run_id}' fits {len(matches)} runs: {names}.", "Give more of the id.")

    def _no_run(self, run_id: str, *, any_there: bool) -> RunError:
        lost = self.runs / run_id
        if _ID.fullmatch(run_id) and lost.is_dir():
            saved = (lost / "run.recovered.db").exists()
            remedy = "Name its run.recovered.db run.db to use what a repair saved."
            return RunError(
                f"The folder {lost} holds no run: its run.db is missing.",
                remedy if saved else "Put run.db back, or delete the folder.",
            )
        remedy = "`cambrian runs` lists the runs."
        if not any_there:
            remedy = "`cambrian run FILE --target COLUMN` starts one; --workspace names another folder."
        return RunError(f"There is no run '{run_id}' in {self.path}.", remedy)


def _born(folder: RunFolder) -> float | None:
    """When a run was made, in seconds; None where its folder has just vanished.

    A folder that was put together by hand, or by an older program, may not say it: then the time at which
    its database was last written is the nearest there is. The database itself is not asked: it may be
    damaged, locked or another program's, and there may be thousands of them.
    """
    try:
        with suppress(ValueError, FileNotFoundError):
            return datetime.fromisoformat(folder.birth.read_text(encoding="ascii")).timestamp()
        return folder.database.stat().st_mtime
    except FileNotFoundError:
        return None
    except OSError:  # another user's folder: it is listed, and opening it says why it cannot be read
        return 0.0
