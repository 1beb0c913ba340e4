"""What a search space is built from: the few facts of data, budget and device that ranges depend on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cambrian.errors import SettingError


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
    """

    task: Literal["binary", "multiclass", "regression"]
    rows: int
    positive_target: bool = False
    epochs: int = 512
    device: Literal["cpu", "gpu"] = "cpu"
    objectives: tuple[str, ...] = ()

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
