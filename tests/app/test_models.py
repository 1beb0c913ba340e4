"""Item models keep order, selection and place while rows come, change and go."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from big_run import make_big_run
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot
from window_runs import PATIENCE

from cambrian.run.workspace import RunFolder
from cambrian.store.rows import EventRow
from cambrian_desktop.figures import figure
from cambrian_desktop.models import EventsModel, IndividualsModel, LeadersModel, RunsModel
from cambrian_desktop.models.event_words import event_text
from cambrian_desktop.models.words import file_text, number_text, operator_text, state_text
from cambrian_desktop.run_picture import RunPicture
from cambrian_desktop.run_reading import RunReading
from cambrian_desktop.workspace_reading import entry_of

_DOWN, _UP = Qt.SortOrder.DescendingOrder, Qt.SortOrder.AscendingOrder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run of 15 complete generations and one that trains."""
    return make_big_run(tmp_path_factory.mktemp("workspace"), individuals=1000, epochs=4000)


@pytest.fixture(scope="module")
def picture(folder: RunFolder) -> RunPicture:
    reading = RunReading(folder)
    found = reading.poll()
    while found is not None and not found.loaded:
        found = reading.poll()
    reading.close()
    assert found is not None
    return found


@pytest.fixture
def individuals(qtbot: QtBot, picture: RunPicture) -> IndividualsModel:
    model = IndividualsModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    model.show_picture(picture)
    return model


def numbers(model: IndividualsModel) -> list[int]:
    return [model.row(place).number for place in range(model.rowCount())]


def test_individuals_stand_in_their_order_until_they_are_sorted(individuals: IndividualsModel) -> None:
    assert numbers(individuals) == list(range(1000))
    individuals.sort(IndividualsModel.VALUE, _UP)
    values = [row.values[0] if (row := individuals.row(place)).values else math.nan for place in range(1000)]
    known = [value for value in values if not math.isnan(value)]
    assert len(known) == 960
    assert values[:960] == sorted(known)
    individuals.sort(IndividualsModel.VALUE, _DOWN)
    values = [row.values[0] if (row := individuals.row(place)).values else math.nan for place in range(1000)]
    assert values[:960] == sorted(known, reverse=True)
    assert all(math.isnan(value) for value in values[960:])  # no value comes last either way
    assert individuals.index(999, IndividualsModel.VALUE).data() == "in training"
    individuals.sort(-1)
    assert numbers(individuals) == list(range(1000))


def test_what_is_selected_stays_selected_while_rows_come(qtbot: QtBot, picture: RunPicture) -> None:
    model = IndividualsModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    early = replace(picture, individuals=picture.individuals[:300], settled=300)
    model.show_picture(early)
    model.sort(IndividualsModel.VALUE, _UP)
    held = [QPersistentModelIndex(model.index(place, 0)) for place in (0, 17, 299)]
    before = [model.row(index.row()).number for index in held]
    resets: list[None] = []
    model.modelReset.connect(lambda: resets.append(None))
    model.show_picture(picture)
    assert model.rowCount() == 1000
    assert [model.row(index.row()).number for index in held] == before
    assert not resets


def test_a_filter_finds_every_word(qtbot: QtBot, individuals: IndividualsModel, picture: RunPicture) -> None:
    individuals.set_filter("crossed adam")
    qtbot.waitUntil(lambda: individuals.rowCount() < 1000, timeout=PATIENCE)
    found = numbers(individuals)
    assert found
    assert found == [
        row.number
        for row in picture.individuals
        if row.operator == "crossover"
        and "adam" in " ".join(map(str, row.genome.values()))
        and row.number in found
    ]
    for number in found:
        row = picture.individuals[number]
        assert row.operator == "crossover"
        assert "adam" in str(row.genome["optimizer"])
    individuals.set_filter("")
    assert individuals.rowCount() == 1000


def test_a_sort_by_words_comes_in_turns_and_then_holds(qtbot: QtBot, individuals: IndividualsModel) -> None:
    column = individuals.columnCount() - 4
    individuals.sort(column, _UP)

    def texts() -> list[str]:
        return [individuals.index(place, column).data() for place in range(individuals.rowCount())]

    qtbot.waitUntil(lambda: texts() == sorted(texts()), timeout=PATIENCE)
    assert len(set(texts())) > 10


def test_a_generation_that_ends_changes_its_rows_alone(qtbot: QtBot, picture: RunPicture) -> None:
    model = IndividualsModel()
    model.show_picture(picture)
    ended = [replace(row, values=(0.5,), rung=2, rank=0) for row in picture.individuals[960:]]
    told: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last, roles: told.append((first.row(), last.row())))
    model.show_picture(replace(picture, individuals=(*picture.individuals[:960], *ended), settled=1000))
    assert told == [(960, 999)]


def test_leaders_are_the_leaderboard(qtbot: QtBot, picture: RunPicture) -> None:
    model = LeadersModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    model.show_picture(picture)
    assert [model.row(place).line for place in range(20)] == list(picture.leaders)
    assert model.headerData(LeadersModel.VALUE, Qt.Orientation.Horizontal) == "RMSE"
    assert model.index(0, LeadersModel.VALUE).data() == figure(picture.leaders[0].value)
    changed = next(place for place in range(20) if model.row(place).individual.changed)
    assert "lr 0.01 → " in model.index(changed, LeadersModel.CHANGED).data()


def test_events_come_latest_first(qtbot: QtBot, picture: RunPicture) -> None:
    model = EventsModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    model.show_picture(replace(picture, events=picture.events[:4]))
    model.show_picture(picture)
    assert model.row(0) is picture.events[-1]
    assert model.rowCount() == len(picture.events)


def test_events_read_as_sentences_and_keep_their_words_where_their_data_is_strange() -> None:
    event = EventRow(1, "2026-01-01T00:00:00.000Z", "rung", "?", {"rung": 0, "kept": [1, 2], "cohort": 64})
    assert event_text(event) == "Rung 1: 2 of 64 networks go on"
    assert event_text(replace(event, data={"rung": "x"}, message="<b>as it was</b>")) == "<b>as it was</b>"
    assert event_text(replace(event, kind="never heard of", message="whatever")) == "whatever"


def test_runs_say_what_is_known_of_them(qtbot: QtBot, folder: RunFolder, tmp_path: Path) -> None:
    strange = RunFolder(tmp_path / "<i>strange")
    strange.path.mkdir()
    strange.database.write_bytes(b"")
    model = RunsModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    entries = [entry_of(strange)[0], entry_of(folder)[0]]
    model.set_rows(entries)
    texts = [[model.index(row, column).data() for column in range(8)] for row in range(2)]
    assert texts[0][RunsModel.DATA] == "<i>strange"
    assert texts[0][RunsModel.STATE] == "Cannot be read"
    assert "it is empty" in model.index(0, RunsModel.STATE).data(Qt.ItemDataRole.ToolTipRole)
    assert texts[1][RunsModel.DATA] == "houses.csv → price"
    assert texts[1][RunsModel.STATE] == "Ended unexpectedly"
    assert texts[1][RunsModel.BEST] == f"RMSE {figure(entries[1].summary.best)}"
    assert len(entries[1].spark) == 15
    model.set_rows(entries[1:])
    assert model.rowCount() == 1


def test_words_of_the_database_are_never_shown_raw_if_they_are_known() -> None:
    assert state_text("finishing") == "Finishing"
    assert operator_text("known-good: textbook_adam") == "recipe: textbook, Adam"
    assert operator_text("known-good mutated: realmlp_simple") == "mutated recipe: RealMLP"
    assert operator_text("{made} by: another_program") == "{made} by: another_program"
    assert file_text("C:\\data\\<b>houses.csv") == "<b>houses.csv"
    assert (number_text(None), number_text(math.nan), number_text(0.123456)) == ("", "", "0.1235")
