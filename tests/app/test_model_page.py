"""The Model page on real finished runs, and what it says before there is a result."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from chinese_texts import in_chinese
from finished_run import SAMPLE, finished, picture, table
from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea
from pytestqt.qtbot import QtBot

from cambrian.run.facts import ENDED_UNEXPECTEDLY, UNREADABLE
from cambrian_desktop.context import Context
from cambrian_desktop.run_picture import RunPicture
from cambrian_desktop.views.model import ModelPage

PATIENCE = 100_000


@pytest.fixture
def page(context: Context, qtbot: QtBot) -> Iterator[ModelPage]:
    made = ModelPage(context)
    qtbot.addWidget(made)
    made.resize(1252, 900)
    made.show()
    yield made
    made.closing()


def labels(page: ModelPage) -> str:
    return "\n".join(label.text() for label in page.findChildren(QLabel) if label.isVisibleTo(page))


def unfinished(state: str, error: str | None = None) -> RunPicture:
    whole = picture("likes")
    assert whole.run is not None
    run = replace(whole.run, result=None, champion=None, finished=None, error=error)
    return replace(whole, state=state, run=run)


def drop(page: ModelPage, file: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    area, place, action = page.predict_card.drop, QPointF(20, 20), Qt.DropAction.CopyAction
    QApplication.sendEvent(area, QDragEnterEvent(place.toPoint(), action, data, buttons, keys))
    QApplication.sendEvent(area, QDropEvent(place, action, data, buttons, keys))


def test_it_scrolls_over_what_is_there_alone(page: ModelPage, qtbot: QtBot) -> None:
    page.resize(1252, 420)
    bar = page.findChildren(QScrollArea)[0].verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() == 0)
    page.show_picture(picture("penguins"))
    qtbot.waitUntil(lambda: bar.maximum() > 100)


@pytest.mark.parametrize("name", ["penguins", "likes", "prices"])
def test_a_finished_run(page: ModelPage, name: str) -> None:
    page.show_picture(picture(name))
    run = picture(name).run
    assert run is not None
    assert run.result is not None
    said = labels(page)
    assert run.result["verdict"] in said
    assert "looked at once" in said
    assert f"The mean of {len(run.result['champion']['networks'])} networks" in said
    test = run.result["test"]
    assert page.measure.value() == test["metric"]
    assert len(page.measure_rows.rows) == len(test["scores"]["champion"])
    rows = page.scores.rows
    assert [row.subject for row in rows] == [True, False, False, False]
    models = ("champion", "boosting", "linear", "majority")
    expected = [test["scores"][model][test["metric"]] for model in models]
    assert [row.value for row in rows] == [each["value"] for each in expected]
    assert [row.error for row in rows] == pytest.approx([each["error"] for each in expected], abs=1e-12)


def test_another_measure_is_drawn(page: ModelPage, qtbot: QtBot) -> None:
    page.show_picture(picture("penguins"))
    page.measure.setFocus()
    qtbot.keyClick(page.measure, Qt.Key.Key_Down)
    run = picture("penguins").run
    assert run is not None
    assert run.result is not None
    name = page.measure.value()
    assert name != run.result["test"]["metric"]
    value = run.result["test"]["scores"]["champion"][name]["value"]
    assert page.scores.rows[0].value == value


def test_a_score_that_is_not_defined(page: ModelPage) -> None:
    whole = picture("likes")
    assert whole.run is not None
    assert whole.run.result is not None
    test = whole.run.result["test"]
    scores = {
        model: {name: {"value": None, "error": None} for name in values}
        for model, values in test["scores"].items()
    }
    result = {**whole.run.result, "test": {**test, "scores": scores}}
    page.show_picture(replace(whole, run=replace(whole.run, result=result)))
    assert "cannot be judged" in labels(page)
    assert page.measure_rows.rows[0][1] == "–"


def test_further_looks_at_the_test_part_are_said(page: ModelPage) -> None:
    whole = picture("likes")
    assert whole.run is not None
    page.show_picture(replace(whole, run=replace(whole.run, test_looks=3)))
    assert "looked at 3 times" in labels(page)


def test_the_champion_opens(page: ModelPage, qtbot: QtBot) -> None:
    page.show_picture(picture("prices"))
    with qtbot.waitSignal(page.open_individual) as opened:
        qtbot.mouseClick(page.open_champion, Qt.MouseButton.LeftButton)
    run = picture("prices").run
    assert run is not None
    assert opened.args == [run.champion]


def test_a_dropped_file_is_predicted_and_saved(page: ModelPage, qtbot: QtBot, tmp_path: Path) -> None:
    page.show_picture(picture("penguins"))
    card = page.predict_card
    with qtbot.waitSignal(card.prediction.done, timeout=PATIENCE):
        drop(page, SAMPLE)
        assert card.at_work.isVisibleTo(page)
    assert not card.at_work.isVisibleTo(page)
    assert "344 rows of penguins.csv are predicted." in labels(page)
    assert card.rows.titles[:2] == ("row", "prediction")
    assert card.rows.rows[0][:2] == ("1", "Adelie")
    with qtbot.waitSignal(card.prediction.saved, timeout=PATIENCE):
        card.save_as(str(tmp_path / "out.csv"))
    assert f"Saved as {tmp_path / 'out.csv'}." in labels(page)
    assert (tmp_path / "out.csv").read_text(encoding="utf-8").count("\n") == 345


def test_a_file_of_other_columns_is_refused_in_the_page(
    page: ModelPage, qtbot: QtBot, tmp_path: Path
) -> None:
    page.show_picture(picture("prices"))
    wrong = tmp_path / "<b>wrong<.csv"
    wrong.write_text("colour\nred\n", encoding="utf-8")
    with qtbot.waitSignal(page.predict_card.prediction.refused, timeout=PATIENCE):
        drop(page, wrong)
    said = labels(page)
    assert "<b>wrong<.csv lacks 2 of the columns" in said
    assert "Add the columns" in said
    assert not page.predict_card.save.isVisibleTo(page)


def test_another_run_forgets_the_predictions(page: ModelPage, qtbot: QtBot) -> None:
    page.show_picture(picture("likes"))
    with qtbot.waitSignal(page.predict_card.prediction.done, timeout=PATIENCE):
        drop(page, table("likes"))
    assert page.predict_card.preview.isVisibleTo(page)
    page.show_picture(picture("prices"))
    assert not page.predict_card.preview.isVisibleTo(page)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("running", "No model yet: the run goes on"),
        ("paused", "the run is paused"),
        ("finishing", "The model is being made"),
        ("interrupted", "Resume it on the Live page"),
        (ENDED_UNEXPECTEDLY, "Resume it on the Live page"),
    ],
)
def test_what_will_stand_here(page: ModelPage, state: str, said: str) -> None:
    page.show_picture(unfinished(state))
    assert said in labels(page)
    assert not page.verdict.isVisibleTo(page)


def test_it_says_when(page: ModelPage) -> None:
    running = unfinished("running")
    assert running.pace is not None
    ends = datetime(2026, 1, 2, 14, 32).astimezone()
    page.show_picture(replace(running, pace=replace(running.pace, ends=ends)))
    assert "14:32" in labels(page)
    page.show_picture(picture("likes"))
    assert page.verdict.isVisibleTo(page)


def test_a_failed_run_says_its_error_as_text(page: ModelPage) -> None:
    error = "Column <b>price</b> cannot be read. Mend it."
    page.show_picture(unfinished("failed", error))
    assert "The run failed" in labels(page)
    assert error in labels(page)
    formats = {label.textFormat() for label in page.findChildren(QLabel) if label.text() == error}
    assert formats == {Qt.TextFormat.PlainText}


def test_a_run_that_cannot_be_read_says_why(page: ModelPage) -> None:
    bad = RunPicture(finished("likes").path, UNREADABLE, "run.db is damaged.", "`cambrian repair` helps.")
    page.show_picture(bad)
    assert "run.db is damaged. `cambrian repair` helps." in labels(page)


def test_without_a_run(page: ModelPage) -> None:
    assert "No run is open" in labels(page)


def test_in_chinese(page: ModelPage) -> None:
    page.show_picture(picture("prices"))
    with in_chinese():
        page.changeEvent(QEvent(QEvent.Type.LanguageChange))
        page.predict_card.changeEvent(QEvent(QEvent.Type.LanguageChange))
        said = labels(page)
    assert "进化出的网络" in said
    assert "On 80 rows" not in said
    assert "预测文件" in said
