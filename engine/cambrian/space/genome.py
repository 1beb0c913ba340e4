"""A genome: one assignment of every gene, immutable and known by its content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True, eq=False)
class Genome(Mapping[str, Any]):
    """One value for every gene of a space, inactive genes included; made by `SearchSpace.genome`.

    Two genomes are equal when their keys are: the key covers the active genes only.

    Attributes:
        values_by_gene: Gene name to JSON value, in the order of the space.
        active: Names of the genes whose conditions hold.
        key: 16 hexadecimal digits of the SHA-256 of the active genes.
    """

    values_by_gene: Mapping[str, Any]
    active: frozenset[str] = field(repr=False)
    key: str

    def __post_init__(self) -> None:
        """Freeze the values."""
        object.__setattr__(self, "values_by_gene", MappingProxyType(dict(self.values_by_gene)))

    def __getitem__(self, gene: str) -> Any:
        """The value of `gene`."""
        return self.values_by_gene[gene]

    def __iter__(self) -> Iterator[str]:
        """The genes in the order of the space."""
        return iter(self.values_by_gene)

    def __len__(self) -> int:
        """The number of genes."""
        return len(self.values_by_gene)

    def __eq__(self, other: object) -> bool:
        """Equal content of the active genes."""
        return isinstance(other, Genome) and other.key == self.key

    def __hash__(self) -> int:
        """Hash of the content key."""
        return hash(self.key)

    def to_json(self) -> dict[str, Any]:
        """All values as JSON."""
        return dict(self.values_by_gene)
