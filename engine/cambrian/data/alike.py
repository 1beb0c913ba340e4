"""Labels that differ only by case or blanks: finding them, and making each group one label."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from cambrian.data.cells import kind, labels
from cambrian.data.read import Table
from cambrian.data.reading.text_types import shortened


def plain(label: str) -> str:
    """What labels that are alike have in common: case folded, blanks stripped and single."""
    return " ".join(label.casefold().split())


def alike(labels: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """The groups of two or more labels that differ only by case or blanks, each in the order given."""
    spellings: dict[str, list[str]] = {}
    for label in labels:
        spellings.setdefault(plain(label), []).append(label)
    return tuple(tuple(group) for group in spellings.values() if len(group) > 1)


def alike_text(groups: tuple[tuple[str, ...], ...]) -> str:
    """The first three groups, for a message."""
    shown = "; ".join(", ".join(repr(shortened(label)) for label in group) for group in groups[:3])
    return f"{shown}; ..." if len(groups) > 3 else shown


def merged_labels(table: Table, column: str, *, known: Iterable[str] = ()) -> Table:
    """The table with one spelling for labels of a column that differ only by case or blanks.

    That spelling is the one among `known`, else the commonest (of equally common ones the first by text).
    Columns that are not text, and a column that the table lacks, stay as they are; so do the fingerprint and
    the file's hash, which tell of the file.

    Args:
        table: The table.
        column: The column, as a rule the target.
        known: Spellings that another table of the same kind has settled.
    """
    if column not in table.names or kind(table, column) != "text":
        return table
    text = labels(table, column)
    counts = {each["values"]: each["counts"] for each in pc.value_counts(text).to_pylist()}
    counts.pop(None, None)
    spelling = {
        plain(label): label for label in sorted(counts, key=lambda label: (counts[label], _last(label)))
    }
    spelling |= {plain(label): label for label in known}
    new = {label: spelling[plain(label)] for label in counts}
    if all(label == merged for label, merged in new.items()):
        return table
    indices = pc.index_in(text, value_set=pa.array(list(new), pa.string()))
    values = pa.array(list(new.values()), pa.string()).take(indices)
    place = table.columns.schema.get_field_index(column)
    return replace(table, columns=table.columns.set_column(place, column, values))


def _last(label: str) -> tuple[int, ...]:
    """A key that sorts labels from the last to the first by text."""
    return (*(-ord(char) for char in label), 1)
