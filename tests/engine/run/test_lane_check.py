"""The second process of the check of lanes: lanes go on there, and its death is a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from cambrian.errors import RunError
from cambrian.run.lane_check import second_process
from cambrian.training.lanes import LaneState
from cambrian.training.pack import PackTrainer
from cambrian.training.selfcheck import lanes_of, rows_of

CPU = torch.device("cpu")


def begun(count: int) -> list[LaneState]:
    trainer = PackTrainer(lanes_of("binary")[:count], rows_of("binary", CPU), CPU)
    return [trainer.remove(handle) for handle in range(count)]


def test_lanes_go_on_in_a_process_of_their_own(tmp_path: Path) -> None:
    states = begun(2)
    with second_process(tmp_path) as elsewhere:
        for epoch in (1, 2):
            states = list(elsewhere("binary", states))
            assert [state.epoch for state in states] == [epoch, epoch]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["0.safetensors", "1.safetensors"]


def test_a_second_process_that_dies_is_an_error_that_says_how(tmp_path: Path) -> None:
    with (
        second_process(tmp_path) as elsewhere,
        pytest.raises(RunError, match="ended with exit status 1") as caught,
    ):
        elsewhere("no task", begun(1))  # type: ignore[arg-type]
    assert caught.value.exit_code == 1
