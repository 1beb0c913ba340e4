"""The page of all genes, `resources/reference/genes.md`, written from the code.

`python -m cambrian.space.reference resources/reference/genes.md` writes it anew.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from cambrian.space.build import PRESETS, build_space
from cambrian.space.changes import possible_text
from cambrian.space.facts import SpaceFacts, Task
from cambrian.space.families.registry import FAMILIES, Family
from cambrian.space.genes import Gene, show
from cambrian.space.space import SearchSpace
from cambrian.space.table import rows

ROWS = 10_000
"""Training rows of the page's batch sizes."""
_HEAD = f"""# Genes

What Cambrian searches: every gene with its range, scale, default, condition and source. Written from the code
by `python -m cambrian.space.reference resources/reference/genes.md`; do not edit it.

Ranges are those of {ROWS:,} training rows on a CPU, an epoch budget of 512 and an objective like accuracy
(without one, label smoothing is fixed at 0). `cambrian space` shows them for other rows, a GPU, another
preset and your changes.

- **scale**: how draws spread over the range. "0 in 40%": so many draws are exactly 0. 1-x log: 1 minus the
  value is log-uniform.
- **where**: lane, may differ between networks that train together; bucket, is equal for them; prep, a
  transform of the data.
- **condition**: the gene counts only where it holds.
"""
_CHANGES = """By `--gene` or in `[search.genes]`: a value, `off`, choices, or a range within what is possible.
`off` sets the value named; of a gene that has none, the last column says what to do instead.
"""


def page() -> str:
    """The whole page as Markdown."""
    return "\n".join([_HEAD, *(line for family in FAMILIES.values() for line in _family_lines(family))])


def _family_lines(family: Family) -> Iterator[str]:
    binary, regression = _spaces(family, "binary"), _spaces(family, "regression")
    classes, numbers = binary["standard"], regression["standard"]
    only = [name for name in numbers.names if name not in classes or numbers.gene(name) != classes.gene(name)]
    yield from (f"## Family {family.name}", "")
    for title, spaces, names in (
        ("Classification, and what regression shares", binary, classes.names),
        ("What regression has of its own", regression, tuple(only)),
    ):
        yield from (f"### {title}: preset standard", "")
        yield from _standard_lines(spaces["standard"], names)
        yield from (f"### {title}: how the other presets differ", "")
        yield from _preset_lines(spaces, names)
    yield from ("### What you can ask", "", _CHANGES)
    yield from _limit_lines(family)


def _facts(task: Task) -> SpaceFacts:
    regression = task == "regression"
    objectives = () if regression else ("accuracy",)
    return SpaceFacts(task, ROWS, positive_target=regression, objectives=objectives)


def _spaces(family: Family, task: Task) -> dict[str, SearchSpace]:
    return {preset: build_space(_facts(task), family=family.name, preset=preset) for preset in PRESETS}


def _standard_lines(space: SearchSpace, names: Sequence[str]) -> Iterator[str]:
    columns = ("gene", "range", "kind", "default", "where", "condition", "source", "help")
    found = {str(row["gene"]): row for row in rows(space)}
    cells = [[show(found[name][column]) for column in columns] for name in names]
    yield from _table(
        ("gene", "range", "scale", "default", "where", "condition", "source", "what it is"), cells
    )


def _preset_lines(spaces: dict[str, SearchSpace], names: Sequence[str]) -> Iterator[str]:
    others = [preset for preset in PRESETS if preset != "standard"]
    cells = []
    for name in names:
        standard = spaces["standard"].gene(name)
        told = [_difference(spaces[preset].gene(name), standard) for preset in others]
        if any(told):
            cells.append([name, *told])
    yield from _table(("gene", *others), cells)


def _difference(gene: Gene, standard: Gene) -> str:
    """How a preset has the gene, with its source; empty where it is searched as in `standard`."""
    if (gene.kind, gene.cells, gene.low, gene.high, gene.default) == (
        *(standard.kind, standard.cells, standard.low, standard.high),
        standard.default,
    ):
        return ""
    if gene.fixed:
        return f"{gene.range_text} ({gene.source})"
    return f"{gene.range_text}; default {show(gene.default)} ({gene.source})"


def _limit_lines(family: Family) -> Iterator[str]:
    seen: set[str] = set()
    cells = []
    for facts in (_facts("binary"), _facts("regression")):
        limits = family.limits(facts)
        for gene in family.preset("standard", facts):
            limit = limits[gene.name]
            row = [gene.name, possible_text(gene, limit)]
            if str(row) in seen:
                continue
            seen.add(str(row))
            off = show(limit.off) if limit.off is not None else ""
            cells.append([*row, limit.why, off, limit.instead])
    yield from _table(("gene", "possible", "why no more", "off", "instead of off"), cells)


def _table(header: Sequence[str], cells: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield f"|{'---|' * len(header)}"
    for row in cells:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""


def main(arguments: Sequence[str]) -> int:
    """Write the page to the file named, or print it."""
    if len(arguments) > 1:
        print("usage: python -m cambrian.space.reference [FILE]", file=sys.stderr)
        return 2
    if arguments:
        file = Path(arguments[0])
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(page(), encoding="utf-8")
    else:
        print(page(), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
