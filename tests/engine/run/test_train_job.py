"""What a real worker says while it trains: a word between any two things that may take long."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from run_parts import individual

from cambrian.experiment import make_experiment
from cambrian.run.generation import Lanes
from cambrian.run.preparation import prepare_data
from cambrian.run.resolution import first_settings, input_width
from cambrian.run.workspace import RunFolder
from cambrian.workers.limits import WorkerSettings
from cambrian.workers.pool import Pool
from cambrian.workers.protocol import Finished, Job, Progress
from real_runs import write_table

LANES = 4


def test_a_worker_speaks_between_tables_epochs_and_judgements(tmp_path: Path) -> None:
    table = write_table(tmp_path / "table.csv", rows=200)
    facts = {"data": {"file": str(table), "target": "label"}, "split": {"folds": LANES}}
    experiment = make_experiment(facts)
    folder = RunFolder(tmp_path / "run")
    for path in (folder.data, folder.lanes, folder.weights):
        path.mkdir(parents=True)
    prepared = prepare_data(folder, experiment, lambda event: None)
    resolved = replace(first_settings(experiment, prepared, device="cpu"), rungs=(2,))
    lanes = Lanes(resolved, lambda genes: input_width(prepared, genes), 0)
    tasks = [lanes.task(individual(0), fold=fold, seed=0, rung=0) for fold in range(LANES)]
    facts = {"written": 0, "bytes": 1, "epoch_seconds": 0.01}
    payload = {
        "folder": str(folder.path),
        "shape": resolved.shape.to_json(),
        "objectives": ["log_loss"],
        "lanes": [task.to_json() | facts for task in tasks],
        "memory_bytes": 2**30,
        "room_bytes": 2**30,
        "tf32": False,
    }
    with Pool(
        "cambrian.run.job_table:HANDLERS", workers=1, devices=["cpu"], settings=WorkerSettings(folder.log)
    ) as pool:
        pool.submit(Job("train", "train", payload, limit_seconds=100.0))
        messages = []
        while pool.outstanding:
            messages += pool.wait(0.5)
    assert isinstance(messages[-1], Finished)
    words = [_word(message.data) for message in messages if isinstance(message, Progress)]
    # One for each fold's table, one for each lane as it begins, every round, every lane that is judged.
    assert words == ["table"] * LANES + ["0 epochs"] * LANES + [f"{LANES} epochs"] * 2 + ["report"] * LANES


def _word(data: dict[str, object]) -> str:
    if "report" in data:
        return "report"
    return f"{len(data['epochs'])} epochs" if "epochs" in data else "table"  # type: ignore[arg-type]
