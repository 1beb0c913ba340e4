"""A table in the house's style: no grid, one hairline below the header, numbers at the right."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QHelpEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolTip,
    QWidget,
)

from cambrian_desktop import theme
from cambrian_desktop.widgets.labels import plain_tooltip

ROW_HEIGHT = 30
_PADDING = 8
_ARROW = 12

Index = QModelIndex | QPersistentModelIndex


class _Cells(QStyledItemDelegate):
    """Pads cells and says in a tooltip what does not fit."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: N802 - Qt's name
        super().initStyleOption(option, index)
        option.state &= ~QStyle.StateFlag.State_HasFocus

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw a cell, with a bar at the left of the current row while the table has the focus."""
        table = self.parent()
        super().paint(painter, option, index)
        if (
            isinstance(table, QTableView)
            and table.hasFocus()
            and index.row() == table.currentIndex().row()
            and table.horizontalHeader().visualIndex(index.column()) == 0
        ):
            place: QRect = option.rect
            painter.fillRect(
                QRect(place.left(), place.top(), 3, place.height()), QColor(theme.current().accent)
            )

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802 - Qt's name
        """At least the height of a row."""
        hint = super().sizeHint(option, index)
        return QSize(hint.width(), max(hint.height(), ROW_HEIGHT))

    def helpEvent(  # noqa: N802 - Qt's name
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        """Show the cell's own tooltip, or its text where that is cut off."""
        words = index.data(Qt.ItemDataRole.ToolTipRole)
        text = index.data(Qt.ItemDataRole.DisplayRole)
        cut = self.sizeHint(option, index).width() > option.rect.width()
        said = str(words) if words else str(text) if text and cut else ""
        QToolTip.showText(event.globalPos(), plain_tooltip(said), view)
        return True


class _Header(QHeaderView):
    """Column names in muted text, aligned as their columns, with the order of sorting."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(40)
        self.setResizeContentsPrecision(40)
        theme.signals.changed.connect(self.viewport().update)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As high as a row."""
        return QSize(super().sizeHint().width(), ROW_HEIGHT)

    def sectionSizeFromContents(self, section: int) -> QSize:  # noqa: N802 - Qt's name
        """Room for the name, and for the arrow where the table can be sorted."""
        text = self._data(section, Qt.ItemDataRole.DisplayRole)
        width = self.fontMetrics().horizontalAdvance(str(text or "")) + 2 * _PADDING + 4
        return QSize(width + (_ARROW + 4 if self.isSortIndicatorShown() else 0), ROW_HEIGHT)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:  # noqa: N802 - Qt's name
        """Draw one name."""
        look = theme.current()
        painter.save()
        painter.fillRect(rect, QColor(look.surface))
        painter.setPen(QColor(look.line))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        area = rect.adjusted(_PADDING, 0, -_PADDING, 0)
        sorted_here = self.isSortIndicatorShown() and self.sortIndicatorSection() == section
        right = self._at_the_right(section)
        if sorted_here:
            arrow = "up" if self.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder else "down"
            room = area.width() - _ARROW - 4
            text_width = min(painter.fontMetrics().horizontalAdvance(self._text(section)), room)
            left = area.right() - _ARROW if right else area.left() + text_width + 4
            picture = theme.pixmap(f"chevron-{arrow}", "text", _ARROW)
            painter.drawPixmap(left, area.center().y() - _ARROW // 2 + 1, picture)
            area.adjust(0, 0, -_ARROW - 4, 0)
        painter.setPen(QColor(look.text if sorted_here else look.muted))
        words = painter.fontMetrics().elidedText(
            self._text(section), Qt.TextElideMode.ElideRight, area.width()
        )
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        painter.drawText(area, side | Qt.AlignmentFlag.AlignVCenter, words)
        painter.restore()

    def _data(self, section: int, role: Qt.ItemDataRole) -> object:
        model = self.model()
        return model.headerData(section, Qt.Orientation.Horizontal, role) if model else None

    def _text(self, section: int) -> str:
        return str(self._data(section, Qt.ItemDataRole.DisplayRole) or "")

    def _at_the_right(self, section: int) -> bool:
        side = self._data(section, Qt.ItemDataRole.TextAlignmentRole)
        number = getattr(side, "value", side)
        return isinstance(number, int) and bool(number & Qt.AlignmentFlag.AlignRight.value)


class PlainTable(QTableView):
    """A read-only table of rows; `activated_row` gives the row of the view's model on Return or double-click.

    A model says by `TextAlignmentRole`, of cells and of the header, which columns stand at the right.

    Args:
        name: The accessible name.
        sortable: Whether a click on a column's name sorts.
    """

    activated_row = Signal(int)

    def __init__(self, name: str = "", *, sortable: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setHorizontalHeader(_Header(self))
        self.setItemDelegate(_Cells(self))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setSectionsClickable(sortable)
        self.setSortingEnabled(sortable)
        self.setAccessibleName(name)
        self.doubleClicked.connect(lambda index: self.activated_row.emit(index.row()))

    def set_stretch_column(self, column: int) -> None:
        """Fit every column to its contents and give this one what is left."""
        header = self.horizontalHeader()
        header.setStretchLastSection(False)
        for section in range(header.count()):
            fits = section != column
            mode = QHeaderView.ResizeMode.ResizeToContents if fits else QHeaderView.ResizeMode.Stretch
            header.setSectionResizeMode(section, mode)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Open the current row with Return."""
        current = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and current.isValid():
            self.activated_row.emit(current.row())
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Show the current row, and make the first one current where there is none."""
        super().focusInEvent(event)
        model = self.model()
        by_key = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        if by_key and model is not None and model.rowCount() and not self.currentIndex().isValid():
            self.setCurrentIndex(model.index(0, 0))
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Take the mark of the current row away."""
        super().focusOutEvent(event)
        self.viewport().update()
