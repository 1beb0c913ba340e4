"""What every strategy is told once, before its first generation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cambrian.errors import SettingError
from cambrian.records import Objective
from cambrian.space.genome import Genome


def _alike(genome: Genome) -> float:
    return 1.0


@dataclass(frozen=True, slots=True)
class StrategySettings:
    """Settings of a strategy, made from what is stored with the run.

    Attributes:
        population: Parents kept and individuals of a usual generation.
        buckets: Most species open at a time; 0 means max(2, population // 16). More than the population is no
            different from the population: each individual may be of a species of its own.
        objectives: What is optimised, in the order of the fitness values.
        seed: Seeds every generator of the strategy.
        candidates: Children bred for each place of a generation; a model of the outcomes so far picks one of
            them. 1: no model.
        epoch_work: Predicted work of an epoch of a genome, in any unit; of equals the cheaper is preferred.
        known_good: Name and genome of the starting points, the first ones first.
    """

    population: int
    buckets: int
    objectives: tuple[Objective, ...]
    seed: int
    candidates: int = 1
    epoch_work: Callable[[Genome], float] = _alike
    known_good: tuple[tuple[str, Genome], ...] = ()

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            SettingError: A number is out of range, or there is no objective.
        """
        if self.population < 2:
            raise SettingError(
                f"population is {self.population}; a generation needs at least 2 individuals.",
                "Set a population of 2 or more.",
            )
        if self.candidates < 1:
            raise SettingError(f"candidates is {self.candidates}.", "Set 1 (no model) or more.")
        if self.buckets < 0:
            raise SettingError(f"buckets is {self.buckets}.", "Set 0 (chosen from the population) or more.")
        if not self.objectives:
            raise SettingError("The search has no objective.", "Name at least one objective.")

    @property
    def species_at_a_time(self) -> int:
        """How many species are open at a time."""
        return species_at_a_time(self.buckets, self.population)


def species_at_a_time(buckets: int, population: int) -> int:
    """How many species a setting of `buckets` opens in a population: no more than individuals; 0 chooses."""
    return min(buckets, population) or max(2, population // 16)
