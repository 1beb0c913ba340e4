"""Arrays mapped from files: how much of them this process holds, and letting go of it.

A mapped page that was looked at counts as the process's own until the system wants it back. A table larger
than memory would fill it with pages that are cheap to get again: from the system's file cache at first.
"""

from __future__ import annotations

import mmap
import sys
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
import psutil

MOST_BYTES = 2**29
"""Mapped pages that a process keeps."""

GATHERED_ROWS = 2**12
"""Rows copied from mapped arrays between two looks at how much of them the process holds. A row may bring
64 KB: around the page that is read the system maps those next to it that it has in its cache."""

_STATM = Path("/proc/self/statm")


def file_pages() -> int:
    """Bytes of file pages that this process holds, code included; 0 where the system is not Linux."""
    if sys.platform != "linux":
        return 0
    return int(_STATM.read_text().split()[2]) * mmap.PAGESIZE


def own_bytes() -> int:
    """Bytes of memory that are this process's alone: resident pages without those of files."""
    return int(psutil.Process().memory_info().rss) - file_pages()


class MappedArrays:
    """The arrays that a process maps, as long as somebody has them."""

    def __init__(self) -> None:
        self._arrays: WeakValueDictionary[int, np.ndarray[Any, Any]] = WeakValueDictionary()
        self._floor = 0
        self._gathered = 0

    def load(self, path: Path) -> np.ndarray[Any, Any]:
        """Map a `.npy` file, read-only.

        Raises:
            OSError: It cannot be read.
            ValueError: It holds no array.
        """
        array: np.ndarray[Any, Any] = np.load(path, mmap_mode="r", allow_pickle=False)
        self._arrays[id(array)] = array
        return array

    def gathered(self, rows: int) -> None:
        """Take note that rows of mapped arrays are being read; a look follows every `GATHERED_ROWS` of them.

        They are counted over all lanes, programs and arrays of the process: what lies between two looks is
        bounded whoever reads, and many readers cost no more looks than one.
        """
        self._gathered += rows
        if self._gathered >= GATHERED_ROWS:
            self._gathered = 0
            self.relieve()

    def relieve(self) -> None:
        """Let go of all arrays' pages where the process holds more than `MOST_BYTES` of them; Linux only."""
        arrays = list(self._arrays.values())
        if sum(array.nbytes for array in arrays) <= MOST_BYTES or file_pages() <= self._floor + MOST_BYTES:
            return
        for array in arrays:
            let_go(array)
        self._floor = file_pages()  # what is left is code


MAPPED = MappedArrays()
"""Of this process."""


def take_rows(array: np.ndarray[Any, Any], rows: np.ndarray[Any, Any] | slice) -> np.ndarray[Any, Any]:
    """`array[rows]` of an array that may be mapped and larger than memory; of a slice a view."""
    if isinstance(rows, slice):
        view = np.asarray(array[rows])
        MAPPED.gathered(len(view))
        return view
    taken = np.empty((len(rows), *array.shape[1:]), array.dtype)
    for start in range(0, len(rows), GATHERED_ROWS):
        part = rows[start : start + GATHERED_ROWS]
        taken[start : start + len(part)] = array[part]
        MAPPED.gathered(len(part))
    return taken


def let_go(array: np.ndarray[Any, Any]) -> None:
    """Give back the pages of a mapped array, which stays valid; nothing happens to any other array.

    Only for arrays mapped read-only: what was written to private pages would be lost.
    """
    base: Any = array
    while isinstance(base, np.ndarray):
        base = base.base
    if isinstance(base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        base.madvise(mmap.MADV_DONTNEED)
