"""The log of a run: what happened, the latest first."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from PySide6.QtCore import QObject

from cambrian.store.rows import EventRow
from cambrian_desktop.models.event_words import event_text
from cambrian_desktop.models.rows_model import Column, RowsModel
from cambrian_desktop.models.words import clock_text
from cambrian_desktop.run_picture import RunPicture

_QUIET = frozenset({"beat"})


class EventsModel(RowsModel[EventRow]):
    """Time and sentence of every event, the latest first."""

    TIME, TEXT = range(2)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(
            (Column(lambda row: clock_text(row.time), lambda row: row.id), Column(event_text)), parent
        )
        self._source: tuple[EventRow, ...] = ()

    def show_picture(self, picture: RunPicture) -> None:
        """Show the events of a picture."""
        if picture.events is not self._source:
            self._source = picture.events
            self.set_rows([row for row in reversed(picture.events) if row.kind not in _QUIET])

    def titles(self) -> Sequence[str]:
        """The columns' titles."""
        return self.tr("Time"), self.tr("What happened")

    def identity(self, row: EventRow) -> Hashable:
        """An event's id."""
        return row.id
