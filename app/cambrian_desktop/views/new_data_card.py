"""The data: facts of the table, its columns, what was found, and how the file is read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from cambrian.experiment import Experiment
from cambrian_desktop import theme
from cambrian_desktop.views.new_column_detail import Findings, OrderEditor
from cambrian_desktop.views.new_column_table import ColumnTable
from cambrian_desktop.views.new_columns import ColumnsModel
from cambrian_desktop.views.new_draft import with_order, with_role
from cambrian_desktop.views.new_expert_card import Fold
from cambrian_desktop.views.new_expert_fields import READING
from cambrian_desktop.views.new_findings import Action
from cambrian_desktop.views.new_words import number_text, shortened
from cambrian_desktop.widgets.buttons import action_button
from cambrian_desktop.widgets.cards import Card
from cambrian_desktop.widgets.labels import ElidedLabel, set_tone, text_label

SEARCH_FROM = 13
"""Columns from which on they can be searched."""
_LEAST_TABLE = 170


class _Fact(QWidget):
    """A number and what it counts."""

    def __init__(self) -> None:
        super().__init__()
        self.caption = text_label(role="muted")
        self.number = text_label(role="card-title")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.caption)
        whole.addWidget(self.number)


class DataCard(Card):
    """The table that is learnt from.

    Signals: `changed(draft)` when the user changes a role, an order or how the file is read;
    `action_chosen(Action)` when a finding's remedy was pressed; `file_wanted()`.
    """

    changed = Signal(object)
    action_chosen = Signal(object)
    file_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._draft: Experiment | None = None
        self._profile: Mapping[str, Any] = {}
        self.columns = ColumnsModel(self)
        self.table = ColumnTable(self.columns)
        self.table.setMinimumHeight(_LEAST_TABLE)
        self._facts = [_Fact() for _ in range(4)]
        self.busy = ElidedLabel(role="muted")
        self.another = action_button("", "folder")
        self.another.clicked.connect(self.file_wanted)
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(280)
        self.warned = QCheckBox()
        self._table_findings = Findings()
        self._column_name = ElidedLabel(role="card-title")
        self._column_facts = ElidedLabel(role="muted")
        self.findings = Findings()
        self.order = OrderEditor()
        self.reading = Fold(READING)
        self._lay_out()
        self.table.role_chosen.connect(self._choose_role)
        self.table.current_changed.connect(self._show_column)
        self.search.textChanged.connect(self._filter)
        self.warned.toggled.connect(self._filter)
        self.order.changed.connect(self._choose_order)
        self.reading.changed.connect(self.changed)
        for findings in (self._table_findings, self.findings):
            findings.chosen.connect(self._act)
        self.retranslate()

    def retranslate(self) -> None:
        """Set the texts."""
        self.set_title(self.tr("Data"))
        self.another.setText(self.tr("Another file…"))
        self.another.setAccessibleName(self.tr("Another file…"))
        self.search.setPlaceholderText(self.tr("Search columns"))
        self.search.setAccessibleName(self.tr("Search columns"))
        self.warned.setText(self.tr("Only with warnings"))
        self.table.setAccessibleName(self.tr("Columns of the table"))
        self.reading.set_text(self.tr("How the file is read"))
        self.columns.retranslate()
        self._show_facts()
        self._show_column(self.table.source_row())

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def show_profile(self, profile: Mapping[str, Any], draft: Experiment) -> None:
        """Show what `inspect` found."""
        self._profile, self._draft = profile, draft
        self.columns.set_profile(profile, draft)
        many = len(self.columns.names) >= SEARCH_FROM
        for widget in (self.search, self.warned):
            widget.setVisible(many)
        if not many:
            self.search.clear()
            self.warned.setChecked(False)
        self._show_facts()
        self.reading.show_draft(draft)
        self._table_findings.show_findings([each for each in profile["warnings"] if not each["column"]])
        self._show_column(self.table.source_row())

    def clear(self, draft: Experiment) -> None:
        """Forget the table: another one is being read."""
        self._profile, self._draft = {}, draft
        self.set_note(shortened(Path(draft.data.file).name, 60))
        self.columns.clear()
        for widget in (self.search, self.warned):
            widget.hide()
        self._show_facts()
        self._table_findings.show_findings([])
        self._show_column(-1)
        self.reading.show_draft(draft)

    def show_draft(self, draft: Experiment) -> None:
        """Show what the draft says before the table was inspected anew."""
        self._draft = draft
        self.columns.set_draft(draft)
        self.reading.show_draft(draft)

    def show_busy(self, text: str) -> None:
        """Say that the table is being read; empty: it is not."""
        self.busy.setText(text)

    def _show_facts(self) -> None:
        profile = self._profile
        columns = profile.get("columns", ())
        missing = sum(int(each["missing"]) for each in columns)
        facts = (
            (self.tr("rows"), profile.get("rows")),
            (self.tr("columns"), len(columns)),
            (self.tr("missing cells"), missing),
            (self.tr("repeated rows"), profile.get("duplicates")),
        )
        for widget, (caption, count) in zip(self._facts, facts, strict=True):
            number = number_text(int(count or 0)) if profile else "–"
            widget.caption.setText(caption)
            widget.number.setText(number)
            widget.setAccessibleName(f"{caption}: {number}")

    def _show_column(self, row: int) -> None:
        shown = 0 <= row < len(self.columns.names)
        for widget in (self._column_name, self._column_facts):
            widget.setVisible(shown)
        if not shown:
            self.findings.show_findings([])
            self.order.show_order(())
            return
        column = self.columns.column(row)
        self._column_name.setText(str(column["name"]))
        self._column_facts.setText(self._sentence(column))
        self.findings.show_findings(column["warnings"], column)
        ordinal = self.columns.role(row) == "ordinal" and column["role"] == "ordinal"
        chosen = self._draft.data.ordinal.get(str(column["name"])) if self._draft else None
        self.order.show_order(chosen or (column["categories"] if ordinal else ()))

    def _sentence(self, column: Mapping[str, Any]) -> str:
        parts = [self.tr("%n different values", "", int(column["distinct"]))]
        if column["missing"]:
            parts.append(self.tr("%n missing", "", int(column["missing"])))
        if column["mean"] is not None:
            parts.append(self.tr("mean {mean}").format(mean=number_text(column["mean"])))
        if len(column["quartiles"]) == 3:
            middle = number_text(column["quartiles"][1])
            parts.append(self.tr("median {median}").format(median=middle))
        return " · ".join(parts)

    def _filter(self) -> None:
        self.table.filter.set_filter(self.search.text(), warned=self.warned.isChecked())

    def _choose_role(self, column: str, role: str) -> None:
        if self._draft is not None:
            draft = with_role(self._draft, column, role)
            if draft != self._draft:
                self.changed.emit(draft)

    def _choose_order(self, order: list[str]) -> None:
        row = self.table.source_row()
        if self._draft is not None and row >= 0:
            self.changed.emit(with_order(self._draft, self.columns.names[row], order))

    def _act(self, action: Action) -> None:
        self.action_chosen.emit(action)

    def _lay_out(self) -> None:
        facts = QHBoxLayout()
        facts.setSpacing(theme.SPACE[3])
        for fact in self._facts:
            facts.addWidget(fact)
        facts.addStretch(1)
        facts.addWidget(self.busy, 3)
        facts.addWidget(self.another)
        searching = QHBoxLayout()
        searching.setSpacing(theme.SPACE[2])
        searching.addWidget(self.search, 1)
        searching.addWidget(self.warned)
        searching.addStretch(1)
        names = QHBoxLayout()
        names.setSpacing(theme.SPACE[1])
        self._column_name.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        names.addWidget(self._column_name)
        names.addWidget(self._column_facts, 1)
        set_tone(self.busy, "accent")
        for part in (facts, self._table_findings, searching, self.table, names, self.findings, self.order):
            if isinstance(part, QWidget):
                self.body.addWidget(part, 1 if part is self.table else 0)
            else:
                self.body.addLayout(part)
        self.body.addWidget(self.reading)
