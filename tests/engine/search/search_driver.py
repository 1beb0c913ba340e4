"""What plays the run's part for a strategy, and outcomes made by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cambrian.records import Fitness, Individual, Objective, Outcome, Proposal
from cambrian.search.strategy import Strategy
from cambrian.space.genome import Genome

LOSS = (Objective("log_loss", "minimize"),)
TWO = (Objective("accuracy", "maximize"), Objective("parameters", "minimize"))


def make_outcome(number: int, values: Fitness | None, rung: int = 2, genome: Genome | None = None) -> Outcome:
    genome = genome or Genome({}, frozenset(), "0")
    return Outcome(Individual(number, 0, genome, "test"), rung, values)


@dataclass
class Driver:
    """Asks, scores by `fitness`, tells; keeps every proposal by generation and what was seen."""

    strategy: Strategy
    fitness: Callable[[Mapping[str, Any]], Fitness | None]
    seen: set[str] = field(default_factory=set)
    generations: list[list[Proposal]] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    def step(self, n: int, *, progress: float = 0.0) -> list[Proposal]:
        proposals = self.strategy.ask(n, progress=progress, seen=self.seen)
        told = []
        for proposal in proposals:
            individual = Individual(
                len(self.outcomes) + len(told),
                len(self.generations),
                proposal.genome,
                proposal.operator,
                proposal.species,
                proposal.parents,
                proposal.changed,
            )
            values = self.fitness(proposal.genome)
            told.append(Outcome(individual, -1 if values is None else 2, values))
        self.strategy.tell(told)
        self.seen.update(proposal.genome.key for proposal in proposals)
        self.generations.append(proposals)
        self.outcomes += told
        return proposals

    def run(self, generations: int, n: int) -> Driver:
        for generation in range(generations):
            self.step(n, progress=generation / generations)
        return self

    @property
    def best(self) -> float:
        return min(outcome.values[0] for outcome in self.outcomes if outcome.values is not None)
