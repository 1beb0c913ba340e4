"""A choice among a few values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from cambrian_desktop import theme

_ARROW = 14


class Choice(QComboBox):
    """A combo box over values with texts; `chosen` comes when the user picks, never when the program does.

    Args:
        options: Pairs of value and text.
        inline: Without a frame, for tables.
    """

    chosen = Signal(object)

    def __init__(
        self,
        options: Iterable[tuple[Any, str]] = (),
        *,
        inline: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        if inline:
            self.setProperty("look", "inline")
        else:
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.set_options(options)
        self.activated.connect(lambda index: self.chosen.emit(self.itemData(index)))

    def set_options(self, options: Iterable[tuple[Any, str]]) -> None:
        """Offer these; the value stays if it is still among them."""
        before = self.value()
        self.blockSignals(True)
        self.clear()
        for value, text in options:
            self.addItem(text, value)
        self.set_value(before)
        self.blockSignals(False)
        self.updateGeometry()
        self.update()

    def set_texts(self, texts: Iterable[str]) -> None:
        """Rename the options in their order, as after a change of language."""
        for index, text in enumerate(texts):
            self.setItemText(index, text)

    def value(self) -> Any:
        """The chosen value; None where there is nothing to choose."""
        return self.currentData()

    def set_value(self, value: Any) -> None:
        """Choose this value; one that is not offered changes nothing."""
        for index in range(self.count()):
            if self.itemData(index) == value:
                self.setCurrentIndex(index)
                return

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Leave the wheel to the page unless the choice has the focus: scrolling must change no setting."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the box and its arrow."""
        super().paintEvent(event)
        painter = QPainter(self)
        place = self.rect().adjusted(0, 0, -6, 0)
        painter.drawPixmap(
            place.right() - _ARROW,
            place.center().y() - _ARROW // 2 + 1,
            theme.pixmap("chevron-down", "muted", _ARROW),
        )
