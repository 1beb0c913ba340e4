"""What a repair brings back of a damaged database, and that it leaves the damaged one alone."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cambrian.errors import RunError
from cambrian.records import Evaluation, State
from cambrian.store.connection import SCHEMA_VERSION
from cambrian.store.reader import RunReader
from cambrian.store.repair import Recovery, recover
from cambrian.store.writer import RunWriter

PAGE = 4096
FOLDS, EPOCHS = 40, 50


@pytest.fixture
def large(path: Path, make) -> Path:
    """A run with 2,000 epochs, which take some 20 pages."""
    with make.create(path) as writer:
        make.fill(writer)
        writer.save_evaluations([Evaluation(7, fold, 1, State.COMPLETE) for fold in range(FOLDS)])
        for fold in range(FOLDS):
            writer.save_epochs([(7, fold, 1, make.epoch(epoch)) for epoch in range(1, EPOCHS + 1)])
    return path


def leaves(path: Path, table: str) -> list[int]:
    """Page numbers of a table's leaves, which hold its rows, in their order."""
    with closing(sqlite3.connect(path)) as plain:
        found = plain.execute(
            "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY path", (table,)
        )
        return [number for (number,) in found.fetchall()]


def overwrite(path: Path, pages: list[int]) -> None:
    content = bytearray(path.read_bytes())
    for page in pages:
        content[(page - 1) * PAGE : page * PAGE] = b"\xa5" * PAGE
    path.write_bytes(content)


def loosen(path: Path, table: str, old: str, new: str) -> None:
    """Change a table's rules and none of its rows."""
    with closing(sqlite3.connect(path)) as plain:
        plain.execute("PRAGMA writable_schema = ON")
        plain.execute("UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE name = ?", (old, new, table))
        plain.commit()


def everything(path: Path) -> dict[str, list[Any]]:
    with closing(sqlite3.connect(path)) as plain:
        tables = plain.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%'"
                               " ESCAPE '\\'").fetchall()  # fmt: skip
        return {name: plain.execute(f'SELECT * FROM "{name}" ORDER BY 1, 2').fetchall() for (name,) in tables}


def is_sound(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(path)) as plain:
            return plain.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    except sqlite3.DatabaseError:
        return False


def recovered(path: Path, to: Path) -> Recovery:
    found = recover(path, to)
    assert found is not None
    assert is_sound(found.path)
    return found


def has_dbstat() -> bool:
    with closing(sqlite3.connect(":memory:")) as plain:
        return bool(plain.execute("SELECT sqlite_compileoption_used('ENABLE_DBSTAT_VTAB')").fetchone()[0])


def test_a_sound_database_is_left_alone(large: Path, tmp_path: Path) -> None:
    before = everything(large)
    assert recover(large, tmp_path / "new.db") is None
    assert not (tmp_path / "new.db").exists()
    assert everything(large) == before


def test_what_stood_in_the_log_alone_comes_too(path: Path, make, tmp_path: Path) -> None:
    with make.create(path) as writer:
        make.fill(writer)
        writer._db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        writer.update_run(error="in the log")
        overwrite(path, leaves(path, "workers"))
        recovery = recovered(path, tmp_path / "new.db")
    assert recovery.incomplete == ("workers",)
    with RunReader(recovery.path) as reader:
        assert reader.run().error == "in the log"
    assert list(tmp_path.glob(".repair*")) == []


@pytest.mark.skipif(not has_dbstat(), reason="this SQLite does not tell where a table's pages are")
@pytest.mark.parametrize("places", [(0,), (-1,), (3,), (2, 9), (2, 3, 4, 11), (0, 5, -1)])
def test_all_but_the_damaged_pages_comes_back(large: Path, tmp_path: Path, places: tuple[int, ...]) -> None:
    pages = leaves(large, "epochs")
    assert len(pages) > 12
    before = everything(large)
    overwrite(large, [pages[place] for place in places])
    damaged = large.read_bytes()
    assert not is_sound(large)
    with pytest.raises(RunError, match=r"damaged") as refused:
        RunWriter.open(large)
    assert "`cambrian repair" in refused.value.remedy
    recovery = recovered(large, tmp_path / "new.db")
    assert recovery.incomplete == ("epochs",)
    after = everything(recovery.path)
    assert set(after.pop("epochs")) < set(before["epochs"])
    lost = len(before.pop("epochs")) - recovery.rows["epochs"]
    assert 0 < lost <= len(places) * 150  # a page of 4096 bytes holds about a hundred epochs
    assert after == before
    assert large.read_bytes() == damaged
    with RunReader(recovery.path) as reader:
        assert reader.run().champion == 4


def test_a_truncated_database_gives_back_its_front(large: Path, tmp_path: Path) -> None:
    content = large.read_bytes()
    large.write_bytes(content[: len(content) * 2 // 3])
    assert not is_sound(large)
    recovery = recovered(large, tmp_path / "new.db")
    assert recovery.incomplete
    assert (recovery.rows["run"], recovery.rows["individuals"]) == (1, 8)


def test_a_recovered_database_can_be_written_again(large: Path, tmp_path: Path) -> None:
    overwrite(large, leaves(large, "epochs")[:1])
    recovery = recovered(large, tmp_path / "new.db")
    with RunWriter.open(recovery.path) as writer:
        writer.update_run(error="written")
    with closing(sqlite3.connect(recovery.path)) as plain:
        assert plain.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)


@pytest.mark.parametrize("content", [b"", b"not a database, whatever it says of itself" * 500])
def test_what_holds_no_row_of_a_run_is_refused(path: Path, tmp_path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(RunError, match="is damaged or not the database of a run"):
        recover(path, tmp_path / "new.db")
    assert [file.name for file in tmp_path.iterdir()] == ["run.db"]


def test_a_newer_version_and_an_earlier_repair_are_left_alone(large: Path, tmp_path: Path) -> None:
    (tmp_path / "new.db").write_text("mine")
    with pytest.raises(RunError, match="there already"):
        recover(large, tmp_path / "new.db")
    assert (tmp_path / "new.db").read_text() == "mine"
    with closing(sqlite3.connect(large)) as plain:
        plain.execute("PRAGMA user_version = 99")
    with pytest.raises(RunError, match="schema version 99"):
        recover(large, tmp_path / "other.db")


def test_a_strangers_trigger_does_not_come_along(large: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(large)) as plain:
        plain.execute("CREATE TRIGGER t AFTER UPDATE ON run BEGIN DELETE FROM individuals; END")
        plain.execute("CREATE TABLE notes (text)")
    with pytest.raises(RunError, match="did not make"):
        RunReader(large)
    recovery = recovered(large, tmp_path / "new.db")
    assert "notes" not in recovery.rows
    with RunReader(recovery.path) as reader:
        assert reader.run().id == "amber-fox"


def test_rows_that_break_their_tables_rules_are_left_out_and_counted(large: Path, tmp_path: Path) -> None:
    """As a damaged page has them: a NULL where none may be, text where a row's number belongs."""
    loosen(large, "evaluations", "attempt INTEGER NOT NULL", "attempt INTEGER")
    with closing(sqlite3.connect(large)) as plain:
        before = plain.execute("SELECT count(*) FROM evaluations").fetchone()[0]
        plain.execute("UPDATE evaluations SET attempt = NULL WHERE id IN (2, 5, 6)")
        plain.commit()
    loosen(large, "evaluations", "attempt INTEGER", "attempt INTEGER NOT NULL")
    assert not is_sound(large)
    recovery = recovered(large, tmp_path / "new.db")
    assert recovery.left_out == {"evaluations": 3}
    assert recovery.incomplete == ("evaluations",)
    assert recovery.rows["evaluations"] == before - 3


def test_a_broken_row_beside_an_unreadable_page_counts_once(large: Path, tmp_path: Path) -> None:
    """Around a damaged page rows are read from both ends and again between: still one row was left out."""
    with closing(sqlite3.connect(large)) as plain:
        plain.execute("PRAGMA ignore_check_constraints = ON")
        plain.execute("UPDATE individuals SET number = 900 WHERE id = 8")
        plain.execute("CREATE TABLE individuals_of_old AS SELECT * FROM individuals")
        plain.commit()
    recovery = recovered(large, tmp_path / "new.db")
    assert recovery.left_out == {"individuals": 1}
    assert recovery.rows["individuals"] == 7


def test_a_page_that_looks_empty_is_not_called_whole(large: Path, tmp_path: Path) -> None:
    """A leaf whose header was overwritten with that of an empty one reads without any error."""
    page = leaves(large, "epochs")[3]
    content = bytearray(large.read_bytes())
    start = (page - 1) * PAGE
    content[start : start + 8] = bytes([13, 0, 0, 0, 0, 16, 0, 0])  # a leaf with no cell
    large.write_bytes(content)
    recovery = recovered(large, tmp_path / "new.db")
    assert 0 < recovery.rows["epochs"] < FOLDS * EPOCHS + 24
    assert recovery.incomplete == ("epochs",)


def test_text_that_is_none_is_a_damage(large: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(large)) as plain:
        plain.execute("UPDATE individuals SET genome = CAST(x'ff' AS TEXT) WHERE id = 3")
        plain.commit()
    assert is_sound(large)
    with RunReader(large) as reader, pytest.raises(RunError, match="damaged"):
        reader.individuals()
    recovery = recovered(large, tmp_path / "new.db")
    assert recovery.incomplete == ("individuals",)
    assert recovery.rows["individuals"] == 7


def test_an_empty_file_keeps_its_log(large: Path, tmp_path: Path) -> None:
    """SQLite deletes the log of an empty database as soon as it opens it."""
    large.write_bytes(b"")
    log = tmp_path / "run.db-wal"
    log.write_bytes(b"all that is left")
    for opens in (RunReader, RunWriter.open, lambda path: recover(path, tmp_path / "new.db")):
        with pytest.raises(RunError, match="it is empty"):
            opens(large)
    assert log.read_bytes() == b"all that is left"


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_overwritten_a_repair_ends_in_a_sound_file_or_a_sentence(
    large: Path, tmp_path: Path, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    content = bytearray(large.read_bytes())
    for _ in range(1 + seed):
        place, size = int(rng.integers(len(content))), int(rng.integers(1, 200))
        content[place : place + size] = rng.bytes(min(size, len(content) - place))
    large.write_bytes(content)
    new = tmp_path / "new.db"
    with suppress(RunError):  # any other error is a traceback for the user
        recovery = recover(large, new)
        assert (recovery is not None) == new.exists()
    assert not new.exists() or is_sound(new)
    assert large.read_bytes() == content
    assert list(tmp_path.glob(".repair*")) == []
