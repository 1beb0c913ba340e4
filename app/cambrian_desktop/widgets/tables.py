"""A table in the house's style: no grid, one hairline below the header, numbers at the right."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QFocusEvent, QHelpEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
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
_FIT_MS = 100
"""How long new rows wait until columns fit them: measuring takes milliseconds, rows come in bursts."""

Index = QModelIndex | QPersistentModelIndex


class _Cells(QStyledItemDelegate):
    """Pads cells and says in a tooltip what does not fit; Qt alone draws them, for there are hundreds."""

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
        self._flexible: tuple[int, ...] = ()
        self._empty_text = ""
        self._needed: list[int] = []
        self._fitting = QTimer(self, interval=_FIT_MS, singleShot=True)
        self._fitting.timeout.connect(self._fit)
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

    def set_empty_text(self, text: str) -> None:
        """What is said in place of rows while there are none."""
        self._empty_text = text
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the rows or what is said in their place; a bar marks the current row where the focus is."""
        super().paintEvent(event)
        model, current = self.model(), self.currentIndex()
        painter = QPainter(self.viewport())
        if self._empty_text and (model is None or not model.rowCount()):
            painter.setPen(QColor(theme.current().muted))
            room = self.viewport().rect().adjusted(_PADDING, 0, -_PADDING, 0)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._empty_text)
        if self.hasFocus() and current.isValid():
            first = current.siblingAtColumn(self.horizontalHeader().logicalIndex(0))
            place = self.visualRect(first)
            painter.fillRect(
                QRect(place.left(), place.top(), 3, place.height()), QColor(theme.current().accent)
            )
        painter.end()

    def set_stretch_column(self, column: int) -> None:
        """Fit every column to its contents and give this one what is left."""
        self.set_flexible_columns(column)

    def set_flexible_columns(self, *columns: int) -> None:
        """Fit every column to its contents, and let these share what is left: nothing scrolls sideways.

        Those that need little get that, the others equal parts of the rest; what does not fit is elided.
        """
        self._flexible = columns
        self.horizontalHeader().setStretchLastSection(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._fit()

    def setModel(self, model: QAbstractItemModel | None) -> None:  # noqa: N802 - Qt's name
        """Show another model; columns fit its rows again whenever some come, go or change places."""
        super().setModel(model)
        if model is not None:
            for signal in (
                model.rowsInserted,
                model.rowsRemoved,
                model.modelReset,
                model.layoutChanged,
                model.dataChanged,
                model.headerDataChanged,
            ):
                signal.connect(self._fit_soon)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Share the room anew."""
        super().resizeEvent(event)
        if self._flexible:
            self._share()

    def _fit_soon(self, *_: object) -> None:
        if self._flexible and not self._fitting.isActive():
            self._fitting.start()

    def _fit(self) -> None:
        """Measure what every column needs."""
        header = self.horizontalHeader()
        shown = [not self.isColumnHidden(each) for each in range(header.count())]
        self._needed = [
            max(self.sizeHintForColumn(each), header.sectionSizeHint(each)) if is_shown else 0
            for each, is_shown in enumerate(shown)
        ]
        for each, needed in enumerate(self._needed):
            if each not in self._flexible and needed:
                header.resizeSection(each, needed)
        self._share()

    def _share(self) -> None:
        header = self.horizontalHeader()
        flexible = [each for each in self._flexible if each < len(self._needed) and self._needed[each]]
        room = self.viewport().width() - sum(
            needed for each, needed in enumerate(self._needed) if each not in flexible
        )
        for left, each in zip(
            range(len(flexible), 0, -1), sorted(flexible, key=self._needed.__getitem__), strict=True
        ):
            wished = self._needed[each] if left > 1 else room
            width = max(header.sectionSizeHint(each), min(wished, room // left))
            header.resizeSection(each, width)
            room -= width

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
