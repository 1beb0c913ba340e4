"""Individuals kept small: what is equal in thousands of genomes is held once."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

from cambrian.records import Change
from cambrian.store.rows import IndividualRow

_MOST = 50_000
"""Different values that are remembered; beyond them a gene has none that come again."""


class SharedValues:
    """Gives rows whose genes, values and names are the same objects wherever they are equal.

    A genome has some 60 genes: 20,000 of them, each decoded for itself, take 140 MB more.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[type, Any], Any] = {}

    def of(self, row: IndividualRow) -> IndividualRow:
        """The row with shared parts."""
        return replace(
            row,
            genome={sys.intern(gene): self._value(value) for gene, value in row.genome.items()},
            species=sys.intern(row.species),
            operator=sys.intern(row.operator),
            changed=tuple(
                Change(sys.intern(each.gene), self._value(each.before), self._value(each.after))
                for each in row.changed
            ),
        )

    def _value(self, value: Any) -> Any:
        if not isinstance(value, str | float):
            return value
        key = (type(value), value)
        found = self._known.get(key)
        if found is None:
            if len(self._known) < _MOST:
                self._known[key] = value
            return value
        return found
