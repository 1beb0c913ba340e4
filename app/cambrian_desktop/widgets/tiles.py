"""A tile: one number, what it is, and what it is compared with."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QSizePolicy, QVBoxLayout, QWidget

from cambrian_desktop.widgets.cards import MARGINS
from cambrian_desktop.widgets.labels import ElidedLabel, Tone, set_tone


class Tile(QFrame):
    """A small card with a large number."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("part", "card")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(180)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(*MARGINS)
        whole.setSpacing(2)
        self.caption = ElidedLabel(role="muted")
        self.number = ElidedLabel(role="number")
        self.comparison = ElidedLabel(role="muted")
        for label in (self.caption, self.number, self.comparison):
            whole.addWidget(label)

    def show_values(self, caption: str, number: str, comparison: str, tone: Tone = "muted") -> None:
        """Show a number.

        Args:
            caption: What it is.
            number: The number with its unit.
            comparison: What it is compared with, in words.
            tone: Whether the comparison is good news; the words must say it too.
        """
        self.caption.setText(caption)
        self.number.setText(number)
        self.comparison.setText(comparison)
        set_tone(self.comparison, tone)
        self.setAccessibleName(f"{caption}: {number}. {comparison}")
