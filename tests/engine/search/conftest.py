"""Spaces, settings and a fitness for the strategies."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from search_driver import LOSS

from cambrian.records import Fitness
from cambrian.search.strategy import StrategySettings
from cambrian.space.build import SpaceFacts, build_space
from cambrian.space.families import mlp
from cambrian.space.genes import Condition, Gene
from cambrian.space.space import SearchSpace


@pytest.fixture(scope="session")
def space() -> SearchSpace:
    return build_space(SpaceFacts("multiclass", 10_000, epochs=64))


@pytest.fixture(scope="session")
def tiny_space() -> SearchSpace:
    """2 species (one bucket gene), 11 genomes each: b has 4 values and c 2 more for b >= 1, else none."""
    return SearchSpace(
        [
            Gene("bucket", "categorical", "x", choices=("x", "y"), where="bucket"),
            Gene("a", "categorical", False, choices=(False, True)),
            Gene("b", "integer", 0, 0, 3),
            Gene("c", "categorical", "p", choices=("p", "q"), when=(Condition("b", at_least=1),)),
        ]
    )


@pytest.fixture(scope="session")
def settings(space: SearchSpace) -> Callable[..., StrategySettings]:
    def make(**changed: Any) -> StrategySettings:
        given = {
            "population": 16,
            "buckets": 4,
            "objectives": LOSS,
            "seed": 1,
            "candidates": 4,
            "known_good": mlp.known_good(space),
        }
        return StrategySettings(**(given | changed))

    return make


@pytest.fixture(scope="session")
def bowl() -> Callable[[Mapping[str, Any]], Fitness]:
    """A smooth fitness with its optimum away from the defaults; numbers, choices and conditions count."""

    def fitness(genome: Mapping[str, Any]) -> Fitness:
        adam = genome["optimizer"] in ("adam", "adamw")
        loss = abs(math.log10(genome["lr"] / 4e-3)) if adam else 1.0
        loss += abs(genome["dropout"] - 0.22) * 3
        loss += abs(math.log10(max(genome["weight_decay"], 1e-5) / 2e-2)) / 3
        loss += abs(math.log10(max(genome["l1"], 1e-8) / 1e-6)) / 3
        loss += abs(genome["layers"] - 5) / 4
        loss += abs(math.log(genome["epochs"] / 30)) / 3
        loss += {"gelu": 0.0, "silu": 0.1, "mish": 0.2}.get(genome["activation"], 0.5)
        loss += 0.0 if genome["normalisation"] == "layer" else 0.4
        loss += 0.0 if genome["init"] == "orthogonal" else 0.3
        return (loss + abs(math.log2(genome["batch_size"] / 128)) / 4,)

    return fitness
