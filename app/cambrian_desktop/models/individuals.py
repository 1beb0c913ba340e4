"""All individuals of a run."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from math import isnan
from typing import Any

from PySide6.QtCore import QObject

from cambrian.records import Objective
from cambrian.store.rows import IndividualRow
from cambrian_desktop.figures import figure
from cambrian_desktop.models.leaders import changes_text, genome_text
from cambrian_desktop.models.rows_model import Column, RowsModel
from cambrian_desktop.models.words import count_text, metric_text, operator_text
from cambrian_desktop.run_picture import RunPicture


class IndividualsModel(RowsModel[IndividualRow]):
    """Every individual in a row: number, generation, result, network, origin, what changed, parents.

    A further column stands after the first result for every further objective.

    Args:
        network: Says in words what a genome's network is.
        changes: Says in words what an individual changed.
    """

    NUMBER, GENERATION, VALUE = range(3)

    def __init__(
        self,
        network: Callable[[Mapping[str, Any]], str] = genome_text,
        changes: Callable[[IndividualRow], str] = changes_text,
        parent: QObject | None = None,
    ) -> None:
        self._network = network
        self._changes = changes
        self._objectives: tuple[Objective, ...] = ()
        super().__init__((), parent)
        self.set_columns(self._made_columns())

    def show_picture(self, picture: RunPicture) -> None:
        """Show the individuals of a picture."""
        if picture.objectives != self._objectives:
            self._objectives = picture.objectives
            self.set_columns(self._made_columns())
        if picture.individuals is not self._all:
            self.set_rows(picture.individuals)

    def titles(self) -> Sequence[str]:
        """The columns' titles."""
        values = [metric_text(each.name) for each in self._objectives] or [self.tr("Result")]
        return (
            self.tr("No."),
            self.tr("Generation"),
            *values,
            self.tr("Network"),
            self.tr("Origin"),
            self.tr("What changed"),
            self.tr("Parents"),
        )

    def identity(self, row: IndividualRow) -> Hashable:
        """Its number."""
        return row.number

    def result_text(self, row: IndividualRow, place: int = 0) -> str:
        """An individual's value of an objective, or why there is none."""
        if row.values is not None and place < len(row.values) and not isnan(row.values[place]):
            return figure(row.values[place])
        if place:
            return ""
        if row.rung is None:
            return self.tr("in training")
        return self.tr("failed") if row.rung < 0 else self.tr("no value")

    def _made_columns(self) -> list[Column[IndividualRow]]:
        return [
            Column(lambda row: count_text(row.number), lambda row: row.number, number=True),
            Column(lambda row: count_text(row.generation), lambda row: row.generation, number=True),
            *(self._value_column(place) for place in range(max(1, len(self._objectives)))),
            Column(lambda row: self._network(row.genome)),
            Column(lambda row: operator_text(row.operator), lambda row: row.operator),
            Column(lambda row: self._changes(row) if row.changed else ""),
            Column(lambda row: ", ".join(map(str, row.parents)), lambda row: row.parents or None),
        ]

    def _value_column(self, place: int) -> Column[IndividualRow]:
        return Column(
            lambda row: self.result_text(row, place),
            lambda row: row.values[place] if row.values and place < len(row.values) else None,
            number=True,
        )
