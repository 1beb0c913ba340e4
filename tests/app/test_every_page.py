"""Every page, empty and full, in both languages and two sizes: nothing untranslated, cut off or nameless."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import page_audit
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cambrian_desktop import languages
from cambrian_desktop.context import Context
from cambrian_desktop.window import MainWindow

PATIENCE = 60_000
SETTLE = 200
ATTEMPTS = 6
SIZES = ((1440, 900), (1024, 700))

NAMES = (
    *("penguins.csv", "penguins", "species"),
    # what the field calls alike in both languages
    *(
        "ReLU",
        "GELU",
        "SiLU",
        "Tanh",
        "ELU",
        "Mish",
        "SELU",
        "MLP",
        "F1",
        "ROC",
        "AUC",
        "RMSE",
        "MAE",
        "R²",
        "RealMLP",
        "TabM",
        "ResNet",
    ),
    *(
        "AdamW",
        "Adam",
        "SGD",
        "Nesterov",
        "RMSprop",
        "Lion",
        "NAdam",
        "RAdam",
        "Adagrad",
        "Muon",
        "lr",
        "dropout",
    ),
    *("kB", "KB", "MB", "GB", "KiB", "MiB", "GiB", "CPU", "GPU", "Excel", "Parquet", "TSV", "JSON"),
)
"""Names of this run, of files and of the field, which both languages share."""


@pytest.fixture(params=["en", "zh_CN"])
def language(request: pytest.FixtureRequest, app: QApplication) -> str:
    """The language of the window."""
    assert languages.apply(app, request.param), "run packaging/translations.sh release first"
    return str(request.param)


@pytest.fixture
def window(language: str, context: Context, qtbot: QtBot) -> Iterator[MainWindow]:
    """A window in that language."""
    opened = MainWindow(context)
    qtbot.addWidget(opened, before_close_func=MainWindow.close_run)
    opened.show()
    yield opened
    for page in opened.pages.values():
        page.closing()


def _names(window: MainWindow, samples: Path) -> tuple[str, ...]:
    with (samples / "penguins.csv").open(encoding="utf-8") as file:
        columns, *rows = csv.reader(file)
    words = {cell for row in rows for cell in row if cell.isalpha()}
    places = (window.context.workspace.path, samples / "penguins.csv", samples)
    return (
        *columns,
        *words,
        *NAMES,
        *map(str, places),
        str(window.context.workspace.path.parent / "settings"),
    )


def _faults(window: MainWindow, language: str, samples: Path, qtbot: QtBot, what: str) -> list[str]:
    """Each fault of what is shown, in a window of each size."""
    found = []
    for width, height in SIZES:
        window.resize(width, height)
        for _ in range(ATTEMPTS):  # a page that is still being laid out has faults that pass
            qtbot.wait(SETTLE)
            faults = (
                *page_audit.untranslated(window, language, _names(window, samples)),
                *page_audit.cut_off(window),
                *page_audit.nameless(window),
            )
            if not faults:
                break
        found += [f"{what} at {width}x{height}: {fault}" for fault in faults]
    return found


def test_empty_pages_are_sound(window: MainWindow, language: str, samples: Path, qtbot: QtBot) -> None:
    found = []
    for name, page in window.pages.items():
        window.stack.setCurrentWidget(page)
        window.rail.select(name)
        found += _faults(window, language, samples, qtbot, name)
    assert found == []


def test_the_pages_of_a_run_are_sound(
    window: MainWindow, language: str, samples: Path, finished_run: Path, qtbot: QtBot
) -> None:
    shutil.copytree(finished_run, window.context.workspace.runs / finished_run.name)
    window.open_run(finished_run.name)
    watcher = window.watcher
    assert watcher is not None
    qtbot.waitUntil(lambda: watcher.picture is not None and watcher.picture.run is not None, timeout=PATIENCE)
    assert watcher.picture is not None
    champion = watcher.picture.leaders[0].individual

    def open_champion() -> None:
        window.show_page("individuals")
        window.individuals.open_individual(champion)
        qtbot.waitUntil(lambda: window.individuals.panel.individual is not None, timeout=PATIENCE)

    states: dict[str, Callable[[], object]] = {
        "live": lambda: window.show_page("live"),
        "individuals": lambda: window.show_page("individuals"),
        "individual": open_champion,
        "model": lambda: window.show_page("model"),
        "home": lambda: window.show_page("home"),
    }
    found = []
    for what, go in states.items():
        go()
        found += _faults(window, language, samples, qtbot, what)
    assert found == []


def test_a_new_experiment_is_sound(window: MainWindow, language: str, samples: Path, qtbot: QtBot) -> None:
    window.show_page("new")
    window.new.open_file(str(samples / "penguins.csv"), "species")
    qtbot.waitUntil(
        lambda: window.new.profile is not None and not window.new.inspection.busy, timeout=PATIENCE
    )
    assert _faults(window, language, samples, qtbot, "new experiment") == []


def test_the_audit_finds_what_it_looks_for(app: QApplication, qtbot: QtBot) -> None:
    from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

    from cambrian_desktop.widgets.buttons import icon_button
    from cambrian_desktop.widgets.labels import ElidedLabel, text_label

    page = QWidget()
    column = QVBoxLayout(page)
    label = text_label("Choose a file of your own")
    label.setFixedWidth(40)
    elided = ElidedLabel("Choose another file of your own")
    elided.setFixedWidth(40)
    for widget in (label, elided, icon_button("x", ""), QLineEdit(), text_label("选择文件")):
        column.addWidget(widget)
    qtbot.addWidget(page)
    page.show()
    assert len(page_audit.cut_off(page)) == 1
    assert "40x" in page_audit.cut_off(page)[0]
    assert len(page_audit.nameless(page)) == 2
    assert page_audit.untranslated(page, "en") == ["QLabel: '选择文件'"]
    assert len(page_audit.untranslated(page, "zh_CN")) == 3, "both labels, and the tooltip of one"
    assert page_audit.untranslated(page, "zh_CN", ["Choose", "another", "file", "of your own"]) == []
