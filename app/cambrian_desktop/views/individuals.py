"""All individuals of a run in a table, and one of them in full."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QLineEdit, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from cambrian.store.rows import IndividualRow
from cambrian_desktop import theme
from cambrian_desktop.context import Context
from cambrian_desktop.models import IndividualsModel
from cambrian_desktop.models.words import count_text
from cambrian_desktop.run_picture import IndividualPicture, RunPicture
from cambrian_desktop.theme import SPACE
from cambrian_desktop.views.genome_text import network_line
from cambrian_desktop.views.genome_words import changes_text
from cambrian_desktop.views.individual import IndividualPanel
from cambrian_desktop.views.individual_text import state_line
from cambrian_desktop.views.page import Page
from cambrian_desktop.widgets.buttons import action_button
from cambrian_desktop.widgets.cards import Card
from cambrian_desktop.widgets.empty import EmptyState
from cambrian_desktop.widgets.tables import PlainTable

_CHANGES = 1
"""Changed genes that a row of the table names."""


def row_changes(row: IndividualRow) -> str:
    """What an individual changed, short enough for a row."""
    return changes_text(row.changed, _CHANGES)


class IndividualsPage(Page):
    """Every individual of a run; a double-click or Return opens one.

    Signals:
        wants(int): That individual is to be read, and given to `show_individual`.
    """

    wants = Signal(int)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, scroll=False, parent=parent)
        self._picture: RunPicture | None = None
        self._trail: list[int] = []
        self._asked: set[int] = set()
        self.model = IndividualsModel(network_line, row_changes, self)
        self.search = QLineEdit()
        self.table = PlainTable(sortable=True)
        self.empty = EmptyState("list")
        self.panel = IndividualPanel()
        self.back = action_button("", "arrow-undo")
        self.places = QStackedWidget()
        self._build()
        self.retranslate()

    @property
    def open_number(self) -> int | None:
        """The individual that is open; None while the table is shown."""
        return self._trail[-1] if self._trail else None

    def show_picture(self, picture: RunPicture) -> None:
        """Show the run as it stands now."""
        if self._picture is not None and picture.folder != self._picture.folder:
            self.close_individual()
        self._picture = picture
        self.model.show_picture(picture)
        self.panel.show_picture(picture)
        if self.open_number is None:
            self._show_table()
        else:
            self._ask(self.open_number)  # what it shows may have changed
        self._set_header()

    def show_individual(self, picture: IndividualPicture) -> None:
        """Show an individual; one that this page asked for and has left meanwhile is not shown."""
        number = picture.individual.number
        was_asked = number in self._asked
        self._asked.clear()  # of several questions that wait only the last is answered
        if number != self.open_number:
            if was_asked:
                return
            self._trail.append(number)  # another page asked for it
        self.panel.show_individual(picture)
        arrives = self.places.currentIndex() != 2
        self.places.setCurrentIndex(2)
        self._set_header()
        if arrives:
            self.back.setFocus(Qt.FocusReason.OtherFocusReason)

    def open_individual(self, number: int) -> None:
        """Open an individual; Back then goes to where we are now."""
        if number != self.open_number:
            self._trail.append(number)
        self._ask(number)

    def close_individual(self) -> None:
        """Go back to the table."""
        self._trail.clear()
        self._show_table()
        self._set_header()

    def go_back(self) -> None:
        """Go back to the individual before, or to the table."""
        if len(self._trail) > 1:
            self._trail.pop()
            self._ask(self._trail[-1])
        elif self._trail:
            opened = self._trail[-1]
            self.close_individual()
            place = self.model.place_of(opened)
            if place is not None:
                self.table.setCurrentIndex(self.model.index(place, 0))
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def retranslate(self) -> None:
        """Set every text in the language in force."""
        self.search.setPlaceholderText(self.tr("Search: a number, ReLU, mutation, learning rate …"))
        self.search.setAccessibleName(self.tr("Search individuals"))
        self.table.setAccessibleName(self.tr("Individuals"))
        self.back.setText(self.tr("Back"))
        self.empty.set_texts(
            self.tr("No individuals yet"),
            self.tr("They appear here as soon as the data is prepared and the first generation is drawn."),
        )
        self.model.reword()
        self._set_header()

    def _build(self) -> None:
        self.add_action(self.back)
        self.back.clicked.connect(self.go_back)
        shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Back), self)
        shortcut.activated.connect(self.go_back)
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(420)
        self.search.textChanged.connect(self._filter)
        self.table.setModel(self.model)
        self.model.modelReset.connect(self._fit_columns)
        self._fit_columns()
        self.table.activated_row.connect(lambda place: self.open_individual(self.model.row(place).number))
        self.panel.wants.connect(self.open_individual)
        card = Card()
        card.body.addWidget(self.search)
        card.body.addWidget(self.table, 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = QWidget()
        inner.setProperty("part", "page-content")
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, SPACE[0], 0)
        column.addWidget(self.panel)
        area.setWidget(inner)
        area.viewport().setAutoFillBackground(False)
        for place in (self.empty, card, area):
            self.places.addWidget(place)
        self.content.addWidget(self.places, 1)
        theme.signals.changed.connect(self.table.viewport().update)

    def _fit_columns(self) -> None:
        """Let network, origin and what changed share the room that the others leave."""
        columns = self.model.columnCount()
        for column in range(columns):  # parents stand on the individual itself, as chips to click
            self.table.setColumnHidden(column, column == columns - 1)
        self.table.set_flexible_columns(columns - 4, columns - 3, columns - 2)

    def _ask(self, number: int) -> None:
        self._asked.add(number)
        self.wants.emit(number)

    def _filter(self, text: str) -> None:
        self.model.set_filter(text)
        self._set_header()

    def _show_table(self) -> None:
        there = self._picture is not None and len(self._picture.individuals) > 0
        self.places.setCurrentIndex(1 if there else 0)

    def _set_header(self) -> None:
        shown = self.panel.individual
        opened = self.open_number is not None and self.places.currentIndex() == 2 and shown is not None
        self.back.setVisible(opened)
        if opened and shown is not None and self._picture is not None:
            run = self._picture.run
            champion = run is not None and run.champion == shown.individual.number
            self.set_header(
                self.tr("Individual {number}").format(number=shown.individual.number),
                state_line(shown, champion=champion),
            )
            return
        self.set_header(self.tr("Individuals"), self._table_line())

    def _table_line(self) -> str:
        if self._picture is None or not len(self._picture.individuals):
            return self.tr("Every network of the run will be listed here.")
        count, shown = len(self._picture.individuals), self.model.rowCount()
        if shown != count:
            return self.tr("{shown} of {count} networks").format(
                shown=count_text(shown), count=count_text(count)
            )
        return self.tr("{count} networks · double-click or Return opens one").format(count=count_text(count))
