"""What to train: a lane as a plain value, readable without torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from cambrian.padding import padded_towards

Task = Literal["binary", "multiclass", "regression"]


@dataclass(frozen=True, slots=True)
class LaneSpec:
    """One network to train.

    Attributes:
        genes: The genome's values, inactive genes included.
        fold: Which fold's training and validation rows it sees.
        seed: Seeds its generators, one per purpose, together with `fold`; derived from the run's seed, the
            individual's key and the repeat, never from the order of arrival.
        epochs: Length of its schedule in epochs; a rung never shortens it.
        inherited: Key of the lane whose weights it begins with; None: it begins from scratch.
    """

    genes: Mapping[str, Any]
    fold: int
    seed: int
    epochs: int
    inherited: str | None = None

    @property
    def key(self) -> str:
        """16 hexadecimal digits of the SHA-256 of the spec: on given data the weights follow from it."""
        text = json.dumps(self.to_json(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def to_json(self) -> dict[str, Any]:
        """The spec as JSON values."""
        return {
            "genes": dict(self.genes),
            "fold": self.fold,
            "seed": self.seed,
            "epochs": self.epochs,
            "inherited": self.inherited,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> LaneSpec:
        """The spec that `to_json` wrote."""
        fold, seed, epochs = (int(value[name]) for name in ("fold", "seed", "epochs"))
        return cls(dict(value["genes"]), fold, seed, epochs, value.get("inherited"))


@dataclass(frozen=True, slots=True)
class TrainingShape:
    """What training needs to know of the data, apart from the rows themselves.

    Attributes:
        task: Decides the head and the validation loss.
        outputs: Classes for a multiclass task, else 1.
        rows: Training rows of a fold (the smallest of the folds).
        validation_rows: Validation rows of a fold, already limited.
        rows_per_epoch: Rows after which an epoch ends; the lane's row order goes on in the next.
        inputs: Inputs under the preprocessing of the search space that has most: those of the others are
            padded towards them (`padded_inputs`), so that lanes of unlike preprocessings share programs.
    """

    task: Task
    outputs: int
    rows: int
    validation_rows: int
    rows_per_epoch: int
    inputs: int = 0

    def padded_inputs(self, own: int) -> int:
        """The width of the rows that a lane of so many inputs trains on: of data and space alone."""
        return padded_towards(own, self.inputs)

    def to_json(self) -> dict[str, Any]:
        """The shape as JSON; `TrainingShape(**value)` reads it back."""
        return asdict(self)
