"""`cambrian repair` as a user meets it: after a damage that every other command refuses."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

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


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"", "it is empty"), (b"SQLite format 3", "is damaged"), (b"x" * 9000, "is damaged")],
)
def test_what_cannot_be_recovered_is_said_once_and_names_no_repair(
    cli, workspace, complete_run: RunFolder, content: bytes, why: str
) -> None:
    """Not SQLite, empty, cut off in its header: every other command names the repair, this one the end."""
    complete_run.database.write_bytes(content)
    status, _, err = cli("show", "done", "--workspace", workspace)
    assert (status, "`cambrian repair done`" in err) == (2, True)
    status, out, err = cli("repair", "done", "--workspace", workspace)
    assert (status, out) == (2, "")
    assert why in err
    assert "Nothing of it can be recovered" in err
    assert "run the experiment again" in err
    assert "cambrian repair" not in err
    assert complete_run.database.read_bytes() == content
    assert not (complete_run.path / "run.recovered.db").exists()


def test_a_truncated_run_gives_back_its_front(cli, workspace, complete_run: RunFolder) -> None:
    content = complete_run.database.read_bytes()
    cut = content[: len(content) * 3 // 4 + 100]
    complete_run.database.write_bytes(cut)
    status, out, err = cli("repair", "done", "--workspace", workspace)
    assert (status, err) == (0, "")
    assert "some could not be read" in out
    assert complete_run.database.read_bytes() == cut


def test_rows_that_are_left_out_are_told(cli, workspace, complete_run: RunFolder) -> None:
    with closing(sqlite3.connect(complete_run.database)) as plain:
        plain.execute("PRAGMA ignore_check_constraints = ON")
        plain.execute("UPDATE individuals SET number = 77 WHERE id = 3")
        plain.commit()
    status, out, _ = cli("repair", "done", "--workspace", workspace)
    (line,) = [line for line in out.splitlines() if line.startswith("individuals")]
    assert status == 0
    assert line.split()[1] == "2"
    assert "1 left out" in line
    assert "It is for reading" in out


def test_an_unknown_run_is_not_repaired(cli, workspace, complete_run: RunFolder) -> None:
    status, out, err = cli("repair", "nobody", "--workspace", workspace)
    assert (status, out) == (2, "")
    assert "There is no run 'nobody'" in err
    complete_run.database.rename(complete_run.path / "run.recovered.db")
    status, _, err = cli("repair", "done", "--workspace", workspace)
    assert status == 2
    assert "its run.db is missing" in err
    assert "Name its run.recovered.db run.db" in err


def test_a_sound_database_with_senseless_contents_is_not_called_sound(
    cli, workspace, complete_run: RunFolder
) -> None:
    with closing(sqlite3.connect(complete_run.database)) as plain:
        plain.execute("UPDATE run SET state = 'dreaming'")
        plain.commit()
    status, out, err = cli("repair", "done", "--workspace", workspace)
    assert (status, out) == (2, "")
    assert "what stands in it makes no sense" in err
    assert "dreaming" in err
