"""Initial weights against torch.nn.init at the true fan-in, and the two ways that look at the data."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from cambrian.training.initialisers import initialise

torch.set_num_threads(1)

OUT, IN = 160, 96
WEIGHTS = ["kaiming_uniform", "kaiming_normal", "xavier", "orthogonal", "sparse", "data_std"]
BIASES = ["zeros", "normal", "torch", "he5"]
REFERENCES: dict[str, Callable[[Tensor], Tensor]] = {
    "kaiming_uniform": lambda w: nn.init.kaiming_uniform_(w, nonlinearity="relu"),
    "kaiming_normal": lambda w: nn.init.kaiming_normal_(w, nonlinearity="relu"),
    "xavier": nn.init.xavier_uniform_,
    "orthogonal": nn.init.orthogonal_,
    "sparse": lambda w: nn.init.sparse_(w, sparsity=0.1),
}


def rows(n: int = 500, width: int = IN) -> Tensor:
    generator = torch.Generator().manual_seed(5)
    return 2.0 + 3.0 * torch.randn(n, width, generator=generator)


def made(
    init: str, bias_init: str = "zeros", *, seed: int = 0, shape: tuple[int, int] = (OUT, IN), **genes: Any
) -> tuple[Tensor, Tensor]:
    weight, bias = torch.full(shape, math.nan), torch.full(shape[:1], math.nan)
    generator = torch.Generator().manual_seed(seed)
    values = {"init": init, "init_gain": 1.0, "bias_init": bias_init} | genes
    initialise(weight, bias, values, inputs=rows(width=shape[1]), generator=generator)
    return weight, bias


@pytest.mark.parametrize("init", REFERENCES)
def test_statistics_are_torchs(init: str) -> None:
    weight, _ = made(init)
    torch.manual_seed(0)
    expected = REFERENCES[init](torch.empty(OUT, IN))
    assert weight.std() == pytest.approx(float(expected.std()), rel=0.03)
    assert abs(weight.mean()) < 4 * expected.std() / math.sqrt(OUT * IN)
    assert weight.abs().max() == pytest.approx(float(expected.abs().max()), rel=0.2)
    assert (weight == 0).sum() == (expected == 0).sum()


@pytest.mark.parametrize("shape", [(40, 24), (24, 40)])
def test_orthogonal_is_orthonormal(shape: tuple[int, int]) -> None:
    weight, _ = made("orthogonal", shape=shape)
    product = weight.T @ weight if shape[0] > shape[1] else weight @ weight.T
    torch.testing.assert_close(product, torch.eye(24), rtol=0, atol=1e-5)


def test_sparse_zeroes_a_tenth_of_every_column() -> None:
    weight, _ = made("sparse", shape=(55, 20))
    assert ((weight == 0).sum(dim=0) == 6).all()


def test_data_std_gives_every_output_the_spread_of_the_gain() -> None:
    weight, _ = made("data_std", init_gain=1.7)
    spread = (rows() @ weight.T).std(dim=0, correction=0)
    torch.testing.assert_close(spread, torch.full((OUT,), 1.7), rtol=1e-4, atol=0)


def test_data_std_survives_constant_inputs() -> None:
    weight, bias = torch.empty(32, 16), torch.empty(32)
    genes = {"init": "data_std", "init_gain": 1.0, "bias_init": "he5"}
    initialise(weight, bias, genes, inputs=torch.ones(8, 16), generator=torch.Generator().manual_seed(0))
    assert weight.std() == pytest.approx(0.25, rel=0.15)
    torch.testing.assert_close(bias, -weight.sum(dim=1))


def test_biases() -> None:
    assert (made("xavier", "zeros")[1] == 0).all()
    shape = (4000, 16)
    assert made("xavier", "normal", shape=shape)[1].std() == pytest.approx(1.0, rel=0.05)
    uniform = made("xavier", "torch", shape=shape)[1]
    assert uniform.abs().max() <= 0.25
    assert uniform.std() == pytest.approx(0.25 / math.sqrt(3), rel=0.05)


def test_he5_puts_each_kink_through_the_hull_of_the_data() -> None:
    weight, bias = made("kaiming_normal", "he5", init_gain=2.0)
    projections = rows() @ weight.T
    assert (-bias > projections.min(dim=0).values).all()
    assert (-bias < projections.max(dim=0).values).all()
    # Exponential shares of 5 points: the variance over draws is 2 / (5 + 1) of that of one point.
    _, biases = made("kaiming_normal", "he5", shape=(20_000, 1))
    weights, _ = made("kaiming_normal", "zeros", shape=(20_000, 1))
    points = -biases / weights[:, 0]
    one = rows(width=1)
    assert points.mean() == pytest.approx(float(one.mean()), abs=0.05)
    assert points.var() == pytest.approx(float(one.var()) / 3, rel=0.05)


@pytest.mark.parametrize("bias_init", BIASES)
@pytest.mark.parametrize("init", WEIGHTS)
def test_every_draw_comes_from_the_generator(init: str, bias_init: str) -> None:
    torch.manual_seed(1)
    first = made(init, bias_init)
    before = torch.get_rng_state()
    again = made(init, bias_init)
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(made(init, bias_init, seed=1)[0], first[0])


@pytest.mark.parametrize("init", WEIGHTS)
def test_a_padded_view_gets_the_same_numbers_and_the_padding_none(init: str) -> None:
    padded, bias = torch.full((48, 48), 7.0), torch.full((48,), 7.0)
    genes = {"init": init, "init_gain": 1.0, "bias_init": "he5"}
    generator = torch.Generator().manual_seed(0)
    initialise(padded[:33, :17], bias[:33], genes, inputs=rows(width=17), generator=generator)
    weight, expected_bias = made(init, "he5", shape=(33, 17))
    assert torch.equal(padded[:33, :17], weight)
    assert torch.equal(bias[:33], expected_bias)
    assert (padded[33:] == 7).all()
    assert (padded[:, 17:] == 7).all()


def test_gain_scales_the_weight() -> None:
    torch.testing.assert_close(made("xavier", init_gain=0.5)[0], 0.5 * made("xavier")[0])


def test_parameters_that_require_gradients_are_filled() -> None:
    layer = nn.Linear(4, 3)
    genes = {"init": "xavier", "init_gain": 1.0, "bias_init": "zeros"}
    initialise(layer.weight, layer.bias, genes, inputs=rows(9, 4), generator=torch.Generator())
    assert (layer.bias == 0).all()
    assert layer.weight.grad_fn is None
