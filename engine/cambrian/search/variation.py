"""Making new genomes: draws, crossover and mutation, within ranges that narrow as the search goes on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import numpy.typing as npt
from deap.tools import crossover as deap_crossover
from deap.tools import mutation as deap_mutation

from cambrian.records import derive_seed
from cambrian.search.deap_random import DeapRandom
from cambrian.space.genes import Gene
from cambrian.space.genome import Genome
from cambrian.space.space import SearchSpace

CROSSOVER_ETA = (3.0, 6.0, 12.0)
"""Simulated binary crossover's crowding degree, by stage: higher keeps children nearer to their parents.

The usual 15 to 30 belong to hundreds of generations. In the 5 to 20 of a run numbers then stay where the
known-good genomes put them: after 18 generations on `spam` the 40 best had learning rates from 0.0017 to
0.0020, and with these values the same minutes led to lower losses there and on `digits` (both measured).
"""
MUTATION_ETA = (4.0, 8.0, 16.0)
"""Polynomial mutation's crowding degree, by stage; likewise lower than the usual 20."""
STAGES = (1 / 3, 2 / 3)
"""Parts of the search after which the ranges shrink."""
MARGIN = 0.1
"""Part of a range that is left on each side of the best quarter's hull."""
MUTATED, LEAST_KEPT = 3.0, 8
"""Active genes that mutation changes in the mean, for many do not matter; but one of so many at most, else a
small space would keep no good choice."""
REPEATS = 40
"""Polynomial mutations of a number before it is left as it is."""

Values = dict[str, Any]


class Variation:
    """The operators over one space, with the generators they draw from.

    Numbers vary in their encoded positions, so a logarithmic gene varies by factors. `ranges` is the space
    with its numeric lane and prep genes narrowed; bucket genes keep their range, species look after them.
    """

    def __init__(self, space: SearchSpace, seed: int) -> None:
        self._space = space
        self._deap = DeapRandom(seed)
        self.rng = np.random.default_rng(derive_seed("variation", seed))
        self.stage = 0
        self.ranges = space
        names = dict.fromkeys(gene.group for gene in space.genes)
        self._groups = [[gene.name for gene in space.genes if gene.group == name] for name in names]

    def draw(self) -> Genome:
        """A random genome of the present ranges."""
        return self._genome(self.rng.random(len(self._space)))

    def space_filling(self, n: int) -> list[Genome]:
        """A Latin hypercube of `n` genomes: every gene takes each of its n equal slices once (McKay 1979)."""
        slices = self.rng.permuted(np.tile(np.arange(n), (len(self._space), 1)), axis=1).T  # (n, genes)
        return [self._genome(row) for row in (slices + self.rng.random(slices.shape)) / max(n, 1)]

    def cross(self, better: Genome, worse: Genome) -> Values:
        """A child of two parents that keeps the better one's value wherever nothing is exchanged.

        Genes of one group move together: where the parents chose differently in a group (optimizer adam or
        sgd), the child takes the whole group from one of them; otherwise the group's numbers are blended by
        simulated binary crossover (Deb and Agrawal 1995).
        """
        values = better.to_json()
        blended: list[str] = []
        for group in self._groups:
            if any(self._chosen_apart(name, better, worse) for name in group):
                if self.rng.random() < 0.5:
                    values.update((name, worse[name]) for name in group)
                continue
            for name in group:
                if name in better.active and name in worse.active and self._blends(name, better, worse):
                    blended.append(name)
                elif name in worse.active and (name not in better.active or self.rng.random() < 0.5):
                    values[name] = worse[name]
        values.update(self._blend(blended, better, worse))
        return values

    def mutate(self, values: Mapping[str, Any], *, at_least: int = 0) -> Values:
        """Change some of the active genes, each with the same probability, and `at_least` so many."""
        active = self._space.active(values)
        genes = [gene for gene in self.ranges.genes if gene.name in active and not gene.fixed]
        if not genes:
            return dict(values)
        rate = max(1.0, min(MUTATED, len(genes) / LEAST_KEPT))
        hits = [
            gene for gene, u in zip(genes, self.rng.random(len(genes)), strict=True) if u * len(genes) < rate
        ]
        if len(hits) < at_least:
            # A species overrules changes of bucket genes, so a forced change goes elsewhere if it can.
            others = [gene for gene in genes if gene.where != "bucket" and gene not in hits] or genes
            count = min(at_least - len(hits), len(others))
            hits += [others[i] for i in self.rng.choice(len(others), count, replace=False)]
        return self._inside(values, active) | self._mutated(hits, values)

    def refine(self, progress: float, best: Sequence[Genome]) -> None:
        """Narrow the ranges to the hull of the `best` genomes and a margin, once after each of `STAGES`."""
        due = sum(progress >= part for part in STAGES)
        if due <= self.stage or not best:
            return
        self.stage = due
        self.ranges = self.ranges.replace(*(self._narrowed(gene, best) for gene in self.ranges.genes))

    def deap_at_hand(self) -> AbstractContextManager[None]:
        """While it lasts, DEAP's random states stand ready: what makes many genomes asks for it once."""
        return self._deap.lent()

    def to_json(self) -> dict[str, Any]:
        """Stage, ranges and all generators as JSON."""
        pairs = zip(self.ranges.genes, self._space.genes, strict=True)
        changed = {gene.name: [gene.low, gene.high] for gene, whole in pairs if gene != whole}
        generator = self.rng.bit_generator.state
        return {"stage": self.stage, "ranges": changed, "rng": generator, "deap": self._deap.to_json()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what `to_json` wrote."""
        self.stage = state["stage"]
        narrowed = (self._space.gene(name).narrowed(*ends) for name, ends in state["ranges"].items())
        self.ranges = self._space.replace(*narrowed)
        self.rng.bit_generator.state = state["rng"]
        self._deap = DeapRandom.from_json(state["deap"])

    def _genome(self, positions: npt.NDArray[np.float64]) -> Genome:
        pairs = zip(self.ranges.genes, positions, strict=True)
        return self._space.genome({gene.name: gene.decode(u) for gene, u in pairs})

    def _chosen_apart(self, name: str, better: Genome, worse: Genome) -> bool:
        """Whether the parents made different choices of a categorical gene that counts in one of them."""
        if self._space.gene(name).numeric or better[name] == worse[name]:
            return False
        return name in better.active or name in worse.active

    def _blends(self, name: str, better: Genome, worse: Genome) -> bool:
        """Whether the gene has a number on both sides: a zero-or-* gene's zero is exchanged."""
        gene = self._space.gene(name)
        spike = gene.p_zero > 0 and (better[name] == 0 or worse[name] == 0)
        return gene.numeric and not gene.fixed and not spike

    def _blend(self, names: Sequence[str], better: Genome, worse: Genome) -> Values:
        genes = [self.ranges.gene(name) for name in names]
        low, high = [_floor(gene) for gene in genes], [1.0] * len(genes)
        before = [_position(gene, better[gene.name]) for gene in genes]
        child, other = list(before), [_position(gene, worse[gene.name]) for gene in genes]
        with self._deap.lent():
            deap_crossover.cxSimulatedBinaryBounded(child, other, CROSSOVER_ETA[self.stage], low, high)
        return {
            gene.name: gene.nearest(better[gene.name]) if new == old else gene.decode(max(new, _floor(gene)))
            for gene, old, new in zip(genes, before, child, strict=True)
        }

    def _mutated(self, genes: Sequence[Gene], values: Mapping[str, Any]) -> Values:
        changed: Values = {}
        numbers: list[Gene] = []
        for gene in genes:
            value = gene.nearest(values[gene.name])
            if gene.p_zero and (value == 0 or gene.low == gene.high or self.rng.random() < gene.p_zero):
                jump = gene.decode(self.rng.uniform(_floor(gene), 1.0))
                changed[gene.name] = jump if value == 0 else 0.0
            elif not gene.numeric:
                others = [choice for choice in gene.choices if choice != values[gene.name]]
                changed[gene.name] = others[self.rng.integers(len(others))]
            elif gene.cells is not None and (gene.kind == "integer" or gene.choices):
                changed[gene.name] = self._stepped(gene.cells, value, int(self.rng.integers(1, 3)))
            else:
                numbers.append(gene)
        return changed | self._moved(numbers, values)

    def _moved(self, genes: Sequence[Gene], values: Mapping[str, Any]) -> Values:
        """Polynomial mutation (Deb and Goyal 1996), repeated for those it leaves as they are.

        It never leaves the end of a range half the time, and may be too small for an integer's next value.
        """
        moved: Values = {}
        for _ in range(REPEATS):
            genes = [gene for gene in genes if gene.name not in moved]
            if not genes:
                break
            positions = [_position(gene, values[gene.name]) for gene in genes]
            low, high = [_floor(gene) for gene in genes], [1.0] * len(genes)
            with self._deap.lent():
                deap_mutation.mutPolynomialBounded(positions, MUTATION_ETA[self.stage], low, high, 1.0)
            pairs = zip(genes, positions, strict=True)
            found = {gene.name: gene.decode(max(position, _floor(gene))) for gene, position in pairs}
            moved.update((name, value) for name, value in found.items() if value != values[name])
        return moved

    def _stepped(self, cells: Sequence[Any], value: Any, steps: int) -> Any:
        """The value so many steps up or down, less far or the other way where the range ends."""
        here = cells.index(value)
        direction = 1 if self.rng.random() < 0.5 else -1
        for move in (direction, -direction):
            there = min(max(here + move * steps, 0), len(cells) - 1)
            if there != here:
                return cells[there]
        return value

    def _inside(self, values: Mapping[str, Any], active: Iterable[str]) -> Values:
        """The values with the active numbers clipped into the present ranges."""
        inside = dict(values)
        if self.stage:
            genes = (self.ranges.gene(name) for name in active)
            inside.update((gene.name, gene.nearest(values[gene.name])) for gene in genes if gene.numeric)
        return inside

    def _narrowed(self, gene: Gene, best: Sequence[Genome]) -> Gene:
        if not gene.numeric or gene.fixed or gene.where == "bucket":
            return gene
        values = [genome[gene.name] for genome in best if gene.name in genome.active]
        positions = [_position(gene, value) for value in values if value != 0 or not gene.p_zero]
        if len(positions) < 2:
            return gene
        margin = MARGIN * (1 - gene.p_zero)
        if gene.cells is not None:
            margin = max(margin, 1 / len(gene.cells))
        low, high = max(min(positions) - margin, _floor(gene)), max(positions) + margin
        whole = self._space.gene(gene.name)  # narrowed from the whole gene, as `restore` does
        return whole.narrowed(gene.decode(low), gene.decode(high))


def _floor(gene: Gene) -> float:
    """The least position that is not the spike at 0."""
    return gene.p_zero if gene.p_zero < 1 else 0.0


def _position(gene: Gene, value: Any) -> float:
    """The position of the allowed value nearest to `value`."""
    return gene.encode(gene.nearest(value))
