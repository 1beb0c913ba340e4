"""`cambrian inspect` of files made to break it: those of ../shared/data/nasty by their index, and our own."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nasty_files import answer, assert_mentions, fine_answers, index_cases, nasty_file
from own_nasty_files import OWN, RAW, csv_file


@pytest.mark.parametrize("case", index_cases())
def test_what_the_index_expects(cli, case: dict) -> None:
    given, said, facts = answer(cli, nasty_file(case), case["target"])
    assert given in fine_answers(case), said
    assert_mentions(said, case["message_should_mention"])
    if facts:
        header_taken_for_a_row = case["file"] == "18_no_header.csv"
        assert facts["rows"] == case["rows_if_loaded"] - header_taken_for_a_row
        assert len(facts["columns"]) == case["columns_if_loaded"]


@pytest.mark.parametrize("name", OWN)
def test_our_own(cli, tmp_path: Path, name: str) -> None:
    columns, target, expected, words = OWN[name]
    given, said, _ = answer(cli, csv_file(tmp_path / "own.csv", columns), target)
    assert given == expected, said
    for word in words:
        assert word in said


@pytest.mark.parametrize("name", RAW)
def test_raw_bytes(cli, tmp_path: Path, name: str) -> None:
    content, expected, words = RAW[name]
    path = tmp_path / "own.csv"
    path.write_bytes(content)
    given, said, _ = answer(cli, path, "y")
    assert given == expected, said
    assert "\x1b" not in said
    assert len(said) < 1000
    for word in words:
        assert word in said


def test_compressed_bytes_named_csv_are_refused(cli, tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_bytes(gzip.compress(b"x,y\n1.5,a\n2.5,b\n" * 50, mtime=0))
    assert answer(cli, path, "y")[0] == "refuse"


def test_a_parquet_column_that_cannot_be_read_is_named(cli, tmp_path: Path) -> None:
    path = tmp_path / "own.parquet"
    table = {
        "nested": [{"a": 1}] * 40,
        "far": pa.array([-(2**62), 2**62, *range(38)], pa.timestamp("us")),
        "x": np.random.default_rng(0).normal(size=40),
        "y": ["a", "b"] * 20,
    }
    pq.write_table(pa.table(table), path)
    given, said, _ = answer(cli, path, "y")
    assert given == "warn"
    assert "nested" in said


def test_the_report_of_every_table_fits_an_80_column_terminal(cli, tmp_path: Path, monkeypatch) -> None:
    import shutil

    from cambrian.cli import inspecting, tables, text

    for module in (inspecting, tables, text):
        monkeypatch.setattr(module, "on_terminal", lambda: True)
    monkeypatch.setattr(shutil, "get_terminal_size", lambda *_: __import__("os").terminal_size((80, 24)))
    for name in ("the target twice", "formulas for names"):
        out = cli("inspect", csv_file(tmp_path / "own.csv", OWN[name][0]), "--target", "y")[1]
        head = out[: out.index("\nclass")]
        assert head
        assert max(map(len, head.splitlines())) <= 80
