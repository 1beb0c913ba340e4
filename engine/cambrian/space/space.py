"""The search space: an ordered set of genes, and the only maker of genomes."""

from __future__ import annotations

import difflib
import hashlib
import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from cambrian.errors import SettingError
from cambrian.space.genes import Gene
from cambrian.space.genome import Genome

Vector = npt.NDArray[np.float64]


class SearchSpace:
    """Genes in order; a gene's conditions name earlier genes only. Immutable.

    Raises:
        SettingError: Two genes share a name, or a condition names a gene that does not stand before it.
    """

    def __init__(self, genes: Iterable[Gene]) -> None:
        self.genes: tuple[Gene, ...] = tuple(genes)
        self._by_name: dict[str, Gene] = {}
        for gene in self.genes:
            if gene.name in self._by_name:
                raise SettingError(f"gene {gene.name} is defined twice.", "Remove one.")
            missing = [test.gene for test in gene.when if test.gene not in self._by_name]
            if missing:
                raise SettingError(
                    f"gene {gene.name} depends on {missing[0]}, which does not stand before it.",
                    "Reorder the genes.",
                )
            self._by_name[gene.name] = gene

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the genes, in order."""
        return tuple(self._by_name)

    def __contains__(self, name: object) -> bool:
        """Whether a gene has this name."""
        return name in self._by_name

    def __len__(self) -> int:
        """The number of genes."""
        return len(self.genes)

    def __eq__(self, other: object) -> bool:
        """Equal genes in equal order."""
        return isinstance(other, SearchSpace) and other.genes == self.genes

    def __hash__(self) -> int:
        """Hash of the genes."""
        return hash(self.genes)

    def gene(self, name: str) -> Gene:
        """The gene of this name.

        Raises:
            SettingError: There is none; the remedy names a similar one.
        """
        found = self._by_name.get(name)
        if found is None:
            similar = difflib.get_close_matches(name, self._by_name, n=1)
            remedy = f"Did you mean {similar[0]}?" if similar else "`cambrian space` lists the genes."
            raise SettingError(f"{name} is not a gene of this search space.", remedy)
        return found

    def genome(self, values: Mapping[str, Any]) -> Genome:
        """The genome of these values; genes not given take their defaults.

        Raises:
            SettingError: A gene is unknown or a value not allowed.
        """
        given = {name: self.gene(name).check(value) for name, value in values.items()}
        full = {gene.name: given.get(gene.name, gene.default) for gene in self.genes}
        active = self.active(full)
        content = json.dumps({name: full[name] for name in active}, sort_keys=True, separators=(",", ":"))
        key = hashlib.sha256(content.encode()).hexdigest()[:16]
        return Genome(full, active, key)

    def nearest(self, values: Mapping[str, Any]) -> Genome:
        """The genome nearest to these values: unknown genes are left out, values moved into their ranges."""
        return self.genome(
            {name: self._by_name[name].nearest(value) for name, value in values.items() if name in self}
        )

    def default(self) -> Genome:
        """The genome of all defaults."""
        return self.genome({})

    def draw(self, rng: np.random.Generator) -> Genome:
        """A random genome; takes one number per gene from `rng`, fixed and inactive genes included."""
        return self.decode(rng.random(len(self.genes)))

    def encode(self, genome: Mapping[str, Any]) -> Vector:
        """The positions of all genes in [0, 1], inactive genes included, (genes,)."""
        return np.array([gene.encode(genome[gene.name]) for gene in self.genes], dtype=np.float64)

    def decode(self, vector: npt.ArrayLike) -> Genome:
        """The genome at these positions, (genes,), clipped to [0, 1].

        Raises:
            TypeError: Complex positions.
            ValueError: NaN, or another number of positions than genes.
        """
        positions = np.asarray(vector)
        if positions.shape != (len(self.genes),):
            raise ValueError(f"{len(self.genes)} positions expected, not shape {positions.shape}")
        pairs = zip(self.genes, positions, strict=True)
        return self.genome({gene.name: gene.decode(position) for gene, position in pairs})

    def active(self, values: Mapping[str, Any]) -> frozenset[str]:
        """The genes whose conditions hold; conditions on inactive genes do not hold."""
        active: set[str] = set()
        for gene in self.genes:
            if all(test.gene in active and test.holds(self._value(values, test.gene)) for test in gene.when):
                active.add(gene.name)
        return frozenset(active)

    def distance(self, first: Genome, second: Genome) -> float:
        """How far apart two genomes are, in [0, 1] (Gower 1971, masked).

        The mean over the genes active in either that are not fixed: difference of positions for numeric
        genes, 0 or 1 for choices, 1 for a gene active in only one of the two.
        """
        total, count = 0.0, 0
        for gene in self.genes:
            in_first, in_second = gene.name in first.active, gene.name in second.active
            if gene.fixed or not (in_first or in_second):
                continue
            count += 1
            a, b = first[gene.name], second[gene.name]
            if in_first != in_second:
                total += 1.0
            elif a != b:
                total += abs(gene.encode(a) - gene.encode(b)) if gene.numeric else 1.0
        return total / count if count else 0.0

    def size(self) -> float:
        """How many distinct genomes there are: an int, or `math.inf` if a continuous gene can be active.

        Counts over the genes in order; only values that later conditions ask for are told apart.
        """
        last_use = {test.gene: place for place, gene in enumerate(self.genes) for test in gene.when}
        counts: dict[tuple[tuple[str, Any], ...], int] = {(): 1}
        for place, gene in enumerate(self.genes):
            grown: dict[tuple[tuple[str, Any], ...], int] = defaultdict(int)
            for state, count in counts.items():
                known = dict(state)
                active = all(test.gene in known and test.holds(known[test.gene]) for test in gene.when)
                if active and gene.cells is None:
                    return math.inf
                kept = tuple(pair for pair in state if last_use[pair[0]] > place)
                cells = (gene.cells or ()) if active else ()
                if not active or gene.name not in last_use:
                    grown[kept] += count * max(1, len(cells))
                    continue
                for value in cells:
                    grown[(*kept, (gene.name, value))] += count
            counts = grown
        return sum(counts.values())

    def fix(self, values: Mapping[str, Any]) -> SearchSpace:
        """This space with genes fixed at the values given.

        Raises:
            SettingError: A gene is unknown or a value not allowed.
        """
        return self.replace(*(self.gene(name).fix(value) for name, value in values.items()))

    def replace(self, *genes: Gene) -> SearchSpace:
        """This space with the genes of these names replaced (a narrowed range, say).

        Raises:
            SettingError: A gene is not of this space.
        """
        new = {self.gene(gene.name).name: gene for gene in genes}
        return SearchSpace(new.get(gene.name, gene) for gene in self.genes)

    def to_json(self) -> dict[str, Any]:
        """The genes with their resolved ranges, as stored with a run."""
        return {"genes": [gene.to_json() for gene in self.genes]}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> SearchSpace:
        """The space that `to_json` wrote.

        Raises:
            SettingError: The value is no search space.
        """
        stored = value.get("genes")
        if not isinstance(stored, list):
            raise SettingError("the stored search space has no genes.", "The search space is damaged.")
        return cls(Gene.from_json(gene) for gene in stored)

    def _value(self, values: Mapping[str, Any], name: str) -> Any:
        return values[name] if name in values else self._by_name[name].default
