"""From the experiment's file to prepared arrays in the run's folder; done once, checked at every resume."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from cambrian.data.alike import merged_labels
from cambrian.data.file_digest import sha256_of_file
from cambrian.data.findings import DataWarning
from cambrian.data.part_checks import Parts, part_findings
from cambrian.data.prepared import Prepared, prepare
from cambrian.data.profile import Profile, profile_table
from cambrian.data.read import Table, read_table
from cambrian.data.split import SplitSettings, resolve_folds
from cambrian.errors import DataError
from cambrian.experiment import Experiment
from cambrian.records import RunEvent
from cambrian.run.judged_folds import fold_objection
from cambrian.run.workspace import RunFolder
from cambrian.training.metrics import check_objectives


def read_and_profile(experiment: Experiment) -> tuple[Table, Profile]:
    """Read the experiment's table and profile it for its target.

    Raises:
        DataError: The file cannot be read, or a run on it would be refused; names file, column and remedy.
    """
    data = experiment.data
    table = read_table(Path(data.file))
    if data.merge_labels:
        table = merged_labels(table, data.target)
    profile = profile_table(
        table, target=data.target, task=data.task, positive=data.positive, roles=data.roles, drop=data.drop
    )
    if profile.refusals:
        first = profile.refusals[0]
        raise DataError(f"{table.source.name}: {first.message}", first.remedy)
    return table, profile


def prepare_data(folder: RunFolder, experiment: Experiment, tell: Callable[[RunEvent], None]) -> Prepared:
    """The run's prepared data: what its folder holds if that is sound, else made from the source.

    Raises:
        DataError: The data cannot be used; or the prepared data is damaged and the source has changed.
    """
    if not (folder.data / "manifest.json").exists():
        return _prepare(folder, experiment, tell)
    source = Path(experiment.data.file)
    try:
        prepared = Prepared.open(folder.data)
        prepared.verify()
    except DataError as damage:
        changed = _changed_file(folder.data, experiment)
        if changed is not None:
            raise DataError(
                f"The prepared data of run {folder.id} is damaged ({damage.problem}) and "
                f"{changed.name} is not the file it was made from.",
                "Put the original file back, or start a new run.",
            ) from damage
        tell(RunEvent("data-damaged", "the prepared data was damaged and is made again from the source"))
        shutil.rmtree(folder.data)
        return _prepare(folder, experiment, tell)
    prepared.remove_unfinished()
    state = prepared.source_state()
    if state != "same":
        what = {"changed": "has changed", "missing": "has vanished"}[state]
        text = f"{source.name} {what} since this run began; the run keeps its own copy"
        tell(RunEvent("source-changed", text))
    return prepared


def _changed_file(folder: Path, experiment: Experiment) -> Path | None:
    """The table or test table without the bytes that the (damaged) prepared data was made from, if any."""
    files = {"source": experiment.data.file}
    if experiment.split.test_file:
        files["test_source"] = experiment.split.test_file
    for name, file in files.items():
        try:
            manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
            same = sha256_of_file(Path(file)) == manifest[name]["sha256"]
        except (OSError, ValueError, KeyError, TypeError):
            same = False
        if not same:
            return Path(file)
    return None


def _prepare(folder: RunFolder, experiment: Experiment, tell: Callable[[RunEvent], None]) -> Prepared:
    table, profile = read_and_profile(experiment)
    _warn(profile.warnings, tell)
    if profile.task:
        check_objectives(experiment.search.objectives, profile.task)
    split = experiment.split
    test_table = None
    if split.test_file:
        test_table = read_test_table(experiment, table, profile)
    settings = SplitSettings(split.test_fraction, split.split_seed, split.folds)
    prepared = prepare(
        table,
        profile,
        folder.data,
        split=settings,
        test_table=test_table,
        objection=fold_objection(experiment, profile),
    )
    _warn(part_findings(Parts.of(prepared)), tell)
    usual = resolve_folds(split.folds, prepared.rows.train + (0 if split.test_file else prepared.rows.test))
    if prepared.n_folds < usual:
        folds = "A holdout" if prepared.n_folds == 1 else f"{prepared.n_folds} folds"
        message = f"{folds} in place of {usual}: on one of more folds an objective would have no value."
        _warn([DataWarning("fewer_folds", experiment.data.target, message)], tell)
    tell(
        RunEvent(
            "data-prepared",
            f"{table.source.name}: {table.rows} rows, {len(profile.features)} features, {prepared.task} of "
            f"'{experiment.data.target}'; {prepared.rows.train} rows to train and validate, "
            f"{prepared.rows.test} to test",
            {
                "rows": table.rows,
                "features": len(profile.features),
                "task": prepared.task,
                "training_rows": prepared.rows.train,
                "test_rows": prepared.rows.test,
                "folds": prepared.n_folds,
            },
        )
    )
    return prepared


def read_test_table(experiment: Experiment, table: Table, profile: Profile) -> Table:
    """Read the experiment's test file as its table was read.

    Raises:
        DataError: The file cannot be read.
    """
    test_table = read_table(Path(experiment.split.test_file), readings=table.readings)
    if experiment.data.merge_labels:
        return merged_labels(test_table, experiment.data.target, known=profile.classes)
    return test_table


def _warn(findings: Iterable[DataWarning], tell: Callable[[RunEvent], None]) -> None:
    for found in findings:
        tell(RunEvent("data-warning", f"{found.message} {found.remedy}".strip(), found.to_json()))
