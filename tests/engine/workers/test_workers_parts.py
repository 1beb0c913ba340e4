import os
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cambrian.errors import SettingError
from cambrian.workers import devices
from cambrian.workers.clock import RunningClock
from cambrian.workers.protocol import Assembler, encode, pieces
from cambrian.workers.worker import device_is_lost, failure_kind


@given(
    st.lists(st.dictionaries(st.text(), st.text(max_size=40) | st.integers()), max_size=5),
    st.integers(0, 50_000),
)
def test_messages_survive_being_cut_into_pieces(messages, padding):
    assembler = Assembler()
    found = []
    for message in [*messages, {"padding": "ü" * padding}]:
        for piece in pieces(encode(message)):
            assert len(piece) + 4 <= 16_384  # what multiprocessing writes at once
            whole = assembler.add(piece)
            found += [] if whole is None else [whole]
    assert found == [*messages, {"padding": "ü" * padding}]


def test_the_running_clock_counts_a_gap_as_one_second_and_never_runs_back():
    times = iter([100.0, 100.5, 160.0, 159.0, 159.25])
    clock = RunningClock(lambda: next(times))
    assert [clock.tick() for _ in range(4)] == [0.5, 1.5, 1.5, 1.75]
    assert clock.seconds == 1.75


class OutOfMemoryError(RuntimeError):
    """As torch names it."""


@pytest.mark.parametrize(
    ("error", "kind", "lost"),
    [
        (OutOfMemoryError("CUDA out of memory."), "memory", False),
        (RuntimeError("CUDA error: out of memory"), "memory", False),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate"), "memory", False),
        (OSError(12, "Cannot allocate memory"), "memory", False),
        (RuntimeError("std::bad_alloc"), "memory", False),
        (RuntimeError("CUDA error: device-side assert triggered"), "error", True),
        (RuntimeError("shapes differ"), "error", False),
        (ValueError("out of memory"), "error", False),
    ],
)
def test_errors_are_told_apart(error, kind, lost):
    assert (failure_kind(error), device_is_lost(error)) == (kind, lost)
    with pytest.raises(KeyError) as outer:
        raise KeyError("around it") from error
    assert (failure_kind(outer.value), device_is_lost(outer.value)) == (kind, lost)


def test_cpu_gives_one_worker_a_core_with_one_left_free_on_more_than_four(monkeypatch):
    for cores, workers in ((1, 1), (2, 2), (4, 4), (5, 4), (16, 15)):
        monkeypatch.setattr(devices, "available_cores", lambda cores=cores: cores)
        assert devices.resolve_devices("cpu") == ["cpu"] * workers
        assert devices.resolve_devices(" CPU ", 3) == ["cpu"] * 3


@pytest.mark.skipif(sys.platform != "linux", reason="affinity and control groups are Linux's")
def test_cores_follow_affinity_and_control_group(tmp_path, monkeypatch):
    before = os.sched_getaffinity(0)
    assert devices.available_cores(tmp_path) == len(before)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert devices.available_cores(tmp_path) == 1
    finally:
        os.sched_setaffinity(0, before)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(16)))
    (tmp_path / "cpu.max").write_text("max 100000\n")
    assert devices.available_cores(tmp_path) == 16
    (tmp_path / "cpu.max").write_text("250000 100000\n")
    assert devices.available_cores(tmp_path) == 2
    (tmp_path / "cpu.max").write_text("50000 100000\n")
    assert devices.available_cores(tmp_path) == 1
    (tmp_path / "cpu.max").unlink()
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text("300000\n")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    assert devices.available_cores(tmp_path) == 3


@pytest.mark.parametrize(
    "text", ["gpu", "", "cuda:", "cuda:x", "cuda:0,0", "cuda:-1", "cuda0", "cpu:0", "cuda:²"]
)
def test_a_device_text_that_means_nothing_is_refused(text):
    with pytest.raises(SettingError, match="cuda:0,1"):
        devices.resolve_devices(text)


@pytest.mark.parametrize(
    ("text", "workers", "found", "expected"),
    [
        ("auto", 0, devices.Gpus(2, False), ["cuda:0", "cuda:1"]),
        ("auto", 3, devices.Gpus(2, False), ["cuda:0", "cuda:1", "cuda:0"]),
        ("auto", 0, devices.Gpus(0, True), ["mps"]),
        ("auto", 2, devices.Gpus(0, False, "no driver"), ["cpu", "cpu"]),
        ("cuda", 0, devices.Gpus(2, False), ["cuda:0", "cuda:1"]),
        ("cuda:1", 0, devices.Gpus(2, False), ["cuda:1"]),
        ("CUDA:1, 0", 0, devices.Gpus(2, False), ["cuda:1", "cuda:0"]),
        ("mps", 2, devices.Gpus(0, True), ["mps", "mps"]),
    ],
)
def test_gpus_are_dealt_out(monkeypatch, text, workers, found, expected):
    monkeypatch.setattr(devices, "_may_have_gpu", lambda: True)
    monkeypatch.setattr(devices, "probe_gpus", lambda: found)
    assert devices.resolve_devices(text, workers) == expected


@pytest.mark.parametrize(
    ("text", "found", "match"),
    [
        ("cuda:2", devices.Gpus(2, False), "no device cuda:2; this machine has cuda:0, cuda:1"),
        ("cuda", devices.Gpus(0, False, "no torch"), "no CUDA device here. .no torch"),
        ("mps", devices.Gpus(1, False), "no Apple GPU"),
    ],
)
def test_a_missing_gpu_is_refused(monkeypatch, text, found, match):
    monkeypatch.setattr(devices, "probe_gpus", lambda: found)
    with pytest.raises(SettingError, match=match):
        devices.resolve_devices(text)


def test_the_probe_asks_torch_in_a_process_of_its_own():
    import torch

    assert devices.probe_gpus() == devices.Gpus(torch.cuda.device_count(), torch.backends.mps.is_available())
