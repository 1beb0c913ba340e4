"""What the tests of faults share: one table, and one run of it that nobody disturbed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hostile_line import SETTINGS

from real_runs import CommandLine, write_table


@pytest.fixture(scope="session")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_table(tmp_path_factory.mktemp("faults") / "table.csv", rows=300)


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, table: Path) -> Path:
    """The folder of a run with the settings that all runs here have."""
    line = CommandLine(tmp_path_factory.mktemp("undisturbed") / "workspace")
    line("run", table, *SETTINGS, "--run-id", "undisturbed")
    return line.folder("undisturbed")
