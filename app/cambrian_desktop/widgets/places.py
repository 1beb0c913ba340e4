"""Several contents in one place, of which one is shown."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget


class Places(QWidget):
    """Shows one of its contents, and takes the room of that one: a stack takes that of the largest."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole = QVBoxLayout(self)
        self._whole.setContentsMargins(0, 0, 0, 0)

    def add(self, content: QWidget) -> None:
        """Add a content; the first one is shown."""
        self._whole.addWidget(content)  # first: who has no parent is shown as a window
        content.setVisible(self._whole.count() == 1)

    def show_place(self, wanted: int) -> None:
        """Show the content that was added as number `wanted`, from 0."""
        for place in range(self._whole.count()):
            item = self._whole.itemAt(place)
            content = None if item is None else item.widget()
            if content is not None:
                content.setVisible(place == wanted)
