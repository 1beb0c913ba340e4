"""The estimate, and Start."""

from __future__ import annotations

from datetime import datetime, timedelta

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cambrian_desktop import theme
from cambrian_desktop.views.new_estimate import Estimate
from cambrian_desktop.views.new_evolution_card import time_text
from cambrian_desktop.views.new_words import number_text
from cambrian_desktop.widgets.buttons import action_button
from cambrian_desktop.widgets.cards import Card
from cambrian_desktop.widgets.labels import text_label


class StartBar(Card):
    """What a run would do, or why it cannot start, and the button that starts it."""

    start_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.first = text_label(role="card-title", wrap=True)
        self.second = text_label(role="muted", wrap=True)
        self.button = action_button("", "play", primary=True)
        self.button.setMinimumWidth(120)
        self.button.clicked.connect(self.start_wanted)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.first)
        words.addWidget(self.second)
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE[2])
        row.addLayout(words, 1)
        row.addWidget(self.button)
        self.body.addLayout(row)
        self.retranslate()

    def retranslate(self) -> None:
        """Set the texts that do not change with the draft."""
        self.button.setText(self.tr("Start"))
        self.button.setAccessibleName(self.tr("Start"))

    def show_missing(self, first: str, second: str = "") -> None:
        """Say what is missing before a run can start."""
        self._say(first, second)
        self.button.setEnabled(False)

    def show_estimate(self, guess: Estimate | None, *, now: datetime) -> None:
        """Say what a run is expected to do; None: nothing is known yet."""
        if guess is None:
            self._say(self.tr("Ready"), "")
        else:
            self._say(
                self._headline(guess), " ".join(filter(None, (self._end(guess, now), self._basis(guess))))
            )
        self.button.setEnabled(True)

    def show_starting(self) -> None:
        """Say that a run is being started."""
        self._say(self.tr("Starting…"), "")
        self.button.setEnabled(False)

    def _headline(self, guess: Estimate) -> str:
        if guess.minutes is None:
            return self.tr("%n networks", "", guess.networks)
        networks, time = number_text(guess.networks), time_text(guess.minutes)
        if guess.exact:
            return self.tr("{networks} networks in about {time}").format(networks=networks, time=time)
        return self.tr("About {networks} networks in {time}").format(networks=networks, time=time)

    def _end(self, guess: Estimate, now: datetime) -> str:
        if guess.exact or guess.minutes is None or guess.minutes > 24 * 60:
            return ""
        ends = now + timedelta(minutes=guess.minutes)
        return self.tr("Ends by {time}.").format(time=f"{ends:%H:%M}")

    def _basis(self, guess: Estimate) -> str:
        if guess.source:
            return self.tr("Reckoned from the run {run}.").format(run=guess.source)
        return self.tr("Reckoned roughly from the size of the table.")

    def _say(self, first: str, second: str) -> None:
        self.first.setText(first)
        self.second.setText(second)
        self.second.setVisible(bool(second))
