"""What is refused before a run's data is prepared."""

from __future__ import annotations

from pathlib import Path

import pytest
from run_parts import experiment_of

from cambrian.errors import SettingError
from cambrian.run.preparation import prepare_data
from cambrian.run.workspace import RunFolder


@pytest.mark.parametrize(
    ("objectives", "target", "problem"),
    [
        (["rmse"], "kind", "'rmse' is no objective of a binary task"),
        (["accuracy"], "size", "of a regression"),
    ],
)
def test_an_objective_of_another_task_is_refused_as_soon_as_the_task_is_known(
    tmp_path: Path, objectives: list[str], target: str, problem: str
) -> None:
    table = tmp_path / "table.csv"
    lines = [f"{row / 7},{row % 13},{'yes' if row % 3 else 'no'}" for row in range(60)]
    table.write_text("\n".join(["size,other,kind", *lines]))
    folder = RunFolder(tmp_path / "run")
    folder.create()
    told: list[str] = []
    data = {"file": str(table), "target": target}
    experiment = experiment_of(data=data, search={"objectives": objectives})
    with pytest.raises(SettingError, match=problem):
        prepare_data(folder, experiment, lambda event: told.append(event.kind))
    assert "data-prepared" not in told
    assert not folder.data.exists()
    prepare_data(folder, experiment_of(data=data), lambda event: told.append(event.kind))
    assert "data-prepared" in told
