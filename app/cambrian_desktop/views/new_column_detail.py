"""What is to be said about one column, or the whole table: findings, each with its remedies as buttons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from cambrian_desktop import theme
from cambrian_desktop.views.new_columns import QUIET
from cambrian_desktop.views.new_findings import Action, finding_actions
from cambrian_desktop.views.new_words import finding_advice, finding_title, shortened
from cambrian_desktop.widgets.buttons import chip_button, icon_button, say_meaning
from cambrian_desktop.widgets.labels import text_label

_MOST_HEIGHT = 140
_MOST_ORDERED = 60
"""Categories up to which an order can be made by hand."""
_ICON = 16
_BAR = 12


class FindingLine(QWidget):
    """One finding: what it is, the engine's sentence, advice, and buttons that mend it."""

    chosen = Signal(object)

    def __init__(
        self, finding: Mapping[str, Any], column: Mapping[str, Any] | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._quiet = finding["code"] in QUIET
        self._icon = QLabel()
        title = text_label(_sentence(finding_title(finding, column)))
        advice = finding_advice(str(finding["code"]))
        detail = text_label(" ".join(filter(None, (str(finding["message"]), advice))), "muted", wrap=True)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(title)
        words.addWidget(detail)
        actions = finding_actions(finding)
        if actions:
            words.addLayout(_buttons(actions, self.chosen))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE[1])
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        self._redraw()

    def _redraw(self) -> None:
        name, tone = ("info", "muted") if self._quiet else ("warning", "warn")
        self._icon.setPixmap(theme.pixmap(name, tone, _ICON))


class Findings(QScrollArea):
    """The findings about one column or the table, as many as there are; hidden where there are none."""

    chosen = Signal(object)
    """An `Action` whose button was pressed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.viewport().setAutoFillBackground(False)
        self._shown: tuple[Sequence[Mapping[str, Any]], Mapping[str, Any] | None] = ((), None)
        theme.signals.changed.connect(self._rebuild)
        self.hide()

    def show_findings(
        self, findings: Sequence[Mapping[str, Any]], column: Mapping[str, Any] | None = None
    ) -> None:
        """Show these."""
        if self._shown != (findings, column):
            self._shown = (findings, column)
            self._rebuild()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self._rebuild()
        super().changeEvent(event)

    def _rebuild(self) -> None:
        findings, column = self._shown
        inner = QWidget()
        inner.setProperty("part", "page-content")
        lines = QVBoxLayout(inner)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(theme.SPACE[1])
        for finding in findings:
            line = FindingLine(finding, column)
            line.chosen.connect(self.chosen)
            lines.addWidget(line)
        self.setWidget(inner)
        self.setVisible(bool(findings))
        self._fit()

    def resizeEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        """Take the height that the lines need at this width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """No bar comes and goes with the height that it changes: room for it is always kept."""
        inner = self.widget()
        layout = inner.layout() if inner is not None else None
        needed = layout.heightForWidth(self.width() - _BAR) if layout is not None else 0
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(
            policy.ScrollBarAlwaysOn if needed > _MOST_HEIGHT else policy.ScrollBarAlwaysOff
        )
        height = max(1, min(_MOST_HEIGHT, needed))
        if height != self.maximumHeight():
            self.setFixedHeight(height)


class OrderEditor(QWidget):
    """The categories of an ordinal column from low to high, to be put in another order."""

    changed = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._caption = text_label(role="muted")
        self.list = QListWidget()
        self.list.setMaximumHeight(80)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.down = icon_button("chevron-up", "")
        self.up = icon_button("chevron-down", "")
        self.down.clicked.connect(lambda: self._move(-1))
        self.up.clicked.connect(lambda: self._move(1))
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.addWidget(self._caption, 1)
        head.addWidget(self.down)
        head.addWidget(self.up)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(2)
        whole.addLayout(head)
        whole.addWidget(self.list)
        self.retranslate()
        self.hide()

    def retranslate(self) -> None:
        """Set the texts."""
        self._caption.setText(self.tr("Order from low (first) to high (last):"))
        self.list.setAccessibleName(self.tr("Categories from low to high"))
        say_meaning(self.down, self.tr("Move it lower"))
        say_meaning(self.up, self.tr("Move it higher"))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def show_order(self, categories: Sequence[str]) -> None:
        """Show an order, or hide where there is none that can be made by hand."""
        usable = 2 <= len(categories) <= _MOST_ORDERED
        if list(categories) != self._order():
            self.list.clear()
            for category in categories if usable else ():
                self.list.addItem(shortened(category, 40))
                self.list.item(self.list.count() - 1).setData(Qt.ItemDataRole.UserRole, category)
            if usable:
                self.list.setCurrentRow(0)
        self.setVisible(usable)

    def _order(self) -> list[str]:
        return [self.list.item(row).data(Qt.ItemDataRole.UserRole) for row in range(self.list.count())]

    def _move(self, step: int) -> None:
        row = self.list.currentRow()
        if 0 <= row + step < self.list.count() and row >= 0:
            item = self.list.takeItem(row)
            self.list.insertItem(row + step, item)
            self.list.setCurrentRow(row + step)
            self.changed.emit(self._order())


def _buttons(actions: Sequence[Action], chosen: Any) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(0, 2, 0, 0)
    row.setSpacing(theme.SPACE[1])
    for action in actions:
        button = chip_button(action.text)
        button.setAccessibleName(action.text)
        button.clicked.connect(lambda _=False, action=action: chosen.emit(action))
        row.addWidget(button)
    row.addStretch(1)
    return row


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
