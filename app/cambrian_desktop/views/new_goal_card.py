"""The goal: which column is predicted, as what, and what is optimised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QWidget

from cambrian.errors import UserFacingError
from cambrian.experiment import Data, Experiment
from cambrian.training.metrics import METRICS, default_objective, objective_names
from cambrian_desktop import theme
from cambrian_desktop.views.new_draft import with_objectives, with_role
from cambrian_desktop.views.new_words import measure_name, shortened, task_name
from cambrian_desktop.widgets.cards import Card
from cambrian_desktop.widgets.choices import Choice
from cambrian_desktop.widgets.labels import plain_tooltip, text_label

TASKS: tuple[str, ...] = get_args(Data.model_fields["task"].annotation)
"""Of an experiment; the module of targets says them too, but loads what the window must not."""

_TOOLTIP = Qt.ItemDataRole.ToolTipRole


class GoalCard(Card):
    """Target, task, positive class and objectives; `changed(draft)` comes when the user changes one.

    Signals: `refused(problem, remedy)` where a choice cannot be taken.
    """

    changed = Signal(object)
    refused = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._draft: Experiment | None = None
        self._profile: Mapping[str, Any] | None = None
        self._names: Sequence[str] = ()
        self.target = Choice()
        self.task = Choice()
        self.positive = Choice()
        self.first = Choice()
        self.second = Choice()
        self.merge = QCheckBox()
        self._labels: dict[QWidget, QLabel] = {}
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(theme.SPACE[2])
        self._grid.setVerticalSpacing(theme.SPACE[1])
        self._grid.setColumnStretch(1, 1)
        for place, widget in enumerate((self.target, self.task, self.positive, self.first, self.second)):
            label = self._labels[widget] = text_label(role="muted")
            label.setBuddy(widget)
            self._grid.addWidget(label, place, 0)
            self._grid.addWidget(widget, place, 1)
        self._grid.addWidget(self.merge, 5, 0, 1, 2)
        self.body.addLayout(self._grid)
        self.target.chosen.connect(self._choose_target)
        self.task.chosen.connect(lambda task: self._change(data={"task": task}, search={"objectives": ()}))
        self.positive.chosen.connect(lambda label: self._change(data={"positive": label}))
        self.merge.clicked.connect(lambda on: self._change(data={"merge_labels": on}))
        self.first.chosen.connect(lambda _: self._choose_objectives())
        self.second.chosen.connect(lambda _: self._choose_objectives())
        self.retranslate()

    def retranslate(self) -> None:
        """Set the texts."""
        self.set_title(self.tr("Goal"))
        for widget, text in (
            (self.target, self.tr("Target")),
            (self.task, self.tr("Task")),
            (self.positive, self.tr("Positive")),
            (self.first, self.tr("Optimise")),
            (self.second, self.tr("and also")),
        ):
            self._labels[widget].setText(text)
            widget.setAccessibleName(text)
        self.target.setToolTip(self.tr("The column to predict."))
        self.positive.setToolTip(self.tr("The class that counts as found; if not said, the rarer one."))
        self.merge.setText(self.tr("Classes that differ only by case or blanks are one"))
        self._show()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def set_columns(self, names: Sequence[str]) -> None:
        """Offer these columns as targets."""
        if list(names) != list(self._names):
            self._names = names
            self._offer_targets()

    def show_draft(self, draft: Experiment, profile: Mapping[str, Any] | None) -> None:
        """Show what a draft says; the profile tells task and classes where it is of the draft's target."""
        self._draft, self._profile = draft, profile
        self._show()

    def _offer_targets(self) -> None:
        self.target.blockSignals(True)
        self.target.clear()
        self.target.addItem(self.tr("Choose the column to predict"), "")
        for name in self._names:
            self.target.addItem(shortened(name, 48), name)
            if len(name) > 48:
                self.target.setItemData(self.target.count() - 1, plain_tooltip(name), _TOOLTIP)
        self.target.blockSignals(False)

    def _show(self) -> None:
        draft = self._draft
        if draft is None:
            return
        if self.target.count() != len(self._names) + 1:
            self._offer_targets()
        self.target.setItemText(0, self.tr("Choose the column to predict"))
        self.target.set_value(draft.data.target)
        named = bool(draft.data.target)
        task = self._task()
        found = self.tr("automatic: {task}").format(task=task_name(task)) if task else task_name("auto")
        self.task.set_options((each, found if each == "auto" else task_name(each)) for each in TASKS)
        self.task.set_value(draft.data.task)
        self._show_positive(task)
        self._show_objectives(task)
        for widget in (self.task, self.first, self.second):
            widget.setEnabled(named)
            self._labels[widget].setEnabled(named)
        alike = any(each["code"] == "labels_alike" for each in (self._profile or {}).get("warnings", ()))
        self.merge.setVisible(draft.data.merge_labels or alike)
        self.merge.setChecked(draft.data.merge_labels)

    def _task(self) -> str:
        """What will be learnt, as far as it is known."""
        draft, profile = self._draft, self._profile
        if draft is None or not draft.data.target:
            return ""
        if draft.data.task != "auto":
            return draft.data.task
        return str(profile["task"]) if profile and profile["target"] == draft.data.target else ""

    def _show_positive(self, task: str) -> None:
        draft = self._draft
        assert draft is not None
        classes = list((self._profile or {}).get("classes", ())) if task == "binary" else []
        shown = len(classes) == 2
        if shown:
            rarer = shortened(classes[1]) if not draft.data.positive else self.tr("the rarer one")
            options = [("", self.tr("automatic: {label}").format(label=rarer))]
            self.positive.set_options([*options, *((label, shortened(label)) for label in sorted(classes))])
            self.positive.set_value(draft.data.positive)
        self.positive.setVisible(shown)
        self._labels[self.positive].setVisible(shown)

    def _show_objectives(self, task: str) -> None:
        draft = self._draft
        assert draft is not None
        known = objective_names(task) if task in TASKS[1:] else ()  # type: ignore[arg-type]
        default = default_objective(task).name if known else ""  # type: ignore[arg-type]
        chosen = [name for name in draft.search.objectives if name in known or not known]
        first = chosen[0] if chosen else ""
        names = list(dict.fromkeys((*known, *chosen)))
        automatic = self.tr("automatic: {measure}").format(measure=measure_name(default))
        self.first.set_options(
            [("", automatic if default else task_name("auto")), *((each, _directed(each)) for each in names)]
        )
        self.first.set_value(first)
        rest = tuple(chosen[1:])
        options: list[tuple[Any, str]] = [((), self.tr("nothing else"))]
        options += [((name,), _directed(name)) for name in names if name != (first or default)]
        if len(rest) > 1:
            options.append((rest, ", ".join(measure_name(name) for name in rest)))
        self.second.set_options(options)
        self.second.set_value(rest)

    def _choose_target(self, name: str) -> None:
        draft = self._draft
        if draft is None:
            return
        if name:
            self._tell(with_role(draft, name, "target"))
        elif draft.data.target:
            self._tell(with_role(draft, draft.data.target, ""))

    def _choose_objectives(self) -> None:
        if self._draft is None:
            return
        first, others = str(self.first.value() or ""), tuple(self.second.value() or ())
        task = self._task()
        if others and not first and task in TASKS[1:]:
            first = default_objective(task).name  # type: ignore[arg-type]
        self._tell(with_objectives(self._draft, first, [name for name in others if name != first]))

    def _change(self, **sections: dict[str, Any]) -> None:
        if self._draft is None:
            return
        try:
            self._tell(self._draft.changed(**sections))
        except UserFacingError as error:
            self.refused.emit(error.problem, error.remedy)
            self._show()

    def _tell(self, draft: Experiment) -> None:
        if draft != self._draft:
            self._draft = draft
            self.changed.emit(draft)


def _directed(name: str) -> str:
    """A measure with the direction that is better: up or down."""
    rises = name in METRICS and METRICS[name].direction == "maximize"
    return f"{measure_name(name)} {'↑' if rises else '↓'}"
