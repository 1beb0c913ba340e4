"""Letting go of mapped pages: the process gets smaller, the values stay."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from cambrian.data.mapped import GATHERED_ROWS, MAPPED, MappedArrays, file_pages, let_go, take_rows

MEGABYTES = 64


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says how many pages a process holds")
def test_pages_go_and_values_stay(tmp_path: Path) -> None:
    values = np.arange(MEGABYTES * 2**17, dtype=np.float64).reshape(-1, 16)
    np.save(tmp_path / "x.npy", values)
    array = np.load(tmp_path / "x.npy", mmap_mode="r")
    before = file_pages()
    assert array.sum() == values.sum()
    assert file_pages() - before > 0.9 * MEGABYTES * 2**20
    let_go(np.asarray(array)[5:, :3])  # a view of a view gives back the whole file
    assert file_pages() - before < 0.1 * MEGABYTES * 2**20
    assert np.array_equal(array, values)


def test_arrays_in_memory_are_left_alone() -> None:
    array = np.arange(10)
    let_go(array[2:])
    assert array.tolist() == list(range(10))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says how many pages a process holds")
def test_no_more_is_held_than_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cambrian.data.mapped.MOST_BYTES", 16 * 2**20)
    np.save(tmp_path / "x.npy", np.ones((MEGABYTES * 2**10, 256), np.float32))
    mapped = MappedArrays()
    array = mapped.load(tmp_path / "x.npy")
    before, most, total = file_pages(), 0, 0.0
    for start in range(0, len(array), 4096):
        total += float(array[start : start + 4096].sum())
        mapped.relieve()
        most = max(most, file_pages() - before)
    assert total == array.size
    assert 0 < most < 32 * 2**20  # 64 MB without letting go


def test_a_look_follows_every_so_many_rows_whoever_reads_them(monkeypatch: pytest.MonkeyPatch) -> None:
    mapped, looks = MappedArrays(), []
    monkeypatch.setattr(mapped, "relieve", lambda: looks.append(read))
    read = 0
    for rows in [GATHERED_ROWS // 4] * 8 + [1] * 5 + [3 * GATHERED_ROWS]:
        read += rows
        mapped.gathered(rows)
    assert looks == [GATHERED_ROWS, 2 * GATHERED_ROWS, 5 * GATHERED_ROWS + 5]


@pytest.mark.parametrize(
    "rows", [slice(3, 4000), slice(0, 0), np.arange(9000)[::-1], np.array([7, 7, 0])], ids=str
)
@pytest.mark.parametrize("shape", [(9000,), (9000, 3)])
def test_rows_are_taken_as_numpy_takes_them(shape: tuple[int, ...], rows: np.ndarray | slice) -> None:
    array = np.arange(np.prod(shape), dtype=np.int16).reshape(shape)
    taken = take_rows(array, rows)
    assert taken.dtype == array.dtype
    assert np.array_equal(taken, array[rows])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says how many pages a process holds")
def test_rows_taken_at_random_leave_no_table_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cambrian.data.mapped.MOST_BYTES", 8 * 2**20)
    np.save(tmp_path / "x.npy", np.arange(MEGABYTES * 2**18, dtype=np.float32).reshape(-1, 256))
    array = MAPPED.load(tmp_path / "x.npy")
    rows = np.random.default_rng(0).permutation(len(array))
    before = file_pages()
    assert take_rows(array[:, 5], rows).sum(dtype=np.int64) > 0
    assert file_pages() - before < 0.5 * MEGABYTES * 2**20
    assert array[rows, 5].size == len(array)
    assert file_pages() - before > 0.9 * MEGABYTES * 2**20  # what numpy alone leaves
