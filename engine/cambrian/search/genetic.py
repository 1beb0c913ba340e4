"""The genetic strategy: (mu + lambda) with an age limit, over the operators of `variation` and the species.

Ageing regularises against lucky evaluations (Real et al. 2019).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

from cambrian.records import Change, Outcome, Proposal
from cambrian.search.litter import TRIES, Litter, changes
from cambrian.search.population import Member, candidates, ranked
from cambrian.search.screen import Screen
from cambrian.search.settings import StrategySettings
from cambrian.search.species import OpenSpecies, Species
from cambrian.search.variation import Variation
from cambrian.space.genome import Genome
from cambrian.space.space import SearchSpace

CROSSOVER = 0.9
IMMIGRANTS = 0.1
MIGRATION = 0.1
"""Probability that a child takes another open species than its better parent's."""
TOURNAMENT = 3
PIONEERS = 0.15
"""Part of a generation that is bred into each newly opened species; into all of them at most half."""
UNSCREENED = 0.2
"""Probability that a child takes its place whatever the model says of it."""


@dataclass(frozen=True, slots=True)
class _Child:
    """A genome that may become a proposal."""

    genome: Genome
    operator: str
    species: Species
    parents: tuple[int, ...]
    changed: tuple[Change, ...]


class Genetic:
    """Evolves genomes; see the module.

    Its generators are its own, and DEAP's draws leave the global random states as they were.
    """

    def __init__(self, space: SearchSpace, settings: StrategySettings) -> None:
        self._space = space
        self._settings = settings
        self._variation = Variation(space, settings.seed)
        self._species = OpenSpecies(space, settings.species_at_a_time)
        self._parents: list[Member] = []  # the best first
        self._champion: Member | None = None
        self._generation = 0
        self._screen = Screen(space, settings.objectives, settings.seed, settings.epoch_work)

    def ask(self, n: int, *, progress: float, seen: AbstractSet[str]) -> list[Proposal]:
        """Propose up to `n` genomes: the opening while there are no parents, then children and immigrants."""
        litter = Litter(n, seen, {member.genome.key for member in self._parents})
        if n < 1 or len(seen) >= self._space.size():
            return []
        quarter = -(-len(self._parents) // 4)
        self._variation.refine(progress, [member.genome for member in self._parents[:quarter]])
        if not self._species.open:
            self._species.start([genome for _, genome in self._settings.known_good], self._variation.draw)
        if self._settings.candidates > 1:
            self._screen.prepare()  # not under the loan: others draw from the global states
        with self._variation.deap_at_hand():
            if self._parents:
                self._breed(litter)
            else:
                self._open(litter)
        if not litter.proposals:  # every open species is used up
            self._species.restart(self._variation.draw)
            self._immigrate(litter)
        return litter.proposals

    def tell(self, outcomes: Sequence[Outcome]) -> None:
        """Choose the next parents among the present ones and the outcomes, then close and open species."""
        if not outcomes:
            return
        self._generation += 1
        if self._settings.candidates > 1:
            self._screen.learn(outcomes)
        objectives = self._settings.objectives
        pool = candidates(self._parents, outcomes, generation=self._generation)
        self._parents = ranked(pool, objectives)[: self._settings.population]
        ever = [self._champion, *self._parents] if self._champion else self._parents
        self._champion = next(iter(ranked(ever, objectives)), None)
        champion = self._champion.genome if self._champion else None
        genomes = [member.genome for member in self._parents]
        self._species.settle(genomes, champion, self._variation.draw, rng=self._variation.rng)

    def parents(self) -> frozenset[int]:
        """Numbers of the present parents."""
        return frozenset(member.number for member in self._parents)

    def state(self) -> dict[str, Any]:
        """Parents, champion, species, ranges, random states and what the model learns from, as JSON."""
        return {
            "strategy": "genetic",
            "generation": self._generation,
            "parents": [member.to_json() for member in self._parents],
            "champion": self._champion.to_json() if self._champion else None,
            "species": self._species.to_json(),
            "variation": self._variation.to_json(),
            "screen": self._screen.to_json(),
        }

    @classmethod
    def restored(cls, space: SearchSpace, settings: StrategySettings, state: Mapping[str, Any]) -> Self:
        """The strategy whose `state` was stored."""
        strategy = cls(space, settings)
        strategy._generation = state["generation"]
        strategy._parents = [Member.from_json(space, member) for member in state["parents"]]
        if state["champion"] is not None:
            strategy._champion = Member.from_json(space, state["champion"])
        strategy._species.restore(state["species"])
        strategy._variation.restore(state["variation"])
        strategy._screen.restore(state.get("screen", ()))  # states of older versions have none
        return strategy

    def _open(self, litter: Litter) -> None:
        """Half known-good genomes and mutations of them, the rest a space-filling draw, dealt evenly."""
        if self._settings.known_good:
            self._open_known_good(litter, -(-litter.room // 2))
        points = iter(self._variation.space_filling(litter.room))
        litter.deal(lambda: next(points, None) or self._variation.draw(), "space-filling", self._species)

    def _open_known_good(self, litter: Litter, count: int) -> None:
        """The known-good genomes in turn, first as they are, then mutated, while their species have room."""
        species, quota = self._species, litter.room / len(self._species.open)
        homes = [(name, species.home(genome), genome) for name, genome in self._settings.known_good]
        for name, home, genome in homes[:count]:
            joined = litter.first_new(partial(species.join, genome, home), tries=1)
            if joined is not None:
                litter.add(joined, f"known-good: {name}", home)
        for place in range(count - len(litter.proposals)):
            name, home, genome = homes[place % len(homes)]
            if litter.count(home) >= quota:
                home = min(species.open, key=litter.count)
            mutant = litter.first_new(partial(self._mutant, genome, home))
            if mutant is not None:
                litter.add(mutant, f"known-good mutated: {name}", home)

    def _breed(self, litter: Litter) -> None:
        """Children of tournament winners, those of newly opened species first, then immigrants."""
        room = litter.room
        immigrants = int(room * IMMIGRANTS + self._variation.rng.random())
        unfilled = [species for species in self._species.open if species.name in self._species.unfilled]
        pioneers = min(len(unfilled) * max(1, int(room * PIONEERS)), (room - immigrants) // 2)
        for place in range(pioneers):
            self._child(litter, unfilled[place % len(unfilled)])
        for _ in range(litter.room - immigrants):
            if not self._child(litter):
                break
        self._immigrate(litter)

    def _immigrate(self, litter: Litter) -> None:
        litter.deal(self._drawn, "immigrant", self._species)

    def _drawn(self) -> Genome:
        """The most promising of a few draws."""
        draws = [self._variation.draw() for _ in range(self._chances())]
        return draws[self._screen.pick(draws, self._variation.rng)]

    def _chances(self) -> int:
        """How many candidates there are for the next place."""
        return self._settings.candidates if self._variation.rng.random() >= UNSCREENED else 1

    def _child(self, litter: Litter, species: Species | None = None) -> bool:
        """Add the most promising of a few new children; False if no new genome was found."""
        children: list[_Child] = []
        for _ in range(self._chances()):
            child = self._bred(litter, species)
            if child is None:
                break
            children.append(child)
        if not children:
            return False
        chosen = children[self._screen.pick([child.genome for child in children], self._variation.rng)]
        litter.add(
            chosen.genome, chosen.operator, chosen.species, parents=chosen.parents, changed=chosen.changed
        )
        return True

    def _bred(self, litter: Litter, species: Species | None) -> _Child | None:
        """A new child of two tournament winners, or of one; None if none was found."""
        variation = self._variation
        better, worse = self._pair()
        crossed = worse is not None and variation.rng.random() < CROSSOVER
        values = (
            variation.cross(better.genome, worse.genome) if worse and crossed else better.genome.to_json()
        )
        species = species or self._destination(better)
        first = self._species.join(variation.mutate(values, at_least=0 if crossed else 1), species)
        child = litter.first_new(lambda: first, tries=1)
        child = child or litter.first_new(partial(self._mutant, first, species))
        if child is None:
            return None
        parents = (better.number, worse.number) if worse and crossed else (better.number,)
        operator = "crossover" if crossed else "mutation"
        return _Child(child, operator, species, parents, changes(better.genome, child))

    def _pair(self) -> tuple[Member, Member | None]:
        """Two winners of tournaments, the better first; no second one while there is a single parent."""
        first = self._tournament()
        for _ in range(TRIES):
            second = self._tournament()
            if second != first:
                return self._parents[min(first, second)], self._parents[max(first, second)]
        return self._parents[first], None

    def _tournament(self) -> int:
        """Place of the best of a few random parents."""
        return int(self._variation.rng.integers(len(self._parents), size=TOURNAMENT).min())

    def _destination(self, better: Member) -> Species:
        """The better parent's species, now and then another open one."""
        home, rng = self._species.home(better.genome), self._variation.rng
        others = [species for species in self._species.open if species is not home]
        if others and rng.random() < MIGRATION:
            return others[rng.integers(len(others))]
        return home

    def _mutant(self, genome: Genome, species: Species) -> Genome:
        """The genome with at least one gene changed, in a species."""
        return self._species.join(self._variation.mutate(genome, at_least=1), species)
