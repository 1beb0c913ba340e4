"""The window itself: its rail, its keys, what it remembers, and how it follows the settings."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QSize, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cambrian_desktop import languages, theme
from cambrian_desktop.context import Context
from cambrian_desktop.window import MainWindow

Opener = Callable[[], MainWindow]


@pytest.fixture
def open_window(context: Context, qtbot: QtBot) -> Opener:
    """Opens windows as the command does; each is closed at the end."""

    def opened() -> MainWindow:
        window = MainWindow(Context(context.workspace.path))
        qtbot.addWidget(window, before_close_func=MainWindow.close_run)
        window.show()
        qtbot.waitExposed(window)
        return window

    return opened


def test_it_begins_at_home(open_window: Opener) -> None:
    window = open_window()
    assert window.page == "home"
    assert window.rail.button("home").isChecked()
    assert not window.rail.button("live").isVisible(), "no run is open"
    room = window.screen().availableSize() - QSize(0, 40)
    assert window.size() == QSize(1440, 900).boundedTo(room).expandedTo(window.minimumSize())


def test_the_collector_never_visits_what_the_start_made(open_window: Opener) -> None:
    open_window()
    assert gc.get_freeze_count() > 100_000


def test_the_rail_goes_to_pages_by_mouse_and_by_keys(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window()
    with qtbot.waitActive(window):
        window.activateWindow()
    qtbot.mouseClick(window.rail.button("settings"), Qt.MouseButton.LeftButton)
    assert window.page == "settings"
    assert window.settings.isVisible()
    assert not window.home.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert window.page == "new"
    assert window.rail.button("new").isChecked()
    window.rail.button("home").setFocus()
    qtbot.keyClick(window.rail.button("home"), Qt.Key.Key_Space)
    assert window.page == "home"
    assert window.rail.button("home").hasFocus()
    qtbot.keyClick(window.rail.button("home"), Qt.Key.Key_Tab)
    assert window.rail.button("new").hasFocus(), "every entry is a stop of Tab"
    qtbot.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert window.page == "home", "no run is open"


def test_it_comes_back_where_it_was(open_window: Opener, qtbot: QtBot) -> None:
    first = open_window()
    first.resize(960, 740)
    first.show_page("settings")
    first.close()
    second = open_window()
    assert second.size() == QSize(960, 740)
    assert second.page == "home", "settings are not where work was left, and no run is open"


def test_a_run_is_opened_by_its_id_and_found_again(
    open_window: Opener, context: Context, finished_run: Path, qtbot: QtBot
) -> None:
    place = context.workspace.runs / finished_run.name
    shutil.copytree(finished_run, place)
    first = open_window()
    first.open_run(place.name, "model")
    qtbot.waitUntil(lambda: "penguins · species" in first.windowTitle(), timeout=20_000)
    assert first.page == "model"
    assert first.rail.button("live").isVisible()
    first.close()
    second = open_window()
    assert (second.run_id, second.page) == (place.name, "model")
    second.close()
    shutil.rmtree(place)
    third = open_window()
    assert (third.run_id, third.page) == ("", "home"), "the run is gone"


def test_a_file_dropped_anywhere_begins_an_experiment(
    open_window: Opener, qtbot: QtBot, samples: Path
) -> None:
    window = open_window()
    window.show_page("settings")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(samples / "penguins.csv"))])
    action, button, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(window, QDragEnterEvent(QPoint(700, 400), action, data, button, none))
    QApplication.sendEvent(window, QDropEvent(QPointF(700, 400), action, data, button, none))
    assert window.page == "new"


def test_theme_and_language_follow_the_settings(open_window: Opener, qtbot: QtBot, chinese: None) -> None:
    window = open_window()
    window.context.set_theme("dark")
    assert theme.current() == theme.tokens("dark")
    assert window.rail.grab().toImage().pixelColor(90, 500).name().upper() == theme.current().surface
    window.context.set_language("en")
    qtbot.waitUntil(lambda: window.rail.button("home").text() == "Home")
    window.context.set_language("zh_CN")
    qtbot.waitUntil(lambda: window.rail.button("home").text() == "主页")
    assert not window.banner.isVisible()


def test_missing_texts_are_said(
    open_window: Opener, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(languages, "texts_path", lambda language: tmp_path / "none.qm")
    window = open_window()
    window.context.set_language("zh_CN")
    assert window.banner.isVisible()
    assert "Chinese texts are missing" in window.banner.problem.text()
    assert "translations.sh" in window.banner.remedy.text()


def test_another_workspace_closes_the_run(
    open_window: Opener, context: Context, finished_run: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    place = context.workspace.runs / finished_run.name
    shutil.copytree(finished_run, place)
    window = open_window()
    window.open_run(place.name)
    window.context.set_workspace(tmp_path)
    assert (window.run_id, window.page) == ("", "home")
    assert window.watcher is None
