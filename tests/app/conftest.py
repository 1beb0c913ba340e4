"""The window's tests: offscreen, with settings and workspace of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtWidgets import QApplication

from cambrian_desktop import theme
from cambrian_desktop.context import SETTINGS_VARIABLE, Context


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTINGS_VARIABLE, str(tmp_path / "settings" / "desktop.ini"))
    monkeypatch.setenv("CAMBRIAN_WORKSPACE", str(tmp_path / "workspace"))


@pytest.fixture
def app(qapp: QApplication) -> Iterator[QApplication]:
    """The application in the light theme, whatever the test does to it."""
    theme.apply(qapp, "light")
    yield qapp
    theme.apply(qapp, "light")


@pytest.fixture
def context(app: QApplication, tmp_path: Path) -> Context:
    """Settings and a workspace of the test's own; the application is themed."""
    return Context(tmp_path / "workspace")
