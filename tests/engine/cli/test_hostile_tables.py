"""`cambrian inspect` of files of every format that were made to break it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hostile_files import COUNT, FILES, sqlite
from nasty_files import answer
from own_nasty_files import csv_file, plain


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
    time.sleep(1)
    running.send_signal(signal.SIGINT)
    assert running.wait(30) == 130
    assert running.stderr is not None
    assert "Traceback" not in running.stderr.read()


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
