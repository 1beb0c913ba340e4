"""How many networks trained at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Packed:
    """How well networks trained together.

    Attributes:
        lane_epochs: Epochs of all lanes.
        program_epochs: Epochs of the tensor programs that trained them.
    """

    lane_epochs: int = 0
    program_epochs: int = 0

    @property
    def lanes_per_program(self) -> float | None:
        """The mean number of networks in a tensor program, weighted by epochs."""
        return self.lane_epochs / self.program_epochs if self.program_epochs else None

    def plus(self, result: Mapping[str, Any]) -> Packed:
        """With what a job returned."""
        return Packed(
            self.lane_epochs + result["lane_epochs"], self.program_epochs + result["program_epochs"]
        )
