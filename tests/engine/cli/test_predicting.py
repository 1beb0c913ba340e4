"""`cambrian predict`: one row per input row in its order, or nothing at all."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow.parquet as pq
import pytest

from cambrian.cli.prediction_file import Predictions, write_predictions
from cambrian.data.read import read_table
from cambrian.results.champion import load_champion
from cambrian.run.workspace import RunFolder

HEADER = ["prediction", "probability_Adelie", "probability_Chinstrap", "probability_Gentoo"]


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def predicted(cli, workspace: Path, table: Path, out: Path) -> tuple[int, str, str]:
    return cli("predict", "done", table, "-o", out, "--workspace", workspace)


def test_every_row_in_its_order(cli, workspace, predicting_run: RunFolder, penguins, tmp_path: Path) -> None:
    status, out, _ = predicted(cli, workspace, penguins, tmp_path / "out.csv")
    header, *rows = rows_of(tmp_path / "out.csv")
    champion = load_champion(predicting_run.champion)
    expected, _ = champion.predict_table(read_table(penguins))
    assert (status, header) == (0, HEADER)
    assert out == f"344 rows predicted: {tmp_path / 'out.csv'}\n"
    np.testing.assert_array_equal(np.array([row[1:] for row in rows], dtype=float), expected)
    assert [row[0] for row in rows] == [champion.schema.classes[best] for best in expected.argmax(axis=1)]


def test_parquet_holds_the_same(cli, workspace, predicting_run: RunFolder, penguins, tmp_path: Path) -> None:
    for name in ("out.csv", "out.parquet"):
        assert predicted(cli, workspace, penguins, tmp_path / name)[0] == 0
    table = pq.read_table(tmp_path / "out.parquet")
    _, *rows = rows_of(tmp_path / "out.csv")
    assert table.column_names == HEADER
    assert [[str(cell) for cell in row.values()] for row in table.to_pylist()] == rows


def test_the_target_is_not_needed(
    cli, workspace, predicting_run: RunFolder, penguins, tmp_path: Path
) -> None:
    lines = [line.partition(",")[2] for line in penguins.read_text().splitlines()]
    table = tmp_path / "table.csv"
    table.write_text("\n".join(lines) + "\n")
    assert predicted(cli, workspace, table, tmp_path / "without.csv")[0] == 0
    assert predicted(cli, workspace, penguins, tmp_path / "with.csv")[0] == 0
    assert (tmp_path / "without.csv").read_bytes() == (tmp_path / "with.csv").read_bytes()


def test_what_is_odd_is_said_on_stderr(cli, workspace, predicting_run, penguins, tmp_path: Path) -> None:
    header, first, *_ = penguins.read_text().splitlines()
    cells = dict(zip(header.split(","), first.split(","), strict=True))
    cells |= {"island": "Atlantis\x1b[2J", "bill_length_mm": "", "body_mass_g": "heavy", "extra": "1"}
    table = tmp_path / "odd.csv"
    table.write_text(f"{','.join(cells)}\n{','.join(cells.values())}\n")
    status, out, err = predicted(cli, workspace, table, tmp_path / "out.csv")
    assert status == 0
    assert len(rows_of(tmp_path / "out.csv")) == 2
    assert "\x1b" not in out + err
    assert "1 row of column 'island' holds a value that was not seen in training" in err
    assert "'bill_length_mm' 1" in err
    assert "body_mass_g" in err
    assert "'extra'" in err
    assert all(line.startswith("note: ") for line in err.splitlines())


def as_comma_tsv(rows: list[list[str]], path: Path) -> None:
    comma = [[cell.replace(".", ",") for cell in row] for row in rows]
    path.write_text("\n".join("\t".join(row) for row in comma), encoding="utf-16")


def as_sheet(rows: list[list[str]], path: Path) -> None:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([float(cell) if cell.replace(".", "").isdigit() else cell or None for cell in row])
    book.create_sheet("Notes").append(["about this file"])
    book.save(path)


def as_packed_json(rows: list[list[str]], path: Path) -> None:
    lines = [json.dumps({k: v for k, v in zip(rows[0], row, strict=True) if v}) for row in rows[1:]]
    path.write_bytes(gzip.compress("\n".join(lines).encode()))


CONTAINERS = {
    "t.tsv": (as_comma_tsv, []),
    "t.xlsx": (as_sheet, ["--sheet", "Sheet"]),
    "t.jsonl.gz": (as_packed_json, []),
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_another_container_gives_the_same_predictions(
    cli, workspace, predicting_run: RunFolder, penguins, tmp_path: Path, name: str
) -> None:
    write, options = CONTAINERS[name]
    write(rows_of(penguins), tmp_path / name)
    assert predicted(cli, workspace, penguins, tmp_path / "expected.csv")[0] == 0
    out = tmp_path / "out.csv"
    status, _, err = cli("predict", "done", tmp_path / name, "-o", out, "--workspace", workspace, *options)
    assert status == 0, err
    assert out.read_bytes() == (tmp_path / "expected.csv").read_bytes()
    if options:
        status, _, err = predicted(cli, workspace, tmp_path / name, tmp_path / "none.csv")
        assert status == 2
        assert "'Notes'" in err


def test_rows_of_missing_cells_alone_are_predicted(
    cli, workspace, predicting_run, penguins, tmp_path
) -> None:
    header = penguins.read_text().splitlines()[0]
    table = tmp_path / "empty.csv"
    table.write_text(header + "\n" + ("," * header.count(",") + "\n") * 3)
    assert predicted(cli, workspace, table, tmp_path / "out.csv")[0] == 0
    _, *rows = rows_of(tmp_path / "out.csv")
    assert len(rows) == 3
    assert np.isfinite(np.array([row[1:] for row in rows], dtype=float)).all()


ONE_COLUMN = {
    "blank lines": ("x\n1.0\n\n2.0\n\n", 3),
    "blank lines before and between": ("\nx\n\n1.0\n\n\n2.0\n", 5),
    "blanks": ("x\n1.0\n  \n2.0\n", 3),
    "quoted": ('x\n1.0\n""\n2.0', 3),
    "quoted last": ('x\r\n1.0\r\n""\r\n" "\r\n\r\n \r\n', 3),
    "quoted alone": ('x\n""\n', 1),
}


@pytest.mark.parametrize("name", ONE_COLUMN)
def test_empty_rows_of_a_one_column_table_are_predicted(
    cli, workspace, one_feature_run, tmp_path, name: str
) -> None:
    text, count = ONE_COLUMN[name]
    table = tmp_path / "one.csv"
    table.write_bytes(text.encode())
    assert predicted(cli, workspace, table, tmp_path / "out.csv")[0] == 0
    _, *rows = rows_of(tmp_path / "out.csv")
    assert len(rows) == count
    assert np.isfinite(np.array([row[1:] for row in rows], dtype=float)).all()


BAD_TABLES = {
    "missing columns": ("a,b\n1,2\n", "lacks"),
    "no rows": ("species,island\n", "0 data rows"),
    "empty": ("", "empty"),
}


@pytest.mark.parametrize("name", BAD_TABLES)
def test_an_unfit_table_creates_nothing(cli, workspace, predicting_run, tmp_path: Path, name: str) -> None:
    text, problem = BAD_TABLES[name]
    table = tmp_path / "bad.csv"
    table.write_text(text)
    status, out, err = predicted(cli, workspace, table, tmp_path / "out.csv")
    assert (status, out) == (2, "")
    assert problem in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.csv", "work space"]


def test_a_failure_keeps_what_was_there(cli, workspace, predicting_run, tmp_path: Path) -> None:
    old = tmp_path / "out.csv"
    old.write_text("kept")
    assert predicted(cli, workspace, tmp_path / "no.csv", old)[0] == 2
    assert old.read_text() == "kept"


@pytest.mark.parametrize("name", ["out.xlsx", "out", "no/out.csv", "folder.csv"])
def test_an_unfit_output_is_refused(cli, workspace, predicting_run, penguins, tmp_path, name: str) -> None:
    (tmp_path / "folder.csv").mkdir()
    status, _, err = predicted(cli, workspace, penguins, tmp_path / name)
    assert status == 2
    assert err.startswith("cambrian: ")
    assert not (tmp_path / name).is_file()


@pytest.mark.parametrize("way", ["same", "link"])
def test_the_input_is_never_overwritten(cli, workspace, predicting_run, penguins, tmp_path, way: str) -> None:
    table = tmp_path / "table.csv"
    table.write_bytes(penguins.read_bytes())
    out = table
    if way == "link":
        out = tmp_path / "link.csv"
        out.symlink_to(table)
    status, _, err = predicted(cli, workspace, table, out)
    assert (status, "itself" in err) == (2, True)
    assert table.read_bytes() == penguins.read_bytes()


def test_a_run_without_a_model_says_so(cli, workspace, complete_run: RunFolder, penguins, tmp_path) -> None:
    status, _, err = predicted(cli, workspace, penguins, tmp_path / "out.csv")
    assert (status, "no delivered model" in err) == (2, True)


def test_a_damaged_member_is_named(cli, workspace, predicting_run: RunFolder, penguins, tmp_path) -> None:
    (member,) = predicting_run.champion.glob("*.safetensors")
    content = bytearray(member.read_bytes())
    content[-1] ^= 1
    member.write_bytes(content)
    status, _, err = predicted(cli, workspace, penguins, tmp_path / "out.csv")
    assert (status, member.name in err) == (2, True)
    assert not (tmp_path / "out.csv").exists()


def test_formulas_in_labels_are_neutralised_in_csv_alone(tmp_path: Path) -> None:
    classes = ("=1+1", "+x", "-y", "@z", "\tt", "-1", "+2.5", "a,b", "线\n行")
    predictions = Predictions(np.eye(len(classes)), classes)
    write_predictions(tmp_path / "out.csv", predictions)
    write_predictions(tmp_path / "out.parquet", predictions)
    header, *rows = rows_of(tmp_path / "out.csv")
    shown = [row[0] for row in rows]
    assert shown == ["'=1+1", "'+x", "'-y", "'@z", "'\tt", "-1", "+2.5", "a,b", "线\n行"]
    assert header == ["prediction", *(f"probability_{label}" for label in classes)]
    assert pq.read_table(tmp_path / "out.parquet")["prediction"].to_pylist() == list(classes)


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_numbers_of_a_regression_come_back_exactly(tmp_path: Path, name: str) -> None:
    values = np.random.default_rng(0).normal(0, 1e6, 70_000)
    values[:2] = [0.1 + 0.2, -1e-300]
    write_predictions(tmp_path / name, Predictions(values))
    if name.endswith("csv"):
        read = np.array([row[0] for row in rows_of(tmp_path / name)[1:]], dtype=float)
    else:
        read = pq.read_table(tmp_path / name)["prediction"].to_numpy()
    np.testing.assert_array_equal(read, values)
