"""How a layer's weights and biases start: every draw from the generator that is given.

Sources: torch.nn.init (Glorot & Bengio 2010; He et al. 2015; Saxe et al. 2014; Martens 2010), and pytabkit
(Holzmüller et al. 2024) for the two that look at the data: `data_std` and `he5`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

RELU_GAIN = math.sqrt(2.0)
SPARSITY = 0.1
SPARSE_STD = 0.01
CONVEX_POINTS = 5


def initialise(
    weight: Tensor,
    bias: Tensor,
    genes: Mapping[str, Any],
    *,
    inputs: Tensor,
    generator: torch.Generator,
) -> None:
    """Fill a layer's weight `(out, in)` and bias `(out,)` in place.

    Pass the real sizes (views without padding): the fan-in is `weight.shape[1]`. The draws are made on the
    generator's device and depend on nothing but the generator, the two sizes and, where the genes say
    `data_std` or `he5`, on `inputs`.

    Args:
        weight: `(out, in)`, any strides.
        bias: `(out,)`.
        genes: `init`, `init_gain` (a factor on the weight) and `bias_init`.
        inputs: What reaches this layer for some training rows, `(n, in)`, n >= 1 (`data_std`, `he5`).
        generator: The lane's generator for initial values.
    """
    with torch.no_grad():
        points = inputs.to(generator.device, torch.float32)
        drawn = _WEIGHTS[genes["init"]](weight.shape[0], weight.shape[1], points, generator)
        drawn = drawn * float(genes["init_gain"])
        weight.copy_(drawn)
        bias.copy_(_BIASES[genes["bias_init"]](drawn, points, generator))


def _normal(rows: int, columns: int, generator: torch.Generator) -> Tensor:
    return torch.randn(rows, columns, generator=generator, device=generator.device)


def _uniform(rows: int, columns: int, generator: torch.Generator) -> Tensor:
    """Uniform on [-1, 1)."""
    return torch.rand(rows, columns, generator=generator, device=generator.device) * 2.0 - 1.0


def _kaiming_uniform(rows: int, columns: int, inputs: Tensor, generator: torch.Generator) -> Tensor:
    return _uniform(rows, columns, generator) * (RELU_GAIN * math.sqrt(3.0 / columns))


def _kaiming_normal(rows: int, columns: int, inputs: Tensor, generator: torch.Generator) -> Tensor:
    return _normal(rows, columns, generator) * (RELU_GAIN / math.sqrt(columns))


def _xavier(rows: int, columns: int, inputs: Tensor, generator: torch.Generator) -> Tensor:
    return _uniform(rows, columns, generator) * math.sqrt(6.0 / (rows + columns))


def _orthogonal(rows: int, columns: int, inputs: Tensor, generator: torch.Generator) -> Tensor:
    """Orthonormal rows or columns, whichever are fewer; the signs make it uniform (Mezzadri 2007)."""
    q: Tensor
    q, r = torch.linalg.qr(_normal(max(rows, columns), min(rows, columns), generator))
    q = q * torch.sign(torch.diagonal(r))
    return q if rows >= columns else q.T


def _sparse(rows: int, columns: int, inputs: Tensor, generator: torch.Generator) -> Tensor:
    """Normal with std 0.01; in each column (one input) a tenth of the weights, rounded up, is zero."""
    weight = _normal(rows, columns, generator) * SPARSE_STD
    order = _uniform(rows, columns, generator).argsort(dim=0)
    return weight.scatter_(0, order[: math.ceil(SPARSITY * rows)], 0.0)


def _data_std(rows: int, columns: int, inputs: Tensor, generator: torch.Generator) -> Tensor:
    """Normal, then divided so that each output has standard deviation 1 over `inputs`.

    Where the inputs do not vary, the weight is divided by sqrt(fan-in) instead.
    """
    weight = _normal(rows, columns, generator)
    std = (inputs @ weight.T).std(dim=0, correction=0)
    usual = math.sqrt(columns)
    return weight / torch.where(std > 1e-6 * usual, std, usual)[:, None]


def _zero_bias(weight: Tensor, inputs: Tensor, generator: torch.Generator) -> Tensor:
    return weight.new_zeros(weight.shape[0])


def _normal_bias(weight: Tensor, inputs: Tensor, generator: torch.Generator) -> Tensor:
    """Standard normal, as pytabkit's."""
    return _normal(weight.shape[0], 1, generator)[:, 0]


def _torch_bias(weight: Tensor, inputs: Tensor, generator: torch.Generator) -> Tensor:
    """Uniform within 1/sqrt(fan-in), as `torch.nn.Linear`'s."""
    return _uniform(weight.shape[0], 1, generator)[:, 0] / math.sqrt(weight.shape[1])


def _he5_bias(weight: Tensor, inputs: Tensor, generator: torch.Generator) -> Tensor:
    """The he+5 of pytabkit (Steinwart 2019): each unit's kink meets a random point of the data's hull.

    The point is a convex combination of 5 random rows, with exponential weights normalised to 1.
    """
    units = weight.shape[0]
    chosen = torch.randint(len(inputs), (units, CONVEX_POINTS), generator=generator, device=generator.device)
    # 1 - rand lies in (0, 1]; the floor keeps the sum of five above zero.
    shares = -torch.log1p(-torch.rand(units, CONVEX_POINTS, generator=generator, device=generator.device))
    shares = shares.clamp_(min=1e-12)
    shares /= shares.sum(dim=1, keepdim=True)
    points = torch.einsum("uk,uki->ui", shares, inputs[chosen])
    return -(weight * points).sum(dim=1)


_WEIGHTS: dict[str, Callable[[int, int, Tensor, torch.Generator], Tensor]] = {
    "kaiming_uniform": _kaiming_uniform,
    "kaiming_normal": _kaiming_normal,
    "xavier": _xavier,
    "orthogonal": _orthogonal,
    "sparse": _sparse,
    "data_std": _data_std,
}

_BIASES: dict[str, Callable[[Tensor, Tensor, torch.Generator], Tensor]] = {
    "zeros": _zero_bias,
    "normal": _normal_bias,
    "torch": _torch_bias,
    "he5": _he5_bias,
}
