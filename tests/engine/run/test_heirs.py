"""Who inherits from whom, by what a real database holds, and how a worker takes an heir's weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
import torch
from run_parts import SPACE, database, individual, resolved_of

from cambrian.errors import RunError
from cambrian.records import Individual, Outcome
from cambrian.run.heir_lanes import begin_heir
from cambrian.run.heirs import Heirs
from cambrian.run.history import read_history
from cambrian.run.lanes import LaneId, lane_spec
from cambrian.store.reader import RunReader
from cambrian.store.writer import RunWriter
from cambrian.training.lanes import LaneState, save_lane
from cambrian.training.pack import PackTrainer
from cambrian.training.rows import TrainingRows

TOP = 2
SEED = 5
CPU = torch.device("cpu")


def child_of(number: int, *parents: int, **genes: Any) -> Individual:
    child = individual(number, 1)
    genome = SPACE.genome(dict(child.genome) | genes)
    return replace(child, genome=genome, operator="crossover", parents=parents)


@pytest.fixture
def writer(tmp_path: Path):
    """Generation 0: individual 0 reached the top, 1 was culled, 2 failed there."""
    with database(tmp_path / "run.db") as writer:
        parents = [individual(number) for number in range(3)]
        writer.begin_generation(0, parents, {}, [])
        outcomes = [(TOP, (0.3,)), (1, (0.2,)), (TOP, None)]
        told = [Outcome(each, *outcome) for each, outcome in zip(parents, outcomes, strict=True)]
        writer.finish_generation(0, told, [0, 1, 2], {})
        yield writer


@pytest.fixture
def heirs(writer: RunWriter) -> Heirs:
    return Heirs(writer.path, resolved_of(), SEED, share=0.3, inputs=lambda genes: genes["numeric_prep"])


def test_a_child_inherits_from_its_better_parent_fold_by_fold(heirs: Heirs) -> None:
    (child,) = heirs.endowed([child_of(3, 0, 1, epochs=20)])
    assert child.inherited is not None
    assert (child.inherited.parent, child.inherited.epochs) == (0, 6)
    lanes = [lane_spec(individual(0), fold=fold, seed=0, run_seed=SEED).key for fold in range(2)]
    assert list(child.inherited.lanes) == lanes
    assert len(set(lanes)) == 2
    assert child.key != child.genome.key == replace(child, inherited=None).key


@pytest.mark.parametrize(
    "child",
    [
        individual(3, 1),
        child_of(3, 1, 0),
        child_of(3, 2),
        child_of(3, 0, layers=0),
        child_of(3, 0, numeric_prep="quantile"),
    ],
    ids=["no parent", "parent culled", "parent failed", "no layer shared", "other inputs"],
)
def test_who_has_nothing_to_inherit_begins_from_scratch(heirs: Heirs, child: Individual) -> None:
    assert heirs.endowed([child]) == [child]


def test_what_a_parent_inherited_is_part_of_what_it_leaves(heirs: Heirs, writer: RunWriter) -> None:
    """And all of it comes back from the database; the genome alone counts as seen."""
    first = heirs.endowed([child_of(3, 0), child_of(4, 0, layers=0)])
    writer.begin_generation(1, first, {}, [])
    writer.finish_generation(1, [Outcome(each, TOP, (0.1,)) for each in first], [0, 1], {})
    (grandchild,) = heirs.endowed([child_of(5, 3)])
    assert grandchild.inherited is not None
    left = lane_spec(first[0], fold=0, seed=0, run_seed=SEED)
    assert grandchild.inherited.lanes[0] == left.key
    assert left.key != replace(left, inherited=None).key
    history = read_history(writer.path, resolved_of())
    assert [outcome.individual for outcome in history.outcomes[3:]] == first
    assert {each.genome.key for each in first} <= history.keys
    with RunReader(writer.path) as reader:
        assert [row.key for row in reader.individuals(3)] == [each.key for each in first]


def test_weights_that_are_gone_damaged_or_another_lanes_are_refused(tmp_path: Path) -> None:
    trainer = PackTrainer([], TrainingRows(cast(Any, None), resolved_of().shape, CPU), CPU)
    parent = lane_spec(individual(0), fold=1, seed=0, run_seed=SEED)
    spec = replace(lane_spec(individual(1), fold=1, seed=0, run_seed=SEED), inherited="0" * 16)
    with pytest.raises(RunError, match=r"No weights to inherit: .* missing or damaged"):
        begin_heir(spec, LaneId(0, 1, 0), tmp_path, trainer)
    path = tmp_path / "i0-f1-s0.safetensors"
    save_lane(path, LaneState(parent, "binary"))
    with pytest.raises(RunError, match="holds those of another lane"):
        begin_heir(spec, LaneId(0, 1, 0), tmp_path, trainer)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(RunError, match=r"No weights to inherit: .* missing or damaged"):
        begin_heir(replace(spec, inherited=parent.key), LaneId(0, 1, 0), tmp_path, trainer)
