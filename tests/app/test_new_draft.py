"""The form as an experiment: roles, TOML and commands, there and back."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest
import typer

from cambrian.cli.settings import chosen_experiment, with_settings
from cambrian.errors import SettingError
from cambrian.experiment import Experiment
from cambrian_desktop.views.new_draft import (
    AUTOMATIC,
    DROPPED,
    command_line,
    first_draft,
    inspect_arguments,
    opened_draft,
    role_of,
    run_arguments,
    with_file,
    with_order,
    with_role,
    without_strangers,
)

FILE = os.path.abspath("table.csv")


def draft(**sections: dict[str, object]) -> Experiment:
    data = {"target": "y", **sections.pop("data", {})}
    return first_draft(FILE).changed(data=data, **sections)


def asked_for(words: list[str]) -> Experiment:
    """The experiment that the command line makes of these words, by its own parser."""
    taken: list[Experiment] = []

    def run(settings: dict[str, dict[str, object]]) -> int:
        taken.append(chosen_experiment(None, settings))
        return 0

    app = typer.Typer()
    app.command("run")(with_settings(run))
    app.command("other")(lambda: None)
    app(words, standalone_mode=False)
    return taken[0]


EXPERIMENTS = {
    "the least": draft(),
    "roles": draft(data={"roles": {"a=b": "categorical", "x y": "text"}, "drop": ("-dash", "c")}),
    "orders": draft(data={"ordinal": {"size": ("S", "M", "L")}}),
    "rows": draft(data={"weight": "w"}, split={"group": "patient"}),
    "hostile": draft(data={"target": "'; DROP TABLE x; --", "drop": ('say "hi"', "a\nb", "$(id)", "<b>")}),
    "reading": draft(data={"reading": {"separator": "tab", "header": False, "missing": ("-9", "", "n/a")}}),
    "genes": draft(
        search={
            "preset": "textbook",
            "genes": {
                "layers": 2,
                "dropout": "off",
                "ema": False,
                "optimizer": ("adam", "sgd"),
                "lr": {"low": 1e-5, "high": 0.1 + 0.2, "scale": "linear"},
                "l2": {"high": 1e-3, "zero": True},
            },
        }
    ),
    "search": draft(
        search={"objectives": ("mae", "parameters"), "strategy": "random", "population": 24, "epochs": 8},
        budget={"minutes": None, "generations": 3, "evaluations": 40},
        execution={"devices": "cuda:0,1", "workers": 3, "tf32": True},
        limits={"memory_mb": 100, "timeout_factor": 2.5},
        seed={"seed": 2**62},
    ),
}


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_command_asks_for_the_same_experiment(name: str) -> None:
    experiment = EXPERIMENTS[name]
    assert asked_for(run_arguments(experiment)) == experiment
    assert shlex.split(command_line(experiment, windows=False))[1:] == run_arguments(experiment)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_toml_there_and_back(name: str, tmp_path: Path) -> None:
    file = tmp_path / "experiment.toml"
    file.write_text(EXPERIMENTS[name].to_toml(), encoding="utf-8")
    assert opened_draft(file) == EXPERIMENTS[name]


def test_an_order_that_no_option_can_say_is_refused_with_a_remedy() -> None:
    hostile = with_order(draft(), "age", ("<18", "18-65", ">65"))
    with pytest.raises(SettingError) as refusal:
        run_arguments(hostile)
    assert "TOML" in refusal.value.remedy
    assert "age=ordinal" in inspect_arguments(hostile)  # its role is judged all the same


def test_inspection_without_a_target_says_nothing_of_one() -> None:
    chosen = draft(search={"objectives": ("mae",)}, split={"folds": 3}, data={"task": "regression"})
    plain = with_role(chosen, "y", AUTOMATIC)
    assert inspect_arguments(plain) == ["inspect", FILE, "--json"]
    assert {"--target", "--task", "--objective", "--folds"} < set(inspect_arguments(chosen))


def test_inspection_judges_what_is_asked_of_genes() -> None:
    asked = draft(search={"preset": "quick", "epochs": 80, "genes": {"batch_size": 4096}})
    words = inspect_arguments(asked)
    assert [words[words.index(each) + 1] for each in ("--preset", "--epochs", "--gene")] == [
        "quick",
        "80",
        "batch_size=4096",
    ]
    # Without genes it judges none of these: a changed budget does not read the file anew.
    assert "--epochs" not in inspect_arguments(draft(search={"preset": "quick", "epochs": 80}))


@pytest.mark.parametrize("role", ["numeric", "text", DROPPED, "target", "weight", "group", "time", AUTOMATIC])
def test_a_column_has_one_role_at_a_time(role: str) -> None:
    for before in ("categorical", DROPPED, "target", "weight", "group", "time"):
        changed = with_role(with_role(draft(), "x", before), "x", role)
        assert role_of(changed, "x") == role
        back = with_role(changed, "x", AUTOMATIC)
        assert back.data.roles == {}
        assert back.data.drop == ()
        assert {back.data.weight, back.split.group, back.split.time} == {""}


def test_rows_are_split_by_group_or_by_time() -> None:
    changed = with_role(with_role(draft(), "patient", "group"), "day", "time")
    assert (changed.split.group, changed.split.time) == ("", "day")


def test_another_target_takes_nothing_over_from_the_one_before() -> None:
    one = draft(
        data={"task": "binary", "positive": "yes", "merge_labels": True}, search={"objectives": ("f1",)}
    )
    other = with_role(one, "z", "target")
    assert (other.data.target, other.data.task, other.data.positive) == ("z", "auto", "")
    assert other.search.objectives == ()


def test_what_is_said_of_columns_that_are_not_there_is_forgotten() -> None:
    named = with_order(with_role(with_role(draft(), "gone", DROPPED), "kept", "text"), "lost", ("a", "b"))
    assert without_strangers(named, ["y", "kept"]) == with_role(draft(), "kept", "text")
    assert without_strangers(named, ["kept"]).data.target == ""


def test_another_file_keeps_the_search_and_forgets_the_columns() -> None:
    one = with_role(draft(search={"population": 24}), "x", DROPPED)
    other = with_file(one, FILE + "2")
    assert (other.search.population, other.data.drop, other.data.target) == (24, (), "")


def test_an_experiment_without_a_budget_gets_the_usual_minutes(tmp_path: Path) -> None:
    file = tmp_path / "experiment.toml"
    file.write_text('[data]\nfile = "t.csv"\ntarget = "y"\n')
    made = opened_draft(file)
    assert made.budget.minutes == 10
    assert made.data.file == str(tmp_path / "t.csv")
