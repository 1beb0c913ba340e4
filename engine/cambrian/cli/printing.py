"""Printing tables: folded to a terminal's width, or plain aligned lines that are never cut elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from cambrian.cli.display import write_line
from cambrian.cli.result_text import table_lines, visible


def write_lines(lines: Iterable[str]) -> None:
    """Print lines, hostile characters escaped."""
    for line in lines:
        write_line(visible(line))


def write_table(cells: Sequence[Sequence[str]]) -> None:
    """Print rows as columns, the first row a header."""
    if sys.stdout.isatty():
        _write_folded(cells)
    else:
        write_lines(table_lines(cells))


def _write_folded(cells: Sequence[Sequence[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="")
    for heading in cells[0]:
        table.add_column(heading, overflow="fold")
    for row in cells[1:]:
        table.add_row(*(Text(visible(cell)) for cell in row))
    console = Console(highlight=False)
    with console.capture() as capture:
        console.print(table)
    for line in capture.get().splitlines():
        write_line(line.rstrip())
