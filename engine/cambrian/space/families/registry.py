"""The families of networks: what the search needs to know of each, apart from its genes' values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cambrian.space.facts import SpaceFacts
from cambrian.space.families import mlp
from cambrian.space.genes import Gene
from cambrian.space.genome import Genome
from cambrian.space.limits import Limits
from cambrian.space.space import SearchSpace

Genes = Mapping[str, Any]
NamedGenomes = tuple[tuple[str, Genome], ...]


@dataclass(frozen=True, slots=True)
class Family:
    """A family of networks, known by the value of the gene `family`.

    Attributes:
        name: That value.
        preset: `(preset, facts) -> genes` of a preset with ranges resolved for these facts.
        roomy: `(facts) -> facts` under which no gene is narrowed that a user may still ask something of.
        limits: `(facts) -> limits` of every gene: how far a user may go.
        settled: `(gene, facts) -> gene` that a user changed, without values that mean the same for the facts.
        species: `(genes) -> name` of the combination of bucket genes: networks of one species pack.
        adopt_species: `(genes, member) -> genes` moved into the species of `member`, otherwise as they were.
        known_good: `(space) -> (name, genome)` of genomes known to do well, moved into the space.
    """

    name: str
    preset: Callable[[str, SpaceFacts], tuple[Gene, ...]]
    roomy: Callable[[SpaceFacts], SpaceFacts]
    limits: Callable[[SpaceFacts], Mapping[str, Limits]]
    settled: Callable[[Gene, SpaceFacts], Gene]
    species: Callable[[Genes], str]
    adopt_species: Callable[[Genes, Genes], dict[str, Any]]
    known_good: Callable[[SearchSpace], NamedGenomes]


_ALL = (
    Family(
        "mlp",
        preset=mlp.preset,
        roomy=mlp.roomy,
        limits=mlp.limits,
        settled=mlp.settled,
        species=mlp.species,
        adopt_species=mlp.adopt_species,
        known_good=mlp.known_good,
    ),
)
FAMILIES = {family.name: family for family in _ALL}


def known_good(space: SearchSpace) -> NamedGenomes:
    """Known-good genomes of the space's families, named, the most promising first."""
    families = space.gene("family").choices
    return tuple(named for family in families for named in FAMILIES[family].known_good(space))
