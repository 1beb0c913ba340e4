"""The loops that packs are measured against do the same work: equal losses from equal weights and rows."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import torch
from bench_table import BenchTable, bench_rows, bench_spec, starts
from reference_loops import UsualLoop
from tight_loops import TightLoop, WrittenOutLoop

from cambrian.space.build import SpaceFacts, build_space
from cambrian.training.pack import PackTrainer
from cambrian.training.spec import LaneSpec, Task

CPU = torch.device("cpu")
torch.set_num_threads(1)

PLAIN_VARIANTS: list[dict[str, Any]] = [
    {"batch_size": 32},
    {"batch_size": 100, "weight_decay": 0.0, "schedule": "cosine"},
    {"batch_size": 64, "activation": "tanh", "optimizer": "adam", "beta1": 0.8},
]
GENE_VARIANTS: list[dict[str, Any]] = [
    {"layers": 0, "optimizer": "sgd", "l2": 1e-2, "l1": 1e-3},
    {"normalisation": "batch", "activation": "mish", "gradient_clip": "norm", "clip_norm": 0.3},
    {"normalisation": "layer", "norm_eps": 1e-3, "parametric": True, "activation": "silu", "residual": True},
    {"optimizer": "sgd_nesterov", "weight_decay": 0.05, "ema": True, "ema_decay": 0.9, "batch_size": 13},
    # Not with batch normalisation: of the rounding in a bias's gradient torch's RMSprop makes large steps.
    {"optimizer": "rmsprop", "weight_decay": 0.05, "schedule": "one_cycle"},
    {"optimizer": "adam", "l2": 1e-2, "activation": "sigmoid", "schedule": "flat_cosine"},
]


def pack_losses(start: Any, rows: Any, epochs: int) -> list[tuple[float, float]]:
    records = PackTrainer([copy.deepcopy(start)], rows, CPU).advance(epochs)
    return [(record.train_loss, record.validation_loss) for record in records]


def prepared(task: Task, genes: dict[str, Any]) -> tuple[Any, Any]:
    rows = bench_rows(BenchTable(task, rows=250, features=5), CPU)
    settings = {"width_1": 32, "batch_size": 32} | genes
    return starts([bench_spec(task, seed=3, epochs=4, **settings)], rows)[0], rows


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("genes", PLAIN_VARIANTS)
def test_the_tight_loop_and_a_pack_train_the_same_network(task: Task, genes: dict[str, Any]) -> None:
    start, rows = prepared(task, genes)
    loop = TightLoop(start, rows)
    found = [loop.epoch() for _ in range(3)]
    assert torch.allclose(torch.tensor(found), torch.tensor(pack_losses(start, rows, 3)), rtol=1e-4)
    assert found[2][0] < found[0][0]


@pytest.mark.parametrize("genes", PLAIN_VARIANTS)
def test_the_written_out_loop_and_a_pack_train_the_same_network(genes: dict[str, Any]) -> None:
    start, rows = prepared("binary", genes)
    loop = WrittenOutLoop(start, rows)
    found = [loop.epoch() for _ in range(3)]
    assert torch.allclose(torch.tensor(found), torch.tensor(pack_losses(start, rows, 3)), rtol=1e-4)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("genes", [*PLAIN_VARIANTS, *GENE_VARIANTS])
def test_the_usual_loop_and_a_pack_have_equal_losses_in_the_first_epoch(
    task: Task, genes: dict[str, Any]
) -> None:
    # Only the first: torch's sampler draws another permutation an epoch than a lane does.
    start, rows = prepared(task, genes)
    found = UsualLoop(start, rows, CPU).epoch()
    assert found == pytest.approx(pack_losses(start, rows, 1)[0], rel=2e-4)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_the_usual_loop_trains_whatever_the_space_draws(task: Task) -> None:
    rows = bench_rows(BenchTable(task, rows=250, features=5), CPU)
    space, rng = build_space(SpaceFacts(task, rows=200)), np.random.default_rng(1)
    for seed in range(12):
        genes = dict(space.draw(rng)) | {"dropout": 0.0, "input_noise": 0.0}
        start = starts([LaneSpec(genes, 0, seed, int(genes["epochs"]))], rows)[0]
        found, expected = UsualLoop(start, rows, CPU).epoch(), pack_losses(start, rows, 1)[0]
        assert found[0] == pytest.approx(expected[0], rel=1e-3), genes
        assert found[1] == pytest.approx(expected[1], rel=1e-2), genes


@pytest.mark.parametrize("loss", ["class_weighted", "focal", "cross_entropy"])
def test_the_usual_loop_has_the_genomes_loss(loss: str) -> None:
    start, rows = prepared("multiclass", {"loss": loss, "label_smoothing": 0.1})
    found = UsualLoop(start, rows, CPU).epoch()
    assert found == pytest.approx(pack_losses(start, rows, 1)[0], rel=2e-4)


def test_the_usual_loop_draws_dropout_and_noise_as_asked() -> None:
    """Random draws differ from a lane's; that they are made shows in the training loss alone."""
    genes = {"dropout": 0.5, "dropout_schedule": "flat_cosine", "input_noise": 0.3, "lr": 1e-4}
    start, rows = prepared("binary", genes)
    torch.manual_seed(0)
    noisy = UsualLoop(start, rows, CPU).epoch()
    plain_start, plain_rows = prepared("binary", {"lr": 1e-4})
    plain = UsualLoop(plain_start, plain_rows, CPU).epoch()
    assert noisy[0] != pytest.approx(plain[0], rel=1e-3)
    assert noisy[0] == pytest.approx(pack_losses(start, rows, 1)[0][0], rel=0.2)


@pytest.mark.parametrize(
    ("genes", "named"), [({"dropout": 0.1}, "dropout"), ({"optimizer": "sgd"}, "optimizer=sgd")]
)
def test_the_tight_loops_refuse_what_they_leave_out(genes: dict[str, Any], named: str) -> None:
    start, rows = prepared("binary", genes)
    with pytest.raises(ValueError, match=named):
        TightLoop(start, rows)


def test_the_written_out_loop_refuses_other_tasks() -> None:
    start, rows = prepared("regression", {})
    with pytest.raises(ValueError, match="regression"):
        WrittenOutLoop(start, rows)
