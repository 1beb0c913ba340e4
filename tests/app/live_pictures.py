"""Pictures of runs that no test could wait for, as plain values."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from cambrian.records import Objective, RunState
from cambrian.store.rows import EventRow, GenerationRow, IndividualRow, LeaderboardRow, RunRow
from cambrian_desktop.run_picture import Pace, RunPicture

RMSE = Objective("rmse", "minimize")
AUC = Objective("roc_auc", "maximize")
GENOME = {
    "family": "mlp",
    "layers": 2,
    "shape": "free",
    "width_1": 64,
    "width_2": 32,
    "activation": "relu",
    "normalisation": "none",
    "optimizer": "adamw",
}
"""The genes by which a network is named."""


def run_row(**changes: Any) -> RunRow:
    row = RunRow(
        id="one",
        state=RunState.RUNNING,
        heartbeat="",
        created="",
        started="",
        finished=None,
        seed=7,
        champion=None,
        error=None,
        used_seconds=90.0,
        experiment="",
        versions={},
        resolved={"population": 4, "task": "regression"},
        baselines=None,
        result=None,
        stop=None,
        search=None,
        repeats=None,
        choice=None,
        test_looks=0,
    )
    return replace(row, **changes)


def individual(number: int, values: tuple[float, ...] | None, **changes: Any) -> IndividualRow:
    row = IndividualRow(
        number=number,
        generation=number // 4,
        genome=GENOME,
        key=str(number),
        species="s",
        operator="draw",
        changed=(),
        parents=(),
        rung=2,
        rank=number % 4,
        values=values,
    )
    return replace(row, **changes)


def picture(
    values: list[tuple[float, ...] | None], objectives: tuple[Objective, ...] = (RMSE,), **changes: Any
) -> RunPicture:
    """A run whose generations of four are complete."""
    rows = tuple(individual(number, each) for number, each in enumerate(values))
    generations = tuple(
        GenerationRow(number, True, "", "", None) for number in range(max(1, len(values) // 4))
    )
    pace = Pace(len(values), 12.0, 0, 0, 90.0, 760.0, datetime(2026, 1, 1, 14, 32), 26, 0.96, 4)
    alive = [row for row in rows if row.values and not math.isnan(row.values[0])]
    alive.sort(key=lambda row: objectives[0].cost(row.values[0] if row.values else math.inf))
    leaders = tuple(
        LeaderboardRow(
            place,
            row.number,
            row.generation,
            2,
            objectives[0].name,
            row.values[0] if row.values else math.nan,
            "s",
            "draw",
            row.key,
            row.genome,
        )
        for place, row in enumerate(alive, 1)
    )
    made = RunPicture(
        folder=Path("one"),
        state="running",
        run=run_row(),
        asked={"search": {"strategy": "genetic"}},
        objectives=objectives,
        generations=generations if values else (),
        individuals=rows,
        settled=len(rows),
        leaders=leaders,
        pace=pace,
    )
    return replace(made, **changes)


def event(number: int, kind: str) -> EventRow:
    return EventRow(number, "2026-01-01T12:00:00+00:00", kind, kind, {})
