"""The search space as a table for people."""

from __future__ import annotations

from typing import Any

from cambrian.space.genes import Gene
from cambrian.space.space import SearchSpace


def rows(space: SearchSpace) -> list[dict[str, Any]]:
    """One row per gene: gene, kind, range, default, where, condition, source and help.

    All values are text but `default`, which is the gene's own value.
    """
    return [
        {
            "gene": gene.name,
            "kind": _kind(gene),
            "range": gene.range_text,
            "default": gene.default,
            "where": gene.where,
            "condition": " and ".join(test.text for test in gene.when),
            "source": gene.source,
            "help": gene.help,
        }
        for gene in space.genes
    ]


def _kind(gene: Gene) -> str:
    if gene.fixed:
        return "fixed"
    text = gene.kind.replace("one_minus", "1-x").replace("_", " ")
    return f"{text}, 0 in {gene.p_zero:.0%}" if gene.p_zero else text
