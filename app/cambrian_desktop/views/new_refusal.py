"""Why something cannot be used, and what can be done about it as buttons below."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cambrian_desktop.theme import SPACE
from cambrian_desktop.views.new_findings import Action, window_remedy
from cambrian_desktop.widgets.banners import Banner, Tone
from cambrian_desktop.widgets.buttons import chip_button


class Refusal(QWidget):
    """A sentence with its remedies; `chosen(Action)` comes when one's button is pressed.

    Attributes:
        banner: The sentence.
        buttons: The remedies' buttons.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.banner = Banner()
        self.banner.dismissed.connect(self.clear)
        self.buttons: list[QWidget] = []
        self._row = QHBoxLayout()
        self._row.setSpacing(SPACE[1])
        self._row.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(SPACE[1])
        whole.addWidget(self.banner)
        whole.addLayout(self._row)
        self.hide()

    def say(self, problem: str, remedy: str, *, actions: Sequence[Action] = ()) -> None:
        """Say what the engine refused; in other languages than its own its sentence is led in."""
        led = QCoreApplication.translate("Refusal", "{problem}", "what the engine said, in English")
        self.note(led.format(problem=problem), window_remedy(remedy), "bad", actions=actions)

    def note(self, text: str, remedy: str, tone: Tone = "warn", *, actions: Sequence[Action] = ()) -> None:
        """Say something in the window's own words."""
        self.clear()
        self.banner.show_message(text, remedy, tone)
        for place, action in enumerate(actions):
            button = chip_button(action.text)
            button.setAccessibleName(action.text)
            button.clicked.connect(lambda _=False, action=action: self.chosen.emit(action))
            self._row.insertWidget(place, button)
            self.buttons.append(button)
        self.show()

    def clear(self) -> None:
        """Say nothing any more."""
        self.banner.clear()
        for button in self.buttons:
            button.hide()
            button.deleteLater()
        self.buttons = []
        self.hide()
