"""The house's widgets: what they promise to the pages that are made of them."""

from __future__ import annotations

import html

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QStandardItem, QStandardItemModel, QWheelEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from cambrian_desktop.widgets.banners import Banner, UndoBar
from cambrian_desktop.widgets.choices import Choice
from cambrian_desktop.widgets.drop import DropArea
from cambrian_desktop.widgets.grid import FlowGrid
from cambrian_desktop.widgets.labels import ElidedLabel, text_label
from cambrian_desktop.widgets.sliders import StepSlider
from cambrian_desktop.widgets.tables import PlainTable
from cambrian_desktop.widgets.tiles import Tile

MARKUP = "<b>price</b> & <script>"


def test_a_label_shows_markup_as_text(app: QApplication, qtbot: QtBot) -> None:
    label = text_label(MARKUP)
    qtbot.addWidget(label)
    assert label.textFormat() == Qt.TextFormat.PlainText
    plain = label.fontMetrics().horizontalAdvance(MARKUP)
    assert label.sizeHint().width() >= plain, "all characters are laid out, none taken for a tag"


def test_an_elided_label_keeps_its_whole_text_in_its_tooltip(app: QApplication, qtbot: QtBot) -> None:
    label = ElidedLabel(MARKUP * 5)
    qtbot.addWidget(label)
    label.resize(80, 20)
    label.show()
    assert label.shown_text().endswith("…")
    assert html.escape(MARKUP * 5) in label.toolTip()
    label.resize(2000, 20)
    assert label.shown_text() == MARKUP * 5
    assert label.toolTip() == ""


def test_a_tile_says_its_number_to_a_screen_reader(app: QApplication, qtbot: QtBot) -> None:
    tile = Tile()
    qtbot.addWidget(tile)
    tile.show_values("Best so far", "529.4", "19% below gradient boosting", "good")
    assert tile.accessibleName() == "Best so far: 529.4. 19% below gradient boosting"
    assert tile.comparison.property("tone") == "good"


def test_a_banner_says_both_sentences_and_acts(app: QApplication, qtbot: QtBot) -> None:
    banner = Banner()
    qtbot.addWidget(banner)
    assert banner.isHidden()
    done: list[str] = []
    banner.show_message(
        "It is empty.", "Choose another.", action="Choose", on_action=lambda: done.append("yes")
    )
    assert not banner.isHidden()
    assert (banner.problem.text(), banner.remedy.text()) == ("It is empty.", "Choose another.")
    qtbot.mouseClick(banner.action, Qt.MouseButton.LeftButton)
    assert done == ["yes"]
    assert banner.isHidden()
    banner.show_message("Once more.")
    assert banner.remedy.isHidden()
    assert banner.action.isHidden()


def test_undo_takes_back_and_time_makes_final(app: QApplication, qtbot: QtBot) -> None:
    bar = UndoBar()
    qtbot.addWidget(bar)
    said: list[str] = []
    bar.offer("Deleted a.", lambda: said.append("undo a"), lambda: said.append("commit a"))
    qtbot.mouseClick(bar.button, Qt.MouseButton.LeftButton)
    assert said == ["undo a"]
    bar.offer("Deleted b.", lambda: said.append("undo b"), lambda: said.append("commit b"), seconds=0.02)
    qtbot.waitUntil(lambda: bar.isHidden())
    assert said == ["undo a", "commit b"]
    bar.offer("Deleted c.", lambda: said.append("undo c"), lambda: said.append("commit c"))
    bar.offer("Deleted d.", lambda: said.append("undo d"), lambda: said.append("commit d"))
    assert said[2:] == ["commit c"], "a second offer makes the first final"
    bar.commit_now()
    bar.commit_now()
    assert said[3:] == ["commit d"], "exactly once"


def test_cards_stack_in_a_narrow_window(app: QApplication, qtbot: QtBot) -> None:
    outer = QWidget()
    layout = QVBoxLayout(outer)
    layout.setContentsMargins(0, 0, 0, 0)
    grid = FlowGrid((4, 3))
    cards = [Tile() for _ in range(4)]
    for card in cards:
        grid.add_card(card)
    layout.addWidget(grid)
    qtbot.addWidget(outer)
    outer.resize(1200, 600)
    outer.show()
    qtbot.waitUntil(lambda: grid.columns == 2)
    qtbot.waitUntil(lambda: cards[1].y() == cards[0].y() and cards[1].x() > cards[0].x())
    assert cards[0].width() > cards[1].width(), "by weight"
    outer.resize(700, 600)
    qtbot.waitUntil(lambda: grid.columns == 1)
    qtbot.waitUntil(lambda: cards[1].y() > cards[0].y() and cards[1].x() == cards[0].x())
    assert outer.width() == 700, "the wide form does not hold the window open"


def test_a_grid_grows_with_its_cards_after_it_has_reflowed(app: QApplication, qtbot: QtBot) -> None:
    grid = FlowGrid((1, 1))
    label = text_label("short", wrap=True)
    for card in (label, Tile()):
        grid.add_card(card)
    qtbot.addWidget(grid)
    grid.resize(700, 600)
    grid.show()
    qtbot.waitUntil(lambda: grid.columns == 1)
    grid.resize(1200, 600)
    qtbot.waitUntil(lambda: grid.columns == 2)
    before = grid.heightForWidth(1200)
    label.setText("many words " * 200)
    qtbot.waitUntil(lambda: grid.heightForWidth(1200) > before + 100)


def test_a_choice_tells_of_the_users_choices_alone(app: QApplication, qtbot: QtBot) -> None:
    choice = Choice([(1, "one"), (2, "two"), (3, "three")])
    qtbot.addWidget(choice)
    choice.show()
    chosen: list[object] = []
    choice.chosen.connect(chosen.append)
    choice.set_value(2)
    choice.set_texts(["一", "二", "三"])
    assert (choice.value(), choice.currentText(), chosen) == (2, "二", [])
    qtbot.keyClick(choice, Qt.Key.Key_Down)
    assert (choice.value(), chosen) == (3, [3])
    choice.set_options([(3, "three"), (4, "four")])
    assert choice.value() == 3


def test_scrolling_over_a_field_changes_no_setting(app: QApplication, qtbot: QtBot) -> None:
    choice, slider = Choice([(1, "one"), (2, "two")]), StepSlider((1, 2, 5), lambda value: f"{value:g}")
    for widget, target in ((choice, choice), (slider, slider.slider)):
        qtbot.addWidget(widget)
        widget.show()
        target.clearFocus()
        before = widget.value()
        turn = QWheelEvent(
            QPointF(5, 5),
            QPointF(5, 5),
            QPoint(),
            QPoint(0, -120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(target, turn)
        assert widget.value() == before
        assert not turn.isAccepted()


def test_a_slider_steps_through_its_values(app: QApplication, qtbot: QtBot) -> None:
    slider = StepSlider((1, 2, 5, 10), lambda value: f"{value:g} min")
    qtbot.addWidget(slider)
    slider.show()
    told: list[object] = []
    slider.changed.connect(told.append)
    slider.set_value(4)
    assert (slider.value(), told) == (5, []), "the nearest, told to nobody"
    qtbot.keyClick(slider.slider, Qt.Key.Key_Right)
    assert (slider.value(), told) == (10, [10])


def _drop_on(widget: QWidget, urls: list[QUrl]) -> tuple[QDragEnterEvent, QDropEvent]:
    data = QMimeData()
    data.setUrls(urls)
    action, button, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(5, 5), action, data, button, none)
    enter.ignore()
    QApplication.sendEvent(widget, enter)
    drop = QDropEvent(QPointF(5, 5), action, data, button, none)
    drop.ignore()
    if enter.isAccepted():
        QApplication.sendEvent(widget, drop)
    return enter, drop


def test_a_file_can_be_dropped_and_a_web_address_cannot(app: QApplication, qtbot: QtBot) -> None:
    area = DropArea()
    qtbot.addWidget(area)
    area.show()
    got: list[str] = []
    area.dropped.connect(got.append)
    _drop_on(area, [QUrl.fromLocalFile("/tmp/a <b>.csv")])
    assert got == ["/tmp/a <b>.csv"]
    assert area.property("over") is False
    enter, _ = _drop_on(area, [QUrl("https://example.org/a.csv")])
    assert not enter.isAccepted()
    assert got == ["/tmp/a <b>.csv"]


@pytest.fixture
def table(app: QApplication, qtbot: QtBot) -> PlainTable:
    made = PlainTable("Runs", sortable=True)
    model = QStandardItemModel(3, 2, made)
    model.setHorizontalHeaderLabels(["name", "score"])
    for row, (name, score) in enumerate((("b", 2), ("a", 3), ("c", 1))):
        model.setItem(row, 0, QStandardItem(name))
        item = QStandardItem()
        item.setData(score, Qt.ItemDataRole.DisplayRole)
        model.setItem(row, 1, item)
    made.setModel(model)
    qtbot.addWidget(made)
    made.resize(300, 200)
    made.show()
    return made


def test_a_table_is_opened_and_left_by_keys(table: PlainTable, qtbot: QtBot) -> None:
    opened: list[int] = []
    table.activated_row.connect(opened.append)
    table.setCurrentIndex(table.model().index(1, 0))
    qtbot.keyClick(table, Qt.Key.Key_Down)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert opened == [2]
    assert not table.tabKeyNavigation(), "Tab leaves the table"


def test_a_click_on_a_columns_name_sorts(table: PlainTable, qtbot: QtBot) -> None:
    header = table.horizontalHeader()
    place = QPoint(header.sectionViewportPosition(1) + 10, header.height() // 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    first = [table.model().index(row, 1).data() for row in range(3)]
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    second = [table.model().index(row, 1).data() for row in range(3)]
    assert sorted((first, second)) == [[1, 2, 3], [3, 2, 1]]


def test_flexible_columns_share_the_room_and_nothing_scrolls_sideways(
    table: PlainTable, qtbot: QtBot
) -> None:
    model = table.model()
    assert isinstance(model, QStandardItemModel)
    table.set_flexible_columns(0)
    assert table.columnWidth(0) + table.columnWidth(1) == table.viewport().width()
    before = table.columnWidth(1)
    item = QStandardItem()
    item.setData("a longer score", Qt.ItemDataRole.DisplayRole)
    model.appendRow([QStandardItem("d " * 200), item])
    qtbot.waitUntil(lambda: table.columnWidth(1) > before)
    assert table.horizontalScrollBar().maximum() == 0
    table.resize(500, 200)
    qtbot.waitUntil(lambda: table.columnWidth(0) + table.columnWidth(1) == table.viewport().width())
