"""Home: the runs of the workspace, what may be done with each, and where a new one begins."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QKeySequence, QPixmap, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QMenu, QWidget

from cambrian.records import RunState
from cambrian.run.facts import UNREADABLE
from cambrian_desktop import run_process, theme
from cambrian_desktop.context import Context
from cambrian_desktop.models import RunsModel
from cambrian_desktop.models.words import size_text
from cambrian_desktop.plots.spark import sparkline
from cambrian_desktop.resources import samples
from cambrian_desktop.run_process import Trashed
from cambrian_desktop.run_watcher import RunEntry, WorkspaceWatcher
from cambrian_desktop.views.home_words import advice, is_live, is_resumable, state_icon
from cambrian_desktop.views.page import Page
from cambrian_desktop.widgets.banners import Banner, UndoBar
from cambrian_desktop.widgets.buttons import ActionButton, action_button, link_button
from cambrian_desktop.widgets.cards import Card
from cambrian_desktop.widgets.drop import DropArea
from cambrian_desktop.widgets.empty import EmptyState
from cambrian_desktop.widgets.labels import text_label
from cambrian_desktop.widgets.tables import PlainTable

_SPARK = QSize(120, 26)
_ROW_HEIGHT = 40
_NARROW = 1000
"""Width of the page under which the table has fewer columns."""
_SEARCHED_FROM = 8
"""So many runs are more than fit a glance: then they can be searched."""


class HomePage(Page):
    """The runs of the workspace.

    Signals:
        open_requested(run_id): The user wants to see a run.
        new_requested(file): The user wants to begin an experiment; with a file, or with an empty text.
        deleted(run_id): A run was moved to the trash.
    """

    open_requested = Signal(str)
    new_requested = Signal(str)
    deleted = Signal(str)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, scroll=False, parent=parent)
        self._entries: list[RunEntry] | None = None
        self._sparks: dict[tuple[float, ...], QPixmap] = {}
        self.model = RunsModel(self._spark, state_icon, self)
        self.banner = Banner()
        self.undo = UndoBar()
        self.new_button = action_button("", "plus-circle", primary=True)
        self.add_action(self.new_button)
        self.content.addWidget(self.banner)
        self.content.addWidget(self.undo)
        self._build_runs()
        self._build_drop()
        self._wire()
        self.retranslate()
        self._show_entries([])
        self.watcher = self._watch()

    def retranslate(self) -> None:
        """Set every text in the language in force."""
        self.new_button.setText(self.tr("New experiment"))
        self.card.set_title(self.tr("Runs"))
        self.table.setAccessibleName(self.tr("Runs"))
        self.search.setPlaceholderText(self.tr("Find a run"))
        self.search.setAccessibleName(self.tr("Find a run"))
        self.open_button.setText(self.tr("Open"))
        self.resume_button.setText(self.tr("Resume"))
        self.folder_button.setText(self.tr("Show folder"))
        self.delete_button.setText(self.tr("Delete"))
        self.empty.set_texts(
            self.tr("Drop a table here"),
            self.tr(
                "CSV, Excel, Parquet and others. Cambrian evolves neural networks for it and says how much"
                " better they predict than simpler models. A sample shows how that goes."
            ),
        )
        self.hint.setText(self.tr("Drop a table here to begin another experiment."))
        for button in (self.choose_button, self.choose_link):
            button.setText(self.tr("Choose a file…"))
        for button in (self.sample_button, self.sample_link):
            button.setText(self.tr("Try the penguins sample"))
        self.model.reword()
        self._say_state()
        self._follow_selection()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Leave out what is said elsewhere too where there is no room for it."""
        super().resizeEvent(event)
        narrow = event.size().width() < _NARROW
        for column in (RunsModel.GENERATIONS, RunsModel.CREATED, RunsModel.RUN):
            self.table.setColumnHidden(column, narrow)

    def entered(self) -> None:
        """Look at the workspace from now on."""
        self.watcher.rest(False)

    def left(self) -> None:
        """Nobody sees the list."""
        self.watcher.rest(True)

    def closing(self) -> None:
        """Make deletions final and let go of the workspace."""
        self.undo.commit_now()
        self.watcher.stop()

    def selected(self) -> RunEntry | None:
        """The run that is selected."""
        index = self.table.currentIndex()
        return self.model.row(index.row()) if index.isValid() else None

    def open_selected(self) -> None:
        """Open the selected run, if it can be read."""
        if (entry := self.selected()) is not None and entry.summary.state != UNREADABLE:
            self.open_requested.emit(entry.summary.id)

    def resume_selected(self) -> None:
        """Go on with the selected run."""
        if (entry := self.selected()) is not None and is_resumable(entry.summary.state):
            self.resume_button.setEnabled(False)
            operation = run_process.resume_run(self.context, entry.folder)
            operation.finished.connect(self._look)
            operation.refused.connect(self._refuse)

    def delete_selected(self) -> None:
        """Move the selected run to the trash, and offer to take that back."""
        if (entry := self.selected()) is not None and not is_live(entry.summary.state):
            operation = run_process.delete_run(entry.folder)
            operation.finished.connect(self._offer_undo)
            operation.refused.connect(self._refuse)

    def show_folder(self) -> None:
        """Show the selected run's folder in the system's file manager."""
        if (entry := self.selected()) is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(entry.folder.path)))

    def choose_file(self) -> None:
        """Let the user choose a table."""
        path, _ = QFileDialog.getOpenFileName(self, self.tr("Choose a table"))
        if path:
            self.new_requested.emit(path)

    def try_sample(self) -> None:
        """Begin with the first sample."""
        if found := samples():
            self.new_requested.emit(str(found[0]))

    def _build_runs(self) -> None:
        self.card = Card()
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(240)
        self.card.header.addWidget(self.search)
        self.table = PlainTable(sortable=True)
        self.table.setModel(self.model)
        self.table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.table.set_flexible_columns(RunsModel.DATA, RunsModel.RUN)
        self.table.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        self.table.setIconSize(QSize(theme.ICON_SIZE, theme.ICON_SIZE))
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.card.body.addWidget(self.table, 1)
        self.advice = text_label(role="muted", wrap=True, selectable=True)
        self.card.body.addWidget(self.advice)
        self.open_button = action_button("", "activity")
        self.resume_button = action_button("", "play")
        self.folder_button = action_button("", "folder")
        self.delete_button = action_button("", "trash")
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE[1])
        for button in (self.open_button, self.resume_button, self.folder_button):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.delete_button)
        self.card.body.addLayout(row)
        self.content.addWidget(self.card, 1)

    def _build_drop(self) -> None:
        self.choose_button, self.choose_link = (
            action_button("", "file", primary=True),
            link_button("", "file"),
        )
        self.sample_button, self.sample_link = action_button("", "download"), link_button("", "download")
        self.empty = EmptyState("download")
        self.empty.add_action(self.choose_button)
        self.empty.add_action(self.sample_button)
        self.hint = text_label(role="muted")
        self._strip = QWidget()
        row = QHBoxLayout(self._strip)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE[2])
        row.addWidget(self.hint, 1)
        row.addWidget(self.choose_link)
        row.addWidget(self.sample_link)
        self.drop = DropArea()
        self.drop.body.addWidget(self.empty)
        self.drop.body.addWidget(self._strip)
        self.content.addWidget(self.drop)

    def _wire(self) -> None:
        self.new_button.clicked.connect(lambda: self.new_requested.emit(""))
        self.drop.dropped.connect(self.new_requested)
        acts: list[tuple[ActionButton, object]] = [
            (self.open_button, self.open_selected),
            (self.resume_button, self.resume_selected),
            (self.folder_button, self.show_folder),
            (self.delete_button, self.delete_selected),
            (self.choose_button, self.choose_file),
            (self.choose_link, self.choose_file),
            (self.sample_button, self.try_sample),
            (self.sample_link, self.try_sample),
        ]
        for button, act in acts:
            button.clicked.connect(act)
        self.search.textChanged.connect(self.model.set_filter)
        self.table.activated_row.connect(lambda row: self.open_selected())
        self.table.customContextMenuRequested.connect(self._show_menu)
        self.table.selectionModel().currentRowChanged.connect(self._follow_selection)
        for signal in (self.model.modelReset, self.model.dataChanged, self.model.rowsRemoved):
            signal.connect(self._follow_selection)
        delete = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.table)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self.delete_selected)
        theme.signals.changed.connect(self._redraw)
        self.context.workspace_changed.connect(self._follow_workspace)

    def _watch(self) -> WorkspaceWatcher:
        run_process.purge_trash(self.context.workspace)
        watcher = WorkspaceWatcher(self.context.workspace, self)
        watcher.changed.connect(self._show_entries)
        watcher.start()
        return watcher

    def _follow_workspace(self) -> None:
        self.undo.commit_now()
        self.watcher.stop()
        self.watcher.deleteLater()
        self._entries = None
        self._show_entries([])
        self.watcher = self._watch()

    def _show_entries(self, entries: list[RunEntry]) -> None:
        self._entries = entries
        chosen = self.table.currentIndex().isValid()
        self.model.set_rows(entries)
        if entries and not chosen:
            self.table.setCurrentIndex(self.model.index(0, 0))
        there = bool(entries)
        self.card.setVisible(there)
        self.search.setVisible(len(entries) >= _SEARCHED_FROM or bool(self.search.text()))
        self.empty.setVisible(not there)
        self._strip.setVisible(there)
        self.new_button.setVisible(there)
        self.content.setStretchFactor(self.drop, 0 if there else 1)
        self._say_state()
        self._follow_selection()

    def _say_state(self) -> None:
        entries = self._entries or []
        place = str(self.context.workspace.path)
        text = self.tr("No run yet in {folder}").format(folder=place)
        if entries:
            text = self.tr("%n runs in {folder}, {size}", "", len(entries)).format(
                folder=place, size=size_text(sum(each.bytes for each in entries))
            )
        self.set_header(self.tr("Home"), text)

    def _follow_selection(self, *_: object) -> None:
        entry = self.selected()
        state = entry.summary.state if entry else ""
        self.open_button.setEnabled(entry is not None and state != UNREADABLE)
        self.resume_button.setVisible(is_resumable(state) or state == RunState.PAUSED)
        self.resume_button.setEnabled(is_resumable(state))
        self.folder_button.setEnabled(entry is not None)
        self.delete_button.setEnabled(entry is not None and not is_live(state))
        self.delete_button.setToolTip(
            self.tr("A run that goes on must be stopped first.") if is_live(state) else ""
        )
        text = advice(entry) if entry else ""
        self.advice.setText(text)
        self.advice.setVisible(bool(text))

    def _spark(self, entry: RunEntry) -> QPixmap | None:
        if not entry.spark:
            return None
        found = self._sparks.get(entry.spark)
        if found is None:
            ratio = self.devicePixelRatioF()
            found = self._sparks[entry.spark] = sparkline(entry.spark, _SPARK, theme.current(), ratio=ratio)
        return found

    def _redraw(self) -> None:
        self._sparks.clear()
        self.model.reword()

    def _look(self, *_: object) -> None:
        self.watcher.look()

    def _refuse(self, problem: str, remedy: str) -> None:
        self.banner.show_message(problem, remedy)
        self._look()
        self._follow_selection()

    def _offer_undo(self, trashed: Trashed) -> None:
        self._look()
        self.deleted.emit(trashed.folder.id)
        self.undo.offer(
            self.tr("The run {run} was deleted.").format(run=trashed.folder.id),
            undo=lambda: self._restore(trashed),
            commit=lambda: run_process.purge(trashed),
        )

    def _restore(self, trashed: Trashed) -> None:
        operation = run_process.restore(trashed)
        operation.finished.connect(self._look)
        operation.refused.connect(self._refuse)

    def _show_menu(self, place: QPoint) -> None:
        if self.selected() is None:
            return
        menu = QMenu(self)
        for button in (self.open_button, self.resume_button, self.folder_button, self.delete_button):
            action = menu.addAction(button.icon(), button.text(), button.click)
            action.setEnabled(button.isEnabled())
            action.setVisible(not button.isHidden())
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.table.viewport().mapToGlobal(place))
