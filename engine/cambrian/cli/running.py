"""`cambrian run` and `cambrian resume`: a run from its file to a delivered model, shown while it goes."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cambrian.cli.app import (
    EXIT_DONE,
    EXIT_INTERRUPTED,
    JsonOption,
    RunArgument,
    WorkspaceOption,
    workspace_path,
)
from cambrian.cli.role_option import parse_roles
from cambrian.errors import DataError, SettingError

if TYPE_CHECKING:
    from cambrian.experiment import Experiment
    from cambrian.run.run import Ended, Run
    from cambrian.run.workspace import RunFolder


def register(app: typer.Typer) -> None:
    """Attach the commands."""
    app.command("run")(run)
    app.command("resume")(resume)


def run(
    file: Annotated[Path | None, typer.Argument(help="Table to learn from: CSV, TSV or Parquet.")] = None,
    target: Annotated[str | None, typer.Option(help="Column to predict.")] = None,
    experiment: Annotated[
        Path | None, typer.Option(help="Experiment file (TOML); options override it.")
    ] = None,
    task: Annotated[
        str | None, typer.Option(help="binary, multiclass or regression; default: found.")
    ] = None,
    positive: Annotated[str | None, typer.Option(help="Positive class; default: the rarer.")] = None,
    role: Annotated[list[str] | None, typer.Option(help="column=role; may be repeated.")] = None,
    drop: Annotated[list[str] | None, typer.Option(help="Column to leave out; may be repeated.")] = None,
    minutes: Annotated[float | None, typer.Option(help="Minutes from start to result; default 10.")] = None,
    generations: Annotated[int | None, typer.Option(help="Generations; reproducible.")] = None,
    evaluations: Annotated[int | None, typer.Option(help="Individuals; reproducible.")] = None,
    population: Annotated[int | None, typer.Option(help="Individuals a generation.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Epoch budget of the longest lane.")] = None,
    folds: Annotated[int | None, typer.Option(help="Folds; 1 is a holdout; default by rows.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of search and networks; default 0.")] = None,
    split_seed: Annotated[int | None, typer.Option(help="Seed of the split; default 0.")] = None,
    test_file: Annotated[Path | None, typer.Option(help="Table of the test rows.")] = None,
    strategy: Annotated[str | None, typer.Option(help="genetic or random.")] = None,
    objective: Annotated[list[str] | None, typer.Option(help="What to optimise; may be repeated.")] = None,
    buckets: Annotated[
        int | None, typer.Option(help="Species a generation; default population // 16.")
    ] = None,
    devices: Annotated[str | None, typer.Option(help="auto, cpu, mps, cuda or cuda:0,1.")] = None,
    workers: Annotated[int | None, typer.Option(help="Worker processes; default one a core or GPU.")] = None,
    memory_mb: Annotated[int | None, typer.Option(help="Memory of one individual at most, in MB.")] = None,
    keep: Annotated[int | None, typer.Option(help="Individuals whose weights are kept; default 200.")] = None,
    run_id: Annotated[str | None, typer.Option(help="Id of the new run; default: made up.")] = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> int:
    """Evolve networks for a table, and score the best one beside the baselines on rows it never saw."""
    from cambrian.run.run import Run, create_run, discard_run
    from cambrian.run.workspace import Workspace

    chosen = _experiment(
        experiment,
        {
            "data": {
                "file": None if file is None else str(file.expanduser().absolute()),
                "target": target,
                "task": task,
                "positive": positive,
                "roles": parse_roles(role) if role else None,
                "drop": drop or None,
            },
            "split": {
                "test_file": None if test_file is None else str(test_file.expanduser().absolute()),
                "split_seed": split_seed,
                "folds": folds,
            },
            "search": {
                "strategy": strategy,
                "objectives": objective or None,
                "population": population,
                "epochs": epochs,
                "buckets": buckets,
            },
            "budget": {"minutes": minutes, "generations": generations, "evaluations": evaluations},
            "limits": {"memory_mb": memory_mb},
            "execution": {"devices": devices, "workers": workers, "keep": keep},
            "seed": {"seed": seed},
        },
    )
    folder = create_run(Workspace(workspace_path(workspace)), chosen, run_id=run_id)
    try:
        return _execute(folder, as_json=as_json, make=Run)
    except (DataError, SettingError):
        if run_id is None:
            discard_run(folder)  # refused before anything was trained: leave no empty run behind
        raise


def resume(run: RunArgument, as_json: JsonOption = False, workspace: WorkspaceOption = None) -> int:
    """Go on with a run that was interrupted, killed or paused."""
    from cambrian.run.requests import write_request
    from cambrian.run.run import Run
    from cambrian.run.workspace import Workspace
    from cambrian.store.lock import RunLock
    from cambrian.store.reader import RunReader

    folder = Workspace(workspace_path(workspace)).find(run)
    if RunLock(folder.path).is_held():
        reader = RunReader(folder.database)
        state = reader.run().state
        reader.close()
        if state == "paused":
            write_request(folder.requests, "resume")
            typer.echo("asked to go on")
            return EXIT_DONE
    return _execute(folder, as_json=as_json, make=Run)


def _execute(folder: RunFolder, *, as_json: bool, make: type[Run]) -> int:
    from cambrian.cli.display import make_display
    from cambrian.records import RunState

    with make_display(folder, as_json=as_json) as display:
        execution = make(folder, listener=display.show)
        _handle_signals(execution)
        ended: Ended = execution.execute()
    display.result(ended)
    return EXIT_INTERRUPTED if ended.state is RunState.INTERRUPTED else EXIT_DONE


def _handle_signals(execution: Run) -> None:
    """SIGINT, SIGTERM, SIGHUP: park and end, resumable; a second one ends at once."""
    from cambrian.cli.display import restore_terminal

    seen = 0

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal seen
        seen += 1
        if seen > 1:
            # The workers see the closed pipes and end by themselves.
            restore_terminal()
            os._exit(EXIT_INTERRUPTED)
        execution.interrupt()

    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), stop)
    # A run that was started detached (nohup, setsid) is meant to outlive its terminal.
    if (
        hasattr(signal, "SIGHUP")
        and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN
        and _has_terminal()
    ):
        signal.signal(signal.SIGHUP, stop)
    elif hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)


def _has_terminal() -> bool:
    with suppress(OSError):
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
        return True
    return False


def _experiment(path: Path | None, options: dict[str, dict[str, Any]]) -> Experiment:
    """The experiment of the file, with the given options in place of its keys."""
    from cambrian.experiment import Experiment, make_experiment

    given = {
        section: {key: value for key, value in values.items() if value is not None}
        for section, values in options.items()
    }
    if path is not None:
        return Experiment.load(path).changed(**given)
    data = given["data"]
    if "file" not in data:
        raise SettingError(
            "No table was named.", "Write `cambrian run FILE --target COLUMN`, or --experiment FILE."
        )
    if "target" not in data:
        raise SettingError(
            "No target was named.",
            f"Add --target COLUMN; `cambrian inspect {data['file']}` shows the columns.",
        )
    tree: dict[str, Any] = {section: values for section, values in given.items() if section != "seed"}
    return make_experiment(tree | given["seed"], source="the command line")
