"""The whole flow in the real window: from a dropped table to predictions, by mouse and by keys."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from window_driving import (
    PATIENCE,
    choose_target,
    click,
    drop,
    opened_window,
    picture,
    processes_of,
    start_small_run,
    wait_generation,
    wait_state,
)

from cambrian_desktop.context import Context
from cambrian_desktop.window import MainWindow

pytestmark = pytest.mark.timeout(600)


def _points(window: MainWindow) -> int:
    plot = window.live.fitness.plot
    return len(plot.points_item.getData()[0]) + len(plot.faint_item.getData()[0])


def test_from_a_file_to_predictions(context: Context, qtbot: QtBot, samples: Path, tmp_path: Path) -> None:
    window = opened_window(context, qtbot)
    start_small_run(window, qtbot, samples / "penguins.csv", "species")
    run_id = window.run_id

    wait_generation(window, qtbot)
    qtbot.waitUntil(lambda: _points(window) >= 16, timeout=PATIENCE)
    qtbot.waitUntil(lambda: window.live.leaders.model.rowCount() > 0, timeout=PATIENCE)
    first = _points(window)
    qtbot.waitUntil(lambda: _points(window) > first, timeout=PATIENCE)
    assert window.live.log.model.rowCount() > 0

    click(qtbot, window.live.pause_button)
    wait_state(window, qtbot, "paused")
    assert picture(window).pace is not None
    click(qtbot, window.live.resume_button)
    wait_state(window, qtbot, "running", "finishing")

    window.close()
    assert processes_of(run_id), "the run goes on without its window"
    window = opened_window(context, qtbot)
    assert (window.run_id, window.page) == (run_id, "live")
    wait_state(window, qtbot, "running", "finishing", "complete")
    if picture(window).state == "running":
        click(qtbot, window.live.stop_button)
    wait_state(window, qtbot, "complete")
    click(qtbot, window.live.model_button)
    assert window.page == "model"
    qtbot.waitUntil(lambda: "69" in window.model.verdict.text(), timeout=PATIENCE)

    click(qtbot, window.model.open_champion)
    assert window.page == "individuals"
    result = picture(window).run.result  # type: ignore[union-attr]
    assert result is not None
    champion = result["champion"]["individual"]
    qtbot.waitUntil(lambda: window.individuals.open_number == champion, timeout=PATIENCE)
    qtbot.waitUntil(lambda: window.individuals.panel.individual is not None, timeout=PATIENCE)

    window.show_page("model")
    card = window.model.predict_card
    card.predict(str(samples / "penguins.csv"))
    qtbot.waitUntil(lambda: card.rows.rowCount() > 0, timeout=PATIENCE)
    saved = tmp_path / "predicted.csv"
    card.save_as(str(saved))
    qtbot.waitUntil(saved.exists, timeout=PATIENCE)
    with saved.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 344
    with (samples / "penguins.csv").open(encoding="utf-8", newline="") as file:
        truth = [row["species"] for row in csv.DictReader(file)]
    name = next(name for name in rows[0] if "species" in name.lower() or "predict" in name.lower())
    right = sum(row[name] == true for row, true in zip(rows, truth, strict=True))
    assert right > 0.9 * len(rows)


def test_in_chinese(context: Context, qtbot: QtBot, samples: Path, chinese: None) -> None:
    context.set_language("zh_CN")
    window = opened_window(context, qtbot)
    start_small_run(window, qtbot, samples / "penguins.csv", "species")
    wait_generation(window, qtbot)
    click(qtbot, window.live.stop_now_button)
    wait_state(window, qtbot, "complete")
    click(qtbot, window.live.model_button)
    qtbot.waitUntil(lambda: "69" in window.model.verdict.text(), timeout=PATIENCE)
    said = window.model.verdict.text()
    assert any("一" <= letter <= "鿿" for letter in said), said
    assert "evolved" not in said


def test_by_keyboard_alone(context: Context, qtbot: QtBot, samples: Path) -> None:
    """New experiment, target, Start, Stop, model: without the mouse, by Tab, letters, Space."""
    window = opened_window(context, qtbot)
    with qtbot.waitActive(window):
        window.activateWindow()
    drop(window, samples / "penguins.csv")  # the file dialog is the platform's own, and has its own keys
    choose_target(window, qtbot, "species")
    _tab_to(window, qtbot, window.new.evolution.minutes.slider)
    _key(qtbot, Qt.Key.Key_Left)
    _tab_to(window, qtbot, window.new.evolution.population.slider)
    _key(qtbot, Qt.Key.Key_Home)
    _key(qtbot, Qt.Key.Key_Right)
    qtbot.waitUntil(window.new.bar.button.isEnabled, timeout=PATIENCE)
    _tab_to(window, qtbot, window.new.bar.button)
    _key(qtbot, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.page == "live", timeout=PATIENCE)
    wait_generation(window, qtbot)
    _tab_to(window, qtbot, window.live.stop_now_button)
    _key(qtbot, Qt.Key.Key_Space)
    wait_state(window, qtbot, "complete")
    qtbot.waitUntil(window.live.model_button.isVisible, timeout=PATIENCE)
    _tab_to(window, qtbot, window.live.model_button)
    _key(qtbot, Qt.Key.Key_Space)
    assert window.page == "model"
    qtbot.waitUntil(window.model.open_champion.isVisible, timeout=PATIENCE)
    _tab_to(window, qtbot, window.model.open_champion)
    _key(qtbot, Qt.Key.Key_Space)
    assert window.page == "individuals"


def _key(qtbot: QtBot, key: Qt.Key) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    qtbot.keyClick(focused, key)


def _tab_to(window: MainWindow, qtbot: QtBot, wanted: QWidget) -> None:
    """Press Tab until the widget has the focus, as often as there are widgets at most."""
    for _ in range(200):
        focused = QApplication.focusWidget()
        if focused is wanted or (focused is not None and wanted.isAncestorOf(focused)):
            return
        qtbot.keyClick(focused or window, Qt.Key.Key_Tab)
    raise AssertionError(f"Tab never reaches {wanted.accessibleName()!r}")
