from __future__ import annotations

import csv
import datetime
import io
import json
import math
import pickle
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cambrian.data import cells
from cambrian.data.profile import profile_table
from cambrian.data.read import Reading, Table, read_table
from cambrian.data.reading.separators import sniff_separator
from cambrian.data.schema import TableSchema
from cambrian.errors import DataError


def read(folder: Path, content: str | bytes, name: str = "t.csv", **options: object) -> Table:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_table(path, **options)  # type: ignore[arg-type]


def read_column(folder: Path, *values: str, separator: str = ",", **options: object) -> Table:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator)
    writer.writerows([("n", "x"), *((i, value) for i, value in enumerate(values))])
    return read(folder, text.getvalue(), **options)


def values(table: Table, name: str = "x") -> list[object]:
    return table.columns[name].to_pylist()


def codes(table: Table) -> list[str]:
    return [found.code for found in table.warnings]


ROWS = "age,city,when\n41,Oslo,2024-02-29\n,Århus,\n39.5,,2023-12-31\n"
ROWS_READ = {
    "age": [41.0, None, 39.5],
    "city": ["Oslo", "Århus", None],
    "when": [datetime.datetime(2024, 2, 29), None, datetime.datetime(2023, 12, 31)],
}


@pytest.mark.parametrize(
    ("encoding", "note"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16")],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_encodings_line_ends_and_separators_are_found(tmp_path, encoding, note, line_end, separator):
    text = ROWS.replace(",", separator).replace("\n", line_end)
    table = read(tmp_path, text.encode(encoding))
    assert table.columns.to_pydict() == ROWS_READ
    assert f"encoding {note}" in table.notes
    assert table.lines is None


def test_gb18030_is_read_and_noted(tmp_path):
    table = read(tmp_path, "年龄,城市\n41,上海\n39,北京\n".encode("gb18030"))
    assert table.columns.to_pydict() == {"年龄": [41, 39], "城市": ["上海", "北京"]}
    assert any("GB18030" in note for note in table.notes)


def test_western_8_bit_text_is_refused_not_read_as_chinese(tmp_path):
    with pytest.raises(DataError, match=r"t\.csv: line 3 is not UTF-8"):
        read(tmp_path, "age,city\n41,Oslo\n39,Århus\n".encode("latin-1"))


def test_separator_of_the_header_wins_over_decimal_commas():
    assert sniff_separator("a;b\n1,5;2,5\n3,5;4,5\n") == ";"
    assert sniff_separator('a,b\n"x;y;z",1\n"x;y",2\n') == ","


REFUSED = {
    "empty": (b"", "empty"),
    "blank lines": (b"\n \n\r\n", "empty"),
    "header only": (b"a,b\n", "0 data rows"),
    "ragged": (b"a,b\n1,2\n1,2,3\n4\n", "line 3 has 3 fields, line 4 has 1 fields, but the header has 2"),
    "ragged after a quoted line end": (b'a,b\n"x\ny",2\n1\n', "line 4 has 1"),
    "unclosed quote": (b'a,b\n1,2\n3,"4\n5,6\n', "line 3 and never closed"),
    "quote that closes in a later row": (b'a,b\n1,"2\n3,"4"\n', "line 2, text follows a closing quote"),
    "NUL": (b"a,b\n1,2\n3,\x004\n", "line 3 holds a NUL byte"),
    "gzip": (b"\x1f\x8b\x08\x00abc", "gzip"),
    "zip": (b"PK\x03\x04abc", "zip"),
    "Parquet named CSV": (b"PAR1abcPAR1", "Parquet"),
    "pickle named CSV": (pickle.dumps({"a": [1, 2]}), "t.csv"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_faulty_text_is_refused_with_file_line_and_remedy(tmp_path, fault):
    content, words = REFUSED[fault]
    with pytest.raises(DataError) as caught:
        read(tmp_path, content)
    assert "t.csv" in caught.value.problem
    assert words in caught.value.problem
    assert caught.value.remedy


def test_a_folder_a_missing_file_and_other_formats_are_refused(tmp_path):
    (tmp_path / "folder.csv").mkdir()
    for name, words in (("folder.csv", "folder"), ("none.csv", "does not exist"), ("x.pkl", ".pkl")):
        with pytest.raises(DataError, match=words) as caught:
            read_table(tmp_path / name)
        assert name in caught.value.problem


def test_row_places_are_physical_lines(tmp_path):
    table = read(tmp_path, '\na,b\n1,"x\ny"\n\n2,z\n')
    assert [table.place(row) for row in range(2)] == ["line 3", "line 6"]
    assert values(table, "b") == ["x\ny", "z"]


def test_words_for_missing_in_text_are_categories_and_only_empty_cells_are_missing(tmp_path):
    table = read_column(tmp_path, "None", "NA", "null", "", "  ", "Oslo ")
    assert values(table) == ["None", "NA", "null", None, None, "Oslo "]
    assert not table.warnings


def test_odd_cells_among_numbers_become_missing_with_a_warning(tmp_path):
    table = read_column(tmp_path, *(str(i / 2) for i in range(60)), "?", "12k", "")
    assert values(table)[-4:] == [29.5, None, None, None]
    (warning,) = table.warnings
    assert (warning.code, warning.column) == ("odd_values", "x")
    assert "60 of 63 rows; 2 cells" in warning.message
    assert "line 62: '?'" in warning.message
    assert cells.labels(table, "x").to_pylist()[-4:] == ["29.5", "?", "12k", None]
    assert cells.labels(table, "x", as_typed=True).to_pylist()[-4:] == ["29.5", None, None, None]


def test_words_for_missing_may_be_nearly_half_the_cells(tmp_path):
    assert values(read_column(tmp_path, "1", "2.5", "3", "NA", "n/a")) == [1, 2.5, 3, None, None]


def test_few_numbers_beside_a_word_stay_categories(tmp_path):
    table = read_column(tmp_path, *("1234" * 20), "5 or more")
    assert values(table)[-2:] == ["4", "5 or more"]


def test_nan_is_missing_and_infinities_are_kept(tmp_path):
    table = read_column(tmp_path, "1", "NaN", "inf", "-Infinity", "+2", ".5", "5.", "1e3")
    assert values(table) == [1, None, math.inf, -math.inf, 2, 0.5, 5, 1000]
    assert not table.warnings
    assert np.isnan(cells.numbers(table, "x")).sum() == 3
    assert np.isinf(cells.numbers(table, "x", keep_infinite=True)).sum() == 2


@pytest.mark.parametrize("code", ["0012", "00", "1234567890123456789012345"])
def test_codes_keep_their_text(tmp_path, code):
    assert values(read_column(tmp_path, "17", code)) == ["17", code]


def test_thousands_separators_are_a_number_with_a_message(tmp_path):
    table = read_column(tmp_path, "1,234,567", "-12,000.5", "999")
    assert values(table) == [1234567, -12000.5, 999]
    assert codes(table) == ["thousands"]


def test_decimal_commas(tmp_path):
    table = read_column(tmp_path, "1,5", "-1.234,25", "2.500", "7", separator=";")
    assert values(table) == [1.5, -1234.25, 2500, 7]
    assert "decimal mark comma" in table.notes
    assert values(read_column(tmp_path, "1.5", "2", separator=";")) == [1.5, 2]
    assert values(read_column(tmp_path, "1,5", "22,75", separator="\t")) == [1.5, 22.75]


def test_names_are_made_unique_with_warnings(tmp_path):
    table = read(tmp_path, "a,a,,a_2, b\n1,2,3,4,5\n2,3,4,5,6\n")
    assert table.names == ("a", "a_3", "column_3", "a_2", " b")
    assert codes(table) == ["duplicate_name", "empty_name"]
    assert "`a`" in table.warnings[0].message


@pytest.mark.parametrize(
    ("first", "suspected"),
    [("70,1.5,Oslo", True), ("age,1.5,Oslo", False), ("2020,2021,city", False), ("2020,2021,Oslo", True)],
)
def test_a_header_that_looks_like_data_is_noticed(tmp_path, first, suspected):
    text = f"{first}\n1,2.5,Oslo\n2,3.5,Bergen\n"
    assert ("no_header" in codes(read(tmp_path, text))) == suspected
    assert read(tmp_path, text, reading=Reading(header=False)).rows == 3


def test_years_as_names_are_no_data(tmp_path):
    assert not read(tmp_path, "2020,2021\n1.5,2.5\n3,4\n").warnings


DATES = {
    "ymd": ("2024-02-29", "2023/1/5"),
    "dmy": ("29/02/2024", "05/01/2023"),
    "mdy": ("02/29/2024", "01/05/2023"),
    "two-digit years": ("29.02.24", "05.01.23"),
    "wall time of a zone": ("2024-02-29T00:00:00+01:00", "2023-01-05 00:00:00.000+02:00"),
}


@pytest.mark.parametrize("form", DATES)
def test_dates_are_read_in_one_order_a_column(tmp_path, form):
    table = read_column(tmp_path, *DATES[form])
    assert values(table) == [datetime.datetime(2024, 2, 29), datetime.datetime(2023, 1, 5)]
    assert not table.warnings


def test_impossible_and_ambiguous_dates_are_told(tmp_path):
    table = read_column(tmp_path, *["2024-02-28"] * 5, "2023-02-30", "0000-00-00", "")
    assert values(table)[4:] == [datetime.datetime(2024, 2, 28), None, None, None]
    assert codes(table) == ["impossible_dates"]
    assert "holds 2 cells" in table.warnings[0].message
    assert "line 7: '2023-02-30'" in table.warnings[0].message
    assert codes(read_column(tmp_path, "01/02/2023", "03/04/2023")) == ["ambiguous_dates"]


def test_readings_of_an_earlier_table_are_followed(tmp_path):
    first = read_column(tmp_path, "02/29/2024", "01/05/2023")
    later = read_column(tmp_path, "03/04/2023", readings=first.readings)
    assert values(later) == [datetime.datetime(2023, 3, 4)]
    assert values(read_column(tmp_path, "7", "8.50", readings={"x": "text"})) == ["7", "8.50"]
    assert values(read_column(tmp_path, "a", "b", "1", readings={"x": "number"})) == [None, None, 1]


@given(st.lists(st.dates(datetime.date(1000, 1, 1)), min_size=1), st.sampled_from(["ymd", "dmy", "mdy"]))
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_dates_agree_with_the_standard_library(tmp_path, dates, order):
    form = {"ymd": "{0.year:04}-{0.month}-{0.day}", "dmy": "{0.day}.{0.month}.{0.year:04}"}
    form["mdy"] = "{0.month:02}/{0.day:02}/{0.year:04}"
    table = read_column(tmp_path, *(form[order].format(date) for date in dates), readings={"x": order})
    assert [value.date() for value in values(table)] == dates


NUMBERS = st.one_of(st.integers(-(10**17), 10**17), st.floats(allow_nan=False))


@given(st.lists(NUMBERS, min_size=1, max_size=30))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_numbers_agree_with_python(tmp_path, expected):
    table = read_column(tmp_path, *(str(value) for value in expected))
    np.testing.assert_array_equal(
        cells.numbers(table, "x", keep_infinite=True), [float(value) for value in expected]
    )


# Not NUL, which is refused, and no lone surrogates, which have no UTF-8.
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)


@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=12), st.sampled_from([",", ";", "\t", "|"]))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_survives_quoting(tmp_path, rows, separator):
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, quoting=csv.QUOTE_ALL)
    writer.writerows([("first", "second"), *rows])
    table = read(tmp_path, text.getvalue(), readings={"first": "text", "second": "text"})
    blank_is_null = [tuple(cell if cell.strip() else None for cell in row) for row in rows]
    assert list(zip(values(table, "first"), values(table, "second"), strict=True)) == blank_is_null


def test_fingerprint_is_the_same_in_csv_and_parquet(tmp_path):
    csv_table = read(tmp_path, ROWS)
    columns = pa.table(
        {
            "age": pa.array([41, None, 39.5], pa.float32()),
            "city": pa.array(["Oslo", "Århus", ""]).dictionary_encode(),
            "when": pa.array(ROWS_READ["when"], pa.date32()),
        }
    )
    pq.write_table(columns, tmp_path / "t.parquet")
    table = read_table(tmp_path / "t.parquet")
    assert table.columns.to_pydict() == ROWS_READ
    assert table.fingerprint == csv_table.fingerprint
    assert table.file_hash != csv_table.file_hash


@pytest.mark.parametrize("old", ["age", "41", "Oslo", "02-29"])
def test_fingerprint_changes_with_every_cell_and_name(tmp_path, old):
    changed = read(tmp_path, ROWS.replace(old, {"02-29": "02-28"}.get(old, old[:-1] + "7")))
    assert changed.fingerprint != read(tmp_path, ROWS).fingerprint


def test_parquet_types_become_the_types_of_a_table(tmp_path):
    grades = pa.DictionaryArray.from_arrays(pa.array([1, 0, None]), pa.array(["low", "high"]), ordered=True)
    moment = datetime.datetime(2024, 1, 1, 23, tzinfo=datetime.UTC)
    columns = {
        "big": pa.array([1, 2**64 - 1, None], pa.uint64()),
        "nan": pa.array([1.5, math.nan, None]),
        "flag": pa.array([True, None, False]),
        "grade": grades,
        "zoned": pa.array([moment] * 3, pa.timestamp("ms", tz="Europe/Oslo")),
        "clock": pa.array([datetime.time(1, 0, 1)] * 3, pa.time32("s")),
        "price": pa.array([1, 2, 3], pa.decimal128(9, 2)),
        "nothing": pa.nulls(3),
        "digits": pa.array(["1", "2", "?"]),
        "day": pa.array(["2024-01-01", "2024-01-02", None]),
        "list": pa.array([[1], [2], []]),
    }
    pq.write_table(pa.table(columns), tmp_path / "t.parquet")
    table = read_table(tmp_path / "t.parquet")
    assert table.columns.to_pydict() == {
        "big": ["1", "18446744073709551615", None],
        "nan": [1.5, None, None],
        "flag": [True, None, False],
        "grade": ["high", "low", None],
        "zoned": [datetime.datetime(2024, 1, 2)] * 3,
        "clock": [3601.0] * 3,
        "price": [1.0, 2.0, 3.0],
        "nothing": [None] * 3,
        "digits": ["1", "2", "?"],
        "day": [datetime.datetime(2024, 1, 1), datetime.datetime(2024, 1, 2), None],
    }
    assert table.orders == {"grade": ("low", "high")}
    assert codes(table) == ["unsupported_type"]


def test_damaged_parquet_is_refused(tmp_path):
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"x": np.arange(10_000.0)}), path, write_page_checksum=True)
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[5_000] ^= 1
    for content in (whole[:-1000], bytes(flipped), b"a,b\n1,2\n", b"PAR1PAR1", b""):
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"t\.parquet"):
            read_table(path)


def test_a_boolean_is_one_in_any_spelling(tmp_path):
    table = read_column(tmp_path, "TRUE", "yes", "t", "1", "no", "False", "", "maybe")
    np.testing.assert_array_equal(cells.booleans(table, "x"), [1, 1, 1, 1, 0, 0, np.nan, np.nan])


def test_labels_of_numbers_have_no_trailing_zero(tmp_path):
    table = read_column(tmp_path, "1.0", "-0.0", "2.5", "inf")
    assert cells.labels(table, "x").to_pylist() == ["1", "0", "2.5", "inf"]
    assert cells.labels(table, "x", as_typed=True).to_pylist() == ["1", "0", "2.5", None]


def test_a_csv_of_54000_rows_is_read_within_seconds(tmp_path):
    rng = np.random.default_rng(0)
    lines = "\n".join(",".join(map(str, row)) for row in rng.normal(size=(54_000, 9)).round(3))
    started = time.process_time()
    table = read(tmp_path, ",".join("abcdefghi") + "\n" + lines)
    assert time.process_time() - started < 10  # 0.6 s; of all threads, however busy the machine is
    assert table.columns.shape == (54_000, 9)


CELL = st.one_of(
    TEXT, NUMBERS.map(str), st.sampled_from(["", "?", "1,000", "01/02/2024", "2023-02-30", "yes", "NaN"])
)


@given(st.one_of(st.binary(max_size=60), st.lists(st.lists(CELL, max_size=4).map(",".join)).map("\n".join)))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file_is_read_or_refused_and_any_table_profiled(tmp_path, content):
    try:
        table = read(tmp_path, content)
    except DataError:
        return
    for target in table.names[:2]:
        profile = profile_table(table, target=target)
        json.dumps(profile.to_json(), allow_nan=False)
        if profile.task and not profile.refusals:
            y = TableSchema((), profile.target, profile.classes).target(table)
            usable = y >= 0 if profile.classes else np.isfinite(y)
            assert usable.sum() == profile.target_rows


def test_fields_may_go_on_from_block_to_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "blocks.csv"
    rows = "".join(f'{i},"a ""b"",\n{i}"\r\n' for i in range(50))
    path.write_bytes(f"number,text\r\n{rows}51,last".encode())
    whole = read_table(path)
    monkeypatch.setattr("cambrian.data.reading.csv_text.BLOCK_CHARACTERS", 7)
    parts = read_table(path)
    assert parts.columns.equals(whole.columns)
    assert parts.place(50) == whole.place(50) == "line 102"
    assert parts.columns.column("text")[7].as_py() == 'a "b",\n7'
