"""Whatever dies, the window says what is true, nothing that was finished is lost, and the run can go on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from window_driving import (
    PATIENCE,
    click,
    kill_run,
    opened_window,
    picture,
    processes_of,
    start_small_run,
    wait_generation,
    wait_state,
)

from cambrian.store.reader import RunReader
from cambrian_desktop.context import Context

pytestmark = pytest.mark.timeout(600)

DEAD = "ended unexpectedly"


def test_a_killed_run_is_said_on_every_page_and_goes_on(
    context: Context, qtbot: QtBot, samples: Path
) -> None:
    window = opened_window(context, qtbot)
    start_small_run(window, qtbot, samples / "penguins.csv", "species")
    wait_generation(window, qtbot)
    before = {row.number: row.values for row in picture(window).individuals if row.values is not None}
    kill_run(window.run_id)
    for page in ("live", "individuals", "model", "home"):
        window.show_page(page)
        wait_state(window, qtbot, DEAD)
        assert window.page == page
    rows = window.home.model
    qtbot.waitUntil(lambda: rows.rowCount() == 1, timeout=PATIENCE)
    window.show_page("live")
    assert window.live.banner.isVisible()
    after = {row.number: row.values for row in picture(window).individuals}
    assert before.items() <= after.items(), "nothing that was finished is lost"

    click(qtbot, window.live.resume_button)
    wait_state(window, qtbot, "preparing", "running", "finishing", "complete")
    if picture(window).state in ("preparing", "running"):
        click(qtbot, window.live.stop_now_button)
    wait_state(window, qtbot, "complete")
    later = {row.number: row.values for row in picture(window).individuals}
    assert before.items() <= later.items()


@pytest.mark.long
def test_a_killed_window_finds_its_run_again(context: Context, qtbot: QtBot, samples: Path) -> None:
    window = opened_window(context, qtbot)
    start_small_run(window, qtbot, samples / "penguins.csv", "species")
    wait_generation(window, qtbot)
    run_id = window.run_id
    window.close()

    other = subprocess.Popen(
        [sys.executable, "-m", "cambrian_desktop", "--workspace", str(context.workspace.path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    time.sleep(3)  # it has opened the run, or is about to: either must be survived
    assert other.poll() is None, other.stdout and other.stdout.read()
    other.send_signal(signal.SIGKILL)
    other.wait(timeout=30)
    assert processes_of(run_id), "the run outlives every window"

    window = opened_window(context, qtbot)
    assert window.run_id == run_id
    wait_state(window, qtbot, "running", "finishing", "complete")
    if picture(window).state == "running":
        click(qtbot, window.live.stop_now_button)
    wait_state(window, qtbot, "complete")


@pytest.mark.long
def test_window_and_run_killed_together(context: Context, qtbot: QtBot, samples: Path) -> None:
    window = opened_window(context, qtbot)
    start_small_run(window, qtbot, samples / "penguins.csv", "species")
    wait_generation(window, qtbot)
    run_id, folder = window.run_id, picture(window).folder
    window.close()
    kill_run(run_id)
    with RunReader(folder / "run.db") as reader:
        finished = reader.counts().individuals

    window = opened_window(context, qtbot)
    wait_state(window, qtbot, DEAD)
    window.show_page("home")
    qtbot.waitUntil(lambda: window.home.model.rowCount() == 1, timeout=PATIENCE)
    window.home.table.selectRow(0)
    click(qtbot, window.home.resume_button)
    qtbot.waitUntil(lambda: bool(processes_of(run_id)), timeout=PATIENCE)
    window.open_run(run_id)
    wait_state(window, qtbot, "preparing", "running", "finishing", "complete")
    if picture(window).state in ("preparing", "running"):
        click(qtbot, window.live.stop_now_button)
    wait_state(window, qtbot, "complete")
    assert picture(window).counts is not None
    assert picture(window).counts.individuals >= finished  # type: ignore[union-attr]


def test_a_run_that_cannot_begin_says_why(context: Context, qtbot: QtBot, tmp_path: Path) -> None:
    """The table vanishes between the look at it and the start."""
    table = tmp_path / "gone.csv"
    table.write_text("a,b\n" + "".join(f"{n},{n % 2}\n" for n in range(60)), encoding="utf-8")
    window = opened_window(context, qtbot)
    from window_driving import choose_target, drop

    drop(window, table)
    choose_target(window, qtbot, "b")
    qtbot.waitUntil(window.new.bar.button.isEnabled, timeout=PATIENCE)
    os.unlink(table)
    click(qtbot, window.new.bar.button)
    qtbot.waitUntil(lambda: "gone.csv" in _all_text(window), timeout=PATIENCE)
    assert "Traceback" not in _all_text(window)


def _all_text(window: object) -> str:
    from PySide6.QtWidgets import QLabel, QWidget

    assert isinstance(window, QWidget)
    return " ".join(label.text() for label in window.findChildren(QLabel) if label.isVisible())
