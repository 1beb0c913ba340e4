"""A slider over given values, with the value in words beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSlider, QWidget

from cambrian_desktop.theme import SPACE
from cambrian_desktop.widgets.labels import text_label


class _Slider(QSlider):
    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Leave the wheel to the page unless the slider has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class StepSlider(QWidget):
    """A slider whose steps are given values.

    Args:
        values: The steps, rising.
        text_of: How a value reads.
    """

    changed = Signal(object)

    def __init__(
        self,
        values: Sequence[float],
        text_of: Callable[[float], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._values = tuple(values)
        self._text_of = text_of
        self.slider = _Slider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, len(self._values) - 1)
        self.slider.setPageStep(1)
        self.slider.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._words = text_label()
        self._words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE[2])
        row.addWidget(self.slider, 1)
        row.addWidget(self._words)
        self.setFocusProxy(self.slider)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.slider.valueChanged.connect(self._tell)
        self.reword()

    def value(self) -> float:
        """The value it stands at."""
        return self._values[self.slider.value()]

    def set_value(self, value: float) -> None:
        """Go to the nearest step, telling nobody."""
        nearest = min(range(len(self._values)), key=lambda index: abs(self._values[index] - value))
        self.slider.blockSignals(True)
        self.slider.setValue(nearest)
        self.slider.blockSignals(False)
        self.say()

    def set_name(self, name: str) -> None:
        """Give it an accessible name: the text of the label beside it."""
        self.slider.setAccessibleName(name)

    def reword(self) -> None:
        """Say the value anew, as after a change of language."""
        self._words.ensurePolished()  # before, its font is not yet that of the theme
        metrics = self._words.fontMetrics()
        widths = [metrics.horizontalAdvance(self._text_of(each)) for each in self._values]
        self._words.setMinimumWidth(max(widths, default=0) + 4)
        self.say()

    def shown_value(self) -> float:
        """The value that is said beside it."""
        return self.value()

    def say(self) -> None:
        """Say the value that it stands at."""
        self._words.setText(self._text_of(self.shown_value()))

    def _tell(self) -> None:
        self.say()
        self.changed.emit(self.value())
