"""One individual: its genome in plain words, its network, its learning, its parents and what changed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QLocale, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from cambrian.records import State
from cambrian.run.workspace import RunFolder
from cambrian_desktop.figures import figure
from cambrian_desktop.models.words import metric_text
from cambrian_desktop.plots.curves import FoldCurve, LearningCurves
from cambrian_desktop.run_picture import IndividualPicture, RunPicture
from cambrian_desktop.theme import SPACE
from cambrian_desktop.views.card_column import card_column
from cambrian_desktop.views.genome_text import paragraphs
from cambrian_desktop.views.genome_words import change_text
from cambrian_desktop.views.individual_text import (
    changed_note,
    failure_of,
    measures,
    networks_text,
    parent_text,
)
from cambrian_desktop.views.network_drawing import NetworkDrawing
from cambrian_desktop.views.network_layers import parameter_count
from cambrian_desktop.views.run_facts import TableSchema, active_genes
from cambrian_desktop.views.text_rows import TextRows
from cambrian_desktop.widgets.banners import Banner
from cambrian_desktop.widgets.buttons import chip_button
from cambrian_desktop.widgets.cards import Card
from cambrian_desktop.widgets.grid import FlowGrid
from cambrian_desktop.widgets.labels import text_label
from cambrian_desktop.widgets.tables import ROW_HEIGHT, PlainTable

_CURVES_HEIGHT = 280
_PARAGRAPHS = 4
"""Of a genome in words."""


class IndividualPanel(QWidget):
    """Everything about one individual.

    Signals:
        wants(int): Another individual is to be shown: a parent was clicked.
    """

    wants = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run: RunPicture | None = None
        self._individual: IndividualPicture | None = None
        self._schema = TableSchema(self)
        self._schema.found.connect(self._show_network)
        self.failure = Banner()
        self.network_card, self.genome_card, self.curves_card = Card(), Card(), Card()
        self.measures_card, self.origin_card = Card(), Card()
        self.drawing = NetworkDrawing()
        self.genome = [
            (text_label(role="muted"), text_label(wrap=True, selectable=True)) for _ in range(_PARAGRAPHS)
        ]
        self.curves = LearningCurves()
        self.measures = PlainTable()
        self.measure_rows = TextRows(self)
        self.chips = QHBoxLayout()
        self._failed: tuple[str, str] | None = None
        self._chips: list[tuple[int, str]] = []
        self.origin = text_label(role="muted", wrap=True)
        self.changes = text_label(wrap=True, selectable=True)
        self._build()
        self.retranslate()

    @property
    def individual(self) -> IndividualPicture | None:
        """The one that is shown."""
        return self._individual

    def show_picture(self, picture: RunPicture) -> None:
        """Know the run as it stands now."""
        self._run = picture
        self._schema.read(RunFolder(picture.folder))

    def show_individual(self, picture: IndividualPicture) -> None:
        """Show an individual of the run."""
        self._individual = picture
        self.retranslate()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Set every text in the language in force."""
        self.network_card.set_title(self.tr("Network"))
        self.genome_card.set_title(self.tr("Genome"))
        self.curves_card.set_title(self.tr("Learning"))
        self.curves.setAccessibleName(self.tr("Learning curves"))
        self.measures_card.set_title(self.tr("On rows it did not train on"))
        self.measures.setAccessibleName(self.tr("Measures"))
        self.origin_card.set_title(self.tr("Where it comes from"))
        if self._individual is not None and self._run is not None and self._run.run is not None:
            self._show_failure()
            self._show_network()
            self._show_genome()
            self._show_curves()
            self._show_measures()
            self._show_origin()

    def _build(self) -> None:
        self.genome_card.body.setSpacing(SPACE[0])
        for title, text in self.genome:
            self.genome_card.body.addWidget(title)
            self.genome_card.body.addWidget(text)
            self.genome_card.body.addSpacing(SPACE[0])
        self.genome_card.body.addStretch(1)
        self.network_card.body.addWidget(self.drawing)
        self.network_card.body.addStretch(1)
        self.curves.setMinimumHeight(_CURVES_HEIGHT)
        self.curves_card.body.addWidget(self.curves, 1)
        self.measures.setModel(self.measure_rows)
        self.measures.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.measures_card.body.addWidget(self.measures)
        self.chips.setSpacing(SPACE[1])
        self.chips.addStretch(1)
        self.origin_card.body.addWidget(self.origin)
        self.origin_card.body.addLayout(self.chips)
        self.origin_card.body.addWidget(self.changes)
        self.origin_card.body.addStretch(1)
        grid = FlowGrid((1, 1))
        grid.add_card(card_column((self.network_card, 0), (self.genome_card, 0), (self.origin_card, 1)))
        grid.add_card(card_column((self.curves_card, 1), (self.measures_card, 0)))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(SPACE[2])
        whole.addWidget(self.failure)
        whole.addWidget(grid, 1)

    def _show_failure(self) -> None:
        assert self._individual is not None
        failure = failure_of(self._individual)
        if failure == self._failed:  # a message that was dismissed stays so
            return
        self._failed = failure
        if failure is None:
            self.failure.clear()
        else:
            self.failure.show_message(*failure, tone="warn")

    def _show_network(self) -> None:
        if self._individual is None or self._run is None or self._run.run is None:
            return
        layers = self._schema.layers(self._run.run, self._individual.individual.genome)
        self.drawing.set_layers(layers)
        note = self.tr("reading the shapes")
        if layers:
            count = QLocale().toString(parameter_count(layers))
            note = self.tr("{count} parameters").format(count=count)
        self.network_card.set_note(note)

    def _show_genome(self) -> None:
        assert self._individual is not None
        assert self._run is not None
        assert self._run.run is not None
        genes = self._individual.individual.genome
        told = paragraphs(genes, active_genes(self._run.run, genes))
        for (title, text), paragraph in zip(self.genome, told, strict=True):
            title.setText(paragraph.title)
            text.setText(paragraph.text)

    def _show_curves(self) -> None:
        assert self._individual is not None
        assert self._run is not None
        regression = ((self._run.run and self._run.run.resolved) or {}).get("task") == "regression"
        unit = self.tr("validation RMSE") if regression else self.tr("validation log-loss")
        self.curves.show(self._fold_curves(), self._run.rung_epochs, unit)
        self.curves_card.set_note(self.tr("one line a fold · hairlines: rungs"))

    def _fold_curves(self) -> list[FoldCurve]:
        assert self._individual is not None
        found = []
        for row in self._individual.evaluations:
            epochs = self._individual.epochs.get(row.id, ())
            if not epochs:
                continue
            each = row.evaluation
            name = self.tr("fold {number}").format(number=each.fold + 1)
            if each.seed:
                name = self.tr("fold {number}, seed {seed}").format(number=each.fold + 1, seed=each.seed)
            best = each.best_epoch if each.state == State.COMPLETE else None
            numbers = [epoch.epoch for epoch in epochs]
            losses = [epoch.validation_loss for epoch in epochs]
            found.append(FoldCurve(name, numbers, losses, each.fold, best))
        return found

    def _show_measures(self) -> None:
        assert self._individual is not None
        assert self._run is not None
        evaluations = [row.evaluation for row in self._individual.evaluations]
        found = measures(evaluations, [each.name for each in self._run.objectives])
        titles = [self.tr("measure"), self.tr("mean"), self.tr("lowest"), self.tr("highest")]
        rows = [
            (metric_text(each.name), *map(figure, (each.mean, each.lowest, each.highest))) for each in found
        ]
        self.measure_rows.set_table(titles, rows, numbers=(1, 2, 3))
        self.measures.set_stretch_column(0)
        self.measures.setFixedHeight(ROW_HEIGHT * (len(rows) + 1) + 4)
        self.measures.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.measures_card.set_note(networks_text(evaluations))

    def _show_origin(self) -> None:
        assert self._individual is not None
        row = self._individual.individual
        self._show_chips()
        sentences = [self.tr("It has no parents.")]
        if len(self._individual.parents) == 1:
            sentences = [self.tr("Its parent:")]
        elif self._individual.parents:
            sentences = [self.tr("Its parents, the better one first:")]
        if row.inherited is not None:
            sentences.append(
                self.tr("Its training began with the weights of individual {number}.").format(
                    number=row.inherited.parent
                )
            )
        self.origin.setText(" ".join(sentences[::-1]))
        self.changes.setText("\n".join(map(change_text, row.changed)))
        self.changes.setVisible(bool(row.changed))
        self.origin_card.set_note(changed_note(row))

    def _show_chips(self) -> None:
        assert self._individual is not None
        wanted = [
            (parent.number, parent_text(parent.number, parent.values[0] if parent.values else None))
            for parent in self._individual.parents
        ]
        if wanted == self._chips:  # a chip that has the focus keeps it
            return
        self._chips = wanted
        while self.chips.count() > 1:
            item = self.chips.takeAt(0)
            old = item.widget() if item is not None else None
            if old is not None:
                old.hide()
                old.deleteLater()
        for number, text in wanted:
            chip = chip_button(text)
            chip.clicked.connect(lambda _=False, number=number: self.wants.emit(number))
            self.chips.insertWidget(self.chips.count() - 1, chip)
