"""Faults of a page that is shown: texts nobody translated or that are cut off, widgets without a name.

Each function gives sentences, one a fault; a test asserts that there are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QGraphicsView,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QSlider,
    QTabBar,
    QTableView,
    QTextEdit,
    QWidget,
)

from cambrian_desktop.widgets.choices import Choice
from cambrian_desktop.widgets.labels import ElidedLabel

ALWAYS = ("Cambrian", "English", "简体中文", "Ctrl", "TOML", "CSV", "MIT", "PNG", "SVG")
"""Names that read alike in both languages."""

_ROWS = 40
_LATIN = re.compile(r"[A-Za-z]{2,}")
_CHINESE = re.compile(r"[一-鿿]")
_INTERACTIVE = (
    QAbstractButton,
    QComboBox,
    QLineEdit,
    QAbstractSpinBox,
    QSlider,
    QAbstractItemView,
    QPlainTextEdit,
    QTextEdit,
    QTabBar,
)


def shown(page: QWidget) -> list[QWidget]:
    """The page and every widget in it that is shown, scrolled to or not."""
    return [page, *(each for each in page.findChildren(QWidget) if each.isVisibleTo(page))]


def texts(page: QWidget) -> Iterator[tuple[str, str]]:
    """Every text a reader of the page, or of its tooltips and names, meets: where and what."""
    for widget in shown(page):
        kind = type(widget).__name__
        for text in _own_texts(widget):
            if text:
                yield kind, text
        for text in (_plain(widget.toolTip()), widget.accessibleName()):
            if text:
                yield f"{kind} (tooltip or name)", text


def untranslated(page: QWidget, language: str, allowed: Iterable[str] = ()) -> list[str]:
    """Texts in the other language.

    Args:
        page: What is shown.
        language: `zh_CN` or `en`: the language that it should be in.
        allowed: Names that are alike in both, such as columns and files.
    """
    names = sorted((*ALWAYS, *allowed), key=len, reverse=True)
    found = []
    for where, text in texts(page):
        rest = text
        for name in names:
            rest = rest.replace(name, " ")
        wrong = (
            _CHINESE.search(rest) if language == "en" else _LATIN.search(rest) and not _CHINESE.search(rest)
        )
        if wrong:
            found.append(f"{where}: {text!r}")
    return found


def cut_off(page: QWidget) -> list[str]:
    """Labels, buttons and column names that show less than all of their text, with no tooltip that has it."""
    found = []
    for widget in shown(page):
        reason = _cut(widget)
        if reason:
            what = _first_text(widget) or widget.accessibleName()
            found.append(f"{type(widget).__name__} {what!r}: {reason}")
    return found


def nameless(page: QWidget) -> list[str]:
    """Interactive widgets that a screen reader has no name for, or that the keyboard cannot reach."""
    found = []
    for widget in shown(page):
        if not isinstance(widget, _INTERACTIVE) or isinstance(widget, QHeaderView) or _is_part(widget):
            continue
        facts = QAccessible.queryAccessibleInterface(widget)
        name = facts.text(QAccessible.Text.Name) if facts else ""
        where = f"{type(widget).__name__} in {type(widget.parent()).__name__}"
        if not name.strip():
            found.append(f"{where}: no accessible name")
        if widget.isEnabled() and not widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            found.append(f"{where} {name!r}: not reachable by Tab")
    return found


def _own_texts(widget: QWidget) -> Iterator[str]:
    if isinstance(widget, QLabel | QAbstractButton):
        yield widget.text()
    elif isinstance(widget, QComboBox):
        yield from (widget.itemText(index) for index in range(min(widget.count(), _ROWS)))
    elif isinstance(widget, QLineEdit):
        yield widget.placeholderText()
    elif isinstance(widget, QTabBar):
        yield from (widget.tabText(index) for index in range(widget.count()))
    elif isinstance(widget, QTableView):
        yield from _table_texts(widget)
    elif isinstance(widget, QGraphicsView):
        for item in widget.scene().items() if widget.scene() else ():
            if item.isVisible() and hasattr(item, "toPlainText"):
                yield item.toPlainText()


def _table_texts(table: QTableView) -> Iterator[str]:
    model = table.model()
    if model is None:
        return
    columns = [column for column in range(model.columnCount()) if not table.isColumnHidden(column)]
    for column in columns:
        yield str(model.headerData(column, Qt.Orientation.Horizontal) or "")
    for row in range(min(model.rowCount(), _ROWS)):
        for column in columns:
            index = model.index(row, column)
            yield str(index.data() or "")
            yield _plain(str(index.data(Qt.ItemDataRole.ToolTipRole) or ""))


def _cut(widget: QWidget) -> str:
    if isinstance(widget, ElidedLabel | Choice):
        whole = widget.currentText() if isinstance(widget, Choice) else widget.text()
        return "elided without a tooltip" if widget.shown_text() != whole and not widget.toolTip() else ""
    if isinstance(widget, QLabel):
        return _cut_label(widget)
    if isinstance(widget, QAbstractButton | QComboBox) and _first_text(widget):
        wished = widget.sizeHint()
        if widget.width() < wished.width() - 1:
            return f"{widget.width()} wide, needs {wished.width()}"
        return _outside(widget)
    if isinstance(widget, QHeaderView) and widget.isVisibleTo(widget.parentWidget()):
        return _cut_header(widget)
    if isinstance(widget, QScrollArea | QTableView) and widget.horizontalScrollBar().maximum() > 0:
        return f"{widget.horizontalScrollBar().maximum()} pixels stick out at the right"
    return ""


def _cut_label(label: QLabel) -> str:
    if not label.text():
        return ""
    if label.wordWrap():
        if label.minimumSizeHint().width() > label.width() + 1:
            return f"{label.width()} wide, its longest word needs {label.minimumSizeHint().width()}"
        needed = label.heightForWidth(label.width())
        if needed > label.height() + 1:
            return f"{label.height()} high, needs {needed}"
        return _outside(label)
    wished = label.sizeHint()
    if label.width() < wished.width() - 1 or label.height() < wished.height() - 2:
        return f"{label.width()}x{label.height()}, needs {wished.width()}x{wished.height()}"
    return _outside(label)


def _cut_header(header: QHeaderView) -> str:
    if header.orientation() == Qt.Orientation.Vertical or header.model() is None:
        return ""
    for section in range(header.count()):
        text = str(header.model().headerData(section, Qt.Orientation.Horizontal) or "")
        room = header.sectionSize(section)
        needed = header.fontMetrics().horizontalAdvance(text)
        tooltip = header.model().headerData(section, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
        if not header.isSectionHidden(section) and room < needed and not tooltip:
            return f"column {text!r} is {room} wide, its name needs {needed}"
    return ""


def _outside(widget: QWidget) -> str:
    """Whether a part of the widget lies outside one of its parents, other than what can be scrolled to."""
    place = widget.rect()
    above = widget
    while above.parentWidget() is not None and not above.isWindow():
        parent = above.parentWidget()
        if isinstance(parent.parentWidget(), QScrollArea | QAbstractItemView):
            return ""  # what lies above here scrolls
        corner = widget.mapTo(parent, QPoint(0, 0))
        if corner.x() < -1 or corner.x() + place.width() > parent.width() + 1:
            return f"sticks out of its {type(parent).__name__}"
        if corner.y() < -1 or corner.y() + place.height() > parent.height() + 1:
            return f"sticks out of its {type(parent).__name__}, above or below"
        above = parent
    return ""


def _is_part(widget: QWidget) -> bool:
    """Whether another interactive widget is made of it, such as the line of a spin box."""
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QAbstractSpinBox | QComboBox | QGraphicsView) or (
            isinstance(parent, QTableView) and isinstance(widget, QAbstractButton)
        ):
            return True
        parent = parent.parentWidget()
    return False


def _first_text(widget: QWidget) -> str:
    return next((text for text in _own_texts(widget) if text), "")


def _plain(text: str) -> str:
    return re.sub(r"<[^>]*>", "", text)
