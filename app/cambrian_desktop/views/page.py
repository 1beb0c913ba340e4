"""What every page is made of: a title, one line of state, actions, and the content below."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from cambrian_desktop.context import Context
from cambrian_desktop.theme import SPACE
from cambrian_desktop.widgets.labels import ElidedLabel


class Page(QWidget):
    """A page of the window. A subclass sets every text in `retranslate` and calls that once when it is built.

    Args:
        context: Settings and workspace.
        scroll: Whether the content scrolls where it does not fit; without, the content must fit itself.

    Attributes:
        content: Where the content goes.
    """

    def __init__(self, context: Context, *, scroll: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, SPACE[2] + 2, 0, 0)
        whole.setSpacing(SPACE[2])
        whole.addWidget(self._header())
        inner = QWidget()
        inner.setProperty("part", "page-content")
        self.content = QVBoxLayout(inner)
        self.content.setContentsMargins(SPACE[3], 0, SPACE[3], SPACE[3])
        self.content.setSpacing(SPACE[2])
        if scroll:
            area = QScrollArea()
            area.setWidgetResizable(True)
            area.setFrameShape(QFrame.Shape.NoFrame)
            area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
            area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            area.setWidget(inner)
            area.viewport().setAutoFillBackground(False)
            whole.addWidget(area, 1)
        else:
            whole.addWidget(inner, 1)

    def set_header(self, title: str, state_line: str = "") -> None:
        """Say what page this is and, in one muted line, how things stand."""
        self._title.setText(title)
        self._state.setText(state_line)
        self.setAccessibleName(title)

    def add_action(self, button: QAbstractButton) -> None:
        """Put a button at the right of the header, after those that are there."""
        self._actions.addWidget(button)

    def retranslate(self) -> None:
        """Set every text in the language in force."""

    def entered(self) -> None:
        """The page is shown from now on."""

    def left(self) -> None:
        """Another page is shown from now on."""

    def closing(self) -> None:
        """The window closes: end threads, and make final what could still have been undone."""

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def _header(self) -> QWidget:
        header = QWidget()
        row = QHBoxLayout(header)
        row.setContentsMargins(SPACE[3], 0, SPACE[3], 0)
        row.setSpacing(SPACE[1])
        words = QVBoxLayout()
        words.setSpacing(2)
        self._title = ElidedLabel(role="title")
        self._state = ElidedLabel(role="muted")
        words.addWidget(self._title)
        words.addWidget(self._state)
        self._actions = QHBoxLayout()
        self._actions.setSpacing(SPACE[1])
        row.addLayout(words, 1)
        row.addLayout(self._actions)
        return header
