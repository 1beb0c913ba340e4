"""`cambrian inspect`: facts, warnings, and an exit status that says what `run` would do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cambrian.data.prepared import prepare
from cambrian.data.profile import profile_table
from cambrian.data.read import read_table
from cambrian.data.split import SplitSettings
from cambrian.errors import DataError


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
    assert any(line.split() == ["body_mass_g", "numeric", "2", "94", "2700", "to", "6300"] for line in lines)
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
    "no such target": {"x": numbers(30), "z": ["a", "b"] * 15},
}


@pytest.mark.parametrize("name", TABLES)
def test_the_exit_status_is_2_exactly_when_a_run_would_refuse(cli, tmp_path: Path, name: str) -> None:
    path = write(tmp_path / "t.csv", TABLES[name])
    try:
        table = read_table(path)
        prepare(table, profile_table(table, target="y"), tmp_path / "data", split=SplitSettings())
        refused = False
    except DataError:
        refused = True
    status, out, _ = cli("inspect", path, "--target", "y")
    assert status == (2 if refused else 0)
    assert ("a run would refuse: " in out) == refused
    facts = json.loads(cli("inspect", path, "--target", "y", "--json")[1])
    assert facts["refused"] == refused
    assert bool(facts["refusals"]) == refused


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
