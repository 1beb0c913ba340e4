"""What every kind of plot does: it follows theme and language, can be taken along, and leaks nothing."""

from __future__ import annotations

import csv
import gc
import io
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from plot_kinds import KINDS
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTranslator
from PySide6.QtGui import QColor, QContextMenuEvent, QGuiApplication, QImage, QPen, QWheelEvent
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from cambrian_desktop import theme
from cambrian_desktop.plots import export
from cambrian_desktop.plots.base import Plot
from cambrian_desktop.plots.fitness import FitnessPlot
from cambrian_desktop.plots.genealogy import GenealogyPlot
from cambrian_desktop.plots.scores import Score, ScoresPlot

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def plot(request: pytest.FixtureRequest, app: QApplication, qtbot: QtBot) -> Plot:
    """A plot of each kind, shown and drawn."""
    made: Plot = request.param()
    qtbot.addWidget(made)
    made.setAccessibleName("A plot")
    made.resize(360, 220)
    made.show()
    KINDS[request.param](made, 0)
    app.processEvents()
    return made


def _references() -> tuple[int, int, int]:
    gc.collect()
    return sys.getrefcount(None), sys.getrefcount(True), len(gc.get_objects())


def test_200_redraws_drop_no_reference_and_keep_no_object(plot: Plot, app: QApplication) -> None:
    """PySide6 6.12 on Python 3.11 dropped one to None at every call, until the interpreter ended."""
    draw = KINDS[type(plot)]
    for call in range(10):
        draw(plot, call)
        plot.grab()
    app.processEvents()
    for _ in range(3):  # what earlier tests left may go in one round; a call that drops does so in each
        before = _references()
        for call in range(200):
            draw(plot, call)
            plot.grab()
        app.processEvents()
        nothing, true, objects = (now - then for now, then in zip(_references(), before, strict=True))
        # PySide6 6.11 keeps 6 references to None at each QPicture (an axis is one): harmless, as none is lost
        if abs(true) < 100 and -100 < nothing < 200 * 40 and abs(objects) < 200:
            return
    raise AssertionError(f"None {nothing:+}, True {true:+}, objects {objects:+}")


def test_redrawing_adds_no_item(plot: Plot) -> None:
    draw = KINDS[type(plot)]
    draw(plot, 1)
    count = len(plot.canvas.scene().items())
    for call in range(2, 30):
        draw(plot, call)
    assert len(plot.canvas.scene().items()) == count


def test_an_empty_plot_says_what_will_come(plot: Plot, qtbot: QtBot) -> None:
    empty = type(plot)()
    qtbot.addWidget(empty)
    assert empty.is_empty
    assert empty.empty_text.endswith(".")
    assert not plot.is_empty


def _inks(plot: Plot) -> set[str]:
    """Colours of all lines of a plot."""
    found = set()
    for item in plot.canvas.scene().items():
        pen = getattr(item, "opts", {}).get("pen") if isinstance(getattr(item, "opts", None), dict) else None
        if isinstance(pen, QPen):
            found.add(pen.color().name().upper())
    return found


def test_the_theme_recolours_everything(plot: Plot, app: QApplication) -> None:
    theme.apply(app, "light")
    light = theme.current()
    assert plot.canvas.backgroundBrush().color() == QColor(light.surface)
    lines = _inks(plot)
    theme.apply(app, "dark")
    dark = theme.current()
    assert plot.canvas.backgroundBrush().color() == QColor(dark.surface)
    assert plot.axis("left").textPen().color() == QColor(dark.muted)
    ours = {light.accent, light.muted, light.text, light.line, light.warn} - set(light.families)
    assert lines
    assert not _inks(plot) & ours
    picture = plot.grab().toImage()
    assert picture.pixelColor(picture.width() // 2, 8).lightness() < 90


def test_a_plot_is_saved_as_a_picture(plot: Plot, tmp_path: Path) -> None:
    export.save(plot, tmp_path / "plot.png", "png")
    picture = QImage(str(tmp_path / "plot.png"))
    assert picture.size() == plot.canvas.size() * 2
    colours = {
        picture.pixel(x, y) for x in range(0, picture.width(), 3) for y in range(0, picture.height(), 3)
    }
    assert len(colours) > 4


def test_a_plot_is_saved_as_a_drawing_with_its_texts(plot: Plot, tmp_path: Path) -> None:
    export.save(plot, tmp_path / "plot.svg", "svg")
    root = ElementTree.parse(tmp_path / "plot.svg").getroot()
    assert root.tag == f"{SVG}svg"
    assert root.findall(f".//{SVG}path")
    texts = [text.text for text in root.iter(f"{SVG}text")]
    labels = {type(plot).__name__: plot.axis("bottom").labelText}
    assert any(label and label.split(" ")[0] in (text or "") for label in labels.values() for text in texts)


def test_a_plot_is_saved_as_its_values(plot: Plot, tmp_path: Path) -> None:
    export.save(plot, tmp_path / "plot.csv", "csv")
    rows = list(csv.reader(io.StringIO((tmp_path / "plot.csv").read_text(encoding="utf-8"))))
    headers, values = plot.table()
    assert rows[0] == [str(each) for each in headers]
    assert len(rows) == len(values) + 1 > 2
    assert {len(row) for row in rows} == {len(headers)}


def test_values_cannot_act_as_formulas(app: QApplication, qtbot: QtBot) -> None:
    plot = ScoresPlot()
    qtbot.addWidget(plot)
    plot.show([Score('=cmd|"/c calc"!A1', 1.0), Score("linear", -2.0)], unit="R²")
    rows = list(csv.reader(io.StringIO(export.csv_text(plot).decode())))
    assert rows[1][0] == '\'=cmd|"/c calc"!A1'
    assert rows[2][1] == "-2.0"


def test_a_file_that_cannot_be_written_leaves_the_old_one(plot: Plot, tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"\w"):
        export.save(plot, tmp_path / "missing" / "plot.png", "png")


def test_the_menu_copies_the_picture(plot: Plot) -> None:
    actions = plot.menu().actions()
    assert len(actions) == 4
    actions[0].trigger()
    assert QGuiApplication.clipboard().image().size() == plot.canvas.size() * 2


def test_the_keyboard_opens_the_menu(plot: Plot, qtbot: QtBot, app: QApplication) -> None:
    plot.setFocus(Qt.FocusReason.TabFocusReason)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(5, 5), QPoint(5, 5))
    app.sendEvent(plot, event)
    menus = [each for each in plot.findChildren(QMenu) if each.isVisible()]
    assert len(menus) == 1
    menus[0].close()


def test_the_wheel_is_left_to_the_page(plot: Plot) -> None:
    before = plot.view.viewRange()
    middle = QPointF(plot.canvas.rect().center())
    wheel = QWheelEvent(
        middle,
        middle,
        QPoint(0, 0),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    wheel.setAccepted(True)
    plot.canvas.wheelEvent(wheel)
    assert not wheel.isAccepted()
    assert plot.view.viewRange() == before


class _Shouting(QTranslator):
    """A language in which every text is the English one in capitals."""

    def translate(self, context: str, text: str, comment: str = "", n: int = -1) -> str:  # type: ignore[override]
        return text.upper().replace("%N", str(n))

    def isEmpty(self) -> bool:
        return False


@pytest.mark.parametrize("kind", [FitnessPlot, GenealogyPlot])
def test_the_language_can_change_while_it_is_shown(kind: type[Plot], app: QApplication, qtbot: QtBot) -> None:
    plot = kind()
    qtbot.addWidget(plot)
    plot.resize(520, 300)
    KINDS[kind](plot, 0)
    assert plot.axis("bottom").labelText == "Generation"
    shouting = _Shouting()
    app.installTranslator(shouting)
    try:
        app.sendEvent(plot, QEvent(QEvent.Type.LanguageChange))
        assert plot.axis("bottom").labelText == "GENERATION"
    finally:
        app.removeTranslator(shouting)
