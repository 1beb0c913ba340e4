"""From the experiment's file to prepared arrays in the run's folder; done once, checked at every resume."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from cambrian.data.alike import merged_labels
from cambrian.data.findings import DataWarning
from cambrian.data.part_checks import Parts, part_findings
from cambrian.data.prepared import Prepared, prepare
from cambrian.data.profile import Profile, profile_table
from cambrian.data.read import Table, read_table
from cambrian.data.reading.files import content_hash
from cambrian.data.row_columns import RowColumns
from cambrian.data.split import SplitSettings, resolve_folds
from cambrian.errors import DataError
from cambrian.experiment import Experiment
from cambrian.records import RunEvent
from cambrian.run.judged_folds import fold_objection
from cambrian.run.workspace import RunFolder
from cambrian.training.metrics import check_objectives


def read_and_profile(experiment: Experiment, *, spool: Path | None = None) -> tuple[Table, Profile]:
    """Read the experiment's table and profile it for its target.

    Args:
        experiment: What was asked.
        spool: Folder for the copy of a large table, which goes with it.

    Raises:
        DataError: The file cannot be read, or a run on it would be refused; names file, column and remedy.
    """
    table = read_table(Path(experiment.data.file), experiment.data.reading, spool=spool)
    if experiment.data.merge_labels:
        table = merged_labels(table, experiment.data.target)
    profile = profile_for(experiment, table)
    if profile.refusals:
        first = profile.refusals[0]
        raise DataError(f"{table.source.name}: {first.message}", first.remedy)
    return table, profile


def profile_for(experiment: Experiment, table: Table, *, with_target: bool = True) -> Profile:
    """The profile of a table under the experiment's settings.

    Raises:
        SettingError: A setting names an unknown column, role or class, or does not fit the column.
    """
    data, split = experiment.data, experiment.split
    return profile_table(
        table,
        target=data.target if with_target else None,
        task=data.task,
        positive=data.positive,
        roles=data.roles,
        drop=data.drop,
        orders=data.ordinal,
        rows=RowColumns(data.weight, split.group, split.time),
    )


def read_test_table(
    experiment: Experiment, table: Table, profile: Profile, *, spool: Path | None = None
) -> Table:
    """Read the experiment's test file, its columns as those of the table to learn from.

    Raises:
        DataError: The file cannot be read.
    """
    file = Path(experiment.split.test_file)
    test_table = read_table(file, readings=table.readings, earlier=table.reading, spool=spool)
    if experiment.data.merge_labels:
        return merged_labels(test_table, experiment.data.target, known=profile.classes)
    return test_table


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
            same = content_hash(Path(file)) == manifest[name]["sha256"]
        except (OSError, ValueError, KeyError, TypeError):
            same = False
        if not same:
            return Path(file)
    return None


def _prepare(folder: RunFolder, experiment: Experiment, tell: Callable[[RunEvent], None]) -> Prepared:
    spool = folder.data / "spool"
    shutil.rmtree(spool, ignore_errors=True)  # what a killed process left
    try:
        return _prepared_from(folder, experiment, tell, spool)
    finally:
        shutil.rmtree(spool, ignore_errors=True)


def _prepared_from(
    folder: RunFolder, experiment: Experiment, tell: Callable[[RunEvent], None], spool: Path
) -> Prepared:
    table, profile = read_and_profile(experiment, spool=spool)
    _warn(profile.warnings, tell)
    if profile.task:
        check_objectives(experiment.search.objectives, profile.task)
    split = experiment.split
    test_table = None
    if split.test_file:
        test_table = read_test_table(experiment, table, profile, spool=spool)
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
        by = prepared.manifest["split"].get("column")
        lack = "" if by is None else f"`{by}` has too few values for more, or "
        message = f"{folds} in place of {usual}: {lack}on one of more folds an objective would have no value."
        _warn([DataWarning("fewer_folds", experiment.data.target, message)], tell)
    tell(
        RunEvent(
            "data-prepared",
            f"{table.source.name}: {table.rows} rows, {len(profile.features)} features, {prepared.task} of "
            f"'{experiment.data.target}'; {prepared.rows.train} rows to train and validate, "
            f"{prepared.rows.test} to test{_by_columns(prepared)}",
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


def _warn(findings: Iterable[DataWarning], tell: Callable[[RunEvent], None]) -> None:
    for found in findings:
        tell(RunEvent("data-warning", f"{found.message} {found.remedy}".strip(), found.to_json()))


def _by_columns(prepared: Prepared) -> str:
    """What was done with the columns of groups, times and weights, as the end of a sentence."""
    facts = prepared.manifest["split"]
    parts = []
    if facts.get("kind") == "groups":
        parts.append(f"no value of '{facts['column']}' is in two parts")
    elif facts.get("kind") == "time":
        parts.append(f"later rows by '{facts['column']}' validate, and the latest test")
    if "weight" in facts:
        left_out = facts["rows_of_weight_0"]
        parts.append(
            f"rows weigh as '{facts['weight']}' says"
            + (f" ({left_out} of weight 0 left out)" if left_out else "")
        )
    return "".join(f"; {part}" for part in parts)
