"""Arrays that may be larger than memory while they are made: in a file that nobody sees, or in memory."""

from __future__ import annotations

import mmap
import tempfile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

CHUNK_BYTES = 1 << 24


def scratch_array(folder: Path | None, shape: tuple[int, ...], dtype: npt.DTypeLike) -> np.ndarray[Any, Any]:
    """An array to be filled; in a file without a name in `folder`, which goes with it, or in memory."""
    if folder is None or 0 in shape:
        return np.empty(shape, dtype)
    with tempfile.TemporaryFile(dir=folder) as file:
        return np.memmap(file, dtype, mode="w+", shape=shape)


def write_back(array: np.ndarray[Any, Any]) -> None:
    """Let go of the pages of an array in a file; the system keeps what was written and gives it back."""
    base: Any = array
    while isinstance(base, np.ndarray):
        base = base.base
    if isinstance(base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        base.madvise(mmap.MADV_DONTNEED)


def save_rows(file: BinaryIO, array: np.ndarray[Any, Any], rows: np.ndarray[Any, Any] | None) -> None:
    """Write `array[rows]` (None: all) as `np.save` does, some rows at a time."""
    count = len(array) if rows is None else len(rows)
    shape = (count, *array.shape[1:])
    header = {"descr": np.lib.format.dtype_to_descr(array.dtype), "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
    width = max(1, array.dtype.itemsize * int(np.prod(shape[1:])))
    step = max(1, CHUNK_BYTES // width)
    for start in range(0, count, step):
        chunk = array[start : start + step] if rows is None else array[rows[start : start + step]]
        file.write(np.ascontiguousarray(chunk).tobytes())
        write_back_source(array)


def write_back_source(array: np.ndarray[Any, Any]) -> None:
    """Let go of the pages of an array that lies in a file of ours; nothing happens to any other."""
    if isinstance(array, np.memmap):
        write_back(array)
