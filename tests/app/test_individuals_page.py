"""The page of individuals: a table of all, and one in full, driven by keys and clicks on a real run."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import pytest
from chinese_texts import in_chinese
from finished_run import finished, individual, picture
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel
from pytestqt.qtbot import QtBot

from cambrian.models.mlp import MLP
from cambrian.records import Change, Reason, State
from cambrian_desktop.context import Context
from cambrian_desktop.figures import figure, whole
from cambrian_desktop.run_picture import IndividualPicture
from cambrian_desktop.views.genome_words import change_text
from cambrian_desktop.views.individuals import IndividualsPage
from real_runs import query


@pytest.fixture
def page(context: Context, qtbot: QtBot) -> Iterator[IndividualsPage]:
    made = IndividualsPage(context)
    qtbot.addWidget(made)
    made.resize(1252, 900)
    made.show()
    made.wants.connect(lambda number: made.show_individual(individual(finished("penguins"), number)))
    made.show_picture(picture("penguins"))
    return made


def child() -> IndividualPicture:
    """An individual with parents that trained to its end."""
    rows = [row for row in picture("penguins").individuals if row.changed and len(row.parents) == 2]
    best = max(rows, key=lambda row: row.rung if row.rung is not None else -1)
    return individual(finished("penguins"), best.number)


def labels(page: IndividualsPage) -> str:
    QApplication.processEvents()  # what was just put into a layout is shown then
    return "\n".join(label.text() for label in page.findChildren(QLabel) if label.isVisibleTo(page))


def test_every_individual_stands_in_the_table(page: IndividualsPage) -> None:
    (count,) = query(finished("penguins").path, "SELECT count(*) FROM individuals")[0]
    assert page.model.rowCount() == count == 32
    assert "32 networks" in labels(page)


def test_before_the_first_generation_it_says_what_will_come(page: IndividualsPage) -> None:
    page.show_picture(replace(picture("prices"), individuals=(), settled=0))
    assert "No individuals yet" in labels(page)


def test_search_narrows_and_says_so(page: IndividualsPage, qtbot: QtBot) -> None:
    page.search.setFocus()
    qtbot.keyClicks(page.search, "nesterov")
    shown = page.model.rowCount()
    with_nesterov = [
        row for row in picture("penguins").individuals if row.genome["optimizer"] == "sgd_nesterov"
    ]
    assert 0 < shown < 32
    assert shown >= len(with_nesterov)
    assert f"{shown} of 32 networks" in labels(page)


def test_return_opens_and_back_returns(page: IndividualsPage, qtbot: QtBot) -> None:
    page.table.setFocus()
    page.table.setCurrentIndex(page.model.index(3, 0))
    number = page.model.row(3).number
    qtbot.keyClick(page.table, Qt.Key.Key_Return)
    assert page.open_number == number
    assert f"Individual {number}" in labels(page)
    assert page.back.hasFocus() or not page.isActiveWindow()
    qtbot.mouseClick(page.back, Qt.MouseButton.LeftButton)
    assert page.open_number is None
    assert page.table.currentIndex().row() == 3
    assert "32 networks" in labels(page)


def test_parents_are_chips_that_open_them(page: IndividualsPage, qtbot: QtBot) -> None:
    one = child()
    page.open_individual(one.individual.number)
    for number in one.individual.parents:
        QApplication.processEvents()
        chip = next(
            each
            for each in page.panel.findChildren(QAbstractButton)
            if each.text().startswith(f"Individual {number} ") and each.isVisibleTo(page)
        )
        qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
        assert page.open_number == number
        qtbot.mouseClick(page.back, Qt.MouseButton.LeftButton)
        assert page.open_number == one.individual.number
    for change in one.individual.changed:
        assert change_text(change) in page.panel.changes.text().splitlines()


def test_another_page_may_open_one(page: IndividualsPage) -> None:
    page.show_individual(individual(finished("penguins"), 5))
    assert page.open_number == 5
    assert "Individual 5" in labels(page)


def test_an_answer_that_comes_too_late_is_not_shown(page: IndividualsPage, context: Context) -> None:
    slow = IndividualsPage(context)
    slow.show_picture(picture("penguins"))
    slow.open_individual(4)
    slow.close_individual()
    slow.show_individual(individual(finished("penguins"), 4))
    assert slow.open_number is None
    assert slow.places.currentIndex() == 1
    slow.close()


def test_figures_are_the_databases(page: IndividualsPage, qtbot: QtBot) -> None:
    one = child()
    number = one.individual.number
    page.open_individual(number)
    evaluations = query(
        finished("penguins").path,
        f"SELECT json_extract(metrics, '$.log_loss'), epochs FROM evaluations"
        f" WHERE individual_id = {number + 1} AND state = 'complete'",
    )
    values = [value for value, _ in evaluations]
    first = page.panel.measure_rows.rows[0]
    assert first == ("Log-loss", *map(figure, (sum(values) / len(values), min(values), max(values))))
    curves = page.panel.curves.curves
    assert len(curves) == len(one.evaluations)
    assert sorted(len(curve.epochs) for curve in curves) == sorted(epochs for _, epochs in evaluations)
    losses = [epoch.validation_loss for epochs in one.epochs.values() for epoch in epochs]
    assert sorted(value for curve in curves for value in curve.values) == sorted(losses)


def test_the_networks_parameters_are_the_trained_ones(page: IndividualsPage, qtbot: QtBot) -> None:
    champion = picture("penguins").run
    assert champion is not None
    assert champion.champion is not None
    page.open_individual(champion.champion)
    qtbot.waitUntil(lambda: bool(page.panel.drawing.layers), timeout=20_000)
    layers = page.panel.drawing.layers
    genome = individual(finished("penguins"), champion.champion).individual.genome
    built = MLP(genome, layers[0].units, layers[-1].units)
    count = sum(each.numel() for each in built.parameters())
    assert whole(count) in labels(page)
    assert layers[-1].units == 3
    assert whole(count) in page.panel.drawing.accessibleName()


@pytest.mark.parametrize("reason", [*Reason, None])
def test_a_failed_one_says_why(page: IndividualsPage, reason: Reason | None) -> None:
    one = individual(finished("penguins"), 0)
    state = State.FAILED if reason else State.INFEASIBLE
    error = "loss <b>inf</b> at epoch 3\nfurther lines"
    row = one.evaluations[0]
    failed = replace(row, evaluation=replace(row.evaluation, state=state, reason=reason, error=error))
    page.show_individual(replace(one, evaluations=(failed,), place=None))
    assert page.panel.failure.isVisibleTo(page)
    said = labels(page)
    assert "loss <b>inf</b> at epoch 3" in said
    assert "further lines" not in said
    assert "The run went on without it." in said
    page.show_individual(one)
    assert not page.panel.failure.isVisibleTo(page)


def test_a_diverged_curve_is_no_fault(page: IndividualsPage) -> None:
    one = individual(finished("penguins"), 0)
    epochs = {
        key: tuple(replace(epoch, validation_loss=math.nan) for epoch in rows)
        for key, rows in one.epochs.items()
    }
    page.show_individual(replace(one, epochs=epochs))
    assert page.open_number == 0


def test_the_language_may_change_while_it_is_open(page: IndividualsPage, qtbot: QtBot) -> None:
    page.open_individual(child().individual.number)
    with in_chinese():
        page.changeEvent(QEvent(QEvent.Type.LanguageChange))
        page.panel.changeEvent(QEvent(QEvent.Type.LanguageChange))
        said = labels(page)
        assert "防止过拟合" in said
        assert "How it learns" not in said
        assert change_text(Change("lr", 0.1, 0.2)) == "学习率 0.1 → 0.2"
