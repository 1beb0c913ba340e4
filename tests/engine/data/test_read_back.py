"""What is read back from a file of any format is what was written into it."""

from __future__ import annotations

import json
import math
import sqlite3
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from cambrian.data import cells
from cambrian.data.profile import profile_table
from cambrian.data.read import Reading, Table, read_table
from cambrian.errors import DataError

NAMES = ["text", "number", "yes"]
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NUMBER = st.one_of(st.integers(-(10**17), 10**17), st.floats(allow_nan=False, allow_infinity=False))
ROWS = st.lists(
    st.tuples(st.none() | TEXT, st.none() | NUMBER, st.none() | st.booleans()), min_size=1, max_size=12
)
Row = tuple[str | None, float | None, bool | None]
READINGS = {"text": "text", "number": "number"}


def write_parquet(path: Path, rows: list[Row]) -> None:
    pq.write_table(as_arrow(rows), path)


def write_feather(path: Path, rows: list[Row]) -> None:
    pyarrow.feather.write_feather(as_arrow(rows), path)


def as_arrow(rows: list[Row]) -> pa.Table:
    text, number, yes = zip(*rows, strict=True)
    numbers = [None if value is None else float(value) for value in number]
    columns = [pa.array(text, pa.string()), pa.array(numbers, pa.float64()), pa.array(yes, pa.bool_())]
    return pa.table(columns, NAMES)


def write_json(path: Path, rows: list[Row]) -> None:
    lines = [json.dumps(dict(zip(NAMES, row, strict=True))) for row in rows]
    path.write_text("\n".join(lines), encoding="utf-8")


def write_sqlite(path: Path, rows: list[Row]) -> None:
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (text, number, yes)")
    connection.executemany("INSERT INTO t VALUES (?, ?, ?)", rows)
    connection.commit()
    connection.close()


def write_excel(path: Path, rows: list[Row]) -> None:
    book = openpyxl.Workbook()
    book.active.append(NAMES)
    for row in rows:
        book.active.append(row)
        for cell in book.active[book.active.max_row]:
            if isinstance(cell.value, str):
                cell.data_type = "s"  # text that begins with = is no formula
    book.save(path)


WRITERS = {
    "t.parquet": write_parquet,
    "t.feather": write_feather,
    "t.jsonl": write_json,
    "t.sqlite": write_sqlite,
}


def text_of(values: list[str | None]) -> list[str | None]:
    return [None if value is None or not value.strip() else value for value in values]


def check(table: Table, rows: list[Row], *, digits: int | None = None) -> None:
    """Compare a table with what was written; numbers to so many digits, None: all."""
    text, number, yes = zip(*rows, strict=True)
    assert table.columns["text"].to_pylist() == text_of(list(text))
    expected = [math.nan if value is None else float(value) for value in number]
    tolerance = 0.0 if digits is None else 10.0**-digits
    np.testing.assert_allclose(cells.numbers(table, "number"), expected, rtol=tolerance, atol=0)
    flags = cells.booleans(table, "yes").tolist()
    assert [None if math.isnan(flag) else bool(flag) for flag in flags] == list(yes)


QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@pytest.mark.parametrize("name", WRITERS)
@given(rows=ROWS)
@settings(max_examples=40, deadline=None, suppress_health_check=QUIET)
def test_what_was_written_is_read(tmp_path, name, rows):
    WRITERS[name](tmp_path / name, rows)
    table = read_table(tmp_path / name, readings=READINGS)
    check(table, rows)
    for target in NAMES:
        json.dumps(profile_table(table, target=target).to_json(), allow_nan=False)


@given(rows=ROWS)
@settings(max_examples=25, deadline=None, suppress_health_check=QUIET)
def test_what_a_sheet_holds_is_read(tmp_path, rows):
    kept = [row for row in rows if any(text_of([str(cell) if cell is not None else None])[0] for cell in row)]
    # What no sheet can hold: control characters, and line ends that XML makes one.
    kept = [row for row in kept if not (row[0] and (ILLEGAL_CHARACTERS_RE.search(row[0]) or "\r" in row[0]))]
    kept = [row for row in kept if row[0] is None or row[0].isprintable()]
    kept = [
        row for row in kept if row[1] is None or abs(row[1]) < 1e300
    ]  # written with fewer digits: infinite
    write_excel(tmp_path / "t.xlsx", kept)
    if not kept:
        with pytest.raises(DataError, match="0 data rows"):
            read_table(tmp_path / "t.xlsx")
        return
    check(read_table(tmp_path / "t.xlsx", readings=READINGS), kept, digits=15)


@pytest.mark.parametrize("columns", [1, 2000])
@pytest.mark.parametrize("rows", [1, 3])
def test_one_row_one_column_and_two_thousand(tmp_path, columns, rows):
    lines = [",".join(f"c{i}" for i in range(columns)), *[",".join(["1.5"] * columns)] * rows]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    table = read_table(tmp_path / "t.csv")
    assert table.columns.shape == (rows, columns)
    assert profile_table(table, target="c0").refusals


def test_more_columns_than_the_limit_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("cambrian.data.reading.source.MOST_COLUMNS", 3)
    (tmp_path / "t.csv").write_text("a,b,c,d\n1,2,3,4\n")
    with pytest.raises(DataError, match="has 4 columns; at most 3 are read"):
        read_table(tmp_path / "t.csv")


@pytest.mark.parametrize(
    ("cells_of", "expected"),
    [
        (["0099-12-31", "1066-10-14", "9999-12-31"], ["0099-12-31", "1066-10-14", "9999-12-31"]),
        (["2262-04-12T00:00:00Z", "1677-09-20T00:00:00+02:00"], ["2262-04-12", "1677-09-20"]),
    ],
)
def test_dates_of_all_centuries(tmp_path, cells_of, expected):
    (tmp_path / "t.csv").write_text("when,x\n" + "".join(f"{cell},1\n" for cell in cells_of))
    found = cells.timestamps(read_table(tmp_path / "t.csv", Reading()), "when")
    assert [str(each.astype("datetime64[D]")) for each in found] == expected
