"""`cambrian run` and `predict` on files made to break them; all of them with `pytest -m hostile`."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from hostile_files import FILES
from nasty_files import assert_mentions, fine_answers, index_cases, nasty_file
from own_nasty_files import OWN, csv_file
from real_runs import CommandLine

SMALL = ("--generations", 1, "--population", 2, "--epochs", 2, "--folds", 2, "--workers", 1, "--json")
CHOSEN: dict[str, tuple[str, list[str], list[str]]] = {
    "18_no_header.csv": ("column_5", ["--no-header"], []),
    "40_two_sheets.xlsx": ("label", ["--sheet", "Data"], []),
}
"""Where the index wants a choice: the target, the choice for the run, and what `predict` needs beside it."""
TEXTS = {
    "19_gbk_chinese.csv": ("gb18030", ",", "\n"),
    "20_utf8_bom.csv": ("utf-8-sig", ",", "\n"),
    "21_utf16.csv": ("utf-16", "\t", "\n"),
    "22_semicolon_decimal_comma.csv": ("utf-8", ";", "\n"),
    "28_tabs_named_csv.csv": ("utf-8", "\t", "\n"),
    "29_cr_line_ends.csv": ("utf-8", ",", "\r"),
}
"""How a text is written; the others are UTF-8 with commas."""
SOME = ("07", "09", "19", "22", "24", "32", "40")


def of_the_same_make(path: Path, place: Path) -> Path:
    """A file written as this one is, its rows in the opposite order; of what is no text, a copy."""
    made = place / f"new {path.name}"
    if path.suffix != ".csv":
        shutil.copyfile(path, made)
        return made
    encoding, separator, ends = TEXTS.get(path.name, ("utf-8", ",", "\n"))
    rows = list(csv.reader(io.StringIO(path.read_bytes().decode(encoding), newline=""), delimiter=separator))
    head = [] if path.name in CHOSEN else [rows.pop(0)]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, lineterminator=ends).writerows(head + rows[::-1])
    made.write_bytes(text.getvalue().encode(encoding))
    return made


def events_of(lines: list[str]) -> dict[str, list[dict[str, Any]]]:
    """The events of a run by their kind."""
    found: dict[str, list[dict[str, Any]]] = {"data-warning": []}
    for line in lines:
        event = json.loads(line)
        found.setdefault(event["event"], []).append(event)
    return found


def predicted(cambrian: CommandLine, file: Path, place: Path, *options: str) -> tuple[list[Any], Any]:
    """The predictions of a file, and the probabilities of the classes (or numbers) `(classes, rows)`."""
    out = place / "out.parquet"
    done = cambrian("predict", "last", file, "-o", out, *options)
    table = pq.read_table(out)
    assert done.out == f"{table.num_rows} rows predicted: {out}\n"
    assert all(line.startswith("note: ") for line in done.err.splitlines())
    numbers = [table[name].to_numpy() for name in table.column_names if table[name].type == "double"]
    return table["prediction"].to_pylist(), np.array(numbers)


def run_and_predict(cambrian: CommandLine, case: dict[str, Any], place: Path) -> None:
    """A run of the file and predictions of one like it, or a refusal: whichever the index wants."""
    path = nasty_file(case)
    target, options, later = CHOSEN.get(path.name, (case["target"] or "y", [], []))
    done = cambrian("run", path, "--target", target, *options, *SMALL, expect=None)
    if done.status:
        assert done.status == 2
        assert set(events_of(done.lines)) <= {"data-warning", "run-started", "beat"}
        assert done.err.startswith("cambrian: ")
        assert "refuse" in fine_answers(case), done.err
        assert_mentions(done.err, case["message_should_mention"])
        assert not cambrian.workspace.exists()
        return
    assert path.name in CHOSEN or fine_answers(case) & {"load", "warn"}, done.out
    events = events_of(done.lines)
    said = "\n".join(each["message"] for each in events["data-warning"])
    if case["expect"] == "warn":
        assert_mentions(said, case["message_should_mention"])
    (prepared,) = events["data-prepared"]
    assert prepared["data"]["rows"] == case["rows_if_loaded"]
    assert all(each["data"]["failed"] == 0 for each in events["generation-finished"])
    assert len(events["finished"]) == 1
    labels, numbers = predicted(cambrian, path, place)
    again, other = predicted(cambrian, of_the_same_make(path, place), place, *later)
    assert len(labels) == case["rows_if_loaded"]
    assert np.isfinite(numbers).all()
    if path.suffix == ".csv":
        again, other = again[::-1], other[:, ::-1]
    np.testing.assert_allclose(other, numbers, rtol=1e-5, atol=1e-7)
    if case["task"] != "regression":
        assert again == labels
        np.testing.assert_allclose(numbers.sum(axis=0), 1, atol=1e-6)


@pytest.mark.parametrize("case", index_cases(*SOME))
def test_a_run_of_some(cambrian: CommandLine, tmp_path: Path, case: dict[str, Any]) -> None:
    run_and_predict(cambrian, case, tmp_path)


@pytest.mark.hostile
@pytest.mark.parametrize("case", index_cases())
def test_a_run_of_every_one(cambrian: CommandLine, tmp_path: Path, case: dict[str, Any]) -> None:
    run_and_predict(cambrian, case, tmp_path)


OURS: dict[str, tuple[str, Callable[[Path], object], tuple[str, ...]]] = {
    name: ("own.csv", partial(csv_file, columns=columns), ())
    for name, (columns, _, expected, _) in OWN.items()
    if expected != "refuse"
} | {name: (case.file, case.write, case.options) for name, case in FILES.items() if case.expect != "refuse"}
OF_OURS = (
    "percent signs",
    "cells of all kinds",
    "every type of Parquet",
    "a workbook as people make them",
    "a name of two lines",
)


def run_and_predict_ours(cambrian: CommandLine, name: str, place: Path) -> None:
    """A run of a file of ours that `inspect` loads, and predictions of its rows."""
    file, write, options = OURS[name]
    write(place / file)
    done = cambrian("run", place / file, "--target", "y", *options, *SMALL)
    events = events_of(done.lines)
    assert all(each["data"]["failed"] == 0 for each in events["generation-finished"])
    assert len(events["finished"]) == 1
    labels, numbers = predicted(cambrian, place / file, place)
    assert len(labels) == events["data-prepared"][0]["data"]["rows"]
    assert np.isfinite(numbers).all()


@pytest.mark.parametrize("name", OF_OURS)
def test_a_run_of_some_of_ours(cambrian: CommandLine, tmp_path: Path, name: str) -> None:
    run_and_predict_ours(cambrian, name, tmp_path)


@pytest.mark.hostile
@pytest.mark.parametrize("name", OURS)
def test_a_run_of_all_of_ours(cambrian: CommandLine, tmp_path: Path, name: str) -> None:
    run_and_predict_ours(cambrian, name, tmp_path)
