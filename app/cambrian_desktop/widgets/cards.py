"""A card: a surface with a title, a note at its right, and a body."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from cambrian_desktop.theme import SPACE
from cambrian_desktop.widgets.labels import ElidedLabel, text_label

MARGINS = (16, 12, 16, 12)
"""Between a card's hairline and its contents, in pixels."""


class Card(QFrame):
    """A surface with a hairline.

    Attributes:
        header: The row of title and note; actions may be added at its right.
        body: Where contents go.
    """

    def __init__(self, title: str = "", note: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("part", "card")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(*MARGINS)
        whole.setSpacing(SPACE[1])
        self._title = text_label(role="card-title")
        self._note = ElidedLabel(role="muted")
        self._note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._top = QWidget()
        self._top.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.header = QHBoxLayout(self._top)
        self.header.setContentsMargins(0, 0, 0, 0)
        self.header.setSpacing(SPACE[2])
        self.header.addWidget(self._title)
        self.header.addWidget(self._note, 1)
        inner = QWidget()
        self.body = QVBoxLayout(inner)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(SPACE[1])
        whole.addWidget(self._top)
        whole.addWidget(inner, 1)
        self.set_title(title)
        self.set_note(note)

    def set_title(self, title: str) -> None:
        """Give the card another title; without one there is no header."""
        self._title.setText(title)
        self._top.setVisible(bool(title))
        self.setAccessibleName(title)

    def set_note(self, note: str) -> None:
        """Say something in a muted line at the title's right."""
        self._note.setText(note)
