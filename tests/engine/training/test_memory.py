"""Predicted memory against what is measured while lanes train: torch's own record, and resident size."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lane_draws import KINDS, TASK, WIDTH, drawn, drawn_of, drawn_rows
from torch.profiler import ProfilerActivity, profile
from toy_tables import CPU, toy_rows, toy_spec

from cambrian.models.activations import ACTIVATIONS
from cambrian.records import LaneStatus
from cambrian.training.memory import OUTPUT_IS_SAVED, predicted_bytes, predicted_pack_bytes
from cambrian.training.pack import PackTrainer
from cambrian.training.rows import TrainingRows
from cambrian.training.spec import LaneSpec, TrainingShape

SEEDS = range(10)
_SLACK = 4 * 2**20
"""A small lane lives in what the process had already, or brings pages of code."""


def live_bytes(work: Callable[[], object]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Bytes of the tensors that `work` allocated and did not free yet, after each time it did either."""
    gc.collect()
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True, acc_events=True) as record:
        work()
    results = record.profiler.kineto_results  # type: ignore[union-attr]
    events = [event for event in results.events() if event.name() == "[memory]"]
    events.sort(key=lambda event: event.start_ns())
    return np.cumsum([event.nbytes() for event in events])


def train(specs: Sequence[LaneSpec], rows: TrainingRows) -> None:
    trainer = PackTrainer(specs, rows, CPU)
    records = trainer.advance(2)
    assert all(record.status is not LaneStatus.DIVERGED for record in records)
    for handle in range(len(specs)):
        trainer.remove(handle)


def peak(specs: Sequence[LaneSpec], rows: TrainingRows) -> int:
    for spec in specs:
        rows.table(spec.fold, spec.genes)  # the rows are not counted
    return int(live_bytes(lambda: train(specs, rows)).max())


PLAIN = {"normalisation": "none", "parametric": False, "dropout": 0.0, "batch_size": 4096, "shape": "brick"}
PLAIN |= {"width_1": 128, "layers": 3, "lr": 1e-4, "input_noise": 0.0}


@pytest.mark.parametrize("residual", [False, True])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_plain_layers_are_predicted_as_they_are_computed_in_place(activation: str, residual: bool) -> None:
    rows = toy_rows(TASK, rows=8000)
    spec = toy_spec(TASK, **PLAIN, activation=activation, residual=residual)
    predicted = predicted_bytes(spec.genes, rows.table(0, spec.genes).x.shape[1], rows.shape)
    assert peak([spec], rows) == pytest.approx(predicted, rel=0.15)


def test_the_activations_that_are_computed_in_place_are_known() -> None:
    assert {name for name, each in ACTIVATIONS.items() if each.saves_output} == OUTPUT_IS_SAVED


@pytest.mark.parametrize("seed", SEEDS)
def test_the_tensors_of_a_random_individual_take_what_is_predicted(seed: int) -> None:
    rows, spec = drawn_rows(), drawn(seed)
    assert predicted_bytes(spec.genes, WIDTH, rows.shape) == pytest.approx(peak([spec], rows), rel=0.15)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", KINDS)
def test_unusual_tables_and_batches_take_what_is_predicted(kind: str, seed: int) -> None:
    spec, rows = drawn_of(KINDS[kind], seed)
    predicted = predicted_bytes(spec.genes, KINDS[kind].width, rows.shape)
    assert predicted == pytest.approx(peak([spec], rows), rel=0.15)


def test_a_pack_takes_at_most_its_lanes_together() -> None:
    rows = drawn_rows()
    for specs in ([drawn(seed) for seed in (0, 6, 8)], [drawn(6)] * 3):
        together = sum(predicted_bytes(spec.genes, WIDTH, rows.shape) for spec in specs)
        assert 0.5 * together < peak(specs, rows) < 1.15 * together


UNLIKE: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {
    "one deep": (
        {"width_1": 64, "batch_size": 32, "optimizer": "sgd"},
        7 * [{"layers": 0}] + [{"layers": 6}],
    ),
    "every depth": ({"batch_size": 256}, [{"layers": layers} for layers in range(7)]),
    "one normalised": ({"batch_size": 1024}, [{"normalisation": "batch"}] + [{}] * 5),
    "one parametric": ({"batch_size": 1024}, [{"parametric": True}] + [{}] * 5),
    "one residual": ({"batch_size": 1024}, [{"residual": True}] + [{}] * 5),
    "one not in place": ({"batch_size": 1024}, [{"activation": "gelu"}] + [{}] * 5),
}


@pytest.mark.parametrize("case", UNLIKE)
def test_unlike_lanes_take_at_most_what_their_pack_is_predicted_to(case: str) -> None:
    common, variants = UNLIKE[case]
    rows = toy_rows(TASK, rows=200 if case == "one deep" else 2000, width=WIDTH)
    base = {**PLAIN, "activation": "relu", **common}
    specs = [toy_spec(TASK, seed=seed, **{**base, **genes}) for seed, genes in enumerate(variants)]
    sized = [(spec.genes, WIDTH) for spec in specs]
    sum_alone = sum(predicted_bytes(*each, rows.shape) for each in sized)
    together = predicted_pack_bytes(sized, rows.shape)
    measured = peak(specs, rows)
    assert 0.4 * together < measured < together
    assert sum_alone < together
    if case == "one deep":
        assert measured > 1.5 * sum_alone  # which is why company counts


def test_equal_lanes_are_predicted_to_take_their_sum() -> None:
    rows = toy_rows(TASK, rows=400)
    lanes = [(toy_spec(TASK, dropout=0.2, ema=True).genes, 5)] * 4
    assert predicted_pack_bytes(lanes, rows.shape) == 4 * predicted_bytes(*lanes[0], rows.shape)
    other = (toy_spec(TASK, width_1=256, layers=6, normalisation="layer").genes, 5)  # another bucket
    both = predicted_pack_bytes([lanes[0], other], rows.shape)
    assert both == sum(predicted_bytes(*each, rows.shape) for each in (lanes[0], other))


@pytest.mark.skipif(not os.access("/proc/self/clear_refs", os.W_OK), reason="a process cannot reset its peak")
def test_resident_size_grows_as_predicted() -> None:
    here = Path(__file__).parent
    command = [sys.executable, str(here / "lane_memory.py"), *map(str, SEEDS)]
    paths = os.pathsep.join([str(here), *sys.path])
    output = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": paths}, check=True, capture_output=True, text=True
    ).stdout
    found = [json.loads(line) for line in output.splitlines()]
    assert len(found) == len(SEEDS)
    for lane in found:
        resident = lane["before"] + lane["grown"]
        assert lane["before"] + lane["predicted"] == pytest.approx(resident, rel=0.4), found
        # The growth alone is up to twice the tensors: the allocator keeps what was freed in pieces.
        assert 0.5 * lane["predicted"] - _SLACK < lane["grown"] < 2.5 * lane["predicted"] + _SLACK, found


def test_a_lane_that_has_left_leaves_nothing_to_the_garbage_collector() -> None:
    rows = toy_rows("multiclass", rows=400)
    rows.table(0, toy_spec("multiclass").genes)
    kinds = [{"dropout": 0.2}, {"normalisation": "batch"}, {"parametric": True}, {"loss": "focal"}]
    specs = [toy_spec("multiclass", epochs=3, **kind) for kind in kinds]
    train(specs, rows)  # what is kept for good is allocated
    gc.disable()
    try:
        left = int(live_bytes(lambda: train(specs, rows))[-1])
    finally:
        gc.enable()
    assert left < 1024


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ({"width_1": 64}, {"width_1": 256}),
        ({"layers": 1}, {"layers": 6}),
        ({"ema": False}, {"ema": True}),
        ({"optimizer": "sgd"}, {"optimizer": "adam"}),
        ({"batch_size": 256}, {"batch_size": 4096}),
    ],
)
def test_what_takes_more_memory(less: dict[str, Any], more: dict[str, Any]) -> None:
    few = TrainingShape("multiclass", outputs=5, rows=10_000, validation_rows=64, rows_per_epoch=2**18)
    base = {"dropout": 0.0, "layers": 3, "width_1": 128, "batch_size": 1024}
    small, large = (toy_spec("multiclass", **{**base, **values}).genes for values in (less, more))
    assert predicted_bytes(small, 23, few) < predicted_bytes(large, 23, few)


def test_a_batch_takes_no_more_than_its_rows() -> None:
    shape = TrainingShape("binary", outputs=1, rows=50, validation_rows=10, rows_per_epoch=2**18)
    large, whole = (toy_spec(batch_size=size).genes for size in (4096, 50))
    assert predicted_bytes(large, 23, shape) == predicted_bytes(whole, 23, shape)


def test_the_row_order_counts() -> None:
    """Every lane holds its own order of all rows, which may be more than an epoch's."""
    sizes = [
        predicted_bytes(toy_spec(TASK).genes, WIDTH, TrainingShape(TASK, 1, rows, 100, 2**12))
        for rows in (10**6, 2 * 10**6)
    ]
    assert sizes[1] - sizes[0] >= 8 * 10**6


def test_torch_is_never_loaded_to_predict() -> None:
    code = "import sys, cambrian.training.memory; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
