"""Cards one below another, as one column of a page."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from cambrian_desktop.theme import SPACE


def card_column(*cards: tuple[QWidget, int]) -> QWidget:
    """A column of cards, each with how much of spare height it takes."""
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(SPACE[2])
    for card, stretch in cards:
        column.addWidget(card, stretch)
    return holder
