"""Whether the objectives have a value on every fold; a rare class may be missing from one."""

from __future__ import annotations

import math
from typing import cast

import numpy as np

from cambrian.data.profile import Profile
from cambrian.data.split import Objection, Rows
from cambrian.data.split_dealers import Target
from cambrian.experiment import Experiment
from cambrian.run.resolve import VALIDATION_ROWS, named_objectives
from cambrian.training.metrics import METRICS
from cambrian.training.spec import Task


def fold_objection(experiment: Experiment, profile: Profile) -> Objection:
    """What speaks against a fold's validation rows: objectives that they leave without a value.

    Raises:
        SettingError: An objective is none of the task's, or is given twice.
    """
    task = cast(Task, profile.task)  # a profile without refusals has one
    names = [each.name for each in named_objectives(experiment, task) if each.name in METRICS]

    def objection(y: Target, validation: Rows) -> str:
        seen = cast(Target, np.unique(y[_judged(validation)]))
        without = [name for name in names if not _defined(name, seen, len(profile.classes))]
        return f"{' and '.join(without)} would have no value: {_lack(y, seen, profile)}" if without else ""

    return objection


def _judged(validation: Rows) -> Rows:
    """The rows that a lane is judged by in the search."""
    if len(validation) <= VALIDATION_ROWS:
        return validation
    from cambrian.training.rows import limited  # with torch, which `inspect` need not wait for

    return limited(validation, VALIDATION_ROWS)


def _defined(name: str, seen: Target, classes: int) -> bool:
    """Whether the metric has a value where these are the values of the target; two stand for all."""
    some = seen[:2]
    prediction = np.full((len(some), classes), 1.0 / classes) if classes else np.zeros(len(some))
    return not math.isnan(METRICS[name].compute(some, prediction))


def _lack(y: Target, seen: Target, profile: Profile) -> str:
    if not profile.classes:
        return "its validation rows have one target alone"
    others = int((~np.isin(y, seen)).sum())
    have = f"{others} of the {len(y)} rows to train and validate"
    if len(profile.classes) == 2:
        return f"no validation row is of class {profile.classes[1 - int(seen[0])]!r}, which has {have}"
    return f"every validation row is of class {profile.classes[int(seen[0])]!r}, and the others have {have}"
