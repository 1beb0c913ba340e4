"""The view of the columns: roles are changed in place, distributions and notes are drawn by delegates."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QMenu, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from cambrian_desktop import theme
from cambrian_desktop.views.new_columns import ColumnFilter, ColumnsModel, Is, Part, role_choices
from cambrian_desktop.views.new_draft import AUTOMATIC, DROPPED, role_of
from cambrian_desktop.views.new_words import role_meaning, role_name
from cambrian_desktop.widgets.labels import plain_tooltip
from cambrian_desktop.widgets.tables import PlainTable

Index = QModelIndex | QPersistentModelIndex

ROW_HEIGHT = 36
_BARS_WIDTH = 100
_WIDTHS = {Part.NAME: 160, Part.ROLE: 112, Part.BARS: _BARS_WIDTH + 16, Part.VALUES: 160}
_LEAST_NOTE = 130
_ARROW = 12
_ICON = 16


class ColumnTable(PlainTable):
    """The table of columns; `role_chosen(column, role)` comes when the user gives a column another role.

    Attributes:
        role_menu: The menu of roles, as it was opened last.
    """

    role_chosen = Signal(str, str)
    current_changed = Signal(int)
    """The row of the columns' model that is current; -1: none."""

    def __init__(self, model: ColumnsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.columns = model
        self.role_menu = QMenu(self)
        self.role_menu.setToolTipsVisible(True)
        self.filter = ColumnFilter(self)
        self.filter.setSourceModel(model)
        self.setModel(self.filter)
        self._roles = RoleDelegate(self)
        self._bars = BarsDelegate(self)
        self._notes = NoteDelegate(self)
        self._names = NameDelegate(self)
        for part, delegate in (
            (Part.NAME, self._names),
            (Part.ROLE, self._roles),
            (Part.BARS, self._bars),
            (Part.NOTE, self._notes),
        ):
            self.setItemDelegateForColumn(part, delegate)
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        header = self.horizontalHeader()
        for part in _WIDTHS:
            header.setSectionResizeMode(part, QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(Part.NOTE, QHeaderView.ResizeMode.Stretch)
        self.clicked.connect(self._clicked)
        self.activated_row.connect(lambda row: self.edit_role(row))
        self.selectionModel().currentRowChanged.connect(self._tell_current)
        theme.signals.changed.connect(self.viewport().update)

    def edit_role(self, row: int) -> None:
        """Open the choice of a role in a row of the view."""
        index = self.filter.index(row, Part.ROLE)
        self.setCurrentIndex(index)
        self.scrollTo(index)
        place = self.visualRect(index)
        self._fill_menu(index.data(Is.COLUMN))
        self.role_menu.popup(self.viewport().mapToGlobal(place.bottomLeft()))

    def _fill_menu(self, column: Mapping[str, Any]) -> None:
        """Offer the roles that a column can be given, the present one checked."""
        menu = self.role_menu
        menu.clear()
        name = str(column["name"])
        menu.setAccessibleName(self.tr("Role of {column}").format(column=name))
        draft = self.columns.draft
        present = AUTOMATIC if draft is None else role_of(draft, name)
        for role in role_choices(column):
            if role in (DROPPED, "target"):
                menu.addSeparator()
            action = menu.addAction(self._choice_text(role, column))
            action.setData(role)
            action.setToolTip(plain_tooltip(role_meaning(role)))
            action.setCheckable(True)
            action.setChecked(role == present)
            action.triggered.connect(partial(self.role_chosen.emit, name, role))
            if role == present:
                menu.setActiveAction(action)

    def _choice_text(self, role: str, column: Mapping[str, Any]) -> str:
        found = str(column["role"])
        if role != AUTOMATIC:
            return self.tr("leave it out") if role == DROPPED else role_name(role)
        known = found not in ("target", "weight", "group", "time") and not (
            self.columns.draft is not None and role_of(self.columns.draft, str(column["name"]))
        )
        return self.tr("automatic: {role}").format(role=role_name(found)) if known else self.tr("automatic")

    def source_row(self) -> int:
        """The current row of the columns' model; -1: none."""
        current = self.currentIndex()
        return self.filter.mapToSource(current).row() if current.isValid() else -1

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Open the roles with Space, F2 or Alt and Down too."""
        opens = event.key() in (Qt.Key.Key_Space, Qt.Key.Key_F2) or (
            event.key() == Qt.Key.Key_Down and event.modifiers() & Qt.KeyboardModifier.AltModifier
        )
        if opens and self.currentIndex().isValid():
            self.edit_role(self.currentIndex().row())
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Give the columns their widths, less where there is little room."""
        part_of_all = min(1.0, max(0.6, (event.size().width() - _LEAST_NOTE) / sum(_WIDTHS.values())))
        for part, width in _WIDTHS.items():
            self.setColumnWidth(part, width if part is Part.ROLE else round(width * part_of_all))
        super().resizeEvent(event)

    def _clicked(self, index: QModelIndex) -> None:
        if index.column() == Part.ROLE:
            self.edit_role(index.row())

    def _tell_current(self) -> None:
        self.current_changed.emit(self.source_row())


class _Painted(QStyledItemDelegate):
    """Draws a cell's background as the style does, and what is in it by `draw`."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the cell."""
        table = self.parent()
        assert isinstance(table, PlainTable)
        look = theme.current()
        painter.save()
        if table.selectionModel().isRowSelected(index.row(), QModelIndex()):
            painter.fillRect(option.rect, QColor(look.accent_soft))
        if table.hasFocus() and index.column() == Part.NAME and index.row() == table.currentIndex().row():
            painter.fillRect(
                QRect(option.rect.left(), option.rect.top(), 3, option.rect.height()), QColor(look.accent)
            )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.draw(painter, option.rect.adjusted(8, 0, -8, 0), index)
        painter.restore()

    def draw(self, painter: QPainter, place: QRect, index: Index) -> None:
        """Draw the content."""
        raise NotImplementedError

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802 - Qt's name
        """A row's height; the widths are fixed."""
        return QSize(super().sizeHint(option, index).width(), ROW_HEIGHT)


def _words(painter: QPainter, place: QRect, text: str, *, elide: Qt.TextElideMode) -> int:
    """Draw one line, elided, and give its width."""
    shown = painter.fontMetrics().elidedText(text, elide, place.width())
    painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
    return painter.fontMetrics().horizontalAdvance(shown)


class NameDelegate(_Painted):
    """A column's name: the target's in the accent, those left out muted."""

    def draw(self, painter: QPainter, place: QRect, index: Index) -> None:
        """Draw the name."""
        painter.setPen(QColor(_colour(index)))
        if index.data(Is.TARGET):
            painter.setFont(_bold(painter.font()))
        _words(painter, place, str(index.data()), elide=Qt.TextElideMode.ElideMiddle)


class RoleDelegate(_Painted):
    """A column's role with an arrow: it can be changed."""

    def draw(self, painter: QPainter, place: QRect, index: Index) -> None:
        """Draw the role."""
        painter.setPen(QColor(_colour(index)))
        if index.data(Is.TARGET):
            painter.setFont(_bold(painter.font()))
        text = place.adjusted(0, 0, -_ARROW - 6, 0)
        width = _words(painter, text, str(index.data()), elide=Qt.TextElideMode.ElideRight)
        arrow = theme.pixmap("chevron-down", "muted", _ARROW)
        painter.drawPixmap(text.left() + width + 6, place.center().y() - _ARROW // 2 + 1, arrow)


class BarsDelegate(_Painted):
    """A small histogram, or the commonest values as bars."""

    def draw(self, painter: QPainter, place: QRect, index: Index) -> None:
        """Draw the bars."""
        counts = index.data(Is.BARS) or ()
        most = max(counts, default=0)
        if not most:
            return
        look = theme.current()
        part = 0.65 if index.data(Is.MUTED) else 0.35
        colour = QColor(look.accent if index.data(Is.TARGET) else theme.mix(look.accent, look.surface, part))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        room = place.adjusted(0, 8, 0, -8)
        step = min(min(_BARS_WIDTH, room.width()) / len(counts), 16.0)
        for number, count in enumerate(counts):
            height = max(1 if count else 0, round(room.height() * count / most))
            left = room.left() + round(number * step)
            width = max(1, round((number + 1) * step) - round(number * step) - 1)
            painter.fillRect(QRect(left, room.bottom() - height + 1, width, height), colour)


class NoteDelegate(_Painted):
    """What was found about a column, with a sign where it warns; on two lines if it must."""

    def draw(self, painter: QPainter, place: QRect, index: Index) -> None:
        """Draw the note."""
        text = str(index.data())
        if not text:
            return
        warns = bool(index.data(Is.WARNS))
        look = theme.current()
        if warns:
            picture = theme.pixmap("warning", "warn", _ICON)
            painter.drawPixmap(place.left(), place.center().y() - _ICON // 2 + 1, picture)
        place = place.adjusted(_ICON + 6 if warns else 0, 0, 0, 0)
        painter.setPen(QColor(look.warn if warns else look.muted))
        metrics = painter.fontMetrics()
        if metrics.horizontalAdvance(text) <= place.width():
            _words(painter, place, text, elide=Qt.TextElideMode.ElideRight)
            return
        fitting = _fitting(text, place.width(), metrics.horizontalAdvance)
        rest = metrics.elidedText(text[fitting:].lstrip(), Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, f"{text[:fitting].rstrip()}\n{rest}")


def _fitting(text: str, width: int, measure: object) -> int:
    """How many letters go on the first line: up to a blank where there is one."""
    assert callable(measure)
    end = len(text)
    while end > 1 and measure(text[:end]) > width:
        blank = text.rfind(" ", 0, end)
        end = blank if blank > 0 else end - 1
    return end


def _colour(index: Index) -> str:
    look = theme.current()
    if index.data(Is.TARGET):
        return look.accent
    return look.muted if index.data(Is.MUTED) else look.text


def _bold(font: QFont) -> QFont:
    made = QFont(font)
    made.setWeight(QFont.Weight.DemiBold)
    return made
