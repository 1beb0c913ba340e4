"""Evolution: minutes, population, workers and strategy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from cambrian.errors import UserFacingError
from cambrian.experiment import Experiment
from cambrian_desktop import theme
from cambrian_desktop.views.new_words import number_text
from cambrian_desktop.widgets.cards import Card
from cambrian_desktop.widgets.choices import Choice
from cambrian_desktop.widgets.labels import text_label
from cambrian_desktop.widgets.sliders import StepSlider

translate = QCoreApplication.translate

NO_LIMIT = 10**7
"""The step of the time at which generations or networks decide when a run ends."""
MINUTES = (1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 1440, NO_LIMIT)
POPULATIONS = (0, 8, 16, 24, 32, 48, 64, 96, 128, 192, 256)


class _Amount(StepSlider):
    """A slider that also says a value between its steps, such as an experiment's 7 minutes."""

    def __init__(self, values: Sequence[float], text_of: Callable[[float], str]) -> None:
        self._exact: float | None = None
        super().__init__(values, text_of)
        self.changed.connect(self._forget)
        self.slider.valueChanged.connect(self._forget)

    def put(self, value: float) -> None:
        """Stand at a value."""
        self._exact = value
        self.set_value(value)

    def shown_value(self) -> float:
        """The value that is said."""
        return self.value() if self._exact is None else self._exact

    def _forget(self) -> None:
        if self._exact is not None:
            self._exact = None
            self.say()


class EvolutionCard(Card):
    """How long and how broadly is searched; `changed(draft)` comes when the user changes it.

    Args:
        cores: The most workers that are offered: the processor cores of this machine.
        usual: Workers that a run has where none are named.
        parent: Its owner.
    """

    changed = Signal(object)
    refused = Signal(str, str)

    def __init__(self, cores: int, usual: int, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._draft: Experiment | None = None
        self._usual = usual
        self.minutes = _Amount(MINUTES, self._minutes_text)
        self.population = _Amount(POPULATIONS, self._population_text)
        self.workers = _Amount(range(cores + 1), self._workers_text)
        self._sliders = (self.minutes, self.population, self.workers)
        self.strategy = Choice()
        self._labels: dict[QWidget, QLabel] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.SPACE[2])
        grid.setVerticalSpacing(theme.SPACE[0])
        grid.setColumnStretch(1, 1)
        for place, widget in enumerate((self.minutes, self.population, self.workers, self.strategy)):
            label = self._labels[widget] = text_label(role="muted")
            label.setBuddy(widget)
            grid.addWidget(label, place, 0)
            grid.addWidget(widget, place, 1)
        self.body.addLayout(grid)
        self.minutes.changed.connect(self._choose_minutes)
        self.population.changed.connect(lambda value: self._change(search={"population": int(value)}))
        self.workers.changed.connect(lambda value: self._change(execution={"workers": int(value)}))
        self.strategy.chosen.connect(self._choose_strategy)
        self.retranslate()

    def retranslate(self) -> None:
        """Set the texts."""
        self.set_title(self.tr("Evolution"))
        for slider, text in (
            (self.minutes, self.tr("Time")),
            (self.population, self.tr("Population")),
            (self.workers, self.tr("Workers")),
        ):
            self._labels[slider].setText(text)
            slider.set_name(text)
            slider.reword()
        self._align()
        self._labels[self.strategy].setText(self.tr("Strategy"))
        self.strategy.setAccessibleName(self.tr("Strategy"))
        self.strategy.set_options(
            (("genetic", self.tr("genetic: the best have children")), ("random", self.tr("random search")))
        )
        self.minutes.setToolTip(self.tr("From start to written result; a run can be stopped at any time."))
        self.population.setToolTip(self.tr("Networks of a generation."))
        self.workers.setToolTip(self.tr("Processes that train at the same time."))
        self._show()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def show_draft(self, draft: Experiment) -> None:
        """Show what a draft says."""
        self._draft = draft
        self._show()

    def _align(self) -> None:
        """Let the three sliders end at one line: give their values the same room."""
        words = [label for each in self._sliders for label in each.findChildren(QLabel)]
        room = max(label.minimumWidth() for label in words)
        for label in words:
            label.setMinimumWidth(room)

    def _show(self) -> None:
        if self._draft is None:
            return
        draft = self._draft
        self.minutes.put(NO_LIMIT if draft.budget.minutes is None else draft.budget.minutes)
        self.population.put(draft.search.population)
        self.workers.put(draft.execution.workers)
        self.strategy.set_value(draft.search.strategy)

    def _choose_minutes(self, minutes: float) -> None:
        self._change(budget={"minutes": None if minutes == NO_LIMIT else float(minutes)})

    def _choose_strategy(self, name: str) -> None:
        # Only the genetic strategy has children that could inherit.
        inherit = {"inherit": False} if name != "genetic" else {}
        self._change(search={"strategy": name, **inherit})

    def _change(self, **sections: dict[str, Any]) -> None:
        if self._draft is None:
            return
        try:
            draft = self._draft.changed(**sections)
        except UserFacingError as error:
            self.refused.emit(error.problem, error.remedy)
            self._show()
            return
        if draft != self._draft:
            self._draft = draft
            self.changed.emit(draft)

    def _minutes_text(self, minutes: float) -> str:
        return self.tr("no limit") if minutes == NO_LIMIT else time_text(minutes)

    def _population_text(self, population: float) -> str:
        return number_text(population) if population else self.tr("automatic")

    def _workers_text(self, workers: float) -> str:
        if workers:
            return self.tr("%n cores", "", int(workers))
        return self.tr("automatic: %n", "", self._usual)


def time_text(minutes: float) -> str:
    """Minutes as people say them: hours from two hours on."""
    count = int(minutes)
    if minutes != count:
        return translate("Times", "{minutes} minutes").format(minutes=number_text(minutes))
    if count >= 120 and count % 60 == 0:
        count //= 60
        return Times().hours(count)
    return Times().minutes(count)


class Times(QObject):
    """Words for whole times: lupdate knows plurals in the `tr` of a QObject only."""

    def hours(self, count: int) -> str:
        """Hours."""
        return self.tr("%n hours", "", count)

    def minutes(self, count: int) -> str:
        """Minutes."""
        return self.tr("%n minutes", "", count)
