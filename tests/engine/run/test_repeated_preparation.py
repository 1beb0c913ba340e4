"""Damaged prepared data is made again from the very files it was made from, or not at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cambrian.errors import DataError
from cambrian.experiment import Experiment, make_experiment
from cambrian.records import RunEvent
from cambrian.run.preparation import prepare_data
from cambrian.run.workspace import RunFolder


def write(path: Path, first: int, rows: int) -> None:
    lines = (f"{number / 7:.3f},{number % 5 / 2}\n" for number in range(first, first + rows))
    path.write_text("x,y\n" + "".join(lines))


@pytest.fixture
def experiment(tmp_path: Path) -> Experiment:
    write(tmp_path / "table.csv", 0, 60)
    write(tmp_path / "test.csv", 60, 20)
    data = {"file": str(tmp_path / "table.csv"), "target": "y", "task": "regression"}
    return make_experiment({"data": data, "split": {"test_file": str(tmp_path / "test.csv")}})


@pytest.fixture
def damaged(tmp_path: Path, experiment: Experiment) -> RunFolder:
    folder = RunFolder(tmp_path / "run")
    prepare_data(folder, experiment, lambda event: None)
    path = folder.data / "target.npy"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.unlink()
    path.write_bytes(content)
    return folder


def test_from_the_same_files_it_is_made_again(damaged: RunFolder, experiment: Experiment) -> None:
    events: list[RunEvent] = []
    prepared = prepare_data(damaged, experiment, events.append)
    prepared.verify()
    assert events[0].kind == "data-damaged"
    np.testing.assert_array_equal(prepared.test()[1], np.arange(60, 80) % 5 / 2)


@pytest.mark.parametrize("name", ["table.csv", "test.csv"])
@pytest.mark.parametrize("how", ["changed", "missing"])
def test_from_other_files_it_is_not(
    damaged: RunFolder, experiment: Experiment, tmp_path: Path, name: str, how: str
) -> None:
    (tmp_path / name).unlink()
    if how == "changed":
        write(tmp_path / name, 100, 60)
    with pytest.raises(DataError, match=f"{name} is not the file it was made from") as refused:
        prepare_data(damaged, experiment, lambda event: None)
    assert "Put the original file back" in refused.value.remedy
    assert (damaged.data / "target.npy").exists()
