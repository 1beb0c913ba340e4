"""How the cards of a new experiment stand: the data beside the settings, or above them where it is narrow."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from cambrian_desktop.theme import SPACE

STACK_BELOW = 980
"""Width, in pixels, under which the cards stack: the columns' table needs some 500 for itself."""
_LEAST = QSize(480, 320)
_SIDE = 446
"""Width of the settings beside the data, the scroll bar's included."""


class Body(QWidget):
    """The data card, the cards of settings, and the bar with Start, which is always in sight."""

    def __init__(
        self, data: QWidget, settings: Sequence[QWidget], bar: QWidget, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._data, self._bar = data, bar
        self._narrow: bool | None = None
        self._settings = _column()
        for card in settings:
            self._settings.layout().addWidget(card)  # type: ignore[union-attr]
        self._settings.layout().addStretch(1)  # type: ignore[union-attr]
        self._stacked = _column()
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.viewport().setAutoFillBackground(False)
        bar.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._side = QVBoxLayout()
        self._side.setSpacing(SPACE[2])
        self._side.addWidget(self._scroll, 1)
        self._side.addWidget(bar)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(SPACE[2])
        self._row.addWidget(data, 1)
        self._row.addLayout(self._side)
        self._place(narrow=False)

    @property
    def narrow(self) -> bool:
        """Whether the cards stand one below another."""
        return bool(self._narrow)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """That of the stacked form: the other must not keep the window from shrinking."""
        return _LEAST

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Stack where there is no room."""
        super().resizeEvent(event)
        self._place(narrow=event.size().width() < STACK_BELOW)

    def _place(self, *, narrow: bool) -> None:
        if narrow is self._narrow:
            return
        self._narrow = narrow
        self._scroll.takeWidget()
        if narrow:
            self._row.removeWidget(self._data)
            stack = self._stacked.layout()
            assert stack is not None
            stack.addWidget(self._data)
            stack.addWidget(self._settings)
            self._scroll.setWidget(self._stacked)
            self._stacked.show()
            self._side.setStretch(0, 1)
            self._width_of_side(0, 16_777_215)
        else:
            self._row.insertWidget(0, self._data, 1)
            self._scroll.setWidget(self._settings)
            self._width_of_side(_SIDE, _SIDE)
        self._data.show()
        self._settings.show()

    def _width_of_side(self, least: int, most: int) -> None:
        for widget in (self._scroll, self._bar):
            widget.setMinimumWidth(least)
            widget.setMaximumWidth(most)


def _column() -> QWidget:
    made = QWidget()
    made.setProperty("part", "page-content")
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(SPACE[2])
    return made
