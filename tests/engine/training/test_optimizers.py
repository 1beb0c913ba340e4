"""Our optimizers against torch.optim over 50 steps, and what makes them cheap."""

from __future__ import annotations

import copy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

import cambrian.training.optimizers as optimizers
from cambrian.training.optimizers import Optimizer

torch.set_num_threads(1)

GENES: dict[str, Any] = {
    "optimizer": "adamw",
    "momentum": 0.8,
    "beta1": 0.85,
    "beta2": 0.97,
    "adam_eps": 1e-7,
    "rmsprop_alpha": 0.95,
    "weight_decay": 0.0,
    "l2": 0.0,
    "l1": 0.0,
    "gradient_clip": "none",
    "clip_norm": 0.05,
}
ALL = ["sgd", "sgd_nesterov", "rmsprop", "adam", "adamw"]
LR = 3e-3
STEPS = 50


def reference_optimizer(name: str, network: nn.Module, l2: float) -> torch.optim.Optimizer:
    named = dict(network.named_parameters())
    groups = [
        {"params": [p for n, p in named.items() if n in decayed(network)], "weight_decay": l2},
        {"params": [p for n, p in named.items() if n not in decayed(network)], "weight_decay": 0.0},
    ]
    betas = (GENES["beta1"], GENES["beta2"])
    if name == "rmsprop":
        return torch.optim.RMSprop(groups, lr=LR, alpha=GENES["rmsprop_alpha"], eps=1e-8)
    if name == "adam":
        return torch.optim.Adam(groups, lr=LR, betas=betas, eps=GENES["adam_eps"])
    if name == "adamw":  # coupled L2 is no part of AdamW; without it the two are one
        return torch.optim.Adam(groups, lr=LR, betas=betas, eps=GENES["adam_eps"])
    return torch.optim.SGD(groups, lr=LR, momentum=GENES["momentum"], nesterov=name == "sgd_nesterov")


def decayed(network: nn.Module) -> frozenset[str]:
    return frozenset(name for name, _ in network.named_parameters() if name.endswith("weight"))


def make_network() -> nn.Module:
    torch.manual_seed(3)
    return nn.Sequential(nn.Linear(7, 33), nn.Tanh(), nn.Linear(33, 17), nn.Tanh(), nn.Linear(17, 1))


def gradients(network: nn.Module, step: int) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(step)
    x, y = torch.randn(24, 7, generator=generator), torch.randn(24, 1, generator=generator)
    loss = functional.mse_loss(network(x), y)
    names, parameters = zip(*network.named_parameters(), strict=True)
    return dict(zip(names, torch.autograd.grad(loss, parameters), strict=True))


def train_ours(steps: int = STEPS, **genes: Any) -> nn.Module:
    network = make_network()
    optimizer = Optimizer(GENES | genes, dict(network.named_parameters()), decayed(network))
    for step in range(steps):
        optimizer.step(gradients(network, step), LR)
    return network


def train_reference(
    name: str, *, l2: float = 0.0, before: Callable[[nn.Module], None] = lambda network: None
) -> nn.Module:
    """`before` may change gradients and weights of the network before each update."""
    network = make_network()
    optimizer = reference_optimizer(name, network, l2)
    for step in range(STEPS):
        for key, gradient in gradients(network, step).items():
            network.get_parameter(key).grad = gradient
        with torch.no_grad():
            before(network)
        optimizer.step()
    return network


def assert_same(ours: nn.Module, reference: nn.Module) -> None:
    for name, expected in reference.named_parameters():
        torch.testing.assert_close(ours.get_parameter(name), expected, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("name", ALL)
def test_plain(name: str) -> None:
    ours = train_ours(optimizer=name)
    assert_same(ours, train_reference(name))
    assert (ours.get_parameter("0.weight") - make_network().get_parameter("0.weight")).abs().max() > 1e-3


@pytest.mark.parametrize("name", ["sgd", "sgd_nesterov"])
def test_sgd_without_momentum_is_torchs(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(GENES, "momentum", 0.0)
    ours = train_ours(optimizer=name)
    assert_same(ours, train_reference("sgd"))
    assert (ours.get_parameter("0.weight") - make_network().get_parameter("0.weight")).abs().max() > 1e-3


@pytest.mark.parametrize("name", ALL)
def test_l2_is_torchs_coupled_weight_decay(name: str) -> None:
    assert_same(train_ours(optimizer=name, l2=0.1), train_reference(name, l2=0.1))


def test_decoupled_decay_is_torchs_adamw() -> None:
    network = make_network()
    named = dict(network.named_parameters())
    reference = torch.optim.AdamW(
        [
            {"params": [p for n, p in named.items() if n in decayed(network)], "weight_decay": 0.5},
            {"params": [p for n, p in named.items() if n not in decayed(network)], "weight_decay": 0.0},
        ],
        lr=LR,
        betas=(GENES["beta1"], GENES["beta2"]),
        eps=GENES["adam_eps"],
    )
    for step in range(STEPS):
        for key, gradient in gradients(network, step).items():
            named[key].grad = gradient
        reference.step()
    assert_same(train_ours(optimizer="adamw", weight_decay=0.5), network)


@pytest.mark.parametrize("name", [name for name in ALL if name != "adam"])
def test_weight_decay_acts_apart_from_the_gradient(name: str) -> None:
    def decay(network: nn.Module) -> None:
        for key in decayed(network):
            network.get_parameter(key).mul_(1 - LR * 0.5)

    assert_same(train_ours(optimizer=name, weight_decay=0.5), train_reference(name, before=decay))


def test_adam_does_not_decay() -> None:
    assert_same(
        train_ours(optimizer="adam", weight_decay=0.5), train_ours(optimizer="adam", weight_decay=0.0)
    )


@pytest.mark.parametrize("name", ALL)
def test_l1_adds_the_sign(name: str) -> None:
    def penalise(network: nn.Module) -> None:
        for key in decayed(network):
            weight = network.get_parameter(key)
            assert weight.grad is not None
            weight.grad += 0.01 * weight.sign()

    assert_same(train_ours(optimizer=name, l1=0.01), train_reference(name, before=penalise))


@pytest.mark.parametrize("clip_norm", [0.05, 0.8, 1.2, 1e6])
@pytest.mark.parametrize("name", ["sgd", "adam"])
def test_clip_is_torchs(name: str, clip_norm: float) -> None:
    def clip(network: nn.Module) -> None:
        torch.nn.utils.clip_grad_norm_(network.parameters(), clip_norm)

    ours = train_ours(optimizer=name, gradient_clip="norm", clip_norm=clip_norm)
    assert_same(ours, train_reference(name, before=clip))


def test_the_clip_sees_the_gradient_of_the_data_alone() -> None:
    def clip_then_penalise(network: nn.Module) -> None:
        torch.nn.utils.clip_grad_norm_(network.parameters(), 0.05)
        for key in decayed(network):
            weight = network.get_parameter(key)
            assert weight.grad is not None
            weight.grad += 0.1 * weight

    assert_same(
        train_ours(optimizer="sgd", gradient_clip="norm", l2=0.1),
        train_reference("sgd", before=clip_then_penalise),
    )


@pytest.mark.parametrize("name", ALL)
def test_going_on_from_saved_tensors_changes_no_bit(name: str) -> None:
    genes = GENES | {"optimizer": name, "weight_decay": 0.1, "gradient_clip": "norm"}
    network = make_network()
    optimizer = Optimizer(genes, dict(network.named_parameters()), decayed(network))
    for step in range(10):
        optimizer.step(gradients(network, step), LR)
    other = copy.deepcopy(network)
    moved = Optimizer(genes, dict(other.named_parameters()), decayed(other))
    for moment, kept in optimizer.moments.items():
        for key, tensor in kept.items():
            moved.moments[moment][key].copy_(tensor)
    moved.count.copy_(optimizer.count)
    for step in range(10, 20):
        optimizer.step(gradients(network, step), LR)
        moved.step(gradients(other, step), LR)
    for expected, got in zip(network.parameters(), other.parameters(), strict=True):
        assert torch.equal(expected, got)


@pytest.mark.parametrize("name", ALL)
def test_gradients_of_any_strides(name: str) -> None:
    """The fused kernels read raw memory: a transposed gradient must not be taken for a contiguous one."""
    gradient = torch.randn(5, 16)
    weights = {False: torch.ones(16, 5), True: torch.ones(16, 5)}
    for contiguous, weight in weights.items():
        given = gradient.T.contiguous() if contiguous else gradient.T
        optimizer = Optimizer(GENES | {"optimizer": name}, {"w": weight}, frozenset())
        optimizer.step({"w": given.clone(memory_format=torch.preserve_format)}, 0.1)
    assert torch.equal(weights[True], weights[False])


def test_parameters_must_be_contiguous_and_decayed_known() -> None:
    with pytest.raises(ValueError, match="contiguous"):
        Optimizer(GENES, {"w": torch.ones(4, 3).T}, frozenset())
    with pytest.raises(ValueError, match="unknown"):
        Optimizer(GENES, {"w": torch.ones(4, 3)}, frozenset({"v"}))


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
@pytest.mark.parametrize("name", ALL)
def test_a_gradient_that_is_no_number_shows_in_the_weights(name: str, bad: float) -> None:
    weight = torch.ones(3, 3)
    optimizer = Optimizer(GENES | {"optimizer": name, "gradient_clip": "norm"}, {"w": weight}, frozenset("w"))
    gradient = torch.ones(3, 3)
    gradient[0, 0] = bad
    optimizer.step({"w": gradient}, 0.1)
    assert not torch.isfinite(weight).all()


def test_using_it_never_loads_dynamo() -> None:
    """`import torch` itself loads torch.optim's modules; it is their first use that imports torch._dynamo."""
    genes = GENES | {"l1": 0.1, "l2": 0.1, "weight_decay": 0.1, "gradient_clip": "norm"}
    code = f"""
import sys, torch
from cambrian.training.optimizers import Optimizer
for name in {ALL}:
    genes = {genes} | {{"optimizer": name}}
    weight = torch.ones(16, 16, requires_grad=True)
    optimizer = Optimizer(genes, {{"w": weight}}, frozenset("w"))
    optimizer.step({{"w": torch.autograd.grad(weight.square().sum(), [weight])[0]}}, 0.1)
sys.exit("torch._dynamo" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    source = Path(optimizers.__file__).read_text(encoding="utf-8")
    assert "import torch.optim" not in source
    assert "from torch.optim" not in source
    assert "torch.optim." not in source
