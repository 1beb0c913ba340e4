"""Driving the real window as a user would: a drop, clicks and keys; nothing reaches behind a widget."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QAbstractButton, QApplication
from pytestqt.qtbot import QtBot

from cambrian_desktop.context import Context
from cambrian_desktop.run_picture import RunPicture
from cambrian_desktop.window import MainWindow

PATIENCE = 120_000
"""Milliseconds after which something that should come is taken to never come."""


def opened_window(context: Context, qtbot: QtBot) -> MainWindow:
    """A window on the context's workspace, as the command opens it."""
    window = MainWindow(Context(context.workspace.path))
    qtbot.addWidget(window, before_close_func=MainWindow.close_run)
    window.show()
    qtbot.waitExposed(window)
    return window


def drop(window: MainWindow, file: Path) -> None:
    """Drag a file onto the middle of the window and let go."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    action, button, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(window, QDragEnterEvent(QPoint(700, 400), action, data, button, none))
    QApplication.sendEvent(window, QDropEvent(QPointF(700, 400), action, data, button, none))


def click(qtbot: QtBot, button: QAbstractButton) -> None:
    """Click a button that the user can see and use."""
    qtbot.waitUntil(lambda: button.isVisible() and button.isEnabled(), timeout=PATIENCE)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def choose_target(window: MainWindow, qtbot: QtBot, name: str) -> None:
    """Type the name of a column into the list of targets."""
    target = window.new.goal.target
    qtbot.waitUntil(lambda: target.findText(name) >= 0, timeout=PATIENCE)
    target.setFocus()
    qtbot.keyClicks(target, name)
    assert target.currentText() == name


def start_small_run(window: MainWindow, qtbot: QtBot, file: Path, target: str) -> None:
    """From a dropped table to a run: few networks a generation, and minutes enough for a busy machine.

    Whoever starts one stops it.
    """
    drop(window, file)
    choose_target(window, qtbot, target)
    evolution = window.new.evolution
    for slider, steps in ((evolution.minutes.slider, 3), (evolution.population.slider, 2)):
        qtbot.keyClick(slider, Qt.Key.Key_Home)
        for _ in range(steps):
            qtbot.keyClick(slider, Qt.Key.Key_Right)
    click(qtbot, window.new.bar.button)
    qtbot.waitUntil(lambda: window.page == "live", timeout=PATIENCE)


def picture(window: MainWindow) -> RunPicture:
    """What the window knows of its run."""
    assert window.watcher is not None
    assert window.watcher.picture is not None
    return window.watcher.picture


def wait_state(window: MainWindow, qtbot: QtBot, *states: str) -> None:
    """Wait until the run is known to be in one of the states."""

    def there() -> None:
        known = window.watcher.picture if window.watcher else None
        assert known is not None
        assert known.state in states, (known.state, known.problem, known.run and known.run.error)

    qtbot.waitUntil(lambda: _holds(there), timeout=PATIENCE)


def wait_generation(window: MainWindow, qtbot: QtBot) -> None:
    """Wait until a generation is complete: there are points to see."""
    qtbot.waitUntil(
        lambda: bool(window.watcher and window.watcher.picture and window.watcher.picture.best),
        timeout=PATIENCE,
    )


def processes_of(run_id: str) -> list[psutil.Process]:
    """The run's processes, its own first; those that only just ended are left out."""
    found = []
    for process in psutil.process_iter():
        try:
            line = process.cmdline()
        except psutil.Error:
            continue
        if "cambrian" in line and run_id in line and process.pid != os.getpid():
            found.append(process)
    return found


def kill_run(run_id: str) -> None:
    """Kill the run's process as a crash would."""
    found = processes_of(run_id)
    assert found, f"no process executes {run_id}"
    for process in found:
        process.send_signal(signal.SIGKILL)
    psutil.wait_procs(found, timeout=30)


def _holds(check: object) -> bool:
    try:
        check()  # type: ignore[operator]
    except AssertionError:
        return False
    return True
