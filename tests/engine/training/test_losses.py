"""Losses against torch's and scikit-learn's, their parts over chunks, and their gradients at the edges."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import log_loss
from sklearn.utils.class_weight import compute_class_weight
from torch import Tensor
from torch.nn import functional

from cambrian.data.encode import TargetScale
from cambrian.training.losses import (
    balanced_class_weights,
    combine_validation,
    in_target_unit,
    probabilities,
    training_loss,
    training_loss_parts,
    validation_loss_parts,
)

torch.set_num_threads(1)

GENES: dict[str, Any] = {
    "loss": "cross_entropy",
    "label_smoothing": 0.0,
    "focal_gamma": 2.0,
    "huber_delta": 0.7,
}


SCALE = TargetScale(log=False, mean=3.0, std=2.0, low=0.0, high=6.0)


def validation_loss(task: Any, output: Tensor, target: Tensor, scale: TargetScale | None = None) -> float:
    return combine_validation(task, *validation_loss_parts(task, output, target, scale))


def logits(n: int, columns: int, seed: int = 0) -> Tensor:
    return 3 * torch.randn(n, columns, generator=torch.Generator().manual_seed(seed))


def labels(n: int, classes: int) -> Tensor:
    return torch.randint(classes, (n,), generator=torch.Generator().manual_seed(1))


def two_columns(output: Tensor) -> Tensor:
    return torch.cat([torch.zeros_like(output), output], dim=1)


@pytest.mark.parametrize("smoothing", [0.0, 0.15])
@pytest.mark.parametrize("weights", [None, torch.tensor([0.6, 2.5])])
def test_binary_is_torchs_cross_entropy_of_two_classes(smoothing: float, weights: Tensor | None) -> None:
    output, target = logits(40, 1).requires_grad_(), labels(40, 2)
    kind = "cross_entropy" if weights is None else "class_weighted"
    ours = training_loss(
        GENES | {"loss": kind, "label_smoothing": smoothing}, "binary", output, target, weights
    )
    reference = functional.cross_entropy(two_columns(output), target, weights, label_smoothing=smoothing)
    torch.testing.assert_close(ours, reference)
    torch.testing.assert_close(
        torch.autograd.grad(ours, output), torch.autograd.grad(reference, output), rtol=1e-4, atol=1e-7
    )


@pytest.mark.parametrize("smoothing", [0.0, 0.15])
@pytest.mark.parametrize("weights", [None, torch.tensor([0.6, 2.5, 1.0, 0.2])])
def test_multiclass_is_torchs_cross_entropy(smoothing: float, weights: Tensor | None) -> None:
    output, target = logits(40, 4), labels(40, 4)
    kind = "cross_entropy" if weights is None else "class_weighted"
    genes = GENES | {"loss": kind, "label_smoothing": smoothing}
    reference = functional.cross_entropy(output, target, weights, label_smoothing=smoothing)
    torch.testing.assert_close(training_loss(genes, "multiclass", output, target, weights), reference)


def test_class_weights_are_ignored_by_the_other_losses_and_needed_by_their_own() -> None:
    output, target, weights = logits(9, 1), labels(9, 2), torch.tensor([1.0, 9.0])
    assert training_loss(GENES, "binary", output, target, weights) == training_loss(
        GENES, "binary", output, target, None
    )
    with pytest.raises(ValueError, match="class_weights"):
        training_loss(GENES | {"loss": "class_weighted"}, "binary", output, target, None)


def test_balanced_class_weights_are_scikit_learns() -> None:
    target = np.array([0, 0, 0, 1, 2, 2])
    expected = compute_class_weight("balanced", classes=np.arange(3), y=target)
    got = balanced_class_weights(torch.bincount(torch.tensor(target)))
    torch.testing.assert_close(got, torch.tensor(expected, dtype=torch.float32))
    assert balanced_class_weights(torch.tensor([3, 0]))[1] == 0


@pytest.mark.parametrize(("task", "columns"), [("binary", 1), ("multiclass", 4)])
@pytest.mark.parametrize("smoothing", [0.0, 0.15])
def test_balanced_classes_need_no_weights(task: Any, columns: int, smoothing: float) -> None:
    """So a search space leaves `class_weighted` out where all classes have equally many rows."""
    classes = max(2, columns)
    weights = balanced_class_weights(torch.full((classes,), 7))
    genes = GENES | {"label_smoothing": smoothing}
    output, target = logits(40, columns), labels(40, classes)
    weighted = training_loss(genes | {"loss": "class_weighted"}, task, output, target, weights)
    torch.testing.assert_close(weighted, training_loss(genes, task, output, target, None))


@pytest.mark.parametrize(("task", "columns"), [("binary", 1), ("multiclass", 4)])
@pytest.mark.parametrize("gamma", [0.5, 2.0])
def test_focal_is_its_definition(task: Any, columns: int, gamma: float) -> None:
    output, target = logits(50, columns), labels(50, max(2, columns))
    true = probabilities(task, output.double()).gather(1, target[:, None])[:, 0]
    expected = ((1 - true) ** gamma * -true.log()).mean().float()
    got = training_loss(GENES | {"loss": "focal", "focal_gamma": gamma}, task, output, target, None)
    torch.testing.assert_close(got, expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(("task", "columns"), [("binary", 1), ("multiclass", 3)])
@pytest.mark.parametrize("size", [0.0, 30.0, 200.0])
@pytest.mark.parametrize("kind", ["cross_entropy", "class_weighted", "focal"])
def test_gradients_stay_finite_at_extreme_logits(task: Any, columns: int, size: float, kind: str) -> None:
    output = torch.full((4, columns), -size)
    output[:2, 0] = size
    output.requires_grad_()
    genes = GENES | {"loss": kind, "focal_gamma": 0.5}
    loss = training_loss(genes, task, output, torch.tensor([0, 1, 0, 1]), torch.ones(max(2, columns)))
    assert torch.isfinite(loss)
    assert torch.isfinite(torch.autograd.grad(loss, output)[0]).all()


def test_regression_losses_are_torchs() -> None:
    output, target = logits(30, 1), logits(30, 1, seed=2)[:, 0]
    expected = {
        "mse": functional.mse_loss(output[:, 0], target),
        "mae": functional.l1_loss(output[:, 0], target),
        "huber": functional.huber_loss(output[:, 0], target, delta=0.7),
    }
    for kind, value in expected.items():
        torch.testing.assert_close(
            training_loss(GENES | {"loss": kind}, "regression", output, target, None), value
        )


@pytest.mark.parametrize("kind", ["cross_entropy", "class_weighted", "focal"])
def test_training_parts_add_up_over_chunks(kind: str) -> None:
    genes, weights = GENES | {"loss": kind, "label_smoothing": 0.1}, torch.tensor([0.5, 1.0, 4.0])
    output, target = logits(50, 3), labels(50, 3)
    parts = [
        training_loss_parts(genes, "multiclass", output[rows], target[rows], weights)
        for rows in (slice(0, 17), slice(17, 50))
    ]
    total, weight = (sum(float(part[i]) for part in parts) for i in (0, 1))
    whole = float(training_loss(genes, "multiclass", output, target, weights))
    assert total / weight == pytest.approx(whole, rel=1e-6)


@pytest.mark.parametrize(("task", "columns"), [("binary", 1), ("multiclass", 5)])
def test_validation_is_the_log_loss(task: Any, columns: int) -> None:
    output, target = logits(60, columns), labels(60, max(2, columns))
    expected = log_loss(
        target.numpy(), probabilities(task, output.double()).numpy(), labels=range(max(2, columns))
    )
    assert validation_loss(task, output, target) == pytest.approx(expected, rel=1e-6)
    parts = [validation_loss_parts(task, output[rows], target[rows]) for rows in (slice(0, 7), slice(7, 60))]
    total, rows = (sum(part[i] for part in parts) for i in (0, 1))
    assert combine_validation(task, total, int(rows)) == pytest.approx(expected, rel=1e-6)


def test_validation_is_the_rmse_in_the_targets_unit() -> None:
    output = torch.tensor([[0.0], [1.0], [50.0], [-50.0]])
    target = torch.tensor([3.0, 4.0, 6.0, 0.5], dtype=torch.float64)
    # back: 3, 5, clamped to 6, clamped to 0
    assert in_target_unit(output, SCALE).tolist() == [3.0, 5.0, 6.0, 0.0]
    assert validation_loss("regression", output, target, SCALE) == pytest.approx(math.sqrt(1.25 / 4))
    log = TargetScale(log=True, mean=1.0, std=1.0, low=0.1, high=1e6)
    assert in_target_unit(output, log).tolist() == pytest.approx([math.e, math.e**2, 1e6, 0.1])


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_prediction_that_is_not_finite_is_not_clamped_away(value: float) -> None:
    output = torch.tensor([[value], [0.0]])
    assert math.isnan(validation_loss("regression", output, torch.zeros(2), SCALE))
    assert math.isnan(validation_loss("binary", output, torch.ones(2, dtype=torch.int64)))
    logits = torch.tensor([[0.0, value, 0.0], [0.0, 0.0, 0.0]])
    assert math.isnan(validation_loss("multiclass", logits, torch.zeros(2, dtype=torch.int64)))
    assert math.isnan(validation_loss("binary", output, torch.tensor([0, 1])))


def test_regression_needs_its_scale() -> None:
    with pytest.raises(ValueError, match="scale"):
        validation_loss("regression", torch.zeros(2, 1), torch.zeros(2))


@given(st.lists(st.floats(-100, 100, width=32), min_size=1, max_size=20))
def test_binary_probabilities_are_two_columns_that_add_up(values: list[float]) -> None:
    output = torch.tensor(values)[:, None]
    both = probabilities("binary", output)
    torch.testing.assert_close(both, torch.softmax(two_columns(output), dim=1), rtol=1e-5, atol=1e-30)
    torch.testing.assert_close(both.sum(dim=1), torch.ones(len(values)))
