"""`cambrian space`: every gene with its range, default, condition and source; needs neither torch nor DEAP.

`--json` prints {version, task, rows, device, genes: [{gene, kind, range, default, where, condition, source,
help}]}; kind is the scale, default has the gene's own type and the rest is text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from cambrian.cli.display import write_line
from cambrian.cli.options import JsonOption
from cambrian.cli.printing import write_table
from cambrian.cli.text import json_text

if TYPE_CHECKING:
    from cambrian.space.facts import SpaceFacts

SCHEMA_VERSION = 1
_COLUMNS = ("gene", "kind", "range", "default", "where", "condition", "source")
_HEADINGS = {"kind": "scale"}


def register(app: typer.Typer) -> None:
    """Attach the command."""
    app.command("space")(space)


def space(
    task: Annotated[str, typer.Option(help="binary, multiclass or regression.")] = "binary",
    rows: Annotated[int, typer.Option(help="Training rows of a fold: they bound the batch size.")] = 10_000,
    device: Annotated[str, typer.Option(help="cpu or gpu: it decides the widths.")] = "cpu",
    as_json: JsonOption = False,
) -> None:
    """Show what is searched: every gene with scale, range, default, condition and source.

    "where" says what a gene binds: lane (differs within a pack), bucket (equal within one), prep (the data).
    """
    from cambrian.space import table
    from cambrian.space.build import build_space

    facts = _facts(task, rows, device)
    genes = table.rows(build_space(facts))
    if as_json:
        head = {"version": SCHEMA_VERSION, "task": task, "rows": rows, "device": device}
        write_line(json_text({**head, "genes": genes}))
        return
    searched = sum(gene["kind"] != "fixed" for gene in genes)
    write_line(f"{len(genes)} genes, {searched} of them searched: {task}, {rows} training rows, {device}")
    write_line("")
    write_table(_cells(genes))


def _facts(task: str, rows: int, device: str) -> SpaceFacts:
    """The facts of these options, their values checked by `SpaceFacts`; a regression's target is positive."""
    from cambrian.space.facts import SpaceFacts

    options = cast(Any, {"task": task, "rows": rows, "device": device})
    return SpaceFacts(**options, positive_target=task == "regression")


def _cells(genes: list[dict[str, Any]]) -> list[list[str]]:
    from cambrian.space.genes import show

    header = [_HEADINGS.get(column, column) for column in _COLUMNS]
    return [header, *([show(gene[column]) for column in _COLUMNS] for gene in genes)]
