"""Weight inheritance in a run: who inherits from whom.

An heir's lanes of the search begin with the weights that its better parent's lanes of the same folds ended
with; another fold's weights have seen its validation rows. What is inherited is decided when a generation is
asked and stands in the database with it: workers, kills and resumes change nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cambrian.records import Individual, Inheritance
from cambrian.run.history import to_individual
from cambrian.run.lanes import lane_spec
from cambrian.run.resolve import Resolved
from cambrian.space.families.mlp import inheritable
from cambrian.space.space import SearchSpace
from cambrian.store.reader import RunReader


@dataclass(frozen=True, slots=True)
class Heirs:
    """Decides what new individuals inherit.

    Attributes:
        database: The run's database, which knows the parents.
        resolved: The settings.
        seed: The run's seed.
        share: Share of its genome's epochs that an heir trains.
        inputs: What a genome's preprocessing makes of inputs and target; equal values mean equal columns.
    """

    database: Path
    resolved: Resolved
    seed: int
    share: float
    inputs: Callable[[Mapping[str, Any]], object]

    def endowed(self, individuals: Sequence[Individual]) -> list[Individual]:
        """The individuals, those with something to inherit from their better parent as its heirs.

        A parent leaves weights if it was trained to the top rung, on every fold. Its child takes them if both
        see the same inputs and have a layer in common; else it begins from scratch, with all its epochs.
        """
        space = SearchSpace.from_json(self.resolved.space)
        with RunReader(self.database) as reader:
            return [replace(each, inherited=self._inherited(each, reader, space)) for each in individuals]

    def _inherited(self, child: Individual, reader: RunReader, space: SearchSpace) -> Inheritance | None:
        if not child.parents:
            return None
        row = reader.individual(child.parents[0])
        if row.rung != len(self.resolved.rungs) - 1 or row.values is None:
            return None
        parent = to_individual(row, space)
        alike = self.inputs(parent.genome) == self.inputs(child.genome)
        if not alike or not inheritable(parent.genome, child.genome):
            return None
        lanes = tuple(
            lane_spec(parent, fold=fold, seed=0, run_seed=self.seed).key
            for fold in range(self.resolved.folds)
        )
        return Inheritance(parent.number, max(1, round(self.share * child.genome["epochs"])), lanes)
