"""What `cambrian doctor` says of lanes: how many share a tensor program, and whether company changes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cambrian.errors import CambrianError

if TYPE_CHECKING:
    from cambrian.training.selfcheck import Comparison

_LAYERS, _INPUTS, _ROWS = 3, 16, 10_000
_USUAL = {"normalisation": "none", "parametric": False, "dropout": 0.1, "ema": False}
_WIDTHS, _BATCHES = (32, 64, 128, 256), (32, 128, 512)
_WITHIN = "within {:g} over 5 epochs, TF32 off, without lanes in which rounding grows by itself"
_REMEDY = "Results may depend on which networks train together; report it with `cambrian doctor --json`."


def pack_sizes(devices: Sequence[str]) -> list[dict[str, Any]]:
    """Lanes in a tensor program, for each device and some usual networks of three equal layers."""
    if not devices:  # then torch cannot be imported either
        return []
    found = []
    for device in devices:
        for width in _WIDTHS:
            lanes = {str(batch): _pack_size(device, width, batch) for batch in _BATCHES}
            found.append({"device": device, "width": width, "lanes_by_batch": lanes})
    return found


def _pack_size(device: str, width: int, batch: int) -> int:
    import torch

    from cambrian.models.mlp_layout import Layout
    from cambrian.training.device_memory import free_bytes, lane_bytes, most_device_lanes
    from cambrian.training.pack import most_lanes

    genes = {"shape": "brick", "width_1": width, "layers": _LAYERS} | _USUAL
    layout = Layout(genes, _INPUTS, outputs=1)
    if device == "cpu":
        return most_lanes(batch, layout)
    lane = lane_bytes(genes, layout, batch=batch, epoch_rows=_ROWS, steps=-(-_ROWS // batch))
    return most_device_lanes(lane, free_bytes(torch.device(device)))


def pack_cells(sizes: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """The pack sizes as a table, a header first."""
    header = [f"lanes a pack ({_LAYERS} layers)", *(f"batch {batch}" for batch in _BATCHES)]
    rows = [
        [
            f"{each['device']}, width {each['width']}",
            *(str(lanes) for lanes in each["lanes_by_batch"].values()),
        ]
        for each in sizes
    ]
    return [header, *rows]


def lane_checks(devices: Iterable[str]) -> list[dict[str, Any]]:
    """The check of every device, as JSON; `error` says why one could not be made."""
    return [_lane_check(device) for device in devices]


def _lane_check(device: str) -> dict[str, Any]:
    from cambrian.run.lane_check import check_device

    try:
        return _to_json(device, check_device(device))
    except (CambrianError, OSError, RuntimeError) as error:  # torch's own errors are RuntimeErrors
        return {"device": device, "error": str(error)}


def _to_json(device: str, found: Comparison) -> dict[str, Any]:
    exact = found.tolerance is None
    return {
        "device": device,
        "error": "",
        "promise": "bit for bit" if exact else _WITHIN.format(found.tolerance),
        "lanes": found.lanes,
        "differing_lanes": found.differing_lanes,
        "tensors": found.tensors,
        "differing_tensors": found.differing_tensors,
        "largest_difference": found.largest if found.largest < float("inf") else None,
        "differing": list(found.examples),
    }


def check_line(check: Mapping[str, Any]) -> str:
    """The outcome of a device's check in a line."""
    if check["error"]:
        return f"{check['device']}: lanes alone and in company could not be compared"
    lanes = f"{check['differing_lanes']} of {check['lanes']} lanes"
    tensors = f"{check['differing_tensors']} of {check['tensors']} tensors"
    return f"{check['device']}: alone and in company {lanes} and {tensors} differ ({check['promise']})"


def check_problems(checks: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """A problem and its remedy for every device on which a lane differs, or nothing could be compared."""
    for check in checks:
        if check["error"]:
            yield f"The check of lanes on {check['device']} failed: {check['error']}", "Try another device."
        elif check["differing_lanes"]:
            named = ", ".join(check["differing"][:3])
            counted = f"{check['differing_lanes']} of {check['lanes']} lanes"
            yield f"On {check['device']} {counted} differ in company from alone ({named}).", _REMEDY
