"""Species: the few combinations of bucket genes that a generation may have, so that its networks pack.

Individuals of one species can be trained in one pack; a generation of 64 drawn without species would fill
packs with 1.27 networks on average (simulated over the standard space).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np

from cambrian.space.families.registry import FAMILIES
from cambrian.space.genome import Genome
from cambrian.space.space import SearchSpace

PATIENCE = 2
"""Generations without a closing after which the weakest species closes."""
TRIES = 30
"""Draws in search of a species that is not open yet."""

Draw = Callable[[], Genome]


@dataclass(frozen=True, slots=True)
class Species:
    """A combination of bucket genes; `member` is a genome that has it."""

    name: str
    member: Genome


class OpenSpecies:
    """The species that are open, at most `limit`.

    Attributes:
        open: Those open, in the order of their opening.
        unfilled: Names of those opened since the last generation; children are bred into them.
    """

    def __init__(self, space: SearchSpace, limit: int) -> None:
        self._space = space
        self._limit = limit
        self._buckets = [gene.name for gene in space.genes if gene.where == "bucket"]
        self._calm = 0
        self._opened = 0
        self.open: list[Species] = []
        self.unfilled: list[str] = []

    def name(self, genes: Mapping[str, Any]) -> str:
        """The species of a genome; a space without a family has one for each combination of bucket genes."""
        if "family" in genes:
            return FAMILIES[genes["family"]].species(genes)
        return " ".join(f"{name}={genes[name]}" for name in self._buckets)

    def join(self, genes: Mapping[str, Any], species: Species) -> Genome:
        """The genome with its bucket genes set to the species, each width clipped into its padded step."""
        if self.name(genes) == species.name:
            return self._space.genome(genes)
        if "family" in genes:
            family = FAMILIES[species.member["family"]]
            return self._space.genome(family.adopt_species(genes, species.member))
        return self._space.genome({**genes, **{name: species.member[name] for name in self._buckets}})

    def home(self, genome: Genome) -> Species:
        """The open species of the genome, else the one whose joining changes it least."""
        name = self.name(genome)
        found = next((species for species in self.open if species.name == name), None)
        return found or min(self.open, key=lambda s: self._space.distance(genome, self.join(genome, s)))

    def start(self, known_good: Sequence[Genome], draw: Draw) -> None:
        """Open species of the known-good genomes in their order, at most half of all, and draw the rest."""
        for genome in known_good:
            species = Species(self.name(genome), genome)
            if len(self.open) < max(1, self._limit // 2) and species.name not in self._names():
                self.open.append(species)
        self.restart(draw, keep=self.open)

    def restart(self, draw: Draw, *, keep: Sequence[Species] = ()) -> None:
        """Close all species but `keep` and draw others in their place."""
        closed = self._names() - {species.name for species in keep}
        self.open = list(keep)
        self.unfilled = [name for name in self.unfilled if name in self._names()]
        self._fill(lambda: self._drawn(draw, closed))

    def settle(
        self, parents: Sequence[Genome], champion: Genome | None, draw: Draw, *, rng: np.random.Generator
    ) -> None:
        """Close and open species after a generation.

        A species without a member among the next `parents` (best first) closes; if none closed for `PATIENCE`
        generations, the one whose best member is worst does. Each freed place goes to the champion's species
        with one bucket gene mutated, alternately to a draw.
        """
        names = [self.name(genome) for genome in parents]
        closing = self._names() - set(names)
        self._calm = 0 if closing else self._calm + 1
        weakest: list[Species] = []
        if self._calm >= PATIENCE and len(self.open) > 1:
            weakest = [max(self.open, key=lambda species: names.index(species.name))]
            closing = {weakest[0].name}
            self._calm = 0
        self.open = [species for species in self.open if species.name not in closing]
        self.unfilled = []

        def another() -> Species | None:
            self._opened += 1
            if champion is not None and self._opened % 2:
                return self._variant(champion, closing, rng) or self._drawn(draw, closing)
            return self._drawn(draw, closing)

        self._fill(another)
        if len(self.open) < self._limit:  # a small space: there is no other in its place
            self.open += weakest

    def to_json(self) -> dict[str, Any]:
        """The open species and the counters as JSON."""
        members = [species.member.to_json() for species in self.open]
        return {"members": members, "unfilled": self.unfilled, "calm": self._calm, "opened": self._opened}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what `to_json` wrote."""
        members = [self._space.genome(values) for values in state["members"]]
        self.open = [Species(self.name(member), member) for member in members]
        self.unfilled = list(state["unfilled"])
        self._calm, self._opened = state["calm"], state["opened"]

    def _names(self) -> set[str]:
        return {species.name for species in self.open}

    def _fill(self, another: Callable[[], Species | None]) -> None:
        """Open species until there are enough, or there is no other."""
        while len(self.open) < self._limit:
            species = another()
            if species is None:
                return
            self.open.append(species)
            self.unfilled.append(species.name)

    def _drawn(self, draw: Draw, closed: Set[str]) -> Species | None:
        """A drawn species that is not open and was not just closed; any at all if there would be none."""
        drawn = None
        for _ in range(TRIES):
            member = draw()
            drawn = Species(self.name(member), member)
            if drawn.name not in self._names() | closed:
                return drawn
        return None if self.open else drawn

    def _variant(self, champion: Genome, closed: Set[str], rng: np.random.Generator) -> Species | None:
        """The champion's species with one bucket gene changed, not open and not just closed."""
        taken = self._names() | closed | {self.name(champion)}
        genes = [self._space.gene(name) for name in self._buckets if name in champion.active]
        for index in rng.permutation(len(genes)):
            gene = genes[index]
            for value in self._neighbours(champion, gene.name, rng):
                member = self._space.genome({**champion, gene.name: value})
                if self.name(member) not in taken:
                    return Species(self.name(member), member)
        return None

    def _neighbours(self, genome: Genome, name: str, rng: np.random.Generator) -> list[Any]:
        """Values of a bucket gene that change the species, in random order.

        For a number the first value up and down that makes another species and the first that makes a third
        (a width of 112 and one of 128 are padded alike); for a choice all others.
        """
        gene = self._space.gene(name)
        cells = gene.cells or ()
        if genome[name] not in cells:
            return []
        here = cells.index(genome[name])
        sides = (
            [cells[here + 1 :], cells[:here][::-1]] if gene.numeric else [cells[:here] + cells[here + 1 :]]
        )
        found: list[Any] = []
        for side in sides:
            firsts: dict[str, Any] = {}
            for value in side:
                firsts.setdefault(self.name({**genome, name: value}), value)
            firsts.pop(self.name(genome), None)
            found += list(firsts.values())[: 2 if gene.numeric else None]
        return [found[i] for i in rng.permutation(len(found))]
