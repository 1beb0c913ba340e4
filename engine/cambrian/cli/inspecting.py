"""`cambrian inspect`: what every column of a table is, and whether `cambrian run` would learn from it.

`--json` prints the profile (`cambrian.data.profile.Profile`) as an object: {version, file, refused, rows,
target, task, classes, class_counts, target_rows, missing_target, columns: [{name, role, used, missing,
distinct, low, high, mean, quartiles, commonest, histogram, warnings, ...}], duplicates, warnings, refusals,
notes, ...}. `refused` is null without a target; warnings and refusals are {code, column, message, remedy}.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cambrian.cli.display import write_line
from cambrian.cli.options import EXIT_DONE, EXIT_USAGE, JsonOption
from cambrian.cli.printing import write_lines, write_table
from cambrian.cli.reading_bar import reading_bar
from cambrian.cli.settings import NAMES, with_settings
from cambrian.cli.text import json_text, name_text, on_terminal, visible
from cambrian.errors import DataError, SettingError
from cambrian.experiment import Experiment, make_experiment

if TYPE_CHECKING:
    from cambrian.data.findings import DataWarning
    from cambrian.data.profile import ColumnProfile, Profile
    from cambrian.data.read import Table

SCHEMA_VERSION = 1
_OF_SPACE = ("objectives", "preset", "genes", "epochs", "batch_size")
"""Settings of the search that may not fit the data."""
_VALUES_SHOWN = 3
_VALUE_WIDTH = 24
_CLASSES_SHOWN = 20
_COLUMNS_SHOWN = 500
"""On a terminal; redirected, nothing is left out."""
_BARS = "▁▂▃▄▅▆▇█"
_ASCII_BARS = "_.:-=+*#"
"""For a console that cannot show the others. The first is a bin without rows."""
_WHOLE = 1e15
"""Below it a whole number is shown with all its digits."""


def register(app: typer.Typer) -> None:
    """Attach the command."""
    sections = ("data", "reading", "split", *_OF_SPACE)
    app.command("inspect")(with_settings(inspect, sections=sections))


def inspect(
    file: Annotated[Path, typer.Argument(help="Table to look at: CSV, Parquet, Excel, a database, ...")],
    as_json: JsonOption = False,
    settings: Any = None,
) -> int:
    """Show what a table holds: columns, roles, classes, warnings.

    With --target the exit status is 2 exactly when `cambrian run` with the same options would refuse the
    table, and 0 otherwise.
    """
    from cambrian.data.alike import merged_labels
    from cambrian.data.read import read_table
    from cambrian.run.asked_space import check_asked_space
    from cambrian.run.preparation import profile_for

    file = file.expanduser()
    experiment, judged = _asked(file, settings)
    check_asked_space(experiment)
    data = experiment.data
    with reading_bar(file) as progress:
        table = read_table(file, data.reading, progress=progress)
    if data.merge_labels and judged:
        table = merged_labels(table, data.target)
    profile = profile_for(experiment, table, with_target=judged)
    refusals: tuple[DataWarning, ...] = ()
    if judged:
        refusals, of_parts = judged_parts(table, profile, experiment)
        profile = profile.with_findings(of_parts)
    if as_json:
        write_line(json_text(_json(file, profile, refusals, judged=judged)))
    else:
        _write_report(table, profile, refusals, dropped=data.drop)
    return EXIT_USAGE if refusals else EXIT_DONE


def _asked(file: Path, settings: Mapping[str, dict[str, Any]]) -> tuple[Experiment, bool]:
    """What `run` would be asked, and whether a target was named.

    Raises:
        SettingError: A value is not allowed, or says something of a target that was not named.
    """
    data, split = settings.get("data", {}), settings.get("split", {})
    judged = "target" in data
    search = settings.get("search", {})
    of_target = [*(key for key in ("task", "positive", "merge_labels") if key in data), *split, *search]
    if of_target and not judged:
        options = ", ".join("--" + NAMES.get(key, key).replace("_", "-") for key in of_target)
        verb = "says" if len(of_target) == 1 else "say"
        raise SettingError(f"{options} {verb} something of a target.", "Add --target COLUMN.")
    tree = {"data": {"target": "", **data, "file": str(file.absolute())}, "split": split, "search": search}
    return make_experiment(tree, source="the command line"), judged


def judged_parts(
    table: Table, profile: Profile, experiment: Experiment
) -> tuple[tuple[DataWarning, ...], tuple[DataWarning, ...]]:
    """Why a run of the experiment would refuse the table, and what is to be said about its split.

    Refusals are the profile's own, or else what stops the preparation, by the run's own code; empty if a run
    would not refuse.

    Raises:
        SettingError: An objective or the search space does not fit the table.
    """
    from cambrian.data.findings import DataWarning
    from cambrian.data.part_checks import Parts, part_findings
    from cambrian.data.parts import plan_parts
    from cambrian.data.split import SplitSettings
    from cambrian.run.asked_space import check_space_for
    from cambrian.run.judged_folds import fold_objection
    from cambrian.run.preparation import read_test_table

    if profile.refusals:
        return profile.refusals, ()
    split = experiment.split
    try:
        test_table = read_test_table(experiment, table, profile) if split.test_file else None
        settings = SplitSettings(split.test_fraction, split.split_seed, split.folds)
        objection = fold_objection(experiment, profile)
        plan = plan_parts(table, profile, split=settings, test_table=test_table, objection=objection)
    except DataError as error:
        return (DataWarning("cannot_prepare", profile.target, error.problem, error.remedy),), ()
    check_space_for(experiment, profile, plan)
    return (), part_findings(Parts.planned(table, plan))


def _json(file: Path, profile: Profile, refusals: Sequence[DataWarning], *, judged: bool) -> dict[str, Any]:
    head = {"version": SCHEMA_VERSION, "file": str(file), "refused": bool(refusals) if judged else None}
    found = list(profile.refusals if not judged else refusals)
    return {**head, **profile.to_json(), "refusals": [each.to_json() for each in found]}


def _write_report(
    table: Table, profile: Profile, refusals: Sequence[DataWarning], *, dropped: Collection[str]
) -> None:
    write_lines(_facts(table, profile))
    write_line("")
    header = ["column", "role", "missing", "distinct", "values", "distribution", "note"]
    shown = profile.columns[: _COLUMNS_SHOWN if on_terminal() else None]
    write_table([header, *(_column_cells(column, profile, dropped) for column in shown)])
    if len(shown) < len(profile.columns):
        write_line(f"{len(profile.columns) - len(shown)} more columns (--json shows all)")
    if profile.classes:
        write_line("")
        write_table(_class_cells(profile))
    write_lines(_findings("warning", profile.warnings))
    write_lines(_findings("a run would refuse", refusals))


def _facts(table: Table, profile: Profile) -> Iterator[str]:
    used = len(profile.features)
    rows = "1 row" if profile.rows == 1 else f"{profile.rows} rows"
    yield f"{table.source.name}: {rows}, {len(profile.columns)} columns, {used} of them features"
    if profile.notes:
        yield ", ".join(profile.notes)
    if profile.target:
        task = profile.task or "no task"
        text = f"target {name_text(profile.target)}: {task}, {profile.target_rows} rows with a value"
        without = profile.missing_target + profile.infinite_target
        yield f"{text}, {without} without" if without else text
    if profile.duplicates:
        repeat = "1 row repeats" if profile.duplicates == 1 else f"{profile.duplicates} rows repeat"
        yield f"{repeat} an earlier one in every feature{' and the target' if profile.target else ''}"


def _column_cells(column: ColumnProfile, profile: Profile, dropped: Collection[str]) -> list[str]:
    return [
        name_text(column.name),
        str(column.role),
        str(column.missing) if column.missing else "",
        str(column.distinct),
        _values(column, profile),
        _bars(column, profile),
        _note(column, dropped),
    ]


def _values(column: ColumnProfile, profile: Profile) -> str:
    """The range of numbers and times; the commonest values of everything else."""
    labelled = column.name == profile.target and bool(profile.classes)
    if column.low is not None and column.high is not None and not labelled:
        median = f", median {_number(column.quartiles[1])}" if column.distinct > 2 else ""
        return f"{_number(column.low)} to {_number(column.high)}{median}"
    shown = [f"{_short(value)} ({count})" for value, count in column.commonest[:_VALUES_SHOWN]]
    return ", ".join(shown) + (", ..." if column.distinct > len(shown) else "")


def _bars(column: ColumnProfile, profile: Profile) -> str:
    """The histogram of numbers and times as one word; bins without rows have the lowest bar for their own."""
    if column.histogram is None or column.distinct < 2 or (column.name == profile.target and profile.classes):
        return ""
    counts = column.histogram.counts
    if len(counts) == 20:  # half as wide
        counts = tuple(map(sum, zip(counts[::2], counts[1::2], strict=True)))
    bars = _BARS if _shows(_BARS) else _ASCII_BARS
    steps = len(bars) - 1
    return "".join(bars[-(-count * steps // max(counts))] for count in counts)


def _shows(text: str) -> bool:
    """Whether the output can show the text."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _number(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return str(int(value)) if value == int(value) and abs(value) < _WHOLE else f"{value:.6g}"


def _short(value: str) -> str:
    shown = visible(value)
    return shown if len(shown) <= _VALUE_WIDTH else f"{shown[: _VALUE_WIDTH - 1]}…"


def _note(column: ColumnProfile, dropped: Collection[str]) -> str:
    codes = [each.code.replace("_", " ") for each in column.warnings if each.code != str(column.role)]
    if column.name in dropped:
        return ", ".join(["dropped", *codes])
    left_out = not column.used and str(column.role) not in ("target", "weight", "group", "time")
    return ", ".join(["left out"] * left_out + codes)


def _class_cells(profile: Profile) -> list[list[str]]:
    total = max(1, sum(profile.class_counts))
    positive = profile.classes[1] if profile.task == "binary" and len(profile.classes) > 1 else None
    cells = [["class", "rows", "share"]]
    for label, count in list(zip(profile.classes, profile.class_counts, strict=True))[:_CLASSES_SHOWN]:
        mark = " (positive)" if label == positive else ""
        cells.append([name_text(label) + mark, str(count), f"{count / total:.1%}"])
    rest = profile.class_counts[_CLASSES_SHOWN:]
    if rest:
        cells.append([f"{len(rest)} more (--json shows all)", str(sum(rest)), f"{sum(rest) / total:.1%}"])
    return cells


def _findings(kind: str, findings: Sequence[DataWarning]) -> Iterator[str]:
    if findings:
        yield ""
    for found in findings:
        yield f"{kind}: {found.message} {found.remedy}".rstrip()
