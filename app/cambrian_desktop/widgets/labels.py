"""Labels that show text as it is: no markup, so that a column named `<b>` reads `<b>`."""

from __future__ import annotations

import html
from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

Role = Literal["body", "muted", "title", "card-title", "number", "caption"]
Tone = Literal["", "text", "muted", "accent", "good", "warn", "bad"]


def text_label(
    text: str = "", role: Role = "body", *, wrap: bool = False, selectable: bool = False
) -> QLabel:
    """A label of plain text in one of the house's styles.

    Args:
        text: What it says.
        role: How it looks.
        wrap: Whether a long text takes several lines.
        selectable: Whether the mouse can select it, to copy it.
    """
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("role", role)
    label.setWordWrap(wrap)
    if selectable:
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setText(text)
    return label


def set_tone(widget: QWidget, tone: Tone) -> None:
    """Give a label, or anything styled by tone, another tone."""
    if widget.property("tone") == tone:
        return
    widget.setProperty("tone", tone)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()


def plain_tooltip(text: str) -> str:
    """A text for `setToolTip` that shows its markup as text and wraps."""
    return f"<qt>{html.escape(text)}</qt>" if text else ""


class ElidedLabel(QLabel):
    """A label that ends in an ellipsis where there is no room; its tooltip then has all of it."""

    def __init__(
        self,
        text: str = "",
        role: Role = "body",
        *,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._mode = mode
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setText(text)

    def setText(self, text: str) -> None:  # noqa: N802 - Qt's name
        """Show another text."""
        super().setText(text)
        self._say_the_rest()

    def shown_text(self) -> str:
        """The text as it is drawn."""
        return self.fontMetrics().elidedText(self.text(), self._mode, self.contentsRect().width())

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Room for three letters, so that layouts may shrink it."""
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), self.fontMetrics().horizontalAdvance("mmm")), hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Elide anew."""
        super().resizeEvent(event)
        self._say_the_rest()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the text, elided."""
        painter = QPainter(self)
        self.style().drawItemText(
            painter,
            self.contentsRect(),
            self.alignment().value | Qt.TextFlag.TextSingleLine.value,
            self.palette(),
            self.isEnabled(),
            self.shown_text(),
            self.foregroundRole(),
        )

    def _say_the_rest(self) -> None:
        whole = self.text()
        self.setToolTip(plain_tooltip(whole) if self.shown_text() != whole else "")
