"""Letting go of mapped pages: the process gets smaller, the values stay."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from cambrian.data.mapped import file_pages, let_go

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
