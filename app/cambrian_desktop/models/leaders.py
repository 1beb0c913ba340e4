"""The best individuals."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject

from cambrian.store.rows import IndividualRow, LeaderboardRow
from cambrian_desktop.figures import figure
from cambrian_desktop.models.rows_model import Column, RowsModel
from cambrian_desktop.models.words import count_text, metric_text, operator_text, value_text
from cambrian_desktop.run_picture import RunPicture


@dataclass(frozen=True, slots=True)
class Leader:
    """A line of the leaderboard and the individual that holds it."""

    line: LeaderboardRow
    individual: IndividualRow


def leaders_of(picture: RunPicture) -> list[Leader]:
    """The first lines of a picture's leaderboard with their individuals."""
    rows = picture.individuals
    return [
        Leader(line, rows[line.individual])
        for line in picture.leaders
        if line.individual < len(rows) and rows[line.individual].number == line.individual
    ]


def changes_text(row: IndividualRow) -> str:
    """What changed from the better parent, in the genes' own names."""
    if not row.changed:
        return operator_text(row.operator)
    return ", ".join(
        f"{each.gene} {value_text(each.before)} → {value_text(each.after)}" for each in row.changed
    )


def genome_text(genome: Mapping[str, Any]) -> str:
    """A network in a few words: widths, activation and optimizer."""
    layers = genome.get("layers")
    widths = [genome.get(f"width_{place}") for place in range(1, int(layers or 0) + 1)]
    shape = "×".join(str(each) for each in widths if each is not None)
    return " ".join(str(each) for each in (shape, genome.get("activation"), genome.get("optimizer")) if each)


class LeadersModel(RowsModel[Leader]):
    """The leaderboard: place, network, value, what changed, generation.

    Args:
        network: Says in words what a genome's network is.
        changes: Says in words what an individual changed.
        whole_network, all_changes: What these say in a tooltip, where there is more to say than room.
    """

    PLACE, NUMBER, NETWORK, VALUE, CHANGED, GENERATION = range(6)

    def __init__(
        self,
        network: Callable[[Mapping[str, Any]], str] = genome_text,
        changes: Callable[[IndividualRow], str] = changes_text,
        parent: QObject | None = None,
        *,
        whole_network: Callable[[Mapping[str, Any]], str] = genome_text,
        all_changes: Callable[[IndividualRow], str] = changes_text,
    ) -> None:
        self._objective = ""
        super().__init__(
            (
                Column(lambda row: count_text(row.line.place), lambda row: row.line.place, number=True),
                Column(
                    lambda row: count_text(row.line.individual), lambda row: row.line.individual, number=True
                ),
                Column(
                    lambda row: network(row.line.genome),
                    tooltip=lambda row: whole_network(row.line.genome),
                ),
                Column(lambda row: figure(row.line.value), lambda row: row.line.value, number=True),
                Column(lambda row: changes(row.individual), tooltip=lambda row: all_changes(row.individual)),
                Column(
                    lambda row: count_text(row.line.generation), lambda row: row.line.generation, number=True
                ),
            ),
            parent,
        )

    def show_picture(self, picture: RunPicture) -> None:
        """Show the leaders of a picture; what did not change stays the same row."""
        objective = picture.objectives[0].name if picture.objectives else ""
        renamed, self._objective = objective != self._objective, objective
        known = {row.line.individual: row for row in self._all}
        self.set_rows(
            [
                before if (before := known.get(each.line.individual)) == each else each
                for each in leaders_of(picture)
            ]
        )
        if renamed:
            self.reword()

    def titles(self) -> Sequence[str]:
        """The columns' titles."""
        return (
            self.tr("Place"),
            self.tr("No."),
            self.tr("Network"),
            metric_text(self._objective) if self._objective else self.tr("Value"),
            self.tr("What changed"),
            self.tr("Generation"),
        )

    def identity(self, row: Leader) -> Hashable:
        """An individual's number."""
        return row.line.individual
