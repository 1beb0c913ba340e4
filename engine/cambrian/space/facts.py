"""What a search space is built from: the few facts of data, budget and device that ranges depend on.

Where the facts make two values of a gene mean the same network, the space keeps one of them: genomes that
differ in nothing else would get different keys and seeds, and be trained twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cambrian.errors import SettingError

Task = Literal["binary", "multiclass", "regression"]
ROWS_PER_EPOCH = 2**18
"""An epoch has no more rows; a batch therefore neither."""


@dataclass(frozen=True, slots=True)
class SpaceFacts:
    """Facts that decide ranges, resolved once per run.

    Attributes:
        task: Decides losses and target transforms.
        rows: Training rows of a fold; a batch is never larger.
        positive_target: Whether every target value of a regression is above 0 (allows the log transform).
        epochs: Epoch budget of the longest lane.
        device: Decides the range of widths.
        objectives: Names of the objectives; label smoothing is searched only where one is accuracy-like.
        most_categories: Categories of the categorical column that has most, 0 without such columns; None if
            not known. A higher limit of one-hot inputs means the same.
        scaled_numbers: Whether a numeric column is scaled; without one all ways of scaling mean the same.
        balanced_classes: Whether the classes have equally many rows in every fold's training part, so that
            weighting them changes nothing.
        rows_per_epoch: Rows after which an epoch ends, which no batch exceeds; None if all rows.
    """

    task: Task
    rows: int
    positive_target: bool = False
    epochs: int = 512
    device: Literal["cpu", "gpu"] = "cpu"
    objectives: tuple[str, ...] = ()
    most_categories: int | None = None
    scaled_numbers: bool = True
    balanced_classes: bool = False
    rows_per_epoch: int | None = None

    def __post_init__(self) -> None:
        """Refuse impossible facts."""
        if self.task not in ("binary", "multiclass", "regression"):
            raise SettingError(f"task {self.task!r} is unknown.", "Use binary, multiclass or regression.")
        if self.device not in ("cpu", "gpu"):
            raise SettingError(f"device {self.device!r} is unknown.", "Use cpu or gpu.")
        if self.rows < 1:
            raise SettingError(f"{self.rows} training rows are too few.", "Give a table with more rows.")
        if self.epochs < 1:
            raise SettingError(f"an epoch budget of {self.epochs} is too small.", "Give at least 1 epoch.")
        if self.most_categories is not None and self.most_categories < 0:
            raise SettingError(f"{self.most_categories} categories are too few.", "Give 0 or more.")
        if self.rows_per_epoch is not None and self.rows_per_epoch < 1:
            raise SettingError(f"{self.rows_per_epoch} rows an epoch are too few.", "Give at least 1.")
