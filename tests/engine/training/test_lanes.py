"""Lane files: exact, and refused when they are not what was written."""

from __future__ import annotations

import math
import os
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_tables import differing, toy_rows, toy_spec, trained

from cambrian.errors import RunError
from cambrian.records import EpochRecord, LaneStatus
from cambrian.training import lanes
from cambrian.training.lanes import LaneState, load_lane, save_lane

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def state() -> LaneState:
    spec = toy_spec("regression", ema=True, normalisation="batch", schedule="plateau", target_transform="log")
    return trained(spec, toy_rows("regression", rows_per_epoch=70), 2)


def test_a_state_survives_its_file_exactly(state: LaneState, tmp_path: Path) -> None:
    save_lane(tmp_path / "lane", state)
    assert differing(state, load_lane(tmp_path / "lane")) == []
    assert load_lane(tmp_path / "lane").curve == state.curve
    assert os.listdir(tmp_path) == ["lane"]


def test_losses_that_are_no_numbers_survive(state: LaneState, tmp_path: Path) -> None:
    records = tuple(
        EpochRecord(0, epoch, loss, -loss, 0.1, 0.5, LaneStatus.DIVERGED)
        for epoch, loss in enumerate([math.nan, math.inf, 1e-320], start=1)
    )
    odd = replace(state, curve=records, best_value=math.inf, status=LaneStatus.DIVERGED)
    save_lane(tmp_path / "lane", odd)
    assert differing(odd, load_lane(tmp_path / "lane")) == []


def test_every_cut_is_refused(state: LaneState, tmp_path: Path) -> None:
    path = tmp_path / "lane.safetensors"
    save_lane(path, state)
    content = path.read_bytes()
    for length in [0, 3, 8, 100, len(content) // 2, len(content) - 1]:
        path.write_bytes(content[:length])
        with pytest.raises(RunError, match=r"lane\.safetensors"):
            load_lane(path)
    path.unlink()
    with pytest.raises(RunError, match=r"lane\.safetensors"):
        load_lane(path)


@settings(max_examples=60, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_every_flipped_bit_is_refused(
    state: LaneState, tmp_path_factory: pytest.TempPathFactory, place: float, bit: int
) -> None:
    path = tmp_path_factory.mktemp("lane") / "lane.safetensors"
    save_lane(path, state)
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= 1 << bit
    path.write_bytes(content)
    with pytest.raises(RunError, match=r"lane\.safetensors"):
        load_lane(path)


def test_a_newer_version_is_refused_with_both_versions(
    state: LaneState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "LANE_VERSION", 7)
    save_lane(tmp_path / "lane", state)
    monkeypatch.setattr(lanes, "LANE_VERSION", 1)
    with pytest.raises(RunError, match=r"version 7.* up to 1"):
        load_lane(tmp_path / "lane")


def test_of_an_older_version_a_lane_predicts_and_does_not_train_on(
    state: LaneState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its optimizer's moments lay elsewhere: read as today's, the lane would end otherwise."""
    monkeypatch.setattr(lanes, "LANE_VERSION", 1)
    save_lane(tmp_path / "parked", state)
    save_lane(tmp_path / "final", state.for_prediction())
    monkeypatch.undo()
    with pytest.raises(RunError, match=r"version 1, .* version 3 alone") as caught:
        load_lane(tmp_path / "parked")
    assert "starts again from epoch 0" in caught.value.remedy
    assert differing(state.for_prediction(), load_lane(tmp_path / "final")) == []


def test_a_state_belongs_to_itself_and_not_to_the_trainer(state: LaneState) -> None:
    before = {name: tensor.clone() for name, tensor in state.tensors.items()}
    trained(state, toy_rows("regression", rows_per_epoch=70), 2)
    assert all(torch.equal(tensor, before[name]) for name, tensor in state.tensors.items())
    assert len({tensor.data_ptr() for tensor in state.tensors.values()}) == len(state.tensors)
