"""What the width genes mean: real widths, padded widths, and the bucket (species) they put a lane in.

A pack trains lanes of equal padded widths together. The padded widths follow from the bucket genes alone
(shape, width_1..width_6, batch_size), never from `layers`: lanes of any depth share a pack, and a lane uses
the first `layers` of them. Padded widths are never smaller than the real ones.
"""

from __future__ import annotations

import bisect
from collections.abc import Mapping
from typing import Any

from cambrian.padding import STEP

MAX_LAYERS = 6
PADDED_WIDTHS = (16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024)
_BUCKET_GENES = ("family", "batch_size", "shape", *(f"width_{i}" for i in range(1, MAX_LAYERS + 1)))


def layer_widths(genes: Mapping[str, Any]) -> tuple[int, ...]:
    """Units of each hidden layer, input side first, (layers,).

    brick: all width_1; funnel: each half the one before; diamond: width_1 in the middle (the two middle
    layers of an even depth), halving outwards; free: a gene each. Halves are rounded down to multiples of 16,
    at least 16.
    """
    layers, shape, widest = genes["layers"], genes["shape"], genes["width_1"]
    if shape == "free":
        return tuple(genes[f"width_{i}"] for i in range(1, layers + 1))
    return tuple(_halved(widest, times) for times in _halvings(shape, layers))


def padded_width(width: int) -> int:
    """The width rounded up to one of `PADDED_WIDTHS`, above them to multiples of 1024."""
    place = bisect.bisect_left(PADDED_WIDTHS, width)
    return PADDED_WIDTHS[place] if place < len(PADDED_WIDTHS) else -(-width // 1024) * 1024


def padded_widths(genes: Mapping[str, Any]) -> tuple[int, ...]:
    """The widths at which the lane's pack computes, for all six layers, used or not.

    A diamond's widths depend on its depth, so its padding is the widest that any depth needs in each place.
    """
    if genes["shape"] == "free":
        return tuple(padded_width(genes[f"width_{i}"]) for i in range(1, MAX_LAYERS + 1))
    widest = padded_width(genes["width_1"])
    depths = range(1, MAX_LAYERS + 1) if genes["shape"] == "diamond" else (MAX_LAYERS,)
    by_depth = [_halvings(genes["shape"], depth) for depth in depths]
    least = [min(times[i] for times in by_depth if i < len(times)) for i in range(MAX_LAYERS)]
    return tuple(padded_width(_halved(widest, times)) for times in least)


def bucket_key(genes: Mapping[str, Any]) -> tuple[str, int, tuple[int, ...]]:
    """Family, batch size and padded widths: lanes with equal keys may share a pack (of equal input width)."""
    return genes["family"], genes["batch_size"], padded_widths(genes)


def species(genes: Mapping[str, Any]) -> str:
    """The bucket key as text: `b256 128-128-128-128-128-128`."""
    _, batch, widths = bucket_key(genes)
    return f"b{batch} {'-'.join(str(width) for width in widths)}"


def adopt_species(genes: Mapping[str, Any], member: Mapping[str, Any]) -> dict[str, Any]:
    """The genes moved into the species of `member`: its bucket genes, own widths kept within the padding.

    Each width is clipped into the padded step of the member's width, so small differences survive.
    """
    moved = dict(genes) | {name: member[name] for name in _BUCKET_GENES}
    for name in _BUCKET_GENES[3:]:
        high = padded_width(member[name])
        place = bisect.bisect_left(PADDED_WIDTHS, high)
        low = (PADDED_WIDTHS[place - 1] if place else 0) + STEP
        moved[name] = min(max(genes[name], low), high)
    return moved


def _halved(width: int, times: int) -> int:
    return max(STEP, (width >> times) // STEP * STEP)


def _halvings(shape: str, depth: int) -> tuple[int, ...]:
    if shape == "funnel":
        return tuple(range(depth))
    if shape == "diamond":
        return tuple(abs(2 * layer - depth + 1) // 2 for layer in range(depth))
    return (0,) * depth


def inheritable(parent: Mapping[str, Any], child: Mapping[str, Any]) -> bool:
    """Whether networks of these genes share a layer; the caller knows that they see the same inputs."""
    return bool(parent["family"] == child["family"] and bool(parent["layers"]) == bool(child["layers"]))
