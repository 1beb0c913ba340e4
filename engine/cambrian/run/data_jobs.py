"""What the workers do without torch: the handlers of the jobs that prepare the data and fit the baselines.

Loading torch takes seconds, in which the first worker has read and prepared most tables.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

from cambrian.data.prepared import Prepared
from cambrian.data.read import give_back_memory
from cambrian.errors import UserFacingError
from cambrian.experiment import Experiment
from cambrian.results.baselines import fit_baselines
from cambrian.run.preparation import prepare_data
from cambrian.run.workspace import RunFolder
from cambrian.workers.worker import WorkContext


@lru_cache(maxsize=2)
def prepared_of(folder: str) -> Prepared:
    """The prepared data of the run in a folder; a worker keeps the last ones open."""
    return Prepared.open(RunFolder(Path(folder)).data)


def prepare(payload: Mapping[str, Any], context: WorkContext) -> dict[str, Any]:
    """Read and prepare the run's data, or check what is there; emits the events.

    An error that is meant for the user comes back as `{"refusal": {kind, problem, remedy, exit_code}}`.
    """
    folder = RunFolder(Path(payload["folder"]))
    experiment = Experiment.from_toml(payload["experiment"], source=f"the experiment of run {folder.id}")
    try:
        prepare_data(folder, experiment, lambda event: context.emit(asdict(event)))
    except UserFacingError as error:
        names = ("problem", "remedy", "exit_code")
        return {"refusal": {"kind": type(error).__name__} | {name: getattr(error, name) for name in names}}
    give_back_memory()  # the worker trains next
    return {}


def baselines(payload: Mapping[str, Any], context: WorkContext) -> dict[str, Any]:
    """Fit the baselines and keep their predictions for the test rows; emits each one's facts by its name."""
    folder = RunFolder(Path(payload["folder"]))
    seconds = payload["seconds"]
    fit_baselines(
        prepared_of(payload["folder"]),
        folder.baselines,
        seconds=math.inf if seconds is None else seconds,
        names=payload["names"],
        fitted=lambda name, facts: context.emit({name: facts}),
    )
    return {}
