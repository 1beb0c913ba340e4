"""The page of a new experiment with real processes: a file, a target, Start."""

from __future__ import annotations

import html
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from new_page import PATIENCE_MS, choose, message, opened, settled, shown_page
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QApplication, QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from cambrian.experiment import Experiment
from cambrian_desktop import languages, run_process
from cambrian_desktop.context import Context
from cambrian_desktop.run_reading import lock_is_held
from cambrian_desktop.views.new_columns import Is, Part
from cambrian_desktop.views.new_experiment import NewExperimentPage
from real_runs import SAMPLE, CommandLine

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def page(qtbot: QtBot, context: Context) -> NewExperimentPage:
    return shown_page(qtbot, context)


@pytest.fixture
def sample(qtbot: QtBot, page: NewExperimentPage) -> NewExperimentPage:
    """The page with the penguins and their species as the target."""
    opened(qtbot, page, SAMPLE, "species")
    return page


def write(path: Path, header: str, rows: list[str]) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def row_of(page: NewExperimentPage, column: str) -> int:
    return page.data.columns.names.index(column)


def cell(page: NewExperimentPage, column: str, part: Part) -> str:
    return str(page.data.columns.index(row_of(page, column), part).data())


def set_role(qtbot: QtBot, page: NewExperimentPage, column: str, role: str) -> None:
    """Give a column a role by the menu that a click on its cell opens."""
    table = page.data.table
    index = table.filter.mapFromSource(page.data.columns.index(row_of(page, column), Part.ROLE))
    qtbot.mouseClick(table.viewport(), LEFT, pos=table.visualRect(index).center())
    menu = table.role_menu
    action = next(each for each in menu.actions() if each.data() == role)
    qtbot.mouseClick(menu, LEFT, pos=menu.actionGeometry(action).center())
    settled(qtbot, page)


def copied(qtbot: QtBot, page: NewExperimentPage, button: QAbstractButton) -> str:
    QGuiApplication.clipboard().clear()
    qtbot.mouseClick(button, LEFT)
    return QGuiApplication.clipboard().text()


def test_start_needs_a_file_and_a_target_and_nothing_else(qtbot: QtBot, page: NewExperimentPage) -> None:
    assert not page.bar.button.isEnabled()
    opened(qtbot, page, SAMPLE)
    assert not page.bar.button.isEnabled()
    assert page.bar.first.text() == "Choose the column to predict"
    choose(page.goal.target, "species")
    assert page.bar.button.isEnabled()
    settled(qtbot, page)
    assert page.bar.button.isEnabled()
    assert page.bar.first.text().startswith("About ")
    assert page.bar.first.text().endswith("networks in 10 minutes")
    assert not message(page)


def test_start_starts_the_run_that_the_form_shows(
    qtbot: QtBot, sample: NewExperimentPage, context: Context
) -> None:
    with qtbot.waitSignal(sample.started, timeout=PATIENCE_MS) as begun:
        qtbot.mouseClick(sample.bar.button, LEFT)
    folder = context.workspace.find(begun.args[0])
    try:
        from cambrian.store.reader import RunReader

        with RunReader(folder.database) as reader:
            assert Experiment.from_toml(reader.run().experiment) == sample.draft
        qtbot.waitUntil(lambda: lock_is_held(folder), timeout=PATIENCE_MS)
    finally:
        run_process.request(folder, "stop-now")
        qtbot.waitUntil(lambda: not lock_is_held(folder), timeout=PATIENCE_MS)
    assert sample.bar.button.isEnabled()  # another may follow


def test_a_run_that_cannot_begin_says_why(
    qtbot: QtBot, sample: NewExperimentPage, context: Context, tmp_path: Path
) -> None:
    (tmp_path / "workspace").write_text("a file where the folder should be")
    qtbot.mouseClick(sample.bar.button, LEFT)
    qtbot.waitUntil(lambda: bool(message(sample)), timeout=PATIENCE_MS)
    assert "workspace" in message(sample)
    assert sample.bar.button.isEnabled()


@pytest.mark.parametrize(
    ("header", "row", "words"),
    [("x,y", lambda n: f"{n},yes", "one class"), ("x,y", lambda n: f"{n * 7 % 13},", "No row has a value")],
)
def test_a_target_that_cannot_be_learnt_is_refused(
    qtbot: QtBot, page: NewExperimentPage, tmp_path: Path, header: str, row: Callable[[int], str], words: str
) -> None:
    opened(qtbot, page, write(tmp_path / "t.csv", header, [row(n) for n in range(60)]), "y")
    assert words in message(page)
    assert not page.bar.button.isEnabled()
    choose(page.goal.target, "x")
    settled(qtbot, page)
    assert words not in message(page)


def test_a_changed_role_is_in_the_toml_and_looked_at(qtbot: QtBot, sample: NewExperimentPage) -> None:
    set_role(qtbot, sample, "year", "categorical")
    set_role(qtbot, sample, "sex", "drop")
    set_role(qtbot, sample, "island", "group")
    text = copied(qtbot, sample, sample.copy_toml)
    asked = Experiment.from_toml(text)
    assert asked.data.roles == {"year": "categorical"}
    assert asked.data.drop == ("sex",)
    assert asked.split.group == "island"
    assert sample.profile is not None
    found = {column["name"]: column for column in sample.profile["columns"]}
    assert found["year"]["role"] == "categorical"
    assert not found["sex"]["used"]
    assert cell(sample, "sex", Part.ROLE) == "left out"
    assert cell(sample, "island", Part.ROLE) == "row group"
    set_role(qtbot, sample, "year", "")
    assert Experiment.from_toml(copied(qtbot, sample, sample.copy_toml)).data.roles == {}


def test_a_role_that_the_cells_cannot_have_is_refused_and_taken_back(
    qtbot: QtBot, sample: NewExperimentPage
) -> None:
    set_role(qtbot, sample, "island", "numeric")
    assert "`island` cannot be numeric" in message(sample)
    assert not sample.bar.button.isEnabled()
    (back,) = sample.refusal.buttons
    qtbot.mouseClick(back, LEFT)
    settled(qtbot, sample)
    assert not message(sample)
    assert sample.bar.button.isEnabled()
    assert sample.draft is not None
    assert sample.draft.data.roles == {}


def test_toml_there_and_back_through_the_page(
    qtbot: QtBot, sample: NewExperimentPage, context: Context, tmp_path: Path
) -> None:
    set_role(qtbot, sample, "year", "ordinal")
    choose(sample.goal.first, "accuracy")
    choose(sample.goal.second, ("parameters",))
    sample.evolution.minutes.slider.setValue(3)
    settled(qtbot, sample)
    file = tmp_path / "experiment.toml"
    file.write_text(copied(qtbot, sample, sample.copy_toml), encoding="utf-8")
    other = shown_page(qtbot, context)
    opened(qtbot, other, file)
    assert other.draft == sample.draft
    assert other.goal.target.value() == "species"
    assert other.goal.first.value() == "accuracy"
    assert other.goal.second.value() == ("parameters",)
    assert other.evolution.minutes.value() == sample.evolution.minutes.value()
    assert other.bar.button.isEnabled()


def test_values_between_the_steps_of_a_slider_are_shown_and_kept(
    qtbot: QtBot, page: NewExperimentPage, tmp_path: Path
) -> None:
    file = tmp_path / "e.toml"
    file.write_text(f"[data]\nfile = '{SAMPLE}'\ntarget = 'species'\n[budget]\nminutes = 7\n")
    opened(qtbot, page, file)
    assert page.bar.first.text().endswith("in 7 minutes")
    assert page.draft is not None
    assert page.draft.budget.minutes == 7
    words = page.evolution.minutes.findChildren(type(page.bar.first))
    assert [label.text() for label in words] == ["7 minutes"]
    evolution = page.evolution
    sliders = (evolution.minutes, evolution.population, evolution.workers)
    for each in sliders:
        each.slider.setValue(1)
        qtbot.wait(20)  # the layout follows
        assert len({one.slider.width() for one in sliders}) == 1
    assert [label.text() for label in words] == [f"{page.draft.budget.minutes:g} minutes"]


def test_an_experiment_of_another_table_forgets_strange_columns(
    qtbot: QtBot, page: NewExperimentPage, tmp_path: Path
) -> None:
    file = tmp_path / "e.toml"
    file.write_text(f"[data]\nfile = '{SAMPLE}'\ntarget = 'kind'\ndrop = ['sex', 'gone']\n")
    opened(qtbot, page, file)
    assert "not all the columns" in message(page)
    assert page.draft is not None
    assert (page.draft.data.target, page.draft.data.drop) == ("", ("sex",))
    assert not page.bar.button.isEnabled()


@pytest.mark.parametrize("text", ["[data", "[data]\nfile = 3\ntarget = 'x'\n", "[data]\ncolour = 1\n"])
def test_a_toml_that_is_no_experiment_is_refused(
    qtbot: QtBot, page: NewExperimentPage, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "e.toml"
    file.write_text(text)
    page.open_file(str(file))
    assert "e.toml" in message(page)
    assert not page.bar.button.isEnabled()


def test_the_copied_command_runs(qtbot: QtBot, sample: NewExperimentPage, cambrian: CommandLine) -> None:
    set_role(qtbot, sample, "year", "drop")
    sample.expert.fold.open(True)
    for key, text in (("evaluations", "2"), ("epochs", "1"), ("folds", "1")):
        line = sample.expert.fold.form.rows[key].editor
        assert isinstance(line, QLineEdit)
        line.setFocus()
        qtbot.keyClicks(line, text)
        qtbot.keyClick(line, Qt.Key.Key_Return)
    sample.evolution.population.slider.setValue(1)
    words = shlex.split(copied(qtbot, sample, sample.copy_command))
    assert words[0] == "cambrian"
    cambrian(*words[1:], "--run-id", "copied")
    shown = cambrian("show", "copied", "--json").out
    assert '"individuals": 2' in shown


def test_a_wrong_expert_setting_says_so_at_the_field_and_stops_start(
    qtbot: QtBot, sample: NewExperimentPage
) -> None:
    sample.expert.fold.open(True)
    row = sample.expert.fold.form.rows["test_fraction"]
    assert isinstance(row.editor, QLineEdit)
    for text, words in (("2", "less than 0.9"), ("much", "number is needed")):
        row.editor.setFocus()
        row.editor.selectAll()
        qtbot.keyClicks(row.editor, text)
        qtbot.keyClick(row.editor, Qt.Key.Key_Return)
        assert words in row.error.text()
        assert row.error.isVisible()
        assert not sample.bar.button.isEnabled()
    row.editor.selectAll()
    qtbot.keyClicks(row.editor, "0.3")
    qtbot.keyClick(row.editor, Qt.Key.Key_Return)
    assert not row.error.isVisible()
    assert sample.bar.button.isEnabled()
    assert sample.draft is not None
    assert sample.draft.split.test_fraction == 0.3


def test_a_finding_is_mended_in_place(qtbot: QtBot, page: NewExperimentPage, tmp_path: Path) -> None:
    rows = [f"{n % 17},{-999 if n % 9 == 0 else 10 + n % 31},{n % 2}" for n in range(200)]
    opened(qtbot, page, write(tmp_path / "codes.csv", "a,b,y", rows), "y")
    assert cell(page, "b", Part.NOTE) == "a value may stand for missing"
    page.data.table.selectRow(row_of(page, "b"))
    (button, *_) = page.data.findings.findChildren(QAbstractButton)
    assert button.text() == "Count -999 as missing"
    qtbot.mouseClick(button, LEFT)
    settled(qtbot, page)
    assert page.draft is not None
    assert page.draft.data.reading.missing == ("-999",)
    assert cell(page, "b", Part.NOTE) == "23 missing"


def test_labels_that_differ_by_case_are_made_one(
    qtbot: QtBot, page: NewExperimentPage, tmp_path: Path
) -> None:
    rows = [f"{n * 7 % 23},{('yes', 'no', 'Yes', 'no')[n % 4]}" for n in range(120)]
    opened(qtbot, page, write(tmp_path / "t.csv", "x,y", rows), "y")
    assert page.goal.merge.isVisible()
    qtbot.mouseClick(page.goal.merge, LEFT, pos=QPoint(10, page.goal.merge.height() // 2))
    settled(qtbot, page)
    assert page.profile is not None
    assert len(page.profile["classes"]) == 2
    assert page.goal.merge.isVisible()


def test_an_order_is_changed_by_keys(qtbot: QtBot, page: NewExperimentPage, tmp_path: Path) -> None:
    rows = [f"{('low', 'medium', 'high')[n % 3]},{n * 7 % 23}" for n in range(60)]
    opened(qtbot, page, write(tmp_path / "t.csv", "level,y", rows), "y")
    page.data.table.selectRow(0)
    assert page.data.order.isVisible()
    page.data.order.list.setCurrentRow(2)
    page.data.order.down.setFocus()
    qtbot.keyClick(page.data.order.down, Qt.Key.Key_Space)
    settled(qtbot, page)
    assert page.draft is not None
    assert page.draft.data.ordinal == {"level": ("low", "high", "medium")}
    assert cell(page, "level", Part.VALUES) == "low < high < medium"
    assert not message(page)


def test_the_positive_class_is_chosen(qtbot: QtBot, page: NewExperimentPage) -> None:
    opened(qtbot, page, SAMPLE, "species")
    assert not page.goal.positive.isVisible()
    choose(page.goal.target, "sex")
    settled(qtbot, page)
    assert page.goal.positive.isVisible()
    choose(page.goal.positive, "male")
    settled(qtbot, page)
    assert page.profile is not None
    assert page.profile["classes"] == ["female", "male"]


def test_the_whole_flow_by_keys_alone(qtbot: QtBot, page: NewExperimentPage) -> None:
    button = page.first_file.samples[next(iter(page.first_file.samples))]
    _tab_to(qtbot, page, button)
    qtbot.keyClick(button, Qt.Key.Key_Space)
    settled(qtbot, page)
    _tab_to(qtbot, page, page.data.table)
    qtbot.keyClick(page.data.table, Qt.Key.Key_Down)
    qtbot.keyClick(page.data.table, Qt.Key.Key_Return)
    menu = page.data.table.role_menu
    assert menu.isVisible()
    for _ in menu.actions():
        if menu.activeAction().data() != "drop":
            qtbot.keyClick(menu, Qt.Key.Key_Down)
    qtbot.keyClick(menu, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not page.isActiveWindow(), timeout=PATIENCE_MS)
    page.activateWindow()  # the offscreen platform forgets the window below a menu that closes
    qtbot.waitUntil(page.isActiveWindow, timeout=PATIENCE_MS)
    page.data.table.setFocus()
    _tab_to(qtbot, page, page.goal.target)
    qtbot.keyClick(page.goal.target, "s")
    settled(qtbot, page)
    assert page.draft is not None
    assert page.draft.data.drop == ("island",)
    assert page.draft.data.target == "species"
    _tab_to(qtbot, page, page.bar.button)
    started: list[bool] = []
    page.bar.start_wanted.connect(lambda: started.append(True))
    page.bar.start_wanted.disconnect(page.start)
    qtbot.keyClick(page.bar.button, Qt.Key.Key_Space)
    assert started == [True]


def _tab_to(qtbot: QtBot, page: NewExperimentPage, widget: object) -> None:
    met: list[str] = []
    for _ in range(80):
        if QApplication.focusWidget() is widget:
            return
        qtbot.keyClick(QApplication.focusWidget() or page, Qt.Key.Key_Tab)
        met.append(type(QApplication.focusWidget()).__name__)
    pytest.fail(f"Tab never reaches {widget}, only {met}")


def test_every_widget_that_takes_keys_has_a_name(qtbot: QtBot, sample: NewExperimentPage) -> None:
    sample.expert.fold.open(True)
    sample.data.reading.open(True)
    kinds = (QAbstractButton, QComboBox, QLineEdit, QAbstractSlider)
    widgets = [each for kind in kinds for each in sample.findChildren(kind)]
    taking = [
        each
        for each in widgets
        if each.isVisible()
        and each.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not each.objectName().startswith("qt_")
    ]
    assert len(taking) > 40
    nameless = [each for each in taking if not each.accessibleName() and not getattr(each, "text", str)()]
    assert not nameless


def test_another_language_changes_every_text(
    qtbot: QtBot, sample: NewExperimentPage, app: QApplication
) -> None:
    if not languages.texts_path("zh_CN").is_file():
        pytest.skip("the translations are not compiled: bash packaging/translations.sh release")
    english = shown_texts(sample)
    try:
        assert languages.apply(app, "zh_CN")
        QApplication.processEvents()
        assert sample.goal.target.value() == "species"
        assert sample.bar.button.text() == "开始"
        assert cell(sample, "year", Part.ROLE) == "数值"
        same = english & shown_texts(sample)
        assert not {text for text in same if len(text.split()) > 1}, "left in English"
    finally:
        languages.apply(app, "en")
    QApplication.processEvents()
    assert shown_texts(sample) == english


def shown_texts(page: NewExperimentPage) -> set[str]:
    """What labels and buttons say."""
    kinds = (QAbstractButton, type(page.bar.first))
    return {each.text() for kind in kinds for each in page.findChildren(kind) if each.isVisible()}


def test_cards_stack_where_there_is_no_room(qtbot: QtBot, sample: NewExperimentPage) -> None:
    assert not sample.body.narrow
    sample.resize(836, 700)  # beside the rail in a window of 1024
    assert sample.width() == 836
    assert sample.body.narrow
    assert sample.data.mapTo(sample, QPoint(0, 0)).y() < sample.goal.mapTo(sample, QPoint(0, 0)).y()
    button = sample.bar.button
    qtbot.waitUntil(
        lambda: button.visibleRegion().boundingRect().size() == button.size(), timeout=PATIENCE_MS
    )
    sample.resize(1252, 900)
    assert not sample.body.narrow
    assert sample.data.isVisible()


def test_names_with_markup_are_text(qtbot: QtBot, page: NewExperimentPage, tmp_path: Path) -> None:
    name = "<img src=x onerror=alert(1)>" + "n" * 200
    rows = [f"{n * 7 % 23},{n % 2}" for n in range(60)]
    opened(qtbot, page, write(tmp_path / "<b>t.csv", f"{name},y", rows), "y")
    page.data.table.selectRow(0)
    assert name in [label.text() for label in page.data.findChildren(type(page.bar.first))]
    set_role(qtbot, page, name, "target")
    for widget in page.findChildren(QComboBox):
        for place in range(widget.count()):
            tooltip = widget.itemData(place, Qt.ItemDataRole.ToolTipRole) or ""
            assert "<img" not in tooltip
            assert not tooltip or html.escape(name[:20]) in tooltip
    assert page.data.columns.index(0, 0).data(Is.TARGET)
