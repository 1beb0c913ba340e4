"""A bias before batch normalisation has no effect: it stays as it began, all else trains as in torch."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from reference_loops import optimizer_of
from torch_network import Network
from toy_tables import CPU, toy_rows, toy_spec

from cambrian.training.lanes import LaneState
from cambrian.training.losses import training_loss
from cambrian.training.order import RowOrder
from cambrian.training.pack import PackTrainer
from cambrian.training.prediction import predict
from cambrian.training.rows import TrainingRows
from cambrian.training.spec import LaneSpec

torch.set_num_threads(1)

OPTIMIZERS = ["sgd", "sgd_nesterov", "rmsprop", "adam", "adamw"]
ADAPTIVE = ["rmsprop", "adam", "adamw"]
EPOCHS = 3


def lane(**genes: Any) -> LaneSpec:
    """A lane with batch normalisation and biases that are not 0; no draws, so that torch can follow."""
    plain = {"dropout": 0.0, "schedule": "constant", "weight_decay": 0.0, "gradient_clip": "none"}
    settings = {"normalisation": "batch", "activation": "tanh", "bias_init": "torch", "batch_size": 25}
    return toy_spec("multiclass", **plain | settings | genes)


def neighbours() -> list[LaneSpec]:
    """Lanes whose biases do count, before and behind it in a program."""
    return [
        lane(normalisation=kind, layers=layers, seed=2) for kind in ("none", "layer") for layers in (1, 2, 3)
    ]


def after(spec: LaneSpec, rows: TrainingRows, epochs: int, **options: Any) -> LaneState:
    """The lane in company."""
    trainer = PackTrainer([spec, *neighbours()], rows, CPU, **options)
    trainer.advance(epochs)
    return trainer.remove(0)


def trained_by_torch(start: LaneState, rows: TrainingRows, *, frozen: bool) -> Network:
    """The network after as many epochs with torch's modules and optimizers, in the lane's order of rows.

    `frozen` leaves out the biases before batch normalisation.
    """
    genes, table = start.spec.genes, rows.table(0, start.spec.genes)
    network = Network(genes, table.x.shape[1], rows.shape.outputs)
    network.load_lane(start.group("weights"))
    for block in network.hidden:
        block.linear.bias.requires_grad_(not frozen)
    parameters = [each for each in network.parameters() if each.requires_grad]
    optimizer = optimizer_of(genes, [{"params": parameters, "weight_decay": 0.0}])
    shuffle = torch.Generator()
    shuffle.set_state(start.group("generator")["shuffle"])
    order = RowOrder(table.train, shuffle)
    for _ in range(EPOCHS):
        for chosen in order.take(len(table.train)).split(genes["batch_size"]):
            optimizer.zero_grad()
            output = network(table.x[chosen])
            training_loss(genes, "multiclass", output, table.target[chosen], None).backward()
            optimizer.step()
    return network


def loaded(state: LaneState, like: Network, rows: TrainingRows) -> Network:
    network = Network(state.spec.genes, rows.table(0, state.spec.genes).x.shape[1], rows.shape.outputs)
    network.load_lane(state.group("weights"))
    return network.train(like.training)


def biases(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name: tensor for name, tensor in tensors.items() if name.endswith("bias") and "head" not in name}


@pytest.mark.parametrize("broadcast", [False, True])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_it_keeps_its_bits(optimizer: str, broadcast: bool) -> None:
    """Also in the averaged and in the best weights, and with a clipped norm; its moments stay 0."""
    rows = toy_rows("multiclass")
    spec = lane(optimizer=optimizer, ema=True, gradient_clip="norm", clip_norm=0.1, weight_decay=0.1, l2=0.01)
    began, ended = after(spec, rows, 0), after(spec, rows, EPOCHS, broadcast=broadcast)
    first = biases(began.group("weights"))
    assert len(first) == 2
    assert all(bias.abs().min() > 0 for bias in first.values())
    for group in ("weights", "average", "best"):
        found = biases(ended.group(group))
        assert found.keys() == first.keys()
        assert all(torch.equal(found[name], bias) for name, bias in first.items()), group
    moments = biases(ended.group("optimizer"))
    assert moments
    assert all(not moment.any() for moment in moments.values())


@pytest.mark.parametrize("genes", [{"normalisation": "layer"}, {"normalisation": "none"}, {"batch_size": 1}])
@pytest.mark.parametrize("broadcast", [False, True])
def test_where_it_has_an_effect_it_is_learnt(genes: dict[str, Any], broadcast: bool) -> None:
    """A batch of one row is normalised by the running statistics, from which the bias is not taken away."""
    rows, spec = toy_rows("multiclass", rows=60), lane(**genes)
    first, last = (after(spec, rows, epochs, broadcast=broadcast).group("weights") for epochs in (0, 1))
    assert all(not torch.equal(last[name], bias) for name, bias in biases(first).items())


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_without_it_torch_trains_the_same_network(optimizer: str) -> None:
    rows, spec = toy_rows("multiclass"), lane(optimizer=optimizer, lr=3e-3, lr_sgd=0.03)
    reference = trained_by_torch(after(spec, rows, 0), rows, frozen=True).eval()
    state = after(spec, rows, EPOCHS)
    found = loaded(state, reference, rows)
    for name, expected in reference.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            torch.testing.assert_close(found.state_dict()[name], expected, rtol=1e-3, atol=1e-5)
    assert state.best_epoch == EPOCHS  # else `predict` would have earlier weights
    x = rows.table(0, spec.genes).validation_x
    with torch.no_grad():
        expected = torch.softmax(reference(x), dim=1)
    (predicted,) = torch.from_numpy(predict([state], x.numpy())).float()
    torch.testing.assert_close(predicted, expected, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_with_it_torch_trains_the_same_network_but_for_the_bias(optimizer: str) -> None:
    """Torch's optimizers make steps of the rounding; by a batch's own statistics nothing else shows it."""
    rows, spec = toy_rows("multiclass"), lane(optimizer=optimizer, lr=3e-3, lr_sgd=0.03)
    began = after(spec, rows, 0)
    reference = trained_by_torch(began, rows, frozen=False)
    found = loaded(after(spec, rows, EPOCHS), reference, rows)
    moved = []
    for name, expected in reference.named_parameters():
        weight = found.get_parameter(name).detach()
        if name.endswith("linear.bias"):
            moved.append(float((expected.detach() - weight).abs().max()))
        else:
            torch.testing.assert_close(weight, expected.detach(), rtol=1e-3, atol=1e-5)
    x = rows.table(0, spec.genes).validation_x
    torch.testing.assert_close(found(x), reference(x), rtol=1e-3, atol=1e-5)
    assert len(moved) == 2
    if optimizer in ADAPTIVE:
        assert min(moved) > 0.1 * spec.genes["lr"]
    else:
        assert max(moved) < 1e-6
