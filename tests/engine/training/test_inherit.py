"""Weight inheritance: what wider and deeper children compute, and what stays the child's own."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from toy_tables import CPU, differing, toy_rows, toy_spec, trained

from cambrian.models.mlp import MLP
from cambrian.space.families.mlp import inheritable
from cambrian.training.inherit import inherit
from cambrian.training.lanes import LaneState, load_lane, save_lane
from cambrian.training.pack import PackTrainer
from cambrian.training.rows import TrainingRows
from cambrian.training.spec import LaneSpec

ROWS = toy_rows()
X = torch.randn(400, 5, generator=torch.Generator().manual_seed(9))

SMOOTH_RESIDUAL = {"residual": True, "activation": "gelu"}


def begun(spec: LaneSpec, rows: TrainingRows = ROWS) -> LaneState:
    trainer = PackTrainer([spec], rows, CPU)
    return trainer.remove(0)


def parent_of(rows: TrainingRows = ROWS, **genes: Any) -> LaneState:
    return trained(toy_spec(seed=3, epochs=4, **genes), rows, 4).for_prediction()


def child_of(parent: LaneState, **genes: Any) -> LaneState:
    spec = LaneSpec({**parent.spec.genes, **genes}, 0, 8, 4, parent.spec.key)
    return inherit(parent, begun(spec))


def output(state: LaneState, group: str = "weights") -> torch.Tensor:
    """What the network computes with a group of its tensors; every weight is there and in its shape."""
    network = MLP(state.spec.genes, 5, 1)
    network.load_state_dict(state.group(group))
    return network.forward(X).detach()


def unlike(parent: LaneState, child: LaneState) -> float:
    """The largest difference between parent and child, relative to the spread of the parent's outputs."""
    before = output(parent, "best")
    return float((output(child) - before).abs().max() / before.std())


@pytest.mark.parametrize("normalisation", ["none", "batch", "layer"])
@pytest.mark.parametrize("genes", [{}, {"parametric": True}, {"residual": True}, {"activation": "sigmoid"}])
def test_a_child_of_equal_shape_begins_where_the_parent_ended(normalisation: str, genes: Any) -> None:
    parent = parent_of(normalisation=normalisation, **genes)
    child = child_of(parent, optimizer="sgd", dropout=0.3)
    assert torch.equal(output(child), output(parent, "best"))


@pytest.mark.parametrize("width", [48, 64, 80, 256])
@pytest.mark.parametrize(
    "genes",
    [
        {},
        {"normalisation": "batch"},
        {"parametric": True, "activation": "mish"},
        {"residual": True},
        {"shape": "funnel", "layers": 3},
    ],
)
def test_a_wider_child_computes_the_same(width: int, genes: Any) -> None:
    parent = parent_of(**genes)
    child = child_of(parent, width_1=width)
    assert child.tensors["weights.hidden.0.weight"].shape == (width, 5)
    assert unlike(parent, child) < 1e-5


@pytest.mark.parametrize(("width", "same"), [(64, True), (96, True), (48, False)])
def test_layer_normalisation_survives_whole_multiples_alone(width: int, same: bool) -> None:
    parent = parent_of(normalisation="layer")
    assert (unlike(parent, child_of(parent, width_1=width)) < 1e-5) is same


def test_copies_of_a_unit_part_at_the_first_step() -> None:
    """Also under Adam, which looks at the sign of a gradient more than at its size."""
    parent = parent_of(layers=1)
    child = child_of(parent, width_1=64, dropout=0.0, optimizer="adam", lr=1e-2, schedule="constant")
    weight = child.tensors["weights.hidden.0.weight"]
    assert torch.equal(weight[:32], weight[32:])
    after = trained(child, ROWS, 2).tensors["weights.hidden.0.weight"]
    apart = (after[:32] - after[32:]).abs().amax(dim=1)
    assert (apart > 1e-3).float().mean() > 0.3


def test_outgoing_weights_keep_their_size() -> None:
    parent = parent_of()
    wide = child_of(parent, width_1=256).tensors["weights.hidden.1.weight"]
    before = parent.tensors["best.hidden.1.weight"]
    assert float(wide[:32].norm()) == pytest.approx(float(before.norm()), rel=0.1)


@pytest.mark.parametrize(
    "genes",
    [
        {"activation": "relu"},
        {"activation": "relu", "layers": 1},
        {"activation": "tanh", "parametric": True},
        SMOOTH_RESIDUAL,
        SMOOTH_RESIDUAL | {"normalisation": "batch"},
        SMOOTH_RESIDUAL | {"normalisation": "layer"},
        {"residual": True, "activation": "relu", "parametric": True},
        {"residual": True, "activation": "sigmoid", "parametric": True, "normalisation": "batch"},
    ],
)
@pytest.mark.parametrize("wider", [{}, {"width_1": 64}])
def test_a_deeper_child_computes_the_same_and_its_new_layers_learn(genes: Any, wider: Any) -> None:
    parent = parent_of(**genes)
    child = child_of(parent, layers=4, **wider)
    assert unlike(parent, child) < 1e-5
    after = trained(child, ROWS, 2)
    for index in (2, 3):
        names = [name for name in child.tensors if name.startswith(f"weights.hidden.{index}.")]
        learnt = [
            n for n in names if "running" not in n and not torch.equal(child.tensors[n], after.tensors[n])
        ]
        assert learnt, index


@pytest.mark.parametrize(
    "genes",
    [
        {"activation": "tanh"},
        {"activation": "relu", "normalisation": "batch"},
        {"activation": "relu", "residual": True},
        {"activation": "sigmoid", "residual": True},
    ],
)
def test_where_nothing_lets_everything_through_new_layers_and_head_start_afresh(genes: Any) -> None:
    parent = parent_of(**genes)
    child = child_of(parent, layers=3)
    fresh = begun(child.spec)
    for name in fresh.group("weights"):
        shared = name.startswith(("hidden.0.", "hidden.1."))
        source = parent.tensors[f"best.{name}"] if shared else fresh.tensors[f"weights.{name}"]
        assert torch.equal(child.tensors[f"weights.{name}"], source), name


def test_a_narrower_or_shallower_child_keeps_the_shared_part() -> None:
    parent = parent_of(layers=3)
    before = parent.group("best")
    narrow = child_of(parent, width_1=16).group("weights")
    assert torch.equal(narrow["hidden.1.weight"], before["hidden.1.weight"][:16, :16])
    assert torch.equal(narrow["head.weight"], before["head.weight"][:, :16])
    shallow = child_of(parent, layers=2)
    assert torch.equal(shallow.tensors["weights.hidden.1.weight"], before["hidden.1.weight"])
    assert torch.equal(
        shallow.tensors["weights.head.weight"], begun(shallow.spec).tensors["weights.head.weight"]
    )


def test_another_normalisation_starts_afresh_and_the_matrices_stay() -> None:
    parent = parent_of(normalisation="batch")
    child = child_of(parent, normalisation="layer")
    assert torch.equal(child.tensors["weights.hidden.0.weight"], parent.tensors["best.hidden.0.weight"])
    assert torch.equal(child.tensors["weights.hidden.0.norm_scale"], torch.ones(32))
    assert "weights.hidden.0.running_mean" not in child.tensors


@pytest.mark.parametrize("genes", [{}, {"ema": True, "optimizer": "adamw"}, {"layers": 4, "width_1": 48}])
def test_all_but_the_weights_is_the_childs_own_and_fresh(genes: Any) -> None:
    parent = parent_of(dropout=0.2)
    child = child_of(parent, **genes)
    fresh = begun(child.spec)
    changed = differing(child, fresh)
    assert changed
    assert all(name.startswith(("weights.", "average.")) for name in changed)
    assert child.epoch == child.step == child.best_epoch == 0
    moments = [tensor for name, tensor in child.tensors.items() if name.startswith("optimizer.")]
    assert moments
    assert not any(bool(tensor.any()) for tensor in moments)
    for name, average in child.group("average").items():
        assert torch.equal(average, child.tensors[f"weights.{name}"])
    assert not torch.equal(
        child.tensors["generator.dropout"], begun(parent.spec).tensors["generator.dropout"]
    )


def test_an_heir_trains_on_alike_wherever_it_is_parked(tmp_path: Any) -> None:
    child = child_of(parent_of(), width_1=48, layers=3, activation="relu")
    whole = trained(child, ROWS, 3)
    path = tmp_path / "lane.safetensors"
    save_lane(path, trained(child, ROWS, 1))
    assert differing(trained(load_lane(path), ROWS, 2), whole) == []
    save_lane(path, child)
    assert load_lane(path).spec == child.spec
    assert differing(trained(load_lane(path), ROWS, 3), whole) == []


def test_a_linear_child_of_a_linear_parent_inherits_its_head() -> None:
    parent = parent_of(layers=0)
    assert torch.equal(output(child_of(parent, lr=1e-2)), output(parent, "best"))


@pytest.mark.parametrize(
    ("parent", "child", "shared"), [(2, 1, True), (0, 0, True), (0, 2, False), (1, 0, False)]
)
def test_networks_with_and_without_layers_share_nothing(parent: int, child: int, shared: bool) -> None:
    genes = [toy_spec(layers=layers).genes for layers in (parent, child)]
    assert inheritable(*genes) is shared


def test_another_fold_other_inputs_and_a_trained_child_are_refused() -> None:
    parent = parent_of()
    with pytest.raises(ValueError, match="fold 1 cannot inherit from fold 0"):
        inherit(parent, begun(toy_spec(fold=1)))
    with pytest.raises(ValueError, match="5 inputs, the child 7"):
        inherit(parent, begun(toy_spec(), toy_rows(width=7)))
    with pytest.raises(ValueError, match="trained 1 epochs"):
        inherit(parent, trained(toy_spec(), ROWS, 1))


def test_the_key_of_a_lane_holds_what_it_inherited() -> None:
    spec = toy_spec()
    heirs = [LaneSpec(spec.genes, 0, 1, 6, inherited) for inherited in (None, "a", "b")]
    assert len({each.key for each in heirs}) == 3
    assert heirs[0].key == spec.key
    assert all(LaneSpec.from_json(each.to_json()) == each for each in heirs)
    old = {name: value for name, value in spec.to_json().items() if name != "inherited"}
    assert LaneSpec.from_json(old) == spec
