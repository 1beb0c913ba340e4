"""What a user may set a gene to, the engine trains: the ends of every limit, every choice, and off."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from toy_tables import toy_rows, toy_spec, trained

from cambrian.records import LaneStatus
from cambrian.space.facts import SpaceFacts
from cambrian.space.families.registry import FAMILIES
from cambrian.space.genes import Gene
from cambrian.space.limits import Limits
from cambrian.training.spec import Task

torch.set_num_threads(1)

MLP = FAMILIES["mlp"]
EPOCHS = 2
TASKS: tuple[Task, ...] = ("binary", "regression")
SMALLER = {"width": 528, "max_one_hot": 40}
"""What only takes longer beyond."""


def genes_of(task: Task) -> dict[str, Gene]:
    facts = SpaceFacts(task, rows=150, positive_target=True)
    return {gene.name: gene for gene in MLP.preset("standard", MLP.roomy(facts))}


def extremes(gene: Gene, limits: Limits) -> list[Any]:
    if not gene.numeric:
        return list(gene.choices)
    high = min(limits.high, SMALLER.get(gene.name.split("_")[0], SMALLER.get(gene.name, math.inf)))
    ends = [limits.low, high, *(() if limits.off is None else (limits.off,))]
    whole = gene.kind in ("integer", "integer_log")
    return list(dict.fromkeys(int(end) if whole else float(end) for end in ends))


def met(genes: dict[str, Gene], gene: Gene) -> dict[str, Any]:
    """Values under which the gene counts."""
    values: dict[str, Any] = {}
    for test in gene.when:
        values |= met(genes, genes[test.gene])
        holding = [value for value in (3, 6, 0.2, *test.values) if test.holds(value)]
        values[test.gene] = max(holding, key=lambda value: value in test.values)
    return values


CASES = [
    pytest.param(task, name, value, id=f"{task}-{name}-{value}")
    for task in TASKS
    for name, gene in genes_of(task).items()
    for value in extremes(gene, MLP.limits(SpaceFacts(task, rows=150))[name])
    if name != "epochs" and (task == "binary" or name in ("loss", "huber_delta", "target_transform"))
]


@pytest.mark.parametrize(("task", "name", "value"), CASES)
def test_what_the_limits_allow_trains(task: Task, name: str, value: Any) -> None:
    genes = genes_of(task)
    lane = trained(
        toy_spec(task, epochs=EPOCHS, **(met(genes, genes[name]) | {name: value})), toy_rows(task), EPOCHS
    )
    assert lane.epoch >= 1
    assert lane.status in (LaneStatus.FINISHED, LaneStatus.STOPPED, LaneStatus.DIVERGED)
    at_an_edge = name in ("lr", "lr_sgd", "weight_decay", "l1", "l2", "init_gain", "adam_eps", "momentum")
    assert at_an_edge or lane.status is not LaneStatus.DIVERGED
