"""A table over rows of values: sorted and filtered here, because 20,000 rows asked one by one are slow."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

Row = TypeVar("Row")
Index = QModelIndex | QPersistentModelIndex
_ONE_BY_ONE = 50
"""So many rows are taken out one by one, so that the selection stays; more, and the table begins anew."""
_NUMBER = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_TEXT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """A column.

    Attributes:
        text: What a cell says.
        sort: What it is sorted by; None and NaN come last either way. Without it, by the text.
        number: Whether it stands at the right.
        tooltip: What a cell says in full, as plain text.
    """

    text: Callable[[Row], str]
    sort: Callable[[Row], Any] | None = None
    number: bool = False
    tooltip: Callable[[Row], str] | None = None


class RowsModel(QAbstractTableModel, Generic[Row]):
    """Rows in an order of the user's, few of them changed at a time: selection and place stay.

    A subclass says what its columns are, their titles, and what tells one row from another.
    """

    def __init__(self, columns: Sequence[Column[Row]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self._all: Sequence[Row] = ()
        self._shown: list[Row] = []
        self._filter = ""
        self._search_texts: dict[Hashable, tuple[Row, str]] = {}
        self._sorted: tuple[int, Qt.SortOrder] | None = None

    @abstractmethod
    def titles(self) -> Sequence[str]:
        """The columns' titles in the language in force."""

    @abstractmethod
    def identity(self, row: Row) -> Hashable:
        """What stays the same while the row's values change."""

    def search_text(self, row: Row) -> str:
        """What the filter looks in."""
        return " ".join(column.text(row) for column in self._columns)

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these; a row that is the same object as before is taken to be unchanged."""
        self._all = rows
        self._update()

    def set_columns(self, columns: Sequence[Column[Row]]) -> None:
        """Have other columns; the table begins anew."""
        self.beginResetModel()
        self._columns = tuple(columns)
        self._sorted = None
        self._search_texts.clear()
        self._shown = self._wanted()
        self.endResetModel()

    def set_filter(self, text: str) -> None:
        """Show only rows that have every word of the text."""
        if text.casefold() != self._filter:
            self._filter = text.casefold()
            self._update()

    def row(self, index: int) -> Row:
        """The row at a place of the table."""
        return self._shown[index]

    def place_of(self, identity: Hashable) -> int | None:
        """Where a row stands; None if it is not shown."""
        return next((place for place, row in enumerate(self._shown) if self.identity(row) == identity), None)

    def reword(self) -> None:
        """Ask for every text anew, as after a change of language."""
        self._search_texts.clear()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self._columns) - 1)
        if self._shown:
            self.dataChanged.emit(
                self.index(0, 0), self.index(len(self._shown) - 1, len(self._columns) - 1), []
            )

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802 - Qt's name
        """How many rows are shown."""
        return 0 if parent is not None and parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index | None = None) -> int:  # noqa: N802 - Qt's name
        """How many columns there are."""
        return 0 if parent is not None and parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell's text, alignment, tooltip or picture."""
        if not index.isValid():
            return None
        row, column = self._shown[index.row()], self._columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(row)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _NUMBER if column.number else _TEXT
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.tooltip(row) if column.tooltip else None
        return self.other_data(row, index.column(), role)

    def other_data(self, row: Row, column: int, role: int) -> Any:
        """What a subclass says of a cell for any further role."""
        return None

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """A column's title and side."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.titles()[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _NUMBER if self._columns[section].number else _TEXT
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; -1 gives the rows' own order back."""
        self._sorted = (column, order) if 0 <= column < len(self._columns) else None
        self._reorder(self._wanted())

    def _wanted(self) -> list[Row]:
        rows = [row for row in self._all if self._fits(row)] if self._filter else list(self._all)
        if self._sorted is None:
            return rows
        column, order = self._columns[self._sorted[0]], self._sorted[1]
        key = column.sort or column.text
        pairs = [(key(row), row) for row in rows]
        known = [pair for pair in pairs if not _missing(pair[0])]
        known.sort(key=lambda pair: pair[0], reverse=order == Qt.SortOrder.DescendingOrder)
        return [row for _, row in known] + [row for value, row in pairs if _missing(value)]

    def _fits(self, row: Row) -> bool:
        identity = self.identity(row)
        known = self._search_texts.get(identity)
        if known is None or known[0] is not row:
            known = self._search_texts[identity] = (row, self.search_text(row).casefold())
        return all(word in known[1] for word in self._filter.split())

    def _update(self) -> None:
        wanted = self._wanted()
        new = {self.identity(row): row for row in wanted}
        gone = [place for place, row in enumerate(self._shown) if self.identity(row) not in new]
        if len(gone) > _ONE_BY_ONE or not self._shown:
            self.beginResetModel()
            self._shown = wanted
            self.endResetModel()
            return
        for place in reversed(gone):
            self.beginRemoveRows(QModelIndex(), place, place)
            del self._shown[place]
            self.endRemoveRows()
        changed = self._replace(new)
        there = {self.identity(row) for row in self._shown}
        if fresh := [row for row in wanted if self.identity(row) not in there]:
            self.beginInsertRows(QModelIndex(), len(self._shown), len(self._shown) + len(fresh) - 1)
            self._shown += fresh
            self.endInsertRows()
        self._reorder(wanted)
        self._tell_changed(changed)

    def _replace(self, new: dict[Hashable, Row]) -> set[Hashable]:
        """Put new values in the place of the old ones; gives whose changed."""
        changed = set()
        for place, row in enumerate(self._shown):
            fresh = new[self.identity(row)]
            if fresh is not row:
                self._shown[place] = fresh
                changed.add(self.identity(row))
        return changed

    def _tell_changed(self, changed: set[Hashable]) -> None:
        if changed:
            places = [place for place, row in enumerate(self._shown) if self.identity(row) in changed]
            self.dataChanged.emit(
                self.index(places[0], 0), self.index(places[-1], len(self._columns) - 1), []
            )

    def _reorder(self, wanted: list[Row]) -> None:
        """Show the rows that are shown in another order."""
        if all(a is b for a, b in zip(self._shown, wanted, strict=True)):
            return
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        held = [(index.column(), self.identity(self._shown[index.row()])) for index in before]
        self._shown = wanted
        wished = {identity for _, identity in held}
        places = (
            {
                identity: place
                for place, row in enumerate(wanted)
                if (identity := self.identity(row)) in wished
            }
            if wished
            else {}
        )
        self.changePersistentIndexList(
            before, [self.index(places[identity], column) for column, identity in held]
        )
        self.layoutChanged.emit()


def _missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and isnan(value))
