"""`cambrian space`: every gene with its range, default, condition and source; needs neither torch nor DEAP.

`--json` prints {version, family, preset, task, rows, device, genes: [{gene, kind, range, default, where,
condition, source, help, changed}]}; kind is the scale, default has the gene's own type, changed says whether
`--gene` names it, and the rest is text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from cambrian.cli.display import write_line
from cambrian.cli.gene_option import GENE_HELP, parse_genes
from cambrian.cli.options import JsonOption
from cambrian.cli.printing import write_lines, write_table
from cambrian.cli.text import json_text

if TYPE_CHECKING:
    from cambrian.space.facts import SpaceFacts

SCHEMA_VERSION = 1
_COLUMNS = ("gene", "kind", "range", "default", "where", "condition", "source")
_HEADINGS = {"kind": "scale"}
_CHANGED = "*"


def register(app: typer.Typer) -> None:
    """Attach the command."""
    app.command("space")(space)


def space(
    family: Annotated[str, typer.Option(help="Family of networks: mlp.")] = "mlp",
    preset: Annotated[str, typer.Option(help="quick, standard, thorough or textbook.")] = "standard",
    gene: Annotated[list[str] | None, typer.Option(help=GENE_HELP, show_default=False)] = None,
    task: Annotated[str, typer.Option(help="binary, multiclass or regression.")] = "binary",
    rows: Annotated[int, typer.Option(help="Training rows of a fold: they bound the batch size.")] = 10_000,
    device: Annotated[str, typer.Option(help="cpu or gpu: it decides the widths.")] = "cpu",
    as_json: JsonOption = False,
) -> None:
    """Show what is searched: every gene with scale, range, default, condition and source.

    "where" says what a gene binds: lane (differs within a pack), bucket (equal within one), prep (the data).
    Genes changed by --gene bear a star.
    """
    from cambrian.space import table
    from cambrian.space.build import build_space

    facts = _facts(task, rows, device)
    asked = parse_genes(gene)
    built = build_space(facts, family=family, preset=preset, genes=asked)
    genes = [row | {"changed": row["gene"] in asked} for row in table.rows(built)]
    if as_json:
        head = {"version": SCHEMA_VERSION, "family": family, "preset": preset, "task": task}
        write_line(json_text({**head, "rows": rows, "device": device, "genes": genes}))
        return
    searched = sum(each["kind"] != "fixed" for each in genes)
    what = f"{family}, preset {preset}, {task}, {rows} training rows, {device}"
    write_line(f"{len(genes)} genes, {searched} of them searched: {what}")
    write_line("")
    write_table(_cells(genes, marked=bool(asked)))
    if asked:
        write_lines(["", f"{_CHANGED} changed by --gene"])


def _facts(task: str, rows: int, device: str) -> SpaceFacts:
    """The facts of these options, their values checked by `SpaceFacts`; a regression's target is positive."""
    from cambrian.space.facts import SpaceFacts

    options = cast(Any, {"task": task, "rows": rows, "device": device})
    return SpaceFacts(**options, positive_target=task == "regression")


def _cells(genes: list[dict[str, Any]], *, marked: bool) -> list[list[str]]:
    from cambrian.space.genes import show

    header = [_HEADINGS.get(column, column) for column in _COLUMNS]
    rows = [[show(gene[column]) for column in _COLUMNS] for gene in genes]
    if not marked:
        return [header, *rows]
    marks = [_CHANGED if gene["changed"] else "" for gene in genes]
    return [["", *header], *([mark, *row] for mark, row in zip(marks, rows, strict=True))]
