"""The option `--gene gene=...` of the commands that build a search space."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cambrian.errors import SettingError
from cambrian.space.asked import asked_text

GENE_HELP = (
    "What is searched of a gene: lr=0.001, dropout=off, optimizer=adam,sgd, lr=1e-4..1e-2, "
    "'lr=linear 1e-4..1e-2' or 'l2=0 or 1e-6..1e-3'; may be repeated."
)


def parse_genes(pairs: Iterable[str] | None) -> dict[str, Any]:
    """Gene to what is asked of it, in the form of `cambrian.space.asked`.

    Raises:
        SettingError: A pair is not of the form `gene=value`, or a gene is named twice.
    """
    genes: dict[str, Any] = {}
    for pair in pairs or ():
        gene, separator, value = pair.partition("=")
        gene = gene.strip()
        if not separator or not gene or not value.strip():
            raise SettingError(
                f"--gene {pair!r} is not of the form gene=value.",
                "Write e.g. --gene lr=0.001, --gene dropout=off or --gene lr=1e-4..1e-2.",
            )
        if gene in genes:
            raise SettingError(
                f"--gene names the gene {gene!r} twice.", "Say all of it at once, or leave one out."
            )
        try:
            genes[gene] = asked_text(value)
        except ValueError as error:
            raise SettingError(
                f"--gene {pair!r}: {error}.",
                "Write a value, off, a,b or low..high, as `cambrian space` shows.",
            ) from error
    return genes
