"""A workspace with real run folders, and a model that was trained for one of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from run_folders import SPACE, make_run, result_of

from cambrian.records import RunState
from cambrian.run.workspace import RunFolder
from real_runs import SAMPLE, write_table


@pytest.fixture(scope="session")
def penguins() -> Path:
    return SAMPLE


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """`main` in this process: exit status, stdout, stderr."""

    def call(*arguments: str | Path) -> tuple[int, str, str]:
        from cambrian.cli.app import main

        capsys.readouterr()
        status = main([str(each) for each in arguments])
        return status, *capsys.readouterr()

    return call


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return tmp_path / "work space"


@pytest.fixture
def complete_run(workspace: Path) -> RunFolder:
    return make_run(workspace, "done", state=RunState.COMPLETE, result=result_of("done"))


def delivered_model(file: Path, target: str, place: Path) -> Path:
    """A bundle for the table's classes: one small network after a few epochs."""
    import torch

    from cambrian.data.prepared import prepare
    from cambrian.data.profile import profile_table
    from cambrian.data.read import read_table
    from cambrian.data.split import SplitSettings
    from cambrian.results.champion import save_champion
    from cambrian.training.lanes import save_lane
    from cambrian.training.pack import PackTrainer
    from cambrian.training.rows import TrainingRows
    from cambrian.training.spec import LaneSpec, TrainingShape

    torch.set_num_threads(1)
    table = read_table(file)
    profile = profile_table(table, target=target)
    prepared = prepare(table, profile, place / "data", split=SplitSettings(folds=2))
    train, validation = prepared.fold(0)
    outputs = len(prepared.classes) if prepared.task == "multiclass" else 1
    shape = TrainingShape(prepared.task, outputs, len(train), len(validation), 2**18)
    genes = dict(SPACE.default()) | {"layers": 1, "width_1": 16, "batch_size": 32}
    trainer = PackTrainer(
        [LaneSpec(genes, 0, 1, 8)], TrainingRows(prepared, shape, torch.device("cpu")), torch.device("cpu")
    )
    trainer.advance(8)
    save_lane(place / "1-0-0.safetensors", trainer.remove(0))
    save_champion(place / "champion", prepared, [place / "1-0-0.safetensors"], facts={"run": "done"})
    return place / "champion"


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory, penguins: Path) -> Path:
    """A delivered model of the penguins' species."""
    return delivered_model(penguins, "species", tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="session")
def things(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """700 coloured things with a size and a label."""
    return write_table(tmp_path_factory.mktemp("things") / "things.csv", rows=700, seed=1)


@pytest.fixture(scope="session")
def things_model(tmp_path_factory: pytest.TempPathFactory, things: Path) -> Path:
    """A delivered model of their labels."""
    return delivered_model(things, "label", tmp_path_factory.mktemp("things model"))


@pytest.fixture
def predicting_run(complete_run: RunFolder, model: Path) -> RunFolder:
    shutil.copytree(model, complete_run.champion)
    return complete_run


@pytest.fixture
def one_feature_run(complete_run: RunFolder, tmp_path: Path) -> RunFolder:
    """A run whose model has one feature, `x`."""
    place = tmp_path / "one feature"
    place.mkdir()
    rows = (f"{number / 7},{'ab'[number % 3 == 0]}\n" for number in range(60))
    (place / "table.csv").write_text("x,y\n" + "".join(rows))
    shutil.copytree(delivered_model(place / "table.csv", "y", place), complete_run.champion)
    return complete_run
