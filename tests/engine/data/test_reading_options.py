"""What the user says of how a table is read: it wins over what would be detected, and it is checked."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cambrian.data.read import Reading, Table, read_table
from cambrian.errors import SettingError


def csv(folder: Path, content: str, name: str = "t.csv", **said: object) -> Table:
    (folder / name).write_text(content, encoding="utf-8")
    return read_table(folder / name, Reading(**said))  # type: ignore[arg-type]


def test_what_is_said_wins_over_what_would_be_detected(tmp_path):
    latin = tmp_path / "latin.csv"
    latin.write_bytes("age,city\n41,Oslo\n39,Århus\n".encode("cp1252"))
    table = read_table(latin, Reading(encoding="cp1252"))
    assert table.columns["city"].to_pylist() == ["Oslo", "Århus"]
    # A later file of this encoding needs no word; one in UTF-8 is read as such.
    assert read_table(latin, earlier=table.reading).fingerprint == table.fingerprint
    assert csv(tmp_path, "age,city\n41,Oslo\n39,Århus\n").fingerprint == table.fingerprint

    table = csv(tmp_path, "a^b\n1,5^x;y\n2^z\n", separator="^")
    assert table.columns.to_pydict() == {"a": [1.5, 2.0], "b": ["x;y", "z"]}
    assert read_table(table.source, earlier=table.reading).names == ("a", "b")
    assert csv(tmp_path, "a,b\n'x,y',1\n", quote="single").columns.to_pydict() == {"a": ["x,y"], "b": [1]}
    assert csv(tmp_path, 'a,b\n"x,1\n', quote="none").columns.to_pydict() == {"a": ['"x'], "b": [1]}
    assert csv(tmp_path, "1,2\n3,4\n", header=False).columns.to_pydict() == {
        "column_1": [1, 3],
        "column_2": [2, 4],
    }


@pytest.mark.parametrize(
    ("cells", "said", "expected"),
    [
        (("1.234", "2.500"), {"decimal": "comma"}, [1234, 2500]),
        (("1,234", "2,500"), {"decimal": "comma"}, [1.234, 2.5]),
        (("1,234", "2,500"), {}, [1234, 2500]),
        (("1,234", "2,500"), {"thousands": "none"}, [1.234, 2.5]),
        (("1.234", "5"), {"thousands": "point"}, [1234, 5]),
        (("1 234", "1 234 567,5"), {"thousands": "space"}, [1234, 1234567.5]),
        (("1'234", "1'234'567.5"), {}, [1234, 1234567.5]),
        (("1\u202f234", "1\u00a0234\u00a0567,5"), {}, [1234, 1234567.5]),
        (("1 234", "5 678"), {}, ["1 234", "5 678"]),
    ],
)
def test_marks_of_numbers(tmp_path, cells, said, expected):
    table = csv(tmp_path, "x\ty\n" + "".join(f"{cell}\ta\n" for cell in cells), **said)
    assert table.columns["x"].to_pylist() == expected
    assert not [found for found in table.warnings if found.code == "odd_values"]


def test_words_for_missing_hold_in_every_column_and_format(tmp_path):
    said = {"missing": ("NA", "-999")}
    expected = {"x": [None, 2, None], "y": ["a", None, "n/a"]}
    table = csv(tmp_path, "x,y\n-999,a\n2,NA\nNA,n/a\n", **said)
    assert table.columns.to_pydict() == expected
    stored = pa.table({"x": [-999, 2, None], "y": ["a", "NA", "n/a"]})
    pq.write_table(stored, tmp_path / "t.parquet")
    assert read_table(tmp_path / "t.parquet", Reading(**said)).columns.to_pydict() == expected
    later = read_table(tmp_path / "t.parquet", readings=table.readings, earlier=table.reading)
    assert later.columns.to_pydict() == expected


def test_an_option_of_another_format_is_refused(tmp_path):
    with pytest.raises(SettingError, match=r"--sheet says nothing of t\.csv"):
        csv(tmp_path, "a,b\n1,2\n", sheet="Data")


@pytest.mark.parametrize(
    "said",
    [{"encoding": "klingon"}, {"encoding": "hex"}, {"separator": ",,"}, {"quote": "x"}, {"decimal": ";"},
     {"decimal": ",", "thousands": ","}, {"table": "a", "query": "SELECT 1"}, {"sheet": "\udce5"}],
)  # fmt: skip
def test_options_are_checked(said):
    with pytest.raises(ValueError):
        Reading(**said)
