"""Names of columns: made unique, and a header that looks like a row of data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cambrian.data.findings import DataWarning
from cambrian.data.reading.number_text import NUMBER
from cambrian.data.reading.text_types import shortened


def unique_names(given: Iterable[str]) -> tuple[tuple[str, ...], tuple[DataWarning, ...]]:
    """Names that are unique and not empty, with a warning for each that was changed."""
    given = list(given)
    names: list[str] = []
    warnings: list[DataWarning] = []
    taken = set(given)
    seen: set[str] = set()
    for position, name in enumerate(given, start=1):
        if name.strip() and name not in seen:
            names.append(name)
            seen.add(name)
            continue
        new = _free_name(name if name.strip() else f"column_{position}", taken)
        warnings.append(_renamed(name, new, position))
        taken.add(new)
        seen.add(new)
        names.append(new)
    return tuple(names), tuple(warnings)


class HeaderCheck:
    """Whether the header of a text is probably its first data row.

    Numbers as names of number columns may be years; they are data if they have decimals or if the names of
    the text columns occur among those columns' values.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._numeric = np.asarray(pc.match_substring_regex(pa.array(names, pa.string()), NUMBER), dtype=bool)
        self._repeated = np.zeros(len(names), dtype=bool)

    def look(self, columns: Sequence[pa.Array]) -> None:
        """Look for the names among the cells of a batch."""
        if not self._numeric.any():
            return
        for place, (name, cells) in enumerate(zip(self._names, columns, strict=True)):
            if not self._repeated[place]:
                self._repeated[place] = pc.index(cells, name).as_py() >= 0

    def finding(self, readings: Iterable[str]) -> tuple[DataWarning, ...]:
        """The warning if there is one to give, now that it is known how the columns are read."""
        text = np.array([reading == "text" for reading in readings])
        if not self._numeric.any() or not (self._numeric | text).all():
            return ()
        decimals = pc.any(
            pc.match_substring_regex(pa.array(self._names, pa.string()), r"^[+-]?\d*\.\d+$")
        ).as_py()
        if not (self._repeated[text].all() if text.any() else decimals):
            return ()
        shown = ", ".join(shortened(name, 20) for name in self._names[:5])
        message = f"The file seems to have no header: its first line looks like data ({shown})."
        remedy = "Add a line of column names, or read it without a header (--no-header)."
        return (DataWarning("no_header", "", message, remedy),)


def _free_name(name: str, taken: set[str]) -> str:
    if name not in taken:
        return name
    number = 2
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"


def _renamed(name: str, new: str, position: int) -> DataWarning:
    if name.strip():
        called = f"the one in place {position} is called `{shortened(new)}` here"
        message = f"`{shortened(name)}` names two columns; {called}."
        return DataWarning("duplicate_name", new, message, "Give every column its own name.")
    message = f"The column in place {position} has no name; it is called `{new}` here."
    return DataWarning("empty_name", new, message, "Name it in the header.")
