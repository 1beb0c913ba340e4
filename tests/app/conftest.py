"""The window's tests: offscreen, with settings and workspace of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest

try:
    from PySide6.QtWidgets import QApplication
except ImportError:  # a library of the system is missing: test_system_libraries.py says which
    collect_ignore = [
        each.name
        for each in Path(__file__).parent.glob("test_*.py")
        if each.name != "test_system_libraries.py"
    ]
else:
    from cambrian_desktop import languages, theme
    from cambrian_desktop.context import Context
    from cambrian_desktop.resources import resource_dir


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMBRIAN_SETTINGS", str(tmp_path / "settings" / "desktop.ini"))
    monkeypatch.setenv("CAMBRIAN_WORKSPACE", str(tmp_path / "workspace"))


@pytest.fixture
def app(qapp: QApplication) -> Iterator[QApplication]:
    """The application in the light theme and in English, whatever the test does to it."""
    theme.apply(qapp, "light")
    languages.apply(qapp, "en")
    yield qapp
    theme.apply(qapp, "light")
    languages.apply(qapp, "en")


@pytest.fixture
def context(app: QApplication, tmp_path: Path) -> Context:
    """Settings and a workspace of the test's own; the application is themed."""
    return Context(tmp_path / "workspace")


@pytest.fixture
def chinese(app: QApplication) -> None:
    """The application speaks Chinese; its texts must have been compiled."""
    assert languages.apply(app, "zh_CN"), "run packaging/translations.sh release first"


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of the samples that ship with Cambrian."""
    return resource_dir() / "samples"


@pytest.fixture(scope="session")
def finished_run() -> Path:
    """The folder of a small real run of the penguins that is complete: copy it, change nothing in it."""
    import finished_run as runs  # makes the run that other tests share

    return runs.finished("penguins").path
