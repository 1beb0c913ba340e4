"""The page Live over real runs, finished and living, and over pictures of runs no test could wait for."""

from __future__ import annotations

import math
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from live_pictures import AUC, RMSE, event, picture, run_row
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from cambrian.run.facts import ENDED_UNEXPECTEDLY, UNREADABLE
from cambrian.run.workspace import RunFolder
from cambrian.store.rows import GenerationRow
from cambrian_desktop import run_process, theme
from cambrian_desktop.context import Context
from cambrian_desktop.figures import figure
from cambrian_desktop.run_picture import Curve
from cambrian_desktop.run_watcher import RunWatcher
from cambrian_desktop.views.live import LivePage
from cambrian_desktop.widgets.tiles import Tile
from real_runs import CommandLine, query, write_table


@pytest.fixture
def finished(finished_run: Path) -> RunFolder:
    """A complete run."""
    return RunFolder(finished_run)


@pytest.fixture
def page(context: Context, qtbot: QtBot) -> LivePage:
    made = LivePage(context)
    qtbot.addWidget(made)
    made.resize(1252, 900)
    made.show()
    return made


@pytest.fixture
def watch(page: LivePage) -> Iterator[list[RunWatcher]]:
    """Watchers of the test, stopped at its end."""
    made: list[RunWatcher] = []
    yield made
    for each in made:
        each.stop()


def _follow(page: LivePage, folder: RunFolder, watch: list[RunWatcher]) -> RunWatcher:
    watcher = RunWatcher(folder)
    watcher.changed.connect(page.show_picture)
    watcher.start()
    watch.append(watcher)
    return watcher


def _show(page: LivePage, qtbot: QtBot, *pictures: object) -> None:
    for each in pictures:
        page.show_picture(each)  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: not page._turns)


def _visible(page: LivePage) -> set[str]:
    return {button.text() for button in page._buttons if not button.isHidden()}


def test_a_finished_run_is_shown_as_its_database_has_it(
    page: LivePage, finished: RunFolder, watch: list[RunWatcher], qtbot: QtBot
) -> None:
    _follow(page, finished, watch)
    qtbot.waitUntil(lambda: page.model_button.isVisible() and not page._turns, timeout=20_000)
    rows = query(finished.path, "SELECT number, generation, rung FROM individuals ORDER BY number")
    best = query(finished.path, "SELECT individual, value FROM leaderboard ORDER BY place LIMIT 1")[0]
    marks = page.genealogy.plot.marks
    assert marks.x.tolist() == [generation for _, generation, _ in rows]
    assert len(page.fitness.plot.table()[1]) == len(rows)
    assert page.best_tile.number.text() == figure(best[1])
    assert page.leaders.model.row(0).line.individual == best[0]
    assert page.training.plot.lanes
    assert page.evaluated_tile.number.text() == str(len(rows))
    assert page.log.model.rowCount() > 5
    assert _visible(page) == {"See the model"}
    with qtbot.waitSignal(page.page_requested) as asked:
        qtbot.mouseClick(page.model_button, Qt.MouseButton.LeftButton)
    assert asked.args == ["model"]


def test_a_double_click_and_return_open_an_individual(page: LivePage, qtbot: QtBot) -> None:
    _show(page, qtbot, picture([(4.0,), (3.0,), (5.0,), (6.0,)]))
    table = page.leaders.table
    with qtbot.waitSignal(page.open_individual) as opened:
        table.setFocus(Qt.FocusReason.TabFocusReason)
        table.setCurrentIndex(table.model().index(1, 0))
        qtbot.keyClick(table, Qt.Key.Key_Return)
    assert opened.args == [0]
    plot = page.fitness.plot
    x, y = plot.points_item.getData()
    with qtbot.waitSignal(page.open_individual) as opened:
        qtbot.mouseClick(
            plot.canvas.viewport(), Qt.MouseButton.LeftButton, pos=plot.to_pixels(x[2], y[2]).toPoint()
        )
    assert opened.args == [2]


@pytest.mark.long
def test_a_living_run_is_paused_resumed_and_stopped(
    page: LivePage, context: Context, watch: list[RunWatcher], tmp_path: Path, qtbot: QtBot
) -> None:
    command = CommandLine(context.workspace.path)
    table = write_table(tmp_path / "table.csv", rows=400)
    process = command.start("run", table, "--target", "label", "--generations", 60, "--population", 8,
                            "--epochs", 16, "--run-id", "living")  # fmt: skip
    folder = RunFolder(command.folder("living"))
    page.request.connect(lambda kind: run_process.request(folder, kind))
    try:
        qtbot.waitUntil(folder.database.exists, timeout=60_000)
        watcher = _follow(page, folder, watch)
        qtbot.waitUntil(lambda: page.genealogy.plot.last_generation >= 0, timeout=90_000)
        assert not page.pause_button.isHidden()
        qtbot.mouseClick(page.pause_button, Qt.MouseButton.LeftButton)
        assert not page.pause_button.isEnabled()
        assert "asked" in page._state.text()
        qtbot.waitUntil(lambda: page.resume_button.isVisible(), timeout=30_000)
        assert watcher.picture is not None
        assert watcher.picture.state == "paused"
        assert page._state.text().startswith("Paused")
        before = page.genealogy.plot.last_generation
        qtbot.mouseClick(page.resume_button, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: page.genealogy.plot.last_generation > before, timeout=60_000)
        assert page.pause_button.isVisible()
        assert page.pause_button.isEnabled()
        qtbot.mouseClick(page.stop_button, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: page.model_button.isVisible(), timeout=90_000)
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.communicate()


def test_a_killed_run_is_said_to_have_ended_and_can_go_on(
    page: LivePage, context: Context, watch: list[RunWatcher], tmp_path: Path, qtbot: QtBot
) -> None:
    command = CommandLine(context.workspace.path)
    table = write_table(tmp_path / "table.csv", rows=400)
    process = command.start("run", table, "--target", "label", "--generations", 60, "--population", 8,
                            "--epochs", 16, "--run-id", "killed")  # fmt: skip
    folder = RunFolder(command.folder("killed"))
    try:
        qtbot.waitUntil(folder.database.exists, timeout=60_000)
        _follow(page, folder, watch)
        qtbot.waitUntil(lambda: page.pause_button.isVisible(), timeout=60_000)
        log = folder.log
        qtbot.waitUntil(lambda: log.exists() and log.stat().st_size > 0, timeout=60_000)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        qtbot.waitUntil(lambda: page.banner.isVisible(), timeout=10_000)
        assert "ended unexpectedly" in page.banner.problem.text()
        assert _visible(page) == {"Resume"}
        last = log.read_text(encoding="utf-8").strip().splitlines()[-1].strip()
        qtbot.waitUntil(lambda: last[:60] in page.banner.remedy.text())
        assert page.workers_tile.comparison.text() == "no process executes the run"
        with qtbot.waitSignal(page.resume_requested):
            qtbot.mouseClick(page.banner.action, Qt.MouseButton.LeftButton)
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("state", "buttons", "said"),
    [
        ("preparing", {"Pause", "Stop now"}, None),
        ("running", {"Pause", "Stop after this generation", "Stop now"}, None),
        ("paused", {"Resume", "Stop after this generation", "Stop now"}, None),
        ("finishing", {"Pause"}, None),
        ("interrupted", {"Resume"}, "interrupted"),
        ("complete", {"See the model"}, None),
        ("failed", {"Resume"}, "failed"),
        (ENDED_UNEXPECTEDLY, {"Resume"}, "ended unexpectedly"),
        (UNREADABLE, set(), "damaged"),
    ],
)
def test_each_state_offers_what_can_be_done(
    page: LivePage, qtbot: QtBot, state: str, buttons: set[str], said: str | None
) -> None:
    seen = picture([(4.0,)] * 4, state=state, problem="It is damaged.", remedy="Repair it.")
    if state == "preparing":
        seen = replace(seen, generations=())
    _show(page, qtbot, replace(seen, state="running"), seen)
    assert _visible(page) == buttons
    assert page.banner.isVisible() == (said is not None)
    assert said is None or said in page.banner.problem.text()


def test_a_stop_that_was_asked_for_cannot_be_asked_again(page: LivePage, qtbot: QtBot) -> None:
    _show(page, qtbot, picture([(4.0,)] * 4, run=run_row(stop="stop")))
    assert not page.stop_button.isEnabled()
    assert page.stop_now_button.isEnabled()
    assert page._state.text().startswith("Stops after this generation")


def test_a_request_that_is_answered_or_refused_can_be_made_again(page: LivePage, qtbot: QtBot) -> None:
    seen = picture([(4.0,)] * 4, events=(event(1, "run-started"),))
    _show(page, qtbot, seen)
    with qtbot.waitSignal(page.request) as asked:
        qtbot.mouseClick(page.stop_button, Qt.MouseButton.LeftButton)
    assert asked.args == ["stop"]
    assert not page.stop_button.isEnabled()
    page.show_refusal("No process executes the run.", "Resume it.")
    assert page.stop_button.isEnabled()
    assert page.banner.isVisible()
    qtbot.mouseClick(page.pause_button, Qt.MouseButton.LeftButton)
    _show(page, qtbot, replace(seen, events=(*seen.events, event(2, "request-ignored"))))
    assert page.pause_button.isEnabled()


def test_of_several_objectives_the_user_chooses(page: LivePage, qtbot: QtBot) -> None:
    values: list[tuple[float, ...] | None] = [(4.0, 0.6), (3.0, 0.5), (5.0, 0.9), (6.0, 0.7)]
    _show(page, qtbot, picture(values, (RMSE, AUC), baseline=("linear", 5.0)))
    choice = page.fitness.choice
    assert choice.isVisible()
    assert choice.width() >= choice.sizeHint().width()
    assert page.fitness.plot.axis("left").labelText == "RMSE"
    choice.setFocus()
    qtbot.keyClick(choice, Qt.Key.Key_Down)
    choice.activated.emit(choice.currentIndex())
    qtbot.waitUntil(lambda: not page._turns)
    assert page.fitness.plot.axis("left").labelText == "ROC AUC"
    assert page.fitness.plot.points_item.getData()[1].tolist() == [0.6, 0.5, 0.9, 0.7]
    assert not page.fitness.plot.baseline_item.isVisible(), "the baseline's value is of the first objective"
    _show(page, qtbot, picture([(4.0,)] * 4))
    assert not choice.isVisible()


def test_while_generation_0_trains_there_is_nothing_but_curves(page: LivePage, qtbot: QtBot) -> None:
    lanes = (Curve(0, 0, 0, "running", (1, 2), (3.0, 2.0)),)
    generations = (GenerationRow(0, False, "", None, None),)
    _show(page, qtbot, picture([], curves=lanes, generations=generations))
    assert page.fitness.plot.is_empty
    assert page.genealogy.plot.is_empty
    assert not page.training.plot.is_empty
    assert not page.genealogy.replay.isVisible()


def test_all_failed_and_nan(page: LivePage, qtbot: QtBot) -> None:
    _show(page, qtbot, picture([None, (math.nan,), None, None]))
    assert page.fitness.plot.is_empty
    assert "failed" in page.fitness.plot.empty_text
    assert page.best_tile.number.text() == "–"
    assert page.evaluated_tile.comparison.text().endswith("4 failed")


def test_another_run_takes_the_place_of_the_first(page: LivePage, qtbot: QtBot) -> None:
    _show(page, qtbot, picture([(4.0,)] * 8, state=ENDED_UNEXPECTEDLY))
    assert page.banner.isVisible()
    _show(page, qtbot, picture([(9.0,)] * 4, folder=Path("two")))
    assert not page.banner.isVisible()
    assert page.fitness.plot.points_item.getData()[1].tolist() == [9.0] * 4
    assert page.genealogy.plot.last_generation == 0


def test_a_hidden_page_draws_nothing_until_it_is_shown(page: LivePage, qtbot: QtBot) -> None:
    page.hide()
    _show(page, qtbot, picture([(4.0,)] * 4))
    assert page.fitness.plot.is_empty
    page.show()
    qtbot.waitUntil(lambda: not page.fitness.plot.is_empty)


def test_the_replay_moves_the_genealogy_alone(page: LivePage, qtbot: QtBot) -> None:
    _show(page, qtbot, picture([(4.0,)] * 12))
    replay = page.genealogy.replay
    assert replay.isVisible()
    replay.slider.setFocus()
    qtbot.keyClick(replay.slider, Qt.Key.Key_Home)
    assert page.genealogy.plot.picture.until == 0
    assert replay.text == "up to generation 0"
    _show(page, qtbot, picture([(4.0,)] * 16))
    assert page.genealogy.plot.picture.until == 0, "who looks at the past is left there"
    qtbot.mouseClick(replay.play, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.genealogy.plot.picture.until is None, timeout=10_000)


def test_cards_stack_where_the_window_is_small(page: LivePage, qtbot: QtBot) -> None:
    _show(page, qtbot, picture([(4.0,)] * 4))
    page.resize(1252, 900)
    qtbot.waitUntil(lambda: page.training.x() > page.fitness.x())
    page.resize(836, 700)
    qtbot.waitUntil(lambda: page.training.x() == page.fitness.x())
    assert page.fitness.width() <= 836
    page.resize(1252, 900)
    qtbot.waitUntil(lambda: page.training.x() > page.fitness.x())
    # cards do not stay as high as stacked ones
    qtbot.waitUntil(lambda: page.log.mapTo(page, page.log.rect().bottomLeft()).y() < 1100)
    assert not any(each.hasHeightForWidth() for each in (page.fitness, page.training, page.genealogy))


def test_every_control_has_a_name_and_the_keyboard_reaches_it(page: LivePage, qtbot: QtBot) -> None:
    _show(page, qtbot, picture([(4.0, 0.5)] * 8, (RMSE, AUC)))
    reached: set[QWidget] = set()
    page.activateWindow()
    page.pause_button.setFocus()
    for _ in range(40):
        focused = page.focusWidget()
        if focused is not None:
            reached.add(focused)
        page.focusNextChild()
    wanted = [
        page.pause_button,
        page.stop_button,
        page.stop_now_button,
        page.fitness.choice,
        page.fitness.plot,
        page.training.plot,
        page.genealogy.plot,
        page.genealogy.replay.play,
        page.genealogy.replay.slider,
        page.leaders.table,
        page.log.table,
    ]
    for each in wanted:
        assert each in reached, each
        text = each.text() if isinstance(each, QAbstractButton) else ""
        assert text or each.accessibleName(), each


def test_no_text_is_cut_off(page: LivePage, qtbot: QtBot) -> None:
    _show(page, qtbot, picture([(4.0,), (3.0,), None, (5.0,)] * 3, baseline=("boosting", 5.0)))
    for tile in page.findChildren(Tile):
        assert tile.comparison.shown_text() == tile.comparison.text()
    for label in page.findChildren(QLabel):
        if label.isVisible() and label.text() and not label.wordWrap():
            assert label.fontMetrics().horizontalAdvance(label.text()) <= label.width() + 1, label.text()


def test_markup_in_errors_is_text(page: LivePage, qtbot: QtBot) -> None:
    error = "<img src=x onerror=alert(1)> column <b>a</b>"
    _show(page, qtbot, picture([(4.0,)] * 4, state="failed", run=run_row(error=error)))
    assert page.banner.remedy.text() == error
    assert page.banner.remedy.textFormat() == Qt.TextFormat.PlainText


def test_the_theme_changes_while_it_is_shown(page: LivePage, context: Context, qtbot: QtBot) -> None:
    _show(page, qtbot, picture([(4.0,)] * 8))
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    theme.apply(application, "dark")
    picture_of_page = page.grab().toImage()
    at = page.fitness.plot.mapTo(page, page.fitness.plot.rect().center())
    assert picture_of_page.pixelColor(at.x(), at.y() - 40).lightness() < 90
