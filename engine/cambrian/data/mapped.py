"""Pages of memory-mapped files: how many this process holds, and letting go of them.

A mapped page that was looked at counts as the process's own memory until the system wants it back. A table
larger than memory would fill it with pages that are cheap to get again: from the system's file cache.
"""

from __future__ import annotations

import mmap
import sys
from pathlib import Path
from typing import Any

import numpy as np
import psutil

_STATM = Path("/proc/self/statm")


def file_pages() -> int:
    """Bytes of file pages that this process holds, code included; 0 where the system is not Linux."""
    if sys.platform != "linux":
        return 0
    return int(_STATM.read_text().split()[2]) * mmap.PAGESIZE


def own_bytes() -> int:
    """Bytes of memory that are this process's alone: resident pages without those of files."""
    return int(psutil.Process().memory_info().rss) - file_pages()


def let_go(array: np.ndarray[Any, Any]) -> None:
    """Give back the pages of a mapped array, which stays valid; nothing happens to any other array.

    Only for arrays mapped read-only: what was written to private pages would be lost.
    """
    base: Any = array
    while isinstance(base, np.ndarray):
        base = base.base
    if isinstance(base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        base.madvise(mmap.MADV_DONTNEED)
