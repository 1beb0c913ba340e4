"""The rail at the left of the window: where one is, and where one can go."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from cambrian_desktop.theme import SPACE
from cambrian_desktop.widgets.buttons import ActionButton
from cambrian_desktop.widgets.labels import ElidedLabel, text_label

WIDTH = 188


class Rail(QFrame):
    """Buttons for pages in three groups: always there, of what is open, and at the bottom.

    `chosen` gives the name of the page whose button the user pressed.

    Args:
        brand: The program's name.
        above: Pairs of name and icon of the pages that are always there.
        within: Pages of what is open; hidden until `set_caption` names it.
        below: Pages at the bottom.
    """

    chosen = Signal(str)

    def __init__(
        self,
        brand: str,
        above: list[tuple[str, str]],
        within: list[tuple[str, str]],
        below: list[tuple[str, str]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("part", "rail")
        self.setFixedWidth(WIDTH)
        self._buttons: dict[str, ActionButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE[1] + 2, SPACE[2] + 2, SPACE[1] + 2, SPACE[2])
        column.setSpacing(SPACE[0])
        brand_label = text_label(brand, "title")
        brand_label.setContentsMargins(SPACE[0], 0, 0, SPACE[1])
        column.addWidget(brand_label)
        self._add(column, above)
        self._within = QWidget()
        inner = QVBoxLayout(self._within)
        inner.setContentsMargins(0, SPACE[2], 0, 0)
        inner.setSpacing(SPACE[0])
        self._caption = ElidedLabel(role="caption")
        self._caption.setContentsMargins(SPACE[1] + 4, 0, 0, 0)
        inner.addWidget(self._caption)
        self._add(inner, within)
        column.addWidget(self._within)
        column.addStretch(1)
        self._add(column, below)
        self.set_caption("")

    def set_caption(self, text: str) -> None:
        """Name what is open; empty hides its pages."""
        self._caption.setText(text)
        self._within.setVisible(bool(text))

    def set_text(self, name: str, text: str, tooltip: str = "") -> None:
        """Give the button of a page its text."""
        self._buttons[name].setText(text)
        self._buttons[name].setToolTip(tooltip)

    def select(self, name: str) -> None:
        """Show which page one is on."""
        for each, button in self._buttons.items():  # a button group would take them out of the Tab order
            button.setChecked(each == name)

    def button(self, name: str) -> ActionButton:
        """The button of a page."""
        return self._buttons[name]

    def _add(self, column: QVBoxLayout, pages: list[tuple[str, str]]) -> None:
        for name, icon in pages:
            button = ActionButton(icon=icon, look="rail")
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, name=name: self.chosen.emit(name))
            self._buttons[name] = button
            column.addWidget(button)
