"""Cards side by side where there is room, one below another where there is not."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from cambrian_desktop.theme import SPACE

STACK_BELOW = 860
"""Width of the grid, in pixels, under which its cards stack: a window of about 1100."""


class FlowGrid(QWidget):
    """A grid of cards that reflows.

    Args:
        weights: How the width is shared by the columns; their number is that of the columns when wide.
        narrow: Columns when there is no room; one, or two for tiles.
        stack_below: Width of the grid under which it is narrow.
    """

    def __init__(
        self,
        weights: Sequence[int] = (1, 1),
        *,
        narrow: int = 1,
        stack_below: int = STACK_BELOW,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._weights = tuple(weights)
        self._narrow = narrow
        self._stack_below = stack_below
        self._cards: list[tuple[QWidget, int, int]] = []
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(SPACE[2])

    @property
    def columns(self) -> int:
        """How many columns there are now."""
        return self._columns

    def add_card(self, card: QWidget, *, span: int = 1, stretch: int = 1) -> None:
        """Add a card at the end.

        Args:
            card: The card.
            span: Columns it takes when wide.
            stretch: How much of spare height its row takes.
        """
        self._cards.append((card, span, stretch))
        self._place(self._columns or len(self._weights))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As narrow as its narrow form: the wide form must not keep the window from shrinking."""
        hint = super().minimumSizeHint()
        widest = max((card.minimumSizeHint().width() for card, *_ in self._cards), default=0)
        width = widest * self._narrow + SPACE[2] * (self._narrow - 1)
        return QSize(min(hint.width(), width), hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Reflow."""
        super().resizeEvent(event)
        wanted = self._narrow if event.size().width() < self._stack_below else len(self._weights)
        if wanted != self._columns:
            self._place(wanted)

    def _place(self, columns: int) -> None:
        self._columns = columns
        for card, *_ in self._cards:
            # Not takeAt: an item that lives on keeps the card's word of a new size from the next one.
            self._grid.removeWidget(card)
        for index in range(max(len(self._weights), self._grid.columnCount())):
            wide = columns == len(self._weights)
            weight = self._weights[index] if wide and index < columns else int(index < columns)
            self._grid.setColumnStretch(index, weight)
        for index in range(self._grid.rowCount()):
            self._grid.setRowStretch(index, 0)
        row = column = 0
        for card, wished, stretch in self._cards:
            span = min(wished, columns)
            if column + span > columns:
                row, column = row + 1, 0
            self._grid.addWidget(card, row, column, 1, span)
            self._grid.setRowStretch(row, max(stretch, self._grid.rowStretch(row)))
            column += span
