"""The columns of a table as a Qt model: role, distribution, range or values, note; thousands stay quick."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)

from cambrian.experiment import Experiment
from cambrian_desktop.views.new_draft import AUTOMATIC, DROPPED, role_of
from cambrian_desktop.views.new_words import (
    FEATURE_CHOICES,
    bar_counts,
    finding_title,
    role_name,
    values_text,
)

Index = QModelIndex | QPersistentModelIndex

UNCHANGEABLE = ("constant", "empty")
"""Roles that come from the cells themselves; no other can be given to them."""
QUIET = ("ordered", "skewed_target", "thousands", "free_text", "empty", "constant", "identifier")
"""Findings that inform and do not warn."""


class Part(IntEnum):
    """The columns of the table of columns."""

    NAME = 0
    ROLE = 1
    BARS = 2
    VALUES = 3
    NOTE = 4


class Is(IntEnum):
    """The model's own data roles."""

    BARS = Qt.ItemDataRole.UserRole + 1
    """Counts to draw, as a tuple."""
    TARGET = Qt.ItemDataRole.UserRole + 2
    """Whether the column is the target."""
    MUTED = Qt.ItemDataRole.UserRole + 3
    """Whether the column is left out."""
    WARNS = Qt.ItemDataRole.UserRole + 4
    """Whether the note is a warning."""
    COLUMN = Qt.ItemDataRole.UserRole + 5
    """The column as `inspect` describes it."""


class ColumnsModel(QAbstractTableModel):
    """The columns of the table that was inspected, and what the draft says of them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns: list[dict[str, Any]] = []
        self._draft: Experiment | None = None
        self._labelled = False
        self._heads: tuple[str, ...] = ()
        self.retranslate()

    def retranslate(self) -> None:
        """Name the columns in the language in force, and everything else with them."""
        self.beginResetModel()
        self._heads = (
            self.tr("column"),
            self.tr("role"),
            self.tr("distribution"),
            self.tr("range or values"),
            self.tr("note"),
        )
        self.endResetModel()

    def set_profile(self, profile: Mapping[str, Any], draft: Experiment) -> None:
        """Show another profile; with the same columns the view keeps its place."""
        columns = list(profile["columns"])
        same = [each["name"] for each in columns] == [each["name"] for each in self._columns]
        if not same:
            self.beginResetModel()
        self._columns, self._draft = columns, draft
        self._labelled = bool(profile.get("classes"))
        if same:
            self._all_changed()
        else:
            self.endResetModel()

    def set_draft(self, draft: Experiment) -> None:
        """Show what the draft says of the columns before the table was inspected again."""
        self._draft = draft
        self._all_changed()

    def clear(self) -> None:
        """Show nothing."""
        self.beginResetModel()
        self._columns = []
        self.endResetModel()

    @property
    def draft(self) -> Experiment | None:
        """What the user said so far."""
        return self._draft

    @property
    def names(self) -> list[str]:
        """The columns in the order of the file."""
        return [str(each["name"]) for each in self._columns]

    def column(self, row: int) -> dict[str, Any]:
        """One column as `inspect` describes it."""
        return self._columns[row]

    def role(self, row: int) -> str:
        """The role of a column now: what the draft says, else what was found."""
        column = self._columns[row]
        chosen = role_of(self._draft, column["name"]) if self._draft is not None else AUTOMATIC
        if chosen in FEATURE_CHOICES and column["role"] in UNCHANGEABLE:
            return str(column["role"])
        found = str(column["role"])
        return chosen or ("" if found in ("target", "weight", "group", "time") else found)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's name and default
        """One row a column."""
        return 0 if parent.isValid() else len(self._columns)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's name and default
        """The parts."""
        return 0 if parent.isValid() else len(Part)

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The names of the parts."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._heads[section]
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Roles can be changed, all else is read."""
        flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        if index.column() == Part.ROLE:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows."""
        if not index.isValid():
            return None
        row, column = index.row(), self._columns[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._text(row, Part(index.column()))
        if role == Is.BARS:
            return bar_counts(column, labelled=self._is_labelled(row))
        if role == Is.TARGET:
            return self.role(row) == "target"
        if role == Is.MUTED:
            return self._left_out(row)
        if role == Is.WARNS:
            return any(each["code"] not in QUIET for each in column["warnings"])
        if role == Is.COLUMN:
            return column
        return None

    def _text(self, row: int, part: Part) -> str:
        column = self._columns[row]
        if part is Part.NAME:
            return " ".join(str(column["name"]).split()) or str(column["name"])
        if part is Part.ROLE:
            return role_name(self.role(row)) if self.role(row) else "…"
        if part is Part.VALUES:
            return values_text(column, labelled=self._is_labelled(row))
        if part is Part.NOTE:
            return self._note(row)
        return ""

    def _note(self, row: int) -> str:
        column = self._columns[row]
        # That a column is taken as ordered its role and its values say.
        told = [each for each in column["warnings"] if each["code"] != "ordered"]
        said = sorted(told, key=lambda each: each["code"] in QUIET)
        words = [] if self.role(row) == DROPPED else [finding_title(each, column) for each in said]
        if column["missing"] and column["role"] != "empty":
            words.append(self.tr("%n missing", "", int(column["missing"])))
        return "; ".join(dict.fromkeys(words))

    def _is_labelled(self, row: int) -> bool:
        return self._labelled and self._columns[row]["role"] == "target"

    def _left_out(self, row: int) -> bool:
        return self.role(row) in (DROPPED, "identifier", *UNCHANGEABLE)

    def _all_changed(self) -> None:
        if self._columns:
            last = self.index(len(self._columns) - 1, len(Part) - 1)
            self.dataChanged.emit(self.index(0, 0), last)


class ColumnFilter(QSortFilterProxyModel):
    """The columns whose name holds a text, and, if wished, only those with a note that warns."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self._warned = False

    def set_filter(self, text: str, *, warned: bool) -> None:
        """Show these columns alone."""
        self._text, self._warned = text.strip().casefold(), warned
        self.invalidateFilter()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:  # noqa: N802 - Qt's name
        """Whether a column is shown."""
        if not self._text and not self._warned:
            return True
        model = self.sourceModel()
        assert isinstance(model, ColumnsModel)
        if self._text not in str(model.column(row)["name"]).casefold():
            return False
        return not self._warned or bool(model.index(row, 0).data(Is.WARNS))


def role_choices(column: Mapping[str, Any]) -> Sequence[str]:
    """What a column can be made: automatic first."""
    features = () if column["role"] in UNCHANGEABLE else FEATURE_CHOICES
    return (AUTOMATIC, *features, DROPPED, "target", "weight", "group", "time")
