"""What reading or profiling a table found out that the user should know."""

from __future__ import annotations

import shlex
from dataclasses import asdict, dataclass

LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class DataWarning:
    """One finding about a table: the same value is a warning or, among refusals, why a run would refuse.

    Attributes:
        code: Stable short name for programs ("constant", "leak", "odd_values", ...).
        column: The column it is about; empty when it is about the whole table.
        message: What was found, with its numbers, as one sentence.
        remedy: What the user can do, as one sentence; empty when nothing need be done.
    """

    code: str
    column: str
    message: str
    remedy: str = ""

    def to_json(self) -> dict[str, str]:
        """The finding as a JSON object."""
        return asdict(self)


def option(name: str, column: str, value: str = "") -> str:
    """An option that names a column, as it is typed into a shell: "--drop 'my column'".

    Of a column whose name would fill the screen: "--drop COLUMN".
    """
    shown = column if len(column) <= LONGEST_NAME else "COLUMN"
    return f"{name} {shlex.quote(f'{shown}={value}' if value else shown)}"


def named(column: str) -> str:
    """A column's name for a message, cut where it is long."""
    return f"`{column if len(column) <= LONGEST_NAME else column[: LONGEST_NAME - 1] + '…'}`"


def or_drop(column: str) -> str:
    """The remedy that always stands open, as one sentence."""
    return f"Or leave the column out: {option('--drop', column)}."


def percent(share: float) -> str:
    """A share in percent, never 0% or 100% of what is neither."""
    if share in (0.0, 1.0) or 0.01 <= share <= 0.99:
        return f"{share:.0%}"
    return "under 1%" if share < 0.5 else "over 99%"
