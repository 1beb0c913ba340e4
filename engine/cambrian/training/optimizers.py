"""One lane's optimizer: torch's fused kernels on the lane's own tensors, without `torch.optim`.

The first step of a `torch.optim` optimizer imports `torch._dynamo` (1.4 s), and its Python costs more than a
small network's arithmetic. Here a step is one fused call for all tensors of the lane; clip, L2, L1 and decay
are list operations before it. Order of a step:

1. clip the gradients by their common norm (the data's gradient alone),
2. add the coupled L2 and L1 terms of the decayed tensors,
3. decay the decayed tensors by `learning_rate * weight_decay` (decoupled; Loshchilov & Hutter 2019; adam
   alone does not, which is what tells it from adamw),
4. update.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

RMSPROP_EPS = 1e-8
CLIP_EPS = 1e-6
"""As in `torch.nn.utils.clip_grad_norm_`."""
_SETTLED = 1e9
"""A step count at which Adam's bias corrections are exactly 1."""


class Optimizer:
    """The optimizer that a lane's genes describe, bound to the lane's tensors.

    Args:
        genes: `optimizer` and its genes, `weight_decay`, `l2`, `l1`, `gradient_clip`, `clip_norm`.
        parameters: The tensors to update in place, by name. Each must be contiguous (the kernels walk raw
            memory); a lane's slice of a stacked tensor is, if the lane is the leading axis.
        decayed: Names of the tensors that weight decay, L2 and L1 reach (the weight matrices).

    Raises:
        ValueError: A parameter is not contiguous, or `decayed` names no parameter.
    """

    def __init__(
        self, genes: Mapping[str, Any], parameters: dict[str, Tensor], decayed: frozenset[str]
    ) -> None:
        scattered = [name for name, tensor in parameters.items() if not tensor.is_contiguous()]
        if scattered or not decayed <= parameters.keys():
            raise ValueError(f"not contiguous: {scattered}; unknown: {sorted(decayed - parameters.keys())}")
        self._names = tuple(parameters)
        self._parameters = [tensor.detach() for tensor in parameters.values()]
        self._decayed = [i for i, name in enumerate(self._names) if name in decayed]
        self._decayed_parameters = [self._parameters[i] for i in self._decayed]
        # Adam without decoupled decay is what tells it from AdamW: the gene is inactive there.
        self._weight_decay = 0.0 if genes["optimizer"] == "adam" else float(genes["weight_decay"])
        self._keep = torch.ones((), device=self._parameters[0].device)
        self._l2 = float(genes["l2"])
        self._l1 = float(genes["l1"])
        self._clip = float(genes["clip_norm"]) if genes["gradient_clip"] == "norm" else None
        self._rule = _RULES[genes["optimizer"]](genes, self._parameters)

    def move(self, parameters: Mapping[str, Tensor]) -> None:
        """Go on with the same parameters in other memory."""
        self._parameters = [parameters[name].detach() for name in self._names]
        self._decayed_parameters = [self._parameters[i] for i in self._decayed]

    def move_moments(self, moments: Mapping[str, Mapping[str, Tensor]]) -> None:
        """Copy the moments into other memory, named as `moments` are, and keep them there from now on."""
        for moment, tensors in self._rule.moments.items():
            homes = [moments[moment][name] for name in self._names]
            for home, tensor in zip(homes, tensors, strict=True):
                home.copy_(tensor)
            self._rule.moments[moment] = homes

    def step(self, gradients: Mapping[str, Tensor], learning_rate: float) -> None:
        """Update the parameters in place.

        Args:
            gradients: One for every parameter, of the mean loss over the batch. They are overwritten.
            learning_rate: The rate of this step, schedule included.
        """
        with torch.no_grad():
            # The kernels read raw memory: a gradient with other strides (as of x @ w.T) is laid out anew.
            grads = [
                g if g.is_contiguous() else g.contiguous() for g in map(gradients.__getitem__, self._names)
            ]
            if self._clip is not None:
                _clip(grads, self._clip)
            if self._l2 or self._l1:
                self._penalise([grads[i] for i in self._decayed])
            if self._weight_decay:
                # By a tensor: by a Python number the list operation takes three times as long.
                self._keep.fill_(1.0 - learning_rate * self._weight_decay)
                torch._foreach_mul_(self._decayed_parameters, self._keep)
            self._rule.update(self._parameters, grads, learning_rate)

    @property
    def moments(self) -> dict[str, dict[str, Tensor]]:
        """Of each moment its tensors by parameter; not copies. With `count` all there is to keep."""
        return {
            moment: dict(zip(self._names, tensors, strict=True))
            for moment, tensors in self._rule.moments.items()
        }

    @property
    def count(self) -> Tensor:
        """Steps done, a scalar; not a copy."""
        return self._rule.count

    def _penalise(self, grads: list[Tensor]) -> None:
        if self._l2:
            torch._foreach_add_(grads, self._decayed_parameters, alpha=self._l2)
        if self._l1:
            torch._foreach_add_(grads, torch._foreach_sign(self._decayed_parameters), alpha=self._l1)


def _clip(grads: list[Tensor], most: float) -> None:
    """Scale all gradients so that their common norm is at most `most`."""
    norms = torch._foreach_norm(grads)
    if norms[0].is_cpu:
        factor = most / (math.hypot(*map(float, norms)) + CLIP_EPS)
        if factor < 1.0:
            torch._foreach_mul_(grads, torch.tensor(factor))
    else:  # never wait for the device
        norm = torch.linalg.vector_norm(torch.stack(norms))
        torch._foreach_mul_(grads, (most / (norm + CLIP_EPS)).clamp_(max=1.0))


def _zeros(parameters: list[Tensor]) -> list[Tensor]:
    return [torch.zeros_like(tensor) for tensor in parameters]


class _Sgd:
    """Momentum, plain or Nesterov's. A buffer that starts at 0 makes the first step torch's first step.

    Without momentum the kernel refuses buffers: they hold the last gradient, as all that momentum 0 keeps.
    Nesterov's step is then the plain one.
    """

    nesterov = False

    def __init__(self, genes: Mapping[str, Any], parameters: list[Tensor]) -> None:
        self._momentum = float(genes["momentum"])
        self.moments = {"momentum": _zeros(parameters)}
        self.count = torch.zeros((), device=parameters[0].device)

    def update(self, parameters: list[Tensor], grads: list[Tensor], learning_rate: float) -> None:
        self.count += 1.0
        torch._fused_sgd_(
            parameters,
            grads,
            self.moments["momentum"] if self._momentum else [],
            weight_decay=0.0,
            momentum=self._momentum,
            lr=learning_rate,
            dampening=0.0,
            nesterov=self.nesterov and self._momentum > 0,
            maximize=False,
            is_first_step=False,
        )
        if not self._momentum:
            torch._foreach_copy_(self.moments["momentum"], grads)


class _SgdNesterov(_Sgd):
    nesterov = True


class _Adam:
    """Adam; AdamW is the same kernel, for the decoupled decay is done before it for every optimizer."""

    def __init__(self, genes: Mapping[str, Any], parameters: list[Tensor]) -> None:
        self._settings = {
            "beta1": float(genes["beta1"]),
            "beta2": float(genes["beta2"]),
            "eps": float(genes["adam_eps"]),
        }
        self.moments = {"mean": _zeros(parameters), "square": _zeros(parameters)}
        self.count = torch.zeros((), device=parameters[0].device)
        self._counts = [self.count] * len(parameters)

    def update(self, parameters: list[Tensor], grads: list[Tensor], learning_rate: float) -> None:
        self.count += 1.0
        moments = self.moments["mean"], self.moments["square"]
        _adam(parameters, grads, moments, self._counts, self._settings | {"lr": learning_rate})


class _RmsProp:
    """RMSprop is Adam without first moment and bias correction, so Adam's kernel does it in one call."""

    def __init__(self, genes: Mapping[str, Any], parameters: list[Tensor]) -> None:
        self._settings = {"beta1": 0.0, "beta2": float(genes["rmsprop_alpha"]), "eps": RMSPROP_EPS}
        self.moments = {"square": _zeros(parameters)}
        self.count = torch.zeros((), device=parameters[0].device)
        self._scratch: list[Tensor] = []  # made when first needed: a lane on a GPU never steps by itself
        self._settled = [torch.full_like(self.count, _SETTLED)] * len(parameters)

    def update(self, parameters: list[Tensor], grads: list[Tensor], learning_rate: float) -> None:
        self.count += 1.0
        self._scratch = self._scratch or _zeros(parameters)
        moments = self._scratch, self.moments["square"]
        _adam(parameters, grads, moments, self._settled, self._settings | {"lr": learning_rate})


def _adam(
    parameters: list[Tensor],
    grads: list[Tensor],
    moments: tuple[list[Tensor], list[Tensor]],
    counts: list[Tensor],
    settings: dict[str, Any],
) -> None:
    torch._fused_adam_(
        parameters,
        grads,
        *moments,
        [],
        counts,
        **settings,
        weight_decay=0.0,
        amsgrad=False,
        maximize=False,
    )


_RULES: dict[str, type[_Sgd] | type[_Adam] | type[_RmsProp]] = {
    "sgd": _Sgd,
    "sgd_nesterov": _SgdNesterov,
    "rmsprop": _RmsProp,
    "adam": _Adam,
    "adamw": _Adam,
}
