"""Home shows the truth of every run and does what its buttons say, by mouse and by keyboard."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from big_run import make_big_run
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot
from window_runs import PATIENCE, end_run, ended, experiment_toml, kill_run

from cambrian.run.facts import ENDED_UNEXPECTEDLY, UNREADABLE
from cambrian.run.workspace import RunFolder
from cambrian_desktop import run_process
from cambrian_desktop.context import Context
from cambrian_desktop.models import RunsModel
from cambrian_desktop.views.home import HomePage


@pytest.fixture
def small_run(context: Context) -> RunFolder:
    """A run that nobody executes."""
    return make_big_run(context.workspace.path, "small", individuals=128, epochs=1280)


@pytest.fixture
def opened(qtbot: QtBot, context: Context) -> Iterator[HomePage]:
    """Home, on the screen."""
    page = HomePage(context)
    qtbot.addWidget(page)
    page.resize(1250, 900)
    page.show()
    qtbot.waitExposed(page)
    yield page
    page.closing()
    for folder in context.workspace.folders():
        end_run(folder)


def states(page: HomePage) -> dict[str, str]:
    return {each.summary.id: each.summary.state for each in page.watcher.entries or ()}


def test_an_empty_workspace_says_how_to_begin(qtbot: QtBot, opened: HomePage, tmp_path: Path) -> None:
    qtbot.waitUntil(lambda: opened.watcher.entries == [], timeout=PATIENCE)
    assert opened.empty.isVisible()
    assert not opened.card.isVisible()
    asked: list[str] = []
    opened.new_requested.connect(asked.append)
    qtbot.mouseClick(opened.sample_button, Qt.MouseButton.LeftButton)
    assert [Path(each).name for each in asked] == ["penguins.csv"]
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "<b>my table.csv"))])
    held = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(opened.drop, QDragEnterEvent(QPoint(20, 20), *held))
    QApplication.sendEvent(opened.drop, QDropEvent(QPointF(20, 20), *held))
    assert asked[1:] == [str(tmp_path / "<b>my table.csv")]


def test_a_run_is_opened_by_keyboard(qtbot: QtBot, small_run: RunFolder, opened: HomePage) -> None:
    qtbot.waitUntil(lambda: opened.selected() is not None, timeout=PATIENCE)
    asked: list[str] = []
    opened.open_requested.connect(asked.append)
    opened.table.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(opened.table, Qt.Key.Key_Return)
    qtbot.mouseClick(opened.open_button, Qt.MouseButton.LeftButton)
    assert asked == ["small", "small"]


@pytest.mark.long
def test_a_dead_run_is_said_to_be_dead_and_resumed(qtbot: QtBot, context: Context, opened: HomePage) -> None:
    text = experiment_toml(budget={"generations": 500})
    ended(qtbot, run_process.start_run(context, text, "long"))
    folder = RunFolder(context.workspace.runs / "long")
    opened.watcher.look()
    qtbot.waitUntil(lambda: states(opened) == {"long": "running"}, timeout=PATIENCE)
    assert not opened.resume_button.isVisible()
    assert not opened.delete_button.isEnabled()
    kill_run(folder)
    qtbot.waitUntil(lambda: states(opened) == {"long": ENDED_UNEXPECTEDLY}, timeout=PATIENCE)
    assert opened.model.index(0, RunsModel.STATE).data() == "Ended unexpectedly"
    assert "Resume goes on from there" in opened.advice.text()
    qtbot.mouseClick(opened.resume_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: states(opened) == {"long": "running"}, timeout=PATIENCE)


def test_a_deleted_run_can_be_brought_back(qtbot: QtBot, small_run: RunFolder, opened: HomePage) -> None:
    qtbot.waitUntil(lambda: opened.selected() is not None, timeout=PATIENCE)
    gone: list[str] = []
    opened.deleted.connect(gone.append)
    opened.table.setFocus()
    qtbot.keyClick(opened.table, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: states(opened) == {}, timeout=PATIENCE)
    assert gone == ["small"]
    assert not small_run.path.exists()
    assert opened.undo.isVisible()
    qtbot.mouseClick(opened.undo.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: states(opened) == {"small": ENDED_UNEXPECTEDLY}, timeout=PATIENCE)
    assert small_run.database.exists()


def test_a_deletion_is_final_when_the_window_closes(
    qtbot: QtBot, context: Context, small_run: RunFolder, opened: HomePage
) -> None:
    qtbot.waitUntil(lambda: opened.selected() is not None, timeout=PATIENCE)
    qtbot.mouseClick(opened.delete_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(opened.undo.isVisible, timeout=PATIENCE)
    opened.closing()
    qtbot.waitUntil(lambda: not (context.workspace.path / "trash").exists(), timeout=PATIENCE)


def test_runs_that_cannot_be_read_are_sentences_and_hide_no_other(
    qtbot: QtBot, context: Context, small_run: RunFolder, opened: HomePage
) -> None:
    runs = context.workspace.runs
    for name, content in {"zero": b"", "foreign": b"<b>hello</b>" * 500}.items():
        (runs / name).mkdir()
        (runs / name / "run.db").write_bytes(content)
    shutil.copytree(small_run.path, runs / "damaged")
    with (runs / "damaged" / "run.db").open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(40_000))
    opened.watcher.look()
    expected = {"zero": UNREADABLE, "foreign": UNREADABLE, "damaged": UNREADABLE, "small": ENDED_UNEXPECTEDLY}
    qtbot.waitUntil(lambda: states(opened) == expected, timeout=PATIENCE)
    for row in range(opened.model.rowCount()):
        opened.table.setCurrentIndex(opened.model.index(row, 0))
        entry = opened.selected()
        assert entry is not None
        if entry.summary.state == UNREADABLE:
            assert "is damaged or not the database of a run" in opened.advice.text()
            assert f"cambrian repair {entry.summary.id}" in opened.advice.text()
            assert "Traceback" not in opened.advice.text()
            assert not opened.open_button.isEnabled()
            assert opened.delete_button.isEnabled()


def test_names_with_markup_are_shown_as_they_are(qtbot: QtBot, context: Context, opened: HomePage) -> None:
    text = experiment_toml(Path("/nowhere/<b>bold&amp;.csv"), "<i>y</i>")
    ended(qtbot, run_process.start_run(context, text, "markup"))
    qtbot.waitUntil(lambda: states(opened) == {"markup": "failed"}, timeout=PATIENCE)
    assert opened.model.index(0, RunsModel.DATA).data() == "<b>bold&amp;.csv → <i>y</i>"
    assert "<b>bold&amp;.csv" in opened.advice.text()
    for label in opened.findChildren(QLabel):
        assert label.textFormat() == Qt.TextFormat.PlainText or not label.text()


def test_another_workspace_shows_its_own_runs(
    qtbot: QtBot, context: Context, small_run: RunFolder, opened: HomePage, tmp_path: Path
) -> None:
    make_big_run(tmp_path / "other", "elsewhere", individuals=64, epochs=64)
    qtbot.waitUntil(lambda: "small" in states(opened), timeout=PATIENCE)
    context.set_workspace(tmp_path / "other")
    qtbot.waitUntil(lambda: states(opened) == {"elsewhere": ENDED_UNEXPECTEDLY}, timeout=PATIENCE)


def test_everything_that_can_be_used_has_a_name(qtbot: QtBot, small_run: RunFolder, opened: HomePage) -> None:
    qtbot.waitUntil(lambda: opened.selected() is not None, timeout=PATIENCE)
    for widget in opened.findChildren(QWidget):
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            named = widget.accessibleName() or getattr(widget, "text", lambda: "")()
            assert named, widget
