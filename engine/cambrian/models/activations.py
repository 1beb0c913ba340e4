"""Activations as pairs of kernels that write where they are told: forward, and the gradient back through it.

Fast kernels differ in what they need again on the way back: the input, or the output.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

aten: Any = torch.ops.aten

_SELU_ALPHA = 1.6732632423543772848170429916717
_SELU_SCALE = 1.0507009873554804934193349852946
_MISH_LINEAR = 20.0
"""Above it mish is the identity in float32."""
_LEAK = 0.01
"""Slope of the leaky ReLU; torch's default."""


@dataclass(frozen=True, slots=True)
class Activation:
    """An activation function.

    Attributes:
        apply: The function, as a plain call.
        forward: `(input, out)` writes the activation into `out`, which may be `input` itself.
        backward: `(gradient, saved, out)` writes the input's gradient into `out`, which may be `gradient`.
        saves_output: Whether `saved` is the output; else it is the input.
        zero_at_zero: Whether a unit whose input is 0 gives 0, so that padded units stay silent.
    """

    apply: Callable[[Tensor], Tensor]
    forward: Callable[[Tensor, Tensor], Any]
    backward: Callable[[Tensor, Tensor, Tensor], Any]
    saves_output: bool = False
    zero_at_zero: bool = True


def _relu(x: Tensor, out: Tensor) -> None:
    torch.clamp_min(x, 0.0, out=out)


def _relu_back(gradient: Tensor, saved: Tensor, out: Tensor) -> None:
    aten.threshold_backward.grad_input(gradient, saved, 0.0, grad_input=out)


def _leaky(x: Tensor, out: Tensor) -> None:
    aten.leaky_relu.out(x, _LEAK, out=out)


def _leaky_back(gradient: Tensor, saved: Tensor, out: Tensor) -> None:
    aten.leaky_relu_backward.grad_input(gradient, saved, _LEAK, False, grad_input=out)


def _elu(alpha: float, scale: float, x: Tensor, out: Tensor) -> None:
    aten.elu.out(x, alpha, scale, 1.0, out=out)


def _elu_back(alpha: float, scale: float, gradient: Tensor, saved: Tensor, out: Tensor) -> None:
    aten.elu_backward.grad_input(gradient, alpha, scale, 1.0, True, saved, grad_input=out)


def _gelu(x: Tensor, out: Tensor) -> None:
    aten.gelu.out(x, out=out)


def _gelu_back(gradient: Tensor, saved: Tensor, out: Tensor) -> None:
    aten.gelu_backward.grad_input(gradient, saved, grad_input=out)


def _silu(x: Tensor, out: Tensor) -> None:
    aten.silu.out(x, out=out)


def _silu_back(gradient: Tensor, saved: Tensor, out: Tensor) -> None:
    aten.silu_backward.grad_input(gradient, saved, grad_input=out)


def _mish_gate(x: Tensor) -> tuple[Tensor, Tensor]:
    """exp(x), and tanh(log(1 + exp(x))) by way of it: torch's own kernel takes four times as long."""
    power = torch.clamp_max(x, _MISH_LINEAR).exp_()
    product = power * (power + 2.0)
    return power, product.div_(product + 2.0)


def _mish(x: Tensor, out: Tensor) -> None:
    _, gate = _mish_gate(x)
    torch.mul(x, gate, out=out)


def _mish_back(gradient: Tensor, saved: Tensor, out: Tensor) -> None:
    """Gate + x (1 - gate^2) sigmoid(x)."""
    power, gate = _mish_gate(saved)
    rise = power.div_(power + 1.0).mul_(saved)
    rise.addcmul_(rise, gate.square(), value=-1.0).add_(gate)
    torch.mul(gradient, rise, out=out)


def _tanh(x: Tensor, out: Tensor) -> None:
    torch.tanh(x, out=out)


def _tanh_back(gradient: Tensor, saved: Tensor, out: Tensor) -> None:
    aten.tanh_backward.grad_input(gradient, saved, grad_input=out)


def _sigmoid(x: Tensor, out: Tensor) -> None:
    torch.sigmoid(x, out=out)


def _sigmoid_back(gradient: Tensor, saved: Tensor, out: Tensor) -> None:
    aten.sigmoid_backward.grad_input(gradient, saved, grad_input=out)


ACTIVATIONS: dict[str, Activation] = {
    "relu": Activation(torch.relu, _relu, _relu_back, saves_output=True),
    "leaky_relu": Activation(functional.leaky_relu, _leaky, _leaky_back),
    "elu": Activation(
        functional.elu, partial(_elu, 1.0, 1.0), partial(_elu_back, 1.0, 1.0), saves_output=True
    ),
    "selu": Activation(
        torch.selu,
        partial(_elu, _SELU_ALPHA, _SELU_SCALE),
        partial(_elu_back, _SELU_ALPHA, _SELU_SCALE),
        saves_output=True,
    ),
    "gelu": Activation(functional.gelu, _gelu, _gelu_back),
    "silu": Activation(functional.silu, _silu, _silu_back),
    "mish": Activation(functional.mish, _mish, _mish_back),
    "tanh": Activation(torch.tanh, _tanh, _tanh_back, saves_output=True),
    "sigmoid": Activation(torch.sigmoid, _sigmoid, _sigmoid_back, saves_output=True, zero_at_zero=False),
}
"""Every activation by the name its gene has."""
