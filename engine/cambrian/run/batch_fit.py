"""The batch size `fit`: the largest with which every network of a space fits into memory.

A textbook's advice (Ng, Deep Learning course 2, week 3: the batch should fit into memory) as one number for
the whole run: a batch size a network would split the species. It follows from the space, the data and the
memory limit alone, which are resolved once and stored; no machine is asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cambrian.space.genes import Gene
from cambrian.space.space import SearchSpace

Price = Callable[[Mapping[str, Any]], int]
"""Predicted bytes of a network of these genes."""


def fitting_batch_size(space: SearchSpace, price: Price, memory_bytes: int) -> int:
    """The largest choice of the batch size with which the space's heaviest network fits.

    The smallest one if none does: networks that do not fit are then refused one by one, as ever.

    Args:
        space: Its batch size is a gene with choices, the powers of two for this many rows.
        price: Predicted bytes of a network.
        memory_bytes: What one network may be predicted to need.
    """
    choices = space.gene("batch_size").cells or ()
    for size in sorted(choices, reverse=True):
        if price(heaviest(space.fix({"batch_size": size}), price)) <= memory_bytes:
            return int(size)
    return int(min(choices))


def heaviest(space: SearchSpace, price: Price) -> Mapping[str, Any]:
    """The genes of the network that takes most memory, found gene by gene until no gene adds anything."""
    values, most = dict(space.default()), price(space.default())
    while True:
        before = most
        for gene in space.genes:
            for value in _telling_values(gene):
                bytes_ = price(values | {gene.name: value})
                if bytes_ > most:
                    values[gene.name], most = value, bytes_
        if most == before:
            return values


def _telling_values(gene: Gene) -> Iterator[Any]:
    """All values of a gene with cells; of others the ends, for memory asks only whether they are 0."""
    if gene.cells is not None:
        yield from gene.cells
        return
    yield from (gene.low, gene.high)
    if gene.p_zero:
        yield 0.0
