"""Where a file may be dropped."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QMimeData, QObject, Signal
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from cambrian_desktop.theme import SPACE


def dropped_file(data: QMimeData) -> str:
    """The first local file or folder that is dragged; empty if there is none."""
    return next((url.toLocalFile() for url in data.urls() if url.isLocalFile()), "")


class FileDrops(QObject):
    """Lets files be dropped on a widget.

    Args:
        widget: Where; it owns this object.
        on_file: Called with the path.
        on_over: Called with True while a file is held over the widget, and with False after.
    """

    def __init__(
        self,
        widget: QWidget,
        on_file: Callable[[str], object],
        on_over: Callable[[bool], object] | None = None,
    ) -> None:
        super().__init__(widget)
        self._on_file = on_file
        self._on_over = on_over or (lambda over: None)
        widget.setAcceptDrops(True)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Take the drag events of the widget."""
        kind = event.type()
        if kind == QEvent.Type.DragLeave:
            self._on_over(False)
            return True
        if kind not in (QEvent.Type.DragEnter, QEvent.Type.DragMove, QEvent.Type.Drop):
            return False
        assert isinstance(event, QDropEvent)
        path = dropped_file(event.mimeData())
        if not path:
            return False
        event.acceptProposedAction()
        self._on_over(kind != QEvent.Type.Drop)
        if kind == QEvent.Type.Drop:
            self._on_file(path)
        return True


class DropArea(QFrame):
    """A frame that takes a dropped file and shows that it would.

    Attributes:
        body: Where its contents go.
    """

    dropped = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("part", "drop")
        self.setProperty("over", False)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(SPACE[3], SPACE[3], SPACE[3], SPACE[3])
        self._drops = FileDrops(self, self.dropped.emit, self._show_over)

    def _show_over(self, over: bool) -> None:
        self.setProperty("over", over)
        self.style().unpolish(self)
        self.style().polish(self)
