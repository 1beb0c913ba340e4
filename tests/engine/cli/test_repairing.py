"""`cambrian repair` as a user meets it: after a damage that every other command refuses."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from cambrian.run.workspace import RunFolder
from cambrian.store.lock import RunLock

PAGE = 4096


def damage(folder: RunFolder, table: str) -> None:
    """Overwrite the first page of a table, on which it stands as a whole or begins."""
    with closing(sqlite3.connect(folder.database)) as plain:
        (page,) = plain.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    content = bytearray(folder.database.read_bytes())
    content[(page - 1) * PAGE : page * PAGE] = b"\xa5" * PAGE
    folder.database.write_bytes(content)


def test_a_damaged_run_names_the_repair_and_is_read_after_it(cli, workspace, complete_run: RunFolder) -> None:
    damage(complete_run, "workers")
    damaged = complete_run.database.read_bytes()
    status, _, err = cli("show", "done", "--workspace", workspace)
    assert (status, "`cambrian repair done`" in err) == (2, True)
    status, out, err = cli("repair", "done", "--workspace", workspace)
    assert (status, err) == (0, "")
    recovered = complete_run.path / "run.recovered.db"
    assert f"written: {recovered}" in out
    assert [line.split()[:2] for line in out.splitlines() if line.startswith("individuals")] == [
        ["individuals", "3"]
    ]
    assert "It is for reading" in out
    assert complete_run.database.read_bytes() == damaged
    recovered.rename(complete_run.database)
    status, out, _ = cli("show", "done", "--workspace", workspace)
    assert status == 0
    assert "done: complete" in out


def test_a_sound_run_needs_no_repair(cli, workspace, complete_run: RunFolder) -> None:
    before = {path.name for path in complete_run.path.iterdir()}
    status, out, _ = cli("repair", "done", "--workspace", workspace)
    assert status == 0
    assert "is sound: there is nothing to repair" in out
    assert {path.name for path in complete_run.path.iterdir()} == before | {"run.lock"}


def test_a_run_that_goes_on_is_not_repaired(cli, workspace, complete_run: RunFolder) -> None:
    damage(complete_run, "workers")
    with RunLock(complete_run.path):
        status, _, err = cli("repair", "done", "--workspace", workspace)
    assert status == 2
    assert "is held by process" in err
    assert not (complete_run.path / "run.recovered.db").exists()


def test_a_second_repair_overwrites_nothing(cli, workspace: Path, complete_run: RunFolder) -> None:
    damage(complete_run, "workers")
    (complete_run.path / "run.recovered.db").write_text("mine")
    status, _, err = cli("repair", "done", "--workspace", workspace)
    assert (status, "run.recovered.db is there already" in err) == (2, True)
    assert (complete_run.path / "run.recovered.db").read_text() == "mine"
