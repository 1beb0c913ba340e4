"""The folds of a run leave every objective a value: as many fewer as that takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cambrian.data.profile import profile_table
from cambrian.data.read import read_table
from cambrian.errors import DataError
from cambrian.experiment import Experiment, make_experiment
from cambrian.records import RunEvent
from cambrian.run import judged_folds
from cambrian.run.judged_folds import fold_objection
from cambrian.run.preparation import prepare_data
from cambrian.run.workspace import RunFolder
from cambrian.training.metrics import score
from cambrian.training.rows import limited


def experiment_on(path: Path, targets: list[Any], *objectives: str, **split: Any) -> Experiment:
    table = path / "table.csv"
    rows = (f"{number / 7:.3f},{target}\n" for number, target in enumerate(targets))
    table.write_text("x,y\n" + "".join(rows))
    search = {"objectives": list(objectives)}
    return make_experiment({"data": {"file": str(table), "target": "y"}, "search": search, "split": split})


def prepared_by(path: Path, experiment: Experiment) -> tuple[Any, list[RunEvent]]:
    events: list[RunEvent] = []
    return prepare_data(RunFolder(path / "run"), experiment, events.append), events


@pytest.mark.parametrize("objective", ["roc_auc", "average_precision", "recall"])
def test_a_rare_class_is_on_every_fold(tmp_path: Path, objective: str) -> None:
    targets = ["yes" if number % 75 == 0 else "no" for number in range(300)]
    prepared, events = prepared_by(tmp_path, experiment_on(tmp_path, targets, objective))
    assert prepared.n_folds == 3
    for fold in range(3):
        y = prepared.y[prepared.fold(fold)[1]]
        values = score("binary", y, np.tile([0.3, 0.7], (len(y), 1)), [objective])
        assert np.isfinite(values[objective])
    assert any("3 folds in place of 5" in event.message for event in events)


def test_without_such_an_objective_the_folds_stay(tmp_path: Path) -> None:
    targets = ["yes" if number % 75 == 0 else "no" for number in range(300)]
    prepared, events = prepared_by(tmp_path, experiment_on(tmp_path, targets))
    assert prepared.n_folds == 5
    assert not any("in place of" in event.message for event in events)


def test_no_number_of_folds_will_do(tmp_path: Path) -> None:
    experiment = experiment_on(tmp_path, ["no"] * 298 + ["yes"] * 2, "accuracy", "recall", test_fraction=0.5)
    with pytest.raises(DataError, match="recall would have no value: no validation row is of class 'yes'"):
        prepared_by(tmp_path, experiment)


def test_the_rows_of_the_search_are_what_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lane is judged by a sample of many validation rows, in which a rare class may be missing."""
    targets = ["yes" if number % 50 == 0 else "no" for number in range(300)]
    experiment = experiment_on(tmp_path, targets, "recall")
    table = read_table(Path(experiment.data.file))
    objection = fold_objection(experiment, profile_table(table, target="y"))
    monkeypatch.setattr(judged_folds, "VALIDATION_ROWS", 10)
    y, validation = np.zeros(240, dtype=np.int64), np.arange(80)
    y[limited(validation, 10)[:2]] = 1
    assert objection(y, validation) == ""
    y[:] = np.isin(np.arange(240), limited(validation, 10), invert=True)
    y[80:] = 0
    assert "class 'yes', which has 70 of the 240 rows" in objection(y, validation)
