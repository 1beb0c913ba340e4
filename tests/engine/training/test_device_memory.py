"""Predicted memory of lanes on a device against what their tensors take, measured on the CPU."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from toy_tables import CPU, toy_rows, toy_spec

from cambrian.space.build import SpaceFacts, build_space
from cambrian.space.families.mlp import padded_widths
from cambrian.training.device_bucket import DeviceBucketTrainer
from cambrian.training.device_memory import (
    CHUNK_VALUES,
    MOST_LANES,
    free_bytes,
    lane_bytes,
    most_device_lanes,
)
from cambrian.training.live import LiveLane

torch.set_num_threads(1)

LANES = 4


class Allocated(TorchDispatchMode):
    """The bytes of all tensors alive that were made in it, and the most there were."""

    def __init__(self) -> None:
        super().__init__()
        self._sizes: dict[int, int] = {}
        self.most = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(out):
            if isinstance(tensor, Tensor):
                storage = tensor.untyped_storage()
                if storage._cdata not in self._sizes:
                    self._sizes[storage._cdata] = storage.nbytes()
                    weakref.finalize(storage, self._sizes.pop, storage._cdata, 0)
        self.most = max(self.most, sum(self._sizes.values()))
        return out


@pytest.mark.parametrize(
    "genes",
    [
        {"width_1": 64, "batch_size": 512},
        {"width_1": 256, "batch_size": 128, "normalisation": "batch", "dropout": 0.2, "ema": True},
        {"width_1": 128, "batch_size": 256, "normalisation": "layer", "optimizer": "sgd"},
        {"width_1": 96, "batch_size": 512, "parametric": True, "input_noise": 0.1, "optimizer": "rmsprop"},
        {"width_1": 512, "batch_size": 64, "layers": 3},
    ],
)
def test_what_a_lane_takes_is_predicted(genes: dict[str, Any]) -> None:
    """Rows and validation apart; held within 15% of the tensors that exist at once."""
    rows = toy_rows("multiclass", rows=1500, width=21)
    specs = [toy_spec("multiclass", seed=seed, activation="gelu", **genes) for seed in range(LANES)]
    rows.table(0, specs[0].genes)
    with Allocated() as allocated, torch.no_grad():
        lanes = [LiveLane(handle, spec, rows) for handle, spec in enumerate(specs)]
        trainer = DeviceBucketTrainer(lanes, rows.shape, CPU)
        trainer.begin_epoch()
        for _ in range(2):
            trainer.recordings[0].run()
    plan = lanes[0].plan
    predicted = lane_bytes(
        specs[0].genes, lanes[0].layout, batch=plan.batch, epoch_rows=plan.rows, steps=plan.steps
    )
    assert predicted == pytest.approx(allocated.most / LANES, rel=0.15)


def test_as_many_lanes_as_fit_and_no_fewer_than_one() -> None:
    assert most_device_lanes(10**6, 0.0) == 1
    assert most_device_lanes(10**6, float("inf")) == MOST_LANES
    free = 5 * 4.0 * CHUNK_VALUES
    assert most_device_lanes(2**24, free) == int((0.8 * free - 4 * CHUNK_VALUES) / 2**24)
    assert free_bytes(CPU) == float("inf")


def test_a_gpus_genomes_are_padded_as_a_gpu_likes_it() -> None:
    """Its widths begin at 64: the padded ones, which a genome alone decides, are multiples of 32 there."""
    space = build_space(SpaceFacts("binary", rows=5000, device="gpu"))
    chance = np.random.default_rng(1)
    for _ in range(200):
        genes = dict(space.draw(chance).to_json())
        if genes["shape"] == "brick":
            assert set(padded_widths(genes)) <= {64, 96, 128, 192, 256, 384, 512, 768, 1024}
