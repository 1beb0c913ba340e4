"""The events of an execution: what each says in words, and its data for programs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cambrian.records import Objective, RunEvent
from cambrian.results.baselines import labels
from cambrian.run.lanes import LaneReport, LaneTask
from cambrian.run.leaders import Leaders
from cambrian.run.resolve import Resolved
from cambrian.run.workspace import RunFolder
from cambrian.store.columns import utc_now, utc_text
from cambrian.store.rows import WorkerRow
from cambrian.training.spec import Task
from cambrian.workers.protocol import WorkerState


def run_started(folder: RunFolder, devices: Sequence[str], *, seed: int, budget: dict[str, Any]) -> RunEvent:
    """The run begins or goes on."""
    return RunEvent(
        "run-started",
        f"run {folder.id} with {len(devices)} workers",
        {
            "run": folder.id,
            "folder": str(folder.path),
            "devices": list(devices),
            "seed": seed,
            "budget": budget,
        },
    )


def fitted_baselines(
    task: Task, metric: str, baselines: Mapping[str, Mapping[str, Any]]
) -> Iterator[RunEvent]:
    """How the baselines do, and which of them there will be no comparison with."""
    for name, each in baselines.items():
        if "error" in each:
            text = f"no comparison with {labels(task)[name]} ({each['error']})"
            yield RunEvent("baseline-failed", text, {"baseline": name, "error": each["error"]})
    fitted = {name: each for name, each in baselines.items() if "error" not in each}
    scores = {name: each["validation"][metric] for name, each in fitted.items()}
    text = ", ".join(
        f"{name} {'undefined' if value is None else f'{value:.6g}'}" for name, value in scores.items()
    )
    samples = "".join(
        f"; {name} fitted on {each['rows']} of {each['of_rows']} rows to keep the time"
        for name, each in fitted.items()
        if each["rows"] < each["of_rows"]
    )
    yield RunEvent(
        "baselines",
        f"baselines on fold 0, {metric}: {text or 'none'}{samples}",
        {"metric": metric, "validation": scores},
    )


def resolved_settings(resolved: Resolved) -> RunEvent:
    """What the run works with from now on."""
    short = resolved.rows_per_epoch < resolved.rows
    return RunEvent(
        "resolved",
        f"population {resolved.population}, epoch budget {resolved.epochs}, rungs at epoch "
        f"{', '.join(map(str, resolved.rungs))}, {resolved.folds} folds, {resolved.buckets} species"
        + (f", {resolved.rows_per_epoch} rows an epoch" if short else "")
        + (f", batches of {resolved.batch_size} rows" if resolved.batch_size else ""),
        {key: value for key, value in resolved.to_json().items() if key != "space"},
    )


def generation_finished(
    generation: int, leaders: Leaders, objectives: Sequence[Objective], figures: Mapping[str, Any]
) -> RunEvent:
    """A generation is over; the best so far is who would be the first finalist now.

    Args:
        generation: Its number.
        leaders: Those of the whole run.
        objectives: What they are ranked by.
        figures: Of the generation: evaluated, failed, and those of its packs.
    """
    leader = leaders.leader
    names = [each.name for each in objectives]
    values = dict(zip(names, leader.values, strict=True)) if leader and leader.values else {}
    text = ", ".join(f"{name} {value:.6g}" for name, value in values.items())
    number = leader.individual.number if leader else None
    return RunEvent(
        "generation-finished",
        f"generation {generation}: best so far {text or 'none'}"
        + (f" (individual {number})" if leader else "")
        + (f"; {figures['failed']} failed" if figures["failed"] else ""),
        {"generation": generation, "best": values, "individual": number, **figures},
    )


def search_finished(search: dict[str, Any]) -> RunEvent:
    """The search is over; `search` has why and its figures."""
    lanes = search["lanes_per_program"]
    return RunEvent(
        "search-finished",
        f"search over after {search['seconds']:.0f} s: {search['individuals']} individuals, "
        f"workers {search['busy']:.0%} busy" + (f", {lanes:.1f} networks trained at once" if lanes else ""),
        search,
    )


def lane_failed(task: LaneTask, report: LaneReport) -> RunEvent:
    """A lane has no value that could rank it."""
    lane = task.id
    return RunEvent(
        "evaluation-failed",
        f"individual {lane.individual}, fold {lane.fold}: {report.error}",
        {
            **lane._asdict(),
            "evaluation_state": str(report.state),
            "reason": None if report.reason is None else str(report.reason),
        },
    )


def beat(states: Sequence[WorkerState], *, seconds: float, running: float, left: float) -> RunEvent:
    """The run lives; for the display alone, never stored.

    Args:
        states: The workers of this execution.
        seconds: Running time over all executions.
        running: Running time of this one; their share of it that the workers had a job is `busy`.
        left: Seconds left of a budget in minutes.
    """
    busy = sum(each.busy_seconds for each in states)
    return RunEvent(
        "beat",
        "",
        {
            "seconds": seconds,
            "left": None if math.isinf(left) else left,
            "workers": [
                {"worker": each.worker, "device": each.device, "state": each.state, "job": each.job}
                for each in states
            ],
            "busy": busy / max(1e-9, len(states) * running),
        },
    )


def worker_row(state: WorkerState) -> WorkerRow:
    """A worker as the database shows it."""
    return WorkerRow(
        worker=state.worker,
        pid=state.pid,
        device=state.device,
        state=state.state,
        job=state.job,
        busy_seconds=state.busy_seconds,
        started=utc_text(state.started),
        updated=utc_now(),
    )
