"""The cards of the page Live."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QSizePolicy

from cambrian.records import State
from cambrian.run.workspace import RunFolder
from cambrian.store.rows import IndividualRow
from cambrian_desktop.models import EventsModel, LeadersModel
from cambrian_desktop.models.words import metric_text
from cambrian_desktop.plots.fitness import FitnessPlot
from cambrian_desktop.plots.genealogy import GenealogyPlot
from cambrian_desktop.plots.training import ALIVE, CULLED, FAILED, Lane, TrainingPlot
from cambrian_desktop.run_picture import Curve, RunPicture
from cambrian_desktop.views import live_words
from cambrian_desktop.views.genome_text import network_line, network_shape
from cambrian_desktop.views.genome_words import changes_text
from cambrian_desktop.views.live_replay import Replay
from cambrian_desktop.views.live_series import Series, lineage
from cambrian_desktop.widgets.buttons import link_button
from cambrian_desktop.widgets.cards import Card
from cambrian_desktop.widgets.choices import Choice
from cambrian_desktop.widgets.tables import PlainTable

PLOT_HEIGHT = 310
"""Least height of a card with a plot, in pixels."""
_LOG_HEIGHT = 190


class FitnessCard(Card):
    """Fitness per generation; of several objectives the user chooses which.

    Signals:
        chosen(object): Place of the chosen objective.
    """

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.plot = FitnessPlot()
        self.choice = Choice()
        self.choice.chosen.connect(self.chosen)
        self.choice.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.choice.hide()
        self.header.addWidget(self.choice)
        self.body.addWidget(self.plot, 1)
        self.setMinimumHeight(PLOT_HEIGHT)

    def show_run(self, picture: RunPicture, series: Series) -> None:
        """Draw the complete generations of a run."""
        names = [metric_text(each.name) for each in picture.objectives]
        if self.choice.count() != len(names):
            self.choice.set_options(enumerate(names))
        self.choice.setVisible(len(names) > 1)
        place = self.place
        arrays = series.arrays
        if not picture.objectives:
            self.plot.show([], [])
            return
        objective = picture.objectives[place]
        self.plot.show(
            arrays.generations,
            arrays.of_objective(place),
            best=arrays.best_so_far(place, objective),
            baseline=live_words.baseline(picture) if place == 0 else None,
            unit=names[place],
            direction=objective.direction,
            full=arrays.full,
        )

    @property
    def place(self) -> int:
        """Place of the objective that is drawn."""
        return int(self.choice.value() or 0)

    def retranslate(self, picture: RunPicture | None) -> None:
        """Set the texts."""
        self.set_title(self.tr("Fitness"))
        self.set_note(self.tr("each point one network · band: middle half of the fully trained"))
        self.choice.setAccessibleName(self.tr("Objective"))
        if picture is not None:
            self.choice.set_texts(metric_text(each.name) for each in picture.objectives)
        self.plot.setAccessibleName(self.tr("Fitness"))


class TrainingCard(Card):
    """The learning curves of what trains."""

    def __init__(self) -> None:
        super().__init__()
        self.plot = TrainingPlot()
        self.body.addWidget(self.plot, 1)
        self.setMinimumHeight(PLOT_HEIGHT)
        self._curves: tuple[Curve, ...] = ()
        self._lanes: tuple[Lane, ...] = ()

    def show_run(self, picture: RunPicture) -> None:
        """Draw the lanes of the generation that trains, or trained last."""
        if picture.curves is not self._curves:
            before = {id(curve): lane for curve, lane in zip(self._curves, self._lanes, strict=True)}
            self._lanes = tuple(before.get(id(curve)) or _lane(curve) for curve in picture.curves)
            self._curves = picture.curves
        self.plot.show(self._lanes, picture.rung_epochs, live_words.loss_text(picture))
        self.retranslate(picture)

    def retranslate(self, picture: RunPicture | None) -> None:
        """Set the texts."""
        lives = picture is None or picture.lives
        self.set_title(self.tr("Training now") if lives else self.tr("Trained last"))
        count = len(self._lanes)
        self.set_note(self.tr("%n trainings · culled ones fade", "", count) if count else "")
        self.plot.setAccessibleName(self.tr("Learning curves"))


class GenealogyCard(Card):
    """Who descends from whom, with a replay."""

    def __init__(self) -> None:
        super().__init__()
        self.plot = GenealogyPlot()
        self.replay = Replay()
        self.replay.moved.connect(self.plot.show_until)
        self.body.addWidget(self.plot, 1)
        self.body.addWidget(self.replay)
        self.setMinimumHeight(PLOT_HEIGHT)
        self._picture: RunPicture | None = None

    def show_run(self, picture: RunPicture, series: Series, place: int) -> None:
        """Draw the complete generations of a run.

        Args:
            picture: The run.
            series: Its arrays.
            place: Of the objective that colours tell.
        """
        self._picture = picture
        arrays = series.arrays
        objective = picture.objectives[place] if picture.objectives else None
        champion = picture.leaders[0].individual if picture.leaders else -1
        if picture.run is not None and picture.run.champion is not None:
            champion = picture.run.champion
        self.plot.show(
            arrays.generations,
            arrays.places,
            arrays.of_objective(place) if objective else (),
            arrays.links,
            rungs=arrays.rungs,
            lineage=lineage(picture.individuals, champion),
            unit=metric_text(objective.name) if objective else "",
            direction=objective.direction if objective else "minimize",
            describe=self._describe,
        )
        self.replay.set_last(self.plot.last_generation)

    def _describe(self, number: int) -> str:
        return "" if self._picture is None else live_words.ancestry_text(self._picture, number)

    def retranslate(self, _: RunPicture | None) -> None:
        """Set the texts."""
        self.set_title(self.tr("Genealogy"))
        self.set_note(self.tr("bright: good · lines: parent to child · bold: the best one's lineage"))
        self.plot.setAccessibleName(self.tr("Genealogy"))


def _changes(row: IndividualRow) -> str:
    """The change of an individual that tells most: a card has no room for more."""
    return changes_text(row.changed, 1)


def _all_changes(row: IndividualRow) -> str:
    return changes_text(row.changed)


class LeadersCard(Card):
    """The best individuals.

    Signals:
        opened(int): Number of the individual that the user wants to see.
    """

    opened = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.model = LeadersModel(
            network=network_shape,
            changes=_changes,
            whole_network=network_line,
            all_changes=_all_changes,
            parent=self,
        )
        self.table = PlainTable()
        self.table.setModel(self.model)
        self.table.set_flexible_columns(LeadersModel.NETWORK, LeadersModel.CHANGED)
        self.table.setColumnHidden(LeadersModel.GENERATION, True)
        self.table.activated_row.connect(lambda row: self.opened.emit(self.model.row(row).line.individual))
        self.body.addWidget(self.table, 1)
        self.setMinimumHeight(PLOT_HEIGHT)

    def show_run(self, picture: RunPicture) -> None:
        """Show the first of the leaderboard."""
        self.model.show_picture(picture)

    def retranslate(self, _: RunPicture | None) -> None:
        """Set the texts."""
        self.set_title(self.tr("Best individuals"))
        self.set_note(self.tr("double-click opens one"))
        self.table.setAccessibleName(self.tr("Best individuals"))
        self.table.set_empty_text(self.tr("The best networks are listed here after the first generation."))
        self.model.reword()


class LogCard(Card):
    """What happened, the latest first."""

    def __init__(self) -> None:
        super().__init__()
        self.model = EventsModel(self)
        self.table = PlainTable()
        self.table.setModel(self.model)
        self.table.set_stretch_column(EventsModel.TEXT)
        self.open_button = link_button("", "file")
        self.open_button.clicked.connect(self._open)
        self.open_button.setEnabled(False)
        self.header.addWidget(self.open_button)
        self.body.addWidget(self.table, 1)
        self.setMinimumHeight(_LOG_HEIGHT)
        self._file: Path | None = None

    def show_run(self, picture: RunPicture) -> None:
        """Show the events."""
        self._file = RunFolder(picture.folder).log
        self.open_button.setEnabled(True)
        self.model.show_picture(picture)

    def _open(self) -> None:
        if self._file is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._file)))

    def retranslate(self, _: RunPicture | None) -> None:
        """Set the texts."""
        self.set_title(self.tr("Log"))
        self.set_note(self.tr("the latest first"))
        self.open_button.setText(self.tr("Open the log file"))
        self.table.setAccessibleName(self.tr("Log"))
        self.model.reword()


def _lane(curve: Curve) -> Lane:
    state = _SHOWN.get(curve.state, ALIVE)
    return Lane(curve.individual, curve.fold, state, curve.epochs, curve.validation)


_SHOWN = {str(State.PRUNED): CULLED, str(State.FAILED): FAILED, str(State.INFEASIBLE): FAILED}
