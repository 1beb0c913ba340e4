"""The page Live: what a run does now, and what it has found so far."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from cambrian.records import RunState
from cambrian.run.facts import ENDED_UNEXPECTEDLY, UNREADABLE
from cambrian.run.workspace import RunFolder
from cambrian_desktop.context import Context
from cambrian_desktop.operation import Operation
from cambrian_desktop.run_picture import RunPicture
from cambrian_desktop.views import live_words
from cambrian_desktop.views.live_cards import FitnessCard, GenealogyCard, LeadersCard, LogCard, TrainingCard
from cambrian_desktop.views.live_last_words import last_words
from cambrian_desktop.views.live_series import Series
from cambrian_desktop.views.page import Page
from cambrian_desktop.widgets.banners import Banner
from cambrian_desktop.widgets.buttons import ActionButton, action_button
from cambrian_desktop.widgets.grid import FlowGrid
from cambrian_desktop.widgets.tiles import Tile

_ANSWERS = frozenset({"pausing", "paused", "resumed", "stopping", "request-ignored"})
_STANDS = frozenset({"interrupted", "failed", ENDED_UNEXPECTEDLY})
"""States in which no process executes the run and one could go on with it."""

_NO_RUN = RunPicture(Path(), str(RunState.PREPARING))


class LivePage(Page):
    """Follows a run through the pictures it is handed; it never reads a database.

    Signals:
        request(str): The user asks the run to `pause`, `resume`, `stop` or `stop-now`.
        resume_requested(): The user wants a process to go on with a run that none executes.
        open_individual(int): The user wants to see an individual.
        page_requested(str): The user wants to see another page of the run: `model`.
    """

    request = Signal(str)
    resume_requested = Signal()
    open_individual = Signal(int)
    page_requested = Signal(str)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent=parent)
        self._picture: RunPicture | None = None
        self._drawn: RunPicture | None = None
        self._asked: tuple[str, int, str] | None = None
        self._series = Series()
        self._turns: deque[Callable[[], object]] = deque()
        self._turn = QTimer(self, interval=0)
        self._turn.timeout.connect(self._take_turn)
        self._build_actions()
        self._build_cards()
        self.retranslate()

    def _build_actions(self) -> None:
        self.pause_button = action_button("", "pause")
        self.resume_button = action_button("", "play", primary=True)
        self.stop_button = action_button("", "stop")
        self.stop_now_button = action_button("", "x")
        self.model_button = action_button("", "cube", primary=True)
        self.pause_button.clicked.connect(partial(self._ask, "pause"))
        self.stop_button.clicked.connect(partial(self._ask, "stop"))
        self.stop_now_button.clicked.connect(partial(self._ask, "stop-now"))
        self.resume_button.clicked.connect(self._resume)
        self.model_button.clicked.connect(partial(self.page_requested.emit, "model"))
        for button in self._buttons:
            button.hide()
            self.add_action(button)

    @property
    def _buttons(self) -> tuple[ActionButton, ...]:
        return (
            self.resume_button,
            self.pause_button,
            self.stop_button,
            self.stop_now_button,
            self.model_button,
        )

    def _build_cards(self) -> None:
        self.banner = Banner()
        self.best_tile, self.evaluated_tile, self.time_tile, self.workers_tile = (Tile() for _ in range(4))
        self.fitness, self.training = FitnessCard(), TrainingCard()
        self.genealogy, self.leaders, self.log = GenealogyCard(), LeadersCard(), LogCard()
        tiles = FlowGrid((1, 1, 1, 1), narrow=2)
        for tile in (self.best_tile, self.evaluated_tile, self.time_tile, self.workers_tile):
            tiles.add_card(tile, stretch=0)
        cards = FlowGrid((4, 3))
        for card in (self.fitness, self.training, self.genealogy, self.leaders):
            cards.add_card(card, stretch=3)
        cards.add_card(self.log, span=2, stretch=1)
        self.content.addWidget(self.banner)
        self.content.addWidget(tiles)
        self.content.addWidget(cards, 1)
        self.fitness.chosen.connect(lambda _: self._draw())
        self.fitness.plot.picked.connect(self.open_individual)
        self.training.plot.picked.connect(self.open_individual)
        self.genealogy.plot.picked.connect(self.open_individual)
        self.leaders.opened.connect(self.open_individual)

    # -- pictures ------------------------------------------------------------------------------------

    def show_picture(self, picture: RunPicture) -> None:
        """Show a run; while the page is hidden nothing is drawn."""
        if self._picture is not None and picture.folder != self._picture.folder:
            self._asked = None
            self.banner.clear()
        before, self._picture = self._picture, picture
        self._series.take(picture)
        self._say(before)
        if self.isVisible():
            self._draw()

    def show_refusal(self, problem: str, remedy: str) -> None:
        """Say that what the user asked for cannot be done."""
        self._asked = None
        self.banner.show_message(problem, remedy, "bad")
        self._show_actions()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Draw what came while the page was hidden."""
        super().showEvent(event)
        if self._picture is not None and self._picture is not self._drawn:
            self._draw()

    def _draw(self) -> None:
        """Draw the cards one after another, with events between them."""
        picture = self._picture
        if picture is None:
            return
        self._drawn = picture
        self._turns = deque(
            (
                partial(self.training.show_run, picture),
                partial(self.leaders.show_run, picture),
                partial(self.fitness.show_run, picture, self._series),
                partial(self.log.show_run, picture),
                # the fitness card has taken up the run's objectives by then
                lambda: self.genealogy.show_run(picture, self._series, self.fitness.place),
            )
        )
        self._turn.start()

    def _take_turn(self) -> None:
        if self._turns:
            self._turns.popleft()()
        if not self._turns:
            self._turn.stop()

    # -- words -----------------------------------------------------------------------------------------

    def retranslate(self) -> None:
        """Set every text."""
        texts = {
            self.pause_button: (self.tr("Pause"), self.tr("What trains is parked after its epoch.")),
            self.resume_button: (self.tr("Resume"), self.tr("The run goes on where it stood.")),
            self.stop_button: (
                self.tr("Stop after this generation"),
                self.tr("The generation is trained to its end, then the model is made."),
            ),
            self.stop_now_button: (
                self.tr("Stop now"),
                self.tr("Training ends at once; the model is made from what was found so far."),
            ),
            self.model_button: (self.tr("See the model"), ""),
        }
        for button, (text, meaning) in texts.items():
            button.setText(text)
            button.setToolTip(meaning)
        for card in (self.fitness, self.training, self.genealogy, self.leaders, self.log):
            card.retranslate(self._picture)
        self._say(None)
        if self._drawn is not None:
            self._draw()

    def _say(self, before: RunPicture | None) -> None:
        """Title, state, tiles, actions, and what the state asks of the user."""
        picture = self._picture
        self._show_figures(picture or _NO_RUN)
        if picture is None:
            self.set_header(self.tr("Live"), self.tr("The run is being read."))
            return
        self._forget_answered(picture)
        self.set_header(live_words.title(picture), self._state_line(picture))
        if before is None or (before.state, before.problem) != (picture.state, picture.problem):
            self._say_state(picture)
        self._show_actions()

    def _show_figures(self, picture: RunPicture) -> None:
        arrays = self._series.arrays
        for tile, figures in (
            (self.best_tile, live_words.best_figures(picture)),
            (self.evaluated_tile, live_words.evaluated_figures(picture, arrays.culled, arrays.failed)),
            (self.time_tile, live_words.time_figures(picture)),
            (self.workers_tile, live_words.workers_figures(picture)),
        ):
            tile.show_values(figures.caption, figures.number, figures.comparison, figures.tone)

    def _state_line(self, picture: RunPicture) -> str:
        line = live_words.state_line(picture)
        asked = self.tr("asked; the run answers in a moment")
        return f"{line} · {asked}" if self._asked else line

    def _say_state(self, picture: RunPicture) -> None:
        """A banner where the user should know or do something."""
        error = (picture.run.error if picture.run else None) or ""
        if picture.state == UNREADABLE:
            self.banner.show_message(picture.problem, picture.remedy, "bad")
        elif picture.state == ENDED_UNEXPECTEDLY:
            self._say_end("")
            log = RunFolder(picture.folder).log
            Operation(lambda: last_words(log)).finished.connect(self._say_end)
        elif picture.state == "interrupted":
            self.banner.show_message(
                self.tr("The run was interrupted."),
                self.tr("Everything up to here is kept; it can go on at any time."),
                "warn",
                action=self.tr("Resume"),
                on_action=self._resume,
            )
        elif picture.state == "failed":
            self.banner.show_message(
                self.tr("The run failed."), error or self.tr("The log below has the reason."), "bad"
            )
        else:
            self.banner.clear()

    def _say_end(self, words: object) -> None:
        """The process is gone; `words` is what its log ends with, once that was read."""
        if self._picture is None or self._picture.state != ENDED_UNEXPECTEDLY:
            return
        kept = self.tr("Nothing that was finished is lost.")
        said = self.tr("Its log ends with: {words}").format(words=words) if words else ""
        self.banner.show_message(
            self.tr("The run ended unexpectedly: its process is gone."),
            f"{kept} {said}".strip(),
            "bad",
            action=self.tr("Resume"),
            on_action=self._resume,
        )

    # -- actions ------------------------------------------------------------------------------------------

    def _show_actions(self) -> None:
        picture = self._picture
        if picture is None:
            return
        state, stop = picture.state, picture.run.stop if picture.run else None
        searching = state in ("preparing", "running", "paused")
        self.pause_button.setVisible(state in ("preparing", "running", "finishing"))
        self.resume_button.setVisible(state == "paused" or state in _STANDS)
        self.stop_button.setVisible(searching and bool(picture.generations))
        self.stop_now_button.setVisible(searching)
        self.model_button.setVisible(state == "complete")
        waiting = self._asked[0] if self._asked else ""
        self.pause_button.setEnabled(waiting != "pause" and not live_words.is_pausing(picture))
        self.resume_button.setEnabled(waiting != "resume")
        self.stop_button.setEnabled(stop is None and waiting not in ("stop", "stop-now"))
        self.stop_now_button.setEnabled(stop != "stop-now" and waiting != "stop-now")

    def _ask(self, kind: str) -> None:
        picture = self._picture
        if picture is None:
            return
        self._asked = (kind, picture.events[-1].id if picture.events else 0, picture.state)
        self._say(picture)
        self.request.emit(kind)

    def _resume(self) -> None:
        if self._picture is not None and self._picture.state == "paused":
            self._ask("resume")
        else:
            self.resume_requested.emit()

    def _forget_answered(self, picture: RunPicture) -> None:
        """What was asked is answered by an event, or by another state."""
        if self._asked is None:
            return
        _, last, state = self._asked
        for event in reversed(picture.events):
            if event.id <= last:
                break
            if event.kind in _ANSWERS:
                self._asked = None
                return
        if picture.state != state:
            self._asked = None
