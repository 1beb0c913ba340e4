"""`cambrian predict`: what the model of a run says of every row of a table."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cambrian.cli.display import write_line
from cambrian.cli.options import EXIT_DONE, RunArgument, WorkspaceOption, workspace_path
from cambrian.cli.reading_bar import reading_bar
from cambrian.cli.settings import with_settings
from cambrian.cli.text import visible
from cambrian.experiment import make_reading

if TYPE_CHECKING:
    from cambrian.data.read import Table
    from cambrian.data.reference import Reference
    from cambrian.data.schema import Columns, TableSchema

_SHOWN = 5


def register(app: typer.Typer) -> None:
    """Attach the command."""
    app.command("predict")(with_settings(predict, sections=("reading",)))


def predict(
    run: RunArgument,
    file: Annotated[Path, typer.Argument(help="Table to predict: CSV, Parquet, Excel, a database, ...")],
    out: Annotated[Path, typer.Option("--output", "-o", help="File to write: .csv or .parquet.")],
    workspace: WorkspaceOption = None,
    settings: Any = None,
) -> int:
    """Predict every row of a table with a run's model, in the order of the table.

    The table is read as the one that the run learnt from; its format, encoding and separator are detected
    anew.

    Writes the column prediction, and for a classification probability_<class> for each class. What was odd
    about the table (values never seen, missing cells, columns distributed otherwise than in training) is said
    on the standard error.
    """
    from cambrian.cli.prediction_file import Predictions, check_output, write_predictions
    from cambrian.data.read import read_table
    from cambrian.results.champion import load_champion
    from cambrian.run.workspace import Workspace

    out, file = out.expanduser(), file.expanduser()
    check_output(out, file)
    folder = Workspace(workspace_path(workspace)).find(run)
    champion = load_champion(folder.champion)
    schema = champion.schema
    reading = make_reading(settings.get("data", {}).get("reading", {}))
    with reading_bar(file) as progress:
        table = read_table(file, reading, readings=schema.readings, earlier=schema.reading, progress=progress)
    values, columns = champion.predict_table(table)
    write_predictions(out, Predictions(values, schema.classes))
    for note in (*notes(table, schema, columns), *shifts(champion.reference, columns, schema)):
        print(f"note: {visible(note)}", file=sys.stderr)
    write_line(visible(f"{len(values)} rows predicted: {out}"))
    return EXIT_DONE


def notes(table: Table, schema: TableSchema, columns: Columns) -> Iterator[str]:
    """What was odd about the features of a table, as sentences."""
    features = {feature.name for feature in schema.features}
    for found in table.warnings:
        if found.column in features or not found.column:
            yield f"{found.message} {found.remedy}".rstrip()
    for found in columns.notes:
        yield f"{found.message} {found.remedy}".rstrip()
    missing = dict(_missing(schema, columns))
    if missing:
        some = [f"'{name}' {count}" for name, count in list(missing.items())[:_SHOWN]]
        more = ", ..." if len(missing) > len(some) else ""
        plural = "s have" if len(missing) > 1 else " has"
        yield (
            f"{len(missing)} column{plural} missing cells, for which typical values stand in: "
            f"{', '.join(some)}{more}."
        )


def shifts(reference: Reference | None, columns: Columns, schema: TableSchema) -> Iterator[str]:
    """Where a table is distributed otherwise than the rows that the model learnt from, as sentences."""
    from cambrian.data.shift import Compared, column_shifts

    if reference is None:
        yield "An older program wrote this model: the table was not compared with its training rows."
        return
    compared = Compared(
        "this file", "the training rows", "Trust its predictions less, or train on rows like these."
    )
    for found in column_shifts(reference, columns, schema, compared):
        yield f"{found.message} {found.remedy}"


def _missing(schema: TableSchema, columns: Columns) -> Iterator[tuple[str, int]]:
    """Every feature with missing cells, and how many."""
    import numpy as np

    from cambrian.data.feature import MISSING

    for place, column in enumerate(schema.numeric):
        count = int(np.isnan(columns.numeric[:, place]).sum())
        if count:
            yield column.feature, count
    for place, feature in enumerate(schema.categorical):
        count = int((columns.codes[:, place] == MISSING).sum())
        if count:
            yield feature.name, count
    for feature, text in zip(schema.texts, columns.texts, strict=True):
        count = int((np.diff(text.starts) == 0).sum())
        if count:
            yield feature.name, count
