"""Random search: what every cleverer strategy has to beat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Self

import numpy as np

from cambrian.records import Outcome, Proposal, derive_seed
from cambrian.search.litter import Litter
from cambrian.search.settings import StrategySettings
from cambrian.search.species import OpenSpecies
from cambrian.space.space import SearchSpace


class RandomSearch:
    """Independent draws, dealt evenly into species that are drawn anew for every generation."""

    def __init__(self, space: SearchSpace, settings: StrategySettings) -> None:
        self._space = space
        self._species = OpenSpecies(space, settings.species_at_a_time)
        self._rng = np.random.default_rng(derive_seed("random", settings.seed))

    def ask(self, n: int, *, progress: float, seen: AbstractSet[str]) -> list[Proposal]:
        """Propose up to `n` new genomes; `progress` changes nothing."""
        litter = Litter(n, seen)
        if len(seen) >= self._space.size():
            return []
        self._species.open = []
        self._species.restart(lambda: self._space.draw(self._rng))
        litter.deal(lambda: self._space.draw(self._rng), "random", self._species)
        return litter.proposals

    def tell(self, outcomes: Sequence[Outcome]) -> None:
        """Nothing is learnt."""

    def parents(self) -> frozenset[int]:
        """Draws have no parents."""
        return frozenset()

    def state(self) -> dict[str, Any]:
        """The generator's state as JSON."""
        return {"strategy": "random", "rng": self._rng.bit_generator.state}

    @classmethod
    def restored(cls, space: SearchSpace, settings: StrategySettings, state: Mapping[str, Any]) -> Self:
        """The strategy whose `state` was stored."""
        strategy = cls(space, settings)
        strategy._rng.bit_generator.state = state["rng"]
        return strategy
