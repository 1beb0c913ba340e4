"""A choice among a few values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QStyleOptionComboBox, QWidget

from cambrian_desktop import theme
from cambrian_desktop.widgets.labels import plain_tooltip

_ARROW = 14
_FRAME = 44
"""What padding, frame and arrow take of the width."""


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
        self.set_options(options)
        self.currentTextChanged.connect(self._say_the_rest)
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
        self.updateGeometry()

    def value(self) -> Any:
        """The chosen value; None where there is nothing to choose."""
        return self.currentData()

    def set_value(self, value: Any) -> None:
        """Choose this value; one that is not offered changes nothing."""
        for index in range(self.count()):
            if self.itemData(index) == value:
                self.setCurrentIndex(index)
                return

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Room for the longest option."""
        texts = [self.itemText(index) for index in range(self.count())]
        widest = max((self.fontMetrics().horizontalAdvance(text) for text in texts), default=0)
        return QSize(max(widest + _FRAME, 4 * _FRAME // 3), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Room for some letters: a long option is elided."""
        hint = self.sizeHint()
        return QSize(min(hint.width(), 3 * _FRAME), hint.height())

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:  # noqa: N802 - Qt's name
        """Elide the chosen text."""
        super().initStyleOption(option)
        option.currentText = self.shown_text()

    def shown_text(self) -> str:
        """The chosen text as it is drawn."""
        room = self.width() - _FRAME + 2
        return self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, room)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Elide anew."""
        super().resizeEvent(event)
        self._say_the_rest()

    def _say_the_rest(self) -> None:
        whole = self.currentText()
        self.setToolTip(plain_tooltip(whole) if self.shown_text() != whole else "")

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
