"""A card that folds out in place: a line to press, and fields below it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cambrian.experiment import Experiment
from cambrian_desktop import theme
from cambrian_desktop.views.new_fields import Field, FieldForm
from cambrian_desktop.widgets.buttons import link_button
from cambrian_desktop.widgets.cards import Card


class Fold(QWidget):
    """Fields that fold out below a button; closed at first."""

    changed = Signal(object)

    def __init__(self, fields: Sequence[Field], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.button = link_button("", "chevron-right")
        self.button.setCheckable(True)
        self.form = FieldForm(fields)
        self.form.changed.connect(self.changed)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(theme.SPACE[1])
        whole.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        whole.addWidget(self.form)
        self.button.toggled.connect(self.open)
        self.open(False)

    def set_text(self, text: str) -> None:
        """Name what folds out."""
        self.button.setText(text)
        self.button.setAccessibleName(text)

    def open(self, unfolded: bool) -> None:
        """Fold out or in."""
        self.button.setChecked(unfolded)
        self.button.set_icon("chevron-down" if unfolded else "chevron-right")
        self.form.setVisible(unfolded)

    def show_draft(self, draft: Experiment) -> None:
        """Show what a draft says."""
        self.form.show_draft(draft)


class ExpertCard(Card):
    """The expert settings, folded."""

    changed = Signal(object)

    def __init__(self, fields: Sequence[Field], parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.fold = Fold(fields)
        self.fold.changed.connect(self.changed)
        self.body.addWidget(self.fold)

    def set_text(self, text: str) -> None:
        """Name the card."""
        self.fold.set_text(text)
        self.setAccessibleName(text)
