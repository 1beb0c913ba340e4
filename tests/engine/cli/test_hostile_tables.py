"""`cambrian inspect` of files of every format that were made to break it."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cambrian.data.read import read_table
from cambrian.data.reading.options import Reading
from cambrian.errors import DataError
from hostile_files import COUNT, FILES, sqlite
from nasty_files import answer
from own_nasty_files import csv_file, plain
from real_runs import assert_no_fault


@pytest.mark.parametrize("name", FILES)
def test_other_files_of_our_own(cli, tmp_path: Path, name: str) -> None:
    case = FILES[name]
    path = tmp_path / case.file
    case.write(path)
    given, said, _ = answer(cli, path, "y", *case.options)
    assert given == case.expect, said
    assert "\x1b" not in said
    assert "\u202e" not in said
    assert len(said) < 3000
    for word in case.words:
        assert word in said


def test_a_view_without_end_is_refused(cli, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("cambrian.data.reading.sqlite.MOST_QUERY_ROWS", 100_000)
    path = tmp_path / "own.sqlite"
    sqlite(f"CREATE VIEW v AS {COUNT}")(path)
    for options in (("--table", "v"), ("--query", COUNT)):
        given, said, _ = answer(cli, path, "y", *options)
        assert (given, "more than 100,000 rows" in said) == ("refuse", True), said
    *_, facts = answer(cli, path, "y", "--query", f"{COUNT} LIMIT 90000")
    assert facts["rows"] == 90_000


def test_a_query_without_end_can_be_interrupted(tmp_path: Path) -> None:
    path = tmp_path / "own.sqlite"
    sqlite()(path)
    command = [sys.executable, "-m", "cambrian", "inspect", str(path), "--query", COUNT]
    running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    while "sqlite3" not in Path(f"/proc/{running.pid}/maps").read_text():
        time.sleep(0.05)
    time.sleep(4)  # the query must have begun; nothing tells it from outside
    running.send_signal(signal.SIGINT)
    assert running.wait(120) == 130
    assert running.stderr is not None
    assert "Traceback" not in running.stderr.read()


def test_a_database_that_is_locked_is_refused(cli, tmp_path: Path) -> None:
    path = tmp_path / "own.sqlite"
    sqlite()(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        status, out, err = cli("inspect", path)
    assert (status, out) == (2, "")
    assert "own.sqlite" in err
    assert "locked" in err


def test_duckdb_that_is_not_installed_is_named(cli, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    (tmp_path / "own.duckdb").write_bytes(b"12345678DUCK" + bytes(100))
    status, out, err = cli("inspect", tmp_path / "own.duckdb")
    assert (status, out) == (2, "")
    assert "own.duckdb" in err
    assert "pip install 'cambrian[duckdb]'" in err


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "ascii", "shift_jis", "utf-7"])
def test_a_wrong_encoding_is_refused(cli, tmp_path: Path, encoding: str) -> None:
    (tmp_path / "own.csv").write_bytes(b"x,y\n" + b"1.5,K\xc3\xb6ln\n2.5,\xff\xfe\xa0\n" * 20)
    status, out, err = cli("inspect", tmp_path / "own.csv", "--encoding", encoding)
    assert (status, out) == (2, "")
    assert "own.csv" in err
    assert_no_fault(err)


@pytest.mark.parametrize(
    "encoding", ["idna", "undefined", "unicode_escape", "raw_unicode_escape", "punycode", "rot13"]
)
def test_a_codec_that_is_none_of_files_is_refused(cli, penguins: Path, encoding: str) -> None:
    status, out, err = cli("inspect", penguins, "--encoding", encoding)
    assert (status, out, "there is no such encoding" in err) == (2, "", True)


def test_codes_with_letters_are_no_numbers_with_a_unit(cli, tmp_path: Path) -> None:
    for cells in (
        [f"{i:05d}" for i in range(60)],
        [f"{i}{chr(97 + i % 20)}" for i in range(60)],
        [f"10.0.{i}.1" for i in range(60)],
        [f"{i}-{i * 7 % 60}" for i in range(60)],
    ):
        _, said, _ = answer(cli, csv_file(tmp_path / "own.csv", plain(z=cells)), "y")
        assert "look like numbers" not in said
        assert "60 categories" in said


@pytest.mark.parametrize(
    "name", ["a workbook as people make them", "every type of Parquet", "a view", "times beyond all years"]
)
def test_a_file_with_changed_bytes_is_read_or_refused(tmp_path: Path, name: str) -> None:
    """200 copies of each, with other bytes here and there or cut off: never another error than ours."""
    case, rng = FILES[name], random.Random(0)
    case.write(tmp_path / case.file)
    whole = (tmp_path / case.file).read_bytes()
    said = []
    for _ in range(200):
        content = bytearray(whole)
        start = rng.choice([0, len(whole) // 2, max(0, len(whole) - 4000)])
        for _ in range(rng.choice([1, 2, 20])):
            content[rng.randrange(start, len(whole))] = rng.randrange(256)
        if rng.random() < 0.2:
            del content[rng.randrange(1, len(whole)) :]
        (tmp_path / case.file).write_bytes(content)
        try:
            read_table(tmp_path / case.file, Reading(table="v") if name == "a view" else None)
        except DataError as error:
            said.append(str(error))
    assert len(said) > 10
    assert all(case.file in each for each in said)


def test_a_column_name_that_is_no_text_is_refused(cli, tmp_path: Path) -> None:
    pq.write_table(
        pa.table({"qqqqqqqq": [1.5] * 20, "y": ["a", "b"] * 10}), tmp_path / "own.parquet", store_schema=False
    )
    content = (tmp_path / "own.parquet").read_bytes()
    (tmp_path / "own.parquet").write_bytes(content.replace(b"qqqqqqqq", b"qqqqqqq\xe4"))
    given, said, _ = answer(cli, tmp_path / "own.parquet", "y")
    assert given == "refuse"
    assert "damaged" in said
