"""The step that sizes of tensors are padded to: rows on disk, widths of a space, shapes of a program."""

from __future__ import annotations

STEP = 16
"""Kernels take the same path for every lane whose sizes are multiples of this (bit equality), and a row on
disk that ends at one needs no further copy in a batch."""


def padded(size: int) -> int:
    """The size rounded up to a multiple of `STEP`."""
    return -(-size // STEP) * STEP


def padded_towards(size: int, widest: int) -> int:
    """The smallest of `widest`, its half, its quarter, ... that holds `size`, each rounded up to the step.

    Sizes that differ a little become the same one, and none grows to more than about its double.
    """
    while padded(size) <= (half := padded(-(-widest // 2))) < padded(widest):
        widest = half
    return max(padded(size), padded(widest))
