"""The network of family mlp against plain torch.nn modules."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import nn
from torch_network import MODULES, Network

from cambrian.models.mlp import ACTIVATIONS, MLP
from cambrian.space.build import SpaceFacts, build_space

torch.set_num_threads(1)

SPACE = build_space(SpaceFacts("regression", rows=4096))
INPUTS, ROWS = 11, 37


def genome(**values: object) -> dict[str, object]:
    return dict(SPACE.genome({"width_1": 32, **values}))


def network_of(**values: object) -> MLP:
    """A network with random values in every parameter, so that none hides behind a 0 or a 1."""
    network = MLP(genome(**values), INPUTS, 3)
    generator = torch.Generator().manual_seed(7)
    for parameter in network.parameters():
        nn.init.normal_(parameter, std=0.3, generator=generator)
    return network


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize(
    ("activation", "normalisation", "parametric"),
    list(itertools.product(ACTIVATIONS, ["none", "batch", "layer"], [False, True])),
)
def test_forward_equals_torchs_modules(
    activation: str, normalisation: str, parametric: bool, training: bool
) -> None:
    values = {
        "activation": activation,
        "normalisation": normalisation,
        "parametric": parametric,
        "residual": parametric,
        "norm_eps": 1e-3,
        "batch_momentum": 0.3,
        "dropout": 0.0,
    }
    network, genes = network_of(**values), genome(**values)
    reference = Network(genes, INPUTS, 3)
    reference.load_lane(network.state_dict())
    reference.train(training)
    for round_ in range(2):  # the second meets moved running statistics
        x = torch.randn(ROWS, INPUTS, generator=torch.Generator().manual_seed(round_))
        output = network(x, () if training else None)
        torch.testing.assert_close(output, reference(x))
    if normalisation == "batch":
        for layer, block in zip(network.hidden, reference.hidden, strict=True):
            torch.testing.assert_close(layer.running_mean, block.norm.running_mean)
            torch.testing.assert_close(layer.running_variance, block.norm.running_var)


def test_every_activation_of_the_space_has_a_function() -> None:
    assert set(SPACE.gene("activation").choices) == set(ACTIVATIONS) == set(MODULES)


def test_no_hidden_layers_is_a_linear_model() -> None:
    network = network_of(layers=0, normalisation="batch", parametric=True)
    x = torch.randn(ROWS, INPUTS, generator=torch.Generator().manual_seed(1))
    assert [name for name, _ in network.named_parameters()] == ["head.weight", "head.bias"]
    assert torch.equal(network(x, ()), nn.functional.linear(x, network.head.weight, network.head.bias))


def test_a_residual_stands_between_equal_hidden_layers_only() -> None:
    values = {"shape": "free", "layers": 4, "width_1": 16, "width_2": 16, "width_3": 32, "width_4": 32}
    network = MLP(genome(**values, residual=True), 16, 1)
    assert network.widths == (16, 16, 32, 32)
    assert [layer.residual for layer in network.hidden] == [False, True, False, True]


def test_masks_switch_units_off_after_the_activation() -> None:
    values = {"layers": 2, "activation": "sigmoid"}
    network = network_of(**values)
    x = torch.randn(ROWS, INPUTS, generator=torch.Generator().manual_seed(1))
    masks = [torch.ones(ROWS, 32), torch.ones(ROWS, 32)]
    assert torch.equal(network(x, masks), network(x))
    masks[1].zero_()
    assert torch.equal(network(x, masks), network.head.bias.expand(ROWS, 3))
    masks[0][:, 1:], masks[1] = 0.0, torch.ones(ROWS, 32)
    one, second = network.hidden[0], network.hidden[1]
    unit = torch.sigmoid(x @ one.weight[0] + one.bias[0])[:, None]
    expected = network.head(torch.sigmoid(unit * second.weight[:, 0] + second.bias))
    torch.testing.assert_close(network(x, masks), expected)


def test_a_single_row_is_normalised_by_the_running_statistics() -> None:
    network = network_of(normalisation="batch")
    network(torch.randn(ROWS, INPUTS, generator=torch.Generator().manual_seed(1)), ())
    before = {name: value.clone() for name, value in network.named_buffers()}
    row = torch.randn(1, INPUTS, generator=torch.Generator().manual_seed(2))
    assert torch.equal(network(row, ()), network(row))
    assert all(torch.equal(value, before[name]) for name, value in network.named_buffers())


def test_names_are_stable_and_only_matrices_are_decayed() -> None:
    network = network_of(layers=1, normalisation="batch", parametric=True)
    layer = ("weight", "bias", "norm_scale", "norm_shift", "slope")
    assert [name for name, _ in network.named_parameters()] == [
        *(f"hidden.0.{name}" for name in layer),
        "head.weight",
        "head.bias",
    ]
    assert [name for name, _ in network.named_buffers()] == [
        "hidden.0.running_mean",
        "hidden.0.running_variance",
    ]
    assert network.decayed == {"hidden.0.weight", "head.weight"}
    assert all(value.dtype == torch.float32 for value in network.state_dict().values())


def test_slopes_and_norms_start_as_if_they_were_not_there() -> None:
    network = MLP(genome(layers=2, normalisation="batch", parametric=True), INPUTS, 1)
    for layer in network.hidden:
        assert torch.equal(layer.slope, torch.ones(32))
        assert torch.equal(layer.norm_scale, torch.ones(32))
        assert torch.equal(layer.norm_shift, torch.zeros(32))
