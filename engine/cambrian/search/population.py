"""Who is a parent: the best of parents and children, none older than the age limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from cambrian.records import Fitness, Individual, Objective, Outcome
from cambrian.search.ranking import best_first, has_failed
from cambrian.space.genome import Genome
from cambrian.space.space import SearchSpace

AGE_LIMIT = 4
"""Generations for which an individual may be a parent."""


@dataclass(frozen=True, slots=True)
class Member:
    """An individual that did not fail, with the generation in which its outcome was told."""

    number: int
    genome: Genome
    rung: int
    values: Fitness
    born: int

    def outcome(self) -> Outcome:
        """What ranking wants to know of it."""
        return Outcome(Individual(self.number, self.born, self.genome, ""), self.rung, self.values)

    def to_json(self) -> dict[str, Any]:
        """The member as JSON."""
        return {
            "number": self.number,
            "genome": self.genome.to_json(),
            "rung": self.rung,
            "values": list(self.values),
            "born": self.born,
        }

    @classmethod
    def from_json(cls, space: SearchSpace, state: Mapping[str, Any]) -> Self:
        """The member that `to_json` wrote."""
        genome, values = space.genome(state["genome"]), tuple(state["values"])
        return cls(state["number"], genome, state["rung"], values, state["born"])


def candidates(parents: Sequence[Member], outcomes: Sequence[Outcome], *, generation: int) -> list[Member]:
    """Those that may be the next parents: present ones not too old, new ones that did not fail.

    Each number occurs once. If nobody is left (whole generations failed), the old parents stay.
    """
    born = [
        Member(each.individual.number, each.individual.genome, each.rung, each.values, generation)
        for each in outcomes
        if each.values is not None and not has_failed(each)
    ]
    young = [member for member in parents if generation - member.born < AGE_LIMIT]
    latest = {member.number: member for member in [*young, *born]}
    return list(latest.values()) or list(parents)


def ranked(members: Sequence[Member], objectives: Sequence[Objective]) -> list[Member]:
    """The members, the best first."""
    return [members[i] for i in best_first([member.outcome() for member in members], objectives)]
