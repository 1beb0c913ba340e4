"""The estimate: arithmetic that promises nothing exact, and what earlier runs tell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cambrian.experiment import Experiment
from cambrian.run.workspace import Workspace
from cambrian_desktop.earlier_runs import EarlierRun, earlier_runs
from cambrian_desktop.views.new_draft import first_draft
from cambrian_desktop.views.new_estimate import TableSize, estimate
from real_runs import ROOT

SIZE = TableSize(rows=4000, inputs=20)
INPUTS = {
    "ames": 300,
    "chicago": 60,
    "credit_data": 40,
    "diamonds": 26,
    "digits_table": 64,
    "soybean": 100,
    "spam": 57,
}
"""Inputs of the networks on the tables of the recorded benchmark, roughly."""


def draft(**budget: object) -> Experiment:
    return first_draft("/t.csv").changed(data={"target": "y"}, budget=budget or {"minutes": 10.0})


def earlier(run: str, *, file: str = "/t.csv", rows: int = 3000, seconds: float = 100.0) -> EarlierRun:
    return EarlierRun(run, file, "y", rows, 20, lane_epochs=1000, worker_seconds=seconds)


def test_it_is_within_a_factor_of_three_of_the_recorded_runs() -> None:
    cells = json.loads((ROOT / "tests/benchmarks/open_tables.json").read_text())["cells"]
    for name, cell in cells.items():
        rows = cell["baseline_rows"]["linear"]["of_rows"] / 0.8
        size = TableSize(int(rows), INPUTS[name.partition(":")[0]])
        guess = estimate(draft(minutes=float(cell["minutes"])), size, workers=2)
        assert 1 / 3 < guess.networks / cell["search"]["individuals"] < 3, name


@pytest.mark.parametrize("minutes", [1.0, 10.0, 60.0, 1440.0])
def test_it_has_one_figure_or_two(minutes: float) -> None:
    guess = estimate(draft(minutes=minutes), SIZE, workers=2)
    assert not guess.exact
    assert len(str(guess.networks).rstrip("0")) <= 2


def test_more_time_and_more_workers_try_more_networks() -> None:
    few = estimate(draft(minutes=10.0), SIZE, workers=1).networks
    assert estimate(draft(minutes=480.0), SIZE, workers=1).networks > few
    assert estimate(draft(minutes=10.0), SIZE, workers=16).networks > few
    assert estimate(draft(minutes=10.0), TableSize(2_000_000, 200), workers=1).networks < few


def test_a_budget_in_networks_is_exact_and_its_time_is_not() -> None:
    guess = estimate(draft(minutes=None, evaluations=321), SIZE, workers=2)
    assert (guess.networks, guess.exact) == (321, True)
    assert guess.minutes is not None
    by_generations = estimate(draft(minutes=None, generations=5), SIZE, workers=2)
    assert by_generations.networks == 5 * 64


def test_whichever_budget_ends_first_counts() -> None:
    assert estimate(draft(minutes=600.0, evaluations=10), SIZE, workers=2).networks == 10
    assert not estimate(draft(minutes=1.0, evaluations=10**6), SIZE, workers=2).exact


def test_an_earlier_run_of_the_same_table_tells_the_speed() -> None:
    other = earlier("other", file="/other.csv", seconds=1.0)
    slow, slower = earlier("slow", seconds=1000.0), earlier("slower", seconds=9000.0)
    guess = estimate(draft(), SIZE, workers=2, earlier=[other, slow, slower])
    assert guess.source == "slow"  # the latest of the same table
    assert guess.networks < estimate(draft(), SIZE, workers=2).networks


def test_else_the_run_of_the_table_nearest_in_size() -> None:
    near, far = earlier("near", file="/a.csv", rows=3000), earlier("far", file="/b.csv", rows=200_000)
    assert estimate(draft(), SIZE, workers=2, earlier=[far, near]).source == "near"


def test_runs_that_tell_nothing_are_left_out(tmp_path: Path) -> None:
    assert earlier_runs(Workspace(tmp_path / "none")) == []
    folder = tmp_path / "runs" / "damaged"
    folder.mkdir(parents=True)
    (folder / "run.db").write_bytes(b"no database at all" * 100)
    assert earlier_runs(Workspace(tmp_path)) == []
