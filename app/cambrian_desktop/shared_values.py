"""Individuals kept small: what is equal in thousands of genomes is held once."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from cambrian.records import Change
from cambrian.store.rows import IndividualRow

_MOST = 256
"""Different values of a gene that are remembered: a gene that has more is continuous, and few come again."""


class SharedGenome(Mapping[str, Any]):
    """A genome that shares the places of its genes with others: a quarter of what a dict of its own takes.

    Args:
        places: The place of each gene's value, in order.
        values: The values.
    """

    __slots__ = ("_places", "_values")

    def __init__(self, places: Mapping[str, int], values: tuple[Any, ...]) -> None:
        self._places = places
        self._values = values

    def __getitem__(self, gene: str) -> Any:
        return self._values[self._places[gene]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._values)


class SharedValues:
    """Gives rows whose genes, values and names are the same objects wherever they are equal.

    A genome has some 60 genes, and each is decoded for itself: 20,000 of them take 140 MB less so.
    """

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._known: list[dict[Any, Any]] = []

    def of(self, rows: Sequence[IndividualRow]) -> list[IndividualRow]:
        """The rows of a generation with shared parts."""
        found = []
        finders = self._finders()
        for row in rows:
            genome = row.genome
            if list(genome) != list(self._places):
                self._places = {sys.intern(gene): place for place, gene in enumerate(genome)}
                self._known = [{} for _ in self._places]
                finders = self._finders()
            values = tuple(find(value, value) for find, value in zip(finders, genome.values(), strict=True))
            found.append(
                IndividualRow(
                    row.number,
                    row.generation,
                    SharedGenome(self._places, values),
                    row.key,
                    sys.intern(row.species),
                    sys.intern(row.operator),
                    tuple(Change(sys.intern(each.gene), each.before, each.after) for each in row.changed),
                    row.parents,
                    row.rung,
                    row.rank,
                    row.values,
                    row.inherited,
                )
            )
        return found

    def _finders(self) -> list[Callable[[Any, Any], Any]]:
        """For each gene, what gives the known value that is equal to one."""
        return [known.setdefault if len(known) < _MOST else known.get for known in self._known]
