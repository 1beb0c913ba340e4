"""How an epoch's rows are cut into batches: pure arithmetic, so that costs can be predicted without torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class EpochPlan:
    """An epoch in batches; a function of the genes and the data alone.

    Attributes:
        rows: Rows of an epoch.
        batch: Rows of a batch, the last one apart.
        steps: Batches of an epoch.
    """

    rows: int
    batch: int
    steps: int

    @classmethod
    def of(cls, genes: Mapping[str, Any], rows: int, rows_per_epoch: int) -> EpochPlan:
        """The plan for a fold with `rows` training rows.

        A short last batch is used, unless batch normalisation would see a single row in it: that row then
        begins the next epoch.
        """
        rows = min(rows, rows_per_epoch)
        batch = min(int(genes["batch_size"]), rows)
        single = batch > 1 and rows % batch == 1
        if single and genes["layers"] and genes["normalisation"] == "batch":
            rows -= 1
        return cls(rows, batch, -(-rows // batch))
