"""Fixtures for tests of whole runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from real_runs import SHARED, CommandLine, write_table

# An example may take its time on a busy machine: what is asserted is never how long it took.
settings.register_profile("cambrian", deadline=None)
settings.load_profile("cambrian")


@pytest.fixture
def cambrian(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path / "workspace")


@pytest.fixture(scope="session")
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip("the shared data folder is not beside the project")
    return SHARED


@pytest.fixture(scope="session")
def small_table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """400 rows with numbers, a category with missing cells and a noisy class that they decide."""
    return write_table(tmp_path_factory.mktemp("tables") / "small.csv", rows=400)
