"""The role of a strategy, and the registry of those there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from importlib import import_module
from typing import Any, Protocol

from cambrian.errors import SettingError
from cambrian.records import Outcome, Proposal
from cambrian.search.genetic import Genetic
from cambrian.search.random_search import RandomSearch
from cambrian.search.settings import StrategySettings
from cambrian.space.space import SearchSpace

__all__ = ["STRATEGIES", "Strategy", "StrategySettings", "make_strategy", "restore_strategy"]


class Strategy(Protocol):
    """Proposes genomes and learns from what became of them.

    A function of space, settings and the calls made so far: the same calls give the same proposals.
    """

    def ask(self, n: int, *, progress: float, seen: AbstractSet[str]) -> list[Proposal]:
        """Propose up to `n` genomes, none equal to another or to one whose key is in `seen`.

        Fewer, possibly none, when no new genome can be found. `progress` is the part of the search that is
        over, in [0, 1]. Every proposal names its species; the strategy opens a bounded number of them.
        """
        ...

    def tell(self, outcomes: Sequence[Outcome]) -> None:
        """Learn what became of a whole generation, in the order of asking; failed individuals included."""
        ...

    def parents(self) -> frozenset[int]:
        """Numbers of the individuals that proposals of the next ask may name as parents."""
        ...

    def state(self) -> dict[str, Any]:
        """Everything that later proposals depend on, as JSON; read by `restore_strategy`."""
        ...


STRATEGIES: dict[str, type[Genetic] | type[RandomSearch]] = {"genetic": Genetic, "random": RandomSearch}


def make_strategy(name: str, space: SearchSpace, settings: StrategySettings) -> Strategy:
    """A new strategy.

    Raises:
        SettingError: There is no strategy of this name.
    """
    return strategy_named(name)(space, settings)


def restore_strategy(
    name: str, space: SearchSpace, settings: StrategySettings, state: Mapping[str, Any]
) -> Strategy:
    """The strategy whose `state` was stored; it goes on exactly as the stored one would have.

    Raises:
        SettingError: There is no strategy of this name, or the state is not one of its own.
    """
    kind = strategy_named(name)
    if state.get("strategy") != name:
        raise SettingError(
            f"The stored state belongs to the strategy {state.get('strategy')!r}, not {name!r}.",
            "Resume with the strategy that the run was started with.",
        )
    return kind.restored(space, settings, state)


def load_libraries(name: str, candidates: int) -> None:
    """Import what the strategy of this name would else wait for in the middle of its search, for seconds.

    Not beside an ask: importing draws from the global random states, which are DEAP's for that time.
    """
    if name == "genetic" and candidates > 1:
        with suppress(ImportError):  # who needs it says so
            import_module("sklearn.ensemble")


def strategy_named(name: str) -> type[Genetic] | type[RandomSearch]:
    """The class behind a name.

    Raises:
        SettingError: There is no strategy of this name; lists those there are.
    """
    if name not in STRATEGIES:
        raise SettingError(f"There is no strategy {name!r}.", f"Use one of: {', '.join(sorted(STRATEGIES))}.")
    return STRATEGIES[name]
