"""The proposals of one ask, and what is known of the genomes asked before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Set
from functools import partial

from cambrian.records import Change, Proposal
from cambrian.search.species import Draw, OpenSpecies, Species
from cambrian.space.genome import Genome

TRIES = 40
"""Genomes made in search of one that is new, before its place is given up."""


class Litter:
    """Collects up to `size` proposals, none equal to another or to one whose key is in a set of `known`."""

    def __init__(self, size: int, *known: Set[str]) -> None:
        self._size = size
        self._keys: set[str] = set()
        self._known = (*known, self._keys)
        self._members: Counter[str] = Counter()
        self.proposals: list[Proposal] = []

    @property
    def room(self) -> int:
        """How many proposals are still wanted."""
        return self._size - len(self.proposals)

    def add(
        self,
        genome: Genome,
        operator: str,
        species: Species,
        *,
        parents: tuple[int, ...] = (),
        changed: tuple[Change, ...] = (),
    ) -> None:
        """Take a new genome up as a proposal."""
        self._keys.add(genome.key)
        self._members[species.name] += 1
        self.proposals.append(Proposal(genome, operator, species.name, parents, changed))

    def first_new(self, make: Callable[[], Genome], tries: int = TRIES) -> Genome | None:
        """The first genome made that was never asked; None if all tries gave known ones."""
        for _ in range(tries):
            genome = make()
            if not any(genome.key in keys for keys in self._known):
                return genome
        return None

    def count(self, species: Species) -> int:
        """How many proposals belong to the species."""
        return self._members[species.name]

    def deal(self, draw: Draw, operator: str, species: OpenSpecies) -> None:
        """Fill the room with draws, each moved into the species with the fewest proposals so far.

        Stops when nothing new is found for any species.
        """

        def drawn(target: Species) -> Genome:
            return species.join(draw(), target)

        while self.room > 0:
            for each in sorted(species.open, key=self.count):
                genome = self.first_new(partial(drawn, each))
                if genome is not None:
                    self.add(genome, operator, each)
                    break
            else:
                return


def changes(parent: Genome, child: Genome) -> tuple[Change, ...]:
    """The active genes in which a child differs from a parent; a gene not active in the parent was None."""
    before = {name: parent[name] if name in parent.active else None for name in child}
    return tuple(
        Change(name, before[name], child[name])
        for name in child
        if name in child.active and child[name] != before[name]
    )
