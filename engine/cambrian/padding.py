"""The step that sizes of tensors are padded to: rows on disk, widths of a space, shapes of a program."""

from __future__ import annotations

STEP = 16
"""Kernels take the same path for every lane whose sizes are multiples of this (bit equality), and a row on
disk that ends at one needs no further copy in a batch."""


def padded(size: int) -> int:
    """The size rounded up to a multiple of `STEP`."""
    return -(-size // STEP) * STEP
