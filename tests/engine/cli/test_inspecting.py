"""`cambrian inspect`: facts, warnings, and an exit status that says what `run` would do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cambrian.cli import running
from cambrian.experiment import Experiment
from cambrian.run.preparation import prepare_data
from cambrian.run.workspace import RunFolder
from cambrian.store.reader import RunReader


def write(path: Path, columns: dict[str, list[object]]) -> Path:
    lines = [",".join(columns)]
    lines += [",".join(str(cell) for cell in row) for row in zip(*columns.values(), strict=True)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def numbers(count: int) -> list[object]:
    return [(number * 7919) % 101 + 0.5 for number in range(count)]


def test_a_line_a_column_and_the_classes(cli, penguins: Path) -> None:
    status, out, _ = cli("inspect", penguins, "--target", "species", "--drop", "year")
    lines = out.splitlines()
    assert status == 0
    assert lines[0] == "penguins.csv: 344 rows, 8 columns, 6 of them features"
    assert "multiclass, 344 rows with a value" in out
    assert any(line.split()[:2] == ["sex", "categorical"] and "male (168)" in line for line in lines)
    (mass,) = [line.split() for line in lines if line.startswith("body_mass_g")]
    assert mass[:-1] == ["body_mass_g", "numeric", "2", "94", "2700", "to", "6300,", "median", "4050"]
    assert len(mass[-1]) == 10
    assert set(mass[-1]) <= set("▁▂▃▄▅▆▇█")
    facts = json.loads(cli("inspect", penguins, "--target", "species", "--json")[1])
    counts = facts["columns"][5]["histogram"]["counts"]
    halved = [sum(pair) for pair in zip(counts[::2], counts[1::2], strict=True)]
    assert [bar == "█" for bar in mass[-1]] == [count > max(halved) * 6 / 7 for count in halved]
    assert any(line.startswith("year") and line.endswith("dropped") for line in lines)
    assert any(line.split() == ["Adelie", "152", "44.2%"] for line in lines)


def test_the_positive_class_is_marked(cli, penguins: Path) -> None:
    _, out, _ = cli("inspect", penguins, "--target", "sex", "--positive", "male")
    assert "male (positive)" in out


def test_json_is_the_whole_profile(cli, penguins: Path) -> None:
    status, out, _ = cli("inspect", penguins, "--target", "species", "--json")
    facts = json.loads(out)
    assert status == 0
    assert facts["version"] == 1
    assert facts["refused"] is False
    assert facts["refusals"] == []
    assert facts["classes"] == ["Adelie", "Chinstrap", "Gentoo"]
    assert facts["columns"][0]["name"] == "species"


def test_without_a_target_nothing_is_refused(cli, tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", {"a": numbers(4), "b": numbers(4)})
    status, out, _ = cli("inspect", path, "--json")
    assert (status, json.loads(out)["refused"]) == (0, None)
    assert cli("inspect", path)[0] == 0


TABLES: dict[str, dict[str, list[object]]] = {
    "good": {"x": numbers(30), "y": ["a", "b"] * 15},
    "good regression": {"x": numbers(30), "y": [*numbers(29), 0.5]},
    "too few rows": {"x": numbers(8), "y": ["a", "b"] * 4},
    "ten rows": {"x": numbers(10), "y": ["a", "b"] * 5},
    "one class": {"x": numbers(30), "y": ["a"] * 30},
    "no feature": {"x": ["k"] * 30, "y": ["a", "b"] * 15},
    "no target values": {"x": numbers(30), "y": [""] * 30},
    "few targets": {"x": numbers(30), "y": ["a", "b", "a"] + [""] * 27},
    "second class of one": {"x": numbers(30), "y": ["a"] * 29 + ["b"]},
    "all classes of one": {"x": numbers(12), "y": [f"c{number}" for number in range(12)]},
    "rare class": {"x": numbers(300), "y": (["a"] * 74 + ["b"]) * 4},
    "rarest class": {"x": numbers(300), "y": ["a"] * 298 + ["b", "b"]},
    "rare classes": {"x": numbers(300), "y": ["a"] * 296 + ["b", "b", "c", "c"]},
    "hardly varies": {"x": numbers(300), "y": [1.5, 2.5, *[0.0] * 298]},
    "no such target": {"x": numbers(30), "z": ["a", "b"] * 15},
}


TEST_TABLES: dict[str, dict[str, list[object]]] = {
    "good": {"x": numbers(12), "y": ["a", "b"] * 6},
    "lacks a column": {"z": numbers(12), "y": ["a", "b"] * 6},
    "lacks the target": {"x": numbers(12)},
    "an unknown class": {"x": numbers(12), "y": ["a", "c"] * 6},
    "no labels": {"x": numbers(12), "y": [""] * 12},
}
"""Tables beside a `--test-file`; the table to learn from is the good one."""

OPTIONS: dict[str, tuple[str, list[str]]] = {
    **{name: (name, []) for name in TABLES},
    "20 folds of 30 rows": ("good", ["--folds", "20"]),
    "15 folds of 30 rows": ("good", ["--folds", "15"]),
    "2 folds of 8 rows": ("too few rows", ["--folds", "2"]),
    "5 folds of 10 rows": ("ten rows", ["--folds", "5"]),
    "21 folds": ("good", ["--folds", "21"]),
    "a holdout": ("good", ["--folds", "1", "--split-seed", "7"]),
    "hardly a test part": ("good", ["--test-fraction", "0.01"]),
    "nothing but a test part": ("good", ["--test-fraction", "0.89", "--folds", "5"]),
    "no such test file": ("good", ["--test-file", "missing.csv"]),
    "a positive class": ("good", ["--positive", "a"]),
    "a positive class that is none": ("good", ["--positive", "c"]),
    "words as numbers": ("good", ["--task", "regression"]),
    "numbers as two classes": ("good regression", ["--task", "binary"]),
    "everything dropped": ("good", ["--drop", "x"]),
    **{
        f"{objective} of {table}, {folds} folds": (table, ["--objective", objective, "--folds", str(folds)])
        for objective in ("roc_auc", "average_precision", "recall", "balanced_accuracy")
        for table in ("rare class", "rarest class")
        for folds in (0, 1, 3, 5)
    },
    "roc_auc of rare classes": ("rare classes", ["--objective", "roc_auc", "--folds", "5"]),
    "recall of the common class": (
        "rare class",
        ["--objective", "recall", "--positive", "a", "--folds", "5"],
    ),
    "r2 of what hardly varies": ("hardly varies", ["--objective", "r2", "--task", "regression"]),
    "an unknown objective": ("good", ["--objective", "beauty"]),
    "one objective twice": ("good", ["--objective", "recall", "--objective", "recall"]),
    **{f"test file: {name}": ("good", ["--test-file", f"{name}.csv"]) for name in TEST_TABLES},
}


def run_refuses(monkeypatch, cli, path: Path, options: list[str]) -> bool:
    """Whether `cambrian run` refuses the table, by its own words; it trains nothing."""
    prepared: list[Path] = []

    def prepare_alone(folder: RunFolder, *, as_json: bool) -> int:
        with RunReader(folder.database) as reader:
            asked = Experiment.from_toml(reader.run().experiment)
        prepare_data(folder, asked, lambda event: None)
        prepared.append(folder.path)
        return 0

    monkeypatch.setattr(running, "_execute", prepare_alone)
    status, _, err = cli("run", path, "--target", "y", *options, "--workspace", path.parent / "work")
    assert status == (0 if prepared else 2), err
    return not prepared


@pytest.mark.parametrize("name", OPTIONS)
def test_the_exit_status_is_2_exactly_when_a_run_would_refuse(
    cli, tmp_path: Path, monkeypatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    table, options = OPTIONS[name]
    path = write(tmp_path / "t.csv", TABLES[table])
    for file, columns in TEST_TABLES.items():
        write(tmp_path / f"{file}.csv", columns)
    refused = run_refuses(monkeypatch, cli, path, options)
    status, out, err = cli("inspect", path, "--target", "y", *options)
    assert status == (2 if refused else 0), out + err
    assert ("a run would refuse: " in out or "cambrian: " in err) == refused
    if out:
        facts = json.loads(cli("inspect", path, "--target", "y", *options, "--json")[1])
        assert facts["refused"] == refused
        assert bool(facts["refusals"]) == refused


def test_a_class_too_rare_for_the_folds_is_named_with_its_rows_and_a_remedy(cli, tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", TABLES["rare class"])
    asked = ["--target", "y", "--objective", "roc_auc"]
    assert cli("inspect", path, *asked)[0] == 0
    status, out, _ = cli("inspect", path, *asked, "--folds", "5")
    assert status == 2
    assert "roc_auc would have no value: no validation row is of class 'b'" in out
    assert "which has 3 of the 240 rows" in out
    assert "Ask for at most 3 folds" in out
    assert cli("inspect", path, *asked, "--folds", "3")[0] == 0
    path = write(tmp_path / "t.csv", TABLES["rarest class"])
    out = cli("inspect", path, *asked, "--test-fraction", "0.5")[1]
    assert "class 'b', which has 1 of the 150 rows" in out
    assert "Add rows of what is missing, or choose another objective." in out


def test_some_of_these_tables_are_refused_and_some_are_not(cli, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = write(tmp_path / "t.csv", TABLES["good"])
    assert cli("inspect", path, "--target", "y", "--folds", "15")[0] == 0
    assert cli("inspect", path, "--target", "y", "--folds", "20")[0] == 2


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--role", "x"], "not of the form column=role"),
        (["--role", "x=magic"], "magic"),
        (["--role", "nope=numeric"], "no column `nope`"),
        (["--drop", "nope"], "no column `nope`"),
        (["--target", "y", "--task", "guess"], "guess"),
        (["--task", "binary"], "--target"),
        (["--positive", "a"], "--target"),
        (["--folds", "3"], "--target"),
        (["--split-seed", "3", "--test-file", "x.csv"], "--target"),
        (["--objective", "recall"], "--objective says something of a target"),
        (["--target", "y", "--folds", "21"], "folds"),
        (["--target", "y", "--positive", "c"], "c"),
    ],
)
def test_a_wrong_option_is_refused_with_a_sentence(cli, tmp_path: Path, options, problem: str) -> None:
    status, out, err = cli("inspect", write(tmp_path / "t.csv", TABLES["good"]), *options)
    assert (status, out) == (2, "")
    assert problem in err


def test_a_role_with_an_equals_sign_in_the_column(cli, tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", {"a=b": [1, 2, 3] * 10, "y": ["a", "b"] * 15})
    _, out, _ = cli("inspect", path, "--role", "a=b=categorical", "--json")
    assert json.loads(out)["columns"][0]["role"] == "categorical"


def test_a_file_that_is_none_is_refused(cli, tmp_path: Path) -> None:
    status, _, err = cli("inspect", tmp_path / "no.csv")
    assert status == 2
    assert "does not exist" in err


def test_hostile_names_and_values_are_shown_escaped(cli, tmp_path: Path) -> None:
    path = tmp_path / "hostile\x1b[31m.csv"
    name = "evil\x1b[2J\nname"
    rows = "".join(f"{number},\u202e<script>{number % 3}\n" for number in range(30))
    path.write_text(f'"{name}",\'; DROP TABLE runs\n{rows}', encoding="utf-8")
    _, out, _ = cli("inspect", path)
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert r"evil\x1b[2J\nname" in out
    assert r"\u202e<script>0" in out
    assert "'; DROP TABLE runs" in out


def test_large_whole_numbers_keep_their_digits(cli, tmp_path: Path) -> None:
    path = write(
        tmp_path / "t.csv", {"day": [20190101 + 3 * number for number in range(30)], "b": numbers(30)}
    )
    assert "20190101 to 20190188" in cli("inspect", path)[1]


def test_how_a_file_is_read_can_be_said(cli, tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_bytes("Å^1 234,5^?\nÆ^2 345,5^7\n".encode("cp1252") * 10)
    assert cli("inspect", path)[0] == 2
    said = ["--encoding", "cp1252", "--separator", "^", "--decimal", "comma", "--thousands", "space"]
    said += ["--no-header", "--missing", "?"]
    status, out, err = cli("inspect", path, *said, "--json")
    assert (status, err) == (0, "")
    facts = json.loads(out)
    assert [column["commonest"][0][0] for column in facts["columns"]] == ["Å", "1234.5", "7"]
    assert facts["columns"][2]["missing"] == 10
    assert {"encoding CP1252", "separator ^", "decimal mark ','", "no header"} < set(facts["notes"])
    status, _, err = cli("inspect", path, "--encoding", "klingon")
    assert status == 2
    assert "encoding" in err


def test_the_choice_of_a_sheet_is_kept_in_the_run(cli, tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = "Notes"
    book.active.append(("measured", "2026"))
    sheet = book.create_sheet("Data")
    for row in (("x", "y"), *((number, "ab"[number % 2]) for number in range(40))):
        sheet.append(row)
    book.save(tmp_path / "t.xlsx")
    status, _, err = cli("inspect", tmp_path / "t.xlsx")
    assert status == 2
    assert "Notes" in err
    assert "Data" in err
    chosen = Experiment.from_toml(
        Experiment.from_toml('[data]\nfile = "t.xlsx"\ntarget = "y"\nreading.sheet = "Data"').to_toml()
    )
    assert chosen.data.reading.sheet == "Data"
    assert chosen.changed(data={"reading": {"missing": ["?"]}}).data.reading.sheet == "Data"
