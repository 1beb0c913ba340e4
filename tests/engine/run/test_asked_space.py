"""From an experiment's genes to the space that is stored with the run."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from run_parts import experiment_of

from cambrian.data.prepared import Prepared, prepare
from cambrian.data.profile import profile_table
from cambrian.data.read import read_table
from cambrian.data.split import SplitSettings
from cambrian.errors import SettingError
from cambrian.run import resolve
from cambrian.run.asked_space import check_asked_space
from cambrian.run.resolution import first_settings, with_minutes, with_space
from cambrian.run.resolve import Resolved
from cambrian.run.run import create_run
from cambrian.run.workspace import Workspace
from cambrian.space import facts
from cambrian.space.build import PRESETS
from cambrian.space.space import SearchSpace
from real_runs import SAMPLE


@pytest.fixture(scope="module")
def penguins(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    table = read_table(SAMPLE)
    profile = profile_table(table, target="species")
    return prepare(table, profile, tmp_path_factory.mktemp("data"), split=SplitSettings(folds=3))


def resolved_for(penguins: Prepared, **search: object) -> tuple[Resolved, SearchSpace]:
    resolved = first_settings(experiment_of(search=search), penguins, device="cpu")
    return resolved, SearchSpace.from_json(json.loads(json.dumps(resolved.space)))


@pytest.mark.parametrize("preset", PRESETS)
def test_the_stored_space_is_the_presets_with_the_users_genes(penguins: Prepared, preset: str) -> None:
    _, space = resolved_for(
        penguins, preset=preset, genes={"layers": 2, "lr": "1e-5..1e-3", "dropout": "off"}
    )
    assert [space.gene(name).range_text for name in ("layers", "lr", "dropout")] == ["2", "1e-05..0.001", "0"]
    assert resolved_for(penguins, preset=preset)[1].gene("layers").range_text != "2"


def test_epochs_of_the_gene_are_the_budget_where_none_is_given(penguins: Prepared) -> None:
    resolved, space = resolved_for(penguins, genes={"epochs": [20, 200]})
    assert (resolved.epochs, resolved.rungs[-1]) == (200, 200)
    assert space.gene("epochs").cells == (20, 200)
    resolved, space = resolved_for(penguins, epochs=100, genes={"epochs": {"low": 30, "high": 200}})
    assert (resolved.epochs, space.gene("epochs").range_text) == (100, "30..100")


def test_minutes_leave_the_epochs_of_the_gene(penguins: Prepared) -> None:
    experiment = experiment_of(budget={"minutes": 1.0}, search={"genes": {"epochs": 300, "batch_size": 128}})
    first = first_settings(experiment, penguins, device="cpu")
    probes = [{"predicted": 1.0, "measured": 50.0}]
    resolved = with_minutes(first, experiment, penguins, probes=probes, used=5.0, workers=1)
    assert resolved.epochs == 300
    # Rows that the minutes leave to an epoch bound a batch that the user fixed, as training would.
    short = with_space(replace(resolved, rows_per_epoch=90), experiment, penguins, device="cpu")
    space = SearchSpace.from_json(short.space)
    assert (space.gene("epochs").cells, space.gene("batch_size").cells) == ((300,), (90,))


def test_the_batch_that_fits_is_within_the_users_range(penguins: Prepared) -> None:
    resolved, space = resolved_for(penguins, batch_size="fit", genes={"batch_size": "8..32"})
    assert resolved.batch_size == 32
    assert space.gene("batch_size").cells == (32,)


@pytest.mark.parametrize(
    ("genes", "problem"),
    [
        ({"batch_size": 4096}, "gene batch_size: 4096 is outside 1..183"),
        ({"target_transform": "log"}, "gene target_transform: log is not one of none"),
        ({"huber_delta": 1.0}, "the task multiclass has none"),
    ],
)
def test_what_the_data_do_not_allow_is_refused_when_they_are_known(
    penguins: Prepared, genes: dict[str, object], problem: str
) -> None:
    check_asked_space(experiment_of(search={"genes": genes}))
    with pytest.raises(SettingError) as caught:
        resolved_for(penguins, genes=genes)
    assert problem in caught.value.problem


def test_the_space_counts_an_epochs_rows_as_the_run_does() -> None:
    assert facts.ROWS_PER_EPOCH == resolve.ROWS_PER_EPOCH


def test_what_nothing_allows_is_refused_before_a_run_is_made(tmp_path: Path) -> None:
    place = Workspace(tmp_path / "work")
    for search in ({"genes": {"lr": 99}}, {"epochs": 4, "genes": {"epochs": 8}}, {"preset": "none"}):
        with pytest.raises(SettingError):
            create_run(place, experiment_of(search=search))
    assert not (tmp_path / "work").exists()
