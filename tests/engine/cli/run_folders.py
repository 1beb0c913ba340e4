"""Makers of run folders, written through `RunWriter` as a run writes its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from cambrian.experiment import make_experiment
from cambrian.records import Evaluation, Individual, Objective, Outcome, Reason, RunState, State
from cambrian.run.versions import installed_versions
from cambrian.run.workspace import RunFolder, Workspace
from cambrian.space.build import SpaceFacts, build_space
from cambrian.store.rows import WorkerRow
from cambrian.store.writer import RunWriter

SPACE = build_space(SpaceFacts("multiclass", rows=200))
SCORE = {"value": 0.05, "error": 0.02}


def make_run(
    workspace: Path,
    run_id: str,
    *,
    state: RunState = RunState.RUNNING,
    data: Path = Path("/data/企鹅 表.csv"),
    result: dict[str, Any] | None = None,
) -> RunFolder:
    """A run of one complete generation of three individuals, one of them failed on both folds."""
    folder = Workspace(workspace).new("data", run_id)
    folder.create()
    experiment = make_experiment({"data": {"file": str(data), "target": "species"}})
    writer = RunWriter.create(
        folder.database,
        run_id=folder.id,
        seed=3,
        experiment_toml=experiment.to_toml(),
        versions=installed_versions(),
        objectives=[Objective("log_loss", "minimize")],
    )
    with writer:
        rng = np.random.default_rng(0)
        individuals = [Individual(number, 0, SPACE.draw(rng), "draw", "b32") for number in range(3)]
        writer.begin_generation(0, individuals, {}, [])
        done = [Evaluation(number, 0, 0, State.COMPLETE, rung=1, epochs=4) for number in (0, 1)]
        failed = [
            Evaluation(2, fold, 0, State.FAILED, Reason.DIVERGED, f"the loss was nan in epoch {fold + 1}")
            for fold in (0, 1)
        ]
        writer.save_evaluations([*done, *failed])
        values = ((0.9,), (0.25,), None)
        outcomes = [
            Outcome(each, 1 if value else -1, value) for each, value in zip(individuals, values, strict=True)
        ]
        writer.finish_generation(0, outcomes, [1, 0, 2], {})
        times = "2025-01-01T00:00:00.000Z", "2025-01-01T00:00:10.000Z"
        writer.save_workers([WorkerRow(0, 1, "cpu", "busy", "pack-1", 9.0, *times)])
        writer.update_run(
            state=state,
            started=times[0],
            used_seconds=10.0,
            resolved={"population": 3, "epochs": 4, "rungs": [1, 4], "space": SPACE.to_json()},
            champion=None if result is None else 1,
            search=result and result["search"],
            result=result,
        )
    return folder


def result_of(folder_id: str) -> dict[str, Any]:
    genome = SPACE.default()
    scores = {"log_loss": SCORE, "roc_auc": {"value": None, "error": None}}
    return {
        "champion": {
            "run": folder_id, "individual": 1, "generation": 0, "operator": "draw", "key": genome.key,
            "genome": genome.to_json(), "active": sorted(genome.active), "validation": {"log_loss": 0.25},
            "networks": ["1-0-0", "1-1-0"],
        },
        "test": {
            "rows": 68, "metric": "log_loss",
            "scores": {"champion": scores, "linear": scores},
            "differences": {"linear": {"value": 0.0, "error": 0.01}},
        },
        "baselines": {"linear": {"rows": 276, "of_rows": 276}},
        "verdict": "On 68 rows it never saw, the network is not clearly different from a linear model.",
        "search": {"seconds": 8.0, "individuals": 3, "busy": 0.87},
    }  # fmt: skip
