"""The strategies in other presets, and where a user has changed genes: every proposal is of the space."""

from __future__ import annotations

import json
import math

import pytest
from search_driver import LOSS, Driver

from cambrian.search.strategy import STRATEGIES, StrategySettings, make_strategy, restore_strategy
from cambrian.space.asked import asked_text
from cambrian.space.build import PRESETS, SpaceFacts, build_space
from cambrian.space.families import mlp

FACTS = SpaceFacts("binary", 4_000, epochs=64)
CHANGES = {
    "nothing": (),
    "values": ("optimizer=sgd", "momentum=off", "layers=2", "dropout=off", "batch_size=100"),
    "ranges": (
        "lr=linear 1e-5..1e-1",
        "width_1=48..400",
        "width_2=96..96",
        "l2=0 or 1e-4..1e-4",
        "epochs=3..20",
    ),
    "choices": ("layers=0,2,5", "batch_size=17,300,4000", "optimizer=adam,sgd", "momentum=0 or 0.5..0.99"),
    "hardly anything": ("layers=0", "optimizer=adam", "schedule=off", "init=xavier", "gradient_clip=off"),
}


def made_of(preset: str, change: str):
    pairs = [pair.partition("=") for pair in CHANGES[change]]
    if preset == "textbook" and change == "hardly anything":
        pairs = [pair for pair in pairs if pair[0] != "layers"]
    if preset == "quick":
        pairs = [pair for pair in pairs if pair[0] != "width_2"]  # its shape is a brick
    genes = {name: asked_text(value) for name, _, value in pairs}
    space = build_space(FACTS, preset=preset, genes=genes)
    settings = StrategySettings(
        population=12, buckets=3, objectives=LOSS, seed=1, candidates=3, known_good=mlp.known_good(space)
    )
    return space, settings


def fitness(genome):
    """Rewards ends of ranges, so that a strategy is drawn to them; some fail."""
    if genome["batch_size"] > 2_000:
        return None
    return (abs(math.log(genome["lr"])) + genome["l2"] - genome["momentum"] + genome["layers"] / 9,)


@pytest.mark.parametrize("name", sorted(STRATEGIES))
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("preset", PRESETS)
def test_proposals_are_of_the_space_and_go_on_from_a_state(name: str, preset: str, change: str) -> None:
    space, settings = made_of(preset, change)
    driver = Driver(make_strategy(name, space, settings), fitness)
    for generation in range(9):
        for proposal in driver.step(12, progress=generation / 9):
            assert space.genome(proposal.genome.to_json()) == proposal.genome
        state = json.loads(json.dumps(driver.strategy.state(), allow_nan=False))
        driver.strategy = restore_strategy(name, space, settings, state)
    keys = [proposal.genome.key for generation in driver.generations for proposal in generation]
    assert len(keys) == len(set(keys)) > 12
