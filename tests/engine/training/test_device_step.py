"""What a step on a GPU must keep to, shown without one: tensors on `meta` have a device, and no values."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace
from typing import Any

import pytest
import torch
from test_mlp_pack import drawn_pack
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from toy_tables import CPU, ToyTable, toy_rows, toy_shape, toy_spec

from cambrian.training.device_bucket import DeviceBucketTrainer
from cambrian.training.device_step import DeviceStep
from cambrian.training.live import LiveLane
from cambrian.training.rows import TrainingRows

torch.set_num_threads(1)

META = torch.device("meta")
TASKS = ["binary", "multiclass", "regression"]


class Watch(TorchDispatchMode):
    """Counts the calls, and notes those that a CUDA graph could not hold.

    Those touch another device, read a value, or give a shape that depends on values.
    """

    WAITING = ("_local_scalar_dense", "nonzero", "masked_select", "_unique2", "is_nonzero", "equal")

    def __init__(self, device: torch.device) -> None:
        super().__init__()
        self._device = device
        self.calls = 0
        self.wrong: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = func.overloadpacket.__name__
        out = func(*args, **(kwargs or {}))
        tensors = [each for each in tree_leaves((args, kwargs, out)) if isinstance(each, Tensor)]
        self.calls += 1
        if name in self.WAITING or any(each.device.type != self._device.type for each in tensors):
            self.wrong.append(name)
        return out


def on_meta(lane: LiveLane, *, resident: bool) -> LiveLane:
    """The lane with its rows where no values are; its features too, if they are to be on the device."""
    rows = lane.rows
    lane.rows = replace(
        rows,
        padded=rows.padded.to(META) if resident else rows.padded,
        target=rows.target.to(META),
        validation_x=rows.validation_x.to(META),
        validation_target=rows.validation_target.to(META),
        resident=resident,
    )
    lane.packed.network.to(META)
    if lane.loss_tables is not None:
        lane.loss_tables.to(META)
    return lane


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("resident", [True, False], ids=["resident", "streamed"])
def test_a_step_and_a_validation_stay_on_the_device_and_never_wait(task: Any, resident: bool) -> None:
    toy = ToyTable(task, rows=150, width=21)
    rows = TrainingRows(toy, toy_shape(toy), CPU)
    drawn = [spec for seed in range(6) for spec in drawn_pack(seed, task, 64)]
    bucket = {"batch_size": 32, "shape": "brick", "width_1": 64}
    specs = [replace(spec, genes=dict(spec.genes) | bucket) for spec in drawn]
    lanes = [on_meta(LiveLane(place, spec, rows), resident=resident) for place, spec in enumerate(specs)]
    trainer = DeviceBucketTrainer(lanes, rows.shape, META)
    with torch.no_grad():
        trainer.begin_epoch()
        with Watch(META) as watched:
            for recording in trainer.recordings:
                recording.run()
            trainer.validation_losses()
    assert watched.wrong == []
    assert watched.calls > 1000


def test_the_watch_sees_what_waits_and_what_lies_elsewhere() -> None:
    with Watch(CPU) as watched:
        float(torch.ones(1))
        torch.ones(3).nonzero()
    assert watched.wrong == ["_local_scalar_dense", "nonzero"]
    with Watch(META) as watched:
        torch.ones(3, device=META).add_(torch.ones(3))
    assert set(watched.wrong) == {"ones", "add_"}


def calls(lanes: int, task: Any) -> int:
    """Calls of one full step of lanes that differ in whatever makes ranges."""
    rows = toy_rows(task)
    kinds = [
        {
            "normalisation": ["none", "batch", "layer"][seed % 3],
            "dropout": [0.0, 0.2][seed % 2],
            "input_noise": [0.1, 0.0][seed % 2],
            "activation": ["relu", "sigmoid"][seed % 2],
            "layers": 1 + seed % 2,
            "ema": seed % 2 == 0,
            "optimizer": ["sgd", "sgd_nesterov", "rmsprop", "adam", "adamw"][seed % 5],
        }
        for seed in range(30)
    ]
    specs = [toy_spec(task, seed=seed, **kinds[seed % 30]) for seed in range(lanes)]
    trainer = DeviceBucketTrainer(
        [LiveLane(handle, spec, rows) for handle, spec in enumerate(specs)], rows.shape, CPU
    )
    with torch.no_grad():
        trainer.begin_epoch()
        with Watch(CPU) as watched:
            trainer.recordings[0].run()
    assert watched.wrong == []
    return watched.calls


@pytest.mark.parametrize("task", TASKS)
def test_a_step_has_as_many_calls_for_many_lanes_as_for_few(task: Any) -> None:
    assert calls(30, task) == calls(120, task)


def test_what_a_pack_leaves_behind_is_freed_at_once() -> None:
    """A cycle would keep the old stacks and rooms while the new ones are made."""
    rows = toy_rows()
    lanes = [LiveLane(seed, toy_spec(seed=seed, dropout=0.2), rows) for seed in range(3)]
    trainer = DeviceBucketTrainer(lanes, rows.shape, CPU)
    trainer.epoch()
    held = [weakref.ref(trainer), *(weakref.ref(each) for each in trainer.programs)]
    gc.disable()
    try:
        del trainer
        assert [each() for each in held] == [None] * 3
    finally:
        gc.enable()


def test_on_a_cpu_a_step_is_plainly_taken() -> None:
    taken: list[int] = []
    step = DeviceStep(lambda: taken.append(len(taken)), CPU)
    for _ in range(5):
        step.run()
    assert taken == [0, 1, 2, 3, 4]
    assert not step.recorded
    assert step.refusal == ""
