"""The window's tests: offscreen, with settings and workspace of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtWidgets import QApplication

from cambrian_desktop import languages, theme
from cambrian_desktop.context import SETTINGS_VARIABLE, Context
from cambrian_desktop.resources import resource_dir


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTINGS_VARIABLE, str(tmp_path / "settings" / "desktop.ini"))
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
def finished_run(tmp_path_factory: pytest.TempPathFactory, samples: Path) -> Path:
    """The folder of a small real run that is complete: copy it, change nothing in it."""
    workspace = tmp_path_factory.mktemp("finished")
    small = ["--population", "8", "--epochs", "6", "--generations", "3", "--workers", "1", "--seed", "1"]
    told = subprocess.run(
        [
            *(sys.executable, "-m", "cambrian", "run", str(samples / "penguins.csv")),
            *("--target", "species", "--workspace", str(workspace), "--run-id", "penguins-done", *small),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    return workspace / "runs" / "penguins-done"
