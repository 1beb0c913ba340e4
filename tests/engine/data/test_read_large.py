"""A table that is read, profiled and prepared part by part is the table that is held in memory."""

from __future__ import annotations

import csv
import gc
import io
import json
import string
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cambrian.data import column_facts, level_tally, scratch
from cambrian.data.prepared import prepare
from cambrian.data.profile import profile_table
from cambrian.data.read import Reading, Table, read_table
from cambrian.data.reading import csv_text, files, limits
from cambrian.data.reading import table as table_module
from cambrian.data.row_columns import RowColumns
from cambrian.data.split import SplitSettings
from cambrian.errors import DataError


@contextmanager
def small_parts(*, characters: int = 64, rows: int = 7) -> Iterator[None]:
    """Every table is a large one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "STREAM_FROM_BYTES", 0)
        patch.setattr(limits, "BATCH_ROWS", rows)
        patch.setattr(csv_text, "BLOCK_CHARACTERS", characters)
        patch.setattr(files, "BLOCK_BYTES", 61 + characters // 2)
        patch.setattr(table_module, "PART_ROWS", rows)
        patch.setattr(column_facts, "MOST_ROWS", 0)
        patch.setattr(level_tally, "_LEAST_PENDING", 5)
        patch.setattr(scratch, "CHUNK_BYTES", 100)
        yield


def facts(table: Table) -> dict[str, object]:
    return {
        "columns": [(column.type, column.to_pylist()) for column in table.columns.columns],
        "names": table.names,
        "fingerprint": table.fingerprint,
        "hash": table.file_hash,
        "notes": table.notes,
        "warnings": table.warnings,
        "readings": dict(table.readings),
        "orders": dict(table.orders),
        "originals": {name: cells.to_pylist() for name, cells in table.originals.items()},
        "places": [table.place(row) for row in range(table.rows)],
        "reading": table.reading,
    }


def read(path: Path, **options: object) -> dict[str, object] | str:
    try:
        return facts(read_table(path, **options))  # type: ignore[arg-type]
    except DataError as error:
        return str(error)


TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=6)
CELL = st.one_of(
    TEXT,
    st.integers(-(10**20), 10**20).map(str),
    st.floats().map(str),
    st.sampled_from(
        ["", " ", "?", "NA", "1,000", "2.500", "1,5", "1'234", "007", "nan", "inf", "01/02/2024",
         "13/02/2024", "2023-02-30", "2024-02-29 23:59:59.5", "yes", "+5", '"', "x\ny"]
    ),
)  # fmt: skip
NUMBERS = st.floats(-100, 100).map(lambda value: f"{value:.1f}")
DATES = st.dates().map(lambda day: f"{day.day}.{day.month}.{day.year:04}")
COLUMN = st.sampled_from([CELL, NUMBERS, DATES, TEXT, st.integers(0, 40).map(str), st.sampled_from("abc")])
ODD = st.lists(st.tuples(st.integers(0, 39), CELL), max_size=3)


@st.composite
def tables(draw: st.DrawFn) -> str:
    rows = draw(st.integers(0, 40))
    columns = []
    for cells in draw(st.lists(COLUMN, min_size=1, max_size=4)):
        column = draw(st.lists(cells, min_size=rows, max_size=rows))
        for row, odd in draw(ODD):
            column[row:row] = [odd] if row < rows else []
        columns.append(column[:rows])
    names = draw(st.lists(st.one_of(TEXT, st.sampled_from(["1.5", "2", "a"])), min_size=4, max_size=4))
    text = io.StringIO()
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    writer = csv.writer(text, delimiter=draw(st.sampled_from(",;\t")), quoting=quoting, lineterminator=end)
    writer.writerows([names[: len(columns)], *zip(*columns, strict=True)])
    return text.getvalue()


QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@given(
    st.one_of(tables(), st.lists(CELL, max_size=30).map("\n".join), st.text('ab,;"\r\n 1.', max_size=80)),
    st.integers(1, 200),
    st.integers(1, 9),
)
@settings(max_examples=120, deadline=None, suppress_health_check=QUIET)
def test_a_csv_is_the_same_read_at_once_and_in_parts(tmp_path, content, characters, rows):
    path = tmp_path / "t.csv"
    path.write_bytes(content.encode("utf-8", "surrogatepass"))
    whole = read(path)
    with small_parts(characters=characters, rows=rows):
        assert read(path) == whole
    readings = dict.fromkeys(whole["names"], "number") if isinstance(whole, dict) else {}
    again = read(path, readings=readings)
    with small_parts(characters=characters, rows=rows):
        assert read(path, readings=readings) == again


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
def test_characters_and_line_ends_may_stand_between_two_blocks(tmp_path, encoding):
    path = tmp_path / "t.csv"
    rows = "".join(f'{i},"上海\r\n{i}",b\r\n\r\n' for i in range(40))
    path.write_bytes(f"a,城市,c\r\n{rows}".encode(encoding))
    whole = read(path)
    assert isinstance(whole, dict), whole
    for characters in (1, 2, 3, 10, 11):
        with small_parts(characters=characters):
            assert read(path) == whole


def test_arrows_parser_and_the_standard_librarys_agree(tmp_path, monkeypatch):
    path = tmp_path / "t.csv"
    path.write_text("a,b,c\n" + "".join(f"{i}, x{i} ,\t\n" for i in range(500)) + "1,é上,\x0b\u2028", "utf-8")
    quick = read(path)
    monkeypatch.setattr(csv_text.CsvSource, "_quick", lambda *_: None)
    assert read(path) == quick


def stored_table() -> pa.Table:
    count = 60
    ordered = pa.DictionaryArray.from_arrays(
        pa.array([i % 3 for i in range(count)]), pa.array(["low", "mid", "high"]), ordered=True
    )
    return pa.table(
        {
            "x": [None if i % 9 == 0 else i / 3 for i in range(count)],
            "big": pa.array([2**63 if i == 50 else i for i in range(count)], pa.uint64()),
            "day": [f"{1 + i % 28}.{1 + i % 12}.2020" if i != 41 else "31.02.2020" for i in range(count)],
            "grade": ordered,
            "flag": [None if i == 7 else i % 2 == 0 for i in range(count)],
            "list": [[i] for i in range(count)],
        }
    )


def test_stored_columns_are_the_same_read_at_once_and_in_parts(tmp_path):
    path = tmp_path / "t.parquet"
    pq.write_table(stored_table(), path, row_group_size=11)
    whole = read(path)
    with small_parts(rows=1):
        assert read(path) == whole


def write_learnable(path: Path) -> None:
    rng = np.random.default_rng(3)
    with path.open("w", encoding="utf-8") as file:
        file.write("x,n,city,size,when,wild,flag,note,weight,target,y\n")
        for row in range(400):
            x = rng.normal()
            when = f"{1 + row % 28}/{1 + row % 12}/2020 {row % 24}:30"
            wild = "?" if row in (17, 200) else row * 1.5
            city = "" if row % 13 == 0 else string.ascii_letters[int(rng.integers(12)) ** 2 % 30]
            size = ("small", "medium", "large")[row % 3]
            target = "" if row == 77 else "ab"[int(x > 0)]
            y = "inf" if row == 5 else f"{x * 3 + rng.normal():.3f}"
            flag = "yes" if row % 2 else "no"
            note = (
                ""
                if row == 30
                else f"the house number {row} at the end of a road in {city} is {size} and old"
            )
            weight = 0 if row == 60 else f"{1 + row % 5 / 4}"
            cells = (f"{x:.4f}", rng.integers(90), city, size, when, wild, flag, note, weight, target, y)
            file.write(",".join(map(str, cells)) + "\n")


CASES = {
    "classes": {"target": "target"},
    "numbers": {"target": "y", "drop": ["target"]},
    "roles": {"target": "target", "roles": {"n": "categorical", "city": "ordinal", "x": "numeric"}},
    "orders": {"target": "target", "orders": {"size": ("small", "medium", "large")}},
    "groups": {"target": "target", "drop": ["y"], "rows": RowColumns(weight="weight", group="n")},
    "times": {"target": "y", "drop": ["target"], "rows": RowColumns(weight="weight", time="when")},
}


@pytest.mark.parametrize("case", CASES)
def test_profile_and_prepared_arrays_are_the_same_at_once_and_in_parts(tmp_path, case):
    write_learnable(tmp_path / "t.csv")

    def made(name: str) -> tuple[object, dict[str, Any]]:
        table = read_table(tmp_path / "t.csv")
        profile = profile_table(table, **CASES[case])  # type: ignore[arg-type]
        prepared = prepare(table, profile, tmp_path / name, split=SplitSettings(folds=3))
        return json.loads(json.dumps(profile.to_json())), prepared.manifest

    whole = made("whole")
    assert any(feature["kind"] == "text" for feature in whole[1]["schema"]["features"])
    with small_parts(characters=500, rows=29):
        parts = made("parts")
    assert parts == whole
    for path in (tmp_path / "whole").glob("*.npy"):
        assert (tmp_path / "parts" / path.name).read_bytes() == path.read_bytes()


def test_a_leak_is_found_in_a_sample_of_a_large_table(tmp_path, monkeypatch):
    (tmp_path / "t.csv").write_text(
        "leak,y\n" + "".join(f"{'pq'[i % 2]},{'ab'[i % 2]}\n" for i in range(3000))
    )
    monkeypatch.setattr(column_facts, "MOST_ROWS", 1000)
    monkeypatch.setattr(level_tally, "SAMPLE_ROWS", 300)
    profile = profile_table(read_table(tmp_path / "t.csv"), target="y")
    assert [found.column for found in profile.warnings if found.code == "leak"] == ["leak"]
    assert profile.class_counts == (1500, 1500)


def test_what_is_said_of_a_large_table_is_said_of_a_sample_or_of_all_rows(tmp_path, monkeypatch):
    with (tmp_path / "t.csv").open("w") as file:
        file.write("x,z,gone,w,who,y\n")
        for row in range(6000):
            x = "inf" if row == 4000 else row % 3000 * 0.37
            missing = row % 2 and row % 3
            file.write(f"{x},{row * 7 % 3000},{'' if missing else row % 11},1,g{row % 50},{'ab'[row % 2]}\n")
        file.write("1,1,1,-1,g1,a\n")
    monkeypatch.setattr(column_facts, "MOST_ROWS", 1000)
    monkeypatch.setattr(level_tally, "SAMPLE_ROWS", 2000)
    table = read_table(tmp_path / "t.csv")
    profile = profile_table(table, target="y", rows=RowColumns(weight="w", group="who"))
    found = {each.code: each for each in (*profile.warnings, *profile.refusals)}
    assert found["infinite"].message == "`x` holds 1 infinite value; infinite cells count as missing."
    assert found["missing_by_target"].column == "gone"
    assert 0 < profile.duplicates < 2000
    assert (
        found["bad_weight"].message
        == "`w`: 1 row with a target has no weight of 0 or more, the first in line 6002: '-1'."
    )


def test_the_copy_on_the_disk_goes_with_the_table(tmp_path):
    write_learnable(tmp_path / "t.csv")
    spool = tmp_path / "run" / "data"
    seen: list[float] = []
    with small_parts():
        table = read_table(tmp_path / "t.csv", Reading(), spool=spool, progress=seen.append)
        assert [path.name for path in next(spool.iterdir()).iterdir()] == ["columns.arrow"]
        assert table.columns["x"].num_chunks > 10
        del table
        gc.collect()
        assert list(spool.iterdir()) == []
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_nothing_is_left_of_a_table_that_cannot_be_read(tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n" + "1,2\n" * 99 + "1,2,3\n")
    with small_parts(), pytest.raises(DataError, match="line 101 has 3"):
        read_table(tmp_path / "t.csv", spool=tmp_path / "spool")
    assert not (tmp_path / "spool").exists() or not list((tmp_path / "spool").iterdir())
