"""Printing lines and tables of a stranger's text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cambrian.cli.display import write_line
from cambrian.cli.tables import table_lines
from cambrian.cli.text import visible


def write_lines(lines: Iterable[str]) -> None:
    """Print lines, hostile characters escaped."""
    for line in lines:
        write_line(visible(line))


def write_table(cells: Sequence[Sequence[str]]) -> None:
    """Print rows as columns, the first row a header."""
    write_lines(table_lines(cells))
