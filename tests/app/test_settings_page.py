"""The settings: each holds at once, is kept, and follows the language."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cambrian_desktop import languages, theme
from cambrian_desktop.context import Context, settings_path
from cambrian_desktop.views.settings import SettingsPage


@pytest.fixture
def page(context: Context, qtbot: QtBot) -> SettingsPage:
    made = SettingsPage(context)
    qtbot.addWidget(made)
    made.resize(1252, 900)
    made.show()
    return made


def test_settings_outlive_the_process(app: QApplication, tmp_path: Path) -> None:
    first = Context()
    assert (first.theme, first.language, first.workers) == ("system", "system", None)
    assert first.workspace.path == tmp_path / "workspace", "the environment's, as for the command line"
    first.set_theme("dark")
    first.set_language("zh_CN")
    first.set_workers(3)
    first.set_workspace(tmp_path / "数据 ünd Räume")
    second = Context()
    assert (second.theme, second.language, second.workers) == ("dark", "zh_CN", 3)
    assert second.workspace.path == tmp_path / "数据 ünd Räume"
    second.set_workspace(None)
    second.set_workers(None)
    assert Context().workspace.path == tmp_path / "workspace"
    assert Context().workers is None


def test_a_damaged_file_of_settings_means_the_defaults(app: QApplication, tmp_path: Path) -> None:
    settings_path().parent.mkdir(parents=True)
    settings_path().write_bytes(b"\x00\xff[[[theme==\nworkers=many\ntheme=pink\n\x00")
    found = Context()
    assert (found.theme, found.language, found.workers) == ("system", "system", None)


def test_choices_are_kept_as_they_are_made(page: SettingsPage, context: Context, qtbot: QtBot) -> None:
    themes = QSignalSpy(context.theme_changed)
    page.theme_choice.setFocus()
    qtbot.keyClick(page.theme_choice, Qt.Key.Key_End)
    assert context.theme == "dark"
    assert themes.count() == 1
    qtbot.keyClick(page.language_choice, Qt.Key.Key_End)
    assert context.language == "zh_CN"
    qtbot.keyClick(page.workers, Qt.Key.Key_Up)
    assert context.workers == 1
    qtbot.keyClick(page.workers, Qt.Key.Key_Down)
    assert context.workers is None


def test_another_workspace_is_used_or_refused_in_a_sentence(
    page: SettingsPage, context: Context, tmp_path: Path
) -> None:
    changed = QSignalSpy(context.workspace_changed)
    page.use_workspace(tmp_path / "not there")
    assert page.banner.isVisible()
    assert "not there" in page.banner.problem.text()
    assert page.banner.remedy.text()
    assert changed.count() == 0
    other = tmp_path / "other"
    other.mkdir()
    page.use_workspace(other)
    assert context.workspace.path == other
    assert page.path.text() == str(other)
    assert not page.banner.isVisible()
    assert changed.count() == 1


def test_the_language_changes_every_text_at_once(
    app: QApplication, page: SettingsPage, qtbot: QtBot, chinese: None
) -> None:
    qtbot.waitUntil(lambda: page.accessibleName() == "设置")
    assert page.choose.text() == "选择文件夹…"
    assert page.theme_choice.itemText(2) == "深色"
    assert page.theme_choice.accessibleName() == "主题"
    assert QLocale().language() == QLocale.Language.Chinese
    languages.apply(app, "en")
    qtbot.waitUntil(lambda: page.accessibleName() == "Settings")
    assert page.choose.text() == "Choose folder…"
    assert QLocale().language() == QLocale.Language.English


def test_a_language_in_its_own_words(page: SettingsPage) -> None:
    names = [page.language_choice.itemText(index) for index in range(page.language_choice.count())]
    assert names == ["As the system", "English", "简体中文"]
    assert theme.current() == theme.tokens("light")
