"""Where a lane stands, as a value: everything that continuing it bit for bit in another process needs.

A lane file is one safetensors file; the plain values lie as JSON in its metadata, with a SHA-256 over both.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
from torch import Tensor

from cambrian.config import write_atomically
from cambrian.data.encode import TargetScale
from cambrian.errors import RunError
from cambrian.records import EpochRecord, LaneStatus
from cambrian.training.schedules import Plateau
from cambrian.training.spec import LaneSpec, Task

LANE_VERSION = 3
"""Raised whenever an older program could not continue a lane from the file, or this one from an older file.

1: the optimizer's moments lay in two flat vectors. 2: they lie by parameter, whatever the padding. 3: a bias
before batch normalisation stays where it began.
"""
_AGAIN = "Delete it: the lane then starts again from epoch 0."


@dataclass(frozen=True, slots=True, eq=False)
class LaneState:
    """A lane between two epochs; its tensors lie on the CPU and belong to the state alone.

    Attributes:
        spec: What is trained.
        task: Decides the head, and what `predict` returns.
        status: Only a running lane trains on.
        epoch: Epochs done.
        step: Optimizer steps done.
        position: Rows of the current permutation that are used up; the permutation itself is drawn again from
            `generator.shuffle`, which is that generator's state before it was drawn.
        best_epoch: The epoch of the least validation loss, the latest among ties; 0 before there is one.
        best_value: That loss; infinite before there is one.
        improved_epoch: The first epoch that reached `best_value`: patience counts from it.
        plateau: State of the plateau schedule.
        curve: One record an epoch; lane numbers and seconds in it are those of the process that trained it.
        scale: How a regression's target was standardised.
        tensors: By name: `weights.*` (parameters and running statistics), `average.*` (parameters, with gene
            `ema`), `best.*` (parameters and running statistics of the best epoch, once there is one),
            `optimizer.<moment>.*` (by parameter), `optimizer.step`, and `generator.{shuffle,dropout,noise}`.
    """

    spec: LaneSpec
    task: Task
    status: LaneStatus = LaneStatus.RUNNING
    epoch: int = 0
    step: int = 0
    position: int = 0
    best_epoch: int = 0
    best_value: float = math.inf
    improved_epoch: int = 0
    plateau: Plateau = field(default_factory=Plateau)
    curve: tuple[EpochRecord, ...] = ()
    scale: TargetScale | None = None
    tensors: Mapping[str, Tensor] = field(default_factory=dict)

    def group(self, name: str) -> dict[str, Tensor]:
        """The tensors called `<name>.*`, without that prefix."""
        prefix = f"{name}."
        return {key[len(prefix) :]: value for key, value in self.tensors.items() if key.startswith(prefix)}

    def for_prediction(self) -> LaneState:
        """The state with its best weights alone: it predicts the same and trains no further."""
        kept = {name: tensor for name, tensor in self.tensors.items() if name.startswith("best.")}
        return replace(self, tensors=kept)


def save_lane(path: Path, state: LaneState, *, durable: bool = True) -> None:
    """Write the state as one file, atomically; the folder must exist.

    Args:
        path: The file.
        state: The state.
        durable: Whether it must survive a power cut; a parked lane is a cache and need not.
    """
    tensors = {name: tensor.contiguous() for name, tensor in state.tensors.items()}
    text = json.dumps(_to_json(state), ensure_ascii=False, allow_nan=False)
    metadata = {"cambrian_lane": str(LANE_VERSION), "lane": text}
    metadata["sha256"] = _digest(metadata, tensors)
    content = safetensors.torch.save(tensors, metadata)
    write_atomically(path, lambda file: file.write(content), durable=durable)


def load_lane(path: Path) -> LaneState:
    """Read what `save_lane` wrote; an older file too where it only predicts.

    Raises:
        RunError: The file is missing, damaged or truncated, or a version of Cambrian wrote it that is newer,
            or older and the lane was to train on.
    """
    try:
        content = path.read_bytes()
        metadata = _metadata(content)
        version = int(metadata["cambrian_lane"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(path) from error
    if version > LANE_VERSION:
        raise RunError(
            f"The lane file {path} has version {version}, this program reads up to {LANE_VERSION}.",
            "Continue the run with the newer Cambrian that wrote it.",
        )
    try:
        tensors = safetensors.torch.load(content)
        if metadata["sha256"] != _digest(metadata, tensors):
            raise _damaged(path)
        if version < LANE_VERSION and any(name.startswith("optimizer.") for name in tensors):
            raise RunError(
                f"The lane file {path} has version {version}, this program continues lanes of version "
                f"{LANE_VERSION} alone.",
                _AGAIN,
            )
        return _from_json(json.loads(metadata["lane"]), tensors)
    except (safetensors.SafetensorError, ValueError, KeyError, TypeError) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> RunError:
    return RunError(f"The lane file {path} is missing or damaged.", _AGAIN)


def _metadata(content: bytes) -> dict[str, str]:
    """The metadata of a safetensors file: 8 bytes of length, then a JSON header."""
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    metadata: dict[str, str] = header["__metadata__"]
    return metadata


def _digest(metadata: Mapping[str, str], tensors: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256(f"{metadata['cambrian_lane']}\x1f{metadata['lane']}".encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(f"\x1f{name} {tensor.dtype} {tuple(tensor.shape)}\x1f".encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def _to_json(state: LaneState) -> dict[str, Any]:
    return {
        "spec": state.spec.to_json(),
        "task": state.task,
        "status": state.status.value,
        "epoch": state.epoch,
        "step": state.step,
        "position": state.position,
        "best_epoch": state.best_epoch,
        "best_value": _number(state.best_value),
        "improved_epoch": state.improved_epoch,
        "plateau": state.plateau.to_json(),
        "curve": [_record_to_json(record) for record in state.curve],
        "scale": None if state.scale is None else state.scale.to_json(),
    }


def _from_json(value: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> LaneState:
    return LaneState(
        spec=LaneSpec.from_json(value["spec"]),
        task=value["task"],
        status=LaneStatus(value["status"]),
        epoch=value["epoch"],
        step=value["step"],
        position=value["position"],
        best_epoch=value["best_epoch"],
        best_value=float(value["best_value"]),
        improved_epoch=value["improved_epoch"],
        plateau=Plateau.from_json(value["plateau"]),
        curve=tuple(_record_from_json(record) for record in value["curve"]),
        scale=None if value["scale"] is None else TargetScale.from_json(value["scale"]),
        tensors=tensors,
    )


def _record_to_json(record: EpochRecord) -> list[Any]:
    return [
        record.lane,
        record.epoch,
        _number(record.train_loss),
        _number(record.validation_loss),
        _number(record.learning_rate),
        record.seconds,
        record.status.value,
    ]


def _record_from_json(value: list[Any]) -> EpochRecord:
    lane, epoch, train_loss, validation_loss, learning_rate, seconds, status = value
    losses = float(train_loss), float(validation_loss)
    return EpochRecord(lane, epoch, *losses, float(learning_rate), seconds, LaneStatus(status))


def _number(value: float) -> float | str:
    """JSON has no NaN and no infinity: they travel as the text that `float` reads back."""
    return value if math.isfinite(value) else str(value)
