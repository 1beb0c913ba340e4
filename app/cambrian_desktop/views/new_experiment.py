"""The page of a new experiment: a file, a target, Start; everything else has a default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QWidget

from cambrian.errors import UserFacingError
from cambrian.experiment import Experiment
from cambrian.workers.devices import available_cores, default_workers
from cambrian_desktop.context import Context
from cambrian_desktop.earlier_runs import EarlierRun, earlier_runs
from cambrian_desktop.inspection import Inspection
from cambrian_desktop.operation import Operation
from cambrian_desktop.run_process import start_run
from cambrian_desktop.views.new_body import Body
from cambrian_desktop.views.new_data_card import DataCard
from cambrian_desktop.views.new_draft import (
    command_line,
    first_draft,
    inspect_arguments,
    opened_draft,
    with_file,
    without_columns,
    without_strangers,
)
from cambrian_desktop.views.new_estimate import estimate, table_size
from cambrian_desktop.views.new_evolution_card import EvolutionCard
from cambrian_desktop.views.new_expert_card import ExpertCard
from cambrian_desktop.views.new_expert_fields import EXPERT
from cambrian_desktop.views.new_findings import Action, finding_actions, refusal_actions
from cambrian_desktop.views.new_goal_card import GoalCard
from cambrian_desktop.views.new_refusal import Refusal
from cambrian_desktop.views.new_start_bar import StartBar
from cambrian_desktop.views.new_start_page import FirstFile
from cambrian_desktop.views.page import Page
from cambrian_desktop.widgets.buttons import action_button
from cambrian_desktop.widgets.drop import FileDrops

_PATIENCE_MS = 150
"""Between a change and looking at the table anew: several changes in a row are one question."""
_COPIED_MS = 1500
_START_KEYS = "Ctrl+Return"


class NewExperimentPage(Page):
    """Makes an experiment and starts it; `started(run_id)` comes once the run is there.

    Attributes:
        draft: What the form says; None before the first file.
        profile: What `inspect` last said of the file; None until it answered.
    """

    started = Signal(str)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, scroll=False, parent=parent)
        self.draft: Experiment | None = None
        self.profile: Mapping[str, Any] | None = None
        self._earlier: Sequence[EarlierRun] = ()
        self._asked: list[str] = []
        self._answered: Experiment | None = None
        self._refused = False
        self._starting = False
        self.inspection = Inspection(context, self)
        self.refusal = Refusal()
        self.first_file = FirstFile()
        self.data = DataCard()
        self.goal = GoalCard()
        self.evolution = EvolutionCard(available_cores(), default_workers())
        self.expert = ExpertCard(EXPERT)
        self.bar = StartBar()
        self.open_toml = action_button("", "file")
        self.copy_toml = action_button("", "copy")
        self.copy_command = action_button("", "copy")
        self._later = QTimer(self, interval=_PATIENCE_MS, singleShot=True)
        self._copied = QTimer(self, interval=_COPIED_MS, singleShot=True)
        self._lay_out()
        self._wire()
        self.retranslate()

    def retranslate(self) -> None:
        """Set every text."""
        self.set_header(
            self.tr("New experiment"), self.tr("A file, a target, Start. Everything else has a good default.")
        )
        for button, text in (
            (self.open_toml, self.tr("Open TOML…")),
            (self.copy_toml, self.tr("Copy TOML")),
            (self.copy_command, self.tr("Copy command")),
        ):
            button.setText(text)
            button.setAccessibleName(text)
        self.open_toml.setToolTip(self.tr("Open an experiment that was saved as TOML"))
        self.copy_toml.setToolTip(self.tr("Copy the experiment, every setting with its meaning"))
        self.copy_command.setToolTip(self.tr("Copy the command that starts this run in a terminal"))
        self.expert.set_text(self.tr("Expert settings"))
        self.bar.retranslate()
        keys = QKeySequence(_START_KEYS).toString(QKeySequence.SequenceFormat.NativeText)
        self.bar.button.setToolTip(keys)
        self._show_start()

    def entered(self) -> None:
        """Look how fast earlier runs were."""
        workspace = self.context.workspace
        looking = Operation(lambda: earlier_runs(workspace))
        looking.finished.connect(self._take_earlier)

    def closing(self) -> None:
        """End the process that reads the file."""
        self._later.stop()
        self.inspection.cancel()

    def open_file(self, path: str, target: str = "") -> None:
        """Begin with a table, or with an experiment if it is a TOML file.

        Args:
            path: The file.
            target: The column to predict, where it is known.
        """
        if path.lower().endswith(".toml"):
            self.open_experiment(path)
            return
        try:
            made = first_draft(path, workers=self.context.workers or 0)
            draft = made if self.draft is None else with_file(self.draft, path)
            if target:
                draft = draft.changed(data={"target": target})
        except UserFacingError as error:
            self.refusal.say(error.problem, error.remedy)
            return
        self._begin(draft)

    def open_experiment(self, path: str) -> None:
        """Show an experiment of a TOML file."""
        try:
            draft = opened_draft(Path(path))
        except UserFacingError as error:
            self.refusal.say(error.problem, error.remedy)
            return
        self._begin(draft)

    def choose_file(self) -> None:
        """Let the user choose a table."""
        path, _ = QFileDialog.getOpenFileName(self, self.tr("Choose a table"))
        if path:
            self.open_file(path)

    def choose_toml(self) -> None:
        """Let the user choose an experiment."""
        kinds = self.tr("Experiments") + " (*.toml)"
        path, _ = QFileDialog.getOpenFileName(self, self.tr("Open an experiment"), "", kinds)
        if path:
            self.open_experiment(path)

    def start(self) -> None:
        """Start the run, unless something is missing."""
        if self.draft is None or not self.bar.button.isEnabled():
            return
        try:
            name = Path(self.draft.data.file).stem
            run_id = self.context.workspace.new(name).id
            text = self.draft.to_toml()
        except UserFacingError as error:
            self.refusal.say(error.problem, error.remedy)
            return
        self._starting = True
        self._show_start()
        starting = start_run(self.context, text, run_id)
        starting.finished.connect(self._has_started)
        starting.refused.connect(self._not_started)

    def set_draft(self, draft: Experiment) -> None:
        """Show another draft, and look at the table anew if that makes a difference to it."""
        self.draft = draft
        self.data.show_draft(draft)
        self._show_settings()
        self._later.start()

    def _begin(self, draft: Experiment) -> None:
        """Show a draft of another file."""
        self.draft, self.profile, self._answered, self._asked = draft, None, None, []
        self.expert.fold.form.forget_errors()
        self.data.reading.form.forget_errors()
        self.data.clear(draft)
        self.goal.set_columns(())
        self.refusal.clear()
        self._stack.setCurrentWidget(self.body)
        self.retranslate()
        self._show_settings()
        self._look()

    def _look(self) -> None:
        """Ask what the table holds, unless that is what was asked last."""
        if self.draft is None:
            return
        try:
            arguments = inspect_arguments(self.draft)
        except UserFacingError as error:
            self._asked = []
            self._refuse(error.problem, error.remedy)
            return
        if arguments != self._asked:
            self._ask(arguments)

    def _ask(self, arguments: list[str]) -> None:
        assert self.draft is not None
        self._asked, self._refused = arguments, False
        self.refusal.clear()
        name = Path(self.draft.data.file).name
        self.data.show_busy(self.tr("Reading {name}…").format(name=name))
        self.inspection.ask(arguments, name)
        self._show_start()

    def _read(self, profile: dict[str, Any]) -> None:
        """Show what the table holds."""
        assert self.draft is not None
        first = self.profile is None
        self.profile = profile
        names = [str(each["name"]) for each in profile["columns"]]
        known = without_strangers(self.draft, names)
        lost = known != self.draft
        self.draft = known
        judged = known.data.target == profile["target"] or not known.data.target
        if judged and not lost:
            self._answered = known
        self.goal.set_columns(names)
        self.data.show_profile(profile, known)
        self._show_settings()
        if lost:
            self._look()
            self.refusal.note(
                self.tr("The table has not all the columns that were named."),
                self.tr("What was said of the others is forgotten; look at roles and target again."),
            )
        elif profile["refusals"]:
            self._refused = True
            refusal = profile["refusals"][0]
            self.refusal.say(refusal["message"], refusal["remedy"], actions=finding_actions(refusal))
        elif first and known.data.target:
            self._look()
        self._show_start()

    def _refuse(self, problem: str, remedy: str) -> None:
        """Say why the table, or what the form says of it, cannot be used."""
        self._refused = True
        actions = refusal_actions(problem, remedy)
        good = self._answered
        if not actions and good is not None and good != self.draft:
            actions = [Action(self.tr("Take back the last change"), lambda _: good)]
        self.refusal.say(problem, remedy, actions=actions)
        if self.draft is not None and self.profile is None:
            # What an experiment says of columns may be wrong; the table itself can be shown all the same.
            plain = without_columns(self.draft)
            if plain != self.draft and self._asked != inspect_arguments(plain):
                self._asked = inspect_arguments(plain)
                self.inspection.ask(self._asked, Path(self.draft.data.file).name)
        self._show_start()

    def _act(self, action: Action) -> None:
        """Do what a remedy's button says."""
        if self.draft is None:
            return
        try:
            self.set_draft(action.apply(self.draft))
        except UserFacingError as error:
            self._refuse(error.problem, error.remedy)

    def _show_settings(self) -> None:
        draft = self.draft
        if draft is not None:
            self.goal.show_draft(draft, self.profile)
            self.evolution.show_draft(draft)
            self.expert.fold.show_draft(draft)
        self._show_start()

    def _show_start(self) -> None:
        """Say what a run would do, or what is missing."""
        draft = self.draft
        ready = draft is not None and bool(draft.data.file and draft.data.target)
        for button in (self.copy_toml, self.copy_command):
            button.setEnabled(ready)
        if self._starting:
            self.bar.show_starting()
        elif draft is None or not draft.data.target:
            self.bar.show_missing(self.tr("Choose the column to predict"), self.tr("Then the run can start."))
        elif self._refused:
            self.bar.show_missing(
                self.tr("This cannot be learnt yet"), self.tr("Why, and what to do, stands above.")
            )
        elif self.expert.fold.form.wrong or self.data.reading.form.wrong:
            self.bar.show_missing(
                self.tr("A setting cannot be taken"), self.tr("It is marked, with the reason below it.")
            )
        elif not (draft.budget.minutes or draft.budget.generations or draft.budget.evaluations):
            self.bar.show_missing(
                self.tr("Say when it ends"), self.tr("Set a time, or generations or networks.")
            )
        else:
            self.bar.show_estimate(self._estimate(draft), now=datetime.now())

    def _estimate(self, draft: Experiment) -> Any:
        if self.profile is None:
            return None
        workers = draft.execution.workers or default_workers()
        return estimate(draft, table_size(self.profile), workers=workers, earlier=self._earlier)

    def _take_earlier(self, runs: object) -> None:
        assert isinstance(runs, list)
        self._earlier = runs
        self._show_start()

    def _has_started(self, run_id: object) -> None:
        self._starting = False
        self._show_start()
        self.started.emit(str(run_id))

    def _not_started(self, problem: str, remedy: str) -> None:
        self._starting = False
        self.refusal.say(problem, remedy)
        self._show_start()

    def _copy(self, button: Any, *, command: bool) -> None:
        if self.draft is None:
            return
        try:
            text = command_line(self.draft) if command else self.draft.to_toml()
        except UserFacingError as error:
            self.refusal.say(error.problem, error.remedy)
            return
        QGuiApplication.clipboard().setText(text)
        button.setText(self.tr("Copied"))
        self._copied.start()

    def _lay_out(self) -> None:
        self.body = Body(self.data, (self.goal, self.evolution, self.expert), self.bar)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.first_file)
        self._stack.addWidget(self.body)
        self.content.addWidget(self.refusal)
        self.content.addWidget(self._stack, 1)
        for button in (self.open_toml, self.copy_toml, self.copy_command):
            self.add_action(button)
        FileDrops(self, self.open_file)

    def _wire(self) -> None:
        self.refusal.chosen.connect(self._act)
        self.first_file.dropped.connect(self.open_file)
        self.first_file.file_wanted.connect(self.choose_file)
        self.data.file_wanted.connect(self.choose_file)
        self.data.action_chosen.connect(self._act)
        for card in (self.data, self.goal, self.evolution, self.expert):
            card.changed.connect(self.set_draft)
        for card in (self.goal, self.evolution):
            card.refused.connect(self.refusal.say)
        self.bar.start_wanted.connect(self.start)
        QShortcut(QKeySequence(_START_KEYS), self, self.start, Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.open_toml.clicked.connect(self.choose_toml)
        self.copy_toml.clicked.connect(lambda: self._copy(self.copy_toml, command=False))
        self.copy_command.clicked.connect(lambda: self._copy(self.copy_command, command=True))
        self._later.timeout.connect(self._look)
        self._copied.timeout.connect(self.retranslate)
        self.inspection.read.connect(self._read)
        self.inspection.refused.connect(self._refuse)
        self.inspection.progress.connect(self.data.show_busy)
        self.inspection.busy_changed.connect(lambda busy: None if busy else self.data.show_busy(""))
        self.context.workspace_changed.connect(self.entered)
