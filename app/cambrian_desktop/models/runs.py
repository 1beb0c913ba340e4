"""The runs of a workspace."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QPixmap

from cambrian_desktop.figures import figure
from cambrian_desktop.models.rows_model import Column, RowsModel
from cambrian_desktop.models.words import (
    count_text,
    day_text,
    file_text,
    metric_text,
    size_text,
    state_text,
)
from cambrian_desktop.workspace_reading import RunEntry


class RunsModel(RowsModel[RunEntry]):
    """A run in a row: data, state, best value, its way there, generations, when it began, size, id.

    Args:
        spark: Draws the way of the best value; without it there is none.
        icon: Draws the sign of a state; without it there is none.
    """

    DATA, STATE, BEST, SPARK, GENERATIONS, CREATED, SIZE, RUN = range(8)

    def __init__(
        self,
        spark: Callable[[RunEntry], QPixmap | None] | None = None,
        icon: Callable[[str], Any] | None = None,
        parent: QObject | None = None,
    ) -> None:
        self._spark = spark
        self._icon = icon
        super().__init__(
            (
                Column(_data, tooltip=lambda row: f"{row.summary.id}\n{row.summary.file}".strip()),
                Column(lambda row: state_text(row.summary.state), tooltip=_why),
                Column(_best, lambda row: row.summary.best, number=True),
                Column(lambda row: "", lambda row: len(row.spark)),
                Column(
                    lambda row: count_text(row.summary.generations) if row.summary.created else "",
                    lambda row: row.summary.generations,
                    number=True,
                ),
                Column(
                    lambda row: day_text(row.summary.created, datetime.now(UTC)),
                    lambda row: row.summary.created or None,
                    number=True,
                ),
                Column(lambda row: size_text(row.bytes), lambda row: row.bytes, number=True),
                Column(lambda row: row.summary.id),
            ),
            parent,
        )

    def titles(self) -> Sequence[str]:
        """The columns' titles."""
        return (
            self.tr("Data"),
            self.tr("State"),
            self.tr("Best so far"),
            self.tr("Progress"),
            self.tr("Generations"),
            self.tr("Begun"),
            self.tr("On disk"),
            self.tr("Run"),
        )

    def identity(self, row: RunEntry) -> Hashable:
        """A run's id."""
        return row.summary.id

    def other_data(self, row: RunEntry, column: int, role: int) -> Any:
        """The sparkline, the sign of the state, and what a screen reader says of a sparkline."""
        if role == Qt.ItemDataRole.DecorationRole:
            if column == self.SPARK and self._spark is not None:
                return self._spark(row)
            if column == self.STATE and self._icon is not None:
                return self._icon(row.summary.state)
        if role == Qt.ItemDataRole.AccessibleTextRole and column == self.SPARK and row.spark:
            words = self.tr("from {first} to {last}")
            return words.format(first=figure(row.spark[0]), last=figure(row.spark[-1]))
        return None


def _data(row: RunEntry) -> str:
    if not row.summary.file:
        return row.summary.id
    name = file_text(row.summary.file)
    return f"{name} → {row.summary.target}" if row.summary.target else name


def _best(row: RunEntry) -> str:
    if row.summary.best is None:
        return ""
    return f"{metric_text(row.summary.objective)} {figure(row.summary.best)}"


def _why(row: RunEntry) -> str:
    """What can be said of a run that went wrong."""
    return f"{row.summary.problem or row.error} {row.remedy}".strip()
