"""How a worker begins the lane of an heir; who is one, `heirs` decides without torch."""

from __future__ import annotations

from pathlib import Path

from cambrian.errors import RunError
from cambrian.run.lanes import LaneId
from cambrian.training.inherit import inherit
from cambrian.training.lanes import LaneState, load_lane
from cambrian.training.pack import PackTrainer
from cambrian.training.spec import LaneSpec

_WITHOUT = "The run goes on without this individual."


def begin_heir(spec: LaneSpec, parent: LaneId, weights: Path, trainer: PackTrainer) -> LaneState:
    """An heir's lane at epoch 0, with its parent's weights.

    Args:
        spec: What is trained.
        parent: The lane it inherits from.
        weights: Folder of the weights that the run keeps.
        trainer: Where the lane will train; it is left as it was.

    Raises:
        RunError: The parent's weights are missing, damaged, or those of another lane.
    """
    path = weights / f"{parent.name}.safetensors"
    try:
        state = load_lane(path)
    except RunError as error:
        raise RunError(f"No weights to inherit: {error.problem}", _WITHOUT) from error
    if state.spec.key != spec.inherited:
        raise RunError(f"No weights to inherit: {path} holds those of another lane.", _WITHOUT)
    return inherit(state, trainer.remove(trainer.add(spec)))
