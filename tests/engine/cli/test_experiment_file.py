"""`cambrian experiment --init`: a file that `cambrian run` understands."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cambrian.cli.settings import chosen_experiment, nested
from cambrian.experiment import Experiment, make_experiment
from cambrian.run.asked_space import check_asked_space


def test_without_a_file_it_is_printed(cli, penguins: Path) -> None:
    status, out, _ = cli("experiment", "--init", "--data", penguins, "--target", "species")
    experiment = Experiment.from_toml(out)
    assert status == 0
    assert (experiment.data.file, experiment.data.target) == (penguins.as_posix(), "species")
    for key in ("minutes", "generations", "split_seed", "population", "devices"):
        assert any(key in line and "#" in line for line in out.splitlines()), key


def test_every_line_says_what_it_means_and_the_examples_work(cli) -> None:
    text = cli("experiment", "--init", "--target", "y")[1]
    assert [line for line in text.splitlines() if line and "# " not in line] == []
    examples = [line for line in text.splitlines() if line.endswith("# an example")]
    unset = Experiment.from_toml(text)
    assert (unset.data.roles, unset.data.ordinal, unset.search.genes) == ({}, {}, {})
    for example in examples:
        text = text.replace(example, example.removeprefix("# "))
    used = Experiment.from_toml(text)
    assert used.data.roles == {"postal code": "categorical"}
    assert used.data.ordinal == {"size": ("S", "M", "L")}
    check_asked_space(used)
    assert used.search.genes == {
        "layers": 2,
        "dropout": "off",
        "optimizer": ("adam", "sgd"),
        "lr": {"low": 1e-4, "high": 1e-2},
        "l2": {"low": 1e-6, "high": 1e-3, "zero": True},
        "momentum": {"scale": "linear"},
    }
    assert Experiment.from_toml(used.to_toml()) == used


def test_the_file_finds_its_table_beside_it(cli, tmp_path: Path) -> None:
    (tmp_path / "数据").mkdir()
    table = tmp_path / "数据" / 'a "quoted".csv'
    file = tmp_path / "experiment.toml"
    assert cli("experiment", "--init", file, "--data", table, "--target", "价\n格")[0] == 0
    assert '"数据/a' in file.read_text(encoding="utf-8")
    loaded = Experiment.load(file)
    assert Path(loaded.data.file) == table
    assert loaded.data.target == "价\n格"


def test_a_table_elsewhere_is_named_in_full(cli, tmp_path: Path, penguins: Path) -> None:
    file = tmp_path / "experiment.toml"
    cli("experiment", "--init", file, "--data", penguins)
    assert Path(Experiment.load(file).data.file) == penguins


def test_an_existing_file_is_kept_without_force(cli, tmp_path: Path) -> None:
    file = tmp_path / "experiment.toml"
    file.write_text("mine")
    status, _, err = cli("experiment", "--init", file)
    assert (status, "--force" in err) == (2, True)
    assert file.read_text() == "mine"
    assert cli("experiment", "--init", file, "--force")[0] == 0
    assert Experiment.load(file).data.target == "target"


@pytest.mark.parametrize("arguments", [[], ["file.toml"], ["--init", "no/such/folder/file.toml"]])
def test_what_cannot_be_done_is_a_sentence(cli, arguments: list[str]) -> None:
    status, out, err = cli("experiment", *arguments)
    assert (status, out) == (2, "")
    assert err.startswith("cambrian: ")


@pytest.mark.skipif(os.name == "nt", reason="names there are Unicode")
def test_a_path_that_is_no_text_is_refused(cli, tmp_path: Path) -> None:
    status, _, err = cli("experiment", "--init", tmp_path / "e.toml", "--data", os.fsdecode(b"/\xff.csv"))
    assert (status, "UTF-8" in err) == (2, True)
    assert not (tmp_path / "e.toml").exists()


def test_a_switch_is_an_option_both_ways(tmp_path: Path, penguins: Path) -> None:
    file = tmp_path / "experiment.toml"
    data = {"file": str(penguins), "target": "species"}
    file.write_text(make_experiment({"data": data, "search": {"inherit": True}}).to_toml(), encoding="utf-8")
    assert "inherit = true # " in file.read_text(encoding="utf-8")
    for given, inherits in ((None, True), (False, False), (True, True)):
        assert chosen_experiment(file, nested({"inherit": given})).search.inherit is inherits


def test_only_children_can_inherit(cli, penguins: Path) -> None:
    given = ("run", penguins, "--target", "species", "--strategy", "random", "--inherit")
    status, _, err = cli(*given)
    assert (status, "inherit needs the genetic strategy" in err) == (2, True)
    assert "--no-inherit" in cli("run", "--help")[1]
