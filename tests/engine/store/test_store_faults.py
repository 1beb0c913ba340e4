"""Killed writers, readers beside a writer, a full disk, a stranger's lock: with real processes."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from cambrian.records import Evaluation, RunEvent, State
from cambrian.store import connection
from cambrian.store.connection import StoreBlockedError, StoreFullError
from cambrian.store.reader import RunReader
from cambrian.store.writer import RunWriter

CHILD = Path(__file__).with_name("store_child.py")
ROWS = 20  # epochs a batch of the child


def start(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(CHILD), *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def begun(path: Path, make) -> Path:
    """A run with one individual, closed."""
    with make.create(path) as writer:
        writer.begin_generation(0, [make.individual(0)], {}, [])
    return path


def check_sound(path: Path) -> int:
    """Nothing is damaged or half there; gives the number of whole batches."""
    with RunReader(path) as reader:
        counts = reader.counts()
        batches = counts.events
        assert counts.epochs == ROWS * batches
        assert sum(counts.evaluations.values()) == batches
        assert len(reader.rungs(generation=0)) == batches
        assert [row.data["number"] for row in reader.events()] == list(range(batches))
    with closing(sqlite3.connect(path)) as plain:
        assert plain.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert plain.execute("PRAGMA foreign_key_check").fetchall() == []
    return batches


def test_a_writer_killed_at_random_moments_loses_nothing(begun: Path) -> None:
    rng = random.Random(3)
    most = 0
    for _ in range(10):
        child = start("write", begun)
        assert child.stdout is not None
        said = [child.stdout.readline()]
        time.sleep(rng.uniform(0, 0.15))
        child.kill()
        said += child.stdout.read().splitlines()
        child.wait()
        committed = max(int(line) for line in said if line.strip()) + 1
        assert check_sound(begun) >= committed
        assert committed > most, "each writer went on where the one before was killed"
        most = committed
    assert sorted(file.name for file in begun.parent.glob("*.tmp")) == []


def test_a_writer_killed_while_it_opens_does_no_harm(begun: Path) -> None:
    for delay in (0.15, 0.25, 0.3, 0.35):
        child = start("write", begun)
        time.sleep(delay)
        child.kill()
        child.communicate()
        check_sound(begun)


def test_readers_follow_a_writer_row_by_row(begun: Path) -> None:
    batches = 150
    child = start("write", begun, batches)
    rows: list[int] = []
    versions: set[int] = set()
    with RunReader(begun) as reader:
        deadline = time.monotonic() + 60
        while len(rows) < batches * ROWS:
            assert time.monotonic() < deadline
            version = reader.data_version()
            if version not in versions:
                versions.add(version)
                counts = reader.counts()
                assert counts.epochs == ROWS * counts.events, "a batch was seen half"
                rows += [row.rowid for row in reader.epochs_after(rows[-1] if rows else 0)]
            time.sleep(0.002)
    child.communicate()
    assert child.returncode == 0
    assert rows == list(range(1, batches * ROWS + 1))
    assert len(versions) > 2, "the rows came while they were written"
    assert check_sound(begun) == batches


def test_a_full_database_is_told_and_the_batch_can_be_written_again(
    path: Path, writer: RunWriter, make
) -> None:
    writer.begin_generation(0, [make.individual(0)], {}, [])
    pragma = writer._db.conn.execute
    pages = pragma("PRAGMA page_count").fetchone()[0]
    pragma(f"PRAGMA max_page_count = {pages + 2}")

    def batch() -> None:
        with writer.atomic():
            writer.save_evaluations([Evaluation(0, fold, 0, State.RUNNING) for fold in range(20)])
            writer.save_epochs(
                [(0, fold, 0, make.epoch(epoch)) for fold in range(20) for epoch in range(1, 9)]
            )
            writer.add_event(RunEvent("large", "y" * 50_000))

    with RunReader(path) as reader:
        for _ in range(2):
            with pytest.raises(StoreFullError, match=r"run\.db is full"):
                batch()
            counts = reader.counts()
            assert (counts.epochs, counts.events, counts.evaluations) == (0, 0, {})
        with pytest.raises(StoreFullError):
            writer.begin_generation(1, [make.individual(n, 1) for n in range(1, 200)], {}, [])
        assert len(reader.generations()) == 1
        pragma("PRAGMA max_page_count = 1000000")
        batch()
        counts = reader.counts()
        assert (counts.epochs, counts.events, counts.evaluations) == (160, 1, {"running": 20})


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on the size of files there")
def test_a_disk_that_refuses_bytes_is_told_and_survived(begun: Path) -> None:
    child = start("fill", begun)
    out, _ = child.communicate(timeout=60)
    assert child.returncode == 0
    failed = int(out)
    assert failed > 3
    assert check_sound(begun) == failed + 1


def test_a_full_disk_leaves_no_copy_behind(tmp_path: Path, filled: Path, writer: RunWriter) -> None:
    code = (
        "import resource, sys; from pathlib import Path\n"
        "from cambrian.store.writer import RunWriter, copy_database\n"
        "from cambrian.store.reader import RunReader\n"
        "from cambrian.store.connection import StoreFullError, connect\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, -1))\n"
        "try: copy_database(connect(Path(sys.argv[1]), 'rw'), Path(sys.argv[2]))\n"
        "except StoreFullError: print('full')\n"
    )
    copy = tmp_path / "copies" / "copy.db"
    copy.parent.mkdir()
    copy.write_bytes(b"older")
    done = subprocess.run(
        [sys.executable, "-c", code, str(filled), str(copy)], capture_output=True, text=True, check=False
    )
    assert done.stdout == "full\n", done.stderr
    assert [file.name for file in copy.parent.iterdir()] == ["copy.db"]
    assert copy.read_bytes() == b"older"


def test_a_strangers_write_lock_is_told_and_the_batch_can_be_written_again(
    path: Path, make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "_WRITER_TIMEOUT", 0.05)
    with make.create(path) as writer, closing(sqlite3.connect(path)) as stranger:
        stranger.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBlockedError, match="Another program holds"):
            writer.add_event(RunEvent("note", "one"))
        stranger.rollback()
        assert writer.add_event(RunEvent("note", "one")) == 1


def test_a_write_by_a_stranger_between_two_batches_does_no_harm(path: Path, writer: RunWriter) -> None:
    with closing(sqlite3.connect(path)) as stranger:
        for number in range(3):
            stranger.execute("CREATE TABLE IF NOT EXISTS notes (text)")
            stranger.execute("INSERT INTO notes VALUES ('mine')")
            stranger.commit()
            assert writer.add_event(RunEvent("note", "one")) == number + 1
