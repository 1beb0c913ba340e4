"""`cambrian runs` and `cambrian show`: what runs there are, and where one stands.

`runs --json` prints {version, workspace, runs: [{id, state, file, target, generations, individuals,
objective, best, created, problem}]}. `show --json` prints the object that `run_object` describes, at any
moment of a run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import typer

from cambrian.cli.display import clock_text, write_line
from cambrian.cli.options import JsonOption, RunArgument, WorkspaceOption, workspace_path
from cambrian.cli.printing import write_lines, write_table
from cambrian.cli.result_text import individual_text, inheritance_lines, leaderboard_lines, score_lines
from cambrian.cli.text import json_text, name_text, visible
from cambrian.errors import RunError
from cambrian.run.facts import (
    ENDED_UNEXPECTEDLY,
    RunSummary,
    asked,
    busy_share,
    bytes_on_disk,
    failures,
    moment,
    summarise,
    true_state,
)

if TYPE_CHECKING:
    from cambrian.run.workspace import RunFolder

SCHEMA_VERSION = 1
_LEADERS = 20
_UNITS = ("bytes", "kB", "MB", "GB", "TB")
_NOT_PACE = ("space", "objectives", "task", "outputs")


def register(app: typer.Typer) -> None:
    """Attach the commands."""
    app.command("runs")(runs)
    app.command("show")(show)


def runs(as_json: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """List the runs of the workspace, the latest last."""
    from cambrian.run.workspace import Workspace

    place = workspace_path(workspace)
    found = [summarise(folder) for folder in Workspace(place).folders()]
    if as_json:
        listed = [each.to_json() for each in found]
        write_line(json_text({"version": SCHEMA_VERSION, "workspace": str(place), "runs": listed}))
    elif not found:
        write_line(visible(f"There is no run in {place}. `cambrian run FILE --target COLUMN` starts one."))
    else:
        header = ["run", "state", "data", "target", "generations", "individuals", "best", "age"]
        write_table([header, *(_summary_cells(each) for each in found)])
        write_lines(f"{each.id}: {each.problem}" for each in found if each.problem)


def show(run: RunArgument, as_json: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """Show where a run stands: leaderboard, champion, test scores, failures, disk use."""
    from cambrian.run.workspace import Workspace

    folder = Workspace(workspace_path(workspace)).find(run)
    facts = run_object(folder)
    if as_json:
        write_line(json_text(facts))
    else:
        _write_report(folder, facts)


def run_object(folder: RunFolder) -> dict[str, Any]:
    """A run as a JSON object; what is not there yet is null.

    Keys: version, id, state (of `RunState`, or 'ended unexpectedly'), error, seed, created, started,
    finished, heartbeat (UTC), used_seconds, experiment (nested as in TOML), resolved (what the run decided:
    population, epochs, rungs, folds, ...), versions, counts {generations, individuals, evaluations by state,
    epochs, events}, objectives, leaderboard, champion {individual, generation, operator, key, genome, active,
    validation, inherited (null, or {parent, epochs, validation} of the search), networks, ...}, test {rows,
    metric, scores by model and metric {value, error}, differences},
    test_looks (how often the test part was scored, or was about to be),
    baselines {rows, of_rows, ... by name}, verdict,
    search {ended (why; null while it goes on), individuals, seconds, worker_seconds, busy_seconds, busy,
    lane_epochs, program_epochs, lanes_per_program; over all executions},
    failures [{state, reason, error, count}], workers (of the last execution),
    busy (0 to 1: the search's), folder, bytes.

    Raises:
        RunError: The database cannot be read, or another program keeps it locked.
    """
    from cambrian.store.connection import StoreBlockedError
    from cambrian.store.reader import RunReader

    try:
        with RunReader(folder.database) as reader:
            row = reader.run()
            result = row.result or {}
            return {
                "version": SCHEMA_VERSION,
                "id": folder.id,
                "state": true_state(folder, row),
                "error": row.error,
                "seed": row.seed,
                "created": row.created,
                "started": row.started,
                "finished": row.finished,
                "heartbeat": row.heartbeat,
                "used_seconds": row.used_seconds,
                "experiment": asked(row),
                "resolved": _without_space(row.resolved),
                "versions": row.versions,
                "counts": asdict(reader.counts()),
                "objectives": [asdict(each) for each in reader.objectives()],
                "leaderboard": [asdict(each) for each in reader.leaderboard(_LEADERS)],
                "champion": result.get("champion"),
                "test": result.get("test"),
                "test_looks": row.test_looks,
                "baselines": result.get("baselines") or row.baselines,
                "verdict": result.get("verdict"),
                "search": result.get("search") or row.search,
                "failures": [asdict(each) for each in failures(reader)],
                "workers": [asdict(each) for each in reader.workers()],
                "busy": busy_share(row, reader),
                "folder": str(folder.path),
                "bytes": bytes_on_disk(folder),
            }
    except StoreBlockedError as error:
        raise RunError(str(error), "Try again in a moment.", exit_code=1) from error


def _without_space(resolved: dict[str, Any] | None) -> dict[str, Any] | None:
    """The search space is long, and `cambrian space` shows it better."""
    return resolved and {name: value for name, value in resolved.items() if name != "space"}


def _summary_cells(each: RunSummary) -> list[str]:
    from pathlib import PurePath

    best = "" if each.best is None else f"{each.objective} {each.best:.6g}"
    return [
        each.id,
        each.state,
        name_text(PurePath(each.file).name),
        name_text(each.target),
        str(each.generations),
        str(each.individuals),
        best,
        _age(each.created),
    ]


def _age(created: str) -> str:
    if not created:
        return ""
    seconds = max(0.0, (datetime.now(UTC) - moment(created)).total_seconds())
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def _write_report(folder: RunFolder, facts: Mapping[str, Any]) -> None:
    write_lines(_state_lines(facts))
    write_lines(leaderboard_lines(folder, facts["champion"] and facts["champion"]["individual"]))
    best = facts["champion"] or next(iter(facts["leaderboard"]), None)
    if best is not None:
        label = "champion" if facts["champion"] else "best so far"
        _write_genome(folder, label, best)
        write_lines(inheritance_lines(best))
    if facts["test"]:
        write_lines(score_lines(facts))
        write_lines(["", str(facts["verdict"])])
    if facts["failures"]:
        write_line("")
        write_table(_failure_cells(facts["failures"]))
    write_lines(["", *_closing_lines(facts)])


def _state_lines(facts: Mapping[str, Any]) -> Iterator[str]:
    data = facts["experiment"].get("data", {})
    yield f"{facts['id']}: {facts['state']}"
    if facts["state"] == ENDED_UNEXPECTEDLY:
        yield f"No process executes it. `cambrian resume {facts['id']}` goes on from where it stood."
    if facts["error"]:
        yield f"error: {facts['error']}"
    yield f"data: {data.get('file', 'unknown')}, target {data.get('target', 'unknown')}"
    counts = facts["counts"]
    trained = ", ".join(f"{number} {state}" for state, number in sorted(counts["evaluations"].items()))
    evaluated = f"; evaluations: {trained}" if trained else ""
    yield f"{counts['generations']} generations, {counts['individuals']} individuals{evaluated}"
    if facts["resolved"]:
        pace = {name: value for name, value in facts["resolved"].items() if name not in _NOT_PACE}
        yield "resolved: " + ", ".join(f"{name} {_value(value)}" for name, value in pace.items())


def _value(value: Any) -> str:
    if isinstance(value, list):
        return "/".join(_value(each) for each in value)
    return f"{value:.6g}" if isinstance(value, float) else "none" if value is None else str(value)


def _write_genome(folder: RunFolder, label: str, best: Mapping[str, Any]) -> None:
    genome = best["genome"]
    active, helps = _space_of(folder, genome)
    write_lines(["", f"{label}: {individual_text(best, active)}", ""])
    rows = [
        [name, _gene_value(value), helps.get(name, "")] for name, value in genome.items() if name in active
    ]
    write_table([["gene", "value", "meaning"], *rows])


def _space_of(folder: RunFolder, genome: Mapping[str, Any]) -> tuple[frozenset[str], dict[str, str]]:
    """The genes whose conditions hold, and what each gene does, by the run's own search space."""
    from cambrian.space.space import SearchSpace
    from cambrian.store.reader import RunReader

    with RunReader(folder.database) as reader:
        resolved = reader.run().resolved or {}
    if not resolved.get("space"):
        return frozenset(genome), {}
    space = SearchSpace.from_json(resolved["space"])
    return space.active(genome), {gene.name: gene.help for gene in space.genes}


def _gene_value(value: Any) -> str:
    from cambrian.space.genes import show as show_value

    return show_value(value)


def _failure_cells(groups: list[dict[str, Any]]) -> list[list[str]]:
    cells = [["failed", "count", "error"]]
    for group in groups:
        first_line = str(group["error"]).splitlines()[0]
        cells.append([group["reason"] or group["state"], str(group["count"]), first_line])
    return cells


def _closing_lines(facts: Mapping[str, Any]) -> Iterator[str]:
    if looks := facts["test_looks"]:
        yield f"test part: looked at {'once' if looks == 1 else f'{looks} times'}"
    if facts["busy"] is not None:
        yield f"workers: {len(facts['workers'])}, {facts['busy']:.0%} busy"
    if facts["used_seconds"]:
        yield f"time: {clock_text(facts['used_seconds'])}"
    yield f"folder: {facts['folder']} ({_size(facts['bytes'])})"


def _size(size: float) -> str:
    for unit in _UNITS:
        if size < 1000 or unit == _UNITS[-1]:
            break
        size /= 1000
    return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
