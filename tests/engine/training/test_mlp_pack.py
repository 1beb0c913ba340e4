"""The tensor program of family mlp against autograd, and a lane in company against the lane alone."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from lane_child import LaneChild
from toy_tables import CPU, differing, toy_spec, varied_rows

from cambrian.models.activations import ACTIVATIONS
from cambrian.models.mlp import MLP
from cambrian.records import derive_seed
from cambrian.space.build import SpaceFacts, build_space
from cambrian.space.families.mlp import adopt_species, bucket_key, layer_widths, padded_widths
from cambrian.training.draws import dropout_masks
from cambrian.training.lanes import LaneState, load_lane, save_lane
from cambrian.training.losses import training_loss
from cambrian.training.order import RowOrder
from cambrian.training.pack import PackTrainer
from cambrian.training.rows import TrainingRows
from cambrian.training.spec import LaneSpec

torch.set_num_threads(1)

NARROW = (16, 32, 48, 64, 96, 128, 192)
WIDTHS = (*NARROW, 256, 384, 512)
LOSSES = {
    "binary": ("cross_entropy", "class_weighted", "focal"),
    "multiclass": ("cross_entropy", "class_weighted", "focal"),
    "regression": ("mse", "mae", "huber"),
}


def drawn_genes(chance: random.Random, task: Any, bucket: dict[str, Any], deepest: int = 4) -> dict[str, Any]:
    """Genes of one bucket: everything else is drawn."""
    genes = bucket | {
        "layers": chance.randint(0, deepest),
        "activation": chance.choice(list(ACTIVATIONS)),
        "normalisation": chance.choice(["none", "batch", "layer"]),
        "parametric": chance.random() < 0.3,
        "residual": chance.random() < 0.3,
        "dropout": chance.choice([0.0, 0.0, 0.2, 0.45]),
        "input_noise": chance.choice([0.0, 0.0, 0.1]),
        "optimizer": chance.choice(["sgd", "sgd_nesterov", "rmsprop", "adam", "adamw"]),
        "gradient_clip": chance.choice(["none", "norm"]),
        "loss": chance.choice(LOSSES[task]),
        "label_smoothing": chance.choice([0.0, 0.1]) if task != "regression" else 0.0,
        "focal_gamma": chance.choice([0.5, 2.0]),
        "huber_delta": chance.choice([0.3, 1.0]),
        "l1": chance.choice([0.0, 1e-4]),
        "l2": chance.choice([0.0, 1e-3]),
        "ema": chance.random() < 0.2,
        "init": chance.choice(["kaiming_normal", "data_std", "orthogonal"]),
        "bias_init": chance.choice(["zeros", "he5", "torch"]),
    }
    known = toy_spec(task).genes
    return {name: value for name, value in genes.items() if name in known}


def drawn_bucket(chance: random.Random, rows: int, widths: Sequence[int] = NARROW) -> dict[str, Any]:
    """Bucket genes: all lanes share them, other widths within their padded steps apart."""
    shape = chance.choice(["brick", "funnel", "diamond", "free"])
    chosen = {f"width_{index}": chance.choice(widths) for index in range(1, 7)}
    batch = chance.choice([1, 8, 16, 17, 32, 64, 100, rows - 1, rows])
    return {"shape": shape, "batch_size": batch} | chosen


def drawn_pack(seed: int, task: Any, rows: int) -> list[LaneSpec]:
    chance = random.Random(seed)
    bucket = drawn_bucket(chance, rows)
    specs = []
    for lane in range(chance.randint(2, 9)):
        genes = drawn_genes(chance, task, bucket)
        if genes["shape"] == "free" and chance.random() < 0.5:  # another real width of the same padded one
            genes["width_1"] = (
                max(genes["width_1"] - 16, 16) if genes["width_1"] in (96, 128, 192) else genes["width_1"]
            )
        if chance.random() < 0.1:
            genes |= {"optimizer": "sgd", "lr_sgd": 1e30, "gradient_clip": "none"}  # diverges
        spec = toy_spec(task, fold=chance.randint(0, 1), seed=lane, epochs=4, **genes)
        specs.append(spec)
    return specs


def varied_pack(seed: int, task: Any, rows: int) -> list[LaneSpec]:
    """A bucket of any widths, depths and shape, in which real widths differ; wide ones in few steps."""
    chance = random.Random(seed)
    bucket = {"family": "mlp"} | drawn_bucket(chance, rows, WIDTHS)
    wide = max(padded_widths(bucket)) > max(NARROW)
    if wide:
        bucket["batch_size"] = chance.choice([64, 100, rows - 1, rows])
    specs = []
    for lane in range(chance.randint(2, 3 if wide else 9)):
        genes = drawn_genes(chance, task, bucket, deepest=6)
        if chance.random() < 0.6:
            others = {f"width_{i}": bucket[f"width_{i}"] - 16 * chance.randint(0, 6) for i in range(1, 7)}
            genes = adopt_species(genes | others, bucket)
        if chance.random() < 0.1:
            genes |= {"optimizer": "sgd", "lr_sgd": 1e30, "gradient_clip": "none"}  # diverges
        specs.append(toy_spec(task, fold=chance.randint(0, 1), seed=lane, epochs=4, **genes))
    return specs


def alone(spec: LaneSpec, rows: TrainingRows, epochs: int) -> LaneState:
    trainer = PackTrainer([spec], rows, CPU)
    trainer.advance(epochs)
    return trainer.remove(0)


@pytest.fixture(scope="module")
def child(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LaneChild]:
    with LaneChild(tmp_path_factory.mktemp("elsewhere")) as process:
        yield process


@pytest.fixture(scope="module")
def parked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("parked") / "lane.safetensors"


def test_packs_are_varied_in_every_size() -> None:
    """What the next test can draw: every width and depth, and unequal real widths in one padded one."""
    packs = [varied_pack(seed, "regression", 100) for seed in range(300)]
    specs = [spec.genes for pack in packs for spec in pack]
    assert {width for genes in specs for width in padded_widths(genes)} == set(WIDTHS)
    assert {genes["layers"] for genes in specs} == set(range(7))
    assert all(len({bucket_key(spec.genes) for spec in pack}) == 1 for pack in packs)
    for shape in ("brick", "funnel", "diamond", "free"):
        for padded in WIDTHS[4:]:  # below there is one real width a step
            firsts = [
                {layer_widths(spec.genes | {"layers": 1})[0] for spec in pack}
                for pack in packs
                if pack[0].genes["shape"] == shape and padded_widths(pack[0].genes)[0] == padded
            ]
            assert max(map(len, firsts)) > 1, (shape, padded)


@settings(
    max_examples=25, deadline=None, derandomize=True, phases=[Phase.generate]
)  # a seed has no shorter form
@given(st.integers(0, 2**32), st.sampled_from(["binary", "multiclass", "regression"]), st.integers(60, 230))
def test_a_lane_in_any_company_has_the_bits_it_has_alone(
    child: LaneChild, parked: Path, seed: int, task: Any, count: int
) -> None:
    """Lanes stop, diverge, join late, leave, are parked in files, train in another process and come back."""
    chance, rows = random.Random(seed), varied_rows(task, count)
    specs = varied_pack(seed, task, len(rows.table(0, toy_spec(task).genes).train))
    late = chance.randint(0, len(specs) - 1)
    trainer = PackTrainer([spec for place, spec in enumerate(specs) if place != late], rows, CPU)
    places = [place for place in range(len(specs)) if place != late]
    handles = dict(zip(places, range(len(places)), strict=True))
    trainer.advance()
    handles[late] = trainer.add(specs[late])
    moved = chance.choice(places)
    state = child.one_epoch(trainer.remove(handles[moved]), count)
    trainer.advance()
    handles[moved] = trainer.add(state)
    save_lane(parked, trainer.remove(handles[late]))
    trainer.advance()
    handles[late] = trainer.add(load_lane(parked))
    trainer.advance(2)
    for place, spec in enumerate(specs):
        together = trainer.remove(handles[place])
        assert differing(alone(spec, rows, together.epoch), together) == [], (place, spec.genes)


def oracle(spec: LaneSpec, rows: TrainingRows) -> tuple[MLP, dict[str, torch.Tensor], float]:
    """One step on all rows by the plain module and autograd: the network, its gradients and its loss."""
    genes, shape, held = dict(spec.genes), rows.shape, rows.table(spec.fold, spec.genes)
    network = MLP(genes, held.x.shape[1], shape.outputs)
    network.load_state_dict(PackTrainer([spec], rows, CPU).remove(0).group("weights"))
    order = RowOrder(held.train, generator(spec, "shuffle")).take(len(held.train))
    masks: Any = ()
    if genes["dropout"] and network.widths:
        padded_rows = -(-len(order) // 16) * 16
        widths = padded_widths(genes)[: genes["layers"]]
        drawn = dropout_masks([genes["dropout"]], [padded_rows], widths, generator(spec, "dropout"))
        masks = [mask[: len(order), :width] for mask, width in zip(drawn, network.widths, strict=True)]
    names = dict(network.named_parameters())
    output = network.forward(held.x[order], masks)
    loss = training_loss(genes, shape.task, output, held.target[order], rows.class_weights(spec.fold))
    found = torch.autograd.grad(loss, list(names.values()))
    return network, dict(zip(names, found, strict=True)), float(loss.detach())


def generator(spec: LaneSpec, purpose: str) -> torch.Generator:
    return torch.Generator().manual_seed(derive_seed(spec.seed, spec.fold, purpose))


PLAIN_STEP = {
    "batch_size": 4096,
    "optimizer": "sgd",
    "lr_sgd": 1.0,
    "momentum": 0.5,
    "schedule": "constant",
    "dropout_schedule": "constant",
    "weight_decay": 0.0,
    "l1": 0.0,
    "l2": 0.0,
    "gradient_clip": "none",
    "input_noise": 0.0,
    "ema": False,
}
"""After one step of these genes the weights have moved by the gradient."""


def weights_of(trainer: PackTrainer, lane: int) -> dict[str, torch.Tensor]:
    return trainer.remove(lane).group("weights")


def assert_moved_by_the_gradient(
    spec: LaneSpec, rows: TrainingRows, weights: dict[str, torch.Tensor]
) -> tuple[MLP, float]:
    """After a `PLAIN_STEP` the weights are the first less the oracle's gradient; its network and loss."""
    network, gradients, loss = oracle(spec, rows)
    for name, parameter in network.named_parameters():
        gradient = gradients[name]
        error = (parameter.detach() - weights[name] - gradient).abs().max()
        assert float(error) < 2e-4 * max(1e-2, float(gradient.abs().max())), (name, spec.genes)
    return network, loss


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("seed", range(30))
def test_a_packs_gradients_losses_and_statistics_are_autograds(task: Any, seed: int) -> None:
    rows = varied_rows(task, 120 + seed)
    drawn = drawn_pack(seed, task, 64)
    specs = [LaneSpec(spec.genes | PLAIN_STEP, 0, spec.seed, spec.epochs) for spec in drawn]
    trainer = PackTrainer(specs, rows, CPU)
    records = trainer.advance()
    for place, spec in enumerate(specs):
        weights = weights_of(trainer, place)
        network, loss = assert_moved_by_the_gradient(spec, rows, weights)
        assert records[place].train_loss == pytest.approx(loss, rel=1e-5)
        for name, statistic in network.named_buffers():
            torch.testing.assert_close(weights[name], statistic, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shape", ["brick", "funnel", "diamond"])
@pytest.mark.parametrize("width", [16, 32, 48, 80, 112])
@pytest.mark.parametrize("residual", [False, True])
def test_every_shape_of_network_steps_as_autograd_does(shape: str, width: int, residual: bool) -> None:
    """Real widths may be equal where the padded ones are not, and the other way round."""
    rows = varied_rows("regression", 130)
    genes = {"shape": shape, "width_1": width, "residual": residual, "dropout": 0.0}
    specs = [
        LaneSpec(toy_spec("regression", layers=layers, **genes).genes | PLAIN_STEP, 0, layers, 2)
        for layers in range(7)
    ]
    trainer = PackTrainer(specs, rows, CPU)
    trainer.advance()
    for place, spec in enumerate(specs):
        assert_moved_by_the_gradient(spec, rows, weights_of(trainer, place))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_and_their_ways_back_are_torchs(name: str) -> None:
    activation = ACTIVATIONS[name]
    x = torch.linspace(-30.0, 30.0, 4096, requires_grad=True)
    expected = activation.apply(x)
    (slope,) = torch.autograd.grad(expected.sum(), x)
    out, back = torch.empty(4096), torch.ones(4096)
    values = x.detach()
    activation.forward(values, out)
    torch.testing.assert_close(out, expected.detach(), rtol=1e-5, atol=1e-6)
    activation.backward(back, out if activation.saves_output else values, back)
    torch.testing.assert_close(back, slope, rtol=1e-5, atol=3e-6)
    assert activation.zero_at_zero == (float(activation.apply(torch.zeros(()))) == 0.0)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_whatever_the_space_draws_trains(task: Any) -> None:
    """An error here would be a row `crashed` in somebody's run."""
    rows = varied_rows(task, 200)
    space = build_space(SpaceFacts(task, rows=150, positive_target=True))
    chance = np.random.default_rng(5)
    specs = [LaneSpec(dict(space.draw(chance).to_json()), 0, seed, 4) for seed in range(60)]
    records = PackTrainer(specs, rows, CPU).advance()
    assert [record.lane for record in records] == list(range(60))
