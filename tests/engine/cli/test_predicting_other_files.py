"""`cambrian predict` on a file that is not quite like the one learnt from: what the README says of it."""

from __future__ import annotations

import csv
import random
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from cambrian.run.workspace import RunFolder
from own_nasty_files import numbers

HEADER = ["size", "weight", "colour", "label"]


@pytest.fixture
def rows(things: Path) -> list[list[str]]:
    with things.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


@pytest.fixture
def predict(cli, workspace: Path, complete_run: RunFolder, things_model: Path, tmp_path: Path):
    """Predict a file of these names and rows: exit status, predictions, what was said."""
    shutil.copytree(things_model, complete_run.champion)

    def call(header: list[str], rows: list[list[str]], encoding: str = "utf-8") -> tuple[int, list, str]:
        table, out = tmp_path / "new.csv", tmp_path / "out.csv"
        with table.open("w", encoding=encoding, newline="") as file:
            csv.writer(file).writerows([header, *rows])
        return call_file(table, out)

    def call_file(table: Path, out: Path) -> tuple[int, list, str]:
        out.unlink(missing_ok=True)
        status, _, err = cli("predict", "done", table, "-o", out, "--workspace", workspace)
        assert "Traceback" not in err
        found = list(csv.reader(out.open(encoding="utf-8", newline="")))[1:] if out.exists() else []
        return status, found, err

    call.file = call_file  # type: ignore[attr-defined]
    return call


def changed(rows: list[list[str]], column: str, value: str, every: int = 2) -> list[list[str]]:
    at = HEADER.index(column)
    return [[*row[:at], value, *row[at + 1 :]] if i % every == 0 else row for i, row in enumerate(rows)]


def test_a_missing_column_is_refused_and_named(predict, rows) -> None:
    status, found, err = predict(HEADER[1:], [row[1:] for row in rows])
    assert (status, found) == (2, [])
    assert "new.csv lacks 1 of the columns that were learnt from: 'size'" in err
    assert "empty cells are allowed" in err
    status, found, _ = predict(HEADER, changed(rows, "size", "", every=1))
    assert (status, len(found)) == (0, len(rows))


def test_an_extra_column_is_left_aside_and_said(predict, rows) -> None:
    status, expected, said = predict(HEADER, rows)
    assert (status, "not used" in said) == (0, False)
    status, found, said = predict(["more", *HEADER], [["x", *row] for row in rows])
    assert (status, found) == (0, expected)
    assert "note: 1 column is not used: 'more'." in said


def test_the_order_of_columns_and_rows_does_not_matter(predict, rows) -> None:
    _, expected, _ = predict(HEADER, rows)
    places = random.Random(0).sample(range(len(rows)), len(rows))
    status, found, said = predict(HEADER[::-1], [rows[place][::-1] for place in places])
    assert (status, said) == (0, predict(HEADER, rows)[2])
    assert [row[0] for row in found] == [expected[place][0] for place in places]
    there = np.array([expected[place][1:] for place in places], dtype=float)
    np.testing.assert_allclose(np.array([row[1:] for row in found], dtype=float), there, rtol=1e-5)


def test_cells_of_another_type_count_as_missing_and_are_counted(predict, rows) -> None:
    _, expected, _ = predict(HEADER, changed(rows, "size", ""))
    status, found, said = predict(HEADER, changed(rows, "size", "large"))
    assert (status, found) == (0, expected)
    assert f"{len(rows) // 2} cells are not and count as missing, the first in line 2: 'large'" in said
    assert f"'size' {len(rows) // 2}" in said
    status, found, said = predict(HEADER, changed(rows, "size", "large", every=1))
    assert (status, len(found)) == (0, len(rows))
    assert f"'size' {len(rows)}" in said


def test_numbers_where_categories_were_are_unseen_ones(predict, rows) -> None:
    status, found, said = predict(HEADER, changed(rows, "colour", "7", every=1))
    assert (status, len(found)) == (0, len(rows))
    assert f"{len(rows)} rows of column 'colour' hold a value that was not seen in training" in said


def test_text_where_a_file_with_types_has_numbers(predict, rows, things: Path, tmp_path: Path) -> None:
    """The same rows from Parquet: as stored, and all of them text."""
    _, expected, _ = predict(HEADER, rows)
    stored = pa_csv.read_csv(things)
    stored = stored.set_column(2, "colour", pa.array([row[2] or None for row in rows]))
    text = pa.table({name: pa.array([row[i] or None for row in rows]) for i, name in enumerate(HEADER)})
    for table in (stored, text):
        pq.write_table(table, tmp_path / "new.parquet")
        status, found, said = predict.file(tmp_path / "new.parquet", tmp_path / "out.csv")
        assert (status, found) == (0, expected), said


def test_an_unseen_category_is_counted_and_all_unseen_ones_are_alike(predict, rows) -> None:
    status, found, said = predict(HEADER, changed(rows, "colour", "violet", every=7))
    assert status == 0
    assert "100 rows of column 'colour' hold a value that was not seen in training." in said
    assert predict(HEADER, changed(rows, "colour", "mauve", every=7))[1] == found
    one = [rows[0], *changed(rows[1:2], "colour", "violet"), *rows[2:]]
    assert "1 row of column 'colour' holds a value" in predict(HEADER, one)[2]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "gb18030"])
def test_another_encoding_is_detected(predict, rows, encoding: str) -> None:
    _, expected, _ = predict([*HEADER, "笔记"], [[*row, "颜色和重量"] for row in rows])
    status, found, said = predict([*HEADER, "笔记"], [[*row, "颜色和重量"] for row in rows], encoding)
    assert (status, found) == (0, expected), said
    assert "'笔记'" in said


def test_an_encoding_that_is_not_detected_is_refused_with_the_option(
    predict, cli, workspace, rows, tmp_path
) -> None:
    """And read alike where it is said."""
    _, expected, _ = predict(HEADER, changed(rows, "colour", "grün"))
    status, _, err = predict(HEADER, changed(rows, "colour", "grün"), "cp1252")
    assert (status, "--encoding cp1252" in err, "line 2 " in err) == (2, True, True)
    out = tmp_path / "named.csv"
    options = ("--encoding", "cp1252", "-o", out, "--workspace", workspace)
    assert cli("predict", "done", tmp_path / "new.csv", *options)[0] == 0
    assert list(csv.reader(out.open(encoding="utf-8", newline="")))[1:] == expected


@pytest.mark.parametrize("count", [1, 30, 300])
def test_a_shift_is_said_of_a_shifted_file_and_not_of_a_clean_one(predict, count: int) -> None:
    """Fresh rows drawn as `write_table` draws them, and with other sizes."""
    clean = [[f"{10 + 3 * float(x):.4f}", f"{np.exp(1 + float(w) / 2):.4f}", "red", ""] for x, w in zip(
        numbers(count, 11), numbers(count, 12), strict=True)]  # fmt: skip
    colours = random.Random(1).choices(["red", "green", "blue", ""], [0.4, 0.3, 0.2, 0.1], k=count)
    clean = [[size, weight, colour, ""] for (size, weight, *_), colour in zip(clean, colours, strict=True)]
    status, found, said = predict(HEADER, clean)
    assert (status, len(found)) == (0, count)
    assert "distributed differently" not in said
    if count > 1:
        shifted = [[f"{float(size) + 9:.4f}", *rest] for size, *rest in clean]
        said = predict(HEADER, shifted)[2]
        assert "`size` is distributed differently in this file" in said
        assert "`weight` is distributed differently" not in said
