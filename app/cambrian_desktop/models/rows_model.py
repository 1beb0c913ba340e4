"""A table over rows of values: sorted and filtered here, because 20,000 rows asked one by one are slow."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import is_
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer

Row = TypeVar("Row")
Index = QModelIndex | QPersistentModelIndex
_ONE_BY_ONE = 50
"""So many rows are taken out one by one, so that the selection stays; more, and the table begins anew."""
_TEXTS_AT_ONCE = 500
"""Rows whose texts are made in one go, some 10 ms."""
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
        self._known_texts: dict[Hashable, tuple[Row, tuple[str, ...]]] = {}
        self._sorted: tuple[int, Qt.SortOrder] | None = None
        self._texting = QTimer(self, interval=0)
        self._texting.timeout.connect(self._make_texts)

    @abstractmethod
    def titles(self) -> Sequence[str]:
        """The columns' titles in the language in force."""

    @abstractmethod
    def identity(self, row: Row) -> Hashable:
        """What stays the same while the row's values change."""

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these; a row that is the same object as before is taken to be unchanged."""
        self._all = rows
        self._apply()

    def set_columns(self, columns: Sequence[Column[Row]]) -> None:
        """Have other columns; the table begins anew."""
        self.beginResetModel()
        self._columns = tuple(columns)
        self._sorted = None
        self._known_texts.clear()
        self._shown = []
        self.endResetModel()
        self._apply()

    def set_filter(self, text: str) -> None:
        """Show only rows that have every word of the text."""
        if text.casefold() != self._filter:
            self._filter = text.casefold()
            self._apply()

    def row(self, index: int) -> Row:
        """The row at a place of the table."""
        return self._shown[index]

    def place_of(self, identity: Hashable) -> int | None:
        """Where a row stands; None if it is not shown."""
        return next((place for place, row in enumerate(self._shown) if self.identity(row) == identity), None)

    def reword(self) -> None:
        """Ask for every text anew, as after a change of language."""
        self._known_texts.clear()
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
        self._apply()

    def _wanted(self) -> list[Row]:
        rows = [row for row in self._all if self._fits(row)] if self._filter else list(self._all)
        if self._sorted is None:
            return rows
        column, order = self._sorted
        given = self._columns[column].sort
        keys = [self._texts(row)[column] for row in rows] if given is None else list(map(given, rows))
        known = [place for place, key in enumerate(keys) if key is not None and key == key]  # NaN is not
        known.sort(key=keys.__getitem__, reverse=order == Qt.SortOrder.DescendingOrder)
        if len(known) < len(rows):
            known += [place for place, key in enumerate(keys) if key is None or key != key]
        return [rows[place] for place in known]

    def _fits(self, row: Row) -> bool:
        text = "\n".join(self._texts(row)).casefold()
        return all(word in text for word in self._filter.split())

    def _texts(self, row: Row) -> tuple[str, ...]:
        """What the cells of a row say; made once, for some 20 µs a row are too long for 20,000 at once."""
        identity = self.identity(row)
        known = self._known_texts.get(identity)
        if known is None or known[0] is not row:
            texts = tuple(column.text(row) for column in self._columns)
            known = self._known_texts[identity] = (row, texts)
        return known[1]

    def _apply(self) -> None:
        """Sort and filter anew; where many texts have to be made for it, some at a time until they are."""
        needs = self._filter or (self._sorted is not None and self._columns[self._sorted[0]].sort is None)
        if needs and len(self._all) - len(self._known_texts) > _TEXTS_AT_ONCE:
            self._texting.start()
            return
        self._texting.stop()
        self._update()

    def _make_texts(self) -> None:
        missing = (row for row in self._all if self.identity(row) not in self._known_texts)
        for row in islice(missing, _TEXTS_AT_ONCE):
            self._texts(row)
        self._apply()

    def _update(self) -> None:
        wanted = self._wanted()
        new = dict(zip(map(self.identity, wanted), wanted, strict=True))
        ids = list(map(self.identity, self._shown))
        gone = [place for place, identity in enumerate(ids) if identity not in new]
        if len(gone) > _ONE_BY_ONE or not self._shown:
            self.beginResetModel()
            self._shown = wanted
            self.endResetModel()
            return
        for place in reversed(gone):
            self.beginRemoveRows(QModelIndex(), place, place)
            del self._shown[place], ids[place]
            self.endRemoveRows()
        changed = self._replace([new[identity] for identity in ids])
        if len(new) > len(ids):
            there = set(ids)
            fresh = [row for identity, row in new.items() if identity not in there]
            self.beginInsertRows(QModelIndex(), len(ids), len(new) - 1)
            self._shown += fresh
            self.endInsertRows()
        self._reorder(wanted)
        self._tell_changed(changed)

    def _replace(self, fresh: list[Row]) -> set[int]:
        """Put new values in the place of the old ones; gives the `id` of those that changed."""
        changed = {id(new) for old, new in zip(self._shown, fresh, strict=True) if new is not old}
        if changed:
            self._shown = fresh
        return changed

    def _tell_changed(self, changed: set[int]) -> None:
        if changed:
            places = [place for place, row in enumerate(self._shown) if id(row) in changed]
            last = len(self._columns) - 1
            self.dataChanged.emit(self.index(places[0], 0), self.index(places[-1], last), [])

    def _reorder(self, wanted: list[Row]) -> None:
        """Show the rows that are shown in another order."""
        if all(map(is_, self._shown, wanted)):
            return
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        held = [(index.column(), self.identity(self._shown[index.row()])) for index in before]
        wished = {identity for _, identity in held}
        self._shown = wanted
        places: dict[Hashable, int] = {}
        if wished:
            ids = map(self.identity, wanted)
            places = {identity: place for place, identity in enumerate(ids) if identity in wished}
        moved = [self.index(places[identity], column) for column, identity in held]
        self.changePersistentIndexList(before, moved)
        self.layoutChanged.emit()
