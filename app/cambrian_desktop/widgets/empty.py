"""What a page shows while it has nothing: what will be here, and how to begin."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cambrian_desktop import theme
from cambrian_desktop.widgets.labels import text_label

_PICTURE = 40


class EmptyState(QWidget):
    """An icon, a title, a sentence and actions, in the middle of the room it is given."""

    def __init__(self, icon: str, title: str = "", sentence: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = icon
        self._picture = QLabel()
        self._title = text_label(role="card-title", wrap=True)
        self._sentence = text_label(role="muted", wrap=True)
        self._sentence.setMinimumWidth(320)
        self._sentence.setMaximumWidth(560)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(theme.SPACE[1])
        whole = QVBoxLayout(self)
        whole.setSpacing(theme.SPACE[1])
        whole.addStretch(1)
        centre = Qt.AlignmentFlag.AlignHCenter
        for label in (self._picture, self._title):
            label.setAlignment(centre)
            whole.addWidget(label)
        self._sentence.setAlignment(centre)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(self._sentence, 4)
        middle.addStretch(1)
        whole.addLayout(middle)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addLayout(self._buttons)
        row.addStretch(1)
        whole.addSpacing(theme.SPACE[0])
        whole.addLayout(row)
        whole.addStretch(1)
        theme.signals.changed.connect(self._redraw)
        self._redraw()
        self.set_texts(title, sentence)

    def set_texts(self, title: str, sentence: str) -> None:
        """Say something else."""
        self._title.setText(title)
        self._sentence.setText(sentence)
        self._sentence.setVisible(bool(sentence))

    def set_icon(self, icon: str) -> None:
        """Show another icon."""
        self._name = icon
        self._redraw()

    def add_action(self, button: QAbstractButton) -> None:
        """Put a button below the sentence."""
        self._buttons.addWidget(button)

    def _redraw(self) -> None:
        self._picture.setPixmap(theme.pixmap(self._name, "muted", _PICTURE))
