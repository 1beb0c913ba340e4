"""What the tests of the new experiment share: the page with real processes behind it, and how to wait."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from cambrian_desktop.context import Context
from cambrian_desktop.views.new_experiment import NewExperimentPage

PATIENCE_MS = 90_000
"""For a process on a busy machine; nothing here asserts how long anything took."""


def shown_page(qtbot: QtBot, context: Context) -> NewExperimentPage:
    """The page in a window of its own."""
    page = NewExperimentPage(context)
    qtbot.addWidget(page, before_close_func=lambda widget: widget.closing())
    page.resize(1252, 900)
    page.show()
    return page


def settled(qtbot: QtBot, page: NewExperimentPage) -> None:
    """Wait until the page has its answer."""
    qtbot.waitUntil(lambda: not page.inspection.busy and not page._later.isActive(), timeout=PATIENCE_MS)


def opened(qtbot: QtBot, page: NewExperimentPage, file: Path, target: str = "") -> None:
    """Open a file, choose a target if one is named, and wait for what `inspect` says."""
    drop(page, file)
    settled(qtbot, page)
    if target:
        choose(page.goal.target, target)
        settled(qtbot, page)


def drop(widget: QWidget, file: Path) -> None:
    """Drop a file on a widget, as the window system would."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    place, action, button = QPointF(30, 30), Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(widget, QDragEnterEvent(place.toPoint(), action, data, button, none))
    QApplication.sendEvent(widget, QDropEvent(place, action, data, button, none))


def choose(box: QWidget, value: object) -> None:
    """Pick a value in a combo box, as the user does."""
    offered = [box.itemData(place) for place in range(box.count())]  # type: ignore[attr-defined]
    place = offered.index(value)
    box.setCurrentIndex(place)  # type: ignore[attr-defined]
    box.activated.emit(place)  # type: ignore[attr-defined]


def message(page: NewExperimentPage) -> str:
    """What the page says of a refusal; empty where it says nothing."""
    banner = page.refusal.banner
    return f"{banner.problem.text()} {banner.remedy.text()}".strip() if banner.isVisible() else ""
