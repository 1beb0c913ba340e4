"""A slider through the generations, with a button that plays them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QSlider, QWidget

from cambrian_desktop.theme import SPACE
from cambrian_desktop.widgets.buttons import icon_button, say_meaning
from cambrian_desktop.widgets.labels import text_label

_SECONDS = 8.0
"""How long a replay takes, whatever the number of generations."""
_SLOWEST, _FASTEST = 500, 40
"""Milliseconds a generation."""


class _Slider(QSlider):
    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Leave the wheel to the page."""
        event.ignore()


class Replay(QWidget):
    """Chooses up to which generation a plot shows.

    Signals:
        moved(object): The last generation to show; None at the end, where new ones appear as they come.
    """

    moved = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._last = -1
        self.play = icon_button("play", "")
        self.slider = _Slider(Qt.Orientation.Horizontal)
        self.slider.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.slider.setPageStep(1)
        self.slider.setRange(0, 0)
        self._words = text_label(role="muted")
        self._timer = QTimer(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE[1])
        row.addWidget(self.play)
        row.addWidget(self.slider, 1)
        row.addWidget(self._words)
        self.play.clicked.connect(self._toggle)
        self.slider.valueChanged.connect(self._tell)
        self.slider.sliderPressed.connect(self._stop)
        self._timer.timeout.connect(self._step)
        self.retranslate()
        self.hide()

    @property
    def text(self) -> str:
        """What stands beside the slider."""
        return self._words.text()

    def set_last(self, last: int) -> None:
        """Go up to a generation, -1 for none; a slider that stood at the end stays there."""
        self.setVisible(last > 0)
        if last == self._last:
            return
        at_end = self.slider.value() >= self.slider.maximum() and not self._timer.isActive()
        self._last = last
        self.slider.blockSignals(True)
        self.slider.setRange(0, max(0, last))
        if at_end:
            self.slider.setValue(max(0, last))
        self.slider.blockSignals(False)
        self._say()

    def retranslate(self) -> None:
        """Set the texts."""
        self.slider.setAccessibleName(self.tr("Generation shown"))
        self._say()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """Nothing plays unseen."""
        self._stop()
        super().hideEvent(event)

    def _toggle(self) -> None:
        if self._timer.isActive():
            self._stop()
            return
        if self.slider.value() >= self._last:
            self.slider.setValue(0)
        pace = 1000 * _SECONDS / max(1, self._last)
        self._timer.start(round(min(_SLOWEST, max(_FASTEST, pace))))
        self._say()

    def _stop(self) -> None:
        self._timer.stop()
        self._say()

    def _step(self) -> None:
        self.slider.setValue(self.slider.value() + 1)
        if self.slider.value() >= self._last:
            self._stop()

    def _tell(self, value: int) -> None:
        self._say()
        self.moved.emit(None if value >= self._last else value)

    def _say(self) -> None:
        plays = self._timer.isActive()
        self.play.set_icon("pause" if plays else "play", "accent")
        say_meaning(self.play, self.tr("Stop the replay") if plays else self.tr("Replay the generations"))
        text = self.tr("up to generation {number}")
        self._words.setText(text.format(number=self.slider.value()))
