"""Every format: the same table from each, what is chosen, what is refused."""

from __future__ import annotations

import bz2
import datetime
import gzip
import json
import lzma
import sqlite3
from collections.abc import Callable
from pathlib import Path

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from cambrian.data.profile import profile_table
from cambrian.data.read import Reading, Table, read_table
from cambrian.data.reading import files
from cambrian.data.schema import TableSchema
from cambrian.errors import DataError

NAMES = ("age", "income", "city", "when")
CITIES = ("Oslo", "Århus", "上海", 'a "b", c;d')
ROWS: list[tuple[object, ...]] = [
    (
        None if i % 7 == 3 else i * 3 % 50,
        None if i % 11 == 5 else i * 1234.5 + 0.25,
        None if i % 5 == 4 else CITIES[i % 4],
        datetime.datetime(2020 + i % 4, 1 + i % 12, 1 + i % 28),
    )
    for i in range(60)
]


def text(separator: str = ",", decimal: str = ".") -> str:
    def cell(value: object) -> str:
        if value is None:
            return ""
        if isinstance(value, datetime.datetime):
            return f"{value:%Y-%m-%d}"
        if isinstance(value, float):
            return str(value).replace(".", decimal)
        return '"' + value.replace('"', '""') + '"' if isinstance(value, str) else str(value)

    lines = [separator.join(cell(value) for value in row) for row in ROWS]
    return "\n".join([separator.join(NAMES), *lines]) + "\n"


def arrow() -> pa.Table:
    return pa.table({name: list(cells) for name, cells in zip(NAMES, zip(*ROWS, strict=True), strict=True)})


def write_excel(path: Path, *others: str, sheet: str = "Data") -> None:
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in (NAMES, *ROWS):
        book.active.append(row)
    for other in others:
        book.create_sheet(other).append(["about this file"])
    book.save(path)


def write_sqlite(path: Path, *others: str) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE people (age INTEGER, income REAL, city TEXT, [when] TEXT)")
        rows = [(*row[:3], row[3].isoformat(" ")) for row in ROWS]  # type: ignore[attr-defined]
        connection.executemany("INSERT INTO people VALUES (?, ?, ?, ?)", rows)
        for other in others:
            connection.execute(f'CREATE TABLE "{other}" (x)')
    connection.close()


def write_duckdb(path: Path, *others: str) -> None:
    connection = duckdb.connect(str(path))
    connection.register("rows", arrow())
    connection.execute("CREATE TABLE people AS SELECT * FROM rows")
    for other in others:
        connection.execute(f'CREATE TABLE "{other}" (x INTEGER)')
    connection.close()


def write_parts(path: Path) -> None:
    (path / "b").mkdir(parents=True)
    pq.write_table(arrow().slice(0, 25), path / "a.parquet")
    pq.write_table(arrow().slice(25), path / "b" / "a.parquet")
    (path / "_SUCCESS").write_text("")


def json_rows() -> list[dict[str, object]]:
    rows = [dict(zip(NAMES, row, strict=True)) for row in ROWS]
    return [{key: v for key, v in row.items() if v is not None} | {"when": str(row["when"])} for row in rows]


def zstd(path: Path) -> None:
    with pa.CompressedOutputStream(str(path), "zstd") as file:
        file.write(text().encode())


WRITERS: dict[str, Callable[[Path], object]] = {
    "t.csv": lambda path: path.write_text(text(), encoding="utf-8"),
    "bom.csv": lambda path: path.write_text(text(), encoding="utf-8-sig"),
    "comma.tsv": lambda path: path.write_text(text("\t", ","), encoding="utf-8"),
    "semicolon.csv": lambda path: path.write_text(text(";", ","), encoding="utf-8"),
    "u16.txt": lambda path: path.write_text(text("\t"), encoding="utf-16"),
    "u32.txt": lambda path: path.write_text(text("\t"), encoding="utf-32"),
    "gb.csv": lambda path: path.write_bytes(text().replace("Århus", "北京北京").encode("gb18030")),
    "t.csv.gz": lambda path: path.write_bytes(gzip.compress(text().encode())),
    "t.tsv.bz2": lambda path: path.write_bytes(bz2.compress(text("\t").encode())),
    "t.csv.xz": lambda path: path.write_bytes(lzma.compress(text().encode())),
    "t.csv.zst": zstd,
    "t.xlsx": write_excel,
    "t.sqlite": write_sqlite,
    "t.duckdb": write_duckdb,
    "t.parquet": lambda path: pq.write_table(arrow(), path),
    "parts": write_parts,
    "t.feather": lambda path: pyarrow.feather.write_feather(arrow(), path, chunksize=13),
    "t.jsonl": lambda path: path.write_text(
        "\n".join(json.dumps(row, ensure_ascii=False) for row in json_rows()), encoding="utf-8"
    ),
    "t.json": lambda path: path.write_text(json.dumps(json_rows(), indent=1)),
}


def written(folder: Path, name: str) -> Path:
    path = folder / name
    WRITERS[name](path)
    return path


@pytest.mark.parametrize("name", [name for name in WRITERS if name != "gb.csv"])
def test_the_same_table_in_every_format_has_one_fingerprint_and_one_profile(tmp_path, name):
    expected = read_table(written(tmp_path, "t.parquet"))
    table = read_table(written(tmp_path, name))
    assert table.columns.to_pydict() == expected.columns.to_pydict() == arrow().to_pydict()
    assert table.fingerprint == expected.fingerprint
    assert not table.warnings
    roles = [column.role for column in profile_table(table, target="city").columns]
    assert roles == [column.role for column in profile_table(expected, target="city").columns]
    assert table.notes
    assert table.reading.format != "auto"


def test_an_array_stream_is_read_like_a_file(tmp_path):
    path = tmp_path / "t.arrows"
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, arrow().schema) as writer:
        writer.write_table(arrow(), max_chunksize=17)
    assert read_table(path).columns.to_pydict() == arrow().to_pydict()


PLACES = {
    "t.csv": "line 12",
    "t.xlsx": "row 12",
    "t.sqlite": "row 11",
    "t.parquet": "row 11",
    "t.jsonl": "line 11",
}


@pytest.mark.parametrize("name", PLACES)
def test_a_row_stands_where_the_user_finds_it(tmp_path, name):
    assert read_table(written(tmp_path, name)).place(10) == PLACES[name]


def test_rows_of_a_sheet_are_counted_as_the_program_shows_them(tmp_path):
    book = openpyxl.Workbook()
    for row in ([], ["a", "b"], [1, "x"], [], [None, None], ["two", "y"], *[[i, "z"] for i in range(3, 40)]):
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    table = read_table(tmp_path / "t.xlsx")
    assert table.rows == 39
    assert [table.place(row) for row in (0, 1, 2)] == ["row 3", "row 6", "row 7"]
    (warning,) = table.warnings
    assert "row 6: 'two'" in warning.message


SEVERAL = {
    "t.xlsx": (lambda path: write_excel(path, "ReadMe"), "sheet", "Data", ("ReadMe", "'Data'", "--sheet")),
    "t.sqlite": (lambda path: write_sqlite(path, "log"), "table", "people", ("'log'", "'people'", "--table")),
    "t.duckdb": (lambda path: write_duckdb(path, "log"), "table", "people", ("'log'", "'people'", "--table")),
}


@pytest.mark.parametrize("name", SEVERAL)
def test_of_several_sheets_or_tables_one_must_be_named(tmp_path, name):
    write, option, choice, words = SEVERAL[name]
    write(tmp_path / name)
    with pytest.raises(DataError) as caught:
        read_table(tmp_path / name)
    assert all(word in str(caught.value) for word in (name, *words))
    with pytest.raises(DataError, match=f"no {option} 'nonsense'"):
        read_table(tmp_path / name, Reading(**{option: "nonsense"}))
    table = read_table(tmp_path / name, Reading(**{option: choice}))
    assert table.columns.to_pydict() == arrow().to_pydict()
    assert f"{option} {choice}" in table.notes
    # A later file is read as this one was.
    assert read_table(tmp_path / name, earlier=table.reading).fingerprint == table.fingerprint


def test_hidden_and_empty_sheets_are_no_choice(tmp_path):
    path = tmp_path / "t.xlsx"
    write_excel(path, "Lookup")
    book = openpyxl.load_workbook(path)
    book["Lookup"].sheet_state = "hidden"
    book.create_sheet("Sheet3")
    book.save(path)
    assert read_table(path).reading.sheet == "Data"
    with pytest.raises(DataError, match="'Sheet3' is empty"):
        read_table(path, Reading(sheet="Sheet3"))


@pytest.mark.parametrize("name", ["t.sqlite", "t.duckdb"])
def test_a_query_is_read_and_can_do_nothing_but_look(tmp_path, name):
    path = written(tmp_path, name)
    before = path.read_bytes()
    query = "SELECT age, income FROM people WHERE age > 20"
    table = read_table(path, Reading(query=f"{query};"))
    assert read_table(path, Reading(query=f"{query} -- the older")).fingerprint == table.fingerprint
    assert table.names == ("age", "income")
    assert table.rows == sum(row[0] is not None and row[0] > 20 for row in ROWS)  # type: ignore[operator]
    (tmp_path / "secret.csv").write_text("a\n1\n")
    for evil in (
        "DELETE FROM people",
        "DROP TABLE people",
        f"ATTACH '{tmp_path / 'new.db'}' AS other",
        "SELECT * FROM nothing",
        f"SELECT * FROM read_csv('{tmp_path / 'secret.csv'}')",
        f"COPY people TO '{tmp_path / 'out.csv'}'",
        "SELECT 1; DELETE FROM people",
        "SELECT",
    ):
        with pytest.raises(DataError, match=name):
            read_table(path, Reading(query=evil))
    assert path.read_bytes() == before
    assert not (tmp_path / "new.db").exists()
    assert not (tmp_path / "out.csv").exists()


def test_columns_of_bytes_and_lists_are_left_out_with_a_warning(tmp_path):
    with sqlite3.connect(tmp_path / "t.db") as connection:
        connection.execute("CREATE TABLE t (x, picture)")
        connection.executemany("INSERT INTO t VALUES (?, ?)", [(1, b"\0\1"), (2, None)])
    connection.close()
    (tmp_path / "t.jsonl").write_text('{"x": 1, "picture": [1]}\n{"x": 2}\n')
    for name in ("t.db", "t.jsonl"):
        table = read_table(tmp_path / name)
        assert table.columns.to_pydict() == {"x": [1, 2]}
        assert [(found.code, found.column) for found in table.warnings] == [("unsupported_type", "picture")]


REFUSED: dict[str, tuple[str, bytes, tuple[str, ...]]] = {
    "plain text named gz": ("t.csv.gz", b"a,b\n1,2\n", ("gzip", "name it .csv")),
    "cut gzip": ("t.csv.gz", gzip.compress(b"a,b\n1,2\n" * 99)[:-9], ("gzip",)),
    "damaged bzip2": ("t.csv.bz2", b"BZh9nonsense", ("bzip2",)),
    "damaged xz": ("t.csv.xz", b"nonsense", ("xz",)),
    "damaged zst": ("t.csv.zst", b"nonsense", ("Zstandard",)),
    "text named xlsx": ("t.xlsx", b"a,b\n1,2\n", ("Excel",)),
    "zip named xlsx": ("t.xlsx", b"PK\x05\x06" + bytes(18), ("Excel",)),
    "old Excel": ("t.xlsx", b"\xd0\xcf\x11\xe0" + bytes(99), ("old or encrypted",)),
    "xls": ("t.xls", b"\xd0\xcf\x11\xe0" + bytes(99), (".xlsx",)),
    "text named sqlite": ("t.sqlite", b"a,b\n1,2\n", ("SQLite",)),
    "cut sqlite": ("t.sqlite", b"SQLite format 3\0" + bytes(200), ("t.sqlite",)),
    "text named duckdb": ("t.duckdb", b"a,b\n1,2\n", ("t.duckdb",)),
    "text named feather": ("t.feather", b"a,b\n1,2\n", ("ARROW1",)),
    "cut feather": ("t.feather", b"ARROW1\0\0" + bytes(50), ("damaged",)),
    "text named json": ("t.jsonl", b"a,b\n1,2\n", ("line 1", "JSON")),
    "a faulty line": ("t.jsonl", b'{"a": 1}\n\n{"a": }\n', ("line 3, character 7",)),
    "numbers, not objects": ("t.jsonl", b"1\n2\n", ("line 1",)),
    "an array of numbers": ("t.json", b"[1, 2]", ("row 1",)),
    "deep nesting": ("t.jsonl", b'{"a": ' + b"[" * 100_000, ("line 1",)),
    "an empty array": ("t.json", b"[]", ("empty",)),
    "a string that goes on": ("t.json", b'[{"a": 1},\n{"a": "x}]', ("line 2",)),
    "SQLite named csv": ("t.csv", b"SQLite format 3\0" + bytes(99), (".sqlite",)),
    "packed Parquet": ("t.parquet.gz", gzip.compress(b"PAR1"), (".gz",)),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_what_is_not_what_its_name_says_is_refused(tmp_path, fault):
    name, content, words = REFUSED[fault]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_table(tmp_path / name)
    assert all(word in str(caught.value) for word in (name, *words)), caught.value
    assert caught.value.remedy


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz"])
def test_a_file_that_expands_beyond_the_limit_is_refused(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(files, "LEAST_EXPANDED", 1 << 16)
    pack = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}[kind]
    path = tmp_path / f"t.csv.{kind}"
    path.write_bytes(pack(b"a,b\n" + b"0,0\n" * 2_000_000))
    with pytest.raises(DataError, match="the limit for a packed file"):
        read_table(path)


def test_a_folder_of_unlike_parts_is_refused(tmp_path):
    pq.write_table(pa.table({"x": [1], "y": [2]}), tmp_path / "a.parquet")
    for other, words in (
        ({"x": [1]}, "b.parquet: column 'y' is not there"),
        ({"x": [1], "y": ["2"]}, "b.parquet: column 'y' has type string"),
        ({"x": [1], "y": [2], "z": [3]}, "b.parquet has a column 'z'"),
    ):
        pq.write_table(pa.table(other), tmp_path / "b.parquet")
        with pytest.raises(DataError, match=words):
            read_table(tmp_path)
    pq.write_table(pa.table({"y": [4], "x": [3]}), tmp_path / "b.parquet")
    assert read_table(tmp_path).columns.to_pydict() == {"x": [1, 3], "y": [2, 4]}
    (tmp_path / "year=2024").mkdir()
    pq.write_table(pa.table({"x": [1], "y": [2]}), tmp_path / "year=2024" / "a.parquet")
    with pytest.raises(DataError, match="year=2024"):
        read_table(tmp_path)


def test_another_container_of_the_same_columns_is_read_alike(tmp_path):
    first = read_table(written(tmp_path, "t.csv"))
    for name in WRITERS:
        later = read_table(written(tmp_path, name), readings=first.readings, earlier=first.reading)
        if name != "gb.csv":
            assert later.fingerprint == first.fingerprint, name
    comma = read_table(tmp_path / "semicolon.csv")
    assert comma.readings["income"] == "decimal_comma"
    point = read_table(tmp_path / "t.csv", readings=comma.readings, earlier=comma.reading)
    assert point.fingerprint == first.fingerprint


def test_a_schema_keeps_how_its_table_was_read_and_a_plain_one_says_nothing(tmp_path):
    def schema(table: Table) -> TableSchema:
        return TableSchema((), "x", (), table.readings, table.reading)

    plain = schema(read_table(written(tmp_path, "t.csv"))).to_json()
    assert "reading" not in plain
    write_excel(tmp_path / "two.xlsx", "Other")
    table = read_table(tmp_path / "two.xlsx", Reading(sheet="Data", missing=("?",)))
    kept = TableSchema.from_json(json.loads(json.dumps(schema(table).to_json())))
    later = read_table(tmp_path / "two.xlsx", readings=kept.readings, earlier=kept.reading)
    assert later.fingerprint == table.fingerprint
    assert later.reading.missing == ("?",)


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path, monkeypatch):
    path = written(tmp_path, "t.csv")
    with pytest.raises(DataError, match="changed while it was read"):
        read_table(path, progress=lambda part: path.write_text(text() + "1,2,x,2020-01-01\n"))
