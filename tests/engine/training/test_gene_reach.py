"""Every gene of the space reaches the training, and no inactive gene does; on real prepared data."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from toy_tables import CPU, curve

from cambrian.data.prepared import Prepared, prepare
from cambrian.data.profile import profile_table
from cambrian.data.read import read_table
from cambrian.data.split import SplitSettings
from cambrian.space.build import SpaceFacts, build_space
from cambrian.space.genes import Condition, Gene
from cambrian.space.genome import Genome
from cambrian.space.space import SearchSpace
from cambrian.training.pack import PackTrainer
from cambrian.training.rows import TrainingRows
from cambrian.training.spec import LaneSpec, Task, TrainingShape

torch.set_num_threads(1)

TASKS: tuple[Task, ...] = ("binary", "multiclass", "regression")
EPOCHS = 24
BASE = {
    # Small and overfitting soon, so that patience and plateaus are met; widths that no shape repeats.
    "epochs": EPOCHS,
    "batch_size": 32,
    "lr": 5e-3,
    "width_1": 64,
    "width_2": 16,
    "width_3": 48,
    "plateau_patience": 2,
}


def space_of(task: Task) -> SearchSpace:
    facts = SpaceFacts(task, rows=160, positive_target=task == "regression", objectives=("accuracy",))
    return build_space(facts)


GENES = [
    pytest.param(task, gene.name, id=f"{task}-{gene.name}")
    for task in TASKS
    for gene in space_of(task).genes
    if not gene.fixed
]


def write_table(path: Path) -> None:
    """Numbers with outliers and a category with more values than most one-hot limits; noisy targets."""
    rng = np.random.default_rng(4)
    a, b = rng.normal(size=200), rng.lognormal(sigma=1.5, size=200)
    kind = rng.choice(12, size=200, p=np.arange(12, 0, -1) / 78)
    score = a + 0.5 * np.log(b) + 0.2 * kind - 1 + rng.normal(size=200)
    header = "a,b,kind,binary,multiclass,regression"
    lines = [
        f"{x},{y},k{k:02d},{'yes' if z > 0.4 else 'no'},{'abc'[int(np.digitize(z, [-0.4, 1]))]},{np.exp(z)}"
        for x, y, k, z in zip(a, b, kind, score, strict=True)
    ]
    path.write_text("\n".join([header, *lines]))


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Mapping[Task, TrainingRows]:
    folder = tmp_path_factory.mktemp("genes")
    write_table(folder / "table.csv")
    table = read_table(folder / "table.csv")
    rows = {}
    for task in TASKS:
        others = [name for name in TASKS if name != task]
        profile = profile_table(table, target=task, task=task, drop=others)
        prepared = prepare(table, profile, folder / task, split=SplitSettings(folds=1))
        rows[task] = TrainingRows(prepared, shape_of(prepared), CPU)
    return rows


def shape_of(prepared: Prepared) -> TrainingShape:
    train, validation = prepared.fold(0)
    outputs = len(prepared.classes) if prepared.task == "multiclass" else 1
    return TrainingShape(prepared.task, outputs, len(train), len(validation), 2**18)


def activate(space: SearchSpace, values: dict[str, Any], gene: Gene) -> dict[str, Any]:
    """The values changed so that the conditions of `gene` hold, and those of the genes they name."""
    for test in gene.when:
        values = activate(space, values, space.gene(test.gene))
        if not test.holds(values[test.gene]):
            values = values | {test.gene: holding(space.gene(test.gene), test)}
    return values


def holding(gene: Gene, test: Condition) -> Any:
    candidates = [gene.decode(position) for position in np.linspace(0, 1, 41)]
    return next(value for value in candidates if test.holds(value))


def alternatives(gene: Gene) -> list[Any]:
    """Every choice, or two values of the lower and the upper part of the range."""
    if gene.kind == "categorical":
        return list(gene.choices)
    return list(dict.fromkeys(gene.decode(position) for position in (0.02, 0.75)))


def learning_curve(tables: Mapping[Task, TrainingRows], task: Task, genome: Genome) -> str:
    return _learning_curve(tables[task], genome, *genome.values_by_gene.items())


@cache
def _learning_curve(rows: TrainingRows, genome: Genome, *values: tuple[str, Any]) -> str:
    trainer = PackTrainer([LaneSpec(dict(genome), 0, 1, genome["epochs"])], rows, CPU)
    trainer.advance(EPOCHS)
    return str(curve(trainer.remove(0)))


@pytest.mark.parametrize(("task", "name"), GENES)
def test_each_gene_alone_changes_the_learning_curve(
    tables: Mapping[Task, TrainingRows], task: Task, name: str
) -> None:
    space = space_of(task)
    gene = space.gene(name)
    base = activate(space, dict(space.genome(BASE)), gene)
    genomes = [space.genome(base | {name: value}) for value in alternatives(gene)]
    assert all(name in genome.active for genome in genomes)
    assert len(genomes) >= 2
    assert len({learning_curve(tables, task, genome) for genome in genomes}) == len(genomes)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("seed", range(6))
def test_inactive_genes_change_nothing(tables: Mapping[Task, TrainingRows], task: Task, seed: int) -> None:
    space, rng = space_of(task), np.random.default_rng(seed)
    drawn = {**space.draw(rng), "layers": seed % 3, "epochs": 8}
    genome, other = space.genome(drawn), space.draw(rng)
    inactive = [name for name in space.names if name not in genome.active]
    changed = space.genome(drawn | {name: other[name] for name in inactive})
    assert changed.key == genome.key
    assert learning_curve(tables, task, changed) == learning_curve(tables, task, genome)
